//! One line per request in the log, and the id that binds a request's lines together.
//!
//! Never in a line: bodies, query strings, header values.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
};
use tracing::Instrument;

use crate::endpoints;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Differs between processes, so that two instances' ids do not meet in one log.
static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());
static COUNT: AtomicU32 = AtomicU32::new(0);

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that this task serves; a new one outside any request.
pub(crate) fn request_id() -> String {
    CURRENT.try_with(String::clone).unwrap_or_else(|_| new_id())
}

fn new_id() -> String {
    format!("{:08x}{:08x}", *PROCESS & 0xffff_ffff, COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Gives the request its id and its span, and writes its line.
pub(crate) async fn trace(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let began = Instant::now();
    let id = new_id();
    let method = request.method().clone();
    let span = tracing::info_span!("request", request.id = id);
    let work = CURRENT.scope(id.clone(), next.call(request));
    let mut response = work.instrument(span.clone()).await?;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let route = response.request().match_pattern();
    let elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = response.status();
    span.in_scope(|| {
        macro_rules! answered {
            ($level:ident) => {
                tracing::$level!(
                    http.method = %method,
                    http.route = route.as_deref().unwrap_or("unmatched"),
                    http.status = status.as_u16(),
                    elapsed_ms,
                    "answered"
                )
            };
        }
        // Refused webhooks are told of once a second, by their number: a forger must not write the log full.
        if status.is_client_error() && route.as_deref().is_some_and(endpoints::is_webhook) {
            answered!(debug);
        } else {
            answered!(info);
        }
    });
    Ok(response)
}
