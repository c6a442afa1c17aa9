//! What Stripe demands of a session beyond the types of its parameters.

use super::lines::Line;
use super::{Mode, Recurring};
use crate::json::Members;
use crate::stripe::Stripe;
use crate::stripe::coupon::Coupon;
use crate::stripe::error::ApiError;
use serde_json::Value;

const DAY: i64 = 24 * 60 * 60;
/// The largest amount that can be charged: eight digits.
pub(super) const MOST: i64 = 99_999_999;
/// The smallest amount that can be charged, in minor units of the usual currencies.
pub(super) const LEAST: i64 = 50;

/// Parameters that do not go together, or not with the mode.
pub(super) fn combinations(params: &Value, mode: Mode) -> Result<(), ApiError> {
    let has = |name: &str| params.get(name).is_some_and(|value| !value.is_null());
    let pairs = [
        ["allow_promotion_codes", "discounts"],
        ["customer", "customer_email"],
        ["customer", "customer_account"],
        ["customer", "customer_creation"],
        ["allowed_payment_method_types", "excluded_payment_method_types"],
    ];
    if let Some(pair) = pairs.iter().find(|pair| pair.iter().all(|name| has(name))) {
        return Err(ApiError::exclusive(pair));
    }
    let (foreign, mode_name): (&[&str], &str) = match mode {
        Mode::Payment => (&["subscription_data", "payment_method_collection", "setup_intent_data"], "payment"),
        Mode::Subscription => (
            &["payment_intent_data", "customer_creation", "invoice_creation", "setup_intent_data", "shipping_options"],
            "subscription",
        ),
    };
    if let Some(name) = foreign.iter().find(|name| has(name)) {
        return Err(ApiError::invalid(format!("You can not pass `{name}` in `{mode_name}` mode.")).param(*name));
    }
    if has("customer_update") && !has("customer") {
        return Err(ApiError::invalid("`customer_update` can only be used with `customer`.").param("customer_update"));
    }
    urls(params)?;
    trial_settings(params)
}

/// Only the hosted page is served here; it wants `success_url` and knows no `return_url`.
fn urls(params: &Value) -> Result<(), ApiError> {
    if let Some(other) = params.member("ui_mode").as_str().filter(|mode| *mode != "hosted_page") {
        return Err(ApiError::invalid(format!("The sandbox serves the hosted page only, not ui_mode {other}."))
            .param("ui_mode"));
    }
    for name in ["return_url", "redirect_on_completion"] {
        if params.get(name).is_some() {
            return Err(ApiError::invalid(format!(
                "`{name}` can only be set when `ui_mode` is not \
                 `hosted_page`."
            ))
            .param(name));
        }
    }
    if params.member("success_url").is_null() {
        return Err(ApiError::missing("success_url"));
    }
    Ok(())
}

fn trial_settings(params: &Value) -> Result<(), ApiError> {
    let data = params.member("subscription_data");
    let trial = !data.member("trial_period_days").is_null() || !data.member("trial_end").is_null();
    if !data.member("trial_period_days").is_null() && !data.member("trial_end").is_null() {
        return Err(ApiError::exclusive(&["subscription_data[trial_end]", "subscription_data[trial_period_days]"]));
    }
    if !data.member("trial_settings").is_null() && !trial {
        return Err(ApiError::invalid("`subscription_data[trial_settings]` needs a trial.")
            .param("subscription_data[trial_settings]"));
    }
    Ok(())
}

/// When the session expires: 30 minutes to 24 hours from now, 24 hours by default.
pub(super) fn expires_at(params: &Value, now: i64) -> Result<i64, ApiError> {
    let Some(at) = params.member("expires_at").as_i64() else {
        return Ok(now + DAY);
    };
    let wrong = |message: &str| ApiError::invalid(message).param("expires_at");
    if at < now + 30 * 60 {
        return Err(wrong("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."));
    }
    if at > now + DAY {
        return Err(wrong("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."));
    }
    Ok(at)
}

