//! What a fake provider has, and what it was told to do wrong.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use kernel::{Clock, Env, Id, Timestamp, entity};

use super::{FakeProvider, Stage, Trouble, sample_order};
use crate::{
    AccessField, BoxFuture, Provider, ProviderError, Remote, RemoteRef, RemoteState, ServiceOrder, Step, Target,
};

/// What the next call of a [`FakeProvider`] that changes something does instead of succeeding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nothing happens there, and this error comes back.
    Before(ProviderError),
    /// It takes effect, and this error comes back nevertheless.
    After(ProviderError),
}

/// Everything.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) remotes: BTreeMap<Id<entity::Service>, Remote>,
    /// The settings that each was made with, or was changed to.
    pub(super) sizes: BTreeMap<Id<entity::Service>, serde_json::Value>,
    /// The settings that each shall be changed to.
    pub(super) wished: BTreeMap<Id<entity::Service>, serde_json::Value>,
    pub(super) creates: u32,
    /// Calls of every kind.
    pub(super) calls: u32,
    pub(super) faults: VecDeque<Fault>,
    /// The call with this number fails; `true` where what it changes takes effect.
    pub(super) fails_at: Option<(u32, bool)>,
    pub(super) installs: bool,
    /// How many there is room for; `None` for any number.
    pub(super) places: Option<u32>,
    /// It can do nothing with what it made.
    pub(super) helpless: bool,
    /// What changes something takes a while.
    pub(super) slow: bool,
    /// What is done when it is asked for how far it is.
    pub(super) pending: BTreeMap<String, (Id<entity::Service>, Wanted)>,
}

/// What a call wants a service to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Suspended,
    Running,
    Gone,
    /// As large as was wished.
    Sized,
    /// Set up once more.
    Anew,
}

fn unavailable() -> ProviderError {
    ProviderError::Unavailable { detail: "connection refused".to_owned(), retry_after: None }
}

fn lost() -> ProviderError {
    ProviderError::Unknown { detail: "the answer was lost".to_owned() }
}

impl World {
    /// Counts a call that only reads.
    pub(super) fn reads(&mut self) -> Result<(), ProviderError> {
        self.calls += 1;
        if self.fails_at.take_if(|(number, _)| *number == self.calls).is_some() { Err(unavailable()) } else { Ok(()) }
    }

    /// Counts a call that changes something. The fault that it meets, if there is one.
    pub(super) fn writes(&mut self) -> Option<Fault> {
        self.calls += 1;
        if let Some((_, effect)) = self.fails_at.take_if(|(number, _)| *number == self.calls) {
            return Some(if effect { Fault::After(lost()) } else { Fault::Before(unavailable()) });
        }
        self.faults.pop_front()
    }

    pub(super) fn make(&mut self, order: &ServiceOrder) -> Result<Remote, ProviderError> {
        self.creates += 1;
        let fault = self.writes();
        if let Some(Fault::Before(error)) = fault {
            return Err(error);
        }
        if self.remotes.contains_key(&order.service) {
            return Err(ProviderError::Refused { detail: "exists already".to_owned() });
        }
        let id = self.creates.to_string();
        let state = if self.installs { RemoteState::Installing } else { RemoteState::Ready };
        let access = vec![AccessField { label: "Address".to_owned(), value: format!("10.0.0.1:{id}") }];
        let reference = RemoteRef { identifier: format!("fake{id}"), id };
        let remote = Remote { reference, state, access };
        self.remotes.insert(order.service, remote.clone());
        self.sizes.insert(order.service, order.settings.clone());
        match fault {
            Some(Fault::After(error)) => Err(error),
            Some(Fault::Before(_)) | None => Ok(remote),
        }
    }

    pub(super) fn change(&mut self, target: &Target, wanted: Wanted) -> Result<Step, ProviderError> {
        let fault = self.writes();
        if let Some(Fault::Before(error)) = fault {
            return Err(error);
        }
        let there = self.remotes.values().any(|remote| remote.reference == target.reference);
        match self.remotes.get(&target.service) {
            Some(remote) if wanted == Wanted::Anew && remote.state == RemoteState::Suspended => {
                return Err(ProviderError::Refused { detail: "it is suspended".to_owned() });
            }
            Some(remote) if remote.reference == target.reference => {}
            None | Some(_) if there => {
                return Err(ProviderError::Refused { detail: "it is another service's".to_owned() });
            }
            None | Some(_) => return Err(ProviderError::Gone { detail: "no such service".to_owned() }),
        }
        let step = if self.slow {
            let token = crate::PollToken(self.calls.to_string());
            self.pending.insert(token.0.clone(), (target.service, wanted));
            Step::Pending { token, check_after: Duration::from_secs(5) }
        } else {
            self.apply(target.service, wanted);
            Step::Done
        };
        match fault {
            Some(Fault::After(error)) => Err(error),
            Some(Fault::Before(_)) | None => Ok(step),
        }
    }

    pub(super) fn apply(&mut self, service: Id<entity::Service>, wanted: Wanted) {
        let state = match wanted {
            Wanted::Suspended => RemoteState::Suspended,
            Wanted::Running | Wanted::Anew => RemoteState::Ready,
            Wanted::Gone => {
                self.remotes.remove(&service);
                return;
            }
            Wanted::Sized => {
                self.sizes.extend(self.wished.remove_entry(&service));
                return;
            }
        };
        if let Some(remote) = self.remotes.get_mut(&service) {
            remote.state = state;
        }
    }
}

/// A fake provider for the suite.
#[derive(Debug, Default)]
pub struct FakeStage(pub FakeProvider);

struct Fixed;
impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

/// The key of somebody else's service, always the same.
pub(super) fn stranger() -> Id<entity::Service> {
    Env::with(std::sync::Arc::new(Fixed), u64::MAX).id()
}

impl Stage for FakeStage {
    fn provider(&self) -> &dyn Provider {
        &self.0
    }
    fn order(&self, number: u64) -> ServiceOrder {
        sample_order(&mut Env::with(std::sync::Arc::new(Fixed), number), "game", serde_json::json!({}))
    }
    fn trouble(&self, trouble: Trouble) -> BoxFuture<'_, bool> {
        let fault = match trouble {
            Trouble::TooMany => {
                let retry_after = Some(Trouble::PAUSE);
                Fault::Before(ProviderError::Unavailable { detail: "429".to_owned(), retry_after })
            }
            Trouble::Conflict | Trouble::Redirect => Fault::Before(unavailable()),
            Trouble::CutBefore | Trouble::GatewayBefore | Trouble::PageBefore => Fault::Before(lost()),
            Trouble::CutAfter | Trouble::GatewayAfter | Trouble::PageAfter | Trouble::OtherVersion => {
                Fault::After(lost())
            }
        };
        self.0.plan(fault);
        Box::pin(async { true })
    }
    fn truth(&self, service: Id<entity::Service>) -> BoxFuture<'_, usize> {
        let count = usize::from(self.0.has(service));
        Box::pin(async move { count })
    }
    fn larger(&self, order: &ServiceOrder) -> Option<ServiceOrder> {
        Some(ServiceOrder { settings: serde_json::json!({ "memory": 2 }), ..order.clone() })
    }
    fn measures(&self, order: &ServiceOrder) -> BoxFuture<'_, bool> {
        let is = self.0.size(order.service).as_ref() == Some(&order.settings);
        Box::pin(async move { is })
    }
    fn give_away(&self, service: Id<entity::Service>) -> BoxFuture<'_, bool> {
        let given = self.0.give_away(service);
        Box::pin(async move { given })
    }
}
