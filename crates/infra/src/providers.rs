//! The providers of this installation: one file each, and one line each in [`installed`].

pub mod local;
pub mod manual;
pub mod pterodactyl;
mod settings;
pub mod website;

use std::fmt;

use diesel_async::{AsyncPgConnection, pooled_connection::deadpool::Pool};
use kernel::{InvalidName, Slug};
use provisioning::{InvalidDomain, Provider, Providers, SettingsProblem};

use self::{
    local::{LocalProvider, LocalSettings},
    manual::ManualProvider,
    pterodactyl::{PterodactylProvider, PterodactylSettings, PterodactylSetupError},
    website::{WebsiteProvider, WebsiteSettings},
};
use crate::http::{HttpClient, HttpSetupError, Timeouts};

/// What the providers are made of.
pub struct ProviderSetup {
    /// The database, for websites.
    pub pool: Pool<AsyncPgConnection>,
    /// The HTTP client.
    pub http: HttpClient,
    /// The game panel; without it orders for game servers wait.
    pub pterodactyl: Option<PterodactylSettings>,
    /// Websites.
    pub website: WebsiteSettings,
    /// The hosting helper; without it orders that it would deliver wait.
    pub local: Option<LocalSettings>,
}

/// Why the list of providers cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ProviderSetupError {
    /// The panel's settings are wrong.
    #[error(transparent)]
    Pterodactyl(#[from] PterodactylSetupError),
    /// A key in the list is none.
    #[error("a provider has an unusable key")]
    Key(#[from] InvalidName),
}

/// Every provider that there is, under the key that the catalogue uses.
///
/// # Errors
/// [`ProviderSetupError`] when a provider's configuration is wrong.
pub fn installed(setup: ProviderSetup) -> Result<ProviderList, ProviderSetupError> {
    let ProviderSetup { pool, http, pterodactyl, website, local } = setup;
    let pterodactyl = match pterodactyl {
        Some(settings) => PterodactylProvider::new(http, &settings)?,
        None => PterodactylProvider::unconfigured(),
    };
    Ok(ProviderList::new(vec![
        ("pterodactyl".parse()?, Box::new(pterodactyl)),
        ("website".parse()?, Box::new(WebsiteProvider::new(pool, website))),
        ("local".parse()?, Box::new(LocalProvider::new(local))),
        ("manual".parse()?, Box::new(ManualProvider)),
    ]))
}

/// Every provider that there is, for checking settings alone: none of them knows where to call.
///
/// # Errors
/// [`CheckingError`].
pub fn checking(pool: Pool<AsyncPgConnection>) -> Result<ProviderList, CheckingError> {
    let http = HttpClient::new(Timeouts::default())?;
    let website = WebsiteSettings { subdomain_base: "sites.example.com".parse()? };
    Ok(installed(ProviderSetup { pool, http, pterodactyl: None, website, local: None })?)
}

/// Why settings cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckingError {
    /// The HTTP client.
    #[error(transparent)]
    Http(#[from] HttpSetupError),
    /// The domain that stands for all.
    #[error(transparent)]
    Domain(#[from] InvalidDomain),
    /// The list.
    #[error(transparent)]
    Setup(#[from] ProviderSetupError),
}

/// Providers by key; none where a program has nobody to ask.
#[derive(Default)]
pub struct ProviderList(Vec<(Slug, Box<dyn Provider>)>);

impl ProviderList {
    /// A list of these; where a key comes twice the first one counts.
    pub fn new(providers: Vec<(Slug, Box<dyn Provider>)>) -> Self {
        Self(providers)
    }
}

impl fmt::Debug for ProviderList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(key, _)| key.as_str())).finish()
    }
}

impl Providers for ProviderList {
    fn provider(&self, key: &Slug) -> Option<&dyn Provider> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, provider)| provider.as_ref())
    }

    fn keys(&self) -> Vec<Slug> {
        self.0.iter().map(|(key, _)| key.clone()).collect()
    }
}

/// What the providers say about a catalogue's settings.
impl catalog::file::SettingsCheck for ProviderList {
    fn providers(&self) -> Vec<Slug> {
        self.keys()
    }

    fn check(
        &self,
        provider: &Slug,
        kind: catalog::ProductKind,
        settings: &serde_json::Value,
    ) -> Vec<catalog::file::SettingsProblem> {
        let found = self.provider(provider).map(|provider| provider.check_settings(kind.as_str(), settings));
        let translated = |SettingsProblem { path, message }| catalog::file::SettingsProblem { path, message };
        found.unwrap_or_default().into_iter().map(translated).collect()
    }
}

/// A problem when the provider does not deliver this kind of product.
fn kind_problems(kind: &str, kinds: &[&str]) -> Vec<SettingsProblem> {
    if kinds.contains(&kind) {
        return Vec::new();
    }
    let message = format!("this provider delivers {}, not {kind}", kinds.join(" and "));
    vec![SettingsProblem { path: String::new(), message }]
}
