//! How states and ages are written for people of the shop: exactly, where customers are told a story.

use catalog::{Coupon, ProductStatus};
use chrono::Duration;
use kernel::Timestamp;
use serde::Serialize;

use super::health::Does;
use crate::say::{Fill, Say, say};

/// A state as a small coloured word.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct State {
    text: Fill,
    tone: &'static str,
}

const fn state(text: Say) -> (Say, &'static str) {
    (text, "calm")
}

/// An order's state. A word of a later version is shown as it is.
pub(crate) fn order_state(word: &str) -> State {
    let (text, tone) = match word {
        "pending" => state(say("desk-order-pending")),
        "paid" => (say("desk-order-paid"), "work"),
        "provisioning" => (say("desk-order-provisioning"), "work"),
        "provisioned" => (say("desk-order-provisioned"), "good"),
        "needs_attention" => (say("desk-order-needs-attention"), "bad"),
        "expired" => state(say("desk-order-expired")),
        "cancelled" => state(say("desk-order-cancelled")),
        "refund_pending" => (say("desk-order-refund-pending"), "warn"),
        "refunded" => state(say("desk-order-refunded")),
        other => return State { text: other.into(), tone: "calm" },
    };
    State { text: text.into(), tone }
}

/// Whether a product is on sale.
pub(crate) fn product_state(status: ProductStatus) -> State {
    let (text, tone) = match status {
        ProductStatus::Active => (say("desk-product-active"), "good"),
        ProductStatus::Retired => (say("desk-product-retired"), "calm"),
    };
    State { text: text.into(), tone }
}

/// Whether a coupon counts now.
pub(crate) fn coupon_state(coupon: &Coupon, now: Timestamp) -> State {
    let (text, tone) = if !coupon.active {
        (say("desk-coupon-ended-state"), "calm")
    } else if coupon.valid_until.is_some_and(|until| until <= now) {
        (say("desk-coupon-over"), "calm")
    } else if coupon.valid_from.is_some_and(|from| from > now) {
        (say("desk-coupon-later"), "warn")
    } else {
        (say("desk-coupon-counts"), "good")
    };
    State { text: text.into(), tone }
}

/// How a part of the whole does.
pub(crate) fn health_state(does: Does) -> State {
    let (text, tone) = match does {
        Does::Fine => (say("health-fine"), "good"),
        Does::Look => (say("health-look"), "warn"),
        Does::Broken => (say("health-broken"), "bad"),
    };
    State { text: text.into(), tone }
}

/// A mail's state.
pub(crate) fn mail_state(word: &str) -> State {
    let (text, tone) = match word {
        "sent" => (say("desk-mail-sent"), "good"),
        "queued" => (say("desk-mail-queued"), "work"),
        "failed" => (say("desk-mail-failed"), "bad"),
        other => return State { text: other.into(), tone: "calm" },
    };
    State { text: text.into(), tone }
}

/// A stable word of ours that has no words of its own: payments', services' and jobs' states.
pub(crate) fn plain_state(word: &str) -> State {
    let tone = match word {
        "succeeded" | "active" => "good",
        "failed" | "failed_setup" | "dead" | "unknown" => "bad",
        "created" | "processing" | "pending" | "provisioning" | "installing" | "uncertain" | "running" => "work",
        _ => "calm",
    };
    State { text: word.replace('_', " ").into(), tone }
}

/// How long ago that is.
pub(crate) fn age(now: Timestamp, since: Timestamp) -> Say {
    span(now.signed_duration_since(since))
}

/// A span of time, in its largest unit.
pub(crate) fn span(span: Duration) -> Say {
    let (count, message) = match (span.num_days(), span.num_hours(), span.num_minutes()) {
        (0, 0, 0) => (span.num_seconds().max(0), say("span-seconds")),
        (0, 0, minutes) => (minutes, say("span-minutes")),
        (0, hours, _) => (hours, say("span-hours")),
        (days, _, _) => (days, say("span-days")),
    };
    message.with("count", count)
}

/// Said at the top of a page after something was done, or was not.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Notice {
    tone: &'static str,
    text: Fill,
}

impl Notice {
    /// It was done.
    pub(crate) fn done(text: Say) -> Self {
        Self { tone: "good", text: text.into() }
    }

    /// It was not, and why.
    pub(crate) fn refused(text: impl Into<Fill>) -> Self {
        Self { tone: "bad", text: text.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::languages::spoken_in_english as spoken;

    #[test]
    fn a_span_is_told_in_its_largest_unit() {
        let told = |seconds| spoken(&span(Duration::seconds(seconds)));
        assert_eq!([told(-3), told(59), told(60)], ["0 seconds", "59 seconds", "1 minute"]);
        assert_eq!([told(7200), told(86_400 * 2)], ["2 hours", "2 days"]);
    }
}
