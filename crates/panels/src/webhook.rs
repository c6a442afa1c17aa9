//! An operator's own service, asked by signed calls: whatever it makes can be sold. docs/guides/providers.md is its contract.

use std::time::Duration;

use kernel::{Id, Page, entity};
use provisioning::{
    Ability, Capabilities, Health, Listed, Lookup, PollToken, ProviderError, Remote, RemoteRef, RemoteState,
    ServiceOrder, SettingsProblem, Step, Target, USUAL_SETTLE,
};
use reqwest::Url;
use secrecy::SecretString;
use serde_json::{Value, json};

use self::{
    answer::{Reply, Said, Sheet, Thing, refusal, sort},
    call::{Caller, order_body, target_body},
};
use crate::{
    Adapter, Limits, Line,
    answer::{Doubt, doubtful},
    file::{Entry, Instance, Type},
};

mod answer;
mod call;

/// What the provider does after a delivery.
const DOES: &[Ability] = &[Ability::Suspend, Ability::Resume, Ability::Terminate, Ability::Poll];
/// When to ask again, where the service does not say.
const CHECK_AFTER: Duration = Duration::from_secs(10);
/// The longest that it may make us wait for the next look, in seconds.
const CHECK_AT_MOST: u64 = 3600;

/// The fewest characters of a secret that calls are signed with.
const SHORTEST_SECRET: usize = 32;

/// The `type` of the providers file.
pub const TYPE: Type = Type { name: "webhook", limits: Limits { per_minute: 600, at_once: 8 }, read };

fn read(entry: &mut Entry<'_, '_>) -> Option<Instance> {
    let url = entry.url();
    let secret = entry.secret(("secret_env", "secret_file"), SHORTEST_SECRET);
    let lists = entry.reader.flag("lists");
    let timeout = entry.timeout(1..=300, 60);
    let settings = WebhookSettings { url: url?, secret: secret?, lists, timeout };
    let url = settings.url.clone();
    Some(Instance::new(Some(url), move |line| WebhookProvider::new(line, settings.clone())))
}

/// Where the service is.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// Where every call goes.
    pub url: Url,
    /// What calls are signed with. Without it settings can be checked, and every call is unavailable.
    pub secret: Option<SecretString>,
    /// It answers the verb `list`.
    pub lists: bool,
    /// How long a call may take.
    pub timeout: Duration,
}

/// Delivers by calling an operator's service.
#[derive(Debug)]
pub struct WebhookProvider(Caller);

impl WebhookProvider {
    /// The provider that calls this service.
    pub const fn new(http: Line, settings: WebhookSettings) -> Self {
        Self(Caller { http, settings })
    }

    /// What stands under this key, if anything does.
    async fn look(&self, service: &str) -> Result<Option<Thing>, ProviderError> {
        let body = json!({ "verb": "observe", "service": service });
        match self.0.ask(body, None, Doubt::Harmless).await? {
            Reply::Absent => Ok(None),
            Reply::Said(said) => thing(*said, service, Doubt::Harmless).map(Some),
            Reply::Later(_) | Reply::Exists(_) => Err(strange(Doubt::Harmless)),
        }
    }

    async fn lookup(&self, order: &ServiceOrder) -> Result<Lookup, ProviderError> {
        let Some(found) = self.look(&order.service.to_string()).await? else { return Ok(Lookup::Absent) };
        if found.customer == order.owner.customer.to_string() {
            return Ok(Lookup::Ours(found.remote));
        }
        let name = found.remote.reference.identifier;
        Ok(Lookup::Foreign(format!("{name} stands under this service's key and belongs to another customer")))
    }

    async fn make(&self, order: &ServiceOrder) -> Result<Remote, ProviderError> {
        let (key, doubt) = (order.service.to_string(), Doubt::MayHaveHappened);
        let said = match self.0.ask(order_body("create", order), Some(key.clone()), doubt).await? {
            Reply::Said(said) | Reply::Later(said) | Reply::Exists(said) => said,
            Reply::Absent => return Err(strange(doubt)),
        };
        let made = thing(*said, &key, doubt)?;
        belongs(&made, order.owner.customer)?;
        Ok(made.remote)
    }

    async fn list(&self, page: Option<&str>) -> Result<Page<Listed>, ProviderError> {
        if !self.0.settings.lists {
            return Ok(Page::only(Vec::new()));
        }
        let url = self.0.settings.url.clone();
        let answer = self.0.send(url, json!({ "verb": "list", "page": page }), None, Doubt::Harmless).await?;
        if answer.status.as_u16() != 200 {
            return Err(refusal(&answer, Doubt::Harmless));
        }
        let (items, next) = Sheet::read(&answer.body).ok_or_else(|| strange(Doubt::Harmless))?;
        Ok(Page { items, next })
    }

    async fn read(&self, reference: &RemoteRef) -> Result<Remote, ProviderError> {
        let found = self.look(&reference.id).await?.ok_or_else(|| gone(&reference.id))?;
        Ok(found.remote)
    }

