//! A memory store and a provider that can be told to fail, for tests here and in crates that build on this one.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use kernel::{Id, Page, Slug, StoreError, entity, testing::Table};

use crate::{
    AccessField, BoxFuture, Capabilities, Listed, Lookup, Provider, ProviderError, Providers, Remote, RemoteRef,
    RemoteState, Service, ServiceOrder, ServiceStore, SettingsProblem, USUAL_SETTLE,
};

mod conformance;
pub use conformance::{provider_conforms, sample_order, sample_service, store_conforms};

/// Services in memory. Clone it to take a snapshot.
#[derive(Debug, Clone, Default)]
pub struct MemoryServices {
    /// By id.
    pub services: Table<Id<entity::Service>, Service>,
}

impl ServiceStore for MemoryServices {
    async fn insert_service(&mut self, service: &Service) -> Result<bool, StoreError> {
        if self.services.values().any(|other| other.order == service.order) {
            return Ok(false);
        }
        self.services.insert(service.id, service.clone());
        Ok(true)
    }
    async fn lock_service(&mut self, id: Id<entity::Service>) -> Result<Option<Service>, StoreError> {
        Ok(self.services.get(&id).cloned())
    }
    async fn service_of(&mut self, order: Id<entity::Order>) -> Result<Option<Service>, StoreError> {
        Ok(self.services.values().find(|service| service.order == order).cloned())
    }
    async fn services_at(
        &mut self,
        provider: &Slug,
        after: Option<Id<entity::Service>>,
        limit: i64,
    ) -> Result<Vec<Service>, StoreError> {
        let there = self.services.values().filter(|service| service.provider == *provider);
        let there = there.filter(|service| service.state.remote().is_some() && after.is_none_or(|id| service.id > id));
        Ok(there.take(usize::try_from(limit).unwrap_or(0)).cloned().collect())
    }
    async fn save_service(&mut self, service: &Service) -> Result<(), StoreError> {
        self.services.insert(service.id, service.clone());
        Ok(())
    }
}

/// What the next `create` of a [`FakeProvider`] does instead of succeeding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nothing happens there, and this error comes back.
    Before(ProviderError),
    /// It is created, and this error comes back nevertheless.
    After(ProviderError),
}

#[derive(Debug, Default)]
struct World {
    remotes: BTreeMap<Id<entity::Service>, Remote>,
    creates: u32,
    faults: VecDeque<Fault>,
    installs: bool,
}

/// A provider in memory that counts what it made.
#[derive(Debug, Default)]
pub struct FakeProvider(Mutex<World>);

impl FakeProvider {
    /// New services are `Installing` until [`FakeProvider::finish_installs`].
    pub fn installing() -> Self {
        Self(Mutex::new(World { installs: true, ..World::default() }))
    }

    /// The next call of `create` meets this.
    pub fn plan(&self, fault: Fault) {
        self.with(|world| world.faults.push_back(fault));
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
    pub fn appear(&self, order: &ServiceOrder) -> Result<Remote, ProviderError> {
        self.make(order)
    }

    /// How many services exist there.
    pub fn count(&self) -> usize {
        self.with(|world| world.remotes.len())
    }

    /// How often `create` was called.
    pub fn creates(&self) -> u32 {
        self.with(|world| world.creates)
    }

    fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn make(&self, order: &ServiceOrder) -> Result<Remote, ProviderError> {
        self.with(|world| {
            world.creates += 1;
            let fault = world.faults.pop_front();
            if let Some(Fault::Before(error)) = fault {
                return Err(error);
            }
            if world.remotes.contains_key(&order.service) {
                return Err(ProviderError::Refused { detail: "exists already".to_owned() });
            }
            let id = world.creates.to_string();
            let state = if world.installs { RemoteState::Installing } else { RemoteState::Ready };
            let access = vec![AccessField { label: "Address".to_owned(), value: format!("10.0.0.1:{id}") }];
            let reference = RemoteRef { identifier: format!("fake{id}"), id };
            let remote = Remote { reference, state, access };
            world.remotes.insert(order.service, remote.clone());
            match fault {
                Some(Fault::After(error)) => Err(error),
                Some(Fault::Before(_)) | None => Ok(remote),
            }
        })
    }
}

impl Provider for FakeProvider {
    fn capabilities(&self) -> Capabilities {
        let installs = self.with(|world| world.installs);
        Capabilities { kinds: &[], installs, finds: true, lists: true, settle: USUAL_SETTLE }
    }
    fn check_settings(&self, _: &str, settings: &serde_json::Value) -> Vec<SettingsProblem> {
        if settings.is_object() {
            return Vec::new();
        }
        vec![SettingsProblem { path: String::new(), message: "expected a table of settings".to_owned() }]
    }
    fn find<'a>(&'a self, order: &'a ServiceOrder) -> BoxFuture<'a, Result<Lookup, ProviderError>> {
        let found = self.with(|world| world.remotes.get(&order.service).cloned());
        Box::pin(async move { Ok(found.map_or(Lookup::Absent, Lookup::Ours)) })
    }
    fn create<'a>(&'a self, order: &'a ServiceOrder) -> BoxFuture<'a, Result<Remote, ProviderError>> {
        let made = self.make(order);
        Box::pin(async move { made })
    }
    fn list_ours<'a>(&'a self, _: Option<&'a str>) -> BoxFuture<'a, Result<Page<Listed>, ProviderError>> {
        let listed = |(service, remote): (&Id<entity::Service>, &Remote)| Listed {
            service: Some(*service),
            reference: remote.reference.clone(),
            state: remote.state.clone(),
        };
        let page = Page::only(self.with(|world| world.remotes.iter().map(listed).collect()));
        Box::pin(async move { Ok(page) })
    }
    fn observe<'a>(&'a self, remote: &'a RemoteRef) -> BoxFuture<'a, Result<Remote, ProviderError>> {
        let found = self.with(|world| world.remotes.values().find(|r| r.reference == *remote).cloned());
        let gone = ProviderError::Refused { detail: "no such service".to_owned() };
        Box::pin(async move { found.ok_or(gone) })
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
