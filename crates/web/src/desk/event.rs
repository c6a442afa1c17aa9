//! `GET /desk/events/{event}`: what processing an event of the gateway again would change, before it is done.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Path};
use flows::Preview;
use kernel::{Id, entity};
use serde::Serialize;

use super::Desk;
use crate::{
    answer::{Keep, PageError},
    head::Head,
    pages::State,
    say::{Fill, say},
    visitor::{query, value},
};

#[derive(Debug, Serialize)]
struct EventView {
    id: String,
    kind: String,
    at: Fill,
    says: String,
    changes: Vec<String>,
    why_not: Option<String>,
    /// Where it is processed again.
    replay_url: String,
    order_url: Option<String>,
    /// The gateway did not answer, so nothing is known.
    unknown: Option<String>,
}

pub(crate) async fn show<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = page(&state, &request, &path).await;
    state.answer(&request, result)
}

async fn page<W: Desk>(state: &State<W>, request: &HttpRequest, event: &str) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let order: Option<Id<entity::Order>> = value(&query(request), "order").parse().ok();
    let unknown = |why: String| Preview {
        event: event.to_owned(),
        kind: String::new(),
        created: state.world.env().now(),
        says: String::new(),
        changes: Vec::new(),
        why_not: Some(why),
    };
    let (preview, failed) = match flows::preview_event(&*state.world, event).await {
        Ok(Some(preview)) => (preview, None),
        Ok(None) => return Err(PageError::NotFound),
        Err(failure) => (unknown(String::new()), Some(failure.source.to_string())),
    };
    let from = order.map(|order| format!("?order={order}")).unwrap_or_default();
    let view = EventView {
        replay_url: format!("/desk/events/{}/replay{from}", crate::answer::encoded(&preview.event)),
        order_url: order.map(|order| format!("/desk/orders/{order}")),
        id: preview.event,
        kind: preview.kind,
        at: preview.created.into(),
        says: preview.says,
        changes: preview.changes,
        why_not: preview.why_not.filter(|why| !why.is_empty()),
        unknown: failed,
    };
    state.page("desk/event", &Head::desk(say("desk-event"), &visitor), &view, (StatusCode::OK, Keep::Never))
}
