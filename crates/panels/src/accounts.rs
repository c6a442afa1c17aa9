//! Panels that sell an account: a system user with a domain, a package and somebody's address. WHM and DirectAdmin are such.
//!
//! They keep no id of ours, so that the login is made of the service's id, and an account is the service's when the login,
//! the owner's address and a domain that the order would have all fit. What an account panel can do is written down once,
//! here; how it is asked is each panel's own.

use std::{future::Future, time::Duration};

use kernel::{Id, entity};
use provisioning::{
    Ability, AccessField, Capabilities, ConsoleLink, DomainName, Health, Lookup, ProviderError, Remote, RemoteRef,
    RemoteState, ServiceOrder, SettingsProblem, Step, Target, Usage,
};
use reqwest::Url;
use secrecy::SecretString;
use serde_json::Value;

use crate::{
    Adapter,
    answer::{printable, refused},
    kind_problems,
    names::{account, domains, nobodys_password},
    settings::listed,
};

const KINDS: &[&str] = &["hosting"];
const DOES: &[Ability] =
    &[Ability::Suspend, Ability::Resume, Ability::Terminate, Ability::Change, Ability::Console, Ability::Usage];

/// An account, as the panel tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its owner's address.
    pub email: String,
    /// Its first domain.
    pub domain: String,
    /// Its package.
    pub package: String,
    /// Whether it is suspended.
    pub suspended: bool,
    /// Disk in use, in bytes.
    pub disk_bytes: u64,
}

/// An account that is to be made.
#[derive(Debug)]
pub struct NewAccount<'a> {
    /// Its login.
    pub login: &'a str,
    /// Its owner's address.
    pub email: &'a str,
    /// Its domain.
    pub domain: &'a str,
    /// What nobody signs in with.
    pub password: &'a SecretString,
    /// The product's settings, which are right.
    pub settings: &'a Value,
}

/// What came of making one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// The panel says that it is made.
    Made,
    /// The panel says no; whoever asked looks whether it stands nevertheless. `domain` when it is about the domain.
    No {
        /// What it said.
        why: String,
        /// Another domain may do.
        domain: bool,
    },
}

type Answer<T> = Result<T, ProviderError>;

/// How one kind of panel is asked. One call each.
pub trait AccountPanel: Send + Sync {
    /// How long a lost request to make an account may still run there.
    const SETTLE: Duration;
    /// What people call such a panel.
    const FLAVOUR: &'static str;
    /// What it does with an account.
    const DOES: &'static [Ability] = DOES;

    /// The domain beneath which free subdomains are given.
    fn subdomain_base(&self) -> &DomainName;

    /// Where its customers sign in.
    fn url(&self) -> &Url;

    /// What is wrong with a product's settings.
    fn problems(settings: &Value) -> Vec<SettingsProblem>;

