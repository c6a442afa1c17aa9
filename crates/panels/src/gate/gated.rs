//! An adapter behind its gate, as the provider that the flows know.

use std::{sync::Arc, time::Duration};

use kernel::Page;
use provisioning::{
    Adoption, BoxFuture, Capabilities, ConsoleLink, Health, Listed, Lookup, Mode, PollToken, Power, Provider,
    ProviderError, Remote, RemoteRef, RoomFor, ServiceOrder, SettingsProblem, Step, Stray, Target, Usage,
};
use secrecy::SecretString;
use serde_json::Value;

use super::{
    Errand::{Begins, Follows, GoesOn, Tries},
    Gate,
};
use crate::{Adapter, answer::unavailable};

/// How long a buyer waits at most for the answer whether there is room.
const ROOM_WAIT: Duration = Duration::from_secs(4);

/// An adapter behind its gate.
#[derive(Debug)]
pub struct Gated<A> {
    adapter: A,
    gate: Arc<Gate>,
}

impl<A> Gated<A> {
    /// This adapter behind this gate, which is the one that its line counts at.
    pub const fn new(adapter: A, gate: Arc<Gate>) -> Self {
        Self { adapter, gate }
    }

    /// This adapter, with nobody turned away.
    pub fn unlimited(adapter: A) -> Self {
        Self::new(adapter, Arc::new(Gate::open()))
    }
}

/// Passes the gate, keeps its seat, and asks the adapter.
macro_rules! behind {
    ($self:ident, $errand:ident, $call:ident($($argument:expr),*)) => {
        Box::pin(async move {
            let _seat = $self.gate.pass($errand).await?;
            $self.adapter.$call($($argument),*).await
        })
    };
}

type Answer<'a, T> = BoxFuture<'a, Result<T, ProviderError>>;

impl<A: Adapter> Provider for Gated<A> {
    fn capabilities(&self) -> Capabilities {
        self.adapter.capabilities()
    }

    fn check_settings(&self, kind: &str, settings: &Value) -> Vec<SettingsProblem> {
        self.adapter.check_settings(kind, settings)
    }

    fn find<'a>(&'a self, order: &'a ServiceOrder) -> Answer<'a, Lookup> {
        behind!(self, Begins, find(order))
    }

    fn create<'a>(&'a self, order: &'a ServiceOrder) -> Answer<'a, Remote> {
        behind!(self, GoesOn, create(order))
    }

    fn room<'a>(&'a self, ask: &'a RoomFor) -> Answer<'a, ()> {
        Box::pin(async move {
            let _seat = self.gate.pass(Begins).await?;
            // Somebody waits before a page for this answer, and may buy without it.
            let answer = tokio::time::timeout(ROOM_WAIT, self.adapter.room(ask)).await;
            answer.unwrap_or_else(|_| Err(unavailable("it did not say in time whether there is room", None)))
        })
    }

    fn list_ours<'a>(&'a self, page: Option<&'a str>) -> Answer<'a, Page<Listed>> {
        behind!(self, Begins, list_ours(page))
    }

    fn observe<'a>(&'a self, remote: &'a RemoteRef) -> Answer<'a, Remote> {
        behind!(self, Follows, observe(remote))
    }

    fn check(&self) -> Answer<'_, Health> {
        behind!(self, Tries, check())
    }

    fn suspend<'a>(&'a self, target: &'a Target, why: &'a str) -> Answer<'a, Step> {
        behind!(self, GoesOn, suspend(target, why))
    }

    fn resume<'a>(&'a self, target: &'a Target) -> Answer<'a, Step> {
        behind!(self, GoesOn, resume(target))
    }

    fn terminate<'a>(&'a self, target: &'a Target) -> Answer<'a, Step> {
        behind!(self, GoesOn, terminate(target))
    }

    fn change<'a>(&'a self, target: &'a Target, to: &'a ServiceOrder) -> Answer<'a, Step> {
        behind!(self, GoesOn, change(target, to))
    }

    fn reinstall<'a>(&'a self, target: &'a Target) -> Answer<'a, Step> {
        behind!(self, GoesOn, reinstall(target))
    }

    fn strays<'a>(&'a self, page: Option<&'a str>) -> Answer<'a, Page<Stray>> {
        behind!(self, Follows, strays(page))
    }

    fn adopt<'a>(&'a self, order: &'a ServiceOrder, id: &'a str, mode: Mode) -> Answer<'a, Adoption> {
        behind!(self, Follows, adopt(order, id, mode))
    }

    fn poll<'a>(&'a self, token: &'a PollToken) -> Answer<'a, Step> {
        behind!(self, Follows, poll(token))
    }

    fn console<'a>(&'a self, target: &'a Target) -> Answer<'a, ConsoleLink> {
        behind!(self, Follows, console(target))
    }

    fn power<'a>(&'a self, target: &'a Target, power: Power) -> Answer<'a, ()> {
        behind!(self, Follows, power(target, power))
    }

    fn usage<'a>(&'a self, target: &'a Target) -> Answer<'a, Usage> {
        behind!(self, Follows, usage(target))
    }

    fn set_password<'a>(&'a self, target: &'a Target, password: &'a SecretString) -> Answer<'a, ()> {
        behind!(self, Follows, set_password(target, password))
    }
}
