//! The kinds of case. Closed: each has its words here and its paragraph in docs/OPERATIONS.md, which a test holds together.

/// What kind of trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseKind {
    /// A background job is out of tries.
    JobDead,
    /// A signed event has waited for longer than it should.
    EventDelayed,
    /// A signed event that cannot be read.
    EventUnreadable,
    /// Events of another mode or account arrive here.
    EventForeign,
    /// Money is here that does not fit its order.
    PaymentMismatch,
    /// Money is here and what that means could not be recorded.
    PaymentStuck,
    /// An order was paid a second time.
    PaidTwice,
    /// Money is here that names no order of ours.
    PaymentUnmatched,
    /// Paid, and not running as soon as it should be.
    DeliveryDelayed,
    /// The provider will not make it.
    DeliveryRefused,
    /// The provider has no room for it.
    NoCapacity,
    /// Setting it up failed.
    SetupFailed,
    /// Setting it up takes longer than it should.
    SetupSlow,
    /// Whether a call to the provider took effect has been unknown for too long.
    OutcomeUnknown,
    /// Something runs at a provider that no paid order accounts for.
    ServiceOrphan,
    /// A service that should run is not there any more.
    ServiceMissing,
    /// A service is in another state at the provider than here.
    ServiceDrift,
    /// A mail was not delivered to any mail server.
    MailFailed,
    /// The gateway has a payment that we do not have.
    LedgerPaidThere,
    /// We have a payment that the gateway does not have.
    LedgerPaidHere,
    /// The gateway and we disagree on what went back.
    LedgerRefund,
    /// Money that shall go back did not.
    RefundFailed,
    /// A service is to be suspended, resumed or ended, and that does not go by itself.
    ServiceOperation,
    /// All the money went back and the service still runs.
    RefundedRunning,
    /// A charge is disputed.
    Disputed,
}

impl CaseKind {
    /// All kinds.
    pub const ALL: [Self; 25] = [
        Self::JobDead,
        Self::EventDelayed,
        Self::EventUnreadable,
        Self::EventForeign,
        Self::PaymentMismatch,
        Self::PaymentStuck,
        Self::PaidTwice,
        Self::PaymentUnmatched,
        Self::DeliveryDelayed,
        Self::DeliveryRefused,
        Self::NoCapacity,
        Self::SetupFailed,
        Self::SetupSlow,
        Self::OutcomeUnknown,
        Self::ServiceOrphan,
        Self::ServiceMissing,
        Self::ServiceDrift,
        Self::MailFailed,
        Self::LedgerPaidThere,
        Self::LedgerPaidHere,
        Self::LedgerRefund,
        Self::RefundFailed,
        Self::ServiceOperation,
        Self::RefundedRunning,
        Self::Disputed,
    ];

    /// What a service that now runs ends, if its order has such cases.
    pub const ENDED_BY_DELIVERY: [Self; 7] = [
        Self::DeliveryDelayed,
        Self::DeliveryRefused,
        Self::NoCapacity,
        Self::SetupFailed,
        Self::SetupSlow,
        Self::OutcomeUnknown,
        Self::ServiceMissing,
    ];

    /// What a payment that is recorded ends.
    pub const ENDED_BY_PAYMENT: [Self; 3] = [Self::PaymentMismatch, Self::PaymentStuck, Self::LedgerPaidThere];

    /// What sending all the money back ends.
    pub const ENDED_BY_REFUND: [Self; 10] = [
        Self::RefundFailed,
        Self::PaymentMismatch,
        Self::PaymentStuck,
        Self::PaymentUnmatched,
        Self::DeliveryDelayed,
        Self::DeliveryRefused,
        Self::NoCapacity,
        Self::SetupFailed,
        Self::SetupSlow,
        Self::OutcomeUnknown,
    ];

