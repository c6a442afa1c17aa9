//! The program's own configuration; the sections that the worker shares are infra's.

use std::net::SocketAddr;

use accounts::{StaffFactor, WelcomeMail};
use clap::Parser;
use infra::{
    config::{
        BrandFile, DatabaseConfig, KeyConfig, LimitsConfig, LogConfig, OutboundConfig, PanelConfig, Problems,
        SiteConfig, StripeConfig, secret,
    },
    db::DbSettings,
    outgoing::Outgoing,
    secrets::{Credentials, Keys},
    stripe::StripeSettings,
};
use orders::Links;
use secrecy::SecretString;
use web::{Registration, TrustedProxies};

use crate::cors::Origins;

/// Hostwright's API and pages.
#[derive(Debug, Clone, Parser)]
#[command(name = "hostwright-api", version)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, env = "API_LISTEN", default_value = "127.0.0.1:3001")]
    pub api_listen: SocketAddr,
    /// Threads that serve; as many as there are processors, but at most 4, when absent.
    #[arg(long, env = "API_WORKERS")]
    pub api_workers: Option<usize>,
    /// Connections at most. When all are taken, the one that has waited longest for its client gives way.
    #[arg(long, env = "API_MAX_CONNECTIONS", default_value_t = 8192)]
    pub api_max_connections: usize,
    /// Connections from one address at most, 0 for no limit. Leave it 0 behind a proxy: all come from its address.
    #[arg(long, env = "API_MAX_CONNECTIONS_PER_PEER", default_value_t = 0)]
    pub api_max_connections_per_peer: usize,
    /// Where to listen for Stripe's webhooks (and health) besides, with a thread and connections of their own, so that no
    /// flood of the shop can keep them out.
    #[arg(long, env = "WEBHOOK_LISTEN")]
    pub webhook_listen: Option<SocketAddr>,
    /// Connections there at most.
    #[arg(long, env = "WEBHOOK_MAX_CONNECTIONS", default_value_t = 1024)]
    pub webhook_max_connections: usize,
    /// Sites whose pages may call the API from a browser, separated by commas: https://shop.example.
    #[arg(long, env = "CORS_ALLOWED_ORIGINS", value_delimiter = ',')]
    pub cors_allowed_origins: Vec<String>,
    /// Let browsers ask for all subdomains of the shop's host over https only, too. Not where customers' sites or a panel are
    /// reached below it without https.
    #[arg(long, env = "HSTS_SUBDOMAINS")]
    pub hsts_subdomains: bool,
    /// Key of the tokens that clients carry: 32 characters or more, kept safe.
    #[arg(long, env = "JWT_SECRET", hide_env_values = true)]
    pub jwt_secret: Option<String>,
    /// Earlier values of JWT_SECRET, separated by commas, whose tokens go on counting. Needed for an hour after a change.
    #[arg(long, env = "JWT_SECRETS_OLD", hide_env_values = true, value_delimiter = ',')]
    pub jwt_secrets_old: Vec<String>,
    /// Proxies in front of the API, as addresses or networks separated by commas: 10.0.0.0/8. What they write into
    /// X-Forwarded-For is where a client comes from; from anybody else it is not read. None when absent.
    #[arg(long, env = "TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<String>,
    /// How accounts are opened: «confirmed» by a mail to the address, or «direct»ly, for older clients that sign in right
    /// after registering. Direct tells who has an account.
    #[arg(long, env = "REGISTRATION", default_value_t)]
    pub registration: Registration,
    /// Whether who works for the shop must have a second factor: «required» or, for trying the shop out, «optional».
    #[arg(long, env = "STAFF_SECOND_FACTOR", default_value_t)]
    pub staff_second_factor: StaffFactor,
    /// Show every component of the pages' design at /_gallery, for whoever works on it. Not for a shop that is open.
    #[arg(long, env = "DEV_GALLERY")]
    pub dev_gallery: bool,
    /// The limits.
    #[command(flatten)]
    pub limits: LimitsConfig,
    /// The record.
    #[command(flatten)]
    pub database: DatabaseConfig,
    /// The keys.
    #[command(flatten)]
    pub keys: KeyConfig,
    /// The payment gateway.
    #[command(flatten)]
    pub stripe: StripeConfig,
    /// The providers, which customers' pages ask what a service uses.
    #[command(flatten)]
    pub panel: PanelConfig,
    /// What may be called.
    #[command(flatten)]
    pub outbound: OutboundConfig,
    /// The shop.
    #[command(flatten)]
    pub site: SiteConfig,
    /// The logs.
    #[command(flatten)]
    pub log: LogConfig,
}

