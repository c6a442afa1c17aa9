//! A provider in memory that counts what it made.

use std::sync::{Mutex, PoisonError};

use kernel::{Id, Page, Slug, entity};
use secrecy::SecretString;

use super::world::{Fault, Wanted, World};
use crate::{
    Ability, AccessField, BoxFuture, Capabilities, ConsoleLink, Listed, Lookup, PollToken, Power, Provider,
    ProviderError, Providers, Remote, RemoteRef, RemoteState, RoomFor, ServiceOrder, SettingsProblem, Step, Target,
    USUAL_SETTLE, Usage,
};

const ABLE: &[Ability] = &Ability::ALL;

/// A provider in memory that counts what it made.
#[derive(Debug, Default)]
pub struct FakeProvider(Mutex<World>);

impl FakeProvider {
    /// New services are `Installing` until [`FakeProvider::finish_installs`].
    pub fn installing() -> Self {
        Self(Mutex::new(World { installs: true, ..World::default() }))
    }

    /// It makes services and can do nothing with them afterwards.
    pub fn helpless() -> Self {
        Self(Mutex::new(World { helpless: true, ..World::default() }))
    }

    /// What changes a service takes a while: it is done once it is asked for how far it is.
    pub fn slow() -> Self {
        Self(Mutex::new(World { slow: true, ..World::default() }))
    }

    /// The next call that changes something meets this.
    pub fn plan(&self, fault: Fault) {
        self.with(|world| world.faults.push_back(fault));
    }

    /// The `number`-th call from now fails, whatever it is; with `effect` what it changes is changed and the answer lost.
    pub fn fail_at(&self, number: u32, effect: bool) {
        self.with(|world| world.fails_at = Some((world.calls + number, effect)));
    }

    /// That failure was not met: fewer calls were made.
    pub fn was_spared(&self) -> bool {
        self.with(|world| world.fails_at.take().is_some())
    }

    /// What is installing becomes ready.
    pub fn finish_installs(&self) {
        self.with(|world| world.remotes.values_mut().for_each(|remote| remote.state = RemoteState::Ready));
    }

    /// Somebody removes a service there behind our back.
    pub fn vanish(&self, service: Id<entity::Service>) {
        self.with(|world| world.remotes.remove(&service));
    }

    /// Somebody makes a service there behind our back.
    ///
    /// # Errors
    /// The planned fault's.
    pub fn appear(&self, order: &ServiceOrder) -> Result<Remote, ProviderError> {
        self.with(|world| world.make(order))
    }

    /// What stands there is reached in another way from now on.
    pub fn moves(&self, service: Id<entity::Service>, label: &str, value: &str) {
        let access = vec![AccessField { label: label.to_owned(), value: value.to_owned() }];
        self.with(|world| {
            if let Some(remote) = world.remotes.get_mut(&service) {
                remote.access = access;
            }
        });
    }

    /// Somebody stops a service there, or lets it go on.
    pub fn set_state(&self, service: Id<entity::Service>, state: RemoteState) {
        self.with(|world| {
            if let Some(remote) = world.remotes.get_mut(&service) {
                remote.state = state;
            }
        });
    }

    /// What stands there under this key is put under another one.
    pub fn give_away(&self, service: Id<entity::Service>) -> bool {
        let stranger = super::world::stranger();
        self.with(|world| {
            let Some(remote) = world.remotes.remove(&service) else { return false };
            world.remotes.insert(stranger, remote);
            true
        })
    }

    /// Its state there.
    pub fn state(&self, service: Id<entity::Service>) -> Option<RemoteState> {
        self.with(|world| world.remotes.get(&service).map(|remote| remote.state.clone()))
    }

    /// Whether it stands there.
    pub fn has(&self, service: Id<entity::Service>) -> bool {
        self.with(|world| world.remotes.contains_key(&service))
    }

    /// The settings that a service was made with, or changed to.
    pub fn size(&self, service: Id<entity::Service>) -> Option<serde_json::Value> {
        self.with(|world| world.sizes.get(&service).cloned())
    }

    /// How many services exist there.
    pub fn count(&self) -> usize {
        self.with(|world| world.remotes.len())
    }

    /// There is room for so many and no more.
    pub fn has_places(&self, places: u32) {
        self.with(|world| world.places = Some(places));
    }

    /// How often `create` was called.
    pub fn creates(&self) -> u32 {
        self.with(|world| world.creates)
    }

    /// How often it was called at all.
    pub fn calls(&self) -> u32 {
        self.with(|world| world.calls)
    }

    fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn change<'a>(
        &self,
        target: &Target,
        (ability, wanted): (Ability, Wanted),
    ) -> BoxFuture<'a, Result<Step, ProviderError>> {
        let step = self.with(|world| {
            if world.helpless { Err(ProviderError::Unsupported { ability }) } else { world.change(target, wanted) }
        });
        Box::pin(async move { step })
    }

    fn asked<'a, T: Send + 'a>(&self, ability: Ability, value: T) -> BoxFuture<'a, Result<T, ProviderError>> {
        let answer = self.with(|world| {
            if world.helpless { Err(ProviderError::Unsupported { ability }) } else { world.reads().map(|()| value) }
        });
        Box::pin(async move { answer })
    }
}

