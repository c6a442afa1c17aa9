//! An operator's own service, asked for verbs in JSON: whatever it makes can be sold. docs/guides/providers.md is its contract;
//! how a question travels is each [`Channel`]'s own.

use std::{future::Future, time::Duration};

use kernel::{Id, Page, entity};
use provisioning::{
    Ability, Capabilities, Health, Listed, Lookup, PollToken, ProviderError, Remote, RemoteRef, RemoteState,
    ServiceOrder, SettingsProblem, Step, Target, USUAL_SETTLE,
};
use serde_json::{Value, json};

pub use self::answer::Told;
use self::{
    answer::{Reply, Said, Sheet, Thing, refusal, sort},
    ask::{order_body, target_body},
};
pub use crate::answer::Doubt;
use crate::{Adapter, answer::doubtful};

mod answer;
mod ask;

/// What the provider does after a delivery.
const DOES: &[Ability] = &[Ability::Suspend, Ability::Resume, Ability::Terminate, Ability::Poll];
/// When to ask again, where the service does not say.
const CHECK_AFTER: Duration = Duration::from_secs(10);
/// The longest that it may make us wait for the next look, in seconds.
const CHECK_AT_MOST: u64 = 3600;

/// How a question reaches a service.
pub trait Channel: Send + Sync {
    /// What people call it.
    const FLAVOUR: &'static str;

    /// It answers the verb `list`.
    fn lists(&self) -> bool;

    /// One attempt. `key` is the same for questions that ask for the same thing once; without it the question is its own.
    /// `doubt` says what a lost answer means.
    fn send(
        &self,
        body: Value,
        key: Option<String>,
        doubt: Doubt,
    ) -> impl Future<Output = Result<Told, ProviderError>> + Send;

    /// What to ask with how far something is, from what the service said to ask with; `None` where that cannot be.
    fn token(&self, said: &str) -> Option<String>;

    /// Asks how far it is.
    fn poll(&self, token: &str) -> impl Future<Output = Result<Told, ProviderError>> + Send;
}

/// Delivers by asking an operator's service.
#[derive(Debug)]
pub struct ServiceProvider<C>(C);

impl<C: Channel> ServiceProvider<C> {
    /// The provider that asks over this channel.
    pub const fn over(channel: C) -> Self {
        Self(channel)
    }

    /// What stands under this key, if anything does.
    async fn look(&self, service: &str) -> Result<Option<Thing>, ProviderError> {
        let body = json!({ "verb": "observe", "service": service });
        match self.ask(body, None, Doubt::Harmless).await? {
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
        let said = match self.ask(order_body("create", order), Some(key.clone()), doubt).await? {
            Reply::Said(said) | Reply::Later(said) | Reply::Exists(said) => said,
            Reply::Absent => return Err(strange(doubt)),
        };
        let made = thing(*said, &key, doubt)?;
        belongs(&made, order.owner.customer)?;
        Ok(made.remote)
    }

    async fn list(&self, page: Option<&str>) -> Result<Page<Listed>, ProviderError> {
        if !self.0.lists() {
            return Ok(Page::only(Vec::new()));
        }
        let answer = self.0.send(json!({ "verb": "list", "page": page }), None, Doubt::Harmless).await?;
        if answer.status != 200 {
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
        match self.ask(target_body(verb, target), None, doubt).await? {
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

    async fn ask(&self, body: Value, key: Option<String>, doubt: Doubt) -> Result<Reply, ProviderError> {
        sort(&self.0.send(body, key, doubt).await?, doubt)
    }

    fn later(&self, said: &Said, doubt: Doubt) -> Result<Step, ProviderError> {
        let token = said.poll.as_deref().and_then(|text| self.0.token(text));
        let token = token.ok_or_else(|| doubtful("what to ask with is missing, or leads to another place", doubt))?;
        let check_after = said.check_after.map_or(CHECK_AFTER, |s| Duration::from_secs(s.clamp(1, CHECK_AT_MOST)));
        Ok(Step::Pending { token: PollToken(token), check_after })
    }

    async fn ask_how_far(&self, token: &PollToken) -> Result<Step, ProviderError> {
        let answer = self.0.poll(&token.0).await?;
        match sort(&answer, Doubt::Harmless)? {
            Reply::Later(mut said) => {
                said.poll.get_or_insert_with(|| token.0.clone());
                self.later(&said, Doubt::Harmless)
            }
            // Whoever asked looks at the service itself; this says only that there is something to look at.
            Reply::Said(_) | Reply::Absent => Ok(Step::Done),
            Reply::Exists(_) => Err(strange(Doubt::Harmless)),
        }
    }

    async fn greet(&self) -> Result<Health, ProviderError> {
        match self.ask(json!({ "verb": "check" }), None, Doubt::Harmless).await? {
            Reply::Said(said) if said.is("ok") => Ok(Health { flavour: C::FLAVOUR.to_owned(), notes: Vec::new() }),
            Reply::Said(_) | Reply::Later(_) | Reply::Exists(_) | Reply::Absent => Err(strange(Doubt::Harmless)),
        }
    }
}

fn thing(said: Said, service: &str, doubt: Doubt) -> Result<Thing, ProviderError> {
    said.thing(service).ok_or_else(|| strange(doubt))
}

fn strange(doubt: Doubt) -> ProviderError {
    doubtful("the service answered what is not known, or of another service", doubt)
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

impl<C: Channel> Adapter for ServiceProvider<C> {
    fn capabilities(&self) -> Capabilities {
        let lists = self.0.lists();
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
