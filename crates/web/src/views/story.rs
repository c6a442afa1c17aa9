//! Where an order stands, in honest words for the customer. Nothing here is said that has not happened, and nothing of
//! an operator's reasons or next steps is repeated.

use orders::{OrderState, Resume};
use provisioning::ServiceState;

use super::order::{Came, Visit};
use crate::{
    languages::in_english,
    reads::OrderFacts,
    say::{Say, say},
};

/// How far along a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Done,
    Now,
    Later,
    Stopped,
}

impl Mark {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::Later => "later",
            Self::Stopped => "stopped",
        }
    }
}

/// What the page says at its top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Story {
    /// `good`, `work`, `calm`, `warn` or `bad`.
    pub(crate) tone: &'static str,
    pub(crate) headline: Say,
    pub(crate) text: Say,
    /// Payment, setting up, ready.
    pub(crate) marks: [Mark; 3],
    /// The customer may go on to the payment page.
    pub(crate) payable: bool,
    /// Ordering anew makes sense.
    pub(crate) again: bool,
}

const fn story(tone: &'static str, headline: Say, text: Say, marks: [Mark; 3]) -> Story {
    Story { tone, headline, text, marks, payable: false, again: false }
}

const UNPAID: [Mark; 3] = [Mark::Now, Mark::Later, Mark::Later];
const CLOSED: [Mark; 3] = [Mark::Stopped, Mark::Later, Mark::Later];
const SETTING_UP: [Mark; 3] = [Mark::Done, Mark::Now, Mark::Later];
const READY: [Mark; 3] = [Mark::Done, Mark::Done, Mark::Done];
const HALTED: [Mark; 3] = [Mark::Done, Mark::Stopped, Mark::Later];

/// Tells it.
pub(crate) fn tell(facts: &OrderFacts, visit: Visit) -> Story {
    match &facts.order.state {
        OrderState::Pending => unpaid(facts, visit),
        OrderState::Paid => story("work", say("story-paid"), say("story-paid-text"), SETTING_UP),
        OrderState::Provisioning => setting_up(facts),
        OrderState::Provisioned => delivered(facts),
        OrderState::Expired => {
            Story { again: true, ..story("calm", say("story-expired"), say("story-expired-text"), CLOSED) }
        }
        OrderState::Cancelled { .. } => {
            Story { again: true, ..story("calm", say("story-cancelled"), say("story-cancelled-text"), CLOSED) }
        }
        OrderState::NeedsAttention { from, .. } => attention(*from),
        OrderState::RefundPending => {
            story("calm", say("story-refund-pending"), say("story-refund-pending-text"), HALTED)
        }
        OrderState::Refunded => story("calm", say("story-refunded"), say("story-refunded-text"), HALTED),
    }
}

fn unpaid(facts: &OrderFacts, visit: Visit) -> Story {
    let happened = |event: &str| facts.timeline.iter().any(|entry| entry.event == event);
    if happened("payment_processing") {
        return story("work", say("story-confirming"), say("story-confirming-text"), UNPAID);
    }
    if facts.session.is_none() && facts.timeline.iter().any(|entry| entry.event.starts_with("payment_page_")) {
        return Story { again: true, ..story("bad", say("story-no-page"), say("story-no-page-text"), CLOSED) };
    }
    if visit.came == Came::Returned {
        return story("work", say("story-returned"), say("story-returned-text"), UNPAID);
    }
    let (headline, text) = match visit.came {
        Came::Cancelled => (say("story-left"), say("story-left-text")),
        Came::Plainly | Came::Returned => (say("story-unpaid"), say("story-unpaid-text")),
    };
    Story { payable: true, ..story("calm", headline, text, UNPAID) }
}

fn setting_up(facts: &OrderFacts) -> Story {
    let waits = facts.timeline.last().is_some_and(|entry| entry.event == "delivery_waits");
    let state = facts.service.as_ref().map(|service| &service.state);
    let (headline, text) = match state {
        _ if waits => (say("story-waits"), say("story-waits-text")),
        Some(ServiceState::Installing(_)) => (say("story-installing"), say("story-installing-text")),
        Some(ServiceState::Uncertain) => (say("story-uncertain"), say("story-uncertain-text")),
        Some(
            ServiceState::Pending
            | ServiceState::Provisioning
            | ServiceState::Active(_)
            | ServiceState::FailedSetup { .. }
            | ServiceState::Suspended { .. }
            | ServiceState::Terminating(_)
            | ServiceState::Terminated(_),
        )
        | None => (say("story-creating"), say("story-creating-text")),
    };
    story("work", headline, text, SETTING_UP)
}

/// It ran once; whether it does now is its service's affair.
fn delivered(facts: &OrderFacts) -> Story {
    match facts.service.as_ref().map(|service| &service.state) {
        Some(ServiceState::Suspended { .. }) => {
            story("warn", say("story-suspended"), say("story-suspended-text"), READY)
        }
        Some(ServiceState::Terminating(_) | ServiceState::Terminated(_)) => {
            story("calm", say("story-ended"), say("story-ended-text"), READY)
        }
        Some(
            ServiceState::Pending
            | ServiceState::Provisioning
            | ServiceState::Installing(_)
            | ServiceState::Uncertain
            | ServiceState::Active(_)
            | ServiceState::FailedSetup { .. },
        )
        | None => story("good", say("story-ready"), say("story-ready-text"), READY),
    }
}

const fn attention(from: Resume) -> Story {
    match from {
        Resume::Pending => story("warn", say("story-payment-attention"), say("story-payment-attention-text"), CLOSED),
        Resume::Paid | Resume::Provisioning => {
            story("warn", say("story-attention"), say("story-attention-text"), HALTED)
        }
    }
}

/// A line of the history for customers; `None` for what is only our own affair.
pub(crate) fn happened(event: &str) -> Option<Say> {
    Some(match event {
        "placed" => say("history-placed"),
        "payment_page_opened" => say("history-page-opened"),
        "payment_page_refused" | "payment_page_failed" | "payment_page_unknown" | "payment_page_unavailable" => {
            say("history-no-page")
        }
        "payment_processing" => say("history-confirming"),
        "paid" => say("history-paid"),
        "payment_failed" => say("history-failed"),
        "expired" => say("history-expired"),
        "cancelled" => say("history-cancelled"),
        "refund_asked" | "refund_of_all_asked" => say("history-refund-asked"),
        "refund_failed" => say("history-refund-failed"),
        "refund_retried" => say("history-refund-retried"),
        "provisioning" => say("history-provisioning"),
        "installing" => say("history-installing"),
        "delivery_waits" => say("history-waits"),
        "provisioned" => say("history-ready"),
        "needs_attention" => say("history-attention"),
        "gave_up" => say("history-gave-up"),
        "delivery_retried" => say("history-retried"),
        "refunded" => say("history-refunded"),
        "refunded_in_full" => say("history-refunded-in-full"),
        "paid_twice" => say("history-paid-twice"),
        "dispute_opened" => say("history-dispute-opened"),
        "dispute_closed" => say("history-dispute-closed"),
        _ => return None,
    })
}

/// The same in English, for programs. What cannot be said, which tests rule out, is its stable word.
pub fn history_words(event: &str) -> Option<String> {
    happened(event).map(|said| in_english(&said).unwrap_or_else(|| event.to_owned()))
}
