//! Keys for machines: what a program of a customer's or of the shop's carries instead of a sign-in.

use std::collections::BTreeSet;

use chrono::Duration;
use kernel::{Env, Failure, FailureKind, Id, StoreError, Timestamp, entity};
use secrecy::{ExposeSecret, SecretString};

use crate::{AccountStore, Permission, TokenHash, User};

/// What stands before a key, so that people and scanners of secrets know it when they see it.
pub const KEY_PREFIX: &str = "hwk_";
/// The most keys that one account has at a time.
pub const MOST_KEYS: usize = 20;
/// The longest name, in characters.
const LONGEST_NAME: usize = 60;
/// The longest life of a key.
pub const LONGEST_LIFE: Duration = Duration::days(366);
/// That a key is in use is written down no more often than this.
const NOTED_EVERY: Duration = Duration::minutes(1);

/// What a key may do; at least one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Permission>);

impl Scopes {
    /// These permissions, of those that keys may have.
    ///
    /// # Errors
    /// [`ApiKeyError`], when there is none or one that no key may have.
    pub fn new(permissions: impl IntoIterator<Item = Permission>) -> Result<Self, ApiKeyError> {
        let scopes: BTreeSet<_> = permissions.into_iter().collect();
        if scopes.is_empty() {
            return Err(ApiKeyError::NoScope);
        }
        match scopes.iter().find(|scope| !scope.is_for_keys()) {
            Some(scope) => Err(ApiKeyError::NotForKeys(*scope)),
            None => Ok(Self(scopes)),
        }
    }

    /// Reads what [`Scopes::words`] gave.
    ///
    /// # Errors
    /// [`ApiKeyError`], also for an unknown word.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, ApiKeyError> {
        let read = |word: &str| Permission::parse(word).ok_or_else(|| ApiKeyError::UnknownScope(word.to_owned()));
        Self::new(words.into_iter().map(read).collect::<Result<Vec<_>, _>>()?)
    }

    /// The stable words.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|scope| scope.as_str())
    }

    /// Whether one of them is this.
    pub fn allow(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }
}

/// A key for machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: Id<entity::ApiKey>,
    /// Whose.
    pub user: Id<entity::User>,
    /// What its owner calls it.
    pub name: String,
    /// The key, hashed.
    pub token: TokenHash,
    /// What it may do, within what its owner may.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was used last, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was ended on purpose.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// Neither ended nor past its end.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// What somebody wants a key to be.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// Its name.
    pub name: String,
    /// Its scopes.
    pub scopes: Scopes,
    /// How long it counts.
    pub life: Duration,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyError {
    /// No scope.
    #[error("scopes: expected at least one")]
    NoScope,
    /// A word that is no scope.
    #[error("scopes: there is no scope '{0}'")]
    UnknownScope(String),
    /// A scope that no key may have.
    #[error("scopes: no key may have '{}'; it takes a sign-in", .0.as_str())]
    NotForKeys(Permission),
    /// A scope beyond what the owner may.
    #[error("scopes: your role does not allow '{}'", .0.as_str())]
    BeyondRole(Permission),
    /// No name, or one that is too long.
    #[error("name: expected 1 to {LONGEST_NAME} characters on one line")]
    Name,
    /// Too short or too long a life.
    #[error("days: expected 1 to {}", LONGEST_LIFE.num_days())]
    Life,
    /// Enough keys.
    #[error("there are {MOST_KEYS} keys already; end one that is not used any more")]
    TooMany,
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for ApiKeyError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::TooMany => FailureKind::Conflict,
            Self::BeyondRole(_) => FailureKind::Forbidden,
            Self::Store(error) => error.kind(),
            Self::NoScope | Self::UnknownScope(_) | Self::NotForKeys(_) | Self::Name | Self::Life => {
                FailureKind::Invalid
            }
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::TooMany => "too-many-keys",
            Self::BeyondRole(_) => "forbidden",
            Self::Store(error) => error.code(),
            Self::NoScope | Self::UnknownScope(_) | Self::NotForKeys(_) | Self::Name | Self::Life => "invalid-request",
        }
    }
}

/// Makes a key; with it its text, which is shown once and kept nowhere.
///
/// # Errors
/// [`ApiKeyError`].
pub async fn make_key<S: AccountStore>(
    store: &mut S,
    env: &mut Env,
    user: &User,
    new: NewApiKey,
) -> Result<(ApiKey, SecretString), ApiKeyError> {
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(ApiKeyError::Name);
    }
    if new.life < Duration::days(1) || new.life > LONGEST_LIFE {
        return Err(ApiKeyError::Life);
    }
    if let Some(beyond) = new.scopes.0.iter().find(|scope| !user.role.may(**scope)) {
        return Err(ApiKeyError::BeyondRole(*beyond));
    }
    let now = env.now();
    let open = store.api_keys_of(user.id).await?;
    if open.iter().filter(|key| key.is_open(now)).count() >= MOST_KEYS {
        return Err(ApiKeyError::TooMany);
    }
    let text = SecretString::from(format!("{KEY_PREFIX}{}", env.token().expose_secret()));
    let key = ApiKey {
        id: env.id(),
        user: user.id,
        name,
        token: TokenHash::of(&text),
        scopes: new.scopes,
        created_at: now,
        last_used_at: None,
        expires_at: now + new.life,
        revoked_at: None,
    };
    store.insert_api_key(&key).await?;
    Ok((key, text))
}

/// The key that a request carries, if it still counts, and whose it is. Notes that it was used.
pub async fn active_key<S: AccountStore>(
    store: &mut S,
    now: Timestamp,
    token: &TokenHash,
) -> Result<Option<(ApiKey, User)>, StoreError> {
    let Some(key) = store.api_key_by_token(token).await?.filter(|key| key.is_open(now)) else { return Ok(None) };
    let Some(user) = store.user(key.user).await? else { return Ok(None) };
    if key.last_used_at.is_none_or(|last| now >= last + NOTED_EVERY) {
        store.touch_api_key(key.id, now).await?;
    }
    Ok(Some((key, user)))
}

/// Ends one of somebody's own keys; `false` when it is not theirs, there is none, or it was ended before.
pub async fn end_key<S: AccountStore>(
    store: &mut S,
    now: Timestamp,
    user: Id<entity::User>,
    key: Id<entity::ApiKey>,
) -> Result<bool, StoreError> {
    let theirs = store.api_keys_of(user).await?.iter().any(|found| found.id == key && found.revoked_at.is_none());
    if theirs {
        store.revoke_api_key(key, now).await?;
    }
    Ok(theirs)
}
