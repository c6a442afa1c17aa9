//! Every state of an order, for everybody who may look at it: it renders, and never claims what has not happened.

use std::sync::Arc;

use flows::testing::MemoryShop;
use orders::{Actor, OrderState, Resume, TimelineEntry};
use provisioning::{RemoteRef, ServiceState};

use super::browser::state;
use crate::{
    reads::OrderFacts,
    views::order::{Came, Viewer, Visit, live},
};

pub(super) async fn facts(order_state: OrderState, service_state: Option<ServiceState>, events: &[&str]) -> OrderFacts {
    let mut store = orders::testing::shop();
    let mut env = orders::testing::env(1);
    let (mut order, _) = orders::testing::placed(&mut store, &mut env, "starter", "monthly").await;
    order.state = order_state;
    let customer = env.id();
    let sample = provisioning::testing::sample_service(&mut env, order.id, customer);
    let service = service_state.map(|state| provisioning::Service { state, ..sample });
    let entry = |event: &&str| TimelineEntry {
        at: env.now(),
        actor: Actor::Worker,
        event: (*event).to_owned(),
        detail: "secret detail".to_owned(),
    };
    OrderFacts { timeline: events.iter().map(entry).collect(), order, session: None, service, cases: Vec::new() }
}

pub(super) fn states() -> Vec<OrderState> {
    let attention = |from| OrderState::NeedsAttention {
        from,
        reason: "secret reason".to_owned(),
        next_step: "secret step".to_owned(),
    };
    vec![
        OrderState::Pending,
        OrderState::Paid,
        OrderState::Provisioning,
        OrderState::Provisioned,
        OrderState::Expired,
        OrderState::Cancelled { reason: "secret reason".to_owned() },
        attention(Resume::Pending),
        attention(Resume::Paid),
        attention(Resume::Provisioning),
        OrderState::RefundPending,
        OrderState::Refunded,
    ]
}

/// An order's page, and how long it usually takes.
pub(crate) const USUAL: (&str, Option<chrono::Duration>) = ("/orders/ord_1", Some(chrono::Duration::seconds(8)));

pub(super) fn visits() -> Vec<Visit> {
    let viewers = [Viewer::Anybody, Viewer::LinkHolder, Viewer::Other, Viewer::Owner];
    let ways = [Came::Plainly, Came::Returned, Came::Cancelled];
    viewers.into_iter().flat_map(|viewer| ways.map(|came| Visit { viewer, came })).collect()
}

#[actix_web::test]
async fn every_state_renders_for_everybody_and_keeps_operators_words_back() {
    let web = state(&Arc::new(MemoryShop::new()));
    let events = ["placed", "needs_attention", "gave_up", "delivery_waits", "some_later_word"];
    for order_state in states() {
        let facts = facts(order_state.clone(), Some(ServiceState::Provisioning), &events).await;
        for visit in visits() {
            let text = web.renderer.part(("order_live", "en"), &live(&facts, visit, USUAL)).unwrap();
            assert!(!text.contains("secret"), "{order_state:?} {visit:?}\n{text}");
            let ready = text.contains("Ready to use") || text.contains("runs.");
            assert_eq!(ready, order_state == OrderState::Provisioned, "{order_state:?} {visit:?}\n{text}");
        }
    }
}

#[actix_web::test]
async fn headlines_follow_order_service_and_visit() {
    let remote = || RemoteRef { id: "1".to_owned(), identifier: "a".to_owned() };
    let nobody = Visit { viewer: Viewer::Anybody, came: Came::Plainly };
    let returned = Visit { came: Came::Returned, ..nobody };
    let mut table = String::new();
    let rows: [(OrderState, Option<ServiceState>, &[&str], Visit); 13] = [
        (OrderState::Pending, None, &["placed"], nobody),
        (OrderState::Pending, None, &["placed"], returned),
        (OrderState::Pending, None, &["placed"], Visit { came: Came::Cancelled, ..nobody }),
        (OrderState::Pending, None, &["placed", "payment_page_unavailable"], nobody),
        (OrderState::Pending, None, &["placed", "payment_processing"], returned),
        (OrderState::Paid, Some(ServiceState::Pending), &["paid"], nobody),
        (OrderState::Provisioning, Some(ServiceState::Provisioning), &["provisioning"], nobody),
        (OrderState::Provisioning, Some(ServiceState::Uncertain), &["provisioning"], nobody),
        (OrderState::Provisioning, Some(ServiceState::Installing(remote())), &["installing"], nobody),
        (OrderState::Provisioning, Some(ServiceState::Provisioning), &["delivery_waits"], nobody),
        (OrderState::Provisioned, Some(ServiceState::Active(remote())), &["paid", "provisioned"], nobody),
        (OrderState::Expired, None, &["expired"], returned),
        (OrderState::Refunded, None, &["refunded"], nobody),
    ];
    for (order, service, events, visit) in rows {
        let story = crate::views::story::tell(&facts(order, service, events).await, visit);
        table.push_str(&crate::languages::spoken_in_english(&story.headline));
        table.push('\n');
    }
    let expected = "Waiting for your payment\nWe are checking your payment\nYou left the payment page\n\
                    The payment page could not be opened\nYour bank is confirming the payment\nPayment received\n\
                    Being created\nBeing checked\nCreated, now installing\nPaid, and waiting for its place\nReady to use\n\
                    The payment page has closed\nThis order was refunded\n";
    assert_eq!(table, expected);
}
