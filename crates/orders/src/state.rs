//! The order's state machine. `disputed` is an overlay on the order, not a state.

use kernel::{Failure, FailureKind, planted};

/// Where an order stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderState {
    /// Written; nothing is paid.
    Pending,
    /// Money arrived, or nothing was to be paid.
    Paid,
    /// A provider is at work.
    Provisioning,
    /// The service runs.
    Provisioned,
    /// The payment page was left unpaid until it closed.
    Expired,
    /// The gateway refused the order or its payment failed.
    Cancelled {
        /// Why.
        reason: String,
    },
    /// A person must act.
    NeedsAttention {
        /// What it was before.
        from: Resume,
        /// What is wrong, for an operator.
        reason: String,
        /// What to do.
        next_step: String,
    },
    /// The money is on its way back.
    RefundPending,
    /// The money is back.
    Refunded,
}

/// From where an order came to need attention, and to where it returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// Before it counted as paid: the money does not fit.
    Pending,
    /// After payment.
    Paid,
    /// While being delivered.
    Provisioning,
}

impl Resume {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Provisioning => "provisioning",
        }
    }

    /// Reads the stable word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Paid, Self::Provisioning].into_iter().find(|resume| resume.as_str() == text)
    }
}

/// A step that the present state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an order that is {from} cannot {step}")]
pub struct WrongState {
    /// The state.
    pub from: &'static str,
    /// The step.
    pub step: &'static str,
}

impl Failure for WrongState {
    fn kind(&self) -> FailureKind {
        FailureKind::Conflict
    }
    fn code(&self) -> &'static str {
        "wrong-order-state"
    }
}

