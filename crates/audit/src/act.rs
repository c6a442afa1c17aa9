//! What can be done that is put on record.

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// An act, a closed set. Its word is stable: it is hashed, and stands in the database for ever.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Act {
            $($(#[$doc])* $name,)*
        }

        impl Act {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable word.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// Reads the stable word.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|act| act.as_str() == text)
            }
        }
    };
}

acts! {
    /// An account was opened by its owner.
    Register = "register";
    /// Somebody signed in.
    SignIn = "sign-in";
    /// Somebody tried to and was refused.
    SignInRefused = "sign-in-refused";
    /// Something was tried with an account more often than it may be; once for many tries.
    Limited = "limited";
    /// A sign-in was ended by its owner.
    SignOut = "sign-out";
    /// Other sign-ins of an account were ended.
    SessionsEnded = "sessions-ended";
    /// A password was replaced by its owner.
    PasswordChanged = "password-changed";
    /// Somebody who is signed in gave a wrong present password.
    PasswordChangeRefused = "password-change-refused";
    /// A link to set a new password was asked for.
    PasswordResetAsked = "password-reset-asked";
    /// A password was replaced by means of a link.
    PasswordReset = "password-reset";
    /// An address was proven to be its owner's.
    MailVerified = "mail-verified";
    /// An account's address was changed.
    AddressChanged = "address-changed";
    /// The password was right, and the second factor is still to come.
    PasswordAccepted = "password-accepted";
    /// A second factor was refused.
    SecondFactorRefused = "second-factor-refused";
    /// Somebody who is signed in proved anew who they are.
    Proven = "proven";
    /// Somebody who is signed in failed to.
    ProofRefused = "proof-refused";
    /// A second factor was added.
    SecondFactorAdded = "second-factor-added";
    /// A second factor was removed.
    SecondFactorRemoved = "second-factor-removed";
    /// Recovery codes were made anew.
    RecoveryCodesMade = "recovery-codes-made";
    /// A recovery code was used.
    RecoveryCodeUsed = "recovery-code-used";
    /// A passkey was added.
    PasskeyAdded = "passkey-added";
    /// A passkey was removed.
    PasskeyRemoved = "passkey-removed";
    /// A key for a machine was made.
    ApiKeyMade = "api-key-made";
    /// A key for a machine was revoked.
    ApiKeyRevoked = "api-key-revoked";
    /// Money of an order shall go back.
    RefundAsked = "refund-asked";
    /// An unpaid order was called off.
    OrderCancelled = "order-cancelled";
    /// Somebody's role was changed.
    RoleChanged = "role-changed";
    /// Staff acted as a customer.
    ActedAs = "acted-as";
    /// A case was taken.
    CaseTaken = "case-taken";
    /// A case was put back.
    CaseReleased = "case-released";
    /// A case was closed by hand.
    CaseClosed = "case-closed";
    /// What a case asks for was begun.
    CaseRetried = "case-retried";
    /// An order was sent to delivery again.
    OrderRetried = "order-retried";
    /// Money was sent back.
    OrderRefunded = "order-refunded";
    /// A service was suspended by hand.
    ServiceSuspended = "service-suspended";
    /// A service was resumed by hand.
    ServiceResumed = "service-resumed";
    /// A service was ended by hand.
    ServiceTerminated = "service-terminated";
    /// What was to be done with a service was done at its provider by a person.
    ServiceDoneByHand = "service-done-by-hand";
    /// What stood at a provider was taken over for a service.
    ServiceAdopted = "service-adopted";
    /// A service was started or stopped by its owner.
    ServicePower = "service-power";
    /// The password that a service's owner signs in with there was set by its owner.
    ServicePasswordSet = "service-password-set";
    /// A dead job was put back into its queue.
    JobRetried = "job-retried";
    /// A gateway event is processed again.
    EventReplayed = "event-replayed";
    /// A queue was stopped.
    QueuePaused = "queue-paused";
    /// A queue goes on.
    QueueResumed = "queue-resumed";
    /// A queue was bounded, or its bounds were lifted.
    QueueLimited = "queue-limited";
    /// A version of a secret was added.
    SecretAdded = "secret-added";
    /// A version of a secret was ended.
    SecretRetired = "secret-retired";
    /// Secrets were sealed with a new key.
    SecretsRotated = "secrets-rotated";
    /// The catalogue was changed.
    CatalogSeeded = "catalog-seeded";
    /// A product was added on the desk.
    ProductAdded = "product-added";
    /// A product or its prices were changed on the desk.
    ProductChanged = "product-changed";
    /// A coupon was added on the desk.
    CouponAdded = "coupon-added";
    /// A coupon was ended on the desk.
    CouponRetired = "coupon-retired";
    /// A mail was sent once more by hand.
    MailResent = "mail-resent";
    /// The shop was closed for maintenance.
    MaintenanceBegun = "maintenance-begun";
    /// The shop was opened again.
    MaintenanceEnded = "maintenance-ended";
    /// The database's schema was changed.
    MigrationRun = "migration-run";
    /// The programs' roles in the database were given their rights.
    DatabaseGranted = "database-granted";
    /// Everything held on a person was exported.
    PersonExported = "person-exported";
    /// A person was erased.
    PersonErased = "person-erased";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_word_is_kebab_case_its_own_and_reads_back() {
        let words: BTreeSet<&str> = Act::ALL.iter().map(|act| act.as_str()).collect();
        assert_eq!(words.len(), Act::ALL.len());
        for act in Act::ALL {
            assert_eq!(Act::parse(act.as_str()), Some(*act));
            assert!(act.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{act:?}");
        }
        assert_eq!(Act::parse("sign-up"), None);
    }
}
