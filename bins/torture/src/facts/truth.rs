//! What really happened, as the sandbox knows it.

use serde_json::Value;

use super::{Arrived, Facts, ServerFact, SessionFact};

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Adds what the sandbox tells.
pub(crate) fn read_truth(facts: &mut Facts, truth: &Value) {
    for session in list(truth, "/sessions") {
        facts.sessions.push(SessionFact {
            id: text(session, "/id"),
            order: text(session, "/metadata/order_id"),
            paid: session.pointer("/paid") == Some(&Value::Bool(true)),
            amount: session.pointer("/amount_total").and_then(Value::as_i64).unwrap_or_default(),
        });
    }
    let number = |path: &str| truth.pointer(path).and_then(Value::as_u64).unwrap_or_default();
    (facts.throttled, facts.busiest_minute) = (number("/panel/throttled"), number("/panel/busiest_minute"));
    for server in list(truth, "/panel/servers") {
        facts.servers.push(ServerFact {
            id: server.pointer("/id").map(ToString::to_string).unwrap_or_default(),
            external_id: text(server, "/external_id"),
            ready: server.pointer("/status").is_some_and(Value::is_null),
        });
    }
    for mail in list(truth, "/mails/messages") {
        for to in list(mail, "/to") {
            let to = to.as_str().unwrap_or_default().to_lowercase();
            let message_id = text(mail, "/message_id").trim_matches(['<', '>']).to_owned();
            facts.arrived.push(Arrived { to, message_id });
        }
    }
    for event in list(truth, "/events") {
        if event.pointer("/delivery/delivered") == Some(&Value::Bool(true)) {
            facts.acknowledged.insert(text(event, "/id"));
        }
    }
}

/// Orders that were paid at Stripe, and how many webhooks are still to be sent.
pub(crate) fn paid_and_pending(truth: &Value) -> (Vec<String>, u64) {
    let paid = list(truth, "/sessions").iter().filter(|session| session.pointer("/paid") == Some(&Value::Bool(true)));
    let orders = paid.map(|session| text(session, "/metadata/order_id")).collect();
    (orders, truth.pointer("/webhooks_pending").and_then(Value::as_u64).unwrap_or_default())
}
