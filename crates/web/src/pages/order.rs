//! `GET /orders/{order}`: the page that tells the truth about an order, and the second door for lost webhooks.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, rt, web::Path};
use chrono::Duration;
use orders::{OrderLink, OrderState};

use super::State;
use crate::{
    answer::{Keep, PageError},
    assets::digest,
    head::Head,
    languages,
    reads::{self, OrderFacts},
    say::say,
    site::Site,
    views::order::{Came, Viewer, Visit, is_final, live, order, refresh_seconds},
    visitor::{Parameters, Visitor, query},
};

/// A webhook is usually quicker than this; before it, the gateway is not asked.
const PATIENCE: Duration = Duration::seconds(10);

pub(crate) async fn show<W: Site>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = page(&state, &request, &path).await;
    state.answer(&request, result)
}

async fn page<W: Site>(state: &State<W>, request: &HttpRequest, path: &str) -> Result<HttpResponse, PageError> {
    let link = order_link(state, path)?;
    let visitor = state.visitor(request).await?;
    let shown = shown(state, link, visitor.clone(), request).await?;
    let Shown { facts, visit, live, version, .. } = shown;
    let refresh = refresh_seconds(&facts.order.state);
    let events_url = events_url(path, &query(request), &version);
    let view = order(&facts, visit, (live, version), events_url);
    let title = say("order-title").with("plan", view.plan_name.as_str());
    let head = Head { refresh, ..Head::new(title, &visitor) };
    state.page("order", &head, &view, (StatusCode::OK, Keep::Never))
}

/// The order that an address names, and whether the address came from us.
pub(crate) fn order_link<W: Site>(state: &State<W>, text: &str) -> Result<OrderLink, PageError> {
    state.world.links().read_order(text).ok_or(PageError::NotFound)
}

/// Who looks.
pub(crate) async fn visit<W: Site>(state: &State<W>, request: &HttpRequest) -> Result<Visitor, PageError> {
    state.look_up(request).await
}

/// An order as one visitor sees it now.
pub(crate) struct Shown {
    pub(crate) facts: OrderFacts,
    pub(crate) visit: Visit,
    pub(crate) live: String,
    /// Digest of `live`.
    pub(crate) version: String,
    pub(crate) last: bool,
}

/// Reads and renders the live part; knocks at the second door where the webhook is late.
pub(crate) async fn shown<W: Site>(
    state: &State<W>,
    link: OrderLink,
    visitor: Visitor,
    request: &HttpRequest,
) -> Result<Shown, PageError> {
    let facts = reads::order_facts(&*state.world, link.order).await?.ok_or(PageError::NotFound)?;
    if visitor.is_stranger_to(facts.order.buyer.customer) {
        return Err(PageError::NotFound);
    }
    let (parameters, language) = (&query(request), languages::of_request(request));
    knock(state, &facts, parameters);
    let visit = Visit { viewer: viewer(&visitor, &facts, link), came: came(parameters) };
    let usual = usual(state, &facts).await;
    let path = state.world.links().order_path(link.order);
    let live = state.renderer.part(("order_live", language), &live(&facts, visit, (&path, usual)))?;
    let version = digest(live.as_bytes(), 8);
    let last = is_final(&facts.order.state);
    Ok(Shown { facts, visit, live, version, last })
}

fn viewer(visitor: &Visitor, facts: &OrderFacts, link: OrderLink) -> Viewer {
    match (visitor.customer(), &visitor.0) {
        (Some(customer), _) if facts.order.buyer.customer == Some(customer) => Viewer::Owner,
        (_, Some(_)) if link.signed || visitor.is_staff() => Viewer::Other,
        (_, None) if link.signed => Viewer::LinkHolder,
        (_, Some(_) | None) => Viewer::Anybody,
    }
}

/// How long setting it up usually takes, while somebody waits for that. That it is not known is no reason to show nothing.
async fn usual<W: Site>(state: &State<W>, facts: &OrderFacts) -> Option<Duration> {
    let waits = matches!(facts.order.state, OrderState::Pending | OrderState::Paid | OrderState::Provisioning);
    if !waits {
        return None;
    }
    state.usual.read(&*state.world, facts.order.line.kind).await
}

/// The gateway brings customers back with a session's id, or by its way out with our own mark.
fn came(parameters: &Parameters) -> Came {
    if parameters.contains_key("session_id") {
        Came::Returned
    } else if parameters.contains_key("cancelled") {
        Came::Cancelled
    } else {
        Came::Plainly
    }
}

/// The second door: somebody came back from the payment page, the order is still pending, and no webhook told us. Then
/// the gateway is asked, detached, and this page shows what came of it when it looks again.
fn knock<W: Site>(state: &State<W>, facts: &OrderFacts, parameters: &Parameters) {
    let now = state.world.env().now();
    let order = &facts.order;
    // Once the gateway told that a delayed payment is on its way, it tells the rest as well.
    let told = facts.timeline.iter().any(|entry| entry.event == "payment_processing");
    let late = now.signed_duration_since(order.created_at) >= PATIENCE;
    let waits = order.state == OrderState::Pending && late && !told;
    let named = parameters.get("session_id").filter(|_| waits);
    // Our own link is better than what the address says; where a crash lost it, the session's metadata names the order.
    let linked = facts.session.as_ref().map(|link| link.session.clone());
    let Some(session) = named.map(|named| linked.unwrap_or_else(|| named.clone())) else { return };
    let plausible = session.len() <= 255 && session.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !plausible || !state.second_door.may_ask(order.id, now) {
        return;
    }
    let (world, order) = (Arc::clone(&state.world), order.id);
    rt::spawn(async move {
        match flows::sync_session(&*world, &session).await {
            Ok(()) => tracing::info!(order.id = %order, session.id = session, "the order's page asked the gateway"),
            Err(failure) => tracing::warn!(
                order.id = %order, session.id = session, error = %failure.source, "the gateway could not be asked"
            ),
        }
    });
}

fn events_url(order: &str, parameters: &Parameters, version: &str) -> String {
    let kept = ["session_id", "cancelled"].iter().filter_map(|name| {
        let value = parameters.get(*name)?;
        Some(format!("&{name}={}", crate::answer::encoded(value)))
    });
    format!("/orders/{order}/events?seen={version}{}", kept.collect::<String>())
}
