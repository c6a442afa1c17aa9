//! What can be set when a sandbox is started. Everything else is changed while it runs, through `/control`.

use std::net::SocketAddr;
use std::time::Duration;

/// The API version whose shapes webhooks have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EventVersion {
    /// `2026-10-28.endive`, the newest one.
    #[default]
    Endive,
    /// `2023-10-16`, what an account made then still sends.
    V2023,
}

impl EventVersion {
    /// The version as Stripe writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Endive => "2026-10-28.endive",
            Self::V2023 => "2023-10-16",
        }
    }
}

impl std::str::FromStr for EventVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Endive, Self::V2023]
            .into_iter()
            .find(|version| version.name() == text)
            .ok_or_else(|| format!("unknown event version {text:?}: say 2026-10-28.endive or 2023-10-16"))
    }
}

/// Which panel the game panel's stand-in is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PanelFlavour {
    /// Pterodactyl 1.11.
    #[default]
    Pterodactyl,
    /// Pelican, which has neither nests nor locations: tags of nodes, eggs by themselves, users without names.
    Pelican,
}

impl std::str::FromStr for PanelFlavour {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "pterodactyl" => Ok(Self::Pterodactyl),
            "pelican" => Ok(Self::Pelican),
            other => Err(format!("unknown panel {other:?}: say pterodactyl or pelican")),
        }
    }
}

/// How long the webhook sender waits between tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RetrySpacing {
    /// 0.5 s, 1 s, 2 s … at most 30 s, for at most 40 tries: for demos and tests.
    #[default]
    Fast,
    /// Minutes to hours for three days, as Stripe does it in live mode.
    Real,
}

/// How to start a sandbox. `Default` listens on free ports of the loopback interface.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the HTTP side listens; port 0 takes a free one.
    pub http: SocketAddr,
    /// Where the SMTP side listens; port 0 takes a free one.
    pub smtp: SocketAddr,
    /// The address that browsers reach the sandbox by; derived from the listening address when absent.
    pub public_url: Option<String>,
    /// Where webhooks go. `None`: events are recorded but not sent.
    pub webhook_url: Option<String>,
    /// The secrets that sign webhooks; one `v1` signature each.
    pub webhook_secrets: Vec<String>,
    /// The one Stripe key that is accepted.
    pub stripe_key: String,
    /// The panel's application key (`ptla_…`).
    pub panel_key: String,
    /// The panel administrator's account key (`ptlc_…`), good for both of the panel's APIs.
    pub panel_account_key: String,
    /// How long a game server installs.
    pub install: Duration,
    /// Which panel it is.
    pub panel_flavour: PanelFlavour,
    /// Requests a minute that the panel takes; 0 means any number.
    pub panel_rate_limit: u32,
    /// The shape of webhook bodies.
    pub event_version: EventVersion,
    /// How webhooks are retried.
    pub retry: RetrySpacing,
    /// How long Stripe takes to answer, on top of the work itself.
    pub stripe_latency: Duration,
    /// How many Checkout Sessions are kept; the oldest are forgotten beyond that. 0 keeps all.
    pub keep_sessions: usize,
    /// Threads that serve HTTP.
    pub workers: usize,
}

impl Default for Options {
    fn default() -> Self {
        let free_port = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            http: free_port,
            smtp: free_port,
            public_url: None,
            webhook_url: None,
            webhook_secrets: vec!["whsec_sandbox".to_owned()],
            stripe_key: "sk_test_sandbox".to_owned(),
            panel_key: "ptla_sandbox000000000000000000000000000000000000".to_owned(),
            panel_account_key: "ptlc_sandbox000000000000000000000000000000000000".to_owned(),
            install: Duration::from_secs(2),
            panel_flavour: PanelFlavour::default(),
            panel_rate_limit: 240,
            event_version: EventVersion::default(),
            retry: RetrySpacing::default(),
            stripe_latency: Duration::ZERO,
            keep_sessions: 0,
            workers: 2,
        }
    }
}
