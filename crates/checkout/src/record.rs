//! What the gateway's answer means for the order.

use kernel::{Env, StoreError, planted};
use orders::{
    Actor, Order, OrderError, OrderSession, OrderStore, Payment, PaymentState, SessionFact, SessionState, TimelineEntry,
};

use crate::GatewayError;

async fn note<S: OrderStore>(
    store: &mut S,
    env: &Env,
    order: &Order,
    event: &str,
    detail: String,
) -> Result<(), StoreError> {
    let entry = TimelineEntry { at: env.now(), actor: Actor::Gateway, event: event.to_owned(), detail };
    store.append_timeline(order.id, &entry).await
}

/// Links the session that the gateway made. `payment` is what it was when the gateway was asked; it is read again under the
/// order's lock, since the customer may have paid meanwhile through the page that another click was given.
pub async fn record_session<S: OrderStore>(
    store: &mut S,
    env: &mut Env,
    order: &Order,
    payment: &mut Payment,
    session: &SessionFact,
) -> Result<(), StoreError> {
    store.lock_order(order.id).await?;
    let current = store.latest_payment(order.id).await?.filter(|current| current.id == payment.id);
    if let Some(current) = current.filter(|_| !planted("stale-payment-is-saved")) {
        *payment = current;
    }
    let known = store.session_link(&session.id).await?;
    let link = OrderSession {
        session: session.id.clone(),
        order: order.id,
        payment: payment.id,
        // A webhook may have been quicker than we are.
        state: known.as_ref().map_or(SessionState::Created, |link| link.state),
        url: session.url.clone(),
        created_at: env.now(),
    };
    store.save_session(&link).await?;
    payment.session.get_or_insert_with(|| session.id.clone());
    payment.advance(PaymentState::Processing);
    store.save_payment(payment).await?;
    if known.is_none() {
        note(store, env, order, "payment_page_opened", format!("session {}", session.id)).await?;
    }
    Ok(())
}

/// Records on a locked order that there is no session, and why. A refusal closes the order; everything else leaves it
/// pending, since the same request may be sent again.
pub async fn record_gateway_error<S: OrderStore>(
    store: &mut S,
    env: &mut Env,
    order: &mut Order,
    payment: &mut Payment,
    error: &GatewayError,
) -> Result<(), OrderError> {
    let (state, event, detail) = match error {
        GatewayError::Refused { code, message, request_id } => {
            order.state = order.state.clone().cancel(format!("the payment gateway refused it: {code}"))?;
            store.save_order(order).await?;
            let request = request_id.as_deref().unwrap_or("none");
            (PaymentState::Failed, "payment_page_refused", format!("{code}: {message} (request {request})"))
        }
        GatewayError::Failed { detail } => (PaymentState::Failed, "payment_page_failed", detail.clone()),
        GatewayError::Unknown { detail } => (PaymentState::Unknown, "payment_page_unknown", detail.clone()),
        GatewayError::Unavailable { detail } => (payment.state, "payment_page_unavailable", detail.clone()),
        GatewayError::NotFound => (PaymentState::Failed, "payment_page_failed", "not found".to_owned()),
    };
    payment.advance(state);
    store.save_payment(payment).await?;
    note(store, env, order, event, detail).await?;
    Ok(())
}

/// The attempt to use for another try: the same one while its outcome is open (the gateway then answers the same again),
/// a new one after a failure that the gateway would replay.
pub async fn next_attempt<S: OrderStore>(
    store: &mut S,
    env: &mut Env,
    payment: Payment,
) -> Result<Payment, StoreError> {
    if payment.state != PaymentState::Failed && !planted("key-per-attempt") {
        return Ok(payment);
    }
    let next = Payment {
        id: env.id(),
        attempt: payment.attempt + 1,
        state: PaymentState::Created,
        session: None,
        created_at: env.now(),
        ..payment
    };
    if !planted("attempt-not-recorded") {
        store.insert_payment(&next).await?;
    }
    Ok(next)
}
