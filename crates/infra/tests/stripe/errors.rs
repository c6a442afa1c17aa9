//! What an answer means for the order, and that nothing secret is said about it.

use std::{
    fmt::Write as _,
    io::Write,
    sync::{Arc, Mutex},
};

use catalog::CouponDuration;
use checkout::{GatewayError, PaymentGateway, SessionRequest};
use infra::outgoing::Outgoing;
use infra::stripe::{StripeGateway, StripeSettings, StripeSetupError};
use secrecy::SecretString;

use crate::{
    KEY, discount, gateway, request, settings,
    stub::{Say, Stub},
    usd,
};

/// The error of making a session when the server always says this.
async fn error(say: Say) -> GatewayError {
    let stub = Stub::answering(move |_| say.clone()).await;
    gateway(&stub.base).create_session(&request()).await.unwrap_err()
}

fn refused(code: &str, message: &str) -> GatewayError {
    let request_id = Some("req_stub1".to_owned());
    GatewayError::Refused { code: code.to_owned(), message: message.to_owned(), request_id }
}

#[tokio::test]
async fn refusals_keep_stripes_code_and_sentence() {
    let invalid = "invalid_request_error";
    let cases = [
        (
            Say::error(400, invalid, "parameter_unknown", "Received unknown parameter: x"),
            "parameter_unknown",
            "Received unknown parameter: x",
        ),
        (Say::error(400, invalid, "resource_missing", "No such customer"), "resource_missing", "No such customer"),
        (Say::error(400, invalid, "", "You may only specify one"), invalid, "You may only specify one"),
        (Say::error(401, invalid, "", "Invalid API Key provided"), "api_key_invalid", "Invalid API Key provided"),
        (Say::error(402, "card_error", "card_declined", "Declined"), "card_declined", "Declined"),
        (
            Say::error(400, "idempotency_error", "", "Keys for idempotent requests"),
            "idempotency_error",
            "Keys for idempotent requests",
        ),
        (
            Say::error(409, "idempotency_error", "", "Keys for idempotent requests"),
            "idempotency_error",
            "Keys for idempotent requests",
        ),
        (Say::status(403, "<html>no</html>"), "http_403", "answered 403 without a message"),
        (Say::status(404, "<html>no</html>"), "http_404", "answered 404 without a message"),
    ];
    for (say, code, message) in cases {
        assert_eq!(error(say.clone()).await, refused(code, message), "{say:?}");
    }
}

