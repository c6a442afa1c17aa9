//! What the demo runs with: real services where the environment names them, the sandbox for the rest.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use clap::Args;
use infra::config::DatabaseConfig;
use kernel::Env;
use secrecy::ExposeSecret;

use super::{hosting::Hosting, panels};
use crate::failure::Failed;

/// `hostwright demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    /// End after the purchases: exit 0 only if what was bought runs and every mail arrived.
    #[arg(long)]
    once: bool,
    /// Where the API and the pages listen.
    #[arg(long, env = "API_LISTEN", default_value = "127.0.0.1:3001")]
    api_listen: SocketAddr,
    /// Where the sandbox listens.
    #[arg(long, env = "SANDBOX_LISTEN", default_value = "127.0.0.1:4010")]
    sandbox_listen: SocketAddr,
    /// Where the sandbox takes mail.
    #[arg(long, env = "SANDBOX_SMTP_LISTEN", default_value = "127.0.0.1:4025")]
    smtp_listen: SocketAddr,
    /// The catalogue.
    #[arg(long, default_value = "catalog.toml")]
    catalog: PathBuf,
    /// Host for real on this machine, too (as root, with Debian's programs), and run this program, which uses it.
    #[arg(long)]
    hosting: Option<PathBuf>,
    /// What is sold then besides.
    #[arg(long, default_value = "catalog.local.toml")]
    hosting_catalog: PathBuf,
    /// What the sandbox's panels deliver, sold where PROVIDERS_FILE is not set.
    #[arg(long, default_value = "catalog.sandbox.toml")]
    sandbox_catalog: PathBuf,
    /// Where logs and the demo's own keys are kept.
    #[arg(long, env = "HOSTWRIGHT_STATE_DIR", default_value = ".hostwright")]
    state_dir: PathBuf,
    /// Where the programs' logs go; in the state directory by default.
    #[arg(long, env = "HOSTWRIGHT_LOG_DIR")]
    log_dir: Option<PathBuf>,
    /// Use Stripe itself instead of the sandbox.
    #[arg(long, env = "STRIPE_SECRET_KEY", hide_env_values = true)]
    stripe_secret_key: Option<String>,
    /// Use this panel instead of the sandbox.
    #[arg(long, env = "PTERODACTYL_URL")]
    pterodactyl_url: Option<String>,
    /// Use this mail server instead of the sandbox.
    #[arg(long, env = "SMTP_HOST")]
    smtp_host: Option<String>,
}

/// The demo, with everything decided.
pub(crate) struct Plan {
    pub(crate) database: DatabaseConfig,
    pub(crate) once: bool,
    pub(crate) catalog: PathBuf,
    pub(crate) logs: PathBuf,
    pub(crate) hosting: Option<Hosting>,
    /// The providers file of the sandbox's panels, unless the operator has one.
    pub(crate) panels: Option<PathBuf>,
    api: SocketAddr,
    sandbox: SocketAddr,
    smtp: SocketAddr,
    keys: Keys,
    real: Real,
}

/// Which services are the real ones.
#[derive(Clone, Copy)]
pub(crate) struct Real {
    pub(crate) stripe: bool,
    pub(crate) panel: bool,
    pub(crate) smtp: bool,
}

/// Keys that must stay the same from one demo to the next on the same database.
struct Keys {
    secrets: String,
    jwt: String,
    webhook: String,
}

const SANDBOX_STRIPE_KEY: &str = "sk_test_sandbox";
/// An administrator's own, so that the dashboard can start and stop the server that was bought.
const SANDBOX_PANEL_KEY: &str = "ptlc_sandbox000000000000000000000000000000000000";

impl Plan {
    pub(crate) fn new(args: DemoArgs) -> Result<Self, Failed> {
        let set = |value: &Option<String>| value.as_ref().is_some_and(|text| !text.is_empty());
        let logs = args.log_dir.clone().unwrap_or_else(|| args.state_dir.join("logs"));
        fs::create_dir_all(&logs).map_err(|error| Failed::new(format!("make {}", logs.display()), error))?;
        let hosting = args.hosting.map(Hosting::new).transpose()?;
        let real = Real {
            stripe: set(&args.stripe_secret_key),
            panel: set(&args.pterodactyl_url),
            smtp: set(&args.smtp_host),
        };
        // Where everything is real nothing of the sandbox's is sold.
        let all_real = real.stripe && real.panel && real.smtp;
        let has_sandbox = !(all_real || is_set("PROVIDERS_FILE"));
        let sandbox = format!("http://{}", args.sandbox_listen);
        let panels = has_sandbox.then(|| panels::write(&args.state_dir, &sandbox)).transpose()?;
        let besides = [
            hosting.as_ref().map(|_| args.hosting_catalog.as_path()),
            panels.as_ref().map(|_| args.sandbox_catalog.as_path()),
        ];
        let besides: Vec<&Path> = besides.into_iter().flatten().collect();
        let catalog = if besides.is_empty() { args.catalog } else { joined(&args.catalog, &besides, &args.state_dir)? };
        Ok(Self {
            panels,
            once: args.once,
            catalog,
            logs,
            hosting,
            api: args.api_listen,
            sandbox: args.sandbox_listen,
            smtp: args.smtp_listen,
            keys: Keys::load(&args.state_dir)?,
            real,
            database: args.database,
        })
    }

