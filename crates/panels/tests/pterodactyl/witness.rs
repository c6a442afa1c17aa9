//! Stands between the provider and the sandbox's panel, and holds everything that passes against the contract.

use std::{
    collections::BTreeSet,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};

use crate::{
    contract::{contract, endpoint_of},
    http::{Call, Reply, serve},
};

#[derive(Default)]
struct Seen {
    endpoints: BTreeSet<String>,
    wrong: Vec<String>,
}

/// What passed.
pub(crate) struct Witness {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

impl Witness {
    /// Before the panel at this address.
    pub(crate) fn before(panel: SocketAddr) -> Self {
        let (seen, contract) = (Arc::new(Mutex::new(Seen::default())), contract());
        let notes = Arc::clone(&seen);
        let address = serve(move |call| {
            let reply = forward(&call, panel);
            notes.lock().unwrap().judge(&contract, &call, &reply);
            reply
        });
        Self { address, seen }
    }

    /// The endpoints that were asked, by the contract's names for them.
    ///
    /// # Panics
    /// When something passed that the contract does not know.
    pub(crate) fn endpoints(&self) -> BTreeSet<String> {
        let seen = self.seen.lock().unwrap();
        assert!(seen.wrong.is_empty(), "{:#?}", seen.wrong);
        seen.endpoints.clone()
    }
}

impl Seen {
    fn judge(&mut self, contract: &Value, call: &Call, reply: &Reply) {
        let Some(endpoint) = endpoint_of(contract, &call.method, call.path.trim_start_matches("/panel")) else {
            // By its answer the two panels are told apart: Pelican's only.
            if (call.method.as_str(), call.path.as_str()) != ("GET", "/panel/api/application/eggs") {
                self.wrong.push(format!("the contract has no {} {}", call.method, call.path));
            }
            return;
        };
        let name = endpoint["id"].as_str().unwrap().to_owned();
        // No body is what the contract calls an empty one.
        let sent = if call.body.is_null() { json!({}) } else { call.body.clone() };
        let mut wrong = violations(contract, &endpoint["request_schema"], &sent);
        let Reply::Text { status, body, .. } = reply else { return };
        if *status < 300 && *status != 204 {
            wrong.extend(violations(contract, &endpoint["success"]["schema"], &serde_json::from_str(body).unwrap()));
        }
        if *status < 300 && json!(status) != endpoint["success"]["status"] {
            wrong.push(format!("answered with {status}"));
        }
        self.wrong.extend(wrong.into_iter().map(|what| format!("{name}: {what}")));
        self.endpoints.insert(name);
    }
}

fn violations(contract: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let Some(definition) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/definitions/")) else {
        return Vec::new();
    };
    crate::contract::violations(contract, definition, value)
}

fn forward(call: &Call, panel: SocketAddr) -> Reply {
    let mut url = reqwest::Url::parse(&format!("http://panel{}", call.path)).unwrap();
    if !call.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&call.query);
    }
    let target = url.as_str().trim_start_matches("http://panel").to_owned();
    let body = if call.body.is_null() { String::new() } else { call.body.to_string() };
    let mut head = format!("{} {target} HTTP/1.1\r\n", call.method);
    for (name, value) in &call.headers {
        if !["connection", "content-length"].contains(&name.as_str()) {
            head = format!("{head}{name}: {value}\r\n");
        }
    }
    let mut socket = TcpStream::connect(panel).unwrap();
    let length = body.len();
    write!(socket, "{head}connection: close\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
    let headers = vec![("content-type", "application/json".to_owned())];
    Reply::Text { status, headers, body: body.to_owned() }
}
