//! Who may do what: the one place where it is said.
//!
//! A route declares an [`Access`]; [`admit`] holds it against whoever calls. What no arm of [`Role::may`] allows is refused.

use chrono::Duration;
use kernel::{Failure, FailureKind, Id, Timestamp, entity};

use crate::{AccountSession, ApiKey, Role, User};

/// A dangerous act asks for another proof when the last one is older than this.
pub const PROOF_LASTS: Duration = Duration::minutes(10);

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// Something that a role allows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Permission {
            $($(#[$doc])* $name,)*
        }

        impl Permission {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable word, which is also the scope of a key for machines.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// Reads the stable word.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|permission| permission.as_str() == text)
            }
        }
    };
}

permissions! {
    /// Order, for oneself.
    Buy = "buy";
    /// See one's own services and servers, and how to reach them.
    SeeOwnServices = "services:read";
    /// Change one's own account: address, factors, keys, sign-ins; export and erasure of what is held.
    ManageOwnAccount = "account:manage";
    /// See any order.
    SeeOrders = "orders:read";
    /// See any customer.
    SeeCustomers = "customers:read";
    /// See what needs a person.
    SeeCases = "cases:read";
    /// Take, retry and close what needs a person.
    WorkCases = "cases:work";
    /// Use the shop as a customer does, in their place.
    ActForCustomers = "customers:act";
    /// Have a gateway's event processed again.
    ReplayEvents = "events:replay";
    /// Suspend, resume and end what customers have.
    ManageServices = "services:manage";
    /// Call off an order that is not paid.
    CancelOrders = "orders:cancel";
    /// Send money back.
    RefundOrders = "orders:refund";
    /// Hand out everything that is held on a customer.
    ExportCustomers = "customers:export";
    /// Erase a customer.
    EraseCustomers = "customers:erase";
    /// See who works here, in which role.
    SeeStaff = "staff:read";
    /// Give and take roles.
    ManageStaff = "staff:manage";
    /// Read the audit trail.
    ReadAudit = "audit:read";
    /// See what is sold and which coupons there are, the retired ones too.
    SeeCatalogue = "catalog:read";
    /// Change products and prices.
    EditCatalogue = "catalog:edit";
    /// Make and end coupons.
    EditCoupons = "coupons:edit";
    /// Have a mail sent once more.
    SendMails = "mails:send";
    /// See how the programs are configured; close the shop for maintenance and open it.
    ManageShop = "shop:manage";
}

impl Permission {
    /// Whether it needs a proof of who is there that is younger than [`PROOF_LASTS`].
    pub const fn is_dangerous(self) -> bool {
        matches!(self, Self::ExportCustomers | Self::EraseCustomers | Self::ManageStaff)
    }

    /// Whether a key for machines may have it. What needs a fresh proof cannot be had by a program, and a key that could
    /// manage its account could make itself others. What is done on the desk alone is nothing for a key either.
    pub const fn is_for_keys(self) -> bool {
        !self.is_dangerous()
            && !matches!(
                self,
                Self::ManageOwnAccount
                    | Self::ActForCustomers
                    | Self::SeeCatalogue
                    | Self::ManageServices
                    | Self::CancelOrders
                    | Self::RefundOrders
                    | Self::EditCatalogue
                    | Self::EditCoupons
                    | Self::SendMails
                    | Self::ManageShop
            )
    }

    /// Whether somebody of the shop keeps it while acting as a customer.
    const fn while_acting(self) -> bool {
        matches!(self, Self::Buy | Self::SeeOwnServices)
    }
}

impl Role {
    /// The table of permissions.
    pub const fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match permission {
            P::Buy | P::SeeOwnServices | P::ManageOwnAccount => true,
            P::SeeOrders
            | P::SeeCustomers
            | P::SeeCases
            | P::WorkCases
            | P::CancelOrders
            | P::ManageServices
            | P::SeeCatalogue
            | P::SendMails => self.is_staff(),
            P::ActForCustomers => matches!(self, Self::Support | Self::Admin),
            P::ReplayEvents | P::RefundOrders | P::EditCoupons => matches!(self, Self::Billing | Self::Admin),
            P::ExportCustomers
            | P::EraseCustomers
            | P::SeeStaff
            | P::ManageStaff
            | P::ReadAudit
            | P::EditCatalogue
            | P::ManageShop => {
                matches!(self, Self::Admin)
            }
        }
    }
}

