//! Fault rules on the HTTP stand-ins.

use crate::support::{Bed, payment, subscription};
use serde_json::{Value, json};

async fn sessions(bed: &Bed) -> usize {
    bed.truth().await["sessions"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_failing_stripe_has_no_effect_and_recovers() {
    let bed = Bed::start().await;
    bed.fault(&json!({ "target": "stripe", "kind": "fail", "status": 503, "path_contains": "checkout", "method": "POST", "times": 2 })).await;
    for _ in 0..2 {
        let got = bed.stripe("POST", "/checkout/sessions", &payment(), Some("k")).await;
        assert_eq!(got.stripe_error(), (503, "api_error".to_owned(), String::new()));
    }
    assert_eq!(bed.get("/checkout/sessions").await["data"], json!([]));
    bed.stripe("POST", "/checkout/sessions", &payment(), Some("k")).await.ok();
    assert_eq!(sessions(&bed).await, 1);
    assert_eq!(bed.control("GET", "/faults", &Value::Null).await.ok()["faults"], json!([]));
}

#[tokio::test]
async fn a_rate_limit_speaks_stripes_code() {
    let bed = Bed::start().await;
    bed.fault(&json!({ "target": "stripe", "kind": "fail", "status": 429, "times": 1 })).await;
    let got = bed.stripe("POST", "/checkout/sessions", &payment(), Some("k")).await;
    assert_eq!((got.status, got.stripe_error().1.as_str()), (429, "rate_limit"));
}

#[tokio::test]
async fn a_hanging_stripe_has_taken_effect_and_closes_without_an_answer() {
    let bed = Bed::start().await;
    bed.fault(&json!({ "target": "stripe", "kind": "hang_after_effect", "ms": 10, "times": 1 })).await;
    let got = bed.try_stripe("POST", "/checkout/sessions", &subscription(), Some("k")).await;
    assert!(got.is_err(), "the connection is closed without an answer");
    assert_eq!(sessions(&bed).await, 1);
    let again = bed.stripe("POST", "/checkout/sessions", &subscription(), Some("k")).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (200, Some("true")));
}

#[tokio::test]
async fn a_dropped_call_has_no_effect() {
    let bed = Bed::start().await;
    bed.fault(
        &json!({ "target": "stripe", "kind": "drop", "times": 1, "method": "POST", "path_contains": "sessions" }),
    )
    .await;
    assert!(bed.try_stripe("POST", "/checkout/sessions", &subscription(), None).await.is_err());
    assert_eq!(sessions(&bed).await, 0);
}

#[tokio::test]
async fn a_delayed_call_takes_effect_even_when_the_client_has_gone() {
    let bed = Bed::start().await;
    bed.fault(&json!({ "target": "panel", "kind": "delay", "ms": 1000, "times": 1 })).await;
    let user = json!({ "email": "late@example.test", "username": "late1", "first_name": "L", "last_name": "T" });
    {
        let call = bed.try_panel("POST", "/application/users", &user);
        let gone = tokio::time::timeout(std::time::Duration::from_millis(100), call).await;
        assert!(gone.is_err(), "the answer came at once");
    }
    // The client hung up; the panel's work goes on. Bounded by the test runner's own limit.
    loop {
        let users = bed.truth().await["panel"]["users"].as_array().unwrap().len();
        if users == 2 {
            break;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn panel_failures_have_three_voices() {
    let bed = Bed::start().await;
    for (rule, status, begins) in [
        (json!({ "status": 500 }), 500, r#"{"errors":[{"code":"ErrorException""#),
        (json!({ "status": 429 }), 429, r#"{"errors":[{"code":"ThrottleRequestsException""#),
        (json!({ "voice": "html" }), 502, "<html>"),
        (json!({ "voice": "daemon" }), 504, r#"{"errors":[{"code":"DaemonConnectionException""#),
        (json!({ "voice": "daemon", "status": 404 }), 404, r#"{"errors":[{"code":"DaemonConnectionException""#),
    ] {
        let mut rule = rule;
        rule["target"] = json!("panel");
        rule["kind"] = json!("fail");
        rule["times"] = json!(1);
        bed.fault(&rule).await;
        let got = bed.panel("GET", "/application/nodes", &Value::Null).await;
        assert_eq!(got.status, status);
        assert!(got.text.starts_with(begins), "{}", got.text);
    }
}

#[tokio::test]
async fn a_panel_failure_after_effect_leaves_the_server() {
    let bed = Bed::start().await;
    bed.fault(&json!({ "target": "panel", "kind": "fail_after_effect", "voice": "html", "status": 504, "method": "POST", "path_contains": "/servers", "times": 1 })).await;
    let body = crate::panel::server("svc_1");
    assert_eq!(bed.panel("POST", "/application/servers", &body).await.status, 504);
    let adopted = bed.panel("GET", "/application/servers/external/svc_1", &Value::Null).await.ok();
    assert_eq!(adopted["attributes"]["external_id"], json!("svc_1"));
    let again = bed.panel("POST", "/application/servers", &body).await;
    assert_eq!((again.status, &again.json()["errors"][0]["meta"]["rule"]), (422, &json!("unique")));
}

#[tokio::test]
async fn rules_are_checked_and_removed_one_by_one() {
    let bed = Bed::start().await;
    for (rule, word) in [
        (json!({ "target": "stripe", "kind": "duplicate" }), "webhook"),
        (json!({ "target": "mars", "kind": "fail" }), "unknown variant"),
        (json!({ "target": "panel", "kind": "fail", "status": 200 }), "200"),
        (json!({ "target": "panel", "kind": "fail", "colour": 1 }), "unknown field"),
        (json!({ "target": "webhook", "kind": "fail_after_effect" }), "receiver"),
        (json!({ "target": "stripe", "kind": "fail", "voice": "daemon" }), "panel"),
    ] {
        let got = bed.control("POST", "/faults", &rule).await;
        assert_eq!(got.status, 400, "{rule}");
        assert!(got.json()["error"].as_str().unwrap().contains(word), "{}", got.text);
    }
    let id = bed.control("POST", "/faults", &json!({ "target": "stripe", "kind": "fail" })).await.ok()["id"].clone();
    assert_eq!(bed.control("GET", "/faults", &Value::Null).await.ok()["faults"][0]["id"], id);
    bed.control("DELETE", &format!("/faults/{id}"), &Value::Null).await.ok();
    assert_eq!(bed.control("DELETE", &format!("/faults/{id}"), &Value::Null).await.status, 404);
    bed.get("/events").await;
}

#[tokio::test]
async fn reset_forgets_everything() {
    let bed = Bed::start().await;
    let id = bed.session(&subscription()).await;
    bed.pay(&id, "paid").await;
    bed.panel("POST", "/application/servers", &crate::panel::server("svc_1")).await.ok();
    bed.fault(&json!({ "target": "smtp", "kind": "fail" })).await;
    bed.control("POST", "/reset", &json!({})).await.ok();
    let truth = bed.truth().await;
    assert_eq!(
        (&truth["sessions"], &truth["events"], &truth["panel"]["servers"]),
        (&json!([]), &json!([]), &json!([]))
    );
    assert_eq!(bed.control("GET", "/faults", &Value::Null).await.ok()["faults"], json!([]));
}