    pub(crate) fn api_url(&self) -> String {
        format!("http://{}", self.api)
    }

    pub(crate) fn sandbox_url(&self) -> String {
        format!("http://{}", self.sandbox)
    }

    pub(crate) const fn real(&self) -> Real {
        self.real
    }

    pub(crate) fn uses_sandbox(&self) -> bool {
        !(self.real.stripe && self.real.panel && self.real.smtp)
    }

    pub(crate) fn stand_ins(&self) -> String {
        let all = [("Stripe", self.real.stripe), ("Pterodactyl", self.real.panel), ("the mail server", self.real.smtp)];
        let names: Vec<&str> = all.iter().filter(|(_, real)| !real).map(|(name, _)| *name).collect();
        names.join(", ")
    }

    pub(crate) fn sandbox_env(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("SANDBOX_LISTEN", self.sandbox.to_string()),
            ("SANDBOX_SMTP_LISTEN", self.smtp.to_string()),
            ("SANDBOX_WEBHOOK_URL", format!("{}/api/webhooks/stripe", self.api_url())),
            ("SANDBOX_WEBHOOK_SECRET", self.keys.webhook.clone()),
            ("SANDBOX_STRIPE_KEY", SANDBOX_STRIPE_KEY.to_owned()),
            ("SANDBOX_PANEL_ACCOUNT_KEY", SANDBOX_PANEL_KEY.to_owned()),
            ("SANDBOX_INSTALL_SECONDS", "2".to_owned()),
        ])
    }

    /// What api and worker get besides what the environment has anyway.
    pub(crate) fn program_env(&self) -> BTreeMap<&'static str, String> {
        let mut env = BTreeMap::from([
            ("DATABASE_URL", self.database.url().expose_secret().to_owned()),
            ("API_LISTEN", self.api.to_string()),
            ("SECRETS_KEY", self.keys.secrets.clone()),
            ("JWT_SECRET", self.keys.jwt.clone()),
        ]);
        let site = std::iter::once(("PUBLIC_SITE_URL", self.api_url()));
        env.extend(site.filter(|(name, _)| !is_set(name) && !is_set("FRONTEND_URL")));
        env.extend(self.hosting.iter().flat_map(Hosting::program_env));
        env.extend(self.panels.iter().map(|path| ("PROVIDERS_FILE", path.display().to_string())));
        if !is_set("STAFF_SECOND_FACTOR") {
            // Who tries the shop out need not have an app at hand.
            env.insert("STAFF_SECOND_FACTOR", "optional".to_owned());
        }
        if !is_set("DEV_GALLERY") {
            env.insert("DEV_GALLERY", "true".to_owned());
        }
        if !self.real.stripe {
            env.insert("STRIPE_SECRET_KEY", SANDBOX_STRIPE_KEY.to_owned());
            env.insert("STRIPE_WEBHOOK_SECRET", self.keys.webhook.clone());
            env.insert("STRIPE_API_BASE", format!("{}/stripe", self.sandbox_url()));
        }
        if !self.real.panel {
            env.insert("PTERODACTYL_URL", format!("{}/panel", self.sandbox_url()));
            env.insert("PTERODACTYL_API_KEY", SANDBOX_PANEL_KEY.to_owned());
        }
        if !self.real.smtp {
            env.insert("SMTP_HOST", self.smtp.ip().to_string());
            env.insert("SMTP_PORT", self.smtp.port().to_string());
            env.insert("EMAIL_FROM", "Hostwright Demo <shop@example.com>".to_owned());
        } else if !is_set("REGISTRATION") {
            // The demo's customer cannot read what a real mail server takes.
            env.insert("REGISTRATION", "direct".to_owned());
        }
        env
    }
}

/// All catalogues in one file, since what a file does not have is retired.
fn joined(first: &Path, others: &[&Path], state_dir: &Path) -> Result<PathBuf, Failed> {
    let read =
        |path: &Path| fs::read_to_string(path).map_err(|error| Failed::new(format!("read {}", path.display()), error));
    let (mut whole, path) = (read(first)?, state_dir.join("catalog.demo.toml"));
    for other in others {
        whole = format!("{whole}\n{}", read(other)?);
    }
    fs::write(&path, whole).map_err(|error| Failed::new(format!("write {}", path.display()), error))?;
    Ok(path)
}

#[allow(clippy::disallowed_methods, reason = "the demo passes the operator's own settings through")]
fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

impl Keys {
    fn load(state: &Path) -> Result<Self, Failed> {
        let path = state.join("demo-keys");
        let failed = |error: std::io::Error| Failed::new(format!("the demo's keys in {}", path.display()), error);
        if !path.exists() {
            let mut env = Env::system();
            let mut token = || env.token().expose_secret().to_owned();
            let text = format!("{}\n{}\nwhsec_{}\n", token(), token(), token());
            fs::create_dir_all(state).map_err(failed)?;
            let mut file =
                fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(failed)?;
            file.write_all(text.as_bytes()).map_err(failed)?;
        }
        let text = fs::read_to_string(&path).map_err(failed)?;
        let mut lines = text.lines().map(str::to_owned);
        match (lines.next(), lines.next(), lines.next()) {
            (Some(secrets), Some(jwt), Some(webhook)) => Ok(Self { secrets, jwt, webhook }),
            _ => Err(Failed::new("the demo's keys", format!("{} is damaged; delete it", path.display()))),
        }
    }
}
