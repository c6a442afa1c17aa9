//! How amounts, periods, kinds, states and times are written for customers.

use catalog::ProductKind;
use kernel::{BillingCycle, Money, Timestamp};
use provisioning::AccessField;
use serde::Serialize;

use crate::say::{Say, say};

/// `$7.99`, `€7.99`, `1200 JPY`.
pub(crate) fn amount(money: Money) -> String {
    let plain = money.to_string();
    let sign = match money.currency().code() {
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        _ => return plain,
    };
    let number = plain.split(' ').next().unwrap_or(&plain);
    match number.strip_prefix('-') {
        Some(positive) => format!("−{sign}{positive}"),
        None => format!("{sign}{number}"),
    }
}

/// The switch's word for a period.
pub(crate) const fn cycle_label(cycle: BillingCycle) -> &'static str {
    match cycle {
        BillingCycle::Monthly => "Monthly",
        BillingCycle::Quarterly => "3 months",
        BillingCycle::Semiannual => "6 months",
        BillingCycle::Yearly => "1 year",
        BillingCycle::Biennial => "2 years",
        BillingCycle::Triennial => "3 years",
        BillingCycle::OneTime => "One time",
    }
}

/// How often it is due, at the end of a sentence.
pub(crate) const fn cycle_every(cycle: BillingCycle) -> &'static str {
    match cycle {
        BillingCycle::Monthly => "every month",
        BillingCycle::Quarterly => "every 3 months",
        BillingCycle::Semiannual => "every 6 months",
        BillingCycle::Yearly => "every year",
        BillingCycle::Biennial => "every 2 years",
        BillingCycle::Triennial => "every 3 years",
        BillingCycle::OneTime => "once",
    }
}

/// The name of a period.
pub(crate) const fn period(cycle: BillingCycle) -> Say {
    match cycle {
        BillingCycle::Monthly => say("cycle-monthly"),
        BillingCycle::Quarterly => say("cycle-quarterly"),
        BillingCycle::Semiannual => say("cycle-semiannual"),
        BillingCycle::Yearly => say("cycle-yearly"),
        BillingCycle::Biennial => say("cycle-biennial"),
        BillingCycle::Triennial => say("cycle-triennial"),
        BillingCycle::OneTime => say("cycle-one-time"),
    }
}

/// How often it is due, at the end of a sentence.
pub(crate) const fn every(cycle: BillingCycle) -> Say {
    match cycle {
        BillingCycle::Monthly => say("every-monthly"),
        BillingCycle::Quarterly => say("every-quarterly"),
        BillingCycle::Semiannual => say("every-semiannual"),
        BillingCycle::Yearly => say("every-yearly"),
        BillingCycle::Biennial => say("every-biennial"),
        BillingCycle::Triennial => say("every-triennial"),
        BillingCycle::OneTime => say("every-one-time"),
    }
}

/// A category's heading and the sentence beneath it.
pub(crate) const fn kind_heading(kind: ProductKind) -> (Say, Say) {
    match kind {
        ProductKind::Game => (say("kind-game"), say("kind-game-lead")),
        ProductKind::Hosting => (say("kind-hosting"), say("kind-hosting-lead")),
        ProductKind::Wordpress => (say("kind-wordpress"), say("kind-wordpress-lead")),
        ProductKind::Email => (say("kind-email"), say("kind-email-lead")),
        ProductKind::Vps => (say("kind-vps"), say("kind-vps-lead")),
        ProductKind::Cloud => (say("kind-cloud"), say("kind-cloud-lead")),
        ProductKind::Storage => (say("kind-storage"), say("kind-storage-lead")),
    }
}

/// A date and time that people read; always UTC and said so.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Instant {
    /// For machines (RFC 3339).
    pub(crate) iso: String,
    /// For people.
    pub(crate) text: String,
    /// The time of day alone.
    pub(crate) clock: String,
}

