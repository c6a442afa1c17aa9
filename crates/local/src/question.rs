//! What is asked of the helper.

use kernel::{EmailAddress, Id, entity};
use serde::{Deserialize, Serialize};

use crate::{Domain, MailAddress, Mebibytes, Password, PhpVersion, ServerName, Slots, Title};

/// One line to the helper.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// [`crate::VERSION`].
    pub version: u32,
    /// What to do.
    pub verb: Verb,
}

/// A service and whose it is. The helper changes nothing that stands under another customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owned {
    /// The service, whose id is the key of everything.
    pub service: Id<entity::Service>,
    /// Whose it is.
    pub customer: Id<entity::Customer>,
}

/// The helper's verbs; there are no others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// What runs here, and what an operator should know. Reads only.
    Check,
    /// What stands under this key. Reads only.
    Find {
        /// The key.
        service: Id<entity::Service>,
    },
    /// What stands under this key, and whether it answers. Reads only.
    Observe {
        /// The key.
        service: Id<entity::Service>,
    },
    /// Everything that stands here, a page of it. Reads only.
    List {
        /// The last key of the page before.
        after: Option<Id<entity::Service>>,
    },
    /// Makes it, or finishes what is half made.
    Ensure {
        /// Under which key, for whom.
        owned: Owned,
        /// What.
        spec: Spec,
    },
    /// Stops it and keeps everything.
    Suspend(Owned),
    /// Lets it go on.
    Resume(Owned),
    /// Ends it: nothing of it stays, except that its key is never used again.
    Terminate(Owned),
    /// Sets the password that its owner signs in with.
    SetPassword {
        /// Whose.
        owned: Owned,
        /// The password.
        password: Password,
    },
    /// Starts or stops what runs for it.
    Power {
        /// Whose.
        owned: Owned,
        /// What to do.
        power: PowerWord,
    },
    /// What it uses. Reads only.
    Usage(Owned),
    /// Brings everything down that runs here, and the helper too. Nothing is lost: it comes up again with the helper.
    Stop,
}

/// What is to be done with what runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PowerWord {
    /// Start it.
    Start,
    /// Stop it.
    Stop,
    /// Both.
    Restart,
    /// Stop it at once.
    Kill,
}

/// What kinds of service there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A website with PHP.
    Website,
    /// A website with WordPress and a database.
    Wordpress,
    /// A mailbox.
    Mailbox,
    /// A game server.
    Game,
    /// Space for files.
    Storage,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Website, Self::Wordpress, Self::Mailbox, Self::Game, Self::Storage];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Website => "website",
            Self::Wordpress => "wordpress",
            Self::Mailbox => "mailbox",
            Self::Game => "game",
            Self::Storage => "storage",
        }
    }
}

/// What shall stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub enum Spec {
    /// A website with PHP.
    Website {
        /// The names to try, best first: it gets the first one that no other service has, and keeps it.
        domains: Vec<Domain>,
        /// Its PHP.
        php: PhpVersion,
        /// Disk.
        disk: Mebibytes,
        /// What one PHP process may take.
        memory: Mebibytes,
    },
    /// A website with WordPress.
    Wordpress {
        /// As of a website.
        domains: Vec<Domain>,
        /// Its PHP.
        php: PhpVersion,
        /// Disk.
        disk: Mebibytes,
        /// What one PHP process may take.
        memory: Mebibytes,
        /// The site's title.
        title: Title,
        /// The administrator's address, from which the administrator's name is made.
        admin: EmailAddress,
    },
    /// A mailbox.
    Mailbox {
        /// The addresses to try, best first: it gets the first one that no other service has, and keeps it.
        addresses: Vec<MailAddress>,
        /// Disk.
        disk: Mebibytes,
    },
    /// A game server.
    Game {
        /// What players see.
        name: ServerName,
        /// How many may play.
        slots: Slots,
        /// Memory.
        memory: Mebibytes,
    },
    /// Space for files.
    Storage {
        /// Disk.
        disk: Mebibytes,
    },
}

impl Spec {
    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Website { .. } => Kind::Website,
            Self::Wordpress { .. } => Kind::Wordpress,
            Self::Mailbox { .. } => Kind::Mailbox,
            Self::Game { .. } => Kind::Game,
            Self::Storage { .. } => Kind::Storage,
        }
    }
}
