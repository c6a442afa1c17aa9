//! A session whose making has an unknown outcome, looked for at the gateway: sessions cannot be searched by order there, so
//! those that were made around the call are read through.

use checkout::{PaymentGateway, SessionRequest, Window, next_attempt, session_request};
use chrono::Duration;
use kernel::{Id, Transact, entity};
use orders::{Order, OrderState, OrderStore, Payment, SessionFact};
use outbound::OutboundCall;

use super::{CreateSessionError, SessionStarted, about_to_ask, link, locked, record_failure};
use crate::Shop;

/// The gateway's clock may differ from ours by this much.
const CLOCK_SLACK: Duration = Duration::minutes(10);

/// A call that was made so long ago that it may not be repeated under its key.
pub(crate) struct Asked {
    pub(super) order: Order,
    pub(super) payment: Payment,
    pub(super) call: OutboundCall,
}

/// The session that a call made, if it made one.
///
/// # Errors
/// The gateway's.
pub(crate) async fn find_session<W: Shop>(
    world: &W,
    order: Id<entity::Order>,
    call: &OutboundCall,
) -> Result<Option<SessionFact>, checkout::GatewayError> {
    let made = Window { from: call.first_call_at - CLOCK_SLACK, until: Some(call.last_call_at + CLOCK_SLACK) };
    let mut after = None;
    loop {
        let page = world.gateway().sessions(made, after.as_deref()).await?;
        if let Some(found) = page.items.into_iter().find(|session| session.order == Some(order)) {
            return Ok(Some(found));
        }
        after = page.next;
        if after.is_none() {
            return Ok(None);
        }
    }
}

/// Links the session if there is one; else asks anew, under a new attempt's key.
pub(super) async fn look_up<W: Shop>(world: &W, asked: Asked) -> Result<SessionStarted, CreateSessionError> {
    let Asked { order, payment, call } = asked;
    let found = find_session(world, order.id, &call).await;
    let found = found.map_err(|source| CreateSessionError::Gateway { order: order.id, source })?;
    if let Some(session) = found {
        return link(world, &order, payment, &session).await;
    }
    let (request, payment) = new_attempt(world, order.id, &call.key).await?;
    match world.gateway().create_session(&request).await {
        Ok(session) => link(world, &order, payment, &session).await,
        Err(error) => Err(record_failure(world, &payment, error).await?),
    }
}

async fn new_attempt<W: Shop>(
    world: &W,
    id: Id<entity::Order>,
    old_key: &str,
) -> Result<(SessionRequest, Payment), CreateSessionError> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let (order, mut payment) = locked(tx, id).await?;
        if order.state != OrderState::Pending {
            return Err(checkout::CheckoutError::OrderClosed(order.state.as_str()).into());
        }
        outbound::did_not_happen(tx, old_key, "looked for a day later and not found").await?;
        payment.advance(orders::PaymentState::Failed);
        tx.save_payment(&payment).await?;
        let payment = next_attempt(tx, env, payment).await?;
        let pair = (order, payment);
        about_to_ask(tx, env, world.links(), &pair).await?;
        Ok::<_, CreateSessionError>((session_request(&pair.0, &pair.1, world.links()), pair.1))
    };
    world.db().transaction(work).await
}
