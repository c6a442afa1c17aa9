//! The port to what delivers services, with capabilities and error classes.
//!
//! A provider makes one attempt: it does not retry, sleep or touch the store. Its natural key is the service's id, which
//! is committed before the first call, so that whatever happened can be found again.

use std::{future::Future, pin::Pin, time::Duration};

use kernel::{Id, Page, Slug, entity};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{DeliveryRequest, Owner};

mod error;
mod life;

pub use error::ProviderError;
pub use life::{Ability, Adoption, ConsoleLink, Health, Mode, PollToken, Power, Step, Stray, Target, Usage};

/// A boxed future: providers are kept in a list by key, so their calls are dynamic.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a provider can do. Static; drives pages and tests alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Kinds of product (catalogue words) it can deliver; empty for any.
    pub kinds: &'static [&'static str],
    /// Creating takes a while: after `create` the service is installing and must be observed until it is ready.
    pub installs: bool,
    /// `find` proves absence: when it says `Absent`, nothing was created under this service's id.
    pub finds: bool,
    /// `list_ours` tells everything that was made under our keys, so that a sweep may compare it with our records.
    pub lists: bool,
    /// How long a `create` whose answer was lost may still take effect there. Before that has passed between two looks that
    /// saw nothing, it is not asked again.
    pub settle: Duration,
    /// What it does with a service in the years after. Whatever is not named here is done by a person, and its method
    /// answers [`ProviderError::Unsupported`].
    pub does: &'static [Ability],
}

impl Capabilities {
    /// Whether it can do this.
    pub fn can(&self, ability: Ability) -> bool {
        self.does.contains(&ability)
    }
}

/// The settling time of panels behind a web server: a request that timed out may wait there for a minute.
pub const USUAL_SETTLE: Duration = Duration::from_mins(1);

/// One thing that the provider has under a key of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The service whose id is its key; `None` where the key only looks like one of ours.
    pub service: Option<Id<entity::Service>>,
    /// Its name there.
    pub reference: RemoteRef,
    /// Its state there.
    pub state: RemoteState,
    /// How it is reached now, where the list tells: customers are shown it from then on. `None` leaves what they are shown.
    pub access: Option<Vec<AccessField>>,
}

/// A mistake in a product's provisioning settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsProblem {
    /// Where in the settings, e.g. `limits.memory`.
    pub path: String,
    /// What would be right.
    pub message: String,
}

/// What shall be delivered. `service` is the natural key.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceOrder {
    /// The service; the same for every attempt.
    pub service: Id<entity::Service>,
    /// The order behind it, for people who read the other side's lists.
    pub order: Id<entity::Order>,
    /// Who will own it.
    pub owner: Owner,
    /// What it is called.
    pub label: String,
    /// The product's kind, a catalogue word.
    pub kind: String,
    /// The product's settings for this provider, as they were when the order was placed.
    pub settings: serde_json::Value,
    /// The buyer's choices.
    pub delivery: DeliveryRequest,
}

/// How the provider itself names what it made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteRef {
    /// Its main id, e.g. Pterodactyl's numeric server id.
    pub id: String,
    /// Its short public name, e.g. Pterodactyl's identifier.
    pub identifier: String,
}

/// One line of how to reach a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessField {
    /// What it is: `Address`, `Panel`.
    pub label: String,
    /// The value.
    pub value: String,
}

/// In what state the provider has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoteState {
    /// Being set up.
    Installing,
    /// Can be used.
    Ready,
    /// Stopped on purpose.
    Suspended,
    /// Setting up failed.
    Failed(String),
}

/// What a provider has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// Its name there.
    pub reference: RemoteRef,
    /// Its state there.
    pub state: RemoteState,
    /// How to reach it.
    pub access: Vec<AccessField>,
}

/// The answer to «is there something under this service's id?».
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// Ours: adopt it.
    Ours(Remote),
    /// Something stands under our key that is not what we would have made: a person must look.
    Foreign(String),
    /// Proven absent.
    Absent,
}

/// What there shall be room for: one more of a product, before anybody pays for it.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomFor {
    /// The product's kind, a catalogue word.
    pub kind: String,
    /// The product's settings for this provider.
    pub settings: serde_json::Value,
    /// The buyer's choices.
    pub delivery: DeliveryRequest,
    /// How many of the same product, for the same place, are promised to others and not made yet.
    pub promised: u32,
}

/// Something that delivers services.
pub trait Provider: Send + Sync {
    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Checks a product's settings when the catalogue is applied. Empty when they are right.
    fn check_settings(&self, kind: &str, settings: &serde_json::Value) -> Vec<SettingsProblem>;

    /// Looks whether the service exists already. Reads only.
    fn find<'a>(&'a self, order: &'a ServiceOrder) -> BoxFuture<'a, Result<Lookup, ProviderError>>;

    /// Makes it. At most one mutating call for the service itself; `Unknown` when that call's outcome is not certain.
    fn create<'a>(&'a self, order: &'a ServiceOrder) -> BoxFuture<'a, Result<Remote, ProviderError>>;

    /// Whether there is room for one more beside those that are promised. Reads only, and reserves nothing there: no panel can.
    /// [`ProviderError::NoCapacity`] when there is none; after any other error nothing is known.
    fn room<'a>(&'a self, ask: &'a RoomFor) -> BoxFuture<'a, Result<(), ProviderError>> {
        let _ = ask;
        unsupported(Ability::Room)
    }