    /// The package of settings that are right.
    fn package(settings: &Value) -> String {
        settings.get("package").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Whether the panel means this package by that name.
    fn is_package(found: &str, wanted: &str) -> bool {
        found == wanted
    }

    /// Tries the credentials. What an operator should know.
    fn greet(&self) -> impl Future<Output = Answer<Vec<String>>> + Send;

    /// The account; `None` when the panel itself says that there is none.
    fn account(&self, login: &str) -> impl Future<Output = Answer<Option<Account>>> + Send;

    /// Makes one.
    fn add(&self, new: &NewAccount<'_>) -> impl Future<Output = Answer<Added>> + Send;

    /// Suspends it, or lets it go on.
    fn set_suspended(&self, login: &str, suspended: bool, why: &str) -> impl Future<Output = Answer<()>> + Send;

    /// Removes it for good.
    fn remove(&self, login: &str) -> impl Future<Output = Answer<()>> + Send;

    /// Gives it another package.
    fn set_package(&self, login: &str, package: &str) -> impl Future<Output = Answer<()>> + Send;

    /// An address that signs its owner in, once.
    fn sign_in(&self, login: &str) -> impl Future<Output = Answer<String>> + Send;
}

/// Delivers accounts on such a panel.
#[derive(Debug)]
pub struct AccountProvider<P>(P);

impl<P: AccountPanel> AccountProvider<P> {
    /// The provider on this panel.
    pub const fn on(panel: P) -> Self {
        Self(panel)
    }

    /// The service's account, which must be there and the service's.
    async fn ours(&self, target: &Target) -> Answer<Account> {
        let login = &target.reference.id;
        let found = self.0.account(login).await?.ok_or_else(|| gone(login))?;
        if *login == account(target.service) && found.domain == target.reference.identifier {
            return Ok(found);
        }
        Err(refused(format!("the panel's account {login} is not this service's")))
    }

    fn belongs(&self, found: &Account, order: &ServiceOrder) -> Answer<bool> {
        let names = domains(order.delivery.domain.as_ref(), self.0.subdomain_base(), order.service)?;
        Ok(found.email.trim().to_lowercase() == order.owner.email.as_str() && names.contains(&found.domain))
    }

    fn remote(&self, login: &str, found: &Account) -> Remote {
        let field = |label: &str, value: String| AccessField { label: label.to_owned(), value };
        let access = vec![
            field("Address", format!("http://{}", printable(&found.domain))),
            field("Panel", self.0.url().to_string()),
            field("User", login.to_owned()),
        ];
        let state = if found.suspended { RemoteState::Suspended } else { RemoteState::Ready };
        let reference = RemoteRef { id: login.to_owned(), identifier: found.domain.clone() };
        Remote { reference, state, access }
    }

    /// Makes the account under the first domain that the panel takes.
    async fn make(&self, order: &ServiceOrder) -> Answer<Remote> {
        let login = account(order.service);
        let password = nobodys_password();
        let mut said = "there is no domain to make it under".to_owned();
        for domain in domains(order.delivery.domain.as_ref(), self.0.subdomain_base(), order.service)? {
            let email = order.owner.email.as_str();
            let new =
                NewAccount { login: &login, email, domain: &domain, password: &password, settings: &order.settings };
            match self.0.add(&new).await? {
                Added::Made => return self.seen(&login).await,
                // A try that was lost may have made it: then it is there, and ours.
                Added::No { why, domain } => match self.find(order).await {
                    Ok(Lookup::Ours(remote)) => return Ok(remote),
                    Ok(Lookup::Absent) if domain => said = why,
                    Ok(Lookup::Absent) => return Err(refused(printable(&why))),
                    Ok(Lookup::Foreign(whose)) => return Err(refused(whose)),
                    Err(error) => return Err(unseen(&error.to_string())),
                },
            }
        }
        Err(refused(printable(&said)))
    }

    /// What the panel says it made. It counts when it is seen.
    async fn seen(&self, login: &str) -> Answer<Remote> {
        let found = self.0.account(login).await.map_err(|error| unseen(&error.to_string()))?;
        found.map(|found| self.remote(login, &found)).ok_or_else(|| unseen("no such account"))
    }

    async fn set(&self, target: &Target, suspended: bool, why: &str) -> Answer<Step> {
        if self.ours(target).await?.suspended != suspended {
            self.0.set_suspended(&target.reference.id, suspended, why).await?;
        }
        Ok(Step::Done)
    }
}

fn gone(login: &str) -> ProviderError {
    ProviderError::Gone { detail: format!("the panel has no account {login}") }
}

fn unseen(why: &str) -> ProviderError {
    ProviderError::Unknown { detail: format!("the panel said that it is made, and it is not seen: {why}") }
}

impl<P: AccountPanel> Adapter for AccountProvider<P> {
    fn capabilities(&self) -> Capabilities {
        Capabilities { kinds: KINDS, installs: false, finds: true, lists: false, settle: P::SETTLE, does: P::DOES }
    }

    fn check_settings(&self, kind: &str, settings: &Value) -> Vec<SettingsProblem> {
        kind_problems(kind, KINDS).into_iter().chain(P::problems(settings)).collect()
    }

    async fn check(&self) -> Answer<Health> {
        let notes = self.0.greet().await?;
        Ok(Health { flavour: P::FLAVOUR.to_owned(), notes })
    }

    async fn find(&self, order: &ServiceOrder) -> Answer<Lookup> {
        let login = account(order.service);
        Ok(match self.0.account(&login).await? {
            None => Lookup::Absent,
            Some(found) if self.belongs(&found, order)? => Lookup::Ours(self.remote(&login, &found)),
            Some(found) => {
                let whose = printable(&found.email);
                Lookup::Foreign(format!("the panel's account {login} is {whose}'s, under {}", printable(&found.domain)))
            }
        })
    }

    async fn create(&self, order: &ServiceOrder) -> Answer<Remote> {
        let problems = P::problems(&order.settings);
        if !problems.is_empty() {
            return Err(refused(format!("the product's settings are wrong: {}", listed(&problems))));
        }
        match self.find(order).await? {
            Lookup::Ours(remote) => Ok(remote),
            Lookup::Foreign(whose) => Err(refused(whose)),
            Lookup::Absent => self.make(order).await,
        }
    }

    async fn observe(&self, remote: &RemoteRef) -> Answer<Remote> {
        let found = self.0.account(&remote.id).await?.ok_or_else(|| gone(&remote.id))?;
        Ok(self.remote(&remote.id, &found))
    }

    async fn suspend(&self, target: &Target, why: &str) -> Answer<Step> {
        self.set(target, true, why).await
    }

    async fn resume(&self, target: &Target) -> Answer<Step> {
        self.set(target, false, "").await
    }

    async fn terminate(&self, target: &Target) -> Answer<Step> {
        self.ours(target).await?;
        self.0.remove(&target.reference.id).await?;
        Ok(Step::Done)
    }

    async fn change(&self, target: &Target, to: &ServiceOrder) -> Answer<Step> {
        let problems = P::problems(&to.settings);
        if !problems.is_empty() {
            return Err(refused(format!("the new plan's settings are wrong: {}", listed(&problems))));
        }
        let (login, wanted) = (&target.reference.id, P::package(&to.settings));
        if P::is_package(&self.ours(target).await?.package, &wanted) {
            return Ok(Step::Done);
        }
        self.0.set_package(login, &wanted).await?;
        match self.ours(target).await {
            Ok(found) if P::is_package(&found.package, &wanted) => Ok(Step::Done),
            Ok(_) | Err(_) => {
                Err(ProviderError::Unknown { detail: "the package is not seen to be another".to_owned() })
            }
        }
    }

    async fn console(&self, target: &Target) -> Answer<ConsoleLink> {
        self.ours(target).await?;
        Ok(ConsoleLink { url: self.0.sign_in(&target.reference.id).await?, signs_in: true })
    }

    async fn usage(&self, target: &Target) -> Answer<Usage> {
        if !P::DOES.contains(&Ability::Usage) {
            return Err(ProviderError::Unsupported { ability: Ability::Usage });
        }
        let found = self.ours(target).await?;
        let activity = if found.suspended { "suspended" } else { "running" };
        Ok(Usage { activity: activity.to_owned(), disk_bytes: found.disk_bytes, ..Usage::default() })
    }
}

/// The login that a service has on such a panel, for whoever looks by hand.
pub fn login_of(service: Id<entity::Service>) -> String {
    account(service)
}
