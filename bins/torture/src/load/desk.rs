//! Asking the shop, and the sandbox's knobs, over HTTP.

use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::failed::{Because, Failed, Outcome};

/// Where shop and sandbox are.
#[derive(Clone)]
pub(crate) struct Desk {
    http: Client,
    shop: String,
    sandbox: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// A request to the shop.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) path: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
    pub(crate) body: &'a Value,
}

impl Desk {
    /// The shop's address, the sandbox's own one.
    pub(crate) fn new(shop: String, sandbox: String) -> Outcome<Self> {
        // A second one is refused, and that is all right.
        drop(rustls::crypto::ring::default_provider().install_default());
        // Who is killed takes its connections along, so none is kept.
        let http = Client::builder().pool_max_idle_per_host(0).timeout(Duration::from_secs(10)).build();
        Ok(Self { http: http.because("an HTTP client")?, shop, sandbox })
    }

    /// One try. An error means that nobody knows whether it took effect.
    pub(crate) async fn ask(&self, ask: Ask<'_>) -> Outcome<Reply> {
        let mut request = self.http.post(format!("{}{}", self.shop, ask.path));
        if let Some(token) = ask.token {
            request = request.bearer_auth(token);
        }
        if let Some(key) = ask.key {
            request = request.header("idempotency-key", key);
        }
        request = request.header("content-type", "application/json").body(ask.body.to_string());
        let answer = request.send().await.because(ask.path)?;
        let (status, text) = (answer.status().as_u16(), answer.text().await.because(ask.path)?);
        Ok(Reply { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }

    /// Whether the shop says that it is well.
    pub(crate) async fn is_well(&self, base: &str) -> bool {
        let asked = self.http.get(format!("{base}/api/health")).timeout(Duration::from_secs(2)).send().await;
        asked.is_ok_and(|answer| answer.status().is_success())
    }

    async fn knob(&self, method: Method, path: &str, body: Option<&Value>) -> Outcome<Value> {
        let mut request = self.http.request(method, format!("{}{path}", self.sandbox)).timeout(Duration::from_mins(1));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.because(path)?;
        let (status, text) = (answer.status(), answer.text().await.because(path)?);
        if !status.is_success() {
            return Err(Failed::new(format!("the sandbox's {path}: {status} {text}")));
        }
        serde_json::from_str(&text).because(path)
    }

    /// Turns one of the sandbox's knobs.
    pub(crate) async fn control(&self, path: &str, body: &Value) -> Outcome<Value> {
        self.knob(Method::POST, &format!("/control{path}"), Some(body)).await
    }

    /// Reads something of the sandbox.
    pub(crate) async fn look(&self, path: &str) -> Outcome<Value> {
        self.knob(Method::GET, path, None).await
    }

    /// Takes all fault rules away.
    pub(crate) async fn heal(&self) -> Outcome<()> {
        self.knob(Method::DELETE, "/control/faults", None).await.map(drop)
    }

    /// The customer is on the payment page.
    pub(crate) async fn pay(&self, session: &str, outcome: &str) -> Outcome<()> {
        self.control(&format!("/stripe/sessions/{session}/pay"), &json!({ "outcome": outcome })).await.map(drop)
    }

    /// The bank confirms a delayed payment.
    pub(crate) async fn confirm(&self, session: &str) -> Outcome<()> {
        let body = json!({ "outcome": "succeeded" });
        self.control(&format!("/stripe/sessions/{session}/async"), &body).await.map(drop)
    }

    /// A server in the panel that the shop knows nothing of; for the sabotage.
    pub(crate) async fn panel(&self, path: &str, key: &str, body: &Value) -> Outcome<Value> {
        let url = format!("{}/panel/api/application{path}", self.sandbox);
        let request = self.http.post(url).bearer_auth(key).header("content-type", "application/json");
        let request = request.header("accept", "application/json").body(body.to_string());
        let answer = request.send().await.because(path)?;
        let (status, text) = (answer.status(), answer.text().await.because(path)?);
        if status.is_success() { serde_json::from_str(&text).because(path) } else { Err(Failed::new(text)) }
    }
}