impl OrderState {
    /// The stable word, as stored and sent.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Provisioning => "provisioning",
            Self::Provisioned => "provisioned",
            Self::Expired => "expired",
            Self::Cancelled { .. } => "cancelled",
            Self::NeedsAttention { .. } => "needs_attention",
            Self::RefundPending => "refund_pending",
            Self::Refunded => "refunded",
        }
    }

    const fn refuse(&self, step: &'static str) -> WrongState {
        WrongState { from: self.as_str(), step }
    }

    /// Money arrived. Also after the order expired or was cancelled: a late payment revives it, it is never ignored.
    pub fn pay(self) -> Result<Self, WrongState> {
        match self {
            Self::Pending
            | Self::Expired
            | Self::Cancelled { .. }
            | Self::NeedsAttention { from: Resume::Pending, .. } => Ok(Self::Paid),
            Self::Provisioning | Self::Provisioned if planted("paid-again") => Ok(Self::Paid),
            Self::Paid
            | Self::Provisioning
            | Self::Provisioned
            | Self::NeedsAttention { .. }
            | Self::RefundPending
            | Self::Refunded => Err(self.refuse("be paid")),
        }
    }

    /// A provider starts to work; repeating it changes nothing.
    pub fn begin_delivery(self) -> Result<Self, WrongState> {
        match self {
            Self::Paid
            | Self::Provisioning
            | Self::NeedsAttention { from: Resume::Paid | Resume::Provisioning, .. } => Ok(Self::Provisioning),
            Self::Pending
            | Self::Provisioned
            | Self::Expired
            | Self::Cancelled { .. }
            | Self::NeedsAttention { .. }
            | Self::RefundPending
            | Self::Refunded => Err(self.refuse("begin delivery")),
        }
    }

    /// The service runs.
    pub fn deliver(self) -> Result<Self, WrongState> {
        match self {
            Self::Provisioning | Self::NeedsAttention { from: Resume::Paid | Resume::Provisioning, .. } => {
                Ok(Self::Provisioned)
            }
            Self::Pending
            | Self::Paid
            | Self::Provisioned
            | Self::Expired
            | Self::Cancelled { .. }
            | Self::NeedsAttention { .. }
            | Self::RefundPending
            | Self::Refunded => Err(self.refuse("be delivered")),
        }
    }

    /// The payment page closed unpaid.
    pub fn expire(self) -> Result<Self, WrongState> {
        match self {
            Self::Pending => Ok(Self::Expired),
            Self::Paid
            | Self::Provisioning
            | Self::Provisioned
            | Self::Expired
            | Self::Cancelled { .. }
            | Self::NeedsAttention { .. }
            | Self::RefundPending
            | Self::Refunded => Err(self.refuse("expire")),
        }
    }

    /// It will not be paid.
    pub fn cancel(self, reason: String) -> Result<Self, WrongState> {
        match self {
            Self::Pending => Ok(Self::Cancelled { reason }),
            Self::Paid
            | Self::Provisioning
            | Self::Provisioned
            | Self::Expired
            | Self::Cancelled { .. }
            | Self::NeedsAttention { .. }
            | Self::RefundPending
            | Self::Refunded => Err(self.refuse("be cancelled")),
        }
    }

    /// A person must act. An order that waits for a person already keeps what it was before and takes the newer reason.
    pub fn raise(self, reason: String, next_step: String) -> Result<Self, WrongState> {
        let from = match &self {
            Self::Pending | Self::Expired | Self::Cancelled { .. } => Resume::Pending,
            Self::Paid => Resume::Paid,
            Self::Provisioning => Resume::Provisioning,
            Self::NeedsAttention { from, .. } => *from,
            Self::Provisioned | Self::RefundPending | Self::Refunded => return Err(self.refuse("need attention")),
        };
        Ok(Self::NeedsAttention { from, reason, next_step })
    }

    /// The money shall go back.
    pub fn begin_refund(self) -> Result<Self, WrongState> {
        match self {
            Self::Paid | Self::Provisioning | Self::Provisioned | Self::NeedsAttention { .. } => {
                Ok(Self::RefundPending)
            }
            Self::Pending | Self::Expired | Self::Cancelled { .. } | Self::RefundPending | Self::Refunded => {
                Err(self.refuse("be refunded"))
            }
        }
    }

    /// The money is back.
    pub fn refund(self) -> Result<Self, WrongState> {
        match self {
            Self::RefundPending => Ok(Self::Refunded),
            Self::Pending
            | Self::Paid
            | Self::Provisioning
            | Self::Provisioned
            | Self::Expired
            | Self::Cancelled { .. }
            | Self::NeedsAttention { .. }
            | Self::Refunded => Err(self.refuse("become refunded")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    fn all() -> Vec<OrderState> {
        let attention = |from| OrderState::NeedsAttention { from, reason: "r".to_owned(), next_step: "n".to_owned() };
        vec![
            OrderState::Pending,
            OrderState::Paid,
            OrderState::Provisioning,
            OrderState::Provisioned,
            OrderState::Expired,
            OrderState::Cancelled { reason: "r".to_owned() },
            attention(Resume::Pending),
            attention(Resume::Paid),
            attention(Resume::Provisioning),
            OrderState::RefundPending,
            OrderState::Refunded,
        ]
    }

    type Step = (&'static str, fn(OrderState) -> Result<OrderState, WrongState>);

    #[test]
    fn every_state_and_event() {
        let steps: [Step; 8] = [
            ("pay", OrderState::pay),
            ("begin_delivery", OrderState::begin_delivery),
            ("deliver", OrderState::deliver),
            ("expire", OrderState::expire),
            ("cancel", |s| s.cancel("r".to_owned())),
            ("raise", |s| s.raise("r".to_owned(), "n".to_owned())),
            ("begin_refund", OrderState::begin_refund),
            ("refund", OrderState::refund),
        ];
        let mut table = String::new();
        for state in all() {
            let name = if let OrderState::NeedsAttention { from, .. } = &state {
                format!("needs_attention({})", from.as_str())
            } else {
                state.as_str().to_owned()
            };
            for (step, apply) in &steps {
                let after = apply(state.clone()).map_or("refused", |next| next.as_str());
                writeln!(table, "{name:<29} {step:<15} {after}").expect("writing to a string");
            }
        }
        insta::assert_snapshot!(table);
    }
}
