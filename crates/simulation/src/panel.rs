//! The panel: which servers truly exist.

use std::{sync::Arc, time::Duration};

use kernel::{Id, Page, Slug, entity};
use provisioning::{
    AccessField, BoxFuture, Capabilities, Listed, Lookup, Provider, ProviderError, Providers, Remote, RemoteRef,
    RemoteState, ServiceOrder, SettingsProblem, USUAL_SETTLE,
};

use crate::{
    core::{Core, MINUTE, Micros, SECOND, Site, State},
    fault::Fault,
    seen::Sometimes,
    spawn::Spawn,
};

/// A server as it truly is.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) service: Id<entity::Service>,
    pub(crate) order: Id<entity::Order>,
    pub(crate) made_at: Micros,
    pub(crate) ready_at: Micros,
    pub(crate) fails: bool,
    /// It stands under our key and is somebody else's.
    pub(crate) foreign: bool,
    /// Gone from then on.
    pub(crate) vanishes_at: Option<Micros>,
}

/// The panel's memory.
#[derive(Debug, Default)]
pub(crate) struct Panel {
    pub(crate) servers: Vec<Server>,
    /// Keys are not unique here: nothing but looking first keeps a service from being made twice.
    pub(crate) lax: bool,
}

impl Server {
    pub(crate) fn is_there(&self, now: Micros) -> bool {
        self.made_at <= now && self.vanishes_at.is_none_or(|at| now < at)
    }

    fn state(&self, now: Micros) -> RemoteState {
        match (now < self.ready_at, self.fails) {
            (true, _) => RemoteState::Installing,
            (false, true) => RemoteState::Failed("install_failed".to_owned()),
            (false, false) => RemoteState::Ready,
        }
    }
}

impl Panel {
    /// Ours that are there.
    pub(crate) fn live(&self, order: Id<entity::Order>, now: Micros) -> impl Iterator<Item = (usize, &Server)> {
        let servers = self.servers.iter().enumerate();
        servers.filter(move |(_, server)| server.order == order && !server.foreign && server.is_there(now))
    }

    fn under(&self, service: Id<entity::Service>, now: Micros) -> Option<usize> {
        self.servers.iter().position(|server| server.service == service && server.is_there(now))
    }

    fn show(&self, number: usize, now: Micros) -> Option<Remote> {
        let server = self.servers.get(number)?;
        let reference = RemoteRef { id: number.to_string(), identifier: format!("srv{number}") };
        let address = AccessField { label: "Address".to_owned(), value: format!("10.0.0.1:{number}") };
        Some(Remote { reference, state: server.state(now), access: vec![address] })
    }
}

impl State {
    /// A server comes into being, unless the key is taken.
    pub(crate) fn make_server(&mut self, order: &ServiceOrder) -> Result<usize, usize> {
        let now = self.now;
        if let Some(taken) = self.panel.under(order.service, now).filter(|_| !self.panel.lax) {
            return Err(taken);
        }
        let slow = self.strikes(Fault::InstallSlow);
        let span = if slow { self.dice.between(10 * MINUTE, 40 * MINUTE) } else { self.dice.below(20 * SECOND) };
        let ready_at = if slow || self.dice.percent(50) { now + span } else { now };
        // Only what is still being installed vanishes: the panel takes it back when its daemon fails.
        let vanishes = ready_at > now && self.strikes(Fault::ServerVanishes);
        let fails = self.strikes(Fault::InstallFails);
        if fails || vanishes {
            self.check.excuse(order.order);
        }
        let server = Server {
            service: order.service,
            order: order.order,
            made_at: now,
            ready_at,
            fails,
            foreign: false,
            vanishes_at: vanishes.then(|| now + self.dice.below(ready_at - now)),
        };
        self.panel.servers.push(server);
        self.say(|_| format!("panel: server for {}", order.order));
        self.check_server(order);
        Ok(self.panel.servers.len() - 1)
    }

    fn panel_is_away(&mut self) -> Result<(), ProviderError> {
        if self.strikes(Fault::PanelDown) {
            return Err(unavailable("connection refused", None));
        }
        if self.strikes(Fault::PanelBusy) {
            let after = Duration::from_secs(self.dice.between(1, 60));
            return Err(unavailable("429", Some(after)));
        }
        Ok(())
    }

    fn look(&mut self, order: &ServiceOrder) -> Result<Lookup, ProviderError> {
        self.panel_is_away()?;
        if self.loses(Fault::PanelTimeout) {
            return Err(unavailable("timed out", None));
        }
        let now = self.now;
        let Some(number) = self.panel.under(order.service, now) else { return Ok(Lookup::Absent) };
        let Some(server) = self.panel.servers.get(number) else { return Ok(Lookup::Absent) };
        if server.foreign {
            return Ok(Lookup::Foreign("it has another owner".to_owned()));
        }
        let fresh = now < server.made_at + 20 * SECOND;
        if fresh && self.strikes(Fault::PanelStale) {
            return Ok(Lookup::Absent);
        }
        self.note(Sometimes::Adopted);
        self.panel.show(number, now).map(Lookup::Ours).ok_or_else(|| unavailable("gone", None))
    }