/// What a route asks of who calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing, and nobody is looked up.
    Public,
    /// Nothing; whoever is signed in is told apart.
    Guest,
    /// Nothing of who is not signed in; a permission of who is.
    GuestOr(Permission),
    /// A sign-in, also with a password that must be changed first, also of somebody acting as a customer.
    SignedIn,
    /// The same, of nobody but the owner of the account.
    OwnSignIn,
    /// A sign-in of the owner with a young proof, also of staff who must add a second factor first.
    AddFactor,
    /// A permission.
    May(Permission),
    /// A permission, and a proof younger than [`PROOF_LASTS`] whatever the permission.
    Proven(Permission),
}

impl Access {
    /// Whether the caller has to be found out.
    pub const fn looks_up(self) -> bool {
        !matches!(self, Self::Public)
    }

    /// Whether it is open to staff who must add a second factor before anything else.
    pub const fn takes_who_must_add_factor(self) -> bool {
        match self {
            Self::Public | Self::Guest | Self::SignedIn | Self::OwnSignIn | Self::AddFactor => true,
            Self::GuestOr(_) | Self::May(_) | Self::Proven(_) => false,
        }
    }
}

/// By what a caller is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Means {
    /// A sign-in.
    Session(AccountSession),
    /// A key for machines.
    Key(ApiKey),
}

impl Means {
    /// The sign-in, if it is one.
    pub const fn session(&self) -> Option<&AccountSession> {
        match self {
            Self::Session(session) => Some(session),
            Self::Key(_) => None,
        }
    }

    /// Who of the shop acts as the customer, if somebody does.
    pub fn acted_by(&self) -> Option<Id<entity::User>> {
        self.session().and_then(|session| session.acted_by)
    }
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// Nobody is signed in.
    #[error("sign in to continue")]
    SignedOut,
    /// The password is a temporary one.
    #[error("choose a password of your own first: POST /api/auth/change-password")]
    ChangePassword,
    /// Who works for the shop needs a second factor.
    #[error("add a second factor first: POST /api/auth/second-factor/app or a passkey")]
    AddFactor,
    /// The role of somebody who works for the shop does not allow it.
    #[error("your role does not allow this")]
    Forbidden,
    /// It is for people of the shop alone; nobody else learns that it is there.
    #[error("there is nothing at this address")]
    Hidden,
    /// The key does not allow it.
    #[error("this key does not allow this; it takes the scope {}, or a sign-in where no key can have it", .0.as_str())]
    OutOfScope(Permission),
    /// A key where a sign-in is needed.
    #[error("this takes a sign-in; a key is not enough")]
    NoSession,
    /// Whoever acts as a customer does not do this in their place.
    #[error("this is left to the customer; you are acting in their place")]
    Acting,
    /// The last proof is too old.
    #[error("prove again that it is you: POST /api/auth/prove")]
    ProveAgain,
}

impl Failure for AccessError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::SignedOut => FailureKind::Unauthenticated,
            Self::Hidden => FailureKind::NotFound,
            Self::ChangePassword
            | Self::AddFactor
            | Self::Forbidden
            | Self::OutOfScope(_)
            | Self::NoSession
            | Self::Acting
            | Self::ProveAgain => FailureKind::Forbidden,
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::ChangePassword => "password-change-required",
            Self::AddFactor => "second-factor-required",
            Self::Forbidden => "forbidden",
            Self::Hidden => "not-found",
            Self::OutOfScope(_) => "out-of-scope",
            Self::NoSession => "sign-in-required",
            Self::Acting => "acting",
            Self::ProveAgain => "proof-required",
        }
    }
}

