//! What delivers: the game panel, the hosting helper, the providers file, and where free subdomains live.

use std::path::PathBuf;

use clap::Args;
use provisioning::DomainName;
use secrecy::SecretString;

use super::Problems;
use crate::{
    providers::{
        file::{ProvidersFile, Secrets},
        local::LocalSettings,
        pterodactyl::PterodactylSettings,
        website::WebsiteSettings,
    },
    secrets::Credentials,
};

/// The providers.
#[derive(Debug, Clone, Args)]
pub struct PanelConfig {
    /// The Pterodactyl panel; without it orders for game servers wait.
    #[arg(long, env = "PTERODACTYL_URL")]
    pub pterodactyl_url: Option<String>,
    /// An application key of the panel (ptla_…). One in the secrets table, `pterodactyl_api_key`, goes before it.
    #[arg(long, env = "PTERODACTYL_API_KEY", hide_env_values = true)]
    pub pterodactyl_api_key: Option<String>,
    /// Where customers find the panel, if not at PTERODACTYL_URL.
    #[arg(long, env = "PANEL_URL")]
    pub panel_url: Option<String>,
    /// Stands before our customers' ids in the panel; two shops on one panel need two.
    #[arg(long, env = "PTERODACTYL_PREFIX", default_value = "hw")]
    pub pterodactyl_prefix: String,
    /// How often each of our programs asks the panel in a minute at most; 0 for as often as it likes. A panel takes 240 from all keys
    /// of one administrator, unless its owner says otherwise.
    #[arg(long, env = "PTERODACTYL_CALLS_PER_MINUTE", default_value_t = 180)]
    pub pterodactyl_calls_per_minute: u32,
    /// The domain beneath which free subdomains are given.
    #[arg(long, env = "SITES_DOMAIN", default_value = "sites.example.com")]
    pub sites_domain: String,
    /// The socket of the hosting helper, `hostwright-local`; without it orders of the provider `local` wait.
    #[arg(long, env = "LOCAL_SOCKET")]
    pub local_socket: Option<PathBuf>,
    /// The name at which customers find the hosting machine's game servers and mailboxes, if not SITES_DOMAIN.
    #[arg(long, env = "LOCAL_HOST")]
    pub local_host: Option<String>,
    /// A TOML file with more providers, as docs/guides/providers.md has it.
    #[arg(long, env = "PROVIDERS_FILE")]
    pub providers_file: Option<PathBuf>,
}

impl PanelConfig {
    /// What the game panel's provider is made with; `None` when no panel is configured.
    pub fn pterodactyl(&self, kept: &Credentials, problems: &mut Problems) -> Option<PterodactylSettings> {
        let url = self.pterodactyl_url.clone().filter(|url| !url.is_empty())?;
        let what = "an application key of the panel (ptla_…), since PTERODACTYL_URL is set; or keep it with `hostwright \
                    secrets set pterodactyl_api_key`";
        let mut given = || problems.required("PTERODACTYL_API_KEY", self.pterodactyl_api_key.as_ref(), what);
        let api_key = kept.panel().cloned().or_else(|| given().map(SecretString::from))?;
        Some(PterodactylSettings {
            url,
            api_key,
            panel_url: self.panel_url.clone().filter(|url| !url.is_empty()),
            key_prefix: self.pterodactyl_prefix.clone(),
            calls_per_minute: self.pterodactyl_calls_per_minute,
        })
    }

    /// What the website provider is made with.
    pub fn website(&self, problems: &mut Problems) -> Option<WebsiteSettings> {
        let subdomain_base = problems.take("SITES_DOMAIN", self.sites_domain.parse())?;
        Some(WebsiteSettings { subdomain_base })
    }

    /// What the hosting provider is made with; `None` when no helper is configured.
    pub fn local(&self, problems: &mut Problems) -> Option<LocalSettings> {
        let socket = self.local_socket.clone().filter(|path| !path.as_os_str().is_empty())?;
        let host = self.local_host.as_ref().filter(|host| !host.is_empty()).unwrap_or(&self.sites_domain);
        let host: DomainName = problems.take("LOCAL_HOST", host.parse())?;
        let subdomain_base = problems.take("SITES_DOMAIN", self.sites_domain.parse())?;
        Some(LocalSettings { socket, host, subdomain_base })
    }

    /// The providers of the file, with their secrets; none without a file.
    pub fn file(&self, problems: &mut Problems) -> Option<ProvidersFile> {
        let path = self.providers_file.as_deref().filter(|path| !path.as_os_str().is_empty());
        let Some(path) = path else { return Some(ProvidersFile::default()) };
        problems.take("PROVIDERS_FILE", ProvidersFile::read(path, Secrets::Read))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use secrecy::ExposeSecret;

    use super::*;
    use crate::{config::MailConfig, outgoing::Outgoing};

    #[derive(Parser)]
    struct Both {
        #[command(flatten)]
        panel: PanelConfig,
        #[command(flatten)]
        mail: MailConfig,
    }

    /// The panel's key, the mail server's password, and what is wrong, with these arguments and these kept credentials.
    fn used(given: &[&str], kept: &Credentials) -> (Option<String>, Option<String>, String) {
        let always =
            ["x", "--pterodactyl-url", "https://panel.test", "--smtp-host", "mail.test", "--email-from", "a@b.test"];
        let config = Both::parse_from(always.iter().chain(given));
        let mut problems = Problems::default();
        let panel = config.panel.pterodactyl(kept, &mut problems);
        let mail = config.mail.settings(kept, &Outgoing::default(), &mut problems);
        let plain = |secret: SecretString| secret.expose_secret().to_owned();
        let said = problems.finish(Some(())).map_or_else(|problems| problems.to_string(), |()| String::new());
        (panel.map(|panel| plain(panel.api_key)), mail.and_then(|mail| mail.password).map(plain), said)
    }

    #[test]
    fn a_credential_that_is_kept_goes_before_the_environments() {
        let env = ["--pterodactyl-api-key", "ptla_env", "--smtp-user", "shop", "--smtp-pass", "pass_env"];
        let kept = Credentials::of("ptla_kept", "pass_kept");
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(used(&env, &Credentials::NONE), (some("ptla_env"), some("pass_env"), String::new()));
        assert_eq!(used(&env, &kept), (some("ptla_kept"), some("pass_kept"), String::new()));
        assert_eq!(used(&["--smtp-user", "shop"], &kept), (some("ptla_kept"), some("pass_kept"), String::new()));
        assert_eq!(used(&[], &kept), (some("ptla_kept"), None, String::new()), "nobody logs in");
        let (panel, _, said) = used(&[], &Credentials::NONE);
        assert_eq!(panel, None);
        assert!(
            said.contains("PTERODACTYL_API_KEY: not set") && said.contains("secrets set pterodactyl_api_key"),
            "{said}"
        );
        assert_eq!(used(&[], &Credentials::unread()).2, "", "it may be in the table, which is not read yet");
    }
}
