//! Users, customers, credentials and sessions.
//!
//! Decides who somebody is; knows nothing of orders. Hashing and sealing are ports ([`Passwords`], [`Sealer`]), because
//! they cost time or need keys.

mod account;
mod change_password;
mod guest;
mod ports;
mod register;
mod session;
mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use account::{AccountSession, Customer, PasswordHash, Role, Sealed, SealedCredential, User};
pub use change_password::{ChangePasswordError, change_password, check_change};
pub use guest::{GuestAccount, OpenedAccount, PreparedPassword, TEMPORARY_PASSWORD_HOURS, open_account};
pub use ports::{PasswordError, Passwords, SealError, Sealer};
pub use register::{NewAccount, RegisterError, check_password, register};
pub use session::{SESSION_DAYS, SessionError, SignInError, active_user, check_sign_in, start_session};
pub use store::AccountStore;
