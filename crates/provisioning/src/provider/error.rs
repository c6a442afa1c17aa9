//! Why a call to a provider gave no result: classes that say what may be done next.

use std::time::Duration;

use kernel::{Failure, FailureKind};

use super::Ability;

/// Why a call to a provider gave no result.
///
/// The classes answer one question: may it have happened? `Unknown` alone says "perhaps". Everything else is certain, so
/// an adapter that is not certain says `Unknown`, and whoever called looks before anything is asked again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Nothing happened there; later it may work. Wrong credentials and rights are this too: they are no fault of the order,
    /// which goes on as soon as an operator has put them right.
    #[error("the provider is not available: {detail}")]
    Unavailable {
        /// What was seen; nothing secret.
        detail: String,
        /// When it said to come back.
        retry_after: Option<Duration>,
    },
    /// Nothing was asked: as much is under way there as it bears, or it is left alone because it fails. It is no try, and whoever
    /// asked comes back then.
    #[error("{detail}")]
    Busy {
        /// Why.
        detail: String,
        /// When to come back.
        after: Duration,
    },
    /// It will not do this, now or later: settings, rights or input are wrong.
    #[error("the provider refused: {detail}")]
    Refused {
        /// What it said; nothing secret.
        detail: String,
    },
    /// No room for it.
    #[error("the provider has no capacity: {detail}")]
    NoCapacity {
        /// What was seen.
        detail: String,
    },
    /// It may or may not have happened. Look with `find` or `observe` before anything else.
    #[error("the outcome at the provider is unknown: {detail}")]
    Unknown {
        /// What was seen.
        detail: String,
    },
    /// The provider itself says that what was asked for by its reference is not there. One such answer is no proof: a
    /// request that timed out may still be waiting there.
    #[error("the provider does not have it: {detail}")]
    Gone {
        /// What it said.
        detail: String,
    },
    /// This provider never does this. A person does it there, by hand.
    #[error("this provider cannot {}: do it by hand there", .ability.verb())]
    Unsupported {
        /// What it cannot do.
        ability: Ability,
    },
}

impl Failure for ProviderError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::Unavailable { .. } | Self::Busy { .. } | Self::Unknown { .. } => FailureKind::Unavailable,
            Self::Refused { .. } => FailureKind::Invalid,
            Self::NoCapacity { .. } | Self::Unsupported { .. } => FailureKind::Conflict,
            Self::Gone { .. } => FailureKind::NotFound,
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "provider-unavailable",
            Self::Busy { .. } => "provider-busy",
            Self::Refused { .. } => "provider-refused",
            Self::NoCapacity { .. } => "no-capacity",
            Self::Unknown { .. } => "provider-outcome-unknown",
            Self::Gone { .. } => "provider-gone",
            Self::Unsupported { .. } => "provider-cannot",
        }
    }
}
