//! The provider type `webhook` against the receiver of the guide. Wants `python3`, as the repository's checks do.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod service;

use std::{sync::Arc, time::Duration};

use kernel::{Clock, Env, Id, Timestamp, entity};
use outgoing::http::{HttpClient, Timeouts};
use panels::{
    Gated, Line,
    webhook::{WebhookProvider, WebhookSettings},
};
use provisioning::{
    BoxFuture, Lookup, PollToken, Provider, ProviderError, RemoteRef, RemoteState, ServiceOrder, Step, Target,
    testing::{Stage, Trouble, provider_conforms, provider_waits, sample_order},
};
use secrecy::SecretString;
use serde_json::{Value, json};
use service::{Next, SECRET, Service};

struct Fixed;
impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }
}

fn order(seed: u64) -> ServiceOrder {
    sample_order(&mut Env::with(Arc::new(Fixed), seed), "vps", json!({ "size": "small" }))
}

struct Own {
    service: Service,
    provider: Gated<WebhookProvider>,
}

impl Own {
    fn start() -> Self {
        Self::with(Some(SecretString::from(SECRET)))
    }

    fn with(secret: Option<SecretString>) -> Self {
        let service = Service::start();
        let url = service.url.parse().unwrap();
        let settings = WebhookSettings { url, secret, lists: true, timeout: Duration::from_secs(20) };
        let line = Line::unlimited(HttpClient::new(Timeouts::default()).unwrap());
        let provider = Gated::unlimited(WebhookProvider::new(line, settings));
        Self { service, provider }
    }

    /// What `create` says when the service answers this.
    async fn create_told(&self, status: &str, body: &Value) -> Result<RemoteState, ProviderError> {
        self.service.next(Next::Say(status.to_owned(), body.to_string()));
        self.provider.create(&order(1)).await.map(|made| made.state)
    }
}

impl Stage for Own {
    fn provider(&self) -> &dyn Provider {
        &self.provider
    }
    fn order(&self, number: u64) -> ServiceOrder {
        order(number)
    }
    fn trouble(&self, trouble: Trouble) -> BoxFuture<'_, bool> {
        self.service.next(Next::Trouble(trouble));
        Box::pin(async { true })
    }
    fn slow(&self, wait: Duration) -> BoxFuture<'_, bool> {
        self.service.next(Next::Slowly(wait));
        Box::pin(async { true })
    }
    fn truth(&self, service: Id<entity::Service>) -> BoxFuture<'_, usize> {
        let there = self.service.things().get(service.to_string()).is_some();
        Box::pin(async move { usize::from(there) })
    }
    fn give_away(&self, service: Id<entity::Service>) -> BoxFuture<'_, bool> {
        let mut things = self.service.things();
        things[service.to_string()]["customer"] = json!(order(99).owner.customer.to_string());
        self.service.keep(&things);
        Box::pin(async { true })
    }
}

#[tokio::test]
async fn the_guides_receiver_conforms() {
    provider_conforms(&Own::start()).await;
}

/// Longer than it is given here, so that it is in doubt and then found.
#[tokio::test]
async fn a_slow_answer_is_no_failure() {
    provider_waits(&Own::start()).await;
}

fn thing(order: &ServiceOrder, state: &str) -> Value {
    let customer = order.owner.customer.to_string();
    json!({ "state": state, "service": order.service.to_string(), "customer": customer, "ref": "box-1" })
}

#[tokio::test]
async fn an_answer_is_believed_with_its_body_or_not_at_all() {
    let own = Own::start();
    let active = thing(&order(1), "active");
    for (status, body) in [
        ("200 OK", json!({ "state": "active" })),
        ("200 OK", thing(&order(2), "active")),
        ("201 Created", thing(&order(1), "splendid")),
        ("202 Accepted", active.clone()),
        ("204 No Content", json!(null)),
        ("404 Not Found", json!({ "error": "no such route" })),
        ("404 Not Found", json!({ "state": "absent" })),
        ("409 Conflict", json!({ "error": "exists" })),
        ("422 Unprocessable", json!({ "errors": [] })),
        ("503 Service Unavailable", json!({})),
        ("507 Insufficient Storage", json!({})),
        ("500 Oh", active.clone()),
    ] {
        let told = own.create_told(status, &body).await;
        assert!(matches!(told, Err(ProviderError::Unknown { .. })), "{status} {body}: {told:?}");
    }
    assert_eq!(own.create_told("200 OK", &active).await, Ok(RemoteState::Ready));
    assert_eq!(own.create_told("409 Conflict", &active).await, Ok(RemoteState::Ready), "it stood there: adopted");
    assert_eq!(own.create_told("202 Accepted", &thing(&order(1), "pending")).await, Ok(RemoteState::Installing));
    let refused = own.create_told("422 No", &json!({ "errors": ["size: no such size"] })).await.unwrap_err();
    assert_eq!(refused, ProviderError::Refused { detail: "size: no such size".to_owned() });
    let full = own.create_told("507 Full", &json!({ "reason": "no room in fra" })).await.unwrap_err();
    assert_eq!(full, ProviderError::NoCapacity { detail: "no room in fra".to_owned() });
    let later = own.create_told("503 Later\r\nretry-after: 30", &json!({})).await.unwrap_err();
    assert!(matches!(later, ProviderError::Unavailable { retry_after: Some(wait), .. } if wait.as_secs() == 30));
    let mut foreign = active;
    foreign["customer"] = json!("cus_of_somebody_else");
    let told = own.create_told("409 Conflict", &foreign).await;
    assert!(matches!(told, Err(ProviderError::Refused { .. })), "{told:?}");
}

