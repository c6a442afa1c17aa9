//! Suspending, resuming and ending services on the memory stores: whatever the provider does, what is on record is so.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

use audit::Actor;
use cases::CaseKind;
use checkout::CheckoutRequest;
use flows::{
    Remedy, Shop, ask_resume, ask_suspend, ask_terminate, create_session, operation_done_by_hand,
    sweeps::{SweepOperations, sweep_operations},
    testing::{MemoryShop, fails_at_each_call, runs_twice},
};
use kernel::{Id, JobQueue as _, Recorded, Transact, entity};
use orders::{Buyer, DeliveryRequest};
use provisioning::{
    AskError, Asked, OperationState, ProviderError, RemoteState, ServiceState, SuspendReason, Verb,
    testing::{FakeProvider, FakeProviders, Fault},
};

const SUSPEND: Verb = Verb::Suspend(SuspendReason::NonPayment);

/// A shop with one delivered service.
async fn delivered(provider: FakeProvider) -> MemoryShop {
    let mut shop = MemoryShop::new();
    shop.providers = FakeProviders(provider);
    let buyer =
        Buyer { email: "gerda@example.com".parse().unwrap(), name: "Gerda".to_owned(), customer: None, guest: true };
    let request = CheckoutRequest {
        plan: "starter".to_owned(),
        cycle: "monthly".to_owned(),
        coupon: None,
        trial: false,
        buyer,
        delivery: DeliveryRequest::default(),
        client_key: None,
    };
    let started = create_session(&shop, request).await.unwrap();
    let event = shop.gateway.pay(&started.session);
    flows::take_event(&shop, event.as_bytes()).await.unwrap();
    shop.work(100).await;
    assert_eq!(state(&shop), "active");
    shop
}

fn service(shop: &MemoryShop) -> Id<entity::Service> {
    shop.db.with(|store| *store.services.services.iter().next().unwrap().0)
}

fn state(shop: &MemoryShop) -> &'static str {
    let id = service(shop);
    shop.db.with(|store| store.services.services[&id].state.as_str())
}

fn operations(shop: &MemoryShop) -> Vec<(&'static str, OperationState)> {
    shop.db.with(|store| {
        let mut all: Vec<_> = store.services.operations.values().cloned().collect();
        all.sort_by_key(|operation| (operation.started_at, operation.id));
        all.into_iter().map(|operation| (operation.verb.as_str(), operation.state)).collect()
    })
}

fn cases_of(shop: &MemoryShop) -> Vec<(CaseKind, String, String)> {
    shop.db
        .with(|store| store.cases.open().map(|case| (case.kind, case.reason.clone(), case.next_step.clone())).collect())
}

async fn ask(shop: &MemoryShop, verb: Verb) -> Result<Asked, AskError> {
    let (id, by, env) = (service(shop), Actor::operator("Ada"), &mut shop.env());
    shop.db()
        .transaction(async |tx| match verb {
            Verb::Suspend(reason) => ask_suspend(tx, env, id, (reason, "the invoice is open"), &by).await,
            Verb::Resume => ask_resume(tx, env, id, "paid", &by).await,
            Verb::Terminate => ask_terminate(tx, env, id, "refunded", &by).await,
        })
        .await
}

/// What is to be the same however it came about.
fn seen(shop: &MemoryShop) -> impl PartialEq + std::fmt::Debug + use<> {
    let (jobs, dead) = shop.db.with(|store| (store.jobs.live.len(), store.jobs.dead.len()));
    let there = shop.providers.0.state(service(shop));
    (state(shop), operations(shop), there, cases_of(shop), (jobs, dead), shop.providers.0.count())
}

/// The service, brought before the verb, and the verb asked for.
async fn before(verb: Verb) -> MemoryShop {
    let shop = delivered(FakeProvider::default()).await;
    if verb == Verb::Resume {
        ask(&shop, SUSPEND).await.unwrap();
        shop.work_through(10).await;
    }
    ask(&shop, verb).await.unwrap();
    shop
}

#[tokio::test]
async fn a_service_is_suspended_resumed_and_ended() {
    let shop = delivered(FakeProvider::default()).await;
    let id = service(&shop);
    ask(&shop, SUSPEND).await.unwrap();
    assert_eq!(state(&shop), "active", "asked for is not done");
    shop.work_through(10).await;
    assert_eq!((state(&shop), shop.providers.0.state(id)), ("suspended", Some(RemoteState::Suspended)));
    ask(&shop, Verb::Resume).await.unwrap();
    shop.work_through(10).await;
    assert_eq!((state(&shop), shop.providers.0.state(id)), ("active", Some(RemoteState::Ready)));
    ask(&shop, Verb::Terminate).await.unwrap();
    assert_eq!(state(&shop), "terminating");
    shop.work_through(10).await;
    assert_eq!((state(&shop), shop.providers.0.count()), ("terminated", 0));
    let done = OperationState::Done;
    assert_eq!(operations(&shop), [("suspend", done), ("resume", done), ("terminate", done)]);
    shop.db.with(|store| {
        let events: Vec<&str> = store
            .timelines
            .values()
            .flatten()
            .map(|entry| entry.event.as_str())
            .skip_while(|e| *e != "provisioned")
            .collect();
        assert_eq!(events[1..], ["service_suspended", "service_resumed", "service_terminated"]);
        let acts: Vec<&str> = store
            .audit
            .entries()
            .iter()
            .map(|entry| entry.act.as_str())
            .filter(|act| act.starts_with("service"))
            .collect();
        assert_eq!(acts, ["service-suspended", "service-resumed", "service-terminated"]);
    });
    for verb in [SUSPEND, Verb::Resume, Verb::Terminate] {
        assert!(matches!(ask(&shop, verb).await, Err(AskError::State(_))), "{verb:?} after its end");
    }
}

