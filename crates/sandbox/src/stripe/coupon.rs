//! Coupons.

use super::error::ApiError;
use super::{Stripe, amounts, list, text};
use crate::json::Members;
use serde_json::{Value, json};

/// A coupon: a percentage or an amount off.
#[derive(Debug, Clone)]
pub(crate) struct Coupon {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) times_redeemed: i64,
    pub(crate) params: Value,
}

impl Coupon {
    /// What it takes off an amount.
    pub(crate) fn discount(&self, amount: i64) -> i64 {
        if let Value::Number(percent) = self.params.member("percent_off") {
            return amounts::decimal(&percent.to_string()).map_or(0, |percent| amounts::percent_of(amount, percent));
        }
        self.params.member("amount_off").as_i64().unwrap_or_default().min(amount)
    }

    /// The currency of an amount off.
    pub(crate) fn currency(&self) -> Option<&str> {
        self.params.member("currency").as_str()
    }

    /// Whether it can still be used.
    pub(crate) fn is_valid(&self, now: i64) -> bool {
        self.params.member("redeem_by").as_i64().is_none_or(|until| now <= until)
            && self.params.member("max_redemptions").as_i64().is_none_or(|max| self.times_redeemed < max)
    }

    /// The JSON object.
    pub(crate) fn render(&self, now: i64) -> Value {
        let or_null = |name: &str| self.params.get(name).cloned().unwrap_or_default();
        json!({
            "id": self.id, "object": "coupon", "created": self.created, "livemode": false,
            "amount_off": or_null("amount_off"), "percent_off": or_null("percent_off"), "currency": or_null("currency"),
            "duration": self.params.member("duration").as_str().unwrap_or("once"),
            "duration_in_months": or_null("duration_in_months"), "max_redemptions": or_null("max_redemptions"),
            "metadata": self.params.member("metadata").as_object().cloned().unwrap_or_default(),
            "name": or_null("name"), "redeem_by": or_null("redeem_by"),
            "times_redeemed": self.times_redeemed, "valid": self.is_valid(now),
        })
    }
}

/// `POST /v1/coupons`
pub(crate) fn create(stripe: &mut Stripe, _: &str, params: &Value) -> Result<Value, ApiError> {
    check(params, stripe.now)?;
    let id = text(params, "/id").unwrap_or_else(|| stripe.dice.id("", 8));
    if stripe.coupons.get(&id).is_some() {
        return Err(ApiError::invalid("Coupon already exists.").code("resource_already_exists").param("id"));
    }
    let coupon = Coupon { id: id.clone(), created: stripe.now, times_redeemed: 0, params: params.clone() };
    let rendered = coupon.render(stripe.now);
    stripe.coupons.put(&id, coupon);
    Ok(rendered)
}

fn check(params: &Value, now: i64) -> Result<(), ApiError> {
    let has = |name: &str| !params.member(name).is_null();
    match (has("percent_off"), has("amount_off")) {
        (true, true) => return Err(ApiError::exclusive(&["percent_off", "amount_off"])),
        (false, false) => {
            return Err(ApiError::invalid("Must provide either percent_off or amount_off.").code("parameter_missing"));
        }
        (true, false) | (false, true) => {}
    }
    if has("amount_off") && !has("currency") {
        return Err(ApiError::missing("currency"));
    }
    if params.member("amount_off").as_i64().is_some_and(|amount| amount < 1) {
        return Err(ApiError::invalid("Invalid positive integer")
            .code("parameter_invalid_integer")
            .param("amount_off"));
    }
    if params.member("max_redemptions").as_i64().is_some_and(|count| count < 1) {
        return Err(ApiError::invalid("Invalid positive integer")
            .code("parameter_invalid_integer")
            .param("max_redemptions"));
    }
    let repeating = params.member("duration").as_str() == Some("repeating");
    if repeating && !has("duration_in_months") {
        return Err(ApiError::missing("duration_in_months"));
    }
    if !repeating && has("duration_in_months") {
        return Err(ApiError::invalid("duration_in_months only applies to coupons with the duration repeating.")
            .param("duration_in_months"));
    }
    if params.member("redeem_by").as_i64().is_some_and(|until| until <= now) {
        return Err(ApiError::invalid("redeem_by must be in the future.").param("redeem_by"));
    }
    Ok(())
}

/// `GET /v1/coupons/{id}`
pub(crate) fn get(stripe: &mut Stripe, id: &str, _: &Value) -> Result<Value, ApiError> {
    let now = stripe.now;
    stripe
        .coupons
        .get(id)
        .map(|coupon| coupon.render(now))
        .ok_or_else(|| ApiError::no_such("coupon", id, "coupon").status(404))
}

/// `POST /v1/coupons/{id}`
pub(crate) fn update(stripe: &mut Stripe, id: &str, params: &Value) -> Result<Value, ApiError> {
    let now = stripe.now;
    let coupon = stripe.coupons.get_mut(id).ok_or_else(|| ApiError::no_such("coupon", id, "coupon").status(404))?;
    for name in ["name", "metadata"] {
        if let Some(value) = params.get(name) {
            coupon.params.set(name, value.clone());
        }
    }
    Ok(coupon.render(now))
}

/// `DELETE /v1/coupons/{id}`
pub(crate) fn delete(stripe: &mut Stripe, id: &str, _: &Value) -> Result<Value, ApiError> {
    match stripe.coupons.remove(id) {
        Some(_) => Ok(json!({ "id": id, "object": "coupon", "deleted": true })),
        None => Err(ApiError::no_such("coupon", id, "coupon").status(404)),
    }
}

/// `GET /v1/coupons`
pub(crate) fn list(stripe: &mut Stripe, _: &str, params: &Value) -> Result<Value, ApiError> {
    let now = stripe.now;
    let items = stripe.coupons.newest_first().filter(|coupon| list::created_fits(params, coupon.created));
    list::page(items, params, "/v1/coupons", |coupon| &coupon.id, |coupon| coupon.render(now))
}
