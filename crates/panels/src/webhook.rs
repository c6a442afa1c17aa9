//! An operator's own service behind an address, asked by signed calls. docs/guides/providers.md is its contract.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use kernel::Env;
use outgoing::http::HttpAnswer;
use provisioning::ProviderError;
use reqwest::{Method, Url, header::CONTENT_TYPE};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    Limits, Line,
    answer::{Doubt, refused, silence, unavailable},
    file::{Entry, Instance, Type},
    service::{Channel, ServiceProvider, Told},
};

/// The fewest characters of a secret that calls are signed with.
const SHORTEST_SECRET: usize = 32;

/// The `type` of the providers file.
pub const TYPE: Type = Type { name: "webhook", limits: Limits { per_minute: 600, at_once: 8 }, read };

fn read(entry: &mut Entry<'_, '_>) -> Option<Instance> {
    let url = entry.url();
    let secret = entry.secret(("secret_env", "secret_file"), SHORTEST_SECRET);
    let lists = entry.reader.flag("lists");
    let timeout = entry.timeout(1..=300, 60);
    let settings = WebhookSettings { url: url?, secret: secret?, lists, timeout };
    let url = settings.url.clone();
    Some(Instance::new(Some(url), move |line| WebhookProvider::new(line, settings.clone())))
}

/// Where the service is.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// Where every call goes.
    pub url: Url,
    /// What calls are signed with. Without it settings can be checked, and every call is unavailable.
    pub secret: Option<SecretString>,
    /// It answers the verb `list`.
    pub lists: bool,
    /// How long a call may take.
    pub timeout: Duration,
}

/// Delivers by calling an operator's service.
pub type WebhookProvider = ServiceProvider<Webhook>;

/// A service that can be called.
#[derive(Debug)]
pub struct Webhook {
    http: Line,
    settings: WebhookSettings,
}

impl ServiceProvider<Webhook> {
    /// The provider that calls this service.
    pub const fn new(http: Line, settings: WebhookSettings) -> Self {
        Self::over(Webhook { http, settings })
    }
}

impl Webhook {
    /// This address, or one relative to the service's, if it is of the same origin: our signature goes nowhere else.
    fn address(&self, text: &str) -> Option<Url> {
        let base = &self.settings.url;
        base.join(text).ok().filter(|url| url.origin() == base.origin() && url.username().is_empty())
    }

    /// One attempt at this address.
    async fn call(
        &self,
        url: Url,
        mut body: Value,
        key: Option<String>,
        doubt: Doubt,
    ) -> Result<HttpAnswer, ProviderError> {
        let secret = self.settings.secret.as_ref();
        let secret = secret.ok_or_else(|| unavailable("its secret was not read".to_owned(), None))?;
        let mut env = Env::system();
        // Every call differs from every other one, so that a receiver that sees one twice knows it for a replay.
        let call = hexadecimal(&env.bytes::<16>());
        let key = key.unwrap_or_else(|| call.clone());
        if let Some(table) = body.as_object_mut() {
            table.insert("call".to_owned(), Value::from(call));
            table.insert("key".to_owned(), Value::from(key.as_str()));
        }
        let (body, time) = (body.to_string(), env.now().timestamp().to_string());
        let request = self
            .http
            .request(Method::POST, url)
            .header(CONTENT_TYPE, "application/json")
            .header("Idempotency-Key", key)
            .header("X-Signature", format!("v1={}", signature(secret, &time, &body)?))
            .header("X-Timestamp", time)
            .timeout(self.settings.timeout)
            .body(body);
        self.http.send(request).await.map_err(|error| silence(&error, doubt))
    }
}

impl Channel for Webhook {
    const FLAVOUR: &'static str = "webhook";

    fn lists(&self) -> bool {
        self.settings.lists
    }

    async fn send(&self, body: Value, key: Option<String>, doubt: Doubt) -> Result<Told, ProviderError> {
        self.call(self.settings.url.clone(), body, key, doubt).await.map(told)
    }

    fn token(&self, said: &str) -> Option<String> {
        self.address(said).map(String::from)
    }

    async fn poll(&self, token: &str) -> Result<Told, ProviderError> {
        // Once more: the file may have changed since.
        let url = self.address(token).ok_or_else(|| refused("the poll_url is not the service's"))?;
        self.call(url, json!({ "verb": "poll" }), None, Doubt::Harmless).await.map(told)
    }
}

fn told(answer: HttpAnswer) -> Told {
    Told { status: answer.status.as_u16(), retry_after: answer.retry_after(), body: answer.body }
}

/// HMAC-SHA256 of `<time>.<body>` under the secret, in hexadecimal.
fn signature(secret: &SecretString, time: &str, body: &str) -> Result<String, ProviderError> {
    let unusable = |_| unavailable("its secret cannot be signed with".to_owned(), None);
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).map_err(unusable)?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    Ok(hexadecimal(&mac.finalize().into_bytes()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}