#[tokio::test]
async fn every_operation_runs_twice() {
    for verb in [SUSPEND, Verb::Resume, Verb::Terminate] {
        runs_twice(async || before(verb).await, seen).await;
    }
}

#[tokio::test]
async fn every_operation_may_fail_at_each_call() {
    for verb in [SUSPEND, Verb::Resume, Verb::Terminate] {
        fails_at_each_call(async || before(verb).await, seen).await;
    }
}

#[tokio::test]
async fn what_takes_a_while_is_polled_until_it_is_seen() {
    let shop = delivered(FakeProvider::slow()).await;
    for (verb, wanted) in [(SUSPEND, "suspended"), (Verb::Resume, "active"), (Verb::Terminate, "terminated")] {
        ask(&shop, verb).await.unwrap();
        shop.work(1).await;
        assert_eq!(operations(&shop).last().unwrap().1, OperationState::Waiting);
        shop.work_through(10).await;
        assert_eq!(state(&shop), wanted);
    }
}

#[tokio::test]
async fn a_second_click_adds_nothing_and_another_wish_waits() {
    let shop = delivered(FakeProvider::default()).await;
    let first = ask(&shop, SUSPEND).await.unwrap();
    let again = ask(&shop, SUSPEND).await.unwrap();
    assert!(again.under_way && again.operation.id == first.operation.id);
    assert!(matches!(ask(&shop, Verb::Resume).await, Err(AskError::Busy { verb: "suspend", .. })));
    assert_eq!(shop.db.with(|store| store.jobs.live.len()), 1);
    let calls = shop.providers.0.calls();
    shop.work_through(10).await;
    assert_eq!(shop.providers.0.calls() - calls, 3, "looked at, asked, looked at");
}

#[tokio::test]
async fn ending_takes_the_place_of_what_is_under_way() {
    let shop = delivered(FakeProvider::default()).await;
    ask(&shop, SUSPEND).await.unwrap();
    ask(&shop, Verb::Terminate).await.unwrap();
    assert!(matches!(ask(&shop, SUSPEND).await, Err(AskError::Busy { verb: "terminate", .. })));
    shop.work_through(10).await;
    assert_eq!(operations(&shop), [("suspend", OperationState::Withdrawn), ("terminate", OperationState::Done)]);
    assert_eq!((state(&shop), shop.providers.0.count()), ("terminated", 0));
}

#[tokio::test]
async fn what_a_provider_cannot_do_is_a_case_and_a_person_says_when_it_is_done() {
    let shop = delivered(FakeProvider::helpless()).await;
    ask(&shop, SUSPEND).await.unwrap();
    shop.work_through(10).await;
    assert_eq!(state(&shop), "active", "nothing happened, and nothing else is said");
    let open = cases_of(&shop);
    assert_eq!(open.len(), 1);
    let (kind, reason, next) = &open[0];
    assert_eq!(*kind, CaseKind::ServiceOperation);
    assert!(reason.contains("is to be suspended") && reason.contains("cannot suspend: do it by hand"), "{reason}");
    assert!(next.contains(&format!("hostwright services done {}", service(&shop))), "{next}");

    let (id, env, by) = (service(&shop), &mut shop.env(), Actor::operator("Ada"));
    shop.db().transaction(async |tx| operation_done_by_hand(tx, env, id, &by).await).await.unwrap();
    assert_eq!((state(&shop), cases_of(&shop)), ("suspended", Vec::new()));
    let twice = shop.db().transaction(async |tx| operation_done_by_hand(tx, env, id, &by).await).await;
    assert!(matches!(twice, Err(AskError::NothingByHand)));
}

#[tokio::test]
async fn a_case_that_is_retried_looks_first_and_sees_what_a_person_did() {
    let shop = delivered(FakeProvider::helpless()).await;
    ask(&shop, SUSPEND).await.unwrap();
    shop.work_through(10).await;
    let case = shop.db.with(|store| store.cases.open().next().unwrap().id);
    shop.providers.0.set_state(service(&shop), RemoteState::Suspended);
    let begun = flows::retry_case(&shop.db, &mut shop.env(), case, &Actor::operator("Ada")).await.unwrap();
    assert_eq!(begun, Remedy::OperationTriedAgain(service(&shop)));
    shop.work_through(10).await;
    assert_eq!((state(&shop), cases_of(&shop)), ("suspended", Vec::new()));
}

