//! Game servers in a Pterodactyl panel, or a Pelican one, through its application API.
//!
//! The service's id is the server's `external_id`, which the panel keeps unique: a second create under it is refused, and
//! after any unclear outcome [`Adapter::find`] tells what happened. Buyers become panel users under a prefixed external
//! id of their own. The rules of the API that matter here are written down where each is used.

mod adopt;
mod answer;
mod egg;
mod flavour;
mod life;
mod panel;
mod server;
mod settings;
mod upkeep;
mod user;
mod wire;

use std::sync::OnceLock;

use kernel::{Id, Page, entity};
use provisioning::{
    Ability, Adoption, Capabilities, ConsoleLink, Health, Listed, Lookup, Mode, Power, ProviderError, Remote,
    RemoteRef, RoomFor, ServiceOrder, SettingsProblem, Step, Stray, Target, USUAL_SETTLE, Usage,
};
use reqwest::{Method, Url, header::HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use self::{flavour::Flavour, panel::Panel, settings::GameSettings};
use outgoing::ForbiddenAddress;

use crate::{
    Adapter, Limits, Line,
    file::{Entry, Instance, Type},
};

/// Kinds of product that a game panel delivers.
const KINDS: &[&str] = &["game"];
/// What an account key of a root administrator can do; an application key is refused where owners act, so that it lacks
/// the last two.
const DOES: [Ability; 10] = [
    Ability::Suspend,
    Ability::Resume,
    Ability::Terminate,
    Ability::Change,
    Ability::Reinstall,
    Ability::Adopt,
    Ability::Room,
    Ability::Console,
    Ability::Power,
    Ability::Usage,
];
/// A panel answers 240 calls a minute to all keys of one administrator, whom other programs may use, too.
pub const PANEL_LIMITS: Limits = Limits { per_minute: 180, at_once: 4 };
/// The `type` of the providers file, for a second panel and every one after it.
pub const TYPE: Type = Type { name: "pterodactyl", limits: PANEL_LIMITS, read };

fn read(entry: &mut Entry<'_, '_>) -> Option<Instance> {
    let url = entry.url();
    let key = entry.secret(("api_key_env", "api_key_file"), 8);
    let address = |text: &str| address("panel_url", text).is_ok();
    let panel_url = entry.reader.text("panel_url", address, "expected an address such as https://panel.example.com");
    let is_prefix = |text: &str| {
        (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    let prefix = entry.reader.text("key_prefix", is_prefix, "expected 1 to 32 letters, digits, '-' or '_'");
    let (url, key_prefix) = (url?, prefix.unwrap_or_else(|| "hw".to_owned()));
    // Where the key is left alone settings can be checked, and every call is unavailable.
    let Some(api_key) = key? else {
        return Some(Instance::new(Some(url), |_| PterodactylProvider::left_alone()));
    };
    // The file's own limits stand before it.
    let calls_per_minute = PANEL_LIMITS.per_minute;
    let settings = PterodactylSettings { url: url.to_string(), api_key, panel_url, key_prefix, calls_per_minute };
    // Whatever could be wrong with it was read above; a key that cannot be sent leaves it unconfigured.
    let build = move |line: Line| {
        PterodactylProvider::new(line, &settings).unwrap_or_else(|_| PterodactylProvider::left_alone())
    };
    Some(Instance::new(Some(url), build))
}

/// What account keys begin with, Pterodactyl's and Pelican's.
const ACCOUNT_KEYS: [&str; 2] = ["ptlc_", "pacc_"];

/// Where the panel is and how we are known there.
#[derive(Debug, Clone)]
pub struct PterodactylSettings {
    /// The panel's address for us, without `/api`: `PTERODACTYL_URL`.
    pub url: String,
    /// An application key, or the account key of a root administrator, which can start and stop servers too:
    /// `PTERODACTYL_API_KEY`.
    pub api_key: SecretString,
    /// The panel's address for customers, `PANEL_URL`; the same as `url` when there is none.
    pub panel_url: Option<String>,
    /// Stands before our customers' ids in the panel, so that two shops on one panel do not take each other's users.
    pub key_prefix: String,
    /// How many calls a minute it is asked at most, `PTERODACTYL_CALLS_PER_MINUTE`; 0 for any number.
    pub calls_per_minute: u32,
}

/// Why the panel cannot be used as configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PterodactylSetupError {
    /// Not an address.
    #[error("{name} must be an address such as https://panel.example.com")]
    BadUrl {
        /// The setting.
        name: &'static str,
    },
    /// An address that is not connected to.
    #[error("PTERODACTYL_URL cannot be used")]
    Forbidden(#[from] ForbiddenAddress),
    /// Not a key.
    #[error("PTERODACTYL_API_KEY must be one word of printable characters, such as the panel shows it")]
    BadKey,
    /// Not a prefix.
    #[error("the panel key prefix must be 1 to 32 letters, digits, '-' or '_'")]
    BadPrefix,
}

/// Delivers game servers.
#[derive(Debug)]
pub struct PterodactylProvider {
    installation: Option<Installation>,
    /// Why there is none, where there is none.
    missing: &'static str,
}

/// A panel that is there.
#[derive(Debug)]
struct Installation {
    panel: Panel,
    customer_url: Url,
    key_prefix: String,
    /// The key is an administrator's own, good for both of the panel's APIs.
    account_key: bool,
    /// What the panel turned out to be.
    flavour: OnceLock<Flavour>,
}

impl Installation {
    /// The panel's key for this customer.
    fn user_key(&self, customer: Id<entity::Customer>) -> String {
        format!("{}:{customer}", self.key_prefix)
    }

    /// Where the customer manages the server with this identifier.
    fn server_page(&self, identifier: &str) -> String {
        let mut url = self.customer_url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["server", identifier]);
        }
        url.to_string()
    }
}

impl PterodactylProvider {
    /// The provider for this panel.
    ///
    /// # Errors
    /// [`PterodactylSetupError`] names the setting that is wrong; it never shows the key.
    pub fn new(http: Line, settings: &PterodactylSettings) -> Result<Self, PterodactylSetupError> {
        let url = address("PTERODACTYL_URL", &settings.url)?;
        http.check(&url)?;
        let customer_url = match &settings.panel_url {
            Some(text) => address("PANEL_URL", text)?,
            None => url.clone(),
        };
        let prefix = settings.key_prefix.as_str();
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if !(1..=32).contains(&prefix.len()) || !prefix.chars().all(allowed) {
            return Err(PterodactylSetupError::BadPrefix);
        }
        let panel = Panel::new(http, url, bearer(&settings.api_key)?);
        let key = settings.api_key.expose_secret().trim();
        let account_key = ACCOUNT_KEYS.iter().any(|start| key.starts_with(start));
        let (key_prefix, flavour) = (prefix.to_owned(), OnceLock::new());
        let installation = Installation { panel, customer_url, key_prefix, account_key, flavour };
        Ok(Self { installation: Some(installation), missing: "" })
    }

    /// The provider where no panel is configured: it checks settings, and answers every call with
    /// [`ProviderError::Unavailable`], since the order is right and configuring the panel lets it go on.
    pub const fn unconfigured() -> Self {
        Self { installation: None, missing: "PTERODACTYL_URL is not set" }
    }

    /// The provider of the file whose key was not read, or cannot be sent.
    const fn left_alone() -> Self {
        Self { installation: None, missing: "its api_key was not read, or is no word of printable characters" }
    }

    /// An application key is not good for everything.
    fn needs(&self, ability: Ability) -> Result<(), ProviderError> {
        if self.capabilities().can(ability) { Ok(()) } else { Err(ProviderError::Unsupported { ability }) }
    }

    fn installation(&self) -> Result<&Installation, ProviderError> {
        let detail = self.missing.to_owned();
        self.installation.as_ref().ok_or(ProviderError::Unavailable { detail, retry_after: None })
    }
}

fn address(name: &'static str, text: &str) -> Result<Url, PterodactylSetupError> {
    let url = Url::parse(text.trim()).map_err(|_| PterodactylSetupError::BadUrl { name })?;
    // Credentials, query or fragment in the address would end up in links and logs.
    let plain =
        url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    if plain && url.has_host() && matches!(url.scheme(), "http" | "https") {
        Ok(url)
    } else {
        Err(PterodactylSetupError::BadUrl { name })
    }
}

fn bearer(key: &SecretString) -> Result<HeaderValue, PterodactylSetupError> {
    let key = key.expose_secret().trim();
    if key.is_empty() || !key.chars().all(|c| c.is_ascii_graphic()) {
        return Err(PterodactylSetupError::BadKey);
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| PterodactylSetupError::BadKey)?;
    value.set_sensitive(true);
    Ok(value)
}

impl Adapter for PterodactylProvider {
    fn capabilities(&self) -> Capabilities {
        // A panel that is not configured has nothing to list.
        let lists = self.installation.is_some();
        // Where no panel is configured, services wait for one; their owners are not offered what cannot be asked of anybody.
        let does = match &self.installation {
            None => DOES.split_at(6).0,
            Some(place) if place.account_key => &DOES,
            Some(_) => DOES.split_at(8).0,
        };
        Capabilities { kinds: KINDS, installs: true, finds: true, lists, settle: USUAL_SETTLE, does }
    }

    fn check_settings(&self, kind: &str, settings: &serde_json::Value) -> Vec<SettingsProblem> {
        let mut problems = crate::kind_problems(kind, KINDS);
        if let Err(found) = GameSettings::read(settings) {
            problems.extend(found);
        }
        problems
    }

    async fn find(&self, order: &ServiceOrder) -> Result<Lookup, ProviderError> {
        server::find(self.installation()?, order).await
    }

    async fn create(&self, order: &ServiceOrder) -> Result<Remote, ProviderError> {
        server::create(self.installation()?, order).await
    }

    async fn list_ours(&self, page: Option<&str>) -> Result<Page<Listed>, ProviderError> {
        server::list(self.installation()?, page).await
    }

    async fn observe(&self, remote: &RemoteRef) -> Result<Remote, ProviderError> {
        server::observe(self.installation()?, remote).await
    }

    async fn check(&self) -> Result<Health, ProviderError> {
        life::check(self.installation()?).await
    }

    async fn suspend(&self, target: &Target, _why: &str) -> Result<Step, ProviderError> {
        life::change(self.installation()?, target, (Method::POST, &["suspend"])).await
    }

    async fn resume(&self, target: &Target) -> Result<Step, ProviderError> {
        life::change(self.installation()?, target, (Method::POST, &["unsuspend"])).await
    }

    async fn terminate(&self, target: &Target) -> Result<Step, ProviderError> {
        life::change(self.installation()?, target, (Method::DELETE, &[])).await
    }

    async fn room(&self, ask: &RoomFor) -> Result<(), ProviderError> {
        upkeep::room(self.installation()?, ask).await
    }

    async fn change(&self, target: &Target, to: &ServiceOrder) -> Result<Step, ProviderError> {
        upkeep::change(self.installation()?, target, to).await
    }

    async fn reinstall(&self, target: &Target) -> Result<Step, ProviderError> {
        upkeep::reinstall(self.installation()?, target).await
    }

    async fn strays(&self, page: Option<&str>) -> Result<Page<Stray>, ProviderError> {
        adopt::strays(self.installation()?, page).await
    }

    async fn adopt(&self, order: &ServiceOrder, id: &str, mode: Mode) -> Result<Adoption, ProviderError> {
        adopt::adopt(self.installation()?, order, id, mode).await
    }

    async fn console(&self, target: &Target) -> Result<ConsoleLink, ProviderError> {
        life::console(self.installation()?, target).await
    }

    async fn power(&self, target: &Target, power: Power) -> Result<(), ProviderError> {
        self.needs(Ability::Power)?;
        life::power(self.installation()?, target, power).await
    }

    async fn usage(&self, target: &Target) -> Result<Usage, ProviderError> {
        self.needs(Ability::Usage)?;
        life::usage(self.installation()?, target).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]
    use super::*;
    use kernel::Env;
    use outgoing::{
        Outgoing,
        http::{HttpClient, Timeouts},
    };
    use provisioning::testing::sample_order;

    fn new(url: &str, key: &str, prefix: &str) -> Result<PterodactylProvider, PterodactylSetupError> {
        within(Outgoing::default(), url, key, prefix)
    }

    fn within(
        outgoing: Outgoing,
        url: &str,
        key: &str,
        prefix: &str,
    ) -> Result<PterodactylProvider, PterodactylSetupError> {
        let settings = PterodactylSettings {
            url: url.to_owned(),
            api_key: SecretString::from(key.to_owned()),
            panel_url: None,
            key_prefix: prefix.to_owned(),
            calls_per_minute: 0,
        };
        let http = HttpClient::within(outgoing, Timeouts::default()).unwrap();
        PterodactylProvider::new(Line::unlimited(http), &settings)
    }

    #[test]
    fn what_is_misconfigured_is_named_and_the_key_is_not_shown() {
        let bad_url = PterodactylSetupError::BadUrl { name: "PTERODACTYL_URL" };
        for url in ["", "panel.example.com", "ftp://panel", "https://u:p@panel.example.com", "https://panel/?a=b"] {
            assert_eq!(new(url, "ptla_x", "hw").unwrap_err(), bad_url, "{url}");
        }
        for url in ["http://169.254.169.254", "https://[::ffff:169.254.169.254]/panel", "http://0.0.0.0:8080"] {
            assert!(matches!(new(url, "ptla_x", "hw"), Err(PterodactylSetupError::Forbidden(_))), "{url}");
        }
        for url in ["http://127.0.0.1:8080", "http://10.0.0.7", "http://[fd12::7]"] {
            assert!(new(url, "ptla_x", "hw").is_ok(), "{url}");
        }
        assert_eq!(new("https://panel", "two words", "hw").unwrap_err(), PterodactylSetupError::BadKey);
        assert_eq!(new("https://panel", "ptla_x", "a:b").unwrap_err(), PterodactylSetupError::BadPrefix);
        let provider = new("https://panel", "ptla_secret", "hw").unwrap();
        assert!(!format!("{provider:?}").contains("ptla_secret"));
    }

    #[tokio::test]
    async fn a_panel_whose_name_leads_to_a_forbidden_address_waits_for_the_operator() {
        let shunning = Outgoing::shunning_loopback(&[]);
        let provider = within(shunning, "http://localhost:1", "ptla_x", "hw").unwrap();
        let settings = serde_json::json!({
            "nest": 1, "egg": 1, "memory": 1024, "disk": 1024, "cpu": 100, "locations": { "us-central": [1] },
        });
        let order = sample_order(&mut Env::system(), "game", settings);
        match provider.find(&order).await {
            Err(ProviderError::Unavailable { detail, .. }) => {
                assert!(detail.contains("OUTBOUND_ALLOW") && detail.contains("check PTERODACTYL_URL"), "{detail}");
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_customers_link_stands_beneath_the_panels_path() {
        let provider = new("https://example.com/panel/", "ptla_x", "hw").unwrap();
        assert_eq!(
            provider.installation().unwrap().server_page("1a7ce997"),
            "https://example.com/panel/server/1a7ce997"
        );
    }
}
