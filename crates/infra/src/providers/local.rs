//! Hosting on one machine: the provider asks the hosting helper there, which is root, over its unix socket.
//!
//! The helper's verbs ensure, so that each may be asked again; what stands there is found by the service's id
//! (docs/decisions/0030-local-hosting.md).

use std::{path::PathBuf, time::Duration};

use kernel::{Id, Page, entity};
use local_protocol::{Answer, Condition, Owned, Password, PowerWord, Refusal, Standing, Verb};
use provisioning::{
    Ability, BoxFuture, Capabilities, DomainName, Health, Listed, Lookup, Power, Provider, ProviderError, Remote,
    RemoteRef, RemoteState, ServiceOrder, SettingsProblem, Step, Target, Usage,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

mod access;
mod plan;
mod socket;

use access::access;
use plan::{KINDS, kind_of};
use socket::{Effect, ask};

/// Where the helper is, and under which names customers find what it makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalSettings {
    /// The helper's socket.
    pub socket: PathBuf,
    /// The name of the hosting machine, for game servers and mailboxes.
    pub host: DomainName,
    /// The domain beneath which free subdomains are given; a product may have another.
    pub subdomain_base: DomainName,
}

/// Delivers websites, WordPress, mailboxes, storage and game servers on one machine.
pub struct LocalProvider(Option<LocalSettings>);

const DOES: &[Ability] =
    &[Ability::Suspend, Ability::Resume, Ability::Terminate, Ability::Power, Ability::Usage, Ability::SetPassword];
/// A question that was read goes on without us, for as long as the helper gives its programs.
const SETTLE: Duration = Duration::from_secs(90);

impl LocalProvider {
    /// The provider with its helper; without one everything waits.
    pub const fn new(settings: Option<LocalSettings>) -> Self {
        Self(settings)
    }

    fn settings(&self) -> Result<&LocalSettings, ProviderError> {
        self.0.as_ref().ok_or_else(|| unavailable("no hosting helper is configured: LOCAL_SOCKET is not set"))
    }

    async fn ask(&self, verb: Verb, effect: Effect) -> Result<Answer, ProviderError> {
        let settings = self.settings()?;
        ask(&settings.socket, verb, effect).await
    }

    async fn lookup(&self, order: &ServiceOrder) -> Result<Lookup, ProviderError> {
        let answer = self.ask(Verb::Find { service: order.service }, Effect::Reads).await?;
        if let Answer::Found(standing) = &answer {
            return self.ours(order, standing);
        }
        if answer == Answer::Absent { Ok(Lookup::Absent) } else { Err(unexpected(&answer, Effect::Reads)) }
    }

    fn ours(&self, order: &ServiceOrder, standing: &Standing) -> Result<Lookup, ProviderError> {
        if standing.service() != order.service {
            return Err(unavailable(format!("the helper answered with {} for another key", standing.service())));
        }
        if standing.owned.customer != order.owner.customer || Some(standing.kind) != kind_of(&order.kind) {
            let detail = format!("a {} of {} stands under this key", standing.kind.as_str(), standing.owned.customer);
            return Ok(Lookup::Foreign(detail));
        }
        self.remote(standing).map(Lookup::Ours)
    }

    async fn make(&self, order: &ServiceOrder) -> Result<Remote, ProviderError> {
        let spec = plan::spec(order, self.settings()?)?;
        let owned = Owned { service: order.service, customer: order.owner.customer };
        let answer = self.ask(Verb::Ensure { owned, spec }, Effect::Makes).await?;
        if let Answer::Found(standing) = &answer
            && standing.owned == owned
        {
            return self.remote(standing);
        }
        Err(unexpected(&answer, Effect::Makes))
    }

    async fn look(&self, remote: &RemoteRef) -> Result<Remote, ProviderError> {
        let service: Id<entity::Service> =
            remote.id.parse().map_err(|_| refused("the reference is no service's id"))?;
        let answer = self.ask(Verb::Observe { service }, Effect::Reads).await?;
        if answer == Answer::Absent {
            let detail = format!("nothing stands under {service} on the hosting machine");
            return Err(ProviderError::Gone { detail });
        }
        if let Answer::Found(standing) = &answer
            && standing.service() == service
        {
            return self.remote(standing);
        }
        Err(unexpected(&answer, Effect::Reads))
    }

    async fn list(&self, page: Option<&str>) -> Result<Page<Listed>, ProviderError> {
        let after = page.map(str::parse).transpose().map_err(|_| refused("the page is no service's id"))?;
        let Answer::Listed { items, more } = self.ask(Verb::List { after }, Effect::Reads).await? else {
            return Err(unavailable("the hosting helper's list cannot be understood"));
        };
        let next = items.last().filter(|_| more).map(|last| last.service().to_string());
        let listed = |standing: &Standing| {
            let Remote { reference, state, access } = self.remote(standing)?;
            Ok(Listed { service: Some(standing.service()), reference, state, access: Some(access) })
        };
        Ok(Page { items: items.iter().map(listed).collect::<Result<_, ProviderError>>()?, next })
    }

    async fn change(&self, verb: Verb) -> Result<(), ProviderError> {
        let answer = self.ask(verb, Effect::Changes).await?;
        if answer == Answer::Done { Ok(()) } else { Err(unexpected(&answer, Effect::Changes)) }
    }

    async fn measure(&self, target: &Target) -> Result<Usage, ProviderError> {
        let answer = self.ask(Verb::Usage(owned(target)?), Effect::Reads).await?;
        let Answer::Usage(measured) = &answer else { return Err(unexpected(&answer, Effect::Reads)) };
        Ok(Usage {
            activity: if measured.running { "running" } else { "stopped" }.to_owned(),
            memory_bytes: measured.memory_bytes,
            disk_bytes: measured.disk_bytes,
            ..Usage::default()
        })
    }

