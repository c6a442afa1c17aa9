//! The Stripe gateway against its contract: signatures, request schemas, events of two API versions, a transport that
//! meets every kind of answer, and the sandbox.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod against_sandbox;
mod edges;
mod errors;
mod events;
mod form;
mod fuzz;
mod requests;
mod retries;
mod schema;
mod signatures;
mod stub;
mod typed;

use checkout::{SessionDiscount, SessionRequest};
use infra::{
    http::Timeouts,
    outgoing::Outgoing,
    stripe::{Patience, RetryPace, StripeGateway, StripeSettings},
};
use kernel::{BillingCycle, Money};
use secrecy::SecretString;

/// The key that no error, log line or URL may show.
const KEY: &str = "sk_test_4eC39HqLyjWDarjtT1zdp7dc";
const ORDER: &str = "ord_019a0c5fd2b07c3e8a11223344556677";

fn settings(base: &str) -> StripeSettings {
    StripeSettings { secret_key: SecretString::from(KEY), api_base: base.to_owned(), outgoing: Outgoing::default() }
}

/// A gateway at this address that does not pause between tries.
fn gateway(base: &str) -> StripeGateway {
    let patience = Patience { pace: RetryPace::NONE, ..Patience::default() };
    StripeGateway::with_patience(settings(base), patience).unwrap()
}

/// A gateway that gives up on a silent server at once.
fn hasty_gateway(base: &str) -> StripeGateway {
    let short = std::time::Duration::from_millis(100);
    let timeouts = Timeouts { connect: std::time::Duration::from_secs(10), total: short };
    StripeGateway::with_patience(settings(base), Patience { timeouts, pace: RetryPace::NONE }).unwrap()
}

fn usd(minor: i64) -> Money {
    Money::new(minor, "USD".parse().unwrap())
}

/// A guest's yearly plan without coupon or trial.
fn request() -> SessionRequest {
    SessionRequest {
        order: ORDER.parse().unwrap(),
        attempt: 1,
        name: "Starter".to_owned(),
        description: Some("Web hosting, 10 GB — čtyři weby & více".to_owned()),
        list: usd(6588),
        cycle: BillingCycle::Yearly,
        discount: None,
        trial_days: 0,
        email: "jana.dvorakova+shop@example.com".parse().unwrap(),
        gateway_customer: None,
        success_url: format!("https://shop.example/orders/{ORDER}?session_id={{CHECKOUT_SESSION_ID}}"),
        cancel_url: format!("https://shop.example/orders/{ORDER}?cancelled=1"),
    }
}

fn discount(amount_off: Money, duration: catalog::CouponDuration) -> SessionDiscount {
    SessionDiscount { code: "WELCOME10".to_owned(), amount_off, duration }
}
