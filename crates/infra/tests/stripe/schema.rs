//! The contract's schemas, and that they refuse what is wrong.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::form;

static CONTRACT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../contracts/stripe_openapi_trimmed.json")).unwrap());

/// What an endpoint accepts.
pub(crate) struct Endpoint {
    schema: &'static Value,
    validator: jsonschema::Validator,
}

impl Endpoint {
    /// The body of a POST.
    pub(crate) fn body(path: &str) -> Self {
        Self::new(
            &CONTRACT["paths"][path]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"],
        )
    }

    /// The query of a GET.
    pub(crate) fn query(path: &str) -> Self {
        Self::new(&CONTRACT["paths"][path]["get"]["x-query-schema"])
    }

    fn new(schema: &'static Value) -> Self {
        assert_eq!(schema["type"], "object", "the contract has no such endpoint");
        Self { schema, validator: jsonschema::validator_for(schema).unwrap() }
    }

    /// Decodes a form, and says what is wrong with it.
    pub(crate) fn check(&self, form: &str) -> Result<Value, Vec<String>> {
        let value = form::coerce(form::decode(form), self.schema);
        let problems: Vec<String> =
            self.validator.iter_errors(&value).map(|error| format!("{error} at {}", error.instance_path())).collect();
        if problems.is_empty() { Ok(value) } else { Err(problems) }
    }

    fn accepts(&self, value: &Value) -> bool {
        self.validator.is_valid(value)
    }
}

fn session() -> Value {
    json!({
        "mode": "subscription",
        "success_url": "https://shop.example/thanks",
        "cancel_url": "https://shop.example/",
        "customer_email": "a@example.com",
        "metadata": { "order_id": "ord_1" },
        "subscription_data": { "metadata": { "order_id": "ord_1" } },
        "discounts": [{ "coupon": "order-ord_1" }],
        "line_items": [{ "quantity": 1, "price_data": {
            "currency": "usd", "unit_amount": 799, "product_data": { "name": "Starter" },
            "recurring": { "interval": "month", "interval_count": 1 },
        } }],
    })
}

/// The object with one value set, or taken away when it is null.
fn changed(mut object: Value, place: &str, value: &Value) -> Value {
    let (parent, name) = place.rsplit_once('/').unwrap();
    let parent = object.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(map), Value::Null) => drop(map.remove(name).expect(place)),
        (Value::Object(map), value) => drop(map.insert(name.to_owned(), value.clone())),
        (Value::Array(items), value) => items.push(value.clone()),
        _ => panic!("{place} is nowhere"),
    }
    object
}

#[test]
fn wrong_sessions_are_refused() {
    let endpoint = Endpoint::body("/v1/checkout/sessions");
    assert!(endpoint.accepts(&session()));
    let wrong = [
        ("/payment_method_types", json!(["card"])),
        ("/made_up", json!("x")),
        ("/mode", Value::Null),
        ("/success_url", Value::Null),
        ("/line_items", Value::Null),
        ("/customer", json!("cus_1")),
        ("/customer_creation", json!("always")),
        ("/payment_intent_data", json!({})),
        ("/allow_promotion_codes", json!(true)),
        ("/discounts/1", json!({ "coupon": "second" })),
        ("/client_reference_id", json!("x".repeat(201))),
        ("/metadata/order_id", json!("x".repeat(501))),
        ("/metadata/a[b]", json!("x")),
        ("/line_items/0/price", json!("price_1")),
        ("/line_items/0/price_data", Value::Null),
        ("/line_items/0/price_data/currency", json!("USD")),
        ("/line_items/0/price_data/currency", Value::Null),
        ("/line_items/0/price_data/unit_amount", json!("7.99")),
        ("/line_items/0/price_data/unit_amount", json!(-1)),
        ("/line_items/0/price_data/unit_amount", Value::Null),
        ("/line_items/0/price_data/product", json!("prod_1")),
        ("/line_items/0/price_data/product_data/name", Value::Null),
        ("/line_items/0/price_data/recurring/interval", json!("fortnight")),
        ("/line_items/0/price_data/recurring/interval_count", json!(37)),
        ("/subscription_data/trial_period_days", json!(0)),
        ("/subscription_data/billing_mode", json!({})),
    ];
    for (place, value) in wrong {
        assert!(!endpoint.accepts(&changed(session(), place, &value)), "{place} = {value} was accepted");
    }
    let once = changed(session(), "/mode", &json!("payment"));
    assert!(!endpoint.accepts(&once), "recurring in payment mode was accepted");
}

#[test]
fn wrong_coupons_are_refused() {
    let endpoint = Endpoint::body("/v1/coupons");
    let coupon = json!({ "id": "order-1", "amount_off": 80, "currency": "usd", "duration": "once" });
    assert!(endpoint.accepts(&coupon));
    let wrong = [
        ("/currency", Value::Null),
        ("/amount_off", Value::Null),
        ("/amount_off", json!("0.80")),
        ("/percent_off", json!(10)),
        ("/duration", json!("twice")),
        ("/duration", json!("repeating")),
        ("/name", json!("x".repeat(41))),
        ("/code", json!("WELCOME10")),
    ];
    for (place, value) in wrong {
        assert!(!endpoint.accepts(&changed(coupon.clone(), place, &value)), "{place} = {value} was accepted");
    }
}