impl Provider for FakeProvider {
    fn capabilities(&self) -> Capabilities {
        let (installs, does) = self.with(|world| (world.installs, if world.helpless { &[] } else { ABLE }));
        Capabilities { kinds: &[], installs, finds: true, lists: true, settle: USUAL_SETTLE, does }
    }
    fn check_settings(&self, _: &str, settings: &serde_json::Value) -> Vec<SettingsProblem> {
        if settings.is_object() {
            return Vec::new();
        }
        vec![SettingsProblem { path: String::new(), message: "expected a table of settings".to_owned() }]
    }
    fn find<'a>(&'a self, order: &'a ServiceOrder) -> BoxFuture<'a, Result<Lookup, ProviderError>> {
        let found = self.with(|world| world.reads().map(|()| world.remotes.get(&order.service).cloned()));
        Box::pin(async move { found.map(|found| found.map_or(Lookup::Absent, Lookup::Ours)) })
    }
    fn create<'a>(&'a self, order: &'a ServiceOrder) -> BoxFuture<'a, Result<Remote, ProviderError>> {
        let made = self.with(|world| world.make(order));
        Box::pin(async move { made })
    }
    fn room<'a>(&'a self, ask: &'a RoomFor) -> BoxFuture<'a, Result<(), ProviderError>> {
        let taken = |world: &World| ask.promised.saturating_add(u32::try_from(world.remotes.len()).unwrap_or(u32::MAX));
        let full = self.with(|world| world.places.is_some_and(|places| taken(world) >= places));
        let answer = self.asked(Ability::Room, ());
        Box::pin(async move {
            answer.await?;
            if full { Err(ProviderError::NoCapacity { detail: "every node is full".to_owned() }) } else { Ok(()) }
        })
    }
    fn list_ours<'a>(&'a self, _: Option<&'a str>) -> BoxFuture<'a, Result<Page<Listed>, ProviderError>> {
        let listed = |(service, remote): (&Id<entity::Service>, &Remote)| Listed {
            service: Some(*service),
            reference: remote.reference.clone(),
            state: remote.state.clone(),
            access: Some(remote.access.clone()),
        };
        let page = self.with(|world| world.reads().map(|()| Page::only(world.remotes.iter().map(listed).collect())));
        Box::pin(async move { page })
    }
    fn observe<'a>(&'a self, remote: &'a RemoteRef) -> BoxFuture<'a, Result<Remote, ProviderError>> {
        let found = self.with(|world| {
            world.reads().map(|()| world.remotes.values().find(|there| there.reference == *remote).cloned())
        });
        let gone = ProviderError::Gone { detail: "no such service".to_owned() };
        Box::pin(async move { found?.ok_or(gone) })
    }
    fn suspend<'a>(&'a self, target: &'a Target, _: &'a str) -> BoxFuture<'a, Result<Step, ProviderError>> {
        self.change(target, (Ability::Suspend, Wanted::Suspended))
    }
    fn resume<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Step, ProviderError>> {
        self.change(target, (Ability::Resume, Wanted::Running))
    }
    fn terminate<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Step, ProviderError>> {
        self.change(target, (Ability::Terminate, Wanted::Gone))
    }
    fn change<'a>(&'a self, target: &'a Target, to: &'a ServiceOrder) -> BoxFuture<'a, Result<Step, ProviderError>> {
        self.with(|world| world.wished.insert(target.service, to.settings.clone()));
        self.change(target, (Ability::Change, Wanted::Sized))
    }
    fn reinstall<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Step, ProviderError>> {
        self.change(target, (Ability::Reinstall, Wanted::Anew))
    }
    fn poll<'a>(&'a self, token: &'a PollToken) -> BoxFuture<'a, Result<Step, ProviderError>> {
        let done = self.with(|world| {
            if world.helpless {
                return Err(ProviderError::Unsupported { ability: Ability::Poll });
            }
            world.reads()?;
            if let Some((service, wanted)) = world.pending.remove(&token.0) {
                world.apply(service, wanted);
            }
            Ok(Step::Done)
        });
        Box::pin(async move { done })
    }
    fn console<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<ConsoleLink, ProviderError>> {
        let url = format!("https://panel.example/{}", target.reference.identifier);
        self.asked(Ability::Console, ConsoleLink { url, signs_in: false })
    }
    fn power<'a>(&'a self, _: &'a Target, _: Power) -> BoxFuture<'a, Result<(), ProviderError>> {
        self.asked(Ability::Power, ())
    }
    fn usage<'a>(&'a self, _: &'a Target) -> BoxFuture<'a, Result<Usage, ProviderError>> {
        self.asked(Ability::Usage, Usage { activity: "running".to_owned(), ..Usage::default() })
    }
    fn set_password<'a>(&'a self, _: &'a Target, _: &'a SecretString) -> BoxFuture<'a, Result<(), ProviderError>> {
        self.asked(Ability::SetPassword, ())
    }
}

/// One fake provider that answers to every key.
#[derive(Debug, Default)]
pub struct FakeProviders(pub FakeProvider);

impl Providers for FakeProviders {
    fn provider(&self, _: &Slug) -> Option<&dyn Provider> {
        Some(&self.0)
    }
    /// One key is enough to find everything, since there is one provider behind all.
    fn keys(&self) -> Vec<Slug> {
        "website".parse().into_iter().collect()
    }
}
