//! Users, customers, credentials and sessions.
//!
//! Decides who somebody is; knows nothing of orders. Hashing and sealing are ports ([`Passwords`], [`Sealer`]), because
//! they cost time or need keys.

mod access;
mod account;
mod api_key;
mod change_password;
mod common_passwords;
mod factor;
mod guest;
mod known_words;
mod person;
mod ports;
mod register;
mod request;
mod session;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod token;

pub use access::{Access, AccessError, Means, PROOF_LASTS, Permission, admit};
pub use account::{AccountSession, Customer, Device, PasswordHash, Role, Sealed, SealedCredential, User};
pub use api_key::{
    ApiKey, ApiKeyError, KEY_PREFIX, LONGEST_LIFE, MOST_KEYS, NewApiKey, Scopes, active_key, end_key, make_key,
};
pub use change_password::{ChangePasswordError, change_password, check_change};
pub use factor::{
    CHALLENGE_COUNTS, Challenge, ChallengePurpose, FactorError, FactorStore, Factors, NewKey, PASSKEYS_MOST, Passkey,
    PasskeyAnswer, PasskeyError, Passkeys, Question, RECOVERY_CODES, RecoveryCodes, SecondFactor, StaffFactor, Totp,
    TotpSecret, UnknownStaffFactor, otpauth_uri, passkey_name, recovery_hash, totp_context,
};
pub use guest::{
    GuestAccount, OpenedAccount, PreparedAccess, UnknownWelcomeMail, WELCOME_HOURS, WelcomeMail, open_account,
};
pub use known_words::KnownWords;
pub use person::{ErasureError, PersonStore};
pub use ports::{PasswordError, Passwords, SealError, Sealer};
pub use register::{NewAccount, RegisterError, check_password, register};
pub use request::{
    AccountRequest, AnswerRequest, LinkError, Purpose, Reply, Wish, ask, change_address, give_token, open_request,
    reset_password, settle,
};
pub use session::{
    ACTING_LASTS, FACTOR_DUE, SessionClaim, SessionError, SessionLife, SignInError, active_session, check_sign_in,
    complete_session, end_session, half_session, open_sessions, start_acting, start_half_session, start_session,
};
pub use store::AccountStore;
pub use token::TokenHash;
