//! Calling off an order that is not paid.

use audit::{Act, Actor, AuditStore as _, Entry, Facts, Subject};
use checkout::{GatewayError, PaymentGateway};
use kernel::{Failure, FailureKind, Id, StoreError, Transact, entity};
use orders::{OrderError, OrderSession, OrderState, OrderStore, SessionState, SessionStatus};

use crate::Shop;

/// Why an order is not called off.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// The order, or its state: only what is not paid can be called off.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// The customer went through the payment page meanwhile.
    #[error("the customer has just gone through the payment page; refund the order once it is paid")]
    PaidMeanwhile,
    /// Whether the payment page is closed is not known; nothing was changed.
    #[error("the payment page could not be closed: {0}")]
    Gateway(#[from] GatewayError),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for CancelError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Order(error) => error.kind(),
            Self::PaidMeanwhile => FailureKind::Conflict,
            Self::Gateway(GatewayError::NotFound) => FailureKind::Upstream,
            Self::Gateway(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Order(error) => error.code(),
            Self::PaidMeanwhile => "paid-meanwhile",
            Self::Gateway(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

/// Closes an unpaid order's payment page, then cancels the order. A payment that arrives all the same revives the order.
///
/// # Errors
/// [`CancelError`]; the order stays as it is.
pub async fn cancel_order<W: Shop>(
    world: &W,
    id: Id<entity::Order>,
    (who, reason): (orders::Actor, &str),
    by: &Actor,
) -> Result<(), CancelError> {
    let session = world.db().transaction(async |tx| open_page(tx, id, reason).await).await?;
    if let Some(link) = &session {
        match world.gateway().close_session(&link.session).await {
            Ok(fact) if fact.is_paid() || fact.status == SessionStatus::Complete => {
                return Err(CancelError::PaidMeanwhile);
            }
            Ok(_) | Err(GatewayError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        orders::cancel(tx, env, id, (who, reason)).await?;
        if let Some(link) = &session {
            tx.save_session(&OrderSession { state: SessionState::Expired, ..link.clone() }).await?;
        }
        let entry = Entry::new(env, by.clone(), Act::OrderCancelled, Subject::new("order", id));
        tx.append(&entry.after(Facts::none().text("reason", reason))).await?;
        Ok::<_, CancelError>(())
    };
    world.db().transaction(work).await
}

/// The payment page that is open, for an order that may be called off.
async fn open_page<S: crate::Stores>(
    tx: &mut S,
    id: Id<entity::Order>,
    reason: &str,
) -> Result<Option<OrderSession>, CancelError> {
    let order = tx.order(id).await?.ok_or(OrderError::NotFound(id))?;
    // Only to be refused in words before anybody is asked.
    let OrderState::Cancelled { .. } = order.state.cancel(reason.to_owned()).map_err(OrderError::from)? else {
        return Ok(None);
    };
    Ok(tx.session_of(id).await?.filter(|link| link.state == SessionState::Created))
}
