//! The lines of a session: prices made inline, and their JSON.

use crate::json::Members;
use crate::options::EventVersion;
use crate::stripe::error::ApiError;
use crate::stripe::{Stripe, amounts, text};
use chrono::{DateTime, Months, TimeDelta, Utc};
use serde_json::{Map, Value, json};

/// How often a price recurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recurring {
    pub(crate) interval: &'static str,
    pub(crate) count: i64,
}

impl Recurring {
    /// Reads `price_data[recurring]`, which may be at most three years long.
    fn read(value: &Value, param: &str) -> Result<Self, ApiError> {
        let count = value.member("interval_count").as_i64().unwrap_or(1);
        let (interval, most) = match value.member("interval").as_str() {
            Some("day") => ("day", 1095),
            Some("week") => ("week", 156),
            Some("year") => ("year", 3),
            _ => ("month", 36),
        };
        if count > most {
            return Err(ApiError::invalid(format!(
                "The maximum interval is three years: {most} for the interval {interval}, got {count}."
            ))
            .param(format!("{param}[interval_count]")));
        }
        Ok(Self { interval, count })
    }

    /// The end of a period that starts at `start`.
    pub(crate) fn after(self, start: i64) -> i64 {
        let at = DateTime::<Utc>::from_timestamp(start, 0).unwrap_or_default();
        let count = u32::try_from(self.count).unwrap_or(1);
        let end = match self.interval {
            "day" => at.checked_add_signed(TimeDelta::days(self.count)),
            "week" => at.checked_add_signed(TimeDelta::weeks(self.count)),
            "year" => at.checked_add_months(Months::new(count * 12)),
            _ => at.checked_add_months(Months::new(count)),
        };
        end.unwrap_or(at).timestamp()
    }

    /// `month`, or `3 years`.
    pub(crate) fn words(self) -> String {
        if self.count == 1 { self.interval.to_owned() } else { format!("{} {}s", self.count, self.interval) }
    }
}

/// One line.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) price: String,
    pub(crate) product: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) unit_amount: Option<i64>,
    pub(crate) unit_amount_decimal: String,
    pub(crate) quantity: i64,
    pub(crate) recurring: Option<Recurring>,
    pub(crate) currency: String,
    pub(crate) created: i64,
    /// Unit amount times quantity: what a renewal costs.
    pub(crate) full: i64,
    /// What is due today before the discount: nothing for a recurring line in a trial.
    pub(crate) subtotal: i64,
    pub(crate) discount: i64,
}

impl Line {
    /// Reads the line at `index` of the parameters.
    pub(crate) fn read(stripe: &Stripe, item: &Value, index: usize) -> Result<Self, ApiError> {
        let here = format!("line_items[{index}]");
        let data = item.member("price_data");
        match (item.member("price").as_str(), data.is_object()) {
            (Some(_), true) => return Err(ApiError::exclusive(&["price", "price_data"]).param(here)),
            (Some(id), false) => return Err(ApiError::no_such("price", id, &format!("{here}[price]"))),
            (None, false) => return Err(ApiError::missing(&format!("{here}[price]"))),
            (None, true) => {}
        }
        let product = product(data, &here)?;
        let (unit_amount, unit) = unit_amount(data, &here)?;
        let quantity = item.member("quantity").as_i64().ok_or_else(|| {
            ApiError::invalid(format!("Quantity is required. Add `quantity` to `{here}`"))
                .code("parameter_missing")
                .param(format!("{here}[quantity]"))
        })?;
        let recurring = data.member("recurring");
        let recurring = if recurring.is_object() {
            Some(Recurring::read(recurring, &format!("{here}[price_data][recurring]"))?)
        } else {
            None
        };
        let full = amounts::times(unit, quantity);
        Ok(Self {
            id: stripe.dice.id("li_1", 23),
            price: stripe.dice.id("price_1", 23),
            product: stripe.dice.id("prod_", 14),
            name: text(product, "/name").unwrap_or_default(),
            description: text(product, "/description"),
            metadata: item.member("metadata").as_object().cloned().unwrap_or_default(),
            unit_amount,
            unit_amount_decimal: text(data, "/unit_amount_decimal")
                .unwrap_or_else(|| unit_amount.unwrap_or_default().to_string()),
            quantity,
            recurring,
            currency: text(data, "/currency").unwrap_or_default(),
            created: stripe.now,
            full,
            subtotal: full,
            discount: 0,
        })
    }