#[tokio::test]
async fn what_takes_a_while_is_asked_for_at_its_own_origin_only() {
    let own = Own::start();
    let made = own.provider.create(&order(1)).await.unwrap();
    let target =
        Target { service: order(1).service, customer: order(1).owner.customer, reference: made.reference.clone() };
    let pending = |url: &str| json!({ "state": "pending", "poll_url": url, "check_after": 3 }).to_string();
    for elsewhere in ["http://127.0.0.1:1/job/7", "https://evil.test/", "http://user@127.0.0.1/", "http://"] {
        own.service.next(Next::Say("202 Accepted".to_owned(), pending(elsewhere)));
        let told = own.provider.suspend(&target, "why").await;
        assert!(matches!(told, Err(ProviderError::Unknown { .. })), "{elsewhere}: {told:?}");
    }
    own.service.next(Next::Say("202 Accepted".to_owned(), pending("/job/7")));
    let Step::Pending { token, check_after } = own.provider.suspend(&target, "why").await.unwrap() else { panic!() };
    assert!(token.0.ends_with("/job/7") && check_after.as_secs() == 3, "{token:?}");
    own.service.next(Next::Say("202 Accepted".to_owned(), json!({ "state": "pending" }).to_string()));
    let Step::Pending { token, .. } = own.provider.poll(&token).await.unwrap() else { panic!("it goes on") };
    assert!(String::from_utf8(own.service.last()).unwrap().starts_with("POST /job/7 "));
    own.service.next(Next::Say("200 OK".to_owned(), json!({ "state": "suspended" }).to_string()));
    assert_eq!(own.provider.poll(&token).await, Ok(Step::Done));
    let elsewhere = own.provider.poll(&PollToken("http://127.0.0.1:1/job/7".to_owned())).await;
    assert!(matches!(elsewhere, Err(ProviderError::Refused { .. })), "{elsewhere:?}");
}

#[tokio::test]
async fn the_receiver_takes_no_call_twice_and_none_that_was_changed_or_is_old() {
    let own = Own::start();
    let made = own.provider.create(&order(1)).await.unwrap();
    let whole = own.service.last();
    let text = String::from_utf8(whole.clone()).unwrap();
    assert!(text.to_ascii_lowercase().contains(&format!("idempotency-key: {}", order(1).service)), "{text}");
    assert!(!text.contains(SECRET));
    assert_eq!(own.service.told(&whole), "HTTP/1.0 401 Unauthorized", "a replay");
    let changed = text.replace("\"small\"", "\"large\"");
    assert_ne!(changed, text);
    assert_eq!(own.service.told(changed.as_bytes()), "HTTP/1.0 401 Unauthorized", "another body");
    for (age, expected) in [(301, "HTTP/1.0 401 Unauthorized"), (0, "HTTP/1.0 200 OK")] {
        let body = format!("{{\"verb\": \"check\", \"call\": \"age-{age}\"}}");
        let time = (Env::system().now().timestamp() - age).to_string();
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
        let tag = ring::hmac::sign(&key, format!("{time}.{body}").as_bytes());
        let digits = tag.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let hex: String = digits.map(|digit| char::from_digit(u32::from(digit), 16).unwrap()).collect();
        let head = format!("POST / HTTP/1.1\r\nX-Timestamp: {time}\r\nX-Signature: v1={hex}\r\nContent-Length: ");
        assert_eq!(own.service.told(format!("{head}{}\r\n\r\n{body}", body.len()).as_bytes()), expected, "{age}");
    }
    assert_eq!(own.service.things().as_object().unwrap().len(), 1);
    assert_eq!(made.reference.id, order(1).service.to_string());
}

#[tokio::test]
async fn a_wrong_secret_or_none_leaves_the_order_waiting() {
    for secret in [Some(SecretString::from("another secret, thirty-two chars")), None] {
        let own = Own::with(secret);
        let told = own.provider.create(&order(1)).await.unwrap_err();
        assert!(matches!(&told, ProviderError::Unavailable { detail, .. } if detail.contains("secret")), "{told}");
        assert!(!told.to_string().contains("thirty-two"), "{told}");
        assert!(matches!(own.provider.find(&order(1)).await, Err(ProviderError::Unavailable { .. })), "no proof");
        let nothing = RemoteRef { id: order(1).service.to_string(), identifier: String::new() };
        assert!(matches!(own.provider.observe(&nothing).await, Err(ProviderError::Unavailable { .. })));
    }
}

#[tokio::test]
async fn a_strangers_thing_under_our_key_is_foreign_and_a_list_is_whole_or_none() {
    let own = Own::start();
    own.provider.create(&order(1)).await.unwrap();
    assert!(own.give_away(order(1).service).await);
    assert!(matches!(own.provider.find(&order(1)).await, Ok(Lookup::Foreign(_))));
    let mut things = own.service.things();
    things["x"] = json!({ "service": "x", "customer": "y", "ref": "z", "state": "active" });
    own.service.keep(&things);
    let listed = own.provider.list_ours(None).await.unwrap().items;
    assert_eq!((listed.len(), listed.iter().filter(|line| line.service.is_none()).count()), (2, 1));
    things["x"]["state"] = json!("splendid");
    own.service.keep(&things);
    let half = own.provider.list_ours(None).await;
    assert!(matches!(half, Err(ProviderError::Unavailable { .. })), "{half:?}");
}
