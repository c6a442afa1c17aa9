//! What the worker is told by its environment.

use clap::Parser;
use infra::{
    config::{
        DatabaseConfig, KeyConfig, LogConfig, MailConfig, OutboundConfig, PanelConfig, Problems, SiteConfig,
        StripeConfig,
    },
    secrets::Credentials,
};

/// Runs Hostwright's background jobs: gateway events, provisioning, mails.
#[derive(Debug, Clone, Parser)]
#[command(name = "hostwright-worker", version)]
pub struct WorkerConfig {
    /// The database.
    #[command(flatten)]
    pub database: DatabaseConfig,
    /// The payment gateway.
    #[command(flatten)]
    pub stripe: StripeConfig,
    /// The providers.
    #[command(flatten)]
    pub panel: PanelConfig,
    /// The mail server.
    #[command(flatten)]
    pub mail: MailConfig,
    /// What may be called.
    #[command(flatten)]
    pub outbound: OutboundConfig,
    /// The shop.
    #[command(flatten)]
    pub site: SiteConfig,
    /// The keys.
    #[command(flatten)]
    pub keys: KeyConfig,
    /// The log.
    #[command(flatten)]
    pub log: LogConfig,
    /// Jobs at the same time, of each queue.
    #[arg(long, env = "WORKER_CONCURRENCY", default_value_t = 16)]
    pub concurrency: usize,
}

impl WorkerConfig {
    /// Checks the whole of it and turns it into what the parts are made with; `kept` are credentials of the secrets table.
    ///
    /// # Errors
    /// All problems together.
    pub(crate) fn checked(&self, kept: &Credentials) -> Result<Checked, Problems> {
        let mut problems = Problems::default();
        let outgoing = self.outbound.rules(&mut problems);
        let stripe = self.stripe.settings(&outgoing, &mut problems);
        let pterodactyl = self.panel.pterodactyl(kept, &mut problems);
        let website = self.panel.website(&mut problems);
        let local = self.panel.local(&mut problems);
        let providers = self.panel.file(&mut problems);
        let file = self.site.brand_file(&mut problems);
        let senders = file.as_ref().map(|file| file.senders.clone()).unwrap_or_default();
        let mail = self.mail.of_brand(&senders).settings(kept, &outgoing, &mut problems);
        let keys = self.keys.keys(&mut problems);
        let links = self.site.links(&mut problems);
        let brand =
            links.as_ref().zip(file.as_ref()).and_then(|(links, file)| self.site.brand(links, file, &mut problems));
        if self.concurrency == 0 {
            problems.note("WORKER_CONCURRENCY", "expected 1 or more");
        }
        let checked = (|| {
            Some(Checked {
                outgoing,
                stripe: stripe?,
                pterodactyl,
                website: website?,
                local,
                providers: providers?,
                mail: mail?,
                keys: keys?,
                links: links?,
                brand: brand?,
            })
        })();
        problems.finish(checked)
    }
}

/// The configuration, checked.
pub(crate) struct Checked {
    pub(crate) outgoing: infra::outgoing::Outgoing,
    pub(crate) stripe: infra::stripe::StripeSettings,
    pub(crate) pterodactyl: Option<infra::providers::pterodactyl::PterodactylSettings>,
    pub(crate) website: infra::providers::website::WebsiteSettings,
    pub(crate) local: Option<infra::providers::local::LocalSettings>,
    pub(crate) providers: infra::providers::file::ProvidersFile,
    pub(crate) mail: infra::smtp::SmtpSettings,
    pub(crate) keys: infra::secrets::Keys,
    pub(crate) links: orders::Links,
    pub(crate) brand: notify::Brand,
}
