//! Runs the sandbox: reads its settings, starts it, says where it is, stops when told to.

use clap::Parser;
use sandbox::{EventVersion, Options, PanelFlavour, RetrySpacing, Sandbox, StartError};
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

/// Strict stand-ins for Stripe (API under /stripe, payment pages under /pay, signed webhooks), a Pterodactyl panel
/// (under /panel) and a mail server (SMTP port, inbox under /inbox). Everything is in memory.
#[derive(Debug, Parser)]
#[command(name = "hostwright-sandbox", version)]
pub struct Config {
    /// Where HTTP is served.
    #[arg(long, env = "SANDBOX_LISTEN", default_value = "127.0.0.1:4010")]
    listen: SocketAddr,
    /// Where SMTP is served.
    #[arg(long, env = "SANDBOX_SMTP_LISTEN", default_value = "127.0.0.1:4025")]
    smtp_listen: SocketAddr,
    /// The address that browsers reach the sandbox by; derived from --listen when absent.
    #[arg(long, env = "SANDBOX_PUBLIC_URL")]
    public_url: Option<String>,
    /// Where Stripe's webhooks go; empty sends none.
    #[arg(long, env = "SANDBOX_WEBHOOK_URL", default_value = "http://127.0.0.1:3001/api/webhooks/stripe")]
    webhook_url: String,
    /// A secret that signs webhooks; repeat it or separate several by commas.
    #[arg(
        long,
        env = "SANDBOX_WEBHOOK_SECRET",
        value_delimiter = ',',
        default_value = "whsec_sandbox",
        hide_env_values = true
    )]
    webhook_secret: Vec<String>,
    /// The Stripe key that is accepted.
    #[arg(long, env = "SANDBOX_STRIPE_KEY", default_value = "sk_test_sandbox")]
    stripe_key: String,
    /// The panel's application key.
    #[arg(long, env = "SANDBOX_PANEL_KEY", default_value = "ptla_sandbox000000000000000000000000000000000000")]
    panel_key: String,
    /// The panel administrator's account key, for its client API.
    #[arg(long, env = "SANDBOX_PANEL_ACCOUNT_KEY", default_value = "ptlc_sandbox000000000000000000000000000000000000")]
    panel_account_key: String,
    /// How many seconds a game server installs.
    #[arg(long, env = "SANDBOX_INSTALL_SECONDS", default_value_t = 2)]
    install_seconds: u32,
    /// Which panel the game panel is: pterodactyl or pelican.
    #[arg(long, env = "SANDBOX_PANEL_FLAVOUR", default_value = "pterodactyl")]
    panel_flavour: PanelFlavour,
    /// How many requests a minute the panel takes; 0 means any number.
    #[arg(long, env = "SANDBOX_PANEL_RATE_LIMIT", default_value_t = 240)]
    panel_rate_limit: u32,
    /// The API version of webhook bodies: 2026-10-28.endive or 2023-10-16.
    #[arg(long, env = "SANDBOX_EVENT_VERSION", default_value = "2026-10-28.endive")]
    event_version: EventVersion,
    /// Retry webhooks over three days, as Stripe does, instead of within seconds.
    #[arg(long, env = "SANDBOX_REAL_RETRIES")]
    real_retries: bool,
    /// How many milliseconds Stripe takes to answer.
    #[arg(long, env = "SANDBOX_LATENCY_MS", default_value_t = 0)]
    latency_ms: u64,
    /// How many Checkout Sessions are kept; the oldest are forgotten beyond that. 0 keeps all.
    #[arg(long, env = "SANDBOX_KEEP_SESSIONS", default_value_t = 0)]
    keep_sessions: usize,
    /// Threads that serve HTTP.
    #[arg(long, env = "SANDBOX_WORKERS", default_value_t = 2)]
    workers: usize,
}

impl Config {
    /// What the library wants to know.
    pub fn options(self) -> Options {
        Options {
            http: self.listen,
            smtp: self.smtp_listen,
            public_url: self.public_url,
            webhook_url: Some(self.webhook_url).filter(|url| !url.is_empty()),
            webhook_secrets: self.webhook_secret,
            stripe_key: self.stripe_key,
            panel_key: self.panel_key,
            panel_account_key: self.panel_account_key,
            install: Duration::from_secs(u64::from(self.install_seconds)),
            panel_flavour: self.panel_flavour,
            panel_rate_limit: self.panel_rate_limit,
            event_version: self.event_version,
            retry: if self.real_retries { RetrySpacing::Real } else { RetrySpacing::Fast },
            stripe_latency: Duration::from_millis(self.latency_ms),
            keep_sessions: self.keep_sessions,
            workers: self.workers,
        }
    }
}

/// Why the sandbox ended with an error.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It could not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Signals cannot be waited for, or the ready line cannot be written.
    #[error("the system refused")]
    System(#[from] std::io::Error),
}

/// Starts, prints one line with the addresses, and serves until Ctrl-C or SIGTERM.
pub async fn run(config: Config) -> Result<(), RunError> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let running = Sandbox::start(config.options()).await?;
    let url = running.base_url().to_owned();
    let mut out = std::io::stdout();
    writeln!(
        out,
        "sandbox ready: {url} (Stripe {url}/stripe, panel {url}/panel, inbox {url}/inbox, SMTP {})",
        running.smtp_addr
    )?;
    out.flush()?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    running.stop().await;
    Ok(())
}
