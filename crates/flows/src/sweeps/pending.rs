//! Orders that are pending for longer than a webhook takes: the gateway is asked.

use checkout::{GatewayError, PaymentGateway, session_request};
use chrono::Duration;
use kernel::{JobContext, JobFailure, Recorded, RetryClass, StoreError, Transact, planted};
use orders::{Order, OrderError, OrderState, OrderStore, SessionFact};
use outbound::{CallState, OutboundCall, OutboundStore};

use super::{BATCH, SweepPendingOrders, Tally, finish};
use crate::{
    Shop,
    checkout::{find_session, locked},
    settle,
};

/// While an order is this young it is asked about every minute.
const YOUNG: Duration = Duration::minutes(30);
/// Then after a tenth of its age, at most this.
const RAREST: Duration = Duration::hours(1);
/// A payment page lives for a day at most; an order without one is given up an hour later.
const HOPELESS: Duration = Duration::hours(25);

/// Handles [`SweepPendingOrders`].
///
/// # Errors
/// A classified failure; it comes again.
pub async fn sweep_pending_orders<W: Shop>(
    world: &W,
    _: SweepPendingOrders,
    context: JobContext,
) -> Result<Recorded, JobFailure> {
    if planted("no-sweep-of-pending") {
        return settle::end(world, context).await;
    }
    let mut tally = Tally::default();
    let now = super::now(world).await?;
    let due = world.db().transaction(async |tx| Ok::<_, StoreError>(tx.orders_to_check(now, BATCH).await?)).await?;
    for order in due {
        tally.seen += 1;
        match check(world, &order).await {
            Ok(true) => tally.find::<SweepPendingOrders>("a payment that no webhook told of", &order.id.to_string()),
            Ok(false) => {}
            // The gateway is away, for the others too.
            Err(failure) if failure.code == GATEWAY_AWAY => return Err(failure),
            Err(failure) => {
                tracing::warn!(order.id = %order.id, code = failure.code, error = %failure.source, "not checked");
            }
        }
        let next = next_check(now, &order);
        world.db().transaction(async |tx| Ok::<_, StoreError>(tx.check_order_at(order.id, next).await?)).await?;
    }
    finish::<SweepPendingOrders, _>(world, context, tally).await
}

const GATEWAY_AWAY: &str = "payment-unavailable";

fn next_check(now: kernel::Timestamp, order: &Order) -> kernel::Timestamp {
    let age = now - order.created_at;
    let pause = if age < YOUNG { Duration::minutes(1) } else { (age / 10).min(RAREST) };
    now + pause
}

/// Asks about one order. Whether it is not pending any more because money had arrived.
async fn check<W: Shop>(world: &W, order: &Order) -> Result<bool, JobFailure> {
    let (known, call) = what_we_know(world, order).await?;
    let session = match (known, call) {
        (Some(session), _) => found(world.gateway().session(&session).await)?,
        (None, Some(call)) if call.state != CallState::NotDone || call.calls > 1 => {
            found(find_session(world, order.id, &call).await.and_then(|session| session.ok_or(GatewayError::NotFound)))?
        }
        (None, _) => None,
    };
    match session {
        Some(mut session) => {
            session.order = session.order.or(Some(order.id));
            settle::settle_read(world, &session).await?;
            Ok(session.is_paid())
        }
        None => give_up_if_hopeless(world, order).await.map(|()| false),
    }
}

fn found(answer: Result<SessionFact, GatewayError>) -> Result<Option<SessionFact>, JobFailure> {
    match answer {
        Ok(session) => Ok(Some(session)),
        Err(GatewayError::NotFound) => Ok(None),
        Err(
            error @ (GatewayError::Unavailable { .. } | GatewayError::Unknown { .. } | GatewayError::Failed { .. }),
        ) => Err(JobFailure::new(RetryClass::Retry, GATEWAY_AWAY, error)),
        Err(error @ GatewayError::Refused { .. }) => Err(error.into()),
    }
}

async fn what_we_know<W: Shop>(world: &W, order: &Order) -> Result<(Option<String>, Option<OutboundCall>), JobFailure> {
    let work = async |tx: &mut W::Tx| {
        if let Some(link) = tx.session_of(order.id).await? {
            return Ok((Some(link.session), None));
        }
        let (order, payment) = locked(tx, order.id).await?;
        let key = session_request(&order, &payment, world.links()).session_key();
        Ok::<_, OrderError>((None, tx.lock_call(&key).await?))
    };
    Ok(world.db().transaction(work).await?)
}

/// No payment page was ever opened, and none could be open any more.
async fn give_up_if_hopeless<W: Shop>(world: &W, order: &Order) -> Result<(), JobFailure> {
    let env = &mut world.env();
    if env.now() - order.created_at < HOPELESS {
        return Ok(());
    }
    let work = async |tx: &mut W::Tx| {
        let (mut order, mut payment) = locked(tx, order.id).await?;
        if order.state != OrderState::Pending {
            return Ok(());
        }
        orders::record_expiry(tx, env, &mut order, &mut payment).await
    };
    Ok(world.db().transaction(work).await?)
}
