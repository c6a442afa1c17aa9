//! What delivers: the game panel, and where free subdomains live.

use clap::Args;
use secrecy::SecretString;

use super::Problems;
use crate::providers::{pterodactyl::PterodactylSettings, website::WebsiteSettings};

/// The providers.
#[derive(Debug, Clone, Args)]
pub struct PanelConfig {
    /// The Pterodactyl panel; without it orders for game servers wait.
    #[arg(long, env = "PTERODACTYL_URL")]
    pub pterodactyl_url: Option<String>,
    /// An application key of the panel (ptla_…).
    #[arg(long, env = "PTERODACTYL_API_KEY", hide_env_values = true)]
    pub pterodactyl_api_key: Option<String>,
    /// Where customers find the panel, if not at PTERODACTYL_URL.
    #[arg(long, env = "PANEL_URL")]
    pub panel_url: Option<String>,
    /// Stands before our customers' ids in the panel; two shops on one panel need two.
    #[arg(long, env = "PTERODACTYL_PREFIX", default_value = "hw")]
    pub pterodactyl_prefix: String,
    /// The domain beneath which free subdomains are given.
    #[arg(long, env = "SITES_DOMAIN", default_value = "sites.example.com")]
    pub sites_domain: String,
}

impl PanelConfig {
    /// What the game panel's provider is made with; `None` when no panel is configured.
    pub fn pterodactyl(&self, problems: &mut Problems) -> Option<PterodactylSettings> {
        let url = self.pterodactyl_url.clone().filter(|url| !url.is_empty())?;
        let what = "an application key of the panel (ptla_…), since PTERODACTYL_URL is set";
        let key = problems.required("PTERODACTYL_API_KEY", self.pterodactyl_api_key.as_ref(), what)?;
        Some(PterodactylSettings {
            url,
            api_key: SecretString::from(key),
            panel_url: self.panel_url.clone().filter(|url| !url.is_empty()),
            key_prefix: self.pterodactyl_prefix.clone(),
        })
    }

    /// What the website provider is made with.
    pub fn website(&self, problems: &mut Problems) -> Option<WebsiteSettings> {
        let subdomain_base = problems.take("SITES_DOMAIN", self.sites_domain.parse())?;
        Some(WebsiteSettings { subdomain_base })
    }
}
