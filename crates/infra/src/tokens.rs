//! Bearer tokens of API clients: a signed name of a session (JWT, HS256). The session is looked up on every use, so that
//! signing out ends every token at once; the token's own end is only the latest that it may be.

use chrono::Duration;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode, errors::ErrorKind};
use kernel::{Failure, FailureKind, Id, Timestamp, entity};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// How long a token can be used. Its session lasts longer and gives the next one.
pub const TOKEN_MINUTES: i64 = 60;

/// Why a token does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not one of ours, or changed.
    #[error("the bearer token is not valid; sign in to get a new one")]
    Invalid,
    /// Past its time.
    #[error("the bearer token has expired; sign in to get a new one")]
    Expired,
    /// It could not be made.
    #[error("the bearer token could not be made")]
    NotMade,
}

impl Failure for TokenError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Invalid | Self::Expired => FailureKind::Unauthenticated,
            Self::NotMade => FailureKind::Bug,
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Invalid => "invalid-token",
            Self::Expired => "expired-token",
            Self::NotMade => "internal-error",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    /// Who, for clients that look inside.
    sub: Id<entity::User>,
    /// The session, which decides.
    sid: Id<entity::Session>,
    iat: i64,
    exp: i64,
}

/// Makes tokens under `JWT_SECRET`, and reads also those made under the earlier ones that are given.
#[derive(Clone)]
pub struct Tokens {
    making: EncodingKey,
    reading: Vec<DecodingKey>,
}

impl Tokens {
    /// Under this key alone.
    pub fn new(secret: &SecretString) -> Self {
        Self::with_earlier(secret, &[])
    }

    /// Under this key; tokens of the earlier ones go on counting, none is made under them. They can go after
    /// [`TOKEN_MINUTES`].
    pub fn with_earlier(secret: &SecretString, earlier: &[SecretString]) -> Self {
        let bytes = |secret: &SecretString| DecodingKey::from_secret(secret.expose_secret().as_bytes());
        let reading = std::iter::once(secret).chain(earlier).map(bytes).collect();
        Self { making: EncodingKey::from_secret(secret.expose_secret().as_bytes()), reading }
    }

    /// A token for a session.
    ///
    /// # Errors
    /// [`TokenError::NotMade`], when the library fails.
    pub fn issue(
        &self,
        session: Id<entity::Session>,
        user: Id<entity::User>,
        now: Timestamp,
    ) -> Result<String, TokenError> {
        let end = now + Duration::minutes(TOKEN_MINUTES);
        let claims = Claims { sub: user, sid: session, iat: now.timestamp(), exp: end.timestamp() };
        encode(&Header::new(Algorithm::HS256), &claims, &self.making).map_err(|_| TokenError::NotMade)
    }

    /// The session that a token names.
    ///
    /// # Errors
    /// [`TokenError`]; what exactly is wrong with a token is nobody's business.
    pub fn read(&self, token: &str, now: Timestamp) -> Result<Id<entity::Session>, TokenError> {
        // One algorithm, never the header's choice; and time is an argument, so the library's clock is not asked.
        let mut rules = Validation::new(Algorithm::HS256);
        rules.validate_exp = false;
        rules.set_required_spec_claims(&["exp", "sub"]);
        let read = |key| decode::<Claims>(token, key, &rules).map_err(|error| classify(error.kind()));
        let found = self.reading.iter().map(read).reduce(Result::or).unwrap_or(Err(TokenError::Invalid));
        let claims = found?.claims;
        if now.timestamp() >= claims.exp { Err(TokenError::Expired) } else { Ok(claims.sid) }
    }
}

fn classify(kind: &ErrorKind) -> TokenError {
    if matches!(kind, ErrorKind::ExpiredSignature) { TokenError::Expired } else { TokenError::Invalid }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(…)")
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;

    fn tokens(secret: &str) -> Tokens {
        Tokens::new(&SecretString::from(secret))
    }

    fn ids() -> (Id<entity::Session>, Id<entity::User>, Timestamp) {
        let id = uuid::Uuid::from_u128(0x0198_c0ff_ee00_7000_8000_0000_0000_0001);
        (Id::from_uuid(id), Id::from_uuid(id), "2026-11-21T10:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_token_names_its_session_until_its_end() {
        let (session, user, now) = ids();
        let token = tokens("secret").issue(session, user, now).unwrap();
        assert_eq!(tokens("secret").read(&token, now), Ok(session));
        let end = now + Duration::minutes(TOKEN_MINUTES);
        assert_eq!(tokens("secret").read(&token, end - Duration::seconds(1)), Ok(session));
        assert_eq!(tokens("secret").read(&token, end), Err(TokenError::Expired));
    }

    #[test]
    fn tokens_of_an_earlier_key_count_while_it_is_given() {
        let (session, user, now) = ids();
        let (old, new) = (SecretString::from("old"), SecretString::from("new"));
        let both = Tokens::with_earlier(&new, &[SecretString::from("older"), old.clone()]);
        let former = Tokens::new(&old).issue(session, user, now).unwrap();
        assert_eq!(both.read(&former, now), Ok(session));
        assert_eq!(both.read(&former, now + Duration::minutes(TOKEN_MINUTES)), Err(TokenError::Expired));
        let made = both.issue(session, user, now).unwrap();
        assert_eq!(Tokens::new(&new).read(&made, now), Ok(session), "made under the new one");
        assert_eq!(Tokens::new(&new).read(&former, now), Err(TokenError::Invalid), "and alone it reads only its own");
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        let (session, user, now) = ids();
        let token = tokens("secret").issue(session, user, now).unwrap();
        assert_eq!(tokens("other").read(&token, now), Err(TokenError::Invalid), "another key");
        let mut parts: Vec<&str> = token.split('.').collect();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        parts[0] = &none;
        assert_eq!(tokens("secret").read(&parts.join("."), now), Err(TokenError::Invalid), "alg none");
        parts[2] = "";
        assert_eq!(tokens("secret").read(&parts.join("."), now), Err(TokenError::Invalid), "no signature");
        for text in ["", ".", "..", "a.b.c", "Bearer x"] {
            assert_eq!(tokens("secret").read(text, now), Err(TokenError::Invalid), "{text:?}");
        }
    }
}
