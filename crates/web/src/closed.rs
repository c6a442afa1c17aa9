//! What is answered while the shop is closed for maintenance. Whether it is stands in the database; each process looks there once
//! in a second at most.

use std::sync::{Mutex, PoisonError};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header},
};
use chrono::Duration;
use infra::maintenance::{self, Maintenance};
use kernel::Timestamp;
use serde::Serialize;

use crate::{
    answer::{Keep, PageError},
    desk::Desk,
    head::Head,
    limited::told_to_wait,
    say::{Fill, say},
    state::WebState,
    visitor::Visitor,
};

/// How old the answer may be.
const FRESH: Duration = Duration::seconds(1);

/// What was last read. Each process has its own.
#[derive(Debug, Default)]
pub(crate) struct Door(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    looked_at: Option<Timestamp>,
    closed: Option<Maintenance>,
}

/// What is known is too old.
#[derive(Debug)]
struct TimeToLook;

impl Door {
    /// What is known, unless it is time to look again. Who is told to look does it for everybody: the others go by what is there.
    fn known(&self, now: Timestamp) -> Result<Option<Maintenance>, TimeToLook> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.looked_at.is_some_and(|at| now.signed_duration_since(at) < FRESH) {
            return Ok(known.closed.clone());
        }
        known.looked_at = Some(now);
        Err(TimeToLook)
    }

    fn is(&self, closed: Option<Maintenance>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).closed = closed;
    }

    fn last(&self) -> Option<Maintenance> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).closed.clone()
    }

    /// Something was changed here: the next one looks.
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).looked_at = None;
    }
}

/// Whether an address goes on working while the shop is closed: what Stripe calls, what tells of what was bought, signing in, and
/// what people of the shop need. Everything else is closed.
pub fn stays_open(path: &str) -> bool {
    let within = |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let below = |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
    if let Some(order) = path.strip_prefix("/orders/") {
        // Following an order that was paid, but not paying one.
        return !order.ends_with("/pay");
    }
    within("/desk")
        || within("/login")
        || below("/assets")
        || below("/account/security")
        || below("/api/webhooks")
        || below("/api/staff")
        || below("/api/orders")
        || below("/api/checkout/session")
        || below("/api/auth/second-factor")
        || below("/api/auth/prove")
        || below("/api/auth/passkeys")
        || matches!(
            path,
            "/logout"
                | "/language"
                | "/account/prove"
                | "/account/security"
                | "/account/password"
                | "/account/stop-acting"
                | "/forgot-password"
                | "/reset-password"
                | "/api/stripe/webhook"
                | "/api/health"
                | "/api/openapi.json"
                | "/api/auth/login"
                | "/api/auth/logout"
                | "/api/auth/logout-everywhere"
                | "/api/auth/stop-acting"
                | "/api/auth/me"
                | "/api/auth/prove"
                | "/api/auth/second-factor"
                | "/api/auth/change-password"
                | "/api/auth/forgot-password"
                | "/api/auth/reset-password"
        )
}

#[derive(Debug, Serialize)]
struct ClosedView {
    message: Option<String>,
    until: Option<Fill>,
    /// Seconds after which the page asks again by itself; what was sent is not sent again.
    again: Option<u32>,
}

/// Seconds after which the page asks again.
const AGAIN: u32 = 60;

impl<W: Desk> WebState<W> {
    /// Whether the shop is closed, as it was read a moment ago. While the database is away the last answer counts: what needs the
    /// database says itself that it is away.
    pub async fn closed(&self) -> Option<Maintenance> {
        let now = self.world.env().now();
        if let Ok(known) = self.closed.known(now) {
            return known;
        }
        match maintenance::read(self.world.record()).await {
            Ok(closed) => {
                self.closed.is(closed.clone());
                closed
            }
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "whether the shop is closed cannot be read");
                self.closed.last()
            }
        }
    }

    /// The seconds after which it is worth to ask again.
    pub fn reopens_in(&self, closed: &Maintenance) -> u32 {
        closed.retry_after(self.world.env().now())
    }

    /// The page that is shown instead.
    pub fn closed_page(&self, request: &HttpRequest, closed: &Maintenance) -> HttpResponse {
        let again = matches!(*request.method(), Method::GET | Method::HEAD).then_some(AGAIN);
        let view = ClosedView { message: closed.message.clone(), until: closed.until.map(Fill::from), again };
        let head = Head { refresh: again, ..Head::narrow(say("closed-title"), &Visitor(None)) };
        let result: Result<HttpResponse, PageError> =
            self.page("closed", &head, &view, (StatusCode::SERVICE_UNAVAILABLE, Keep::Never));
        let mut answer = told_to_wait(self.answer(request, result), Some(self.reopens_in(closed)));
        answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_paid_goes_on_and_nothing_is_sold() {
        for open in [
            "/api/webhooks/stripe",
            "/api/stripe/webhook",
            "/login",
            "/login/second-factor",
            "/desk",
            "/desk/orders",
            "/orders/ord_1",
            "/orders/ord_1/events",
            "/assets/site.css",
            "/api/health",
            "/api/orders/ord_1",
        ] {
            assert!(stays_open(open), "{open}");
        }
        for closed in [
            "/",
            "/order/starter",
            "/orders/ord_1/pay",
            "/register",
            "/account",
            "/deskx",
            "/loginx",
            "/api/plans",
            "/api/checkout/create-session",
            "/api/auth/register",
            "/api/servers",
            "/nowhere",
        ] {
            assert!(!stays_open(closed), "{closed}");
        }
    }
}
