//! The contract's signature vectors, and cases of our own.

use std::{fmt::Write, time::Duration};

use chrono::DateTime;
use hmac::{Hmac, KeyInit, Mac};
use infra::stripe::{SignatureError, WEBHOOK_TOLERANCE, verify};
use kernel::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use sha2::{Digest, Sha256};

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    payload: String,
    payload_sha256: String,
    header: String,
    secrets: Vec<String>,
    now: i64,
    tolerance: u64,
    valid: bool,
    reason: String,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn secrets<const N: usize>(texts: [&str; N]) -> [SecretString; N] {
    texts.map(SecretString::from)
}

/// What Stripe would send as `v1`.
pub(crate) fn sign(secret: &str, time: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{time}.").as_bytes());
    mac.update(body);
    hex(&mac.finalize().into_bytes())
}

#[test]
fn every_vector_has_its_verdict() {
    let Vectors { vectors } = serde_json::from_str(include_str!("../contracts/stripe_webhook_vectors.json")).unwrap();
    assert_eq!(vectors.len(), 26);
    for vector in vectors {
        assert_eq!(hex(&Sha256::digest(&vector.payload)), vector.payload_sha256, "{}: the vector itself", vector.name);
        let secrets: Vec<SecretString> = vector.secrets.into_iter().map(SecretString::from).collect();
        let tolerance = Duration::from_secs(vector.tolerance);
        let verdict = verify(&vector.header, vector.payload.as_bytes(), &secrets, at(vector.now), tolerance);
        // Stripe's libraries take signatures from any future; the contract lets a project refuse them, and we do.
        let expected = vector.valid && vector.name != "future_301s";
        assert_eq!(verdict.is_ok(), expected, "{}: {} ({verdict:?})", vector.name, vector.reason);
    }
}

#[test]
fn the_reason_is_told() {
    let body = br#"{"id":"evt_1"}"#;
    let now = 1_795_219_200;
    let good = sign("whsec_a", now, body);
    let check = |header: &str, secrets: &[SecretString]| verify(header, body, secrets, at(now), WEBHOOK_TOLERANCE);
    let one = secrets(["whsec_a"]);
    assert_eq!(check(&format!("t={now},v1={good}"), &one), Ok(()));
    assert_eq!(check("", &one), Err(SignatureError::Malformed));
    assert_eq!(check(&format!("v1={good}"), &one), Err(SignatureError::Malformed));
    assert_eq!(check(&format!("t={now},v0={good}"), &one), Err(SignatureError::NoSignature));
    assert_eq!(check(&format!("t={now},v1={good}"), &secrets(["whsec_b"])), Err(SignatureError::Mismatch));
    assert_eq!(check(&format!("t={now},v1={good}"), &[]), Err(SignatureError::NoSecret));
    for (time, error) in [(now - 301, SignatureError::TooOld), (now + 301, SignatureError::InFuture)] {
        assert_eq!(check(&format!("t={time},v1={}", sign("whsec_a", time, body)), &one), Err(error));
    }
}

#[test]
fn any_signature_may_match_any_secret() {
    let body = b"{}";
    let now = 1_795_219_200;
    let header = format!("t={now},v1={},v1={}", sign("whsec_x", now, body), sign("whsec_new", now, body));
    assert_eq!(verify(&header, body, &secrets(["whsec_old", "whsec_new"]), at(now), WEBHOOK_TOLERANCE), Ok(()));
}

#[test]
fn an_empty_secret_is_no_secret() {
    let now = 1_795_219_200;
    let forged = format!("t={now},v1={}", sign("", now, b"{}"));
    assert_eq!(verify(&forged, b"{}", &secrets([""]), at(now), WEBHOOK_TOLERANCE), Err(SignatureError::NoSecret));
    assert_eq!(
        verify(&forged, b"{}", &secrets(["", "whsec_a"]), at(now), WEBHOOK_TOLERANCE),
        Err(SignatureError::Mismatch)
    );
}

#[test]
fn extreme_times_are_refused_without_overflow() {
    for time in [i64::MIN, -1, 0, i64::MAX] {
        let header = format!("t={time},v1={}", sign("whsec_a", time, b"{}"));
        assert!(verify(&header, b"{}", &secrets(["whsec_a"]), at(1_795_219_200), WEBHOOK_TOLERANCE).is_err());
    }
}
