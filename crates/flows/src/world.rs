//! What a flow is given.

use accounts::{FactorStore, KnownWords, Passkeys, Passwords, PersonStore, Sealer, StaffFactor, WelcomeMail};
use audit::{AuditStore, ChainKey, ChainStore, PseudonymKey};
use cases::SweepStore;
use catalog::CatalogStore;
use checkout::{CheckoutStore, EventInbox, PaymentGateway};
use kernel::{Env, Transact};
use limits::{LimitStore, Limits};
use notify::{Brand, Mailer, Renderer};
use orders::{Links, StockStore};
use outbound::OutboundStore;
use provisioning::{OperationStore, Providers};

/// Every store, inside one transaction.
pub trait Stores:
    orders::OrderTx
    + FactorStore
    + CatalogStore
    + CheckoutStore
    + StockStore
    + OutboundStore
    + SweepStore
    + AuditStore
    + ChainStore
    + PersonStore
    + OperationStore
{
}
impl<T> Stores for T where
    T: orders::OrderTx
        + FactorStore
        + CatalogStore
        + CheckoutStore
        + StockStore
        + OutboundStore
        + SweepStore
        + AuditStore
        + ChainStore
        + PersonStore
        + OperationStore
{
}

/// What selling needs: the stores, the gateway, passwords. The API has this much.
pub trait Shop {
    /// A transaction.
    type Tx: Stores;
    /// The database.
    type Db: Transact<Tx = Self::Tx> + EventInbox + LimitStore;
    /// The payment gateway.
    type Gateway: PaymentGateway;
    /// Password hashing.
    type Passwords: Passwords;
    /// Sealing of secrets.
    type Sealer: Sealer;
    /// Passkeys.
    type Passkeys: Passkeys;

    /// The database.
    fn db(&self) -> &Self::Db;
    /// The payment gateway.
    fn gateway(&self) -> &Self::Gateway;
    /// Password hashing.
    fn passwords(&self) -> &Self::Passwords;
    /// Sealing of secrets.
    fn sealer(&self) -> &Self::Sealer;
    /// Passkeys.
    fn passkeys(&self) -> &Self::Passkeys;
    /// Whether who runs the shop must have a second factor.
    fn staff_factor(&self) -> StaffFactor;
    /// What a guest's welcome mail hands over.
    fn welcome(&self) -> WelcomeMail;
    /// Words of the shop that no password may lean on.
    fn known_words(&self) -> &KnownWords;
    /// What stands in the audit trail for people of whom we have no more than an address.
    fn pseudonyms(&self) -> &PseudonymKey;
    /// How often something may be tried.
    fn limits(&self) -> &Limits;
    /// Addresses of the shop's pages.
    fn links(&self) -> &Links;
    /// Surroundings for one request or job.
    fn env(&self) -> Env;
}

/// What looking after running services needs besides: whom to ask about them. The API has this much where it is told of the
/// providers; it makes and ends nothing there, that is the worker's.
pub trait Hosting: Shop {
    /// The providers.
    type Providers: Providers;

    /// The providers.
    fn providers(&self) -> &Self::Providers;
}

/// What delivering needs besides: mail. The worker has all of it.
pub trait Workshop: Hosting {
    /// The mail server.
    type Mailer: Mailer;

    /// The mail server.
    fn mailer(&self) -> &Self::Mailer;
    /// What the audit trail's links are hashed with.
    fn chain_key(&self) -> &ChainKey;
    /// The mails' templates.
    fn renderer(&self) -> &Renderer;
    /// How the shop presents itself.
    fn brand(&self) -> &Brand;
}
