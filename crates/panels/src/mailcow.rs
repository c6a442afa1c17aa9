//! Mailboxes on a mailcow server, through its API.
//!
//! A mailbox has the service's id among its tags, a customer's own domain the customer's. What has no such tag is
//! somebody else's. The server answers 200 to success and failure alike: every entry of an answer must say success.

use kernel::{Id, Page, entity};
use provisioning::{
    Ability, AccessField, Capabilities, ConsoleLink, DomainChoice, DomainName, Health, Listed, Lookup, ProviderError,
    Remote, RemoteRef, RemoteState, ServiceOrder, SettingsProblem, Step, Target, USUAL_SETTLE, Usage,
};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use self::call::{Caller, Mailbox, Refusal};
use crate::{
    Adapter, Limits, Line,
    answer::{Doubt, printable, refused},
    file::{Entry, Instance, Type},
    kind_problems,
    names::{domains, nobodys_password},
    settings::{Reader, listed},
};

mod call;

const KINDS: &[&str] = &["email"];
const DOES: &[Ability] = &[
    Ability::Suspend,
    Ability::Resume,
    Ability::Terminate,
    Ability::Change,
    Ability::Console,
    Ability::Usage,
    Ability::SetPassword,
];

/// The `type` of the providers file.
pub const TYPE: Type = Type { name: "mailcow", limits: Limits { per_minute: 120, at_once: 2 }, read };

fn read(entry: &mut Entry<'_, '_>) -> Option<Instance> {
    let url = entry.url();
    let key = entry.secret(("api_key_env", "api_key_file"), 16);
    let domain = entry.domain("mail_domain");
    let settings = MailcowSettings { url: url?, key: key?, mail_domain: domain? };
    let url = settings.url.clone();
    Some(Instance::new(Some(url), move |line| MailcowProvider::new(line, settings.clone())))
}

/// Where the mail server is.
#[derive(Debug, Clone)]
pub struct MailcowSettings {
    /// Its address, which is its web mail's too.
    pub url: Url,
    /// A read-write key. Without it settings can be checked, and every call is unavailable.
    pub key: Option<SecretString>,
    /// The domain beneath which free addresses are given; it is there already.
    pub mail_domain: DomainName,
}

/// Delivers mailboxes.
#[derive(Debug)]
pub struct MailcowProvider(Caller);

/// A product's settings: `{ quota = 1024 }`, in MiB, and `mailbox`, the name on a customer's own domain.
struct Plan {
    quota: u64,
    mailbox: String,
}

impl Plan {
    fn read(settings: &Value) -> Result<Self, Vec<SettingsProblem>> {
        let mut reader = Reader::new(settings);
        let quota = reader.number("quota", 1..=10_000_000, None);
        let is_name = |text: &str| {
            (1..=64).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let mailbox = reader.text("mailbox", is_name, "expected small letters, digits and hyphens, such as info");
        reader.finish(Self { quota: quota.unsigned_abs(), mailbox: mailbox.unwrap_or_else(|| "info".to_owned()) })
    }

    fn of(order: &ServiceOrder) -> Result<Self, ProviderError> {
        Self::read(&order.settings)
            .map_err(|problems| refused(format!("the product's settings are wrong: {}", listed(&problems))))
    }
}

impl MailcowProvider {
    /// The provider on this server.
    pub const fn new(line: Line, settings: MailcowSettings) -> Self {
        Self(Caller { line, settings })
    }

    /// The addresses to try, best first.
    fn addresses(&self, order: &ServiceOrder, plan: &Plan) -> Result<Vec<(String, String)>, ProviderError> {
        let base = &self.0.settings.mail_domain;
        if let Some(DomainChoice::Own(domain)) = &order.delivery.domain {
            let names = domains(order.delivery.domain.as_ref(), base, order.service)?;
            return Ok(names.into_iter().map(|_| (plan.mailbox.clone(), domain.to_string())).collect());
        }
        let names = domains(order.delivery.domain.as_ref(), base, order.service)?;
        let local = |name: String| name.strip_suffix(&format!(".{base}")).map(str::to_owned);
        Ok(names.into_iter().filter_map(local).map(|local| (local, base.to_string())).collect())
    }

