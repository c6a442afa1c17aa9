//! What is done to a service in the years after it was delivered: one operation at a time, each with a row that is
//! committed before the provider is asked.

use kernel::{Id, Timestamp, entity};

use crate::{Ability, PollToken, SuspendReason};

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Stop it, keeping everything.
    Suspend(SuspendReason),
    /// Let it go on.
    Resume,
    /// End it for good.
    Terminate,
}

impl Verb {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Suspend(_) => "suspend",
            Self::Resume => "resume",
            Self::Terminate => "terminate",
        }
    }

    /// What a service is then.
    pub const fn participle(self) -> &'static str {
        match self {
            Self::Suspend(_) => "suspended",
            Self::Resume => "resumed",
            Self::Terminate => "terminated",
        }
    }

    /// Reads the stable words.
    pub fn parse(verb: &str, reason: Option<&str>) -> Option<Self> {
        match (verb, reason) {
            ("suspend", Some(reason)) => SuspendReason::parse(reason).map(Self::Suspend),
            ("resume", None) => Some(Self::Resume),
            ("terminate", None) => Some(Self::Terminate),
            _ => None,
        }
    }

    /// What a provider must be able to do for it.
    pub const fn ability(self) -> Ability {
        match self {
            Self::Suspend(_) => Ability::Suspend,
            Self::Resume => Ability::Resume,
            Self::Terminate => Ability::Terminate,
        }
    }

    /// Why it is suspended, where that is what is done.
    pub const fn reason(self) -> Option<SuspendReason> {
        match self {
            Self::Suspend(reason) => Some(reason),
            Self::Resume | Self::Terminate => None,
        }
    }

    /// The same thing is done, for whatever reason.
    pub fn is_like(self, other: Self) -> bool {
        self.ability() == other.ability()
    }
}

/// How far an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationState {
    /// Asked for; the provider has not been asked, or certainly did nothing.
    Planned,
    /// The provider is being asked. Found later, it means: perhaps.
    Sent,
    /// An answer was lost, or was not what is seen there: look before it is asked again.
    Unsure,
    /// The provider is at it.
    Waiting,
    /// A person must do it or decide. A case says so.
    ByHand,
    /// Done, and seen to be so.
    Done,
    /// Given up for another one.
    Withdrawn,
}

impl OperationState {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Planned, Self::Sent, Self::Unsure, Self::Waiting, Self::ByHand, Self::Done, Self::Withdrawn];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Sent => "sent",
            Self::Unsure => "unsure",
            Self::Waiting => "waiting",
            Self::ByHand => "by_hand",
            Self::Done => "done",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads the stable word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Nothing more comes of it.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Withdrawn)
    }

    /// A job is to be at it: it is not over, and waits for no person.
    pub const fn is_under_way(self) -> bool {
        !self.is_over() && !matches!(self, Self::ByHand)
    }
}

/// One operation on one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its id.
    pub id: Id<entity::ServiceOperation>,
    /// On which service.
    pub service: Id<entity::Service>,
    /// What.
    pub verb: Verb,
    /// Why, in words of whoever asked for it.
    pub note: String,
    /// How far it is.
    pub state: OperationState,
    /// How often the provider was about to be asked. Whoever records an answer knows this number: an older one is late.
    pub attempt: i32,
    /// What to ask the provider with, while it is at it.
    pub poll: Option<PollToken>,
    /// Since when looks have seen nothing there.
    pub gone_since: Option<Timestamp>,
    /// When it was asked for.
    pub started_at: Timestamp,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// What came of it so far; nothing secret.
    pub detail: String,
}
