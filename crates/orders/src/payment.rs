//! One attempt to collect an order's amount. Monotonic: a late failure never overwrites a success.

use kernel::{Id, Money, Timestamp, entity, planted};

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentState {
    /// Written before the gateway is asked.
    Created,
    /// The gateway has it; money may come.
    Processing,
    /// A call's outcome is not known.
    Unknown,
    /// The money is here.
    Succeeded,
    /// It did not come.
    Failed,
    /// The page closed unpaid.
    Cancelled,
    /// Part of it went back.
    PartiallyRefunded,
    /// All of it went back.
    Refunded,
}

/// A step that the present state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a payment that is {from} cannot become {to}")]
pub struct WrongPaymentState {
    from: &'static str,
    to: &'static str,
}

impl PaymentState {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Created,
        Self::Processing,
        Self::Unknown,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::PartiallyRefunded,
        Self::Refunded,
    ];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Processing => "processing",
            Self::Unknown => "unknown",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
        }
    }

    /// Reads the stable word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Moves to `to` where that is allowed; staying is always allowed.
    ///
    /// # Errors
    /// [`WrongPaymentState`] for a step backwards, such as from succeeded to failed.
    pub fn to(self, to: Self) -> Result<Self, WrongPaymentState> {
        let allowed = self == to
            || match self {
                Self::Created | Self::Unknown | Self::Processing | Self::Failed | Self::Cancelled => {
                    !matches!(to, Self::Created | Self::PartiallyRefunded | Self::Refunded)
                }
                Self::Succeeded => matches!(to, Self::PartiallyRefunded | Self::Refunded),
                Self::PartiallyRefunded => matches!(to, Self::Refunded),
                Self::Refunded => false,
            };
        if allowed { Ok(to) } else { Err(WrongPaymentState { from: self.as_str(), to: to.as_str() }) }
    }
}

/// An attempt to collect an order's amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: Id<entity::Payment>,
    /// The order.
    pub order: Id<entity::Order>,
    /// 1 for the first; part of the idempotency key.
    pub attempt: i32,
    /// Where it stands.
    pub state: PaymentState,
    /// What shall be collected now; once something else arrived, that.
    pub amount: Money,
    /// The gateway's checkout session.
    pub session: Option<String>,
    /// The gateway's payment intent, where it has one.
    pub intent: Option<String>,
    /// The gateway's invoice, where it has one.
    pub invoice: Option<String>,
    /// What has gone back so far.
    pub refunded: Money,
    /// When it was written.
    pub created_at: Timestamp,
}

impl Payment {
    /// Moves the state forward where that is allowed; a step backwards changes nothing.
    pub fn advance(&mut self, to: PaymentState) {
        if let Ok(state) = self.state.to(to) {
            self.state = state;
        } else if planted("payment-goes-back") {
            self.state = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn every_pair_of_payment_states() {
        let mut table = String::new();
        for from in PaymentState::ALL {
            let reachable: Vec<&str> = PaymentState::ALL
                .into_iter()
                .filter(|to| from != *to && from.to(*to).is_ok())
                .map(PaymentState::as_str)
                .collect();
            writeln!(table, "{:<18} → {}", from.as_str(), reachable.join(", ")).expect("writing to a string");
        }
        insta::assert_snapshot!(table);
    }
}