    /// The customer's own domain. Adding it makes no mailbox, so that a lost answer harms nobody.
    async fn ensure_domain(&self, order: &ServiceOrder, domain: &str) -> Result<(), ProviderError> {
        let owner = order.owner.customer.to_string();
        match self.0.domain_tags(domain).await? {
            Some(tags) if tags.contains(&owner) => return Ok(()),
            Some(_) => return Err(refused(format!("the mail server has {domain} for somebody else"))),
            None => {}
        }
        let body = json!({
            "domain": domain, "description": "Hostwright", "active": "1", "aliases": "400", "mailboxes": "100",
            "defquota": "1024", "maxquota": "102400", "quota": "102400", "restart_sogo": "1", "tags": [owner],
        });
        match self.0.write("add/domain", &body, Doubt::Harmless).await? {
            Ok(()) => Ok(()),
            // Somebody was faster; the next try sees who.
            Err(Refusal::Exists) => Err(ProviderError::Unavailable {
                detail: format!("{domain} was added at this moment"),
                retry_after: None,
            }),
            Err(other) => Err(other.error("add/domain")),
        }
    }

    async fn add(
        &self,
        order: &ServiceOrder,
        plan: &Plan,
        (local, domain): (&str, &str),
    ) -> Result<bool, ProviderError> {
        let password = nobodys_password();
        let body = json!({
            "local_part": local, "domain": domain, "name": printable(&order.owner.name), "active": "1",
            "quota": plan.quota.to_string(), "force_pw_update": "0", "tags": [order.service.to_string()],
            "password": password.expose_secret(), "password2": password.expose_secret(),
        });
        match self.0.write("add/mailbox", &body, Doubt::MayHaveHappened).await? {
            Ok(()) => Ok(true),
            Err(Refusal::Exists) => Ok(false),
            Err(other) => Err(other.error("add/mailbox")),
        }
    }

    async fn ours(&self, target: &Target) -> Result<Mailbox, ProviderError> {
        let address = &target.reference.id;
        let found = self.0.mailbox(address).await?.ok_or_else(|| gone(address))?;
        if found.tags.contains(&target.service.to_string()) {
            return Ok(found);
        }
        Err(refused(format!("{address} is not this service's")))
    }

    /// Sets attributes of the mailbox, which is the service's.
    async fn edit(&self, target: &Target, attributes: Value) -> Result<(), ProviderError> {
        let body = json!({ "items": [target.reference.id], "attr": attributes });
        match self.0.write("edit/mailbox", &body, Doubt::MayHaveHappened).await? {
            Ok(()) => Ok(()),
            Err(other) => Err(other.error("edit/mailbox")),
        }
    }

    async fn set_active(&self, target: &Target, active: bool) -> Result<Step, ProviderError> {
        if (self.ours(target).await?.state == RemoteState::Ready) != active {
            self.edit(target, json!({ "active": if active { "1" } else { "0" } })).await?;
        }
        Ok(Step::Done)
    }

    fn remote(&self, address: &str, found: &Mailbox) -> Remote {
        let field = |label: &str, value: String| AccessField { label: label.to_owned(), value };
        let host = self.0.settings.url.host_str().unwrap_or_default().to_owned();
        let access = vec![
            field("Address", address.to_owned()),
            field("Mail server", host),
            field("Webmail", self.0.settings.url.to_string()),
        ];
        Remote { reference: reference(address), state: found.state.clone(), access }
    }
}

fn reference(address: &str) -> RemoteRef {
    RemoteRef { id: address.to_owned(), identifier: address.to_owned() }
}

fn gone(address: &str) -> ProviderError {
    ProviderError::Gone { detail: format!("the mail server has no mailbox {address}") }
}

impl Adapter for MailcowProvider {
    fn capabilities(&self) -> Capabilities {
        Capabilities { kinds: KINDS, installs: false, finds: true, lists: true, settle: USUAL_SETTLE, does: DOES }
    }

    fn check_settings(&self, kind: &str, settings: &Value) -> Vec<SettingsProblem> {
        let mut problems = kind_problems(kind, KINDS);
        problems.extend(Plan::read(settings).err().unwrap_or_default());
        problems
    }

    async fn check(&self) -> Result<Health, ProviderError> {
        let domain = self.0.settings.mail_domain.to_string();
        let mut notes = Vec::new();
        if self.0.domain_tags(&domain).await?.is_none() {
            notes.push(format!("{domain} is not there: add it, or no free address can be given"));
        }
        notes.push("whether the key may write shows when something is written".to_owned());
        Ok(Health { flavour: "mailcow".to_owned(), notes })
    }