#[tokio::test]
async fn a_refusal_is_a_case_and_what_is_said_to_be_done_is_not_believed_unseen() {
    let shop = delivered(FakeProvider::default()).await;
    shop.providers.0.plan(Fault::Before(ProviderError::Refused { detail: "a backup runs".to_owned() }));
    ask(&shop, Verb::Terminate).await.unwrap();
    shop.work_through(10).await;
    assert_eq!(state(&shop), "terminating");
    assert!(cases_of(&shop)[0].1.contains("a backup runs"));
    ask(&shop, Verb::Terminate).await.unwrap();
    shop.work_through(10).await;
    assert_eq!((state(&shop), cases_of(&shop)), ("terminated", Vec::new()));
}

#[tokio::test]
async fn a_service_that_is_gone_before_it_was_ended_is_looked_for_twice_a_minute_apart() {
    let shop = delivered(FakeProvider::default()).await;
    shop.providers.0.vanish(service(&shop));
    ask(&shop, Verb::Terminate).await.unwrap();
    shop.work(5).await;
    assert_eq!(state(&shop), "terminating", "five looks within a minute prove nothing");
    shop.work_through(2).await;
    assert_eq!((state(&shop), cases_of(&shop)), ("terminated", Vec::new()));

    let shop = delivered(FakeProvider::default()).await;
    shop.providers.0.vanish(service(&shop));
    ask(&shop, SUSPEND).await.unwrap();
    shop.work_through(10).await;
    assert_eq!((state(&shop), cases_of(&shop).len()), ("active", 1), "what is gone is not suspended");
}

#[tokio::test]
async fn an_operation_that_never_comes_through_is_a_case_in_the_end() {
    let shop = delivered(FakeProvider::default()).await;
    ask(&shop, SUSPEND).await.unwrap();
    for _ in 0..15 {
        let away = ProviderError::Unavailable { detail: "connection refused".to_owned(), retry_after: None };
        shop.providers.0.plan(Fault::Before(away));
    }
    shop.work_through(30).await;
    assert_eq!(operations(&shop), [("suspend", OperationState::ByHand)]);
    assert!(cases_of(&shop)[0].1.contains("tried many times"), "{:?}", cases_of(&shop));
    ask(&shop, SUSPEND).await.unwrap();
    shop.work_through(10).await;
    assert_eq!((state(&shop), cases_of(&shop)), ("suspended", Vec::new()));
}

#[tokio::test]
async fn an_operation_found_sent_is_looked_at_and_an_older_answer_is_late() {
    let shop = before(SUSPEND).await;
    // A worker asked, the provider did it, and the worker died before it wrote anything.
    shop.providers.0.set_state(service(&shop), RemoteState::Suspended);
    shop.db.with(|store| {
        let id = *store.services.operations.iter().next().unwrap().0;
        let operation = store.services.operations.get_mut(&id).unwrap();
        (operation.state, operation.attempt) = (OperationState::Sent, 1);
    });
    let calls = shop.providers.0.calls();
    shop.work_through(10).await;
    assert_eq!(state(&shop), "suspended");
    assert_eq!(shop.providers.0.calls() - calls, 1, "looked at, and not asked again");
}

#[tokio::test]
async fn only_what_stands_at_a_provider_can_be_ended_and_a_delivery_leaves_it_alone() {
    let shop = delivered(FakeProvider::default()).await;
    let id = service(&shop);
    for state in [ServiceState::Pending, ServiceState::Provisioning, ServiceState::Uncertain] {
        shop.db.with(|store| store.services.services.get_mut(&id).unwrap().state = state.clone());
        assert!(matches!(ask(&shop, Verb::Terminate).await, Err(AskError::State(_))), "{state:?}");
    }
    let nobody = shop.env().id();
    let (env, by) = (&mut shop.env(), Actor::operator("Ada"));
    let asked = shop.db().transaction(async |tx| ask_terminate(tx, env, nobody, "", &by).await).await;
    assert!(matches!(asked, Err(AskError::NotFound(_))));
}

#[tokio::test]
async fn an_operation_whose_job_is_lost_is_found_and_done_and_one_that_takes_long_is_a_case() {
    let shop = before(Verb::Terminate).await;
    shop.db.with(|store| {
        let ids: Vec<i64> = store.jobs.live.iter().map(|(id, _)| *id).collect();
        for id in ids {
            drop(store.jobs.live.remove(&id));
        }
    });
    let sweep = async || {
        shop.db.transaction(async |tx| tx.enqueue(&SweepOperations {}).await).await.unwrap();
        let (context, _) = shop.db.with(|store| store.jobs.claim()).unwrap();
        let _: Recorded = sweep_operations(&shop, SweepOperations {}, context).await.unwrap();
    };
    sweep().await;
    assert_eq!((shop.work(10).await, state(&shop)), (0, "terminating"), "it is too young to be missed");
    shop.advance(chrono::Duration::minutes(31));
    sweep().await;
    assert_eq!(cases_of(&shop)[0].0, CaseKind::ServiceOperation, "somebody knows that it takes long");
    shop.work_through(10).await;
    assert_eq!((state(&shop), cases_of(&shop)), ("terminated", vec![]));
}
