//! A sandbox of its own for every test, and short ways to talk to it.

use reqwest::Method;
use reqwest::header::HeaderMap;
use sandbox::{Options, Running, Sandbox};
use serde_json::{Value, json};
use std::fmt::Write;
use std::time::Duration;

pub const STRIPE_KEY: &str = "sk_test_sandbox";
pub const PANEL_KEY: &str = "ptla_sandbox000000000000000000000000000000000000";
pub const ACCOUNT_KEY: &str = "ptlc_sandbox000000000000000000000000000000000000";

/// An answer, read to its end.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The JSON of a success.
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// Stripe's error code (or its type, when there is no code) and parameter.
    pub fn stripe_error(&self) -> (u16, String, String) {
        let error = &self.json()["error"];
        let code = error["code"].as_str().or(error["type"].as_str()).unwrap_or_default();
        (self.status, code.to_owned(), error["param"].as_str().unwrap_or_default().to_owned())
    }
}

pub struct Bed {
    pub running: Running,
    pub client: reqwest::Client,
}

impl Bed {
    pub async fn start() -> Self {
        Self::with(quick()).await
    }

    pub async fn with(options: Options) -> Self {
        let running = Sandbox::start(options).await.unwrap();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        Self { running, client }
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<Got, reqwest::Error> {
        let url = format!("{}{path}", self.running.base_url());
        let mut request = self.client.request(Method::from_bytes(method.as_bytes()).unwrap(), url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.body(body).send().await?;
        Ok(Got {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await?,
        })
    }

    pub async fn stripe(&self, method: &str, path: &str, form: &Value, key: Option<&str>) -> Got {
        self.try_stripe(method, path, form, key).await.unwrap()
    }

    pub async fn try_stripe(
        &self,
        method: &str,
        path: &str,
        form: &Value,
        key: Option<&str>,
    ) -> Result<Got, reqwest::Error> {
        let authorization = format!("Bearer {STRIPE_KEY}");
        let mut headers = vec![("authorization", authorization.as_str())];
        if let Some(key) = key {
            headers.push(("idempotency-key", key));
        }
        let encoded = encode(form);
        if method == "POST" {
            headers.push(("content-type", "application/x-www-form-urlencoded"));
            return self.send(method, &format!("/stripe/v1{path}"), &headers, encoded).await;
        }
        self.send(method, &format!("/stripe/v1{path}?{encoded}"), &headers, String::new()).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.stripe("GET", path, &json!({}), None).await.ok()
    }

    /// A session of the usual kind; tells its id.
    pub async fn session(&self, form: &Value) -> String {
        let session = self.stripe("POST", "/checkout/sessions", form, None).await.ok();
        session["id"].as_str().unwrap().to_owned()
    }

    pub async fn pay(&self, id: &str, outcome: &str) -> Value {
        self.control("POST", &format!("/stripe/sessions/{id}/pay"), &json!({ "outcome": outcome })).await.ok()
    }

    pub async fn control(&self, method: &str, path: &str, body: &Value) -> Got {
        let body = if method == "GET" { String::new() } else { body.to_string() };
        self.send(method, &format!("/control{path}"), &[("content-type", "application/json")], body).await.unwrap()
    }

    pub async fn truth(&self) -> Value {
        self.control("GET", "/truth", &Value::Null).await.ok()
    }

    pub async fn fault(&self, rule: &Value) {
        self.control("POST", "/faults", rule).await.ok();
    }

    pub async fn panel(&self, method: &str, path: &str, body: &Value) -> Got {
        self.try_panel(method, path, body).await.unwrap()
    }

    pub async fn try_panel(&self, method: &str, path: &str, body: &Value) -> Result<Got, reqwest::Error> {
        let key = if path.starts_with("/client") { ACCOUNT_KEY } else { PANEL_KEY };
        let authorization = format!("Bearer {key}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("accept", "application/json"),
            ("content-type", "application/json"),
        ];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, &format!("/panel/api{path}"), &headers, body).await
    }
}

/// Options for tests: installs at once.
pub fn quick() -> Options {
    Options { install: Duration::ZERO, panel_rate_limit: 0, ..Options::default() }
}

/// A form from nested JSON, with brackets and dense indices.
pub fn encode(value: &Value) -> String {
    let mut pairs = Vec::new();
    flatten(value, String::new(), &mut pairs);
    pairs.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect::<Vec<_>>().join("&")
}

fn flatten(value: &Value, path: String, pairs: &mut Vec<(String, String)>) {
    let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}[{name}]") };
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| flatten(value, join(name), pairs)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, value)| flatten(value, join(&at.to_string()), pairs));
        }
        Value::String(text) => pairs.push((path, text.clone())),
        Value::Null => pairs.push((path, String::new())),
        Value::Bool(_) | Value::Number(_) => pairs.push((path, value.to_string())),
    }
}

fn escape(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").unwrap();
        }
        out
    })
}

/// A yearly subscription of 79.00 USD.
pub fn subscription() -> Value {
    json!({
        "mode": "subscription",
        "success_url": "https://shop.example.test/success?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example.test/cancel",
        "client_reference_id": "ord_1",
        "customer_email": "jane@example.test",
        "line_items": [{
            "quantity": 1,
            "price_data": {
                "currency": "usd", "unit_amount": 7900,
                "product_data": { "name": "Starter", "description": "10 GB" },
                "recurring": { "interval": "year", "interval_count": 1 },
            },
        }],
        "metadata": { "order_id": "ord_1" },
        "subscription_data": { "metadata": { "order_id": "ord_1" } },
    })
}

/// A single payment of 12.00 USD.
pub fn payment() -> Value {
    json!({
        "mode": "payment",
        "success_url": "https://shop.example.test/success",
        "cancel_url": "https://shop.example.test/cancel",
        "customer_email": "jane@example.test",
        "line_items": [{ "quantity": 2, "price_data": { "currency": "usd", "unit_amount": 600, "product_data": { "name": "Credit" } } }],
        "metadata": { "order_id": "ord_2" },
        "payment_intent_data": { "metadata": { "order_id": "ord_2" } },
    })
}

/// `base` with one more member at a JSON pointer (`null` there removes it).
pub fn with(base: Value, pointer: &str, value: Value) -> Value {
    let mut changed = base;
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = changed.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(map), Value::Null) => drop(map.remove(name)),
        (Value::Object(map), value) => drop(map.insert(name.to_owned(), value)),
        (Value::Array(list), value) if name == "-" => list.push(value),
        (other, _) => panic!("no member can be set on {other}"),
    }
    changed
}
