//! The gateway's page for a customer's subscriptions, invoices and ways to pay.

use checkout::{GatewayError, PaymentGateway};
use kernel::{Failure, FailureKind};

use crate::{Shop, SignedIn};

/// Why there is no such page.
#[derive(Debug, thiserror::Error)]
pub enum PortalError {
    /// The gateway does not know this customer: nothing was ever paid through it.
    #[error("nothing is charged to you through the payment provider yet")]
    NothingBilled,
    /// The gateway.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
}

impl Failure for PortalError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::NothingBilled => FailureKind::Conflict,
            Self::Gateway(GatewayError::NotFound) => FailureKind::Upstream,
            Self::Gateway(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::NothingBilled => "nothing-billed",
            Self::Gateway(error) => error.code(),
        }
    }
}

/// The address of that page, good for a few minutes. Changes that are made there come back as events.
///
/// # Errors
/// [`PortalError`].
pub async fn billing_portal<W: Shop>(world: &W, who: &SignedIn) -> Result<String, PortalError> {
    let customer = who.customer.gateway_id.as_deref().ok_or(PortalError::NothingBilled)?;
    Ok(world.gateway().portal(customer, &world.links().dashboard()).await?)
}