    /// The line as `checkout.session`'s `line_items` shows it.
    pub(crate) fn render(&self, currency: &str) -> Value {
        json!({
            "id": self.id, "object": "item", "currency": currency, "description": self.name, "quantity": self.quantity,
            "amount_subtotal": self.subtotal, "amount_discount": self.discount, "amount_tax": 0,
            "amount_total": self.subtotal - self.discount, "metadata": self.metadata,
            "adjustable_quantity": null, "price": self.render_price(EventVersion::Endive),
        })
    }

    /// The price that was made for the line.
    pub(crate) fn render_price(&self, shape: EventVersion) -> Value {
        let recurring = self.recurring.map(|recurring| {
            let mut value = json!({
                "interval": recurring.interval, "interval_count": recurring.count, "trial_period_days": null,
                "usage_type": "licensed",
            });
            value.set(shape_word(shape), Value::Null);
            value
        });
        json!({
            "id": self.price, "object": "price", "active": false, "billing_scheme": "per_unit", "created": self.created,
            "currency": self.currency, "custom_unit_amount": null, "livemode": false, "lookup_key": null, "metadata": {},
            "nickname": null, "product": self.product, "recurring": recurring, "tax_behavior": "unspecified",
            "tiers_mode": null, "transform_quantity": null,
            "type": if self.recurring.is_some() { "recurring" } else { "one_time" },
            "unit_amount": self.unit_amount, "unit_amount_decimal": self.unit_amount_decimal,
        })
    }

    /// The older twin of a recurring price.
    pub(crate) fn render_plan(&self, shape: EventVersion) -> Value {
        let recurring = self.recurring.unwrap_or(Recurring { interval: "month", count: 1 });
        let mut plan = json!({
            "id": self.price, "object": "plan", "active": false, "amount": self.unit_amount,
            "amount_decimal": self.unit_amount_decimal, "billing_scheme": "per_unit", "created": self.created,
            "currency": self.currency, "interval": recurring.interval, "interval_count": recurring.count,
            "livemode": false, "metadata": {}, "nickname": null, "product": self.product, "tiers_mode": null,
            "transform_usage": null, "trial_period_days": null, "usage_type": "licensed",
        });
        plan.set(shape_word(shape), Value::Null);
        plan
    }
}

/// The usage member that a recurring price has in either version.
const fn shape_word(shape: EventVersion) -> &'static str {
    match shape {
        EventVersion::Endive => "meter",
        EventVersion::V2023 => "aggregate_usage",
    }
}

fn product<'a>(data: &'a Value, here: &str) -> Result<&'a Value, ApiError> {
    match (data.member("product").as_str(), data.member("product_data").is_object()) {
        (Some(_), true) => Err(ApiError::exclusive(&["product", "product_data"]).param(format!("{here}[price_data]"))),
        (Some(id), false) => Err(ApiError::no_such("product", id, &format!("{here}[price_data][product]"))),
        (None, false) => Err(ApiError::missing(&format!("{here}[price_data][product]"))),
        (None, true) => Ok(data.member("product_data")),
    }
}

/// The unit amount as an integer, if it is one, and in fixed point.
fn unit_amount(data: &Value, here: &str) -> Result<(Option<i64>, i128), ApiError> {
    let written = data.member("unit_amount_decimal").as_str();
    match (data.member("unit_amount").as_i64(), written) {
        (Some(_), Some(_)) => {
            Err(ApiError::exclusive(&["unit_amount", "unit_amount_decimal"]).param(format!("{here}[price_data]")))
        }
        (None, None) => Err(ApiError::missing(&format!("{here}[price_data][unit_amount]"))),
        (Some(amount), None) => Ok((Some(amount), i128::from(amount) * amounts::DECIMAL_ONE)),
        (None, Some(text)) => {
            let unit = amounts::decimal(text).unwrap_or_default();
            let too_large = unit > 99_999_999 * amounts::DECIMAL_ONE;
            if unit < 0 || too_large {
                return Err(ApiError::invalid("Invalid decimal: unit amounts are between 0 and 99999999.")
                    .param(format!("{here}[price_data][unit_amount_decimal]")));
            }
            let whole = (unit % amounts::DECIMAL_ONE == 0).then(|| amounts::times(unit, 1));
            Ok((whole, unit))
        }
    }
}