    async fn find(&self, order: &ServiceOrder) -> Result<Lookup, ProviderError> {
        let plan = Plan::of(order)?;
        for (local, domain) in self.addresses(order, &plan)? {
            let address = format!("{local}@{domain}");
            let found = self.0.mailbox(&address).await?;
            if let Some(found) = found.filter(|found| found.tags.contains(&order.service.to_string())) {
                return Ok(Lookup::Ours(self.remote(&address, &found)));
            }
        }
        Ok(Lookup::Absent)
    }

    async fn create(&self, order: &ServiceOrder) -> Result<Remote, ProviderError> {
        let plan = Plan::of(order)?;
        if let Lookup::Ours(remote) = self.find(order).await? {
            return Ok(remote);
        }
        if let Some(DomainChoice::Own(domain)) = &order.delivery.domain {
            self.ensure_domain(order, domain.as_str()).await?;
        }
        for (local, domain) in self.addresses(order, &plan)? {
            if self.add(order, &plan, (&local, &domain)).await? {
                let made =
                    Mailbox { state: RemoteState::Ready, tags: Vec::new(), quota_mebibytes: plan.quota, used: 0 };
                return Ok(self.remote(&format!("{local}@{domain}"), &made));
            }
        }
        Err(refused("every address for this mailbox is taken"))
    }

    async fn observe(&self, remote: &RemoteRef) -> Result<Remote, ProviderError> {
        let found = self.0.mailbox(&remote.id).await?.ok_or_else(|| gone(&remote.id))?;
        Ok(self.remote(&remote.id, &found))
    }

    async fn list_ours(&self, _: Option<&str>) -> Result<Page<Listed>, ProviderError> {
        let ours = |(address, found): (String, Mailbox)| {
            let service = found.tags.iter().find_map(|tag| tag.parse::<Id<entity::Service>>().ok())?;
            Some(Listed { service: Some(service), reference: reference(&address), state: found.state, access: None })
        };
        Ok(Page::only(self.0.mailboxes().await?.into_iter().filter_map(ours).collect()))
    }

    async fn suspend(&self, target: &Target, _why: &str) -> Result<Step, ProviderError> {
        self.set_active(target, false).await
    }

    async fn resume(&self, target: &Target) -> Result<Step, ProviderError> {
        self.set_active(target, true).await
    }

    async fn terminate(&self, target: &Target) -> Result<Step, ProviderError> {
        self.ours(target).await?;
        let address = &target.reference.id;
        match self.0.write("delete/mailbox", &json!([address]), Doubt::MayHaveHappened).await? {
            Ok(()) => {}
            Err(other) => return Err(other.error("delete/mailbox")),
        }
        self.0.drop_domain(address, &target.customer.to_string()).await;
        Ok(Step::Done)
    }

    async fn change(&self, target: &Target, to: &ServiceOrder) -> Result<Step, ProviderError> {
        let (found, plan) = (self.ours(target).await?, Plan::of(to)?);
        if found.quota_mebibytes == plan.quota {
            return Ok(Step::Done);
        }
        if found.used > plan.quota << 20 {
            return Err(refused("the mailbox holds more than the new plan allows: its owner must delete mails first"));
        }
        self.edit(target, json!({ "quota": plan.quota.to_string() })).await?;
        match self.ours(target).await {
            Ok(found) if found.quota_mebibytes == plan.quota => Ok(Step::Done),
            Ok(_) | Err(_) => Err(ProviderError::Unknown { detail: "the quota is not seen to be another".to_owned() }),
        }
    }

    async fn console(&self, target: &Target) -> Result<ConsoleLink, ProviderError> {
        self.ours(target).await?;
        Ok(ConsoleLink { url: self.0.settings.url.to_string(), signs_in: false })
    }

    async fn usage(&self, target: &Target) -> Result<Usage, ProviderError> {
        let found = self.ours(target).await?;
        let activity = if found.state == RemoteState::Suspended { "suspended" } else { "running" };
        Ok(Usage { activity: activity.to_owned(), disk_bytes: found.used, ..Usage::default() })
    }

    async fn set_password(&self, target: &Target, password: &SecretString) -> Result<(), ProviderError> {
        self.ours(target).await?;
        let password = password.expose_secret();
        self.edit(target, json!({ "password": password, "password2": password })).await
    }
}
