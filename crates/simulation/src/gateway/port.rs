//! The gateway as the flows see it.

use std::sync::Arc;

use checkout::{DecodeError, GatewayError, IncomingEvent, PaymentGateway, SessionRequest};
use kernel::Timestamp;
use orders::{GatewayEvent, SessionFact, SubscriptionFact};

use super::number;
use crate::{
    core::{Core, Site, State},
    fault::Fault,
};

/// The payment gateway of one world.
#[derive(Debug)]
pub(crate) struct Gateway(pub(crate) Arc<Core>);

fn away(state: &mut State) -> Result<(), GatewayError> {
    if state.strikes(Fault::GatewayDown) {
        return Err(GatewayError::Unavailable { detail: "connection refused".to_owned() });
    }
    if state.strikes(Fault::GatewayTimeout) {
        return Err(lost());
    }
    Ok(())
}

fn lost() -> GatewayError {
    GatewayError::Unknown { detail: "timed out".to_owned() }
}

impl Gateway {
    /// Reads something.
    async fn read<T>(&self, look: impl FnOnce(&State) -> Option<T>) -> Result<T, GatewayError> {
        self.0.before(Site::Gateway).await;
        let found = {
            let state = &mut *self.0.lock();
            away(state)?;
            if state.loses(Fault::GatewayLost) {
                return Err(lost());
            }
            look(state).ok_or(GatewayError::NotFound)
        };
        self.0.after(Site::Gateway).await;
        found
    }
}

impl PaymentGateway for Gateway {
    async fn create_session(&self, request: &SessionRequest) -> Result<SessionFact, GatewayError> {
        self.0.before(Site::Gateway).await;
        let answer = {
            let state = &mut *self.0.lock();
            away(state)?;
            state.check_session_intent(request);
            let made = state.make_session(request);
            let answer = made.and_then(|made| state.stripe.fact(made).ok_or(GatewayError::NotFound));
            if state.loses(Fault::GatewayLost) { Err(lost()) } else { answer }
        };
        self.0.after(Site::Gateway).await;
        answer
    }

    async fn session(&self, id: &str) -> Result<SessionFact, GatewayError> {
        self.read(|state| state.stripe.fact(number(id)?)).await
    }

    async fn subscription(&self, id: &str) -> Result<SubscriptionFact, GatewayError> {
        self.read(|state| state.stripe.subscription(id)).await
    }

    async fn invoice_of_intent(&self, intent: &str) -> Result<Option<String>, GatewayError> {
        self.read(|state| {
            let number = number(intent)?;
            let recurs = state.stripe.sessions.get(number)?.recurs;
            Some(recurs.then(|| format!("in_{number}")))
        })
        .await
    }

    fn envelope(&self, raw: &[u8], received_at: Timestamp) -> IncomingEvent {
        let id = String::from_utf8_lossy(raw).into_owned();
        let state = self.0.lock();
        let event = number(&id).and_then(|number| state.stripe.events.get(number));
        IncomingEvent {
            kind: event.map_or("unreadable", |event| event.kind).to_owned(),
            api_version: None,
            created: event.map(|event| event.created),
            livemode: event.map(|event| event.livemode),
            object: None,
            raw: raw.to_vec(),
            received_at,
            id,
        }
    }

    /// A body is an event's id; what it said when it was made is kept at the gateway.
    fn decode(&self, raw: &[u8]) -> Result<GatewayEvent, DecodeError> {
        let id = String::from_utf8_lossy(raw).into_owned();
        let state = self.0.lock();
        let event = number(&id).and_then(|number| state.stripe.events.get(number));
        let event = event.ok_or_else(|| DecodeError("not an event of this world".to_owned()))?;
        Ok(GatewayEvent {
            kind: event.kind.to_owned(),
            created: event.created,
            livemode: event.livemode,
            foreign_account: false,
            fact: event.fact.clone(),
            id,
        })
    }

    fn livemode(&self) -> bool {
        false
    }
}
