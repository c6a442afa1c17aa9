//! How periods, kinds, states and times are said to customers.

use catalog::ProductKind;
use kernel::{BillingCycle, Timestamp};
use provisioning::AccessField;
use serde::Serialize;

use crate::say::{Fill, Say, say};

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
    pub(crate) text: Fill,
    /// The time of day alone.
    pub(crate) clock: String,
}

impl From<Timestamp> for Instant {
    fn from(at: Timestamp) -> Self {
        Self {
            iso: at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            text: at.into(),
            clock: at.format("%H:%M:%S UTC").to_string(),
        }
    }
}

/// `8 seconds`, `2 minutes`, `3 hours`.
pub(crate) fn duration(span: chrono::Duration) -> Say {
    match span.num_seconds() {
        ..=0 => say("duration-none"),
        seconds @ 1..=119 => say("duration-seconds").with("seconds", seconds),
        seconds @ 120..=7199 => say("duration-minutes").with("minutes", seconds / 60),
        seconds => say("duration-hours").with("hours", seconds / 3600),
    }
}

/// One line of how to reach a service.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Access {
    label: Fill,
    value: String,
    /// Where it leads, when it is an address of the web.
    href: Option<String>,
}

impl From<&AccessField> for Access {
    fn from(field: &AccessField) -> Self {
        // Only web addresses become links: a provider's text must not smuggle in another scheme.
        let is_web = field.value.starts_with("https://") || field.value.starts_with("http://");
        let href = is_web.then(|| field.value.clone());
        Self { label: access_label(&field.label), value: field.value.clone(), href }
    }
}

/// Our own adapters' words are said in the page's language; those of other providers are shown as they come.
fn access_label(label: &str) -> Fill {
    match label {
        "Address" => say("access-address").into(),
        "Panel" => say("access-panel").into(),
        "Website" => say("access-website").into(),
        "Sign in" => say("access-sign-in").into(),
        "User name" => say("access-user-name").into(),
        "IMAP server" => say("access-imap-server").into(),
        "IMAP port" => say("access-imap-port").into(),
        "PHP version" => say("access-php-version").into(),
        "SFTP server" => say("access-sftp-server").into(),
        "SFTP port" => say("access-sftp-port").into(),
        "SFTP user" => say("access-sftp-user").into(),
        "To do" => say("access-to-do").into(),
        other => other.into(),
    }
}

/// A state as a small coloured word.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Badge {
    pub(crate) text: Say,
    pub(crate) tone: &'static str,
}

const fn badge(text: Say, tone: &'static str) -> Badge {
    Badge { text, tone }
}

/// A service's stable word for customers. A word of a later version is shown as «being looked after».
pub(crate) fn service_badge(status: &str) -> Badge {
    match status {
        "pending" | "provisioning" => badge(say("service-pending"), "work"),
        "uncertain" => badge(say("service-uncertain"), "work"),
        "installing" => badge(say("service-installing"), "work"),
        "active" => badge(say("service-active"), "good"),
        "failed_setup" => badge(say("service-failed"), "warn"),
        "past_due" => badge(say("service-past-due"), "bad"),
        "suspended" => badge(say("service-suspended"), "bad"),
        "terminating" | "terminated" => badge(say("service-ended"), "calm"),
        _ => badge(say("state-unknown"), "calm"),
    }
}

/// An order's stable word for customers.
pub(crate) fn order_badge(status: &str) -> Badge {
    match status {
        "pending" => badge(say("order-pending"), "calm"),
        "paid" | "provisioning" => badge(say("order-paid"), "work"),
        "provisioned" => badge(say("order-ready"), "good"),
        "needs_attention" => badge(say("order-attention"), "warn"),
        "expired" => badge(say("order-expired"), "calm"),
        "cancelled" => badge(say("order-cancelled"), "calm"),
        "refund_pending" => badge(say("order-refund-pending"), "calm"),
        "refunded" => badge(say("order-refunded"), "calm"),
        _ => badge(say("state-unknown"), "calm"),
    }
}