    /// One page of everything that stands there under keys of ours, for sweeps. Reads only. `page` is the `next` of the page
    /// before. A provider that cannot tell says so in [`Capabilities::lists`] and answers with an empty page.
    fn list_ours<'a>(&'a self, page: Option<&'a str>) -> BoxFuture<'a, Result<Page<Listed>, ProviderError>> {
        let _ = page;
        Box::pin(async { Ok(Page::only(Vec::new())) })
    }

    /// Reads its present state. Reads only, but that a provider which makes things in steps may take the next step of a set-up of
    /// its own while it answers [`RemoteState::Installing`]; each such step can be taken twice. [`ProviderError::Gone`] when the provider itself says that it is not there;
    /// any answer that is not understood is another error.
    fn observe<'a>(&'a self, remote: &'a RemoteRef) -> BoxFuture<'a, Result<Remote, ProviderError>>;

    /// Tries credentials, rights and reachability. Reads only. The error says which setting to look at.
    fn check(&self) -> BoxFuture<'_, Result<Health, ProviderError>> {
        Box::pin(async { Ok(Health::default()) })
    }

    /// Stops it and keeps everything. One mutating call; nothing happens where it is so already. `why` is for people who
    /// read the other side's records.
    fn suspend<'a>(&'a self, target: &'a Target, why: &'a str) -> BoxFuture<'a, Result<Step, ProviderError>> {
        let _ = (target, why);
        unsupported(Ability::Suspend)
    }

    /// Lets it go on. One mutating call; nothing happens where it is so already.
    fn resume<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Step, ProviderError>> {
        let _ = target;
        unsupported(Ability::Resume)
    }

    /// Ends it for good. One mutating call, never by force: what the provider refuses is a person's to decide.
    /// [`ProviderError::Gone`] where it is not there.
    fn terminate<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Step, ProviderError>> {
        let _ = target;
        unsupported(Ability::Terminate)
    }

    /// Makes it what `to` says: another plan's limits, for the same service. One mutating call for each part of it, and read back;
    /// nothing happens where it is so already. Never less disk than it has, which would cost its owner data:
    /// [`ProviderError::Refused`] says so.
    fn change<'a>(&'a self, target: &'a Target, to: &'a ServiceOrder) -> BoxFuture<'a, Result<Step, ProviderError>> {
        let _ = (target, to);
        unsupported(Ability::Change)
    }

    /// Sets it up anew, which may cost its owner everything on it. Not asked again after [`ProviderError::Unknown`]. Refused
    /// while it is suspended: panels forget that over it.
    fn reinstall<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Step, ProviderError>> {
        let _ = target;
        unsupported(Ability::Reinstall)
    }

    /// One page of what stands there under no key of ours. Reads only. `page` is the `next` of the page before.
    fn strays<'a>(&'a self, page: Option<&'a str>) -> BoxFuture<'a, Result<Page<Stray>, ProviderError>> {
        let _ = page;
        unsupported(Ability::Adopt)
    }

    /// Puts the service's key on what is known there by this id, so that `find` finds it. [`ProviderError::Refused`] says why it is
    /// not this order's: another key on it, another owner, something that the product would never be, or that something stands
    /// under the service's key already. It may be asked again after [`ProviderError::Unknown`].
    fn adopt<'a>(
        &'a self,
        order: &'a ServiceOrder,
        id: &'a str,
        mode: Mode,
    ) -> BoxFuture<'a, Result<Adoption, ProviderError>> {
        let _ = (order, id, mode);
        unsupported(Ability::Adopt)
    }

    /// How far something is that was answered with [`Step::Pending`]. Reads only, but that it may take the next step of what was
    /// asked for, where that has several, once it has seen again whose the service is.
    fn poll<'a>(&'a self, token: &'a PollToken) -> BoxFuture<'a, Result<Step, ProviderError>> {
        let _ = token;
        unsupported(Ability::Poll)
    }

    /// Where its owner manages it.
    fn console<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<ConsoleLink, ProviderError>> {
        let _ = target;
        unsupported(Ability::Console)
    }

    /// Starts or stops it. Not asked again after [`ProviderError::Unknown`]: a restart that happened twice is seen.
    fn power<'a>(&'a self, target: &'a Target, power: Power) -> BoxFuture<'a, Result<(), ProviderError>> {
        let _ = (target, power);
        unsupported(Ability::Power)
    }

    /// What it uses. Reads only.
    fn usage<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Usage, ProviderError>> {
        let _ = target;
        unsupported(Ability::Usage)
    }

    /// Sets the password that its owner signs in with: a mailbox's, an administrator's. It may be asked again after
    /// [`ProviderError::Unknown`]. The provider keeps no copy; [`ProviderError::Refused`] where nobody signs in to this one, or
    /// where it takes no such password.
    fn set_password<'a>(
        &'a self,
        target: &'a Target,
        password: &'a SecretString,
    ) -> BoxFuture<'a, Result<(), ProviderError>> {
        let _ = (target, password);
        unsupported(Ability::SetPassword)
    }
}

fn unsupported<'a, T: Send + 'a>(ability: Ability) -> BoxFuture<'a, Result<T, ProviderError>> {
    Box::pin(async move { Err(ProviderError::Unsupported { ability }) })
}

/// The installation's providers, by the key that the catalogue uses.
pub trait Providers: Send + Sync {
    /// The provider with this key.
    fn provider(&self, key: &Slug) -> Option<&dyn Provider>;
    /// All keys.
    fn keys(&self) -> Vec<Slug>;
}