    fn create(&mut self, order: &ServiceOrder) -> Result<Remote, ProviderError> {
        self.panel_is_away()?;
        if self.strikes(Fault::PanelTimeout) {
            return Err(unknown());
        }
        if self.strikes(Fault::PanelFull) {
            self.check.excuse(order.order);
            return Err(ProviderError::NoCapacity { detail: "no node fits".to_owned() });
        }
        if self.strikes(Fault::PanelRefuses) {
            self.check.excuse(order.order);
            return Err(ProviderError::Refused { detail: "the egg is gone".to_owned() });
        }
        self.check_service_intent(order);
        if self.strikes(Fault::PanelLate) {
            let longest = if self.panel.lax { 15 } else { 50 };
            let at = self.now + self.dice.between(1, longest) * SECOND;
            self.spawns.push(Spawn::Land { server: Box::new(order.clone()), at });
            return Err(unknown());
        }
        let made = match self.make_server(order) {
            Ok(number) => self.panel.show(number, self.now).ok_or_else(unknown),
            // Taken: an earlier try won, and the adapter looks again.
            Err(_) => match self.look(order) {
                Ok(Lookup::Ours(remote)) => Ok(remote),
                Ok(Lookup::Foreign(detail)) => Err(ProviderError::Refused { detail }),
                Ok(Lookup::Absent) | Err(_) => Err(unknown()),
            },
        };
        if self.loses(Fault::PanelLost) { Err(unknown()) } else { made }
    }

    /// A page of what stands under our keys.
    fn list(&mut self, key: &Slug, from: usize) -> Result<Page<Listed>, ProviderError> {
        self.panel_is_away()?;
        let now = self.now;
        let ours = |server: &Server| {
            let service = self.store.services.services.get(&server.service);
            !server.foreign && server.is_there(now) && service.is_some_and(|service| service.provider == *key)
        };
        let all = self.panel.servers.iter().enumerate().skip(from);
        let mut items = Vec::new();
        for (number, server) in all.filter(|(_, server)| ours(server)) {
            if items.len() == 3 {
                return Ok(Page { items, next: Some(number.to_string()) });
            }
            if let Some(Remote { reference, state, .. }) = self.panel.show(number, now) {
                items.push(Listed { service: Some(server.service), reference, state, access: None });
            }
        }
        Ok(Page::only(items))
    }

    fn observe(&mut self, remote: &RemoteRef) -> Result<Remote, ProviderError> {
        self.panel_is_away()?;
        if self.loses(Fault::PanelTimeout) {
            return Err(unavailable("timed out", None));
        }
        let number = remote.id.parse().unwrap_or(usize::MAX);
        let there = self.panel.servers.get(number).filter(|server| server.is_there(self.now));
        let Some(server) = there else {
            return Err(ProviderError::Refused { detail: format!("there is no server {number} any more") });
        };
        debug_assert!(!server.foreign, "nobody observes what is not ours");
        self.panel.show(number, self.now).ok_or_else(unknown)
    }
}

fn unavailable(detail: &str, retry_after: Option<Duration>) -> ProviderError {
    ProviderError::Unavailable { detail: detail.to_owned(), retry_after }
}

fn unknown() -> ProviderError {
    ProviderError::Unknown { detail: "timed out".to_owned() }
}

/// One provider of a world. Both keys lead to the same panel; each lists what the products of its key are.
#[derive(Debug)]
pub(crate) struct PanelPort {
    core: Arc<Core>,
    key: Slug,
}

/// The providers of one world.
#[derive(Debug)]
pub(crate) struct Panels(Vec<PanelPort>);

impl Panels {
    #[allow(clippy::unwrap_used, reason = "words that are known to be right")]
    pub(crate) fn new(core: &Arc<Core>) -> Self {
        let port = |key: &str| PanelPort { core: Arc::clone(core), key: key.parse().unwrap() };
        Self(["pterodactyl", "website"].into_iter().map(port).collect())
    }
}

impl PanelPort {
    async fn call<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        self.core.before(Site::Panel).await;
        let answer = act(&mut self.core.lock());
        self.core.after(Site::Panel).await;
        answer
    }
}

impl Provider for PanelPort {
    fn capabilities(&self) -> Capabilities {
        Capabilities { kinds: &[], installs: true, finds: true, lists: true, settle: USUAL_SETTLE, does: &[] }
    }
    fn check_settings(&self, _: &str, _: &serde_json::Value) -> Vec<SettingsProblem> {
        Vec::new()
    }
    fn find<'a>(&'a self, order: &'a ServiceOrder) -> BoxFuture<'a, Result<Lookup, ProviderError>> {
        Box::pin(self.call(|state| {
            if state.panel.under(order.service, state.now).is_none() && state.strikes(Fault::ServerForeign) {
                let (service, now) = (order.service, state.now);
                let place = Server {
                    service,
                    order: order.order,
                    made_at: now,
                    ready_at: now,
                    fails: false,
                    foreign: true,
                    vanishes_at: None,
                };
                state.panel.servers.push(place);
                state.check.excuse(order.order);
            }
            state.look(order)
        }))
    }
    fn create<'a>(&'a self, order: &'a ServiceOrder) -> BoxFuture<'a, Result<Remote, ProviderError>> {
        Box::pin(self.call(|state| state.create(order)))
    }
    fn list_ours<'a>(&'a self, page: Option<&'a str>) -> BoxFuture<'a, Result<Page<Listed>, ProviderError>> {
        let from = page.and_then(|page| page.parse().ok()).unwrap_or(0);
        Box::pin(self.call(move |state| state.list(&self.key, from)))
    }
    fn observe<'a>(&'a self, remote: &'a RemoteRef) -> BoxFuture<'a, Result<Remote, ProviderError>> {
        Box::pin(self.call(|state| state.observe(remote)))
    }
}

impl Providers for Panels {
    fn provider(&self, key: &Slug) -> Option<&dyn Provider> {
        self.0.iter().find(|port| port.key == *key).map(|port| port as &dyn Provider)
    }
    fn keys(&self) -> Vec<Slug> {
        self.0.iter().map(|port| port.key.clone()).collect()
    }
}