/// Whether a caller may do what a route does. Deny by default: each arm says what lets in.
///
/// # Errors
/// [`AccessError`], why not.
pub fn admit(access: Access, caller: Option<(&User, &Means)>, now: Timestamp) -> Result<(), AccessError> {
    let (permission, fresh) = match access {
        Access::Public | Access::Guest => return Ok(()),
        Access::SignedIn | Access::OwnSignIn => {
            let (_, means) = caller.ok_or(AccessError::SignedOut)?;
            let session = means.session().ok_or(AccessError::NoSession)?;
            let acting = access == Access::OwnSignIn && session.acted_by.is_some();
            return if acting { Err(AccessError::Acting) } else { Ok(()) };
        }
        Access::AddFactor => return admit_to_add_factor(caller, now),
        Access::GuestOr(_) if caller.is_none() => return Ok(()),
        Access::GuestOr(permission) | Access::May(permission) => (permission, permission.is_dangerous()),
        Access::Proven(permission) => (permission, true),
    };
    let (user, means) = caller.ok_or(AccessError::SignedOut)?;
    if !user.role.is_staff() && !Role::Customer.may(permission) {
        return Err(AccessError::Hidden);
    }
    if user.must_change_password {
        return Err(AccessError::ChangePassword);
    }
    if !user.role.may(permission) {
        return Err(AccessError::Forbidden);
    }
    match means {
        Means::Key(key) if permission.is_for_keys() && !fresh && key.scopes.allow(permission) => Ok(()),
        Means::Key(_) => Err(AccessError::OutOfScope(permission)),
        Means::Session(session) if session.acted_by.is_some() && !permission.while_acting() => Err(AccessError::Acting),
        Means::Session(session) if fresh && !session.is_proven(now) => Err(AccessError::ProveAgain),
        Means::Session(_) => Ok(()),
    }
}

