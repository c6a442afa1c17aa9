//! The gateway as the flows see it.

use std::sync::Arc;

use checkout::{DecodeError, GatewayError, IncomingEvent, PaymentGateway, SessionRequest, Window};
use kernel::{Page, Timestamp};
use orders::{ChargeFact, GatewayEvent, Refund, RefundFact, SessionFact, SubscriptionFact};

use super::number;
use crate::{
    core::{Core, Micros, Site, State, instant},
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

/// How long a page of a list is: short, so that there are several.
const PAGE: usize = 3;

/// A page of a list, the newest first. `all` are the times of what there is, by number.
fn page<T>(
    made: Window,
    after: Option<&str>,
    all: impl DoubleEndedIterator<Item = (usize, Micros)>,
    show: impl Fn(usize) -> Option<T>,
) -> Page<T> {
    let bound = after.and_then(number).unwrap_or(usize::MAX);
    let within = |at: Micros| instant(at) >= made.from && made.until.is_none_or(|until| instant(at) <= until);
    let mut open = all.rev().filter(|(number, at)| *number < bound && within(*at)).map(|(number, _)| number);
    let (mut items, mut last) = (Vec::new(), None);
    for number in open.by_ref().take(PAGE) {
        items.extend(show(number));
        last = Some(number);
    }
    let more = open.next().is_some();
    Page { items, next: last.filter(|_| more).map(|number| number.to_string()) }
}

impl State {
    /// An event as it is delivered.
    fn incoming(&self, number: usize, received_at: Timestamp) -> Option<IncomingEvent> {
        let event = self.ledger.events.get(number)?;
        let id = format!("evt_{number}");
        Some(IncomingEvent {
            kind: event.kind.to_owned(),
            api_version: None,
            created: Some(event.created),
            livemode: Some(event.livemode),
            object: None,
            raw: id.clone().into_bytes(),
            received_at,
            id,
        })
    }
}

impl PaymentGateway for Gateway {
    async fn events(&self, made: Window, after: Option<&str>) -> Result<Page<IncomingEvent>, GatewayError> {
        self.read(|state| {
            let events = state.ledger.events.iter().enumerate();
            let listed = events.filter(|(_, event)| event.listed).map(|(number, event)| (number, event.made_at));
            let listed: Vec<_> = listed.collect();
            Some(page(made, after, listed.into_iter(), |number| state.incoming(number, instant(state.now))))
        })
        .await
    }

    async fn sessions(&self, made: Window, after: Option<&str>) -> Result<Page<SessionFact>, GatewayError> {
        self.read(|state| {
            let all = state.ledger.sessions.iter().enumerate().map(|(number, session)| (number, session.made_at));
            Some(page(made, after, all, |number| state.ledger.fact(number)))
        })
        .await
    }

    async fn charges(&self, made: Window, after: Option<&str>) -> Result<Page<ChargeFact>, GatewayError> {
        self.read(|state| {
            let paid = state.ledger.sessions.iter().enumerate();
            let paid =
                paid.filter_map(|(number, session)| session.collected.and(session.paid_at).map(|at| (number, at)));
            let paid: Vec<_> = paid.collect();
            Some(page(made, after, paid.into_iter(), |number| state.ledger.charge(number)))
        })
        .await
    }

    async fn create_session(&self, request: &SessionRequest) -> Result<SessionFact, GatewayError> {
        self.0.before(Site::Gateway).await;
        let answer = {
            let state = &mut *self.0.lock();
            away(state)?;
            state.check_session_intent(request);
            let made = state.make_session(request);
            let answer = made.and_then(|made| state.ledger.fact(made).ok_or(GatewayError::NotFound));
            if state.loses(Fault::GatewayLost) { Err(lost()) } else { answer }
        };
        self.0.after(Site::Gateway).await;
        answer
    }

    async fn session(&self, id: &str) -> Result<SessionFact, GatewayError> {
        self.read(|state| state.ledger.fact(number(id)?)).await
    }

    async fn subscription(&self, id: &str) -> Result<SubscriptionFact, GatewayError> {
        self.read(|state| state.ledger.subscription(id)).await
    }

    async fn invoice_of_intent(&self, intent: &str) -> Result<Option<String>, GatewayError> {
        self.read(|state| {
            let number = number(intent)?;
            let recurs = state.ledger.sessions.get(number)?.recurs;
            Some(recurs.then(|| format!("in_{number}")))
        })
        .await
    }

    async fn intent_of_invoice(&self, invoice: &str) -> Result<Option<String>, GatewayError> {
        self.read(|_| Some(number(invoice).map(|number| format!("pi_{number}")))).await
    }

    async fn charge_of(&self, intent: &str) -> Result<Option<ChargeFact>, GatewayError> {
        self.read(|state| Some(number(intent).and_then(|number| state.ledger.charge(number)))).await
    }

    async fn refund(&self, intent: &str, refund: &Refund) -> Result<RefundFact, GatewayError> {
        self.0.before(Site::Gateway).await;
        let answer = {
            let state = &mut *self.0.lock();
            away(state)?;
            state.check_refund_intent(refund);
            let answer = state.send_back(intent, refund);
            if state.loses(Fault::GatewayLost) { Err(lost()) } else { answer }
        };
        self.0.after(Site::Gateway).await;
        answer
    }

    async fn find_refund(&self, _: &str, refund: &Refund) -> Result<Option<RefundFact>, GatewayError> {
        let found = |state: &State| Some(state.ledger.sent_back.get(&refund.id).and_then(|sent| sent.last()).cloned());
        self.read(found).await
    }

    async fn end_subscription(&self, id: &str) -> Result<(), GatewayError> {
        self.read(|_| number(id).map(|_| ())).await
    }

    async fn close_session(&self, id: &str) -> Result<SessionFact, GatewayError> {
        self.0.before(Site::Gateway).await;
        let answer = {
            let state = &mut *self.0.lock();
            away(state)?;
            let place = number(id).ok_or(GatewayError::NotFound)?;
            state.close_page(place);
            let fact = state.ledger.fact(place).ok_or(GatewayError::NotFound);
            if state.loses(Fault::GatewayLost) { Err(lost()) } else { fact }
        };
        self.0.after(Site::Gateway).await;
        answer
    }

    async fn portal(&self, customer: &str, _: &str) -> Result<String, GatewayError> {
        self.read(|_| Some(format!("https://pay.example/portal/{customer}"))).await
    }

    fn envelope(&self, raw: &[u8], received_at: Timestamp) -> IncomingEvent {
        let id = String::from_utf8_lossy(raw).into_owned();
        let state = self.0.lock();
        let event = number(&id).and_then(|number| state.ledger.events.get(number));
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
        let event = number(&id).and_then(|number| state.ledger.events.get(number));
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
