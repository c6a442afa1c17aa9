//! The names of what can have an id. Empty types: the entities themselves live in their domain crates.

/// Something that is identified by an [`crate::Id`].
pub trait Entity {
    /// What stands before the id where people read it, e.g. `ord`.
    const PREFIX: &'static str;
}

macro_rules! entities {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
        impl Entity for $name { const PREFIX: &'static str = $prefix; }
    )*};
}

entities! {
    /// A product of the catalogue.
    Product = "prd";
    /// A price of a product for one billing cycle.
    Price = "prc";
    /// What a customer asked for and is asked to pay.
    Order = "ord";
    /// One attempt to collect an order's amount.
    Payment = "pay";
    /// Money of a payment that shall go back.
    Refund = "rfd";
    /// A recurring agreement, mirrored from the gateway.
    Subscription = "sub";
    /// What was bought and is delivered.
    Service = "svc";
    /// Something done to it after it was delivered.
    ServiceOperation = "sop";
    /// A login.
    User = "usr";
    /// A buyer; belongs to a user.
    Customer = "cus";
    /// A sign-in that can be revoked.
    Session = "ses";
    /// A key for machines.
    ApiKey = "key";
    /// A key on somebody's device that signs in.
    Passkey = "psk";
    /// What a passkey is asked to sign, once.
    PasskeyChallenge = "chl";
    /// What somebody asked for by mail: an account, a new password.
    AccountRequest = "acr";
    /// One mail in the log.
    Mail = "mail";
    /// A sealed value that waits to be handed over once.
    SealedSecret = "sec";
    /// One start of a worker process.
    Worker = "wrk";
    /// Something that needs a person.
    Case = "case";
    /// An act on record.
    AuditEntry = "aud";
}