    async fn health(&self) -> Result<Health, ProviderError> {
        match self.ask(Verb::Check, Effect::Reads).await? {
            Answer::Health { flavour, notes, .. } => Ok(Health { flavour, notes }),
            answer @ (Answer::Done
            | Answer::Absent
            | Answer::Found(_)
            | Answer::Listed { .. }
            | Answer::Usage(_)
            | Answer::Refused { .. }) => Err(unexpected(&answer, Effect::Reads)),
        }
    }

    fn remote(&self, standing: &Standing) -> Result<Remote, ProviderError> {
        let state = match &standing.condition {
            Condition::Making => RemoteState::Installing,
            Condition::Active => RemoteState::Ready,
            Condition::Suspended => RemoteState::Suspended,
            Condition::Silent(why) => RemoteState::Failed(why.clone()),
        };
        let reference = RemoteRef { id: standing.service().to_string(), identifier: standing.name.clone() };
        Ok(Remote { reference, state, access: access(standing, self.settings()?.host.as_str()) })
    }
}

/// What the target's reference names must be the service itself: there the key is the reference.
fn owned(target: &Target) -> Result<Owned, ProviderError> {
    if target.reference.id == target.service.to_string() {
        return Ok(Owned { service: target.service, customer: target.customer });
    }
    Err(refused("the reference names another service"))
}

/// An answer that says no, or one that does not belong to the question.
fn unexpected(answer: &Answer, effect: Effect) -> ProviderError {
    let Answer::Refused { refusal, detail } = answer else {
        return effect.doubt("the hosting helper's answer does not belong to the question");
    };
    let detail = detail.clone();
    match refusal {
        Refusal::Never => ProviderError::Refused { detail },
        Refusal::Full => ProviderError::NoCapacity { detail },
        Refusal::Gone => ProviderError::Gone { detail },
        Refusal::Busy => unavailable(detail),
        // What cannot be made is taken back; a change may be half done, and is looked at.
        Refusal::Failed => match effect {
            Effect::Reads | Effect::Makes => unavailable(detail),
            Effect::Changes => ProviderError::Unknown { detail },
        },
    }
}

fn refused(detail: impl Into<String>) -> ProviderError {
    ProviderError::Refused { detail: detail.into() }
}

fn unavailable(detail: impl Into<String>) -> ProviderError {
    ProviderError::Unavailable { detail: detail.into(), retry_after: None }
}

const fn word(power: Power) -> PowerWord {
    match power {
        Power::Start => PowerWord::Start,
        Power::Stop => PowerWord::Stop,
        Power::Restart => PowerWord::Restart,
        Power::Kill => PowerWord::Kill,
    }
}

impl Provider for LocalProvider {
    fn capabilities(&self) -> Capabilities {
        // Where no helper is configured there is nothing to list, and owners are not offered what cannot be asked of anybody.
        let here = self.0.is_some();
        let does = if here { DOES } else { DOES.split_at(3).0 };
        Capabilities { kinds: KINDS, installs: false, finds: true, lists: here, settle: SETTLE, does }
    }

    fn check_settings(&self, kind: &str, settings: &Value) -> Vec<SettingsProblem> {
        plan::problems(kind, settings)
    }

    fn find<'a>(&'a self, order: &'a ServiceOrder) -> BoxFuture<'a, Result<Lookup, ProviderError>> {
        Box::pin(self.lookup(order))
    }

    fn create<'a>(&'a self, order: &'a ServiceOrder) -> BoxFuture<'a, Result<Remote, ProviderError>> {
        Box::pin(self.make(order))
    }

    fn list_ours<'a>(&'a self, page: Option<&'a str>) -> BoxFuture<'a, Result<Page<Listed>, ProviderError>> {
        Box::pin(self.list(page))
    }

    fn observe<'a>(&'a self, remote: &'a RemoteRef) -> BoxFuture<'a, Result<Remote, ProviderError>> {
        Box::pin(self.look(remote))
    }

    fn check(&self) -> BoxFuture<'_, Result<Health, ProviderError>> {
        Box::pin(self.health())
    }

    fn suspend<'a>(&'a self, target: &'a Target, _why: &'a str) -> BoxFuture<'a, Result<Step, ProviderError>> {
        Box::pin(async move { self.change(Verb::Suspend(owned(target)?)).await.map(|()| Step::Done) })
    }

    fn resume<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Step, ProviderError>> {
        Box::pin(async move { self.change(Verb::Resume(owned(target)?)).await.map(|()| Step::Done) })
    }

    fn terminate<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Step, ProviderError>> {
        Box::pin(async move { self.change(Verb::Terminate(owned(target)?)).await.map(|()| Step::Done) })
    }

    fn power<'a>(&'a self, target: &'a Target, power: Power) -> BoxFuture<'a, Result<(), ProviderError>> {
        Box::pin(async move { self.change(Verb::Power { owned: owned(target)?, power: word(power) }).await })
    }

    fn usage<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Usage, ProviderError>> {
        Box::pin(self.measure(target))
    }

    fn set_password<'a>(
        &'a self,
        target: &'a Target,
        password: &'a SecretString,
    ) -> BoxFuture<'a, Result<(), ProviderError>> {
        Box::pin(async move {
            let password = Password::try_from(password.expose_secret().to_owned())
                .map_err(|expected| refused(format!("the password: {expected}")))?;
            self.change(Verb::SetPassword { owned: owned(target)?, password }).await
        })
    }
}