impl From<Timestamp> for Instant {
    fn from(at: Timestamp) -> Self {
        Self {
            iso: at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            text: at.format("%-d %b %Y, %H:%M UTC").to_string(),
            clock: at.format("%H:%M:%S UTC").to_string(),
        }
    }
}

/// `8 seconds`, `2 minutes`, `3 hours`.
pub(crate) fn duration(span: chrono::Duration) -> String {
    let seconds = span.num_seconds().max(0);
    let (count, unit) = match seconds {
        0..=119 => (seconds, "second"),
        120..=7199 => (seconds / 60, "minute"),
        _ => (seconds / 3600, "hour"),
    };
    if seconds == 0 {
        "less than a second".to_owned()
    } else {
        format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

/// One line of how to reach a service.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Access {
    label: String,
    value: String,
    /// Where it leads, when it is an address of the web.
    href: Option<String>,
}

impl From<&AccessField> for Access {
    fn from(field: &AccessField) -> Self {
        // Only web addresses become links: a provider's text must not smuggle in another scheme.
        let is_web = field.value.starts_with("https://") || field.value.starts_with("http://");
        let href = is_web.then(|| field.value.clone());
        Self { label: field.label.clone(), value: field.value.clone(), href }
    }
}

/// A state as a small coloured word.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Badge {
    pub(crate) text: &'static str,
    pub(crate) tone: &'static str,
}

const fn badge(text: &'static str, tone: &'static str) -> Badge {
    Badge { text, tone }
}

/// A service's stable word for customers. A word of a later version is shown as «being looked after».
pub(crate) fn service_badge(status: &str) -> Badge {
    match status {
        "pending" | "provisioning" => badge("Being set up", "work"),
        "uncertain" => badge("Being checked", "work"),
        "installing" => badge("Installing", "work"),
        "active" => badge("Running", "good"),
        "failed_setup" => badge("With our team", "warn"),
        "past_due" => badge("Payment overdue", "bad"),
        "suspended" => badge("Suspended", "bad"),
        "terminating" | "terminated" => badge("Ended", "calm"),
        _ => badge("Being looked after", "calm"),
    }
}

/// An order's stable word for customers.
pub(crate) fn order_badge(status: &str) -> Badge {
    match status {
        "pending" => badge("Not paid yet", "calm"),
        "paid" | "provisioning" => badge("Being set up", "work"),
        "provisioned" => badge("Ready", "good"),
        "needs_attention" => badge("With our team", "warn"),
        "expired" => badge("Expired unpaid", "calm"),
        "cancelled" => badge("Cancelled", "calm"),
        "refund_pending" => badge("Refund on its way", "calm"),
        "refunded" => badge("Refunded", "calm"),
        _ => badge("Being looked after", "calm"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use kernel::Currency;

    use super::*;

    #[test]
    fn amounts_carry_their_sign_or_code() {
        assert_eq!(amount(Money::new(799, Currency::USD)), "$7.99");
        assert_eq!(amount(Money::new(-80, Currency::EUR)), "−€0.80");
        assert_eq!(amount(Money::new(1200, "JPY".parse().unwrap())), "1200 JPY");
    }

    #[test]
    fn durations_read_like_speech() {
        let text = |seconds| duration(Duration::seconds(seconds));
        assert_eq!(
            [text(0), text(1), text(8), text(119)],
            ["less than a second", "1 second", "8 seconds", "119 seconds"]
        );
        assert_eq!([text(120), text(7200)], ["2 minutes", "2 hours"]);
        assert_eq!(duration(Duration::seconds(-5)), "less than a second");
    }

    #[test]
    fn only_web_addresses_become_links() {
        let link = |value: &str| Access::from(&AccessField { label: "x".to_owned(), value: value.to_owned() }).href;
        assert_eq!(link("https://panel.example"), Some("https://panel.example".to_owned()));
        assert_eq!(link("javascript:alert(1)"), None);
        assert_eq!(link("203.0.113.7:25565"), None);
    }
}
