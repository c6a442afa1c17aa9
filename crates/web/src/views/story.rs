//! Where an order stands, in honest words for the customer. Nothing here is said that has not happened, and nothing of
//! an operator's reasons or next steps is repeated.

use orders::{OrderState, Resume};
use provisioning::ServiceState;

use super::order::{Came, Visit};
use crate::reads::OrderFacts;

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
    pub(crate) headline: &'static str,
    pub(crate) text: &'static str,
    /// Payment, setting up, ready.
    pub(crate) marks: [Mark; 3],
    /// The customer may go on to the payment page.
    pub(crate) payable: bool,
    /// Ordering anew makes sense.
    pub(crate) again: bool,
}

const fn story(tone: &'static str, headline: &'static str, text: &'static str, marks: [Mark; 3]) -> Story {
    Story { tone, headline, text, marks, payable: false, again: false }
}

const UNPAID: [Mark; 3] = [Mark::Now, Mark::Later, Mark::Later];
const CLOSED: [Mark; 3] = [Mark::Stopped, Mark::Later, Mark::Later];
const SETTING_UP: [Mark; 3] = [Mark::Done, Mark::Now, Mark::Later];

/// Tells it.
pub(crate) fn tell(facts: &OrderFacts, visit: Visit) -> Story {
    match &facts.order.state {
        OrderState::Pending => unpaid(facts, visit),
        OrderState::Paid => story(
            "work",
            "Payment received",
            "Setting up begins now. This page follows it; you can also close it, we write to you when it is ready.",
            SETTING_UP,
        ),
        OrderState::Provisioning => setting_up(facts),
        OrderState::Provisioned => {
            story("good", "Ready to use", "It is set up and runs.", [Mark::Done, Mark::Done, Mark::Done])
        }
        OrderState::Expired => Story {
            again: true,
            ..story(
                "calm",
                "The payment page has closed",
                "This order was not paid in time. Nothing was charged; order again whenever you like.",
                CLOSED,
            )
        },
        OrderState::Cancelled { .. } => Story {
            again: true,
            ..story(
                "calm",
                "This order was cancelled",
                "The payment did not go through, so nothing was set up. You can order again with the same or another way to pay.",
                CLOSED,
            )
        },
        OrderState::NeedsAttention { from, .. } => attention(*from),
        OrderState::RefundPending => story(
            "calm",
            "Your refund is on its way",
            "Banks take up to ten days to show it.",
            [Mark::Done, Mark::Stopped, Mark::Later],
        ),
        OrderState::Refunded => {
            story("calm", "This order was refunded", "The money is back.", [Mark::Done, Mark::Stopped, Mark::Later])
        }
    }
}

fn unpaid(facts: &OrderFacts, visit: Visit) -> Story {
    let happened = |event: &str| facts.timeline.iter().any(|entry| entry.event == event);
    if happened("payment_processing") {
        return story(
            "work",
            "Your bank is confirming the payment",
            "You are done; some ways to pay take a few days to be confirmed. Setting up begins by itself as soon as the money is here.",
            UNPAID,
        );
    }
    if facts.session.is_none() && facts.timeline.iter().any(|entry| entry.event.starts_with("payment_page_")) {
        return Story {
            again: true,
            ..story(
                "bad",
                "The payment page could not be opened",
                "The payment provider did not answer as it should. Nothing was charged. Please order again in a minute.",
                CLOSED,
            )
        };
    }
    if visit.came == Came::Returned {
        return story(
            "work",
            "We are checking your payment",
            "You came back from the payment page; its confirmation has not reached us yet. This page changes by itself when it does.",
            UNPAID,
        );
    }
    let waiting = if visit.came == Came::Cancelled {
        story("calm", "You left the payment page", "Nothing was charged. The order waits for you for a while.", UNPAID)
    } else {
        story(
            "calm",
            "Waiting for your payment",
            "Nothing was charged yet. Setting up begins once you have paid.",
            UNPAID,
        )
    };
    Story { payable: true, ..waiting }
}

fn setting_up(facts: &OrderFacts) -> Story {
    let waits = facts.timeline.last().is_some_and(|entry| entry.event == "delivery_waits");
    let state = facts.service.as_ref().map(|service| &service.state);
    let (headline, text) = match state {
        _ if waits => (
            "Paid, and waiting for its place",
            "Where it will run does not answer or has no room at this moment. We keep trying; if it takes too long, one of us steps in.",
        ),
        Some(ServiceState::Installing(_)) => {
            ("Created, now installing", "It exists and its software is being installed. This can take a few minutes.")
        }
        Some(ServiceState::Uncertain) => (
            "Being checked",
            "An answer was lost on the way. We look what is there before we go on, so that nothing is made twice.",
        ),
        Some(
            ServiceState::Pending
            | ServiceState::Provisioning
            | ServiceState::Active(_)
            | ServiceState::FailedSetup { .. },
        )
        | None => ("Being created", "Paid and on its way. This page follows it."),
    };
    story("work", headline, text, SETTING_UP)
}

const fn attention(from: Resume) -> Story {
    match from {
        Resume::Pending => story(
            "warn",
            "One of us looks at your payment",
            "A payment arrived that does not fit this order. A person compares the two and then completes or refunds it. You need not do anything.",
            [Mark::Stopped, Mark::Later, Mark::Later],
        ),
        Resume::Paid | Resume::Provisioning => story(
            "warn",
            "One of us is finishing your order",
            "We have your order and your payment, and setting it up needs a person. You need not do anything: we finish it or refund you, and write to you.",
            [Mark::Done, Mark::Stopped, Mark::Later],
        ),
    }
}

/// A line of the history in the customer's words; `None` for what is only our own affair.
pub fn history_words(event: &str) -> Option<&'static str> {
    Some(match event {
        "placed" => "Order placed",
        "payment_page_opened" => "Payment page opened",
        "payment_page_refused" | "payment_page_failed" | "payment_page_unknown" | "payment_page_unavailable" => {
            "The payment page could not be opened; nothing was charged"
        }
        "payment_processing" => "The bank is confirming the payment",
        "paid" => "Payment received",
        "payment_failed" => "The payment failed",
        "expired" => "The payment page closed unpaid",
        "provisioning" => "Setting up began",
        "installing" => "Created; installing",
        "delivery_waits" => "Waiting for its place; we keep trying",
        "provisioned" => "Ready to use",
        "needs_attention" => "Handed to one of us",
        "gave_up" => "A step did not go through; our team is told",
        "delivery_retried" => "One of us started setting up again",
        "refunded" => "Money went back",
        "refunded_in_full" => "The order ended with its refund",
        "paid_twice" => "A second payment arrived; one of us sends it back",
        "dispute_opened" => "The payment was disputed at the bank",
        "dispute_closed" => "The dispute was closed",
        _ => return None,
    })
}
