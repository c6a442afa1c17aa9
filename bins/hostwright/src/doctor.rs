//! `hostwright doctor`: checks the configuration and everything it names, and says what to do about each finding.

use checkout::{GatewayError, PaymentGateway};
use clap::Args;
use infra::{
    config::{
        DatabaseConfig, KeyConfig, LimitsConfig, MailConfig, OutboundConfig, PanelConfig, Problems, SiteConfig,
        StripeConfig,
    },
    db::{PgTx, pending_migrations},
    http::{HttpClient, Timeouts},
    providers::{game_panel, local::LocalProvider},
    secrets::{
        ClosedSecrets, Credentials, SEALED, SecretBox, WEBHOOK_SECRET, active_secrets, closed_secrets, sealed_otherwise,
    },
    smtp::SmtpMailer,
    stripe::StripeGateway,
};
use kernel::{Env, StoreError, Transact};
use provisioning::{Health, Provider};

use crate::{database, failure::Failed};

/// `hostwright doctor`.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    stripe: StripeConfig,
    #[command(flatten)]
    panel: PanelConfig,
    #[command(flatten)]
    mail: MailConfig,
    #[command(flatten)]
    outbound: OutboundConfig,
    #[command(flatten)]
    site: SiteConfig,
    #[command(flatten)]
    keys: KeyConfig,
    #[command(flatten)]
    limits: LimitsConfig,
}

/// What was found, in the order of looking.
#[derive(Default)]
struct Findings {
    all: usize,
    bad: usize,
}

impl Findings {
    fn check(&mut self, what: &str, result: Result<String, String>) {
        self.all += 1;
        match result {
            Ok(detail) => println!("✓ {what:<14} {detail}"),
            Err(detail) => {
                self.bad += 1;
                println!("✗ {what:<14} {detail}");
            }
        }
    }
}

pub(crate) async fn command(args: DoctorArgs) -> Result<(), Failed> {
    let mut findings = Findings::default();
    findings.check("Configuration", configuration(&args));
    findings.check("Database", database_is_ready(&args).await);
    findings.check("Keys", keys(&args).await);
    findings.check("Webhook secret", webhook_secret(&args).await);
    findings.check("Stripe", stripe(&args).await);
    findings.check("Panel", panel(&args).await);
    findings.check("Hosting", hosting(&args).await);
    for (key, found) in of_the_file(&args).await {
        findings.check(&key, found);
    }
    findings.check("Mail server", mail(&args).await);
    findings.check("Limits", limits(&args));
    match findings.bad {
        0 => Ok(()),
        count => Err(Failed::new("doctor", format!("{count} of {} checks found something to mend", findings.all))),
    }
}

fn configuration(args: &DoctorArgs) -> Result<String, String> {
    let mut problems = Problems::default();
    let links = args.site.links(&mut problems);
    let outgoing = args.outbound.rules(&mut problems);
    let file = args.site.brand_file(&mut problems);
    let senders = file.as_ref().map(|file| file.senders.clone()).unwrap_or_default();
    let all = (
        args.stripe.settings(&outgoing, &mut problems).is_some(),
        args.mail.of_brand(&senders).settings(&Credentials::NONE, &outgoing, &mut problems).is_some(),
        args.keys.keys(&mut problems).is_some(),
        args.panel.website(&mut problems).is_some(),
        args.panel.local(&mut problems).is_some(),
        args.panel.file(&mut problems).is_some(),
    );
    if let Some((links, file)) = links.as_ref().zip(file.as_ref()) {
        args.site.brand(links, file, &mut problems);
    }
    tracing::debug!(complete = ?all, "configuration");
    problems.finish(links).map(|links| format!("complete; the shop is at {}", links.site)).map_err(|p| p.to_string())
}

fn limits(args: &DoctorArgs) -> Result<String, String> {
    if args.limits.are_off() {
        return Err("LIMITS=off: anybody may guess passwords without end; it is for load tests alone".to_owned());
    }
    Ok("on: tries to sign in, register and order are counted".to_owned())
}

async fn database_is_ready(args: &DoctorArgs) -> Result<String, String> {
    let pending = pending_migrations(&args.database.url()).await.map_err(|error| chain(&error))?;
    match pending.len() {
        0 => Ok("reachable and up to date".to_owned()),
        count => Err(format!("{count} migrations are missing; run `hostwright migrate`")),
    }
}

/// Whether all that is kept opens, and whether earlier keys are still needed.
async fn keys(args: &DoctorArgs) -> Result<String, String> {
    let sealer = crate::keys::sealer(&args.keys, "read the keys").map_err(|error| error.to_string())?;
    let db = database::open(&args.database).await.map_err(|error| error.to_string())?;
    let now = Env::system().now();
    let look = async |tx: &mut PgTx| {
        let closed = closed_secrets(tx, &sealer, now).await?;
        let mut otherwise = 0;
        for place in SEALED {
            otherwise += sealed_otherwise(tx, &sealer, place).await?;
        }
        Ok::<_, StoreError>((closed, otherwise))
    };
    let (closed, otherwise) = db.transaction(look).await.map_err(|error| chain(&error))?;
    let old = sealer.old_key_ids().len();
    match (closed.is_empty(), otherwise) {
        (false, _) => Err(format!("do not open: {}; give their key in SECRETS_KEYS_OLD", ClosedSecrets(closed))),
        (true, 0) if old > 0 => Ok("everything is sealed under SECRETS_KEY; SECRETS_KEYS_OLD can go".to_owned()),
        (true, 0) => Ok("everything is sealed under SECRETS_KEY".to_owned()),
        (true, rows) => Err(format!("{rows} values are sealed under an earlier key; run `hostwright secrets rotate`")),
    }
}

