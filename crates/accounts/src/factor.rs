//! What somebody proves themselves with besides the password: codes of an app (TOTP), recovery codes, passkeys.
//!
//! Nothing here signs anybody in; [`crate::start_session`] and its half and whole sessions do.

mod error;
mod passkey;
mod recovery;
mod staff;
mod store;
mod totp;

pub use error::FactorError;
pub use passkey::{
    CHALLENGE_COUNTS, Challenge, ChallengePurpose, NewKey, PASSKEYS_MOST, Passkey, PasskeyError, Passkeys, Question,
    passkey_name,
};
pub use recovery::{RECOVERY_CODES, RecoveryCodes, recovery_hash};
pub use staff::{StaffFactor, UnknownStaffFactor};
pub use store::FactorStore;
pub use totp::{Totp, TotpSecret, otpauth_uri, totp_context};

use kernel::{Id, StoreError, entity};
use secrecy::{ExposeSecret, SecretString};

/// What somebody has besides the password.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Factors {
    /// A confirmed app.
    pub app: bool,
    /// Passkeys, the oldest first.
    pub passkeys: Vec<Passkey>,
    /// Recovery codes that are not used.
    pub codes_left: usize,
}

impl Factors {
    /// Whether the password alone does not suffice. Recovery codes alone are no factor: they stand in for a lost one.
    pub fn any(&self) -> bool {
        self.app || !self.passkeys.is_empty()
    }

    /// Reads what somebody has.
    pub async fn of<S: FactorStore>(store: &mut S, user: Id<entity::User>) -> Result<Self, StoreError> {
        let app = store.totp(user).await?.is_some_and(|totp| totp.confirmed_at.is_some());
        let passkeys = store.passkeys_of(user).await?;
        Ok(Self { app, passkeys, codes_left: store.recovery_codes_left(user).await? })
    }
}

/// What is given as the second factor.
#[derive(Debug, Clone)]
pub enum SecondFactor {
    /// Six digits of an app.
    Code(SecretString),
    /// One of the recovery codes.
    Recovery(SecretString),
    /// What a passkey signed.
    Passkey(PasskeyAnswer),
}

impl SecondFactor {
    /// People enter either kind of code into one field: six digits are an app's, everything else is a recovery code.
    pub fn entered(text: &SecretString) -> Self {
        let plain: String = text.expose_secret().chars().filter(|c| !c.is_whitespace()).collect();
        let digits = plain.len() == totp::DIGITS && plain.bytes().all(|byte| byte.is_ascii_digit());
        if digits { Self::Code(plain.into()) } else { Self::Recovery(plain.into()) }
    }
}

/// What a browser sends back when a passkey was asked.
#[derive(Debug, Clone)]
pub struct PasskeyAnswer {
    /// Which question it answers.
    pub challenge: Id<entity::PasskeyChallenge>,
    /// The browser's JSON (`PublicKeyCredential.toJSON()`).
    pub answer: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_are_an_apps_code_and_everything_else_a_recovery_code() {
        let kind = |text: &str| match SecondFactor::entered(&text.into()) {
            SecondFactor::Code(code) => format!("code {}", code.expose_secret()),
            SecondFactor::Recovery(code) => format!("recovery {}", code.expose_secret()),
            SecondFactor::Passkey(_) => "passkey".to_owned(),
        };
        assert_eq!(kind(" 123 456 "), "code 123456");
        assert_eq!(kind("12345"), "recovery 12345");
        assert_eq!(kind("ABCD-EFGH"), "recovery ABCD-EFGH");
        assert_eq!(kind("١٢٣٤٥٦"), "recovery ١٢٣٤٥٦", "digits of other scripts are no digits of an app");
    }
}
