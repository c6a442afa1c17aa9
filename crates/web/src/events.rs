//! An order's live part as server-sent events: sent when it changed, until nothing changes any more.

use std::{convert::Infallible, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    rt::time::sleep,
    web::{Bytes, Data, Path},
};
use futures_util::stream;
use kernel::{Id, entity};
use orders::OrderLink;

use crate::{
    answer::PageError,
    pages::order::{Shown, order_link, shown, visit},
    reads,
    site::Site,
    state::{Watcher, WebState},
    visitor::query,
};

/// Time between two looks at the record.
const PAUSE: Duration = Duration::from_secs(1);
/// Looks per stream; the browser then connects anew, so that a sign-out counts before long.
const LOOKS: u32 = 120;
/// Every so many looks without news, a line that keeps proxies from closing the connection.
const KEEP_ALIVE: u32 = 15;

struct Live<W> {
    state: Data<WebState<W>>,
    request: HttpRequest,
    order: OrderLink,
    /// What the browser shows.
    version: String,
    looks: u32,
    end: bool,
    _place: Watcher,
}

/// Whether there is such an order for who asks; a stream says so before it begins.
async fn known<W: Site>(
    state: &Data<WebState<W>>,
    request: &HttpRequest,
    order: Id<entity::Order>,
) -> Result<(), PageError> {
    let facts = reads::order_facts(&*state.world, order).await?.ok_or(PageError::NotFound)?;
    let stranger = state.visitor(request).await?.is_stranger_to(facts.order.buyer.customer);
    if stranger { Err(PageError::NotFound) } else { Ok(()) }
}

/// `GET /orders/{id}/events`.
pub(crate) async fn follow<W: Site>(
    state: Data<WebState<W>>,
    request: HttpRequest,
    path: Path<String>,
) -> HttpResponse {
    let order = match order_link(&state, &path) {
        Ok(order) => order,
        Err(error) => return state.answer(&request, Err(error)),
    };
    if let Err(error) = known(&state, &request, order.order).await {
        return state.answer(&request, Err(error));
    }
    let Some(place) = state.watch() else {
        return HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, "5")).finish();
    };
    let last = request.headers().get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let version = last.unwrap_or_else(|| query(&request).remove("seen").unwrap_or_default());
    let live = Live { state, request, order, version, looks: 0, end: false, _place: place };
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(stream::unfold(live, |live| async move {
            let (text, live) = next(live).await?;
            Some((Ok::<_, Infallible>(Bytes::from(text)), live))
        }))
}

/// The next text to send; `None` ends the stream.
async fn next<W: Site>(mut live: Live<W>) -> Option<(String, Live<W>)> {
    loop {
        if live.end || live.looks >= LOOKS || live.state.closing() {
            return None;
        }
        if live.looks > 0 {
            sleep(PAUSE).await;
        }
        live.looks = live.looks.saturating_add(1);
        let Ok(shown) = look(&live).await else {
            // The record is away; the browser asks again after the pause it is told.
            live.end = true;
            return Some(("retry: 3000\n\n".to_owned(), live));
        };
        live.end = shown.last;
        if shown.version != live.version {
            live.version.clone_from(&shown.version);
            return Some((event(&shown), live));
        }
        if live.end {
            return Some((DONE.to_owned(), live));
        }
        if live.looks.is_multiple_of(KEEP_ALIVE) {
            return Some((": still here\n\n".to_owned(), live));
        }
    }
}

const DONE: &str = "event: done\ndata: done\n\n";

async fn look<W: Site>(live: &Live<W>) -> Result<Shown, PageError> {
    let visit = visit(&live.state, &live.request).await?;
    shown(&live.state, live.order, visit, &live.request).await
}

fn event(shown: &Shown) -> String {
    let mut text = format!("event: order\nid: {}\n", shown.version);
    for line in shown.live.lines() {
        text.push_str("data: ");
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
    if shown.last {
        text.push_str(DONE);
    }
    text
}
