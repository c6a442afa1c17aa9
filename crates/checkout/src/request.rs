//! What a client asks for, whichever shape it came in, and why it may be refused.

use catalog::QuoteError;
use kernel::{Failure, FailureKind, StoreError};
use orders::{Buyer, DeliveryRequest, OrderError};

use crate::ClientKey;

/// A checkout, in our own words.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckoutRequest {
    /// The plan's code as the client sent it.
    pub plan: String,
    /// The cycle as the client sent it.
    pub cycle: String,
    /// The coupon as the client sent it.
    pub coupon: Option<String>,
    /// Begin with the trial.
    pub trial: bool,
    /// Who.
    pub buyer: Buyer,
    /// Their choices.
    pub delivery: DeliveryRequest,
    /// The client's own key for this checkout.
    pub client_key: Option<ClientKey>,
}

/// Why a checkout did not become an order.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// No price for it.
    #[error(transparent)]
    Quote(#[from] QuoteError),
    /// The plan is not offered there.
    #[error("region: '{asked}' is not offered for this plan; expected one of {}", available.join(", "))]
    UnknownRegion {
        /// What was asked for.
        asked: String,
        /// What there is.
        available: Vec<String>,
    },
    /// There is none left.
    #[error("{plan} is sold out; nothing was ordered and nothing was charged")]
    SoldOut {
        /// What people call the plan.
        plan: String,
    },
    /// The provider has no room for it where it was to run.
    #[error("{plan} is sold out{}; nothing was ordered and nothing was charged", .region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default())]
    NoRoom {
        /// What people call the plan.
        plan: String,
        /// What people call the region, where the plan has regions.
        region: Option<String>,
    },
    /// The key was used for another request.
    #[error("Idempotency-Key: this key was used for another request; send a new one")]
    KeyReused,
    /// The order behind the key cannot be paid any more.
    #[error("the order of this Idempotency-Key is {0}; send a new key to order again")]
    OrderClosed(&'static str),
    /// An operation on the order.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for CheckoutError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Quote(error) => error.kind(),
            Self::UnknownRegion { .. } => FailureKind::Invalid,
            Self::SoldOut { .. } | Self::NoRoom { .. } | Self::KeyReused | Self::OrderClosed(_) => {
                FailureKind::Conflict
            }
            Self::Order(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Quote(error) => error.code(),
            Self::UnknownRegion { .. } => "unknown-region",
            Self::SoldOut { .. } | Self::NoRoom { .. } => "sold-out",
            Self::KeyReused => "idempotency-key-reused",
            Self::OrderClosed(_) => "order-closed",
            Self::Order(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