/// When the trial ends, if there is one.
pub(super) fn trial_end(params: &Value, now: i64) -> Result<Option<i64>, ApiError> {
    let data = params.member("subscription_data");
    if let Some(days) = data.member("trial_period_days").as_i64() {
        return Ok(Some(now + days * DAY));
    }
    match data.member("trial_end").as_i64() {
        Some(at) if at < now + 2 * DAY => {
            Err(ApiError::invalid("The `trial_end` date has to be at least 2 days in the future.")
                .param("subscription_data[trial_end]"))
        }
        Some(at) if at > now + 730 * DAY => {
            Err(ApiError::invalid("The `trial_end` date can be at most two years in the future.")
                .param("subscription_data[trial_end]"))
        }
        other => Ok(other),
    }
}

/// The lines together: their number, their currency, their intervals, their fit to the mode.
pub(super) fn lines(lines: &[Line], mode: Mode) -> Result<(), ApiError> {
    let wrong = |message: String| ApiError::invalid(message).param("line_items");
    let Some(first) = lines.first() else {
        return Err(ApiError::missing("line_items"));
    };
    if let Some(at) = lines.iter().position(|line| line.currency != first.currency) {
        return Err(wrong("All line items must have the same currency.".to_owned())
            .param(format!("line_items[{at}][price_data][currency]")));
    }
    if let Some(at) = lines.iter().position(|line| line.quantity < 1) {
        return Err(wrong("This value must be greater than or equal to 1.".to_owned())
            .code("parameter_invalid_integer")
            .param(format!("line_items[{at}][quantity]")));
    }
    let intervals: Vec<Recurring> = lines.iter().filter_map(|line| line.recurring).collect();
    let one_time = lines.len() - intervals.len();
    let mixed = intervals.windows(2).any(|pair| pair.first() != pair.last());
    let problem = match mode {
        Mode::Payment if !intervals.is_empty() => {
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only \
             one-time prices."
        }
        Mode::Payment if lines.len() > 100 => "A Checkout Session in `payment` mode can have up to 100 line items.",
        Mode::Subscription if intervals.is_empty() => {
            "You must provide at least one recurring price in `subscription` mode when using prices."
        }
        Mode::Subscription if intervals.len() > 20 || one_time > 20 => {
            "A Checkout Session in `subscription` mode can have up to 20 recurring and 20 one-time line items."
        }
        Mode::Subscription if mixed => "Checkout does not support multiple prices with different billing intervals.",
        Mode::Payment | Mode::Subscription => return Ok(()),
    };
    Err(wrong(problem.to_owned()))
}

/// The coupon that `discounts` names, usable for this currency.
pub(super) fn coupon(stripe: &Stripe, params: &Value, currency: &str) -> Result<Option<Coupon>, ApiError> {
    let Some(discount) = params.member("discounts").as_array().and_then(|list| list.first()) else {
        return Ok(None);
    };
    let here = "discounts[0][coupon]";
    match (discount.member("coupon").as_str(), discount.member("promotion_code").as_str()) {
        (Some(_), Some(_)) => Err(ApiError::exclusive(&["coupon", "promotion_code"]).param("discounts[0]")),
        (None, Some(code)) => Err(ApiError::no_such("promotion code", code, "discounts[0][promotion_code]")),
        (None, None) => Err(ApiError::missing(here)),
        (Some(id), None) => {
            let coupon = stripe.coupons.get(id).ok_or_else(|| ApiError::no_such("coupon", id, here))?;
            if !coupon.is_valid(stripe.now) {
                return Err(ApiError::invalid(format!("Coupon {id} is expired or used up."))
                    .code("coupon_expired")
                    .param(here));
            }
            if coupon.currency().is_some_and(|its| its != currency) {
                return Err(ApiError::invalid(format!(
                    "The coupon {id} is not in the currency {currency} of this Checkout Session."
                ))
                .param(here));
            }
            Ok(Some(coupon.clone()))
        }
    }
}

/// Whether the total can be charged.
pub(super) fn total(total: i64) -> Result<(), ApiError> {
    if total > MOST {
        return Err(ApiError::invalid("The Checkout Session's total amount must be no more than 99999999.")
            .code("amount_too_large"));
    }
    if (1..LEAST).contains(&total) {
        return Err(ApiError::invalid(
            "The Checkout Session's total amount due must add up to at least 50 minor units.",
        )
        .code("amount_too_small"));
    }
    Ok(())
}
