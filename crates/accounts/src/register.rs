//! Opening an account on purpose.

use kernel::{EmailAddress, Env, Failure, FailureKind, StoreError};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    AccountStore, Customer, KnownWords, PasswordHash, Role, User, common_passwords::is_common, guest::insert_customer,
};

/// What somebody registers with; the password is hashed already.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The address to sign in with.
    pub email: EmailAddress,
    /// The buyer's name.
    pub name: String,
    /// Proof of the password.
    pub password: PasswordHash,
}

/// Why an account was not opened.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The address has an account.
    #[error("this e-mail address already has an account; sign in instead")]
    EmailTaken,
    /// Too short or too long.
    #[error("password: expected {min} to {max} characters")]
    Password {
        /// Least number of characters.
        min: usize,
        /// Most.
        max: usize,
    },
    /// Among those that everybody tries first.
    #[error("password: this password is on lists of passwords that are tried first; choose another")]
    CommonPassword,
    /// Little besides the shop's name, the account's address or its owner's name.
    #[error("password: besides your name, your address and the shop's name there is too little in it; choose another")]
    KnownWords,
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for RegisterError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::EmailTaken => FailureKind::Conflict,
            Self::Password { .. } | Self::CommonPassword | Self::KnownWords => FailureKind::Invalid,
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::EmailTaken => "email-taken",
            Self::Password { .. } => "invalid-password",
            Self::CommonPassword => "common-password",
            Self::KnownWords => "guessable-password",
            Self::Store(error) => error.code(),
        }
    }
}

const PASSWORD_MIN: usize = 8;
const PASSWORD_MAX: usize = 128;

/// Whether a password is acceptable, before it is hashed.
///
/// # Errors
/// [`RegisterError::Password`] when it has fewer than 8 or more than 128 characters,
/// [`RegisterError::CommonPassword`] when it is one of the most common ones (OWASP ASVS 5.0, 6.2.4), and
/// [`RegisterError::KnownWords`] when fewer than 8 characters of it are none of the known words (6.2.11).
pub fn check_password(password: &SecretString, known: &KnownWords) -> Result<(), RegisterError> {
    let length = password.expose_secret().chars().count();
    if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&length) {
        Err(RegisterError::Password { min: PASSWORD_MIN, max: PASSWORD_MAX })
    } else if is_common(password) {
        Err(RegisterError::CommonPassword)
    } else if known.rest_of(password).is_some_and(|rest| rest < PASSWORD_MIN) {
        Err(RegisterError::KnownWords)
    } else {
        Ok(())
    }
}

/// Opens an account.
///
/// # Errors
/// [`RegisterError::EmailTaken`] also when somebody else took the address at the same moment.
pub async fn register<S: AccountStore>(
    store: &mut S,
    env: &mut Env,
    account: NewAccount,
) -> Result<(User, Customer), RegisterError> {
    let user = User {
        id: env.id(),
        email: account.email,
        password: account.password,
        must_change_password: false,
        password_expires_at: None,
        role: Role::Customer,
        created_at: env.now(),
    };
    if !store.insert_user(&user).await? {
        return Err(RegisterError::EmailTaken);
    }
    let customer = insert_customer(store, env, &user, &account.name).await?;
    Ok((user, customer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_of_known_words_and_little_else_is_refused() {
        let known = KnownWords::of(["Hostwright", "ada@example.com", "Ada Lovelace"]);
        let check = |password: &str| check_password(&SecretString::from(password), &known);
        assert!(matches!(check("Hostwright2026"), Err(RegisterError::KnownWords)));
        assert!(matches!(check("lovelace@example"), Err(RegisterError::KnownWords)));
        assert!(check("Hostwright is where I buy").is_ok());
        assert!(check("a horse and a battery").is_ok());
    }
}
