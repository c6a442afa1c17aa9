//! The entities.

use kernel::{EmailAddress, Id, Timestamp, entity};

use crate::TokenHash;

/// A bcrypt hash (`$2b$…`). Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps what a hasher made or a store read back.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The hash, for the store and the verifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Buys and uses.
    Customer,
    /// Helps customers.
    Support,
    /// Looks after the money.
    Billing,
    /// Runs the shop.
    Admin,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Customer, Self::Support, Self::Billing, Self::Admin];

    /// Whether it works for the shop.
    pub const fn is_staff(self) -> bool {
        !matches!(self, Self::Customer)
    }

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Support => "support",
            Self::Billing => "billing",
            Self::Admin => "admin",
        }
    }

    /// Reads the stable word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// A login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: Id<entity::User>,
    /// Unique.
    pub email: EmailAddress,
    /// Proof of the password.
    pub password: PasswordHash,
    /// Set for temporary passwords: nothing but changing it is allowed until it is changed.
    pub must_change_password: bool,
    /// A temporary password dies at this instant.
    pub password_expires_at: Option<Timestamp>,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A buyer. Belongs to one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Its id.
    pub id: Id<entity::Customer>,
    /// The login.
    pub user: Id<entity::User>,
    /// As the customer wrote it.
    pub name: String,
    /// Where mails go.
    pub email: EmailAddress,
    /// The gateway's own id of this customer (`cus_…`), once known.
    pub gateway_id: Option<String>,
}

/// From where somebody signed in, as far as it is known. For their own list of sign-ins; nothing is decided by it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// The client's address.
    pub ip: Option<String>,
    /// How the program names itself, at most [`Device::LONGEST`] characters of it.
    pub user_agent: Option<String>,
}

impl Device {
    /// Characters of a program's name that are kept.
    pub const LONGEST: usize = 200;

    /// Keeps what can be shown on one line.
    pub fn new(ip: Option<String>, user_agent: Option<&str>) -> Self {
        let plain = |text: &str| text.chars().filter(|char| !char.is_control()).take(Self::LONGEST).collect();
        Self { ip, user_agent: user_agent.map(plain).filter(|text: &String| !text.is_empty()) }
    }
}

/// A sign-in. Tokens name it; revoking it ends them all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSession {
    /// Its id.
    pub id: Id<entity::Session>,
    /// Whose.
    pub user: Id<entity::User>,
    /// What the browser carries, hashed.
    pub token: TokenHash,
    /// From where.
    pub device: Device,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was used last, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends however much it is used.
    pub expires_at: Timestamp,
    /// When it was ended on purpose.
    pub revoked_at: Option<Timestamp>,
    /// When somebody last proved that it is them.
    pub proven_at: Timestamp,
    /// Who of the shop acts as the owner of the account in it, if somebody does.
    pub acted_by: Option<Id<entity::User>>,
    /// The password was right and the second factor is still to come: it opens nothing but that step.
    pub factor_due: bool,
}

impl AccountSession {
    /// Whether the last proof is young enough for a dangerous act.
    pub fn is_proven(&self, now: Timestamp) -> bool {
        now < self.proven_at + crate::PROOF_LASTS
    }

    /// Neither ended nor past its end. How long it may be unused depends on whose it is.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// Authenticated ciphertext, base64 with its nonce and key id; safe to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed(pub String);

/// A sealed temporary password or link that waits for its mail. Deleted in the transaction that records the mail as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedCredential {
    /// Its id; the seal is bound to it.
    pub id: Id<entity::SealedSecret>,
    /// Whose, when there is a login already.
    pub user: Option<Id<entity::User>>,
    /// The ciphertext.
    pub sealed: Sealed,
    /// After this instant it is worthless.
    pub expires_at: Timestamp,
}
