//! What a provider does with a service after it was delivered, in its words.

use std::time::Duration;

use kernel::{Id, entity};

use super::{Remote, RemoteRef};

/// Something that a provider may be able to do with what it made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ability {
    /// Stop it, keeping everything.
    Suspend,
    /// Let it go on.
    Resume,
    /// End it for good.
    Terminate,
    /// Say whether there is room for one more.
    Room,
    /// Give it another plan's limits.
    Change,
    /// Set it up anew.
    Reinstall,
    /// Take over what stands there already.
    Adopt,
    /// Say how far something is that takes a while.
    Poll,
    /// Lead its owner to its console.
    Console,
    /// Start and stop it.
    Power,
    /// Say what it uses.
    Usage,
    /// Set the password that its owner signs in with.
    SetPassword,
}

impl Ability {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Suspend,
        Self::Resume,
        Self::Terminate,
        Self::Room,
        Self::Change,
        Self::Reinstall,
        Self::Adopt,
        Self::Poll,
        Self::Console,
        Self::Power,
        Self::Usage,
        Self::SetPassword,
    ];

    /// What it is to have it, after "cannot".
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Terminate => "terminate",
            Self::Room => "say whether there is room",
            Self::Change => "change the limits of a service",
            Self::Reinstall => "set a service up anew",
            Self::Adopt => "take over what stands there already",
            Self::Poll => "say how far something is",
            Self::Console => "lead to a console",
            Self::Power => "start and stop a service",
            Self::Usage => "say what a service uses",
            Self::SetPassword => "set a service's password",
        }
    }
}

/// A service that stands at a provider. Whoever changes it there makes sure first that it is this service's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The service, whose id is the natural key there.
    pub service: Id<entity::Service>,
    /// Whose it is.
    pub customer: Id<entity::Customer>,
    /// What the provider calls it.
    pub reference: RemoteRef,
}

/// What a provider gives to ask with how far something is; its own to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollToken(pub String);

/// How far something is that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It is done, says the provider. Whoever asked looks nevertheless.
    Done,
    /// It takes a while.
    Pending {
        /// What to ask with.
        token: PollToken,
        /// When to ask.
        check_after: Duration,
    },
}

/// What to do with a running service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// Start it.
    Start,
    /// Stop it, gently.
    Stop,
    /// Both.
    Restart,
    /// Stop it at once.
    Kill,
}

impl Power {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Start, Self::Stop, Self::Restart, Self::Kill];

    /// Reads the stable word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|power| power.as_str() == text)
    }

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::Kill => "kill",
        }
    }
}

/// What a service uses just now, as far as the provider knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Usage {
    /// The provider's word for what it does: `running`, `stopped`.
    pub activity: String,
    /// Memory in use.
    pub memory_bytes: u64,
    /// Disk in use.
    pub disk_bytes: u64,
    /// Thousandths of a core.
    pub cpu_millis: u64,
    /// Since when it runs.
    pub uptime: Duration,
}

/// Where a service's owner manages it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleLink {
    /// The address.
    pub url: String,
    /// Opening it signs in; then it is for one person, once, and is never logged. Else its owner signs in there.
    pub signs_in: bool,
}

/// That a provider can be worked with, and what it said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// What stands there, e.g. `Pterodactyl`; with its version, where it tells.
    pub flavour: String,
    /// What an operator should know.
    pub notes: Vec<String>,
}

/// Something that stands there under no key of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// What the provider calls it.
    pub reference: RemoteRef,
    /// Its name for people.
    pub name: String,
    /// Its owner's address there, in small letters; empty where the provider does not say.
    pub owner: String,
    /// Somebody else's key that it stands under; then it is theirs.
    pub key: Option<String>,
}

/// Whether something is done or only said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing is changed.
    Look,
    /// It is done.
    Do,
}

/// What taking something over changes there, or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// What stands there.
    pub remote: Remote,
    /// What is changed there, a sentence each; empty where it is the service's already.
    pub changes: Vec<String>,
    /// In what it differs from what would have been made, a sentence each. It stays so.
    pub differences: Vec<String>,
}
