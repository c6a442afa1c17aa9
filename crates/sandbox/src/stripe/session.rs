//! Checkout Sessions: what they are, and the endpoints on them. Creation and its rules are in `session/`.

mod create;
mod lines;
mod render;
mod rules;

pub(crate) use create::create;
pub(crate) use lines::{Line, Recurring};

use super::error::ApiError;
use super::{Stripe, list as lists};
use crate::options::EventVersion;
use serde_json::{Map, Value, json};

/// Whether a session sells once or by subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Payment,
    Subscription,
}

/// Where a session is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Open,
    Complete,
    Expired,
}

impl Status {
    /// As Stripe writes it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Expired => "expired",
        }
    }
}

/// Whether the money is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PaymentStatus {
    Unpaid,
    Paid,
    NoPaymentRequired,
}

impl PaymentStatus {
    /// As Stripe writes it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Paid => "paid",
            Self::NoPaymentRequired => "no_payment_required",
        }
    }
}

/// A Checkout Session.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) expires_at: i64,
    pub(crate) mode: Mode,
    pub(crate) currency: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) coupon: Option<String>,
    pub(crate) subtotal: i64,
    pub(crate) discount: i64,
    pub(crate) total: i64,
    /// When the trial ends that the subscription begins with.
    pub(crate) trial_end: Option<i64>,
    pub(crate) status: Status,
    pub(crate) payment_status: PaymentStatus,
    pub(crate) customer: Option<String>,
    pub(crate) customer_email: Option<String>,
    pub(crate) payer_name: Option<String>,
    pub(crate) payer_email: Option<String>,
    pub(crate) subscription: Option<String>,
    pub(crate) invoice: Option<String>,
    pub(crate) payment_intent: Option<String>,
    /// A delayed method was used (`sepa_debit`); its outcome comes later.
    pub(crate) delayed: bool,
    /// How often a card was declined.
    pub(crate) declined: u32,
    pub(crate) url: String,
    pub(crate) params: Value,
}

impl Session {
    /// The session's metadata.
    pub(crate) fn metadata(&self) -> Map<String, Value> {
        self.object("/metadata")
    }

    /// An object parameter, empty when absent.
    pub(crate) fn object(&self, pointer: &str) -> Map<String, Value> {
        self.params.pointer(pointer).and_then(Value::as_object).cloned().unwrap_or_default()
    }

    /// A text parameter.
    pub(crate) fn text(&self, pointer: &str) -> Option<&str> {
        self.params.pointer(pointer).and_then(Value::as_str)
    }

    /// Where the browser goes after paying, with the session's id filled in.
    pub(crate) fn success_url(&self) -> String {
        self.text("/success_url").unwrap_or("/").replace("{CHECKOUT_SESSION_ID}", &self.id)
    }

    /// Whether money is due now.
    pub(crate) fn needs_payment(&self) -> bool {
        self.total > 0
    }

    /// The interval of the recurring lines.
    pub(crate) fn recurring(&self) -> Option<Recurring> {
        self.lines.iter().find_map(|line| line.recurring)
    }
}

impl Stripe {
    /// Lets open sessions expire whose time has come.
    pub(crate) fn expire_due(&mut self) {
        while let Some((at, id)) = self.expiries.pop_first() {
            if at > self.now {
                self.expiries.insert((at, id));
                return;
            }
            // Sessions that were paid meanwhile, or forgotten, are refused, and that is right.
            let _ = self.expire_session(&id);
        }
    }

    /// Expires an open session.
    pub(crate) fn expire_session(&mut self, id: &str) -> Result<(), ApiError> {
        let session = self.sessions.get_mut(id).ok_or_else(|| ApiError::not_found("checkout.session", id))?;
        if session.status != Status::Open {
            return Err(ApiError::invalid(format!(
                "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session \
                 has a status of {}.",
                session.status.name()
            ))
            .executed());
        }
        session.status = Status::Expired;
        let session = session.clone();
        self.emit_session("checkout.session.expired", &session);
        Ok(())
    }

    /// Emits an event about a session.
    pub(crate) fn emit_session(&mut self, kind: &'static str, session: &Session) {
        let object = session.render(self.event_version);
        self.emit(kind, object, None);
    }
}

/// `GET /v1/checkout/sessions/{id}`
pub(crate) fn get(stripe: &mut Stripe, id: &str, _: &Value) -> Result<Value, ApiError> {
    stripe.expire_due_session(id);
    let session = stripe.sessions.get(id).ok_or_else(|| ApiError::not_found("checkout.session", id))?;
    Ok(session.render(EventVersion::Endive))
}

impl Stripe {
    pub(crate) fn expire_due_session(&mut self, id: &str) {
        let due = |session: &Session| session.status == Status::Open && session.expires_at <= self.now;
        if self.sessions.get(id).is_some_and(due) {
            let _ = self.expire_session(id);
        }
    }
}

/// `POST /v1/checkout/sessions/{id}/expire`
pub(crate) fn expire(stripe: &mut Stripe, id: &str, _: &Value) -> Result<Value, ApiError> {
    stripe.expire_session(id)?;
    get(stripe, id, &Value::Null)
}

/// `GET /v1/checkout/sessions/{id}/line_items`
pub(crate) fn line_items(stripe: &mut Stripe, id: &str, params: &Value) -> Result<Value, ApiError> {
    let session = stripe.sessions.get(id).ok_or_else(|| ApiError::not_found("checkout.session", id))?;
    let url = format!("/v1/checkout/sessions/{id}/line_items");
    lists::page(session.lines.iter(), params, &url, |line| &line.id, |line| line.render(&session.currency))
}

/// `GET /v1/checkout/sessions`
pub(crate) fn list(stripe: &mut Stripe, _: &str, params: &Value) -> Result<Value, ApiError> {
    stripe.expire_due();
    let email = params.pointer("/customer_details/email").and_then(Value::as_str);
    let items = stripe.sessions.newest_first().filter(|session| {
        lists::created_fits(params, session.created)
            && lists::text_fits(params, "customer", session.customer.as_deref())
            && lists::text_fits(params, "payment_intent", session.payment_intent.as_deref())
            && lists::text_fits(params, "subscription", session.subscription.as_deref())
            && lists::text_fits(params, "status", Some(session.status.name()))
            && lists::text_fits(params, "payment_link", None)
            && email.is_none_or(|wanted| {
                session.payer_email.as_deref().or(session.customer_email.as_deref()) == Some(wanted)
            })
    });
    lists::page(
        items,
        params,
        "/v1/checkout/sessions",
        |session| &session.id,
        |session| session.render(EventVersion::Endive),
    )
}

impl Session {
    /// The list of lines, as `expand[]=line_items` gives it.
    pub(crate) fn render_lines(&self) -> Value {
        let data: Vec<Value> = self.lines.iter().map(|line| line.render(&self.currency)).collect();
        json!({ "object": "list", "has_more": false, "url": format!("/v1/checkout/sessions/{}/line_items", self.id), "data": data })
    }
}