fn admit_to_add_factor(caller: Option<(&User, &Means)>, now: Timestamp) -> Result<(), AccessError> {
    admit(Access::OwnSignIn, caller, now)?;
    let (user, means) = caller.ok_or(AccessError::SignedOut)?;
    if user.must_change_password {
        return Err(AccessError::ChangePassword);
    }
    let proven = means.session().is_some_and(|session| session.is_proven(now));
    if proven { Ok(()) } else { Err(AccessError::ProveAgain) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, PasswordHash, Scopes, TokenHash};

    fn id<E>(number: u128) -> Id<E> {
        Id::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn at(minutes: i64) -> Timestamp {
        "2026-11-26T10:00:00Z".parse::<Timestamp>().unwrap() + Duration::minutes(minutes)
    }

    fn caller(role: Role) -> (User, AccountSession) {
        let user = User {
            id: id(1),
            email: "ada@example.com".parse().unwrap(),
            password: PasswordHash::new(String::new()),
            must_change_password: false,
            password_expires_at: None,
            role,
            created_at: at(0),
        };
        let session = AccountSession {
            id: id(2),
            user: user.id,
            token: TokenHash::of(&"token".into()),
            device: Device::default(),
            created_at: at(0),
            last_seen_at: at(0),
            expires_at: at(100),
            revoked_at: None,
            proven_at: at(0),
            acted_by: None,
            factor_due: false,
        };
        (user, session)
    }

    fn key(user: &User, scopes: Scopes) -> ApiKey {
        ApiKey {
            id: id(3),
            user: user.id,
            name: "deploy".to_owned(),
            token: TokenHash::of(&"key".into()),
            scopes,
            created_at: at(0),
            last_used_at: None,
            expires_at: at(100),
            revoked_at: None,
        }
    }

    #[test]
    fn nobody_is_let_in_where_somebody_is_asked_for() {
        for access in [Access::SignedIn, Access::May(Permission::Buy), Access::Proven(Permission::Buy)] {
            assert_eq!(admit(access, None, at(0)), Err(AccessError::SignedOut));
        }
        assert_eq!(admit(Access::Public, None, at(0)), Ok(()));
        assert_eq!(admit(Access::Guest, None, at(0)), Ok(()));
    }

    #[test]
    fn each_role_may_what_the_table_says_and_no_more() {
        let allowed = |role: Role| -> Vec<&str> {
            let (user, session) = caller(role);
            let means = Means::Session(session);
            let may = |permission: &&Permission| admit(Access::May(**permission), Some((&user, &means)), at(0)).is_ok();
            Permission::ALL.iter().filter(may).map(|permission| permission.as_str()).collect()
        };
        let own = ["buy", "services:read", "account:manage"];
        let staff = ["orders:read", "customers:read", "cases:read", "cases:work"];
        let shop = ["services:manage", "orders:cancel", "catalog:read", "mails:send"];
        let billing = [
            "events:replay",
            "services:manage",
            "orders:cancel",
            "orders:refund",
            "catalog:read",
            "coupons:edit",
            "mails:send",
        ];
        assert_eq!(allowed(Role::Customer), own);
        assert_eq!(allowed(Role::Support), [&own[..], &staff, &["customers:act"], &shop].concat());
        assert_eq!(allowed(Role::Billing), [&own[..], &staff, &billing].concat());
        assert_eq!(allowed(Role::Admin).len(), Permission::ALL.len());
    }

    #[test]
    fn a_dangerous_act_takes_a_fresh_proof() {
        let (user, session) = caller(Role::Admin);
        let means = Means::Session(session);
        let now = |minutes, access| admit(access, Some((&user, &means)), at(minutes));
        assert_eq!(now(9, Access::May(Permission::ManageStaff)), Ok(()));
        assert_eq!(now(10, Access::May(Permission::ManageStaff)), Err(AccessError::ProveAgain));
        assert_eq!(now(10, Access::May(Permission::SeeOrders)), Ok(()));
        assert_eq!(now(10, Access::Proven(Permission::ManageOwnAccount)), Err(AccessError::ProveAgain));
    }

    #[test]
    fn a_temporary_password_reaches_what_replaces_it_and_nothing_else() {
        let (mut user, session) = caller(Role::Admin);
        user.must_change_password = true;
        let means = Means::Session(session);
        assert_eq!(admit(Access::SignedIn, Some((&user, &means)), at(0)), Ok(()));
        for permission in Permission::ALL {
            let refused = admit(Access::May(*permission), Some((&user, &means)), at(0));
            assert_eq!(refused, Err(AccessError::ChangePassword));
        }
    }

    #[test]
    fn a_key_reaches_its_scopes_of_what_its_owner_may() {
        let scopes =
            Scopes::new(Permission::ALL.iter().copied().filter(|permission| permission.is_for_keys())).unwrap();
        let (user, _) = caller(Role::Customer);
        let means = Means::Key(key(&user, scopes));
        let now = |access| admit(access, Some((&user, &means)), at(0));
        assert_eq!(now(Access::May(Permission::Buy)), Ok(()));
        assert_eq!(now(Access::May(Permission::SeeOrders)), Err(AccessError::Hidden), "more than its owner");
        assert_eq!(now(Access::SignedIn), Err(AccessError::NoSession));
        let manage = Permission::ManageOwnAccount;
        assert_eq!(now(Access::May(manage)), Err(AccessError::OutOfScope(manage)));
        let buy = Permission::Buy;
        assert_eq!(now(Access::Proven(buy)), Err(AccessError::OutOfScope(buy)));
        let only_buy = Scopes::new([Permission::Buy]).unwrap();
        let narrow = Means::Key(key(&user, only_buy));
        let read = Permission::SeeOwnServices;
        assert_eq!(admit(Access::May(read), Some((&user, &narrow)), at(0)), Err(AccessError::OutOfScope(read)));
    }

    #[test]
    fn who_acts_as_a_customer_does_not_change_the_account() {
        let (user, mut session) = caller(Role::Customer);
        session.acted_by = Some(id(9));
        let means = Means::Session(session);
        let now = |permission| admit(Access::May(permission), Some((&user, &means)), at(0));
        assert_eq!(now(Permission::Buy), Ok(()));
        assert_eq!(now(Permission::SeeOwnServices), Ok(()));
        assert_eq!(now(Permission::ManageOwnAccount), Err(AccessError::Acting));
        let now = |access| admit(access, Some((&user, &means)), at(0));
        assert_eq!(now(Access::SignedIn), Ok(()));
        assert_eq!(now(Access::OwnSignIn), Err(AccessError::Acting));
    }

    #[test]
    fn every_word_is_its_own_and_reads_back() {
        for permission in Permission::ALL {
            assert_eq!(Permission::parse(permission.as_str()), Some(*permission));
        }
        assert_eq!(Permission::parse("everything"), None);
    }
}