/// Where to listen, with how many threads, for how many.
pub(crate) struct DoorSettings {
    pub(crate) listen: SocketAddr,
    pub(crate) workers: usize,
    pub(crate) connections: usize,
    pub(crate) connections_per_peer: usize,
    pub(crate) webhook_listen: Option<SocketAddr>,
    pub(crate) webhook_connections: usize,
}

/// A configuration that was checked.
pub struct Settings {
    pub(crate) doors: DoorSettings,
    pub(crate) origins: Origins,
    pub(crate) proxies: TrustedProxies,
    pub(crate) limits: LimitsConfig,
    pub(crate) jwt_secret: SecretString,
    pub(crate) jwt_secrets_old: Vec<SecretString>,
    pub(crate) database: DbSettings,
    pub(crate) keys: Keys,
    pub(crate) bcrypt_cost: u32,
    pub(crate) stripe: StripeSettings,
    pub(crate) panel: PanelConfig,
    pub(crate) outgoing: Outgoing,
    pub(crate) webhook_secrets: Vec<SecretString>,
    pub(crate) links: Links,
    pub(crate) presented: notify::Brand,
    pub(crate) brand: BrandFile,
    pub(crate) registration: Registration,
    pub(crate) hsts_subdomains: bool,
    pub(crate) gallery: bool,
    pub(crate) staff_factor: StaffFactor,
    pub(crate) welcome: WelcomeMail,
    /// All of it, for people of the shop to look at.
    pub(crate) shown: Vec<web::Setting>,
}

impl Config {
    /// Starts logging and checks everything.
    ///
    /// # Errors
    /// Every problem there is, together.
    pub fn check(self) -> Result<Settings, Problems> {
        let mut problems = Problems::default();
        self.log.start(&mut problems);
        let shown = crate::settings::shown(&self);
        let origins = problems.take("CORS_ALLOWED_ORIGINS", Origins::parse(&self.cors_allowed_origins));
        let proxies = problems.take("TRUSTED_PROXIES", TrustedProxies::parse(&self.trusted_proxies));
        let jwt_secret = secret("JWT_SECRET", self.jwt_secret.as_ref(), &mut problems);
        let old = self.jwt_secrets_old.iter().filter(|text| !text.trim().is_empty());
        let jwt_secrets_old: Option<_> = old.map(|text| secret("JWT_SECRETS_OLD", Some(text), &mut problems)).collect();
        let keys = self.keys.keys(&mut problems);
        let outgoing = self.outbound.rules(&mut problems);
        let stripe = self.stripe.settings(&outgoing, &mut problems);
        // Credentials that the secrets table keeps are read later, and count as given until then.
        self.panel.pterodactyl(&Credentials::unread(), &mut problems);
        let website = self.panel.website(&mut problems);
        self.panel.local(&mut problems);
        self.panel.file(&mut problems);
        let links = self.site.links(&mut problems);
        let brand = self.site.brand_file(&mut problems);
        let presented =
            links.as_ref().zip(brand.as_ref()).and_then(|(links, file)| self.site.brand(links, file, &mut problems));
        let doors = DoorSettings {
            listen: self.api_listen,
            workers: self.api_workers.unwrap_or_else(default_workers).max(1),
            connections: self.api_max_connections.max(1),
            connections_per_peer: self.api_max_connections_per_peer,
            webhook_listen: self.webhook_listen,
            webhook_connections: self.webhook_max_connections.max(1),
        };
        let whole = || {
            Some(Settings {
                doors,
                origins: origins?,
                proxies: proxies?,
                limits: self.limits,
                jwt_secret: jwt_secret?,
                jwt_secrets_old: jwt_secrets_old?,
                database: self.database.settings("hostwright-api"),
                keys: keys?,
                bcrypt_cost: self.keys.bcrypt_cost,
                stripe: stripe?,
                panel: website.map(|_| self.panel)?,
                outgoing,
                webhook_secrets: self.stripe.webhook_secrets(),
                links: links?,
                presented: presented?,
                brand: brand?,
                registration: self.registration,
                hsts_subdomains: self.hsts_subdomains,
                gallery: self.dev_gallery,
                staff_factor: self.staff_second_factor,
                welcome: self.site.welcome,
                shown,
            })
        };
        problems.finish(whole())
    }
}

/// One thread per processor, but at most four: the work is PostgreSQL's.
fn default_workers() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(4)
}