    /// The stable word, as stored and typed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::JobDead => "job-dead",
            Self::EventDelayed => "event-delayed",
            Self::EventUnreadable => "event-unreadable",
            Self::EventForeign => "event-foreign",
            Self::PaymentMismatch => "payment-mismatch",
            Self::PaymentStuck => "payment-stuck",
            Self::PaidTwice => "paid-twice",
            Self::PaymentUnmatched => "payment-unmatched",
            Self::DeliveryDelayed => "delivery-delayed",
            Self::DeliveryRefused => "delivery-refused",
            Self::NoCapacity => "no-capacity",
            Self::SetupFailed => "setup-failed",
            Self::SetupSlow => "setup-slow",
            Self::OutcomeUnknown => "outcome-unknown",
            Self::ServiceOrphan => "service-orphan",
            Self::ServiceMissing => "service-missing",
            Self::ServiceDrift => "service-drift",
            Self::MailFailed => "mail-failed",
            Self::LedgerPaidThere => "ledger-paid-there",
            Self::LedgerPaidHere => "ledger-paid-here",
            Self::LedgerRefund => "ledger-refund",
            Self::RefundFailed => "refund-failed",
            Self::ServiceOperation => "service-operation",
            Self::RefundedRunning => "refunded-running",
            Self::Disputed => "disputed",
        }
    }

    /// Reads the stable word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What it is, in a few words for lists.
    pub const fn title(self) -> &'static str {
        match self {
            Self::JobDead => "a background job gave up",
            Self::EventDelayed => "a payment event waits",
            Self::EventUnreadable => "an event cannot be read",
            Self::EventForeign => "events of another mode or account",
            Self::PaymentMismatch => "a payment does not fit its order",
            Self::PaymentStuck => "a payment could not be recorded",
            Self::PaidTwice => "an order was paid twice",
            Self::PaymentUnmatched => "a payment names no order",
            Self::DeliveryDelayed => "paid and not running yet",
            Self::DeliveryRefused => "the provider refuses",
            Self::NoCapacity => "the provider is full",
            Self::SetupFailed => "setting up failed",
            Self::SetupSlow => "setting up takes long",
            Self::OutcomeUnknown => "did the provider do it?",
            Self::ServiceOrphan => "runs without an order",
            Self::ServiceMissing => "a service is gone",
            Self::ServiceDrift => "a service differs",
            Self::MailFailed => "a mail did not go out",
            Self::LedgerPaidThere => "paid at the gateway only",
            Self::LedgerPaidHere => "paid in our books only",
            Self::LedgerRefund => "refunds differ",
            Self::RefundFailed => "a refund did not go through",
            Self::ServiceOperation => "to be done at the provider",
            Self::RefundedRunning => "refunded and still running",
            Self::Disputed => "a charge is disputed",
        }
    }

    /// What the customer of the order is told while it is open; `None` where it is no affair of theirs.
    pub const fn customer_view(self) -> Option<&'static str> {
        match self {
            Self::EventDelayed | Self::PaymentStuck | Self::LedgerPaidThere => Some(
                "Your payment has reached us, and recording it takes longer than it should. Our team has been told; you do \
                 not need to pay again.",
            ),
            Self::PaymentMismatch => Some(
                "Your payment has reached us, and its amount differs from your order. Our team is looking at it and will \
                 finish your order or send the money back.",
            ),
            Self::PaidTwice => {
                Some("Your order was paid twice. Our team has been told and will send one payment back.")
            }
            Self::DeliveryDelayed | Self::SetupSlow | Self::OutcomeUnknown => Some(
                "Setting up your service takes longer than usual. It goes on by itself, and our team has been told.",
            ),
            Self::DeliveryRefused | Self::NoCapacity | Self::SetupFailed => Some(
                "Setting up your service did not go through by itself. Our team will finish it by hand or refund you; you \
                 do not need to do anything.",
            ),
            Self::RefundFailed => {
                Some("Sending your money back did not go through by itself. Our team has been told and will see to it.")
            }
            Self::ServiceMissing => Some("Your service cannot be found where it should run. Our team has been told."),
            Self::MailFailed => Some(
                "A mail to you could not be delivered. Please check your address, or write to us if you miss something.",
            ),
            Self::JobDead
            | Self::EventUnreadable
            | Self::EventForeign
            | Self::PaymentUnmatched
            | Self::ServiceOrphan
            | Self::ServiceDrift
            | Self::LedgerPaidHere
            | Self::LedgerRefund
            | Self::ServiceOperation
            | Self::RefundedRunning
            | Self::Disputed => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_from_its_word() {
        for kind in CaseKind::ALL {
            assert_eq!(CaseKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(CaseKind::parse("nonsense"), None);
    }
}
