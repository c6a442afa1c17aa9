//! Asking the shop and the sandbox over HTTP.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{LIMIT, PAUSE};

/// Where shop and sandbox are.
#[derive(Clone)]
pub(crate) struct Desk {
    http: reqwest::Client,
    pub(crate) api: String,
    pub(crate) sandbox: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// A request to the shop.
#[derive(Clone, Default)]
pub(crate) struct Ask<'a> {
    pub(crate) path: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
    pub(crate) body: Option<&'a Value>,
}

impl Desk {
    pub(crate) fn new(api: String, sandbox: String) -> Self {
        // Whoever is killed takes its connections along, so none is kept.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).timeout(Duration::from_secs(10)).build();
        Self { http: http.unwrap(), api, sandbox }
    }

    async fn send(&self, method: Method, url: String, ask: &Ask<'_>) -> Result<Reply, reqwest::Error> {
        let mut request = self.http.request(method, url);
        if let Some(token) = ask.token {
            request = request.bearer_auth(token);
        }
        if let Some(key) = ask.key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = ask.body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await?;
        let (status, text) = (answer.status().as_u16(), answer.text().await?);
        Ok(Reply { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }

    /// One question to the shop.
    pub(crate) async fn ask(&self, ask: &Ask<'_>) -> Result<Reply, reqwest::Error> {
        let method = if ask.body.is_some() { Method::POST } else { Method::GET };
        self.send(method, format!("{}{}", self.api, ask.path), ask).await
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Reply, reqwest::Error> {
        self.ask(&Ask { path, ..Ask::default() }).await
    }

    /// Asks as a patient client does: the same request again when the shop did not answer or could not do it now.
    pub(crate) async fn insist(&self, ask: &Ask<'_>) -> Reply {
        let deadline = Instant::now() + LIMIT;
        loop {
            let last = match self.ask(ask).await {
                Ok(reply) if reply.status < 500 => return reply,
                Ok(reply) => format!("{reply:?}"),
                Err(error) => format!("{error:?}"),
            };
            assert!(Instant::now() < deadline, "{} is never answered: {last}", ask.path);
            sleep(PAUSE).await;
        }
    }

    /// Insists on a success.
    pub(crate) async fn done(&self, ask: &Ask<'_>) -> Value {
        let reply = self.insist(ask).await;
        assert!((200..300).contains(&reply.status), "{}: {reply:?}", ask.path);
        reply.body
    }

    /// Asks the panel, as another program with an administrator's key would.
    pub(crate) async fn panel(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let key = sandbox::Options::default().panel_key;
        let ask = Ask { body: body.as_ref(), token: Some(&key), ..Ask::default() };
        let url = format!("{}/panel/api/application{path}", self.sandbox);
        let reply = self.send(method.parse().unwrap(), url, &ask).await.unwrap();
        assert!((200..300).contains(&reply.status), "{path}: {reply:?}");
        reply.body
    }

    /// Turns one of the sandbox's knobs.
    pub(crate) async fn control(&self, path: &str, body: &Value) -> Value {
        let ask = Ask { body: Some(body), ..Ask::default() };
        let reply = self.send(Method::POST, format!("{}/control{path}", self.sandbox), &ask).await.unwrap();
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
        reply.body
    }

    /// Reads something of the sandbox.
    pub(crate) async fn look(&self, path: &str) -> Value {
        let reply = self.send(Method::GET, format!("{}{path}", self.sandbox), &Ask::default()).await.unwrap();
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
        reply.body
    }

    pub(crate) async fn forget_faults(&self) {
        let url = format!("{}/control/faults", self.sandbox);
        let reply = self.send(Method::DELETE, url, &Ask::default()).await.unwrap();
        assert_eq!(reply.status, 200, "{reply:?}");
    }

    /// The customer pays.
    pub(crate) async fn pay(&self, session: &str) {
        self.control(&format!("/stripe/sessions/{session}/pay"), &json!({ "outcome": "paid" })).await;
    }

    /// What really happened.
    pub(crate) async fn truth(&self) -> Value {
        self.look("/control/truth").await
    }

    /// The mails to an address, oldest first.
    pub(crate) async fn inbox(&self, email: &str) -> Vec<Value> {
        let inbox = self.look(&format!("/inbox.json?to={email}")).await;
        let mails = inbox.as_array().or_else(|| inbox["mails"].as_array());
        mails.unwrap_or_else(|| panic!("no mails in {inbox}")).clone()
    }
}

/// A text member of a JSON object.
pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}")).to_owned()
}
