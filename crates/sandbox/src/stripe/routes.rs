//! The endpoints that exist: method, path, parameters, function.

use super::error::ApiError;
use super::params::Table;
use super::{Stripe, coupon, customer, event, invoice, payment, portal, refund, session, subscription};
use crate::http::percent_decode;
use serde_json::Value;
use std::sync::LazyLock;

/// What an endpoint does: state, id from the path (or empty), checked parameters.
pub(crate) type Run = fn(&mut Stripe, &str, &Value) -> Result<Value, ApiError>;

/// One endpoint.
pub(crate) struct Route {
    method: &'static str,
    pattern: &'static str,
    pub(crate) table: &'static LazyLock<Table>,
    pub(crate) run: Run,
}

macro_rules! table {
    ($name:ident, $file:literal) => {
        static $name: LazyLock<Table> = LazyLock::new(|| Table::parse(include_str!(concat!("params/", $file))));
    };
}

table!(SESSION_CREATE, "checkout_session_create.txt");
table!(SESSION_LIST, "checkout_session_list.txt");
table!(COUPON_CREATE, "coupon_create.txt");
table!(COUPON_UPDATE, "coupon_update.txt");
table!(CUSTOMER_CREATE, "customer_create.txt");
table!(CUSTOMER_LIST, "customer_list.txt");
table!(REFUND_CREATE, "refund_create.txt");
table!(REFUND_LIST, "refund_list.txt");
table!(EVENT_LIST, "event_list.txt");
table!(INVOICE_LIST, "invoice_list.txt");
table!(INVOICE_PAYMENT_LIST, "invoice_payment_list.txt");
table!(CHARGE_LIST, "charge_list.txt");
table!(INTENT_LIST, "payment_intent_list.txt");
table!(SUBSCRIPTION_LIST, "subscription_list.txt");
table!(SUBSCRIPTION_END, "subscription_end.txt");
table!(PORTAL_CREATE, "portal_create.txt");
static EXPAND: LazyLock<Table> = LazyLock::new(|| Table::parse("expand array\nexpand[] string"));
static PAGE: LazyLock<Table> = LazyLock::new(|| {
    Table::parse(
        "expand array\nexpand[] string\nlimit int min=1 max=100\nstarting_after string\nending_before \
         string\ncreated range",
    )
});

const fn route(method: &'static str, pattern: &'static str, table: &'static LazyLock<Table>, run: Run) -> Route {
    Route { method, pattern, table, run }
}

static ROUTES: &[Route] = &[
    route("POST", "/v1/checkout/sessions", &SESSION_CREATE, session::create),
    route("GET", "/v1/checkout/sessions", &SESSION_LIST, session::list),
    route("GET", "/v1/checkout/sessions/{}", &EXPAND, session::get),
    route("GET", "/v1/checkout/sessions/{}/line_items", &PAGE, session::line_items),
    route("POST", "/v1/checkout/sessions/{}/expire", &EXPAND, session::expire),
    route("POST", "/v1/coupons", &COUPON_CREATE, coupon::create),
    route("GET", "/v1/coupons", &PAGE, coupon::list),
    route("GET", "/v1/coupons/{}", &EXPAND, coupon::get),
    route("POST", "/v1/coupons/{}", &COUPON_UPDATE, coupon::update),
    route("DELETE", "/v1/coupons/{}", &EXPAND, coupon::delete),
    route("POST", "/v1/customers", &CUSTOMER_CREATE, customer::create),
    route("GET", "/v1/customers", &CUSTOMER_LIST, customer::list),
    route("GET", "/v1/customers/{}", &EXPAND, customer::get),
    route("GET", "/v1/subscriptions", &SUBSCRIPTION_LIST, subscription::list),
    route("GET", "/v1/subscriptions/{}", &EXPAND, subscription::get),
    route("DELETE", "/v1/subscriptions/{}", &SUBSCRIPTION_END, subscription::end),
    route("POST", "/v1/billing_portal/sessions", &PORTAL_CREATE, portal::create),
    route("GET", "/v1/invoices", &INVOICE_LIST, invoice::list),
    route("GET", "/v1/invoices/{}", &EXPAND, invoice::get),
    route("GET", "/v1/invoice_payments", &INVOICE_PAYMENT_LIST, invoice::list_payments),
    route("GET", "/v1/invoice_payments/{}", &EXPAND, invoice::get_payment),
    route("GET", "/v1/payment_intents", &INTENT_LIST, payment::list_intents),
    route("GET", "/v1/payment_intents/{}", &EXPAND, payment::get_intent),
    route("GET", "/v1/charges", &CHARGE_LIST, payment::list_charges),
    route("GET", "/v1/charges/{}", &EXPAND, payment::get_charge),
    route("POST", "/v1/refunds", &REFUND_CREATE, refund::create),
    route("GET", "/v1/refunds", &REFUND_LIST, refund::list),
    route("GET", "/v1/refunds/{}", &EXPAND, refund::get),
    route("GET", "/v1/events", &EVENT_LIST, event::list),
    route("GET", "/v1/events/{}", &EXPAND, event::get),
];

/// Finds the endpoint of a request and the id in its path.
pub(crate) fn find(method: &str, path: &str) -> Result<(&'static Route, String), ApiError> {
    let found = ROUTES
        .iter()
        .filter(|route| route.method == method)
        .find_map(|route| Some((route, matches(route.pattern, path)?)));
    match found {
        // Session ids in paths are at most 66 characters long; all others at most 5000.
        Some((_, id)) if path.starts_with("/v1/checkout/sessions/") && id.len() > 66 => {
            Err(ApiError::invalid("Invalid string: session must be at most 66 characters").param("session"))
        }
        Some(found) => Ok(found),
        None => Err(ApiError::invalid(format!(
            "Unrecognized request URL ({method}: {path}). If you are trying to list objects, remove the \
             trailing slash. If you are trying to retrieve an object, make sure you passed a valid \
             (non-empty) identifier in your code."
        ))
        .status(404)),
    }
}

/// The id at the place of `{}`, empty when the pattern has none.
fn matches(pattern: &str, path: &str) -> Option<String> {
    let Some((before, after)) = pattern.split_once("{}") else {
        return (pattern == path).then(String::new);
    };
    let id = path.strip_prefix(before)?.strip_suffix(after)?;
    if id.is_empty() || id.contains('/') { None } else { percent_decode(id, false) }
}
