//! A call of the service: its body, its signature, one attempt.

use hmac::{Hmac, KeyInit, Mac};
use kernel::Env;
use provisioning::{DomainChoice, ProviderError, ServiceOrder, Target};
use reqwest::{Method, Url, header::CONTENT_TYPE};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    WebhookSettings,
    answer::{Reply, sort},
};
use outgoing::http::HttpAnswer;

use crate::{
    Line,
    answer::{Doubt, silence, unavailable},
};

/// A service that can be called.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) http: Line,
    pub(super) settings: WebhookSettings,
}

/// What an order looks like to the service.
pub(super) fn order_body(verb: &str, order: &ServiceOrder) -> Value {
    let domain = order.delivery.domain.as_ref().map(|domain| match domain {
        DomainChoice::Own(name) => json!({ "own": name.as_str() }),
        DomainChoice::Subdomain(label) => json!({ "subdomain": label }),
    });
    json!({
        "verb": verb,
        "service": order.service.to_string(),
        "order": order.order.to_string(),
        "customer": order.owner.customer.to_string(),
        "owner": { "email": order.owner.email.to_string(), "name": order.owner.name },
        "label": order.label,
        "kind": order.kind,
        "settings": order.settings,
        "server_name": order.delivery.server_name.as_ref().map(provisioning::ServerName::as_str),
        "domain": domain,
    })
}

/// What a change of a service looks like.
pub(super) fn target_body(verb: &str, target: &Target) -> Value {
    json!({
        "verb": verb,
        "service": target.service.to_string(),
        "customer": target.customer.to_string(),
        "ref": target.reference.identifier,
    })
}

impl Caller {
    /// One attempt, and what its answer means. `key` is the same for calls that ask for the same thing once; without it the
    /// call is its own.
    pub(super) async fn ask(&self, body: Value, key: Option<String>, doubt: Doubt) -> Result<Reply, ProviderError> {
        sort(&self.send(self.settings.url.clone(), body, key, doubt).await?, doubt)
    }

    /// One attempt at this address.
    pub(super) async fn send(
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