/// A subscription's status for customers, in the gateway's word.
pub(crate) fn subscription_badge(status: &str, ends: bool) -> Badge {
    match status {
        "active" | "trialing" if ends => badge(say("subscription-ending"), "calm"),
        "active" => badge(say("subscription-active"), "good"),
        "trialing" => badge(say("subscription-trial"), "good"),
        "past_due" | "unpaid" => badge(say("subscription-unpaid"), "bad"),
        "canceled" => badge(say("subscription-ended"), "calm"),
        _ => badge(say("state-unknown"), "calm"),
    }
}

/// A payment's stable word for customers.
pub(crate) fn payment_badge(status: &str) -> Badge {
    match status {
        "succeeded" => badge(say("payment-paid"), "good"),
        "processing" => badge(say("payment-waits"), "work"),
        "failed" => badge(say("payment-failed"), "bad"),
        "partially_refunded" => badge(say("payment-part-back"), "calm"),
        "refunded" => badge(say("payment-back"), "calm"),
        _ => badge(say("state-unknown"), "calm"),
    }
}

/// A mail's stable word for customers.
pub(crate) fn mail_badge(status: &str) -> Badge {
    match status {
        "sent" => badge(say("mail-sent"), "good"),
        "queued" => badge(say("mail-queued"), "work"),
        "failed" => badge(say("mail-failed"), "bad"),
        _ => badge(say("state-unknown"), "calm"),
    }
}

/// What a mail is about. One of a later version is called by its own name.
pub(crate) fn mail_name(template: &str) -> Fill {
    match template {
        "order_confirmation" => say("mail-order-confirmation").into(),
        "welcome" | "welcome_link" => say("mail-welcome").into(),
        "account_linked" => say("mail-account-linked").into(),
        "service_ready" => say("mail-service-ready").into(),
        "order_needs_attention" => say("mail-order-attention").into(),
        "payment_failed" => say("mail-payment-failed").into(),
        "refunded" => say("mail-refunded").into(),
        "confirm_registration" => say("mail-confirm-registration").into(),
        "already_registered" => say("mail-already-registered").into(),
        "reset_password" => say("mail-reset-password").into(),
        "password_changed" => say("mail-password-changed").into(),
        "confirm_address" => say("mail-confirm-address").into(),
        "address_changed" => say("mail-address-changed").into(),
        "second_factor_changed" => say("mail-second-factor").into(),
        other => other.replace('_', " ").into(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;
    use crate::languages::spoken_in_english as spoken;

    #[test]
    fn durations_read_like_speech() {
        let text = |seconds| spoken(&duration(Duration::seconds(seconds)));
        assert_eq!(
            [text(0), text(1), text(8), text(119)],
            ["less than a second", "1 second", "8 seconds", "119 seconds"]
        );
        assert_eq!([text(120), text(7200)], ["2 minutes", "2 hours"]);
        assert_eq!(spoken(&duration(Duration::seconds(-5))), "less than a second");
    }

    #[test]
    fn every_mail_has_a_name_for_customers() {
        for mail in notify::mails::ALL {
            assert!(matches!(mail_name(mail.name), Fill::Say(_)), "{}", mail.name);
        }
    }

    #[test]
    fn labels_of_our_own_adapters_are_messages_with_the_same_words() {
        for label in ["Address", "Panel", "Website", "PHP version"] {
            let said = access_label(label);
            assert!(matches!(said, Fill::Say(_)), "{label}");
            assert_eq!(spoken(&said), label);
        }
        assert_eq!(access_label("Console"), Fill::from("Console"));
    }

    #[test]
    fn only_web_addresses_become_links() {
        let link = |value: &str| Access::from(&AccessField { label: "x".to_owned(), value: value.to_owned() }).href;
        assert_eq!(link("https://panel.example"), Some("https://panel.example".to_owned()));
        assert_eq!(link("javascript:alert(1)"), None);
        assert_eq!(link("203.0.113.7:25565"), None);
    }
}