    /// Looks whose it is and whether it is so already, and asks if not.
    async fn change(&self, target: &Target, verb: &str, reached: &RemoteState) -> Result<Step, ProviderError> {
        let service = target.service.to_string();
        let found = self.look(&service).await?.ok_or_else(|| gone(&service))?;
        belongs(&found, target.customer)?;
        if verb != "terminate" && found.remote.state == *reached {
            return Ok(Step::Done);
        }
        let doubt = Doubt::MayHaveHappened;
        match self.0.ask(target_body(verb, target), None, doubt).await? {
            Reply::Absent => Err(gone(&service)),
            Reply::Said(said) if verb == "terminate" && said.is("absent") => Ok(Step::Done),
            Reply::Said(said) => {
                let now = thing(*said, &service, doubt)?;
                if verb != "terminate" && now.remote.state == *reached { Ok(Step::Done) } else { Err(strange(doubt)) }
            }
            Reply::Later(said) => self.later(&said, doubt),
            Reply::Exists(_) => Err(strange(doubt)),
        }
    }

    /// The token is the address to ask at, which must be the service's own: our signature goes nowhere else.
    fn later(&self, said: &Said, doubt: Doubt) -> Result<Step, ProviderError> {
        let url = said.poll_url.as_deref().and_then(|text| self.poll_address(text));
        let url = url.ok_or_else(|| doubtful("its poll_url is missing or leads to another place".to_owned(), doubt))?;
        let check_after = said.check_after.map_or(CHECK_AFTER, |s| Duration::from_secs(s.clamp(1, CHECK_AT_MOST)));
        Ok(Step::Pending { token: PollToken(url.to_string()), check_after })
    }

    /// This address, or one relative to the service's, if it is of the same origin.
    fn poll_address(&self, text: &str) -> Option<Url> {
        let base = &self.0.settings.url;
        base.join(text).ok().filter(|url| url.origin() == base.origin() && url.username().is_empty())
    }

    async fn ask_how_far(&self, token: &PollToken) -> Result<Step, ProviderError> {
        let refused = || ProviderError::Refused { detail: "the poll_url is not the service's".to_owned() };
        let url = self.poll_address(&token.0).ok_or_else(refused)?;
        let answer = self.0.send(url, json!({ "verb": "poll" }), None, Doubt::Harmless).await?;
        match sort(&answer, Doubt::Harmless)? {
            Reply::Later(mut said) => {
                said.poll_url.get_or_insert_with(|| token.0.clone());
                self.later(&said, Doubt::Harmless)
            }
            // Whoever asked looks at the service itself; this says only that there is something to look at.
            Reply::Said(_) | Reply::Absent => Ok(Step::Done),
            Reply::Exists(_) => Err(strange(Doubt::Harmless)),
        }
    }

    async fn greet(&self) -> Result<Health, ProviderError> {
        match self.0.ask(json!({ "verb": "check" }), None, Doubt::Harmless).await? {
            Reply::Said(said) if said.is("ok") => Ok(Health { flavour: "webhook".to_owned(), notes: Vec::new() }),
            Reply::Said(_) | Reply::Later(_) | Reply::Exists(_) | Reply::Absent => Err(strange(Doubt::Harmless)),
        }
    }
}

fn thing(said: Said, service: &str, doubt: Doubt) -> Result<Thing, ProviderError> {
    said.thing(service).ok_or_else(|| strange(doubt))
}

fn strange(doubt: Doubt) -> ProviderError {
    doubtful("the service answered what is not known, or of another service".to_owned(), doubt)
}

fn gone(service: &str) -> ProviderError {
    ProviderError::Gone { detail: format!("the service says that nothing stands under {service}") }
}

/// It is this customer's.
fn belongs(found: &Thing, customer: Id<entity::Customer>) -> Result<(), ProviderError> {
    if found.customer == customer.to_string() {
        return Ok(());
    }
    let detail = "what stands under this service's key belongs to another customer".to_owned();
    Err(ProviderError::Refused { detail })
}

impl Adapter for WebhookProvider {
    fn capabilities(&self) -> Capabilities {
        let lists = self.0.settings.lists;
        Capabilities { kinds: &[], installs: true, finds: true, lists, settle: USUAL_SETTLE, does: DOES }
    }

    fn check_settings(&self, _kind: &str, settings: &Value) -> Vec<SettingsProblem> {
        // What is in the table is between the operator and the service, which refuses what is wrong at the order.
        let problem = SettingsProblem { path: String::new(), message: "expected a table of settings".to_owned() };
        if settings.is_object() { Vec::new() } else { vec![problem] }
    }

    async fn find(&self, order: &ServiceOrder) -> Result<Lookup, ProviderError> {
        self.lookup(order).await
    }

    async fn create(&self, order: &ServiceOrder) -> Result<Remote, ProviderError> {
        self.make(order).await
    }

    async fn list_ours(&self, page: Option<&str>) -> Result<Page<Listed>, ProviderError> {
        self.list(page).await
    }

    async fn observe(&self, remote: &RemoteRef) -> Result<Remote, ProviderError> {
        self.read(remote).await
    }

    async fn check(&self) -> Result<Health, ProviderError> {
        self.greet().await
    }

    async fn suspend(&self, target: &Target, _why: &str) -> Result<Step, ProviderError> {
        self.change(target, "suspend", &RemoteState::Suspended).await
    }

    async fn resume(&self, target: &Target) -> Result<Step, ProviderError> {
        self.change(target, "resume", &RemoteState::Ready).await
    }

    async fn terminate(&self, target: &Target) -> Result<Step, ProviderError> {
        self.change(target, "terminate", &RemoteState::Ready).await
    }

    async fn poll(&self, token: &PollToken) -> Result<Step, ProviderError> {
        self.ask_how_far(token).await
    }
}
