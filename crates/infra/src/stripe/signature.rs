//! The signature of a webhook (docs.stripe.com/webhooks#verify-manually): `Stripe-Signature: t=<unix>,v1=<hex>[,v1=<hex>…]`,
//! where v1 is the HMAC-SHA256 of `<t>.<raw body>` under the whole secret, `whsec_` included.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use kernel::{Failure, FailureKind, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// How far a signature's time may be from ours, either way. Stripe's libraries take any time in the future; we do not,
/// because such a header could be kept and replayed later.
pub const WEBHOOK_TOLERANCE: Duration = Duration::from_mins(5);

/// Why a delivery is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// No header, or not in the form that Stripe writes.
    #[error("the signature header is missing or malformed")]
    Malformed,
    /// No signature of the scheme `v1`; others, such as `v0`, prove nothing.
    #[error("the signature header holds no v1 signature")]
    NoSignature,
    /// There is nothing to check against.
    #[error("no webhook secret is configured")]
    NoSecret,
    /// Signed with another secret, or the body or the time was changed.
    #[error("no signature matches this body and a configured secret")]
    Mismatch,
    /// Genuine, but too old: a replay, or a clock that is wrong.
    #[error("the signature is older than the tolerance")]
    TooOld,
    /// Genuine, but from the future.
    #[error("the signature is from further in the future than the tolerance")]
    InFuture,
}

impl Failure for SignatureError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::NoSecret => FailureKind::Unavailable,
            Self::Malformed | Self::NoSignature | Self::Mismatch | Self::TooOld | Self::InFuture => {
                FailureKind::Invalid
            }
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoSecret => "webhook-secret-missing",
            Self::Malformed | Self::NoSignature | Self::Mismatch | Self::TooOld | Self::InFuture => "bad-signature",
        }
    }
}

/// Checks every signature of the header against every secret, in constant time, and then the time.
///
/// # Errors
/// [`SignatureError`]; an empty secret never matches.
pub fn verify(
    header: &str,
    body: &[u8],
    secrets: &[SecretString],
    now: Timestamp,
    tolerance: Duration,
) -> Result<(), SignatureError> {
    let header = Header::parse(header)?;
    let mut secrets = secrets.iter().map(SecretString::expose_secret).filter(|secret| !secret.is_empty()).peekable();
    if secrets.peek().is_none() {
        return Err(SignatureError::NoSecret);
    }
    let mut found = Choice::from(0);
    for secret in secrets {
        let expected = signature(secret, header.time, body)?;
        for given in header.signatures() {
            found |= expected.ct_eq(given.as_bytes());
        }
    }
    if !bool::from(found) {
        return Err(SignatureError::Mismatch);
    }
    header.check_time(now, tolerance)
}

/// Checks what needs no body: that there is a signature, and its time. Who fails here fails with every body.
///
/// # Errors
/// [`SignatureError`], but no mismatch.
pub fn verify_header(header: &str, now: Timestamp, tolerance: Duration) -> Result<(), SignatureError> {
    Header::parse(header)?.check_time(now, tolerance)
}

struct Header<'a> {
    /// As written: these very characters were signed.
    time: &'a str,
    signed_at: i64,
    whole: &'a str,
}

impl<'a> Header<'a> {
    /// Keys are not trimmed: ` v1` is not `v1`, as in Stripe's own libraries.
    fn parse(whole: &'a str) -> Result<Self, SignatureError> {
        let time = values(whole, "t").next().ok_or(SignatureError::Malformed)?;
        let signed_at = time.parse().map_err(|_| SignatureError::Malformed)?;
        let header = Self { time, signed_at, whole };
        if header.signatures().next().is_none() { Err(SignatureError::NoSignature) } else { Ok(header) }
    }

    fn signatures(&self) -> impl Iterator<Item = &'a str> {
        values(self.whole, "v1").filter(|value| !value.is_empty())
    }

    fn check_time(&self, now: Timestamp, tolerance: Duration) -> Result<(), SignatureError> {
        let age = now.timestamp().saturating_sub(self.signed_at);
        let tolerance = i64::try_from(tolerance.as_secs()).unwrap_or(i64::MAX);
        match age {
            _ if age > tolerance => Err(SignatureError::TooOld),
            _ if age < -tolerance => Err(SignatureError::InFuture),
            _ => Ok(()),
        }
    }
}

fn values<'a>(header: &'a str, name: &'static str) -> impl Iterator<Item = &'a str> {
    header
        .split(',')
        .filter_map(|part| part.split_once('='))
        .filter(move |(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// The v1 signature in hexadecimal.
fn signature(secret: &str, time: &str, body: &[u8]) -> Result<[u8; 64], SignatureError> {
    // HMAC takes keys of every length, so the error is unreachable; it must not become a match.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| SignatureError::Mismatch)?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    let digit = |nibble: u8| nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
    let mut hex = [0; 64];
    for (pair, byte) in hex.chunks_exact_mut(2).zip(mac.finalize().into_bytes()) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    Ok(hex)
}
