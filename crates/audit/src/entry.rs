//! An entry of the trail.

use std::{fmt, net::IpAddr};

use kernel::{Env, Id, Timestamp, entity};

use crate::{Act, Actor, Facts, facts::clean};

/// The longest name of a browser that is kept, in characters.
const LONGEST_AGENT: usize = 200;

/// Where a request came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// What its program calls itself, cut short. Anybody can write anything here.
    pub user_agent: Option<String>,
}

impl Origin {
    /// From this address, by a program of this name.
    pub fn new(ip: Option<IpAddr>, user_agent: Option<&str>) -> Self {
        let agent = user_agent.map(|text| clean(text).chars().take(LONGEST_AGENT).collect());
        Self { ip, user_agent: agent }
    }
}

/// What something was done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// What kind of thing, e.g. `user`, `case`, `queue`.
    pub kind: String,
    /// Which one: an id or a name.
    pub id: String,
}

impl Subject {
    /// The thing of this kind with this id.
    pub fn new(kind: &str, id: impl fmt::Display) -> Self {
        Self { kind: clean(kind), id: clean(&id.to_string()) }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

/// One act, on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: Id<entity::AuditEntry>,
    /// When, to the microsecond.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub act: Act,
    /// To what.
    pub subject: Subject,
    /// From where.
    pub origin: Origin,
    /// What it was.
    pub before: Facts,
    /// What it is.
    pub after: Facts,
}

impl Entry {
    /// An act of now. Without anything before or after, and from nowhere, until more is said.
    pub fn new(env: &mut Env, actor: Actor, act: Act, subject: Subject) -> Self {
        let (at, id) = (env.now(), env.id());
        Self { id, at, actor, act, subject, origin: Origin::default(), before: Facts::none(), after: Facts::none() }
    }

    /// It came from there.
    #[must_use]
    pub fn from(self, origin: &Origin) -> Self {
        Self { origin: origin.clone(), ..self }
    }

    /// What it was.
    #[must_use]
    pub fn before(self, before: Facts) -> Self {
        Self { before, ..self }
    }

    /// What it is.
    #[must_use]
    pub fn after(self, after: Facts) -> Self {
        Self { after, ..self }
    }
}
