//! The client's own key of a checkout.

use std::fmt::Write as _;

use actix_web::{HttpRequest, http::header::HeaderName};
use checkout::{CheckoutRequest, ClientKey};
use kernel::{BillingCycle, Id, entity};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::problem::Problem;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The `Idempotency-Key` of a request, if it has one, bound to who sends it and to what is asked.
pub(super) fn client_key(
    request: &HttpRequest,
    user: Option<Id<entity::User>>,
    checkout: &CheckoutRequest,
) -> Result<Option<ClientKey>, Problem> {
    let Some(value) = request.headers().get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let bytes = value.as_bytes();
    let visible = (1..=255).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    let key = value.to_str().ok().filter(|_| visible).ok_or_else(|| {
        Problem::invalid("invalid-idempotency-key", "Idempotency-Key: expected 1 to 255 visible ASCII characters.")
    })?;
    Ok(Some(ClientKey {
        scope: user.map_or_else(|| "guest".to_owned(), |user| user.to_string()),
        key: key.to_owned(),
        fingerprint: fingerprint(checkout),
    }))
}

/// A digest of what is asked, whichever shape and spelling it came in.
fn fingerprint(checkout: &CheckoutRequest) -> String {
    let cycle = checkout.cycle.trim();
    let canonical = json!([
        checkout.plan,
        cycle.parse().map_or_else(|_| cycle, |known: BillingCycle| known.as_str()),
        checkout.coupon.as_ref().map(|code| code.trim().to_ascii_uppercase()),
        checkout.trial,
        checkout.buyer.email.as_str(),
        checkout.buyer.name,
        checkout.delivery,
    ]);
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(canonical.to_string()) {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
