//! What a checkout session means for its order: one pure function, whoever brings the session.
//!
//! Monotonic: order of arrival decides nothing, a repeated session changes nothing.

use kernel::{Money, planted};

use crate::{Order, OrderState, Payment, PaymentStatus, Resume, SessionFact, SessionStatus, SessionTrigger};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The money is here and fits: pay the order.
    Pay,
    /// The customer is through, the money is on its way.
    Processing,
    /// A delayed payment failed.
    Fail,
    /// The page closed unpaid.
    Expire,
    /// Money is here that does not fit: a person must look.
    Mismatch {
        /// What is wrong.
        reason: String,
        /// What to do.
        next_step: String,
    },
    /// A second payment for an order that is paid: a person must look.
    PaidTwice,
    /// Nothing to do, and why.
    Nothing(&'static str),
}

/// Decides what `session` means for `order`, whose latest payment is `payment`.
pub fn judge(order: &Order, payment: &Payment, trigger: SessionTrigger, session: &SessionFact) -> Verdict {
    match (session.status, session.payment_status) {
        (_, PaymentStatus::Paid) | (SessionStatus::Complete, PaymentStatus::NotRequired) => {
            judge_paid(order, payment, session)
        }
        (SessionStatus::Complete, PaymentStatus::Unpaid) if trigger == SessionTrigger::AsyncFailed => {
            open_order(order, Verdict::Fail)
        }
        (SessionStatus::Complete, PaymentStatus::Unpaid) => open_order(order, Verdict::Processing),
        (SessionStatus::Expired, _) => open_order(order, Verdict::Expire),
        (SessionStatus::Open, _) => Verdict::Nothing("the payment page is still open"),
        (SessionStatus::Complete, PaymentStatus::Other) | (SessionStatus::Other, _) => {
            Verdict::Nothing("the gateway reports a state that is not known here")
        }
    }
}

fn open_order(order: &Order, verdict: Verdict) -> Verdict {
    if order.state == OrderState::Pending { verdict } else { Verdict::Nothing("the order is past that") }
}

fn judge_paid(order: &Order, payment: &Payment, session: &SessionFact) -> Verdict {
    match &order.state {
        OrderState::Expired | OrderState::Cancelled { .. } if planted("no-revival") => Verdict::Nothing("it is closed"),
        OrderState::Pending | OrderState::Expired | OrderState::Cancelled { .. } => fits(order, session),
        // It waits for a person because of its money. Money that fits ends that; the same mismatch again says nothing new.
        OrderState::NeedsAttention { from: Resume::Pending, .. } => {
            let verdict = fits(order, session);
            if verdict == Verdict::Pay {
                return verdict;
            }
            Verdict::Nothing("a person is looking at this payment already")
        }
        OrderState::Paid
        | OrderState::Provisioning
        | OrderState::Provisioned
        | OrderState::NeedsAttention { .. }
        | OrderState::RefundPending
        | OrderState::Refunded => {
            if planted("paid-again") {
                return Verdict::Pay;
            }
            if payment.session.as_ref().is_none_or(|known| *known == session.id) {
                Verdict::Nothing("the order is paid already")
            } else {
                Verdict::PaidTwice
            }
        }
    }
}

fn fits(order: &Order, session: &SessionFact) -> Verdict {
    let due = order.line.due_now;
    let received = session.amount.unwrap_or_else(|| Money::zero(due.currency()));
    let known = session.amount.is_some() || due.is_zero();
    if known && received == due || planted("amount-not-checked") {
        return Verdict::Pay;
    }
    let got = if known { format!("{received} paid") } else { "a payment without its amount".to_owned() };
    Verdict::Mismatch {
        reason: format!("the gateway reports {got}, the order is for {due}"),
        next_step: "compare the session at the gateway with the order, then refund the payment or accept it".to_owned(),
    }
}
