//! `POST /v1/checkout/sessions`

use super::lines::Line;
use super::{Mode, PaymentStatus, Session, Status, rules};
use crate::json::Members;
use crate::options::EventVersion;
use crate::stripe::error::ApiError;
use crate::stripe::{Stripe, amounts, text};
use serde_json::Value;

/// Checks everything, computes the amounts and opens the session.
pub(crate) fn create(stripe: &mut Stripe, _: &str, params: &Value) -> Result<Value, ApiError> {
    let mode = mode(params)?;
    rules::combinations(params, mode)?;
    let customer = customer(stripe, params)?;
    let expires_at = rules::expires_at(params, stripe.now)?;
    let trial_end = rules::trial_end(params, stripe.now)?;
    let mut lines = read_lines(stripe, params)?;
    rules::lines(&lines, mode)?;
    let currency = lines.first().map(|line| line.currency.clone()).unwrap_or_default();
    let coupon = rules::coupon(stripe, params, &currency)?;
    let (subtotal, discount) =
        price(&mut lines, trial_end.is_some(), |amount| coupon.as_ref().map_or(0, |coupon| coupon.discount(amount)));
    rules::total(subtotal - discount)?;
    let kind = if mode == Mode::Subscription { "cs_test_b1" } else { "cs_test_a1" };
    let id = stripe.dice.id(kind, 56);
    let session = Session {
        created: stripe.now,
        expires_at,
        mode,
        currency,
        lines,
        coupon: coupon.map(|coupon| coupon.id),
        subtotal,
        discount,
        total: subtotal - discount,
        trial_end,
        status: Status::Open,
        payment_status: if subtotal > discount { PaymentStatus::Unpaid } else { PaymentStatus::NoPaymentRequired },
        customer,
        customer_email: text(params, "/customer_email"),
        payer_name: None,
        payer_email: None,
        subscription: None,
        invoice: None,
        payment_intent: None,
        delayed: false,
        declined: 0,
        url: format!("{}/pay/{id}", stripe.public_url),
        params: params.clone(),
        id,
    };
    let rendered = session.render(EventVersion::Endive);
    let id = session.id.clone();
    stripe.expiries.insert((expires_at, id.clone()));
    stripe.sessions.put(&id, session);
    stripe.sessions.keep(stripe.keep_sessions);
    Ok(rendered)
}

fn mode(params: &Value) -> Result<Mode, ApiError> {
    match params.member("mode").as_str() {
        Some("payment") => Ok(Mode::Payment),
        Some("subscription") => Ok(Mode::Subscription),
        Some(other) => Err(ApiError::invalid(format!("The sandbox does not offer the mode {other}.")).param("mode")),
        None => Err(ApiError::missing("mode")),
    }
}

fn customer(stripe: &Stripe, params: &Value) -> Result<Option<String>, ApiError> {
    match params.member("customer").as_str() {
        Some(id) if stripe.customers.get(id).is_none() => Err(ApiError::no_such("customer", id, "customer")),
        other => Ok(other.map(str::to_owned)),
    }
}

fn read_lines(stripe: &Stripe, params: &Value) -> Result<Vec<Line>, ApiError> {
    let items = params.member("line_items").as_array().into_iter().flatten();
    items.enumerate().map(|(index, item)| Line::read(stripe, item, index)).collect()
}

/// Sets what each line costs today; tells the sum and the discount on it.
fn price(lines: &mut [Line], trial: bool, discount: impl Fn(i64) -> i64) -> (i64, i64) {
    for line in lines.iter_mut() {
        line.subtotal = if trial && line.recurring.is_some() { 0 } else { line.full };
    }
    let subtotals: Vec<i64> = lines.iter().map(|line| line.subtotal).collect();
    let subtotal = subtotals.iter().fold(0_i64, |sum, line| sum.saturating_add(*line));
    let discount = discount(subtotal);
    for (line, part) in lines.iter_mut().zip(amounts::spread(discount, &subtotals)) {
        line.discount = part;
    }
    (subtotal, discount)
}
