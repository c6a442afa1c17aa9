//! What every service store and every provider must do.

use kernel::{Env, Id, entity};

use crate::{
    DeliveryRequest, DomainChoice, Lookup, Owner, Provider, RemoteRef, RemoteState, Service, ServiceOrder,
    ServiceState, ServiceStore,
};

/// A service of a given order and buyer, as [`crate::request`] would make it.
#[allow(clippy::unwrap_used, reason = "constants that parse")]
pub fn sample_service(env: &mut Env, order: Id<entity::Order>, customer: Id<entity::Customer>) -> Service {
    Service {
        id: env.id(),
        order,
        owner: Owner { customer, email: "owner@example.com".parse().unwrap(), name: "Owner One".to_owned() },
        plan: "starter".parse().unwrap(),
        kind: "hosting".to_owned(),
        label: "my-site".to_owned(),
        provider: "website".parse().unwrap(),
        settings: serde_json::json!({ "php_version": "8.3" }),
        delivery: DeliveryRequest { domain: DomainChoice::subdomain("my-site").ok(), ..DeliveryRequest::default() },
        state: ServiceState::Pending,
        access: Vec::new(),
        created_at: env.now(),
    }
}

/// What a provider is asked for, with settings of its own.
pub fn sample_order(env: &mut Env, kind: &str, settings: serde_json::Value) -> ServiceOrder {
    let (order, customer) = (env.id(), env.id());
    let mut service = sample_service(env, order, customer);
    service.settings = settings;
    kind.clone_into(&mut service.kind);
    service.to_order()
}

/// Runs the store suite on a service whose order and customer the store knows.
///
/// # Panics
/// When the store does not conform.
#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
pub async fn store_conforms<S: ServiceStore>(store: &mut S, env: &mut Env, mut service: Service) {
    assert!(store.insert_service(&service).await.unwrap());
    let mut second = service.clone();
    second.id = env.id();
    assert!(!store.insert_service(&second).await.unwrap(), "one service an order");
    assert_eq!(store.lock_service(service.id).await.unwrap(), Some(service.clone()));
    assert_eq!(store.lock_service(second.id).await.unwrap(), None);

    let remote = RemoteRef { id: "17".to_owned(), identifier: "1a7ce997".to_owned() };
    for state in [
        ServiceState::Provisioning,
        ServiceState::Uncertain,
        ServiceState::Installing(remote.clone()),
        ServiceState::FailedSetup { reason: "no room".to_owned(), remote: Some(remote.clone()) },
        ServiceState::Active(remote),
    ] {
        service.state = state;
        store.save_service(&service).await.unwrap();
        assert_eq!(store.service_of(service.order).await.unwrap(), Some(service.clone()));
        let there = store.services_at(&service.provider, None, 10).await.unwrap();
        assert_eq!(there.contains(&service), service.state.remote().is_some(), "{:?}", service.state);
    }
    assert_eq!(store.services_at(&service.provider, Some(service.id), 10).await.unwrap(), Vec::new(), "after it");
    assert_eq!(store.services_at(&"other".parse().unwrap(), None, 10).await.unwrap(), Vec::new());
}

/// Runs the provider suite: absent before, exactly one after, found again under the same key, observed by its reference.
/// `order` must be one that the provider accepts.
///
/// # Panics
/// When the provider does not conform.
#[allow(clippy::unwrap_used, clippy::panic, reason = "a suite of tests fails by panicking")]
pub async fn provider_conforms(provider: &dyn Provider, order: &ServiceOrder) {
    assert_eq!(provider.check_settings(&order.kind, &order.settings), Vec::new());
    assert_eq!(provider.find(order).await.unwrap(), Lookup::Absent, "nothing before it is created");
    let made = provider.create(order).await.unwrap();
    let Lookup::Ours(found) = provider.find(order).await.unwrap() else { panic!("created, so it is found") };
    assert_eq!(found.reference, made.reference, "found under the key it was created with");
    let seen = provider.observe(&made.reference).await.unwrap();
    assert_eq!(seen.reference, made.reference);
    assert!(!matches!(seen.state, RemoteState::Failed(_)));
    if provider.capabilities().lists {
        assert!(listed(provider).await.contains(&(Some(order.service), made.reference.clone())), "a sweep sees it");
    }
    let again = provider.create(order).await;
    let still = provider.find(order).await.unwrap();
    let Lookup::Ours(still) = still else { panic!("a second create must not lose the first") };
    assert_eq!(still.reference, made.reference, "a second create makes no second service: {again:?}");
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn listed(provider: &dyn Provider) -> Vec<(Option<Id<entity::Service>>, RemoteRef)> {
    let (mut all, mut next) = (Vec::new(), None);
    loop {
        let page = provider.list_ours(next.as_deref()).await.unwrap();
        all.extend(page.items.into_iter().map(|item| (item.service, item.reference)));
        next = page.next;
        if next.is_none() {
            return all;
        }
    }
}
