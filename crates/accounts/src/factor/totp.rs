//! Codes of an authenticator app: RFC 6238 with what every app can do, SHA-1, six digits, a new code each 30 seconds.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use kernel::{EmailAddress, Env, Id, Timestamp, entity};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use subtle::ConstantTimeEq;

use crate::{SealError, Sealed, Sealer};

/// Digits of a code.
pub(super) const DIGITS: usize = 6;
const MODULUS: u32 = 1_000_000;
/// Seconds that a code is shown for.
const STEP: i64 = 30;
/// Steps before and after the present one that count too, for clocks that go wrong (RFC 6238, 5.2 and 6).
const SKEW: i64 = 1;

/// An app of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totp {
    /// Whose.
    pub user: Id<entity::User>,
    /// The secret, sealed for [`totp_context`].
    pub sealed: Sealed,
    /// When it was shown.
    pub created_at: Timestamp,
    /// When a first code proved that the app has it; before that it counts for nothing.
    pub confirmed_at: Option<Timestamp>,
    /// The step of the last code that was taken. No code of it or of an earlier one counts again.
    pub last_step: Option<i64>,
}

/// What the seal of an app's secret is bound to.
pub fn totp_context(user: Id<entity::User>) -> String {
    format!("totp:{user}")
}

/// What app and shop share: 160 bits, as long as the hash (RFC 4226, 4).
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret([u8; 20]);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

impl TotpSecret {
    /// A new one.
    pub fn random(env: &mut Env) -> Self {
        Self(env.bytes())
    }

    /// As people type it into an app: base32, 32 characters.
    pub fn text(&self) -> SecretString {
        BASE32_NOPAD.encode(&self.0).into()
    }

    /// Reads what [`TotpSecret::text`] wrote.
    pub fn read(text: &SecretString) -> Option<Self> {
        let bytes = BASE32_NOPAD.decode(text.expose_secret().as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// Sealed for its row.
    ///
    /// # Errors
    /// The sealer's.
    pub fn seal(&self, sealer: &impl Sealer, user: Id<entity::User>) -> Result<Sealed, SealError> {
        sealer.seal(&totp_context(user), &self.text())
    }

    /// Opens the secret of an app.
    ///
    /// # Errors
    /// A broken seal.
    pub fn open(sealer: &impl Sealer, totp: &Totp) -> Result<Self, SealError> {
        let text = sealer.open(&totp_context(totp.user), &totp.sealed)?;
        Self::read(&text).ok_or(SealError("read: it is no authenticator secret"))
    }

    /// The step whose code this is: the present one or a neighbour. That it was not used before is the store's to say.
    pub fn step_of(&self, code: &SecretString, now: Timestamp) -> Option<i64> {
        let present = now.timestamp().div_euclid(STEP);
        let mut found = None;
        // All of them are compared, so that the time tells nothing.
        for step in present - SKEW..=present + SKEW {
            let expected = self.code(step);
            if bool::from(expected.as_bytes().ct_eq(code.expose_secret().as_bytes())) {
                found = Some(step);
            }
        }
        found
    }

    /// The code of an instant, as the app shows it.
    pub fn code_at(&self, at: Timestamp) -> String {
        self.code(at.timestamp().div_euclid(STEP))
    }

    /// RFC 4226, 5.3.
    fn code(&self, step: i64) -> String {
        let mut mac = Hmac::<Sha1>::new(&pad(&self.0).into());
        mac.update(&step.to_be_bytes());
        let hash: [u8; 20] = mac.finalize().into_bytes().into();
        let offset = usize::from(hash[19] & 0xf);
        let four = hash.iter().skip(offset).take(4);
        let number = four.fold(0_u32, |number, byte| (number << 8) | u32::from(*byte)) & 0x7fff_ffff;
        format!("{:0DIGITS$}", number % MODULUS)
    }
}

/// A key of HMAC is filled up with zeros to the hash's block (RFC 2104), so this changes nothing and cannot fail.
fn pad(key: &[u8; 20]) -> [u8; 64] {
    let mut block = [0; 64];
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    block
}

/// What the QR code says (<https://github.com/google/google-authenticator/wiki/Key-Uri-Format>).
pub fn otpauth_uri(shop: &str, account: &EmailAddress, secret: &TotpSecret) -> SecretString {
    let (shop, account, text) = (encoded(shop), encoded(account.as_str()), secret.text());
    let secret = text.expose_secret();
    format!(
        "otpauth://totp/{shop}:{account}?secret={secret}&issuer={shop}&algorithm=SHA1&digits={DIGITS}&period={STEP}"
    )
    .into()
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    /// RFC 6238, appendix B. Its codes have eight digits; six are their end.
    #[test]
    fn the_rfcs_vectors_hold() {
        let secret = TotpSecret(*b"12345678901234567890");
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(secret.code_at(at(seconds)), code[2..], "{seconds}");
        }
    }

    #[test]
    fn one_step_of_skew_counts_and_two_do_not() {
        let secret = TotpSecret(*b"12345678901234567890");
        let now = at(1_234_567_890);
        let step = 1_234_567_890 / 30;
        for skew in -3..=3 {
            let code = secret.code_at(now + chrono::Duration::seconds(skew * 30)).into();
            assert_eq!(secret.step_of(&code, now), (skew.abs() <= 1).then_some(step + skew), "{skew}");
        }
        for wrong in ["", "12345", "1234567", "abcdef", "89005924"] {
            assert_eq!(secret.step_of(&wrong.into(), now), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_secret_is_read_back_and_shows_nothing() {
        let secret = TotpSecret(*b"12345678901234567890");
        // RFC 4648 encoding of the RFC's secret, as apps' documentation quotes it.
        assert_eq!(secret.text().expose_secret(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(TotpSecret::read(&secret.text()), Some(secret.clone()));
        assert_eq!(TotpSecret::read(&"GEZDGNBV".into()), None);
        assert_eq!(format!("{secret:?}"), "TotpSecret(…)");
        let account = "ada+x@example.com".parse().unwrap();
        assert_eq!(
            otpauth_uri("My & Shop", &account, &secret).expose_secret(),
            "otpauth://totp/My%20%26%20Shop:ada%2Bx%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=My%20%26%20Shop&algorithm=SHA1&digits=6&period=30"
        );
    }
}
