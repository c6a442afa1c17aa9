//! What a session means for an order in every state: the table is the documentation.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::fmt::Write;

use kernel::Money;
use orders::{
    Order, OrderState, Payment, PaymentStatus, Resume, SessionFact, SessionStatus, SessionTrigger, Verdict, judge,
    testing,
};

fn session(status: SessionStatus, payment_status: PaymentStatus, amount: Option<Money>) -> SessionFact {
    SessionFact {
        id: "cs_1".to_owned(),
        order: None,
        order_text: None,
        status,
        payment_status,
        amount,
        customer: None,
        subscription: None,
        intent: None,
        invoice: None,
        url: None,
    }
}

async fn order() -> (Order, Payment) {
    let mut store = testing::shop();
    let (order, mut payment) = testing::placed(&mut store, &mut testing::env(1), "starter", "monthly").await;
    payment.session = Some("cs_1".to_owned());
    (order, payment)
}

fn states() -> Vec<(&'static str, OrderState)> {
    let attention = |from| OrderState::NeedsAttention { from, reason: String::new(), next_step: String::new() };
    vec![
        ("pending", OrderState::Pending),
        ("paid", OrderState::Paid),
        ("provisioning", OrderState::Provisioning),
        ("provisioned", OrderState::Provisioned),
        ("expired", OrderState::Expired),
        ("cancelled", OrderState::Cancelled { reason: String::new() }),
        ("attention(pending)", attention(Resume::Pending)),
        ("attention(paid)", attention(Resume::Paid)),
        ("refund_pending", OrderState::RefundPending),
        ("refunded", OrderState::Refunded),
    ]
}

fn word(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Pay => "pay".to_owned(),
        Verdict::Processing => "processing".to_owned(),
        Verdict::Fail => "fail".to_owned(),
        Verdict::Expire => "expire".to_owned(),
        Verdict::Mismatch { reason, .. } => format!("mismatch: {reason}"),
        Verdict::PaidTwice => "paid twice".to_owned(),
        Verdict::Nothing(why) => format!("nothing: {why}"),
    }
}

#[tokio::test]
async fn every_order_state_and_session() {
    let (mut order, payment) = order().await;
    let due = order.line.due_now;
    let less = Money::new(due.minor() - 1, due.currency());
    let other = Money::new(due.minor(), kernel::Currency::EUR);
    let sessions = [
        ("open", SessionTrigger::Read, session(SessionStatus::Open, PaymentStatus::Unpaid, Some(due))),
        ("complete, paid", SessionTrigger::Completed, session(SessionStatus::Complete, PaymentStatus::Paid, Some(due))),
        (
            "complete, paid less",
            SessionTrigger::Completed,
            session(SessionStatus::Complete, PaymentStatus::Paid, Some(less)),
        ),
        (
            "complete, paid in EUR",
            SessionTrigger::Completed,
            session(SessionStatus::Complete, PaymentStatus::Paid, Some(other)),
        ),
        (
            "complete, paid, no amount",
            SessionTrigger::Completed,
            session(SessionStatus::Complete, PaymentStatus::Paid, None),
        ),
        (
            "complete, nothing required",
            SessionTrigger::Completed,
            session(SessionStatus::Complete, PaymentStatus::NotRequired, Some(Money::zero(due.currency()))),
        ),
        (
            "complete, unpaid",
            SessionTrigger::Completed,
            session(SessionStatus::Complete, PaymentStatus::Unpaid, Some(due)),
        ),
        (
            "async failed",
            SessionTrigger::AsyncFailed,
            session(SessionStatus::Complete, PaymentStatus::Unpaid, Some(due)),
        ),
        ("expired", SessionTrigger::Expired, session(SessionStatus::Expired, PaymentStatus::Unpaid, Some(due))),
        ("unknown words", SessionTrigger::Read, session(SessionStatus::Other, PaymentStatus::Other, None)),
    ];
    let mut table = String::new();
    for (name, state) in states() {
        order.state = state;
        for (what, trigger, session) in &sessions {
            let verdict = judge(&order, &payment, *trigger, session);
            writeln!(table, "{name:<19} {what:<27} {}", word(&verdict)).unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn another_session_that_is_paid_is_a_second_payment() {
    let (mut order, payment) = order().await;
    order.state = OrderState::Provisioned;
    let mut second = session(SessionStatus::Complete, PaymentStatus::Paid, Some(order.line.due_now));
    second.id = "cs_2".to_owned();
    assert_eq!(judge(&order, &payment, SessionTrigger::Completed, &second), Verdict::PaidTwice);
}