async fn webhook_secret(args: &DoctorArgs) -> Result<String, String> {
    let from_environment = args.stripe.webhook_secrets().len();
    let mut problems = Problems::default();
    let stored = match args.keys.keys(&mut problems) {
        Some(keys) => {
            let sealer = SecretBox::ring(&keys).map_err(|error| chain(&error))?;
            let db = database::open(&args.database).await.map_err(|error| error.to_string())?;
            let now = Env::system().now();
            active_secrets(&db, &sealer, WEBHOOK_SECRET, now).await.map_err(|error| chain(&error))?.len()
        }
        None => 0,
    };
    match from_environment + stored {
        0 => Err("none is set; put Stripe's whsec_… into STRIPE_WEBHOOK_SECRET or `hostwright secrets set`".to_owned()),
        _ => Ok(format!("{from_environment} in the environment, {stored} in the database")),
    }
}

/// Credentials of the secrets table; none where it cannot be read, which other checks say.
async fn kept(args: &DoctorArgs) -> Credentials {
    let read = async || {
        let sealer = crate::keys::sealer(&args.keys, "read the credentials").ok()?;
        let db = database::open(&args.database).await.ok()?;
        Credentials::read(&db, &sealer, Env::system().now()).await.ok()
    };
    read().await.unwrap_or(Credentials::NONE)
}

async fn stripe(args: &DoctorArgs) -> Result<String, String> {
    let mut problems = Problems::default();
    let settings = args.stripe.settings(&args.outbound.rules(&mut problems), &mut problems);
    let settings = problems.finish(settings).map_err(|problems| problems.to_string())?;
    let gateway = StripeGateway::new(settings).map_err(|error| chain(&error))?;
    // A session that cannot exist: «not found» proves that the key is accepted.
    match gateway.session("cs_test_doctor").await {
        Err(GatewayError::NotFound) | Ok(_) => Ok(format!("{} accepts the key", args.stripe.stripe_api_base)),
        Err(error) => Err(format!("{error} ({error:?})")),
    }
}

async fn panel(args: &DoctorArgs) -> Result<String, String> {
    let mut problems = Problems::default();
    let outgoing = args.outbound.rules(&mut problems);
    let settings = args.panel.pterodactyl(&kept(args).await, &mut problems);
    problems.finish(Some(())).map_err(|problems| problems.to_string())?;
    let Some(settings) = settings else {
        return Ok("none is configured; orders for game servers will wait".to_owned());
    };
    let http = HttpClient::within(outgoing, Timeouts::default()).map_err(|error| chain(&error))?;
    let provider = game_panel(http, &settings, None).map_err(|error| chain(&error))?;
    healthy(provider.as_ref(), &format!("{} accepts the key", settings.url)).await
}

/// The hosting helper on this machine.
async fn hosting(args: &DoctorArgs) -> Result<String, String> {
    let mut problems = Problems::default();
    let settings = args.panel.local(&mut problems);
    problems.finish(Some(())).map_err(|problems| problems.to_string())?;
    let Some(settings) = settings else {
        return Ok("no hosting helper is configured; orders of the provider `local` will wait".to_owned());
    };
    let at = format!("the helper answers at {}", settings.socket.display());
    healthy(&LocalProvider::new(Some(settings)), &at).await
}

/// Each provider of the providers file. What is wrong with the file itself stands under the configuration.
async fn of_the_file(args: &DoctorArgs) -> Vec<(String, Result<String, String>)> {
    let mut problems = Problems::default();
    let outgoing = args.outbound.rules(&mut problems);
    let file = args.panel.file(&mut problems).unwrap_or_default();
    let Ok(http) = HttpClient::within(outgoing, Timeouts::default()) else { return Vec::new() };
    let mut found = Vec::new();
    for one in file.providers {
        let healthy = match one.what.provider(&http, None) {
            Ok(provider) => healthy(provider.as_ref(), "it answers").await,
            Err(forbidden) => Err(forbidden.to_string()),
        };
        found.push((one.key.to_string(), healthy));
    }
    found
}

/// What a provider says of itself, with what an operator should know.
async fn healthy(provider: &dyn Provider, well: &str) -> Result<String, String> {
    let Health { flavour, notes } = provider.check().await.map_err(|error| error.to_string())?;
    let lines: Vec<String> = notes.iter().map(|note| format!("\n                 note: {note}")).collect();
    Ok(format!("{well} ({flavour}){}", lines.concat()))
}

async fn mail(args: &DoctorArgs) -> Result<String, String> {
    let mut problems = Problems::default();
    let (kept, outgoing) = (kept(args).await, args.outbound.rules(&mut problems));
    let senders = args.site.brand_file(&mut problems).unwrap_or_default().senders;
    let settings = args.mail.of_brand(&senders).settings(&kept, &outgoing, &mut problems);
    let settings = problems.finish(settings).map_err(|problems| problems.to_string())?;
    let name = format!("{}:{}", settings.host, settings.port);
    let mailer = SmtpMailer::connect(settings).map_err(|error| chain(&error))?;
    mailer.check().await.map_err(|error| chain(&error))?;
    Ok(format!("{name} takes our mail"))
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
