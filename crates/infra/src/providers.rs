//! The providers of this installation: one file each, and one line each in [`installed`].

pub mod allowance;
pub mod local;
pub mod manual;
pub mod website;

pub use panels::{file, pterodactyl};

use std::{fmt, sync::Arc};

use diesel_async::{AsyncPgConnection, pooled_connection::deadpool::Pool};
use kernel::{InvalidName, Slug};
use provisioning::{InvalidDomain, Provider, Providers, SettingsProblem};

use outgoing::{
    ForbiddenAddress,
    http::{HttpClient, HttpSetupError, Timeouts},
};
use panels::{
    Allowance, Gate, Gated, Limits, Line, Shared,
    file::{Configured, ProvidersFile},
    pterodactyl::{PANEL_LIMITS, PterodactylProvider, PterodactylSettings, PterodactylSetupError},
};

use self::{
    allowance::PgAllowance,
    local::{LocalProvider, LocalSettings},
    manual::ManualProvider,
    website::{WebsiteProvider, WebsiteSettings},
};

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
    /// The providers file's; none without one.
    pub file: ProvidersFile,
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
    /// A provider of the file would be called where nothing is called.
    #[error("PROVIDERS_FILE: the url of {key} cannot be used: {why}")]
    Forbidden {
        /// Which.
        key: Slug,
        /// Why.
        why: ForbiddenAddress,
    },
}

/// Every provider that there is, under the key that the catalogue uses.
///
/// # Errors
/// [`ProviderSetupError`] when a provider's configuration is wrong.
pub fn installed(setup: ProviderSetup) -> Result<ProviderList, ProviderSetupError> {
    let ProviderSetup { pool, http, pterodactyl, website, local, file } = setup;
    let allowance: Arc<dyn Allowance> = Arc::new(PgAllowance::new(pool.clone()));
    let pterodactyl = match pterodactyl {
        Some(settings) => game_panel(http.clone(), &settings, Some(share("pterodactyl", &allowance)))?,
        None => Box::new(Gated::unlimited(PterodactylProvider::unconfigured())),
    };
    let mut list: Vec<(Slug, Box<dyn Provider>)> = vec![
        ("pterodactyl".parse()?, pterodactyl),
        ("website".parse()?, Box::new(WebsiteProvider::new(pool, website))),
        ("local".parse()?, Box::new(LocalProvider::new(local))),
        ("manual".parse()?, Box::new(ManualProvider)),
    ];
    for Configured { key, what } in file.providers {
        let shared = Some(share(key.as_str(), &allowance));
        let provider =
            what.provider(&http, shared).map_err(|why| ProviderSetupError::Forbidden { key: key.clone(), why })?;
        list.push((key, provider));
    }
    Ok(ProviderList::new(list))
}

fn share(panel: &str, allowance: &Arc<dyn Allowance>) -> Shared {
    Shared { panel: panel.to_owned(), allowance: Arc::clone(allowance) }
}

/// The game panel of the environment, behind its gate, which takes its calls from what is shared if something is.
///
/// # Errors
/// [`PterodactylSetupError`].
pub fn game_panel(
    http: HttpClient,
    settings: &PterodactylSettings,
    shared: Option<Shared>,
) -> Result<Box<dyn Provider>, PterodactylSetupError> {
    let limits = Limits { per_minute: settings.calls_per_minute, ..PANEL_LIMITS };
    let gate = Arc::new(Gate::new(limits).sharing(shared));
    let provider = PterodactylProvider::new(Line::new(http, Arc::clone(&gate)), settings)?;
    Ok(Box::new(Gated::new(provider, gate)))
}

/// Every provider that there is, for checking settings alone: none of them knows where to call.
///
/// # Errors
/// [`CheckingError`].
pub fn checking(pool: Pool<AsyncPgConnection>) -> Result<ProviderList, CheckingError> {
    checking_with(pool, ProvidersFile::default())
}

/// The same with those of the providers file, read with [`file::Secrets::Left`].
///
/// # Errors
/// [`CheckingError`].
pub fn checking_with(pool: Pool<AsyncPgConnection>, file: ProvidersFile) -> Result<ProviderList, CheckingError> {
    let http = HttpClient::new(Timeouts::default())?;
    let website = WebsiteSettings { subdomain_base: "sites.example.com".parse()? };
    Ok(installed(ProviderSetup { pool, http, pterodactyl: None, website, local: None, file })?)
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
