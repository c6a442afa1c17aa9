//! The list of providers, and what it says about the catalogue that is shipped.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::collections::BTreeSet;

use catalog::file::{self, CatalogFile};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, deadpool::Pool};
use infra::{
    http::{HttpClient, Timeouts},
    providers::{ProviderList, ProviderSetup, installed, website::WebsiteSettings},
};
use kernel::{Env, Id, entity};
use provisioning::{
    BoxFuture, Provider, Providers, ServiceOrder,
    testing::{Stage, provider_conforms, sample_order},
};

/// All providers, on a database that nobody asks anything.
fn providers() -> ProviderList {
    let manager = AsyncDieselConnectionManager::new("postgres://nobody@127.0.0.1:1/none");
    let setup = ProviderSetup {
        pool: Pool::builder(manager).build().unwrap(),
        http: HttpClient::new(Timeouts::default()).unwrap(),
        pterodactyl: None,
        website: WebsiteSettings { subdomain_base: "sites.example.com".parse().unwrap() },
        local: None,
        file: infra::providers::file::ProvidersFile::default(),
    };
    installed(setup).unwrap()
}

fn shipped() -> &'static str {
    include_str!("../../../catalog.toml")
}

/// What a machine of one's own can sell besides, as the demo puts both together.
#[test]
fn the_catalogue_of_local_hosting_fits_beside_the_shipped_one() {
    let whole = format!("{}\n{}", shipped(), include_str!("../../../catalog.local.toml"));
    let read = catalog::file::read(&whole, &providers()).map_err(|problems| format!("{problems:?}")).unwrap();
    let local = read.products.iter().filter(|product| product.provider.as_str() == "local").count();
    assert_eq!(local, 5, "each kind that it delivers");
}

/// A person delivers: nothing stands anywhere that we could ask.
struct ByHand(ProviderList);

impl Stage for ByHand {
    fn provider(&self) -> &dyn Provider {
        self.0.provider(&"manual".parse().unwrap()).unwrap()
    }
    fn order(&self, _: u64) -> ServiceOrder {
        sample_order(&mut Env::system(), "vps", serde_json::json!({ "instructions": "Make a VPS." }))
    }
    fn makes(&self) -> bool {
        false
    }
    fn truth(&self, _: Id<entity::Service>) -> BoxFuture<'_, usize> {
        Box::pin(async { 0 })
    }
}

/// Where each provider is put through the suite: the built-in ones by their key, the file's by their type.
const SUITES: [(&str, &str); 11] = [
    ("local", include_str!("local.rs")),
    ("pterodactyl", include_str!("../../panels/tests/pterodactyl/against_sandbox.rs")),
    ("website", include_str!("website.rs")),
    ("manual", include_str!("providers.rs")),
    ("webhook", include_str!("../../panels/tests/webhook/main.rs")),
    ("exec", include_str!("../../panels/tests/exec/main.rs")),
    ("whm", include_str!("../../panels/tests/hosting/whm.rs")),
    ("directadmin", include_str!("../../panels/tests/hosting/directadmin.rs")),
    ("hestia", include_str!("../../panels/tests/hosting/hestia.rs")),
    ("proxmox", include_str!("../../panels/tests/hosting/proxmox.rs")),
    ("mailcow", include_str!("../../panels/tests/hosting/mailcow.rs")),
];

#[test]
fn every_provider_is_put_through_the_suite() {
    let built_in = providers().keys();
    assert_eq!(built_in.iter().map(kernel::Slug::as_str).collect::<Vec<_>>(), infra::providers::file::BUILT_IN);
    let all: BTreeSet<&str> =
        built_in.iter().map(kernel::Slug::as_str).chain(infra::providers::file::TYPES.map(|one| one.name)).collect();
    assert_eq!(all, SUITES.iter().map(|(name, _)| *name).collect());
    for (name, suite) in SUITES {
        assert!(
            (suite.contains("impl Stage for") || suite.contains("impl Panel for"))
                && suite.contains("provider_conforms(&"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn what_is_delivered_by_hand_conforms() {
    provider_conforms(&ByHand(providers())).await;
}

/// A sweep that asks everybody for a list would fail for ever, and owners would be shown buttons that nobody answers.
#[test]
fn a_provider_that_is_not_configured_lists_nothing_and_offers_owners_nothing() {
    use provisioning::Ability::{Console, Power, SetPassword, Usage};
    let list = providers();
    for key in ["pterodactyl", "local"] {
        let can = list.provider(&key.parse().unwrap()).unwrap().capabilities();
        assert!(!can.lists, "{key}");
        assert!([Console, Power, SetPassword, Usage].into_iter().all(|ability| !can.can(ability)), "{key}");
        assert!(can.can(provisioning::Ability::Suspend), "{key}: an operation waits until it is configured");
    }
}

#[test]
fn every_key_leads_to_one_provider() {
    let list = providers();
    let keys: BTreeSet<_> = list.keys().into_iter().collect();
    assert_eq!(keys.len(), list.keys().len());
    assert!(keys.iter().all(|key| list.provider(key).is_some()));
    assert!(list.provider(&"cpanel".parse().unwrap()).is_none());
}

#[test]
fn the_shipped_catalogue_is_one_that_the_providers_accept() {
    let file = CatalogFile::parse(shipped()).unwrap();
    let checked = file::check(&file, &providers()).map_err(|problems| problems.into_iter().map(|p| p.to_string()));
    assert!(!checked.map_err(Iterator::collect::<Vec<_>>).unwrap().products.is_empty());
}

#[test]
fn settings_that_a_provider_refuses_are_named_with_their_place() {
    let broken = shipped().replacen("memory = ", "memry = ", 1);
    assert_ne!(broken, shipped());
    let file = CatalogFile::parse(&broken).unwrap();
    let problems = file::check(&file, &providers()).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert!(paths.iter().any(|path| path.ends_with(".settings.memory")), "{paths:?}");
    assert!(paths.iter().any(|path| path.ends_with(".settings.memry")), "{paths:?}");
    assert!(problems.iter().all(|problem| problem.line > 1));
}
