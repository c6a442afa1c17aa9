//! What every service store must do.

use kernel::{Env, Id, entity};

use crate::{
    DeliveryRequest, DomainChoice, Operation, OperationState, OperationStore, Owner, PollToken, RemoteRef, Service,
    ServiceOrder, ServiceState, ServiceStore, SuspendReason, Verb,
};

/// A service of a given order and buyer, as [`crate::request`] would make it.
#[allow(clippy::unwrap_used, reason = "constants that parse")]
pub fn sample_service(env: &mut Env, order: Id<entity::Order>, customer: Id<entity::Customer>) -> Service {
    Service {
        id: env.id(),
        order,
        owner: Owner { customer, email: "owner@example.com".parse().unwrap(), name: "Owner One".to_owned() },
        plan: "starter".parse().unwrap(),
        kind: "hosting".to_owned(),
        label: "my-site".to_owned(),
        provider: "website".parse().unwrap(),
        settings: serde_json::json!({ "php_version": "8.3" }),
        delivery: DeliveryRequest { domain: DomainChoice::subdomain("my-site").ok(), ..DeliveryRequest::default() },
        state: ServiceState::Pending,
        access: Vec::new(),
        created_at: env.now(),
    }
}

/// What a provider is asked for, with settings of its own.
pub fn sample_order(env: &mut Env, kind: &str, settings: serde_json::Value) -> ServiceOrder {
    let (order, customer) = (env.id(), env.id());
    let mut service = sample_service(env, order, customer);
    service.settings = settings;
    kind.clone_into(&mut service.kind);
    service.to_order()
}

/// Runs the store suite on a service whose order and customer the store knows.
///
/// # Panics
/// When the store does not conform.
#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
pub async fn store_conforms<S: ServiceStore>(store: &mut S, env: &mut Env, mut service: Service) {
    assert!(store.insert_service(&service).await.unwrap());
    let mut second = service.clone();
    second.id = env.id();
    assert!(!store.insert_service(&second).await.unwrap(), "one service an order");
    assert_eq!(store.lock_service(service.id).await.unwrap(), Some(service.clone()));
    assert_eq!(store.lock_service(second.id).await.unwrap(), None);

    let remote = RemoteRef { id: "17".to_owned(), identifier: "1a7ce997".to_owned() };
    for state in [
        ServiceState::Provisioning,
        ServiceState::Uncertain,
        ServiceState::Installing(remote.clone()),
        ServiceState::FailedSetup { reason: "no room".to_owned(), remote: Some(remote.clone()) },
        ServiceState::Active(remote.clone()),
        ServiceState::Suspended { remote: remote.clone(), reason: SuspendReason::NonPayment },
        ServiceState::Suspended { remote: remote.clone(), reason: SuspendReason::Abuse },
        ServiceState::Terminating(remote.clone()),
        ServiceState::Terminated(remote),
    ] {
        service.state = state;
        store.save_service(&service).await.unwrap();
        assert_eq!(store.service_of(service.order).await.unwrap(), Some(service.clone()));
        assert_eq!(store.service(service.id).await.unwrap(), Some(service.clone()));
        let there = store.services_at(&service.provider, None, 10).await.unwrap();
        assert_eq!(there.contains(&service), service.state.remote().is_some(), "{:?}", service.state);
    }
    service.state = ServiceState::Active(RemoteRef { id: "17".to_owned(), identifier: "1a7ce997".to_owned() });
    store.save_service(&service).await.unwrap();
    assert_eq!(store.services_at(&service.provider, Some(service.id), 10).await.unwrap(), Vec::new(), "after it");
    assert_eq!(store.services_at(&"other".parse().unwrap(), None, 10).await.unwrap(), Vec::new());
}

/// Runs the suite of operations on a service that the store knows.
///
/// # Panics
/// When the store does not conform.
#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
pub async fn operations_conform<S: OperationStore>(store: &mut S, env: &mut Env, service: Id<entity::Service>) {
    let mut seconds = 0..;
    let mut new = |verb: Verb| Operation {
        id: env.id(),
        service,
        verb,
        note: "the invoice is open".to_owned(),
        state: OperationState::Planned,
        attempt: 0,
        poll: None,
        gone_since: None,
        started_at: env.now() + std::time::Duration::from_secs(seconds.next().unwrap_or(0)),
        ended_at: None,
        detail: String::new(),
    };
    let verbs = [Verb::Suspend(SuspendReason::NonPayment), Verb::Resume, Verb::Terminate];
    let (mut first, second) = (new(verbs[0]), new(verbs[1]));
    assert_eq!(store.open_operation(service).await.unwrap(), None);
    assert!(store.insert_operation(&first).await.unwrap());
    assert!(!store.insert_operation(&second).await.unwrap(), "one operation at a time");
    assert_eq!(store.lock_operation(second.id).await.unwrap(), None);
    for state in OperationState::ALL {
        first.state = state;
        first.attempt += 1;
        first.poll = (state == OperationState::Waiting).then(|| PollToken("UPID:1".to_owned()));
        first.gone_since = (state == OperationState::Unsure).then_some(first.started_at);
        first.ended_at = state.is_over().then_some(first.started_at);
        first.detail = format!("it is {}", state.as_str());
        store.save_operation(&first).await.unwrap();
        assert_eq!(store.lock_operation(first.id).await.unwrap(), Some(first.clone()));
        let later = first.started_at + std::time::Duration::from_secs(1);
        let waiting = store.operations_under_way(later, 10).await.unwrap();
        let expected: Vec<Operation> = state.is_under_way().then(|| first.clone()).into_iter().collect();
        assert_eq!(waiting, expected, "{state:?}");
        assert_eq!(store.operations_under_way(first.started_at, 10).await.unwrap(), Vec::new(), "it is too young");
        let open = store.open_operation(service).await.unwrap();
        assert_eq!(open, (!state.is_over()).then(|| first.clone()), "{state:?}");
    }
    let rest: Vec<Operation> = verbs.into_iter().map(new).collect();
    for operation in &rest {
        let mut operation = operation.clone();
        assert!(store.insert_operation(&operation).await.unwrap(), "the one before is over");
        (operation.state, operation.ended_at) = (OperationState::Done, Some(operation.started_at));
        store.save_operation(&operation).await.unwrap();
    }
    let told: Vec<_> = store.operations_of(service, 3).await.unwrap().into_iter().map(|one| one.id).collect();
    let newest: Vec<_> = rest.iter().rev().map(|one| one.id).collect();
    assert_eq!(told, newest, "the newest first, as many as asked for");
}