#[tokio::test]
async fn the_other_answers_leave_the_order_open() {
    let in_use = Say::error(409, "invalid_request_error", "idempotency_key_in_use", "busy");
    let cases = [
        (Say::error(500, "api_error", "", "sorry"), "failed"),
        (Say::status(502, "<html><body>Bad gateway</body></html>"), "failed"),
        (Say::status(503, ""), "failed"),
        (Say::error(429, "invalid_request_error", "rate_limit", "slow down"), "unavailable"),
        (Say::with(302, &[("location", "https://elsewhere.example/")], ""), "unavailable"),
        (in_use, "unknown"),
        (Say::status(200, "<html>welcome</html>"), "unknown"),
        (Say::status(200, r#"{"object":"checkout.session"}"#), "unknown"),
        (Say::HangUp, "unknown"),
    ];
    for (say, expected) in cases {
        let kind = match error(say.clone()).await {
            GatewayError::Failed { .. } => "failed",
            GatewayError::Unknown { .. } => "unknown",
            GatewayError::Unavailable { .. } => "unavailable",
            GatewayError::Refused { .. } => "refused",
            GatewayError::NotFound => "not found",
        };
        assert_eq!(kind, expected, "{say:?}");
    }
}

#[tokio::test]
async fn details_name_the_status_and_the_request() {
    let headers = [("request-id", "req_stub7"), ("idempotent-replayed", "true")];
    let GatewayError::Failed { detail } = error(Say::with(500, &headers, r#"{"error":{"type":"api_error"}}"#)).await
    else {
        panic!()
    };
    assert_eq!(detail, "answered 500 api_error, replayed (request req_stub7)");
}

#[tokio::test]
async fn what_stripe_does_not_have_is_not_found() {
    let missing = Say::error(404, "invalid_request_error", "resource_missing", "No such checkout.session");
    let stub = Stub::answering(move |_| missing.clone()).await;
    let gateway = gateway(&stub.base);
    assert_eq!(gateway.session("cs_test_none").await, Err(GatewayError::NotFound));
    assert_eq!(gateway.subscription("sub_none").await, Err(GatewayError::NotFound));
    assert_eq!(stub.asked().len(), 2);
}

#[tokio::test]
async fn texts_that_are_no_ids_never_become_part_of_a_path() {
    let stub = Stub::saying([]).await;
    let gateway = gateway(&stub.base);
    for id in ["", "../customers", "cs_1/expire", "cs_1?expand[]=x", "cs 1", "cs_%2e", "čs", "x\n", &"x".repeat(256)] {
        assert_eq!(gateway.session(id).await, Err(GatewayError::NotFound), "{id:?}");
        assert_eq!(gateway.subscription(id).await, Err(GatewayError::NotFound), "{id:?}");
        assert_eq!(gateway.invoice_of_intent(id).await, Err(GatewayError::NotFound), "{id:?}");
    }
    assert_eq!(stub.asked(), []);
}

fn with_coupon() -> SessionRequest {
    SessionRequest { discount: Some(discount(usd(659), CouponDuration::Once)), ..request() }
}

#[tokio::test]
async fn a_coupon_that_is_there_already_is_as_good() {
    let exists = Say::error(400, "invalid_request_error", "resource_already_exists", "Coupon already exists.");
    let stub = Stub::saying([exists, Say::session()]).await;
    gateway(&stub.base).create_session(&with_coupon()).await.unwrap();
    assert_eq!(stub.asked().len(), 2);
}

#[tokio::test]
async fn without_its_coupon_no_session_is_made() {
    let stub =
        Stub::saying([Say::error(400, "invalid_request_error", "parameter_invalid_integer", "no"), Say::session()])
            .await;
    let error = gateway(&stub.base).create_session(&with_coupon()).await.unwrap_err();
    assert_eq!(error, refused("parameter_invalid_integer", "no"));
    assert_eq!(stub.asked().len(), 1);
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn neither_errors_nor_logs_show_the_key_or_the_body() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let tactless = format!("Invalid API Key provided: {KEY}");
    let says = [
        Say::error(401, "invalid_request_error", "", &tactless),
        Say::error(500, "api_error", "", &tactless),
        Say::HangUp,
        Say::session(),
    ];
    let mut shown = String::new();
    for say in says {
        let stub = Stub::answering(move |_| say.clone()).await;
        let gateway = gateway(&stub.base);
        write!(shown, "{gateway:?} {:?} ", settings(&stub.base)).unwrap();
        match gateway.create_session(&request()).await {
            Ok(session) => shown += &session.id,
            Err(error) => write!(shown, "{error} {error:?} ").unwrap(),
        }
    }
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("/checkout/sessions") && logged.contains("req_stub1"), "the log says too little: {logged}");
    for text in [&shown, &logged] {
        for secret in [KEY, "jana.dvorakova", "success_url", "line_items"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

#[test]
fn settings_that_cannot_work_are_refused_without_repeating_them() {
    for base in ["", "stripe", "ftp://stripe.example", "https://stripe.example/?x=1"] {
        assert!(matches!(StripeGateway::new(settings(base)), Err(StripeSetupError::Address)), "{base}");
    }
    for base in ["http://169.254.169.254", "https://[fd00:ec2::254]/stripe", "http://2852039166"] {
        assert!(matches!(StripeGateway::new(settings(base)), Err(StripeSetupError::Forbidden(_))), "{base}");
    }
    let meant = Outgoing::allowing(&["169.254.169.254".to_owned()]).unwrap();
    let allowed = StripeSettings { outgoing: meant, ..settings("http://169.254.169.254") };
    assert!(StripeGateway::new(allowed).is_ok());
    for key in ["", "sk_test_ä", "sk_test_x\n", "sk test"] {
        let settings = StripeSettings {
            secret_key: SecretString::from(key),
            api_base: "https://api.stripe.com".to_owned(),
            outgoing: Outgoing::default(),
        };
        assert!(matches!(StripeGateway::new(settings), Err(StripeSetupError::Key)), "{key:?}");
    }
}

#[test]
fn the_key_tells_whether_money_is_real() {
    for (key, real) in [("sk_live_x", true), ("rk_live_x", true), ("sk_test_x", false), ("rk_test_x", false)] {
        let settings = StripeSettings {
            secret_key: SecretString::from(key),
            api_base: "https://api.stripe.com".to_owned(),
            outgoing: Outgoing::default(),
        };
        assert_eq!(StripeGateway::new(settings).unwrap().livemode(), real, "{key}");
    }
}
