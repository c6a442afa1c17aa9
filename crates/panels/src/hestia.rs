//! Websites on a HestiaCP server, through its API for access keys: one user of the panel's for each service.
//!
//! The user's login is made of the service's id, and its name *is* the service's id: that proves whose it is. The user comes
//! first, which harms nobody; the service is its website. The exit code of the panel's command says what happened, never the
//! HTTP status, by which a user that is suspended already is not authorised.

use std::time::Duration;

use kernel::{EmailAddress, Id, Page, entity};
use provisioning::{
    Ability, AccessField, Capabilities, ConsoleLink, DomainName, Health, Listed, Lookup, ProviderError, Remote,
    RemoteRef, RemoteState, ServiceOrder, SettingsProblem, Step, Target, Usage,
};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use self::call::{Caller, Doubt, Exit, User};
use crate::{
    Adapter, Limits, Line,
    answer::{printable, refused, unavailable},
    file::{Entry, Instance, Type},
    kind_problems,
    names::{account, domains, nobodys_password},
    settings::{package, package_of},
};

mod call;

const KINDS: &[&str] = &["hosting"];
const DOES: &[Ability] = &[
    Ability::Suspend,
    Ability::Resume,
    Ability::Terminate,
    Ability::Change,
    Ability::Console,
    Ability::Usage,
    Ability::SetPassword,
];
/// `v-add-user` makes a system user, then a password, then files: its request may run for minutes.
const SETTLE: Duration = Duration::from_mins(3);

/// The `type` of the providers file.
pub const TYPE: Type = Type { name: "hestia", limits: Limits { per_minute: 120, at_once: 2 }, read };

fn read(entry: &mut Entry<'_, '_>) -> Option<Instance> {
    let url = entry.url();
    let key = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric());
    let access_key = entry.needs("access_key", key, "expected the access key's id, letters and digits");
    let secret = entry.secret(("secret_env", "secret_file"), 16);
    let base = entry.domain("subdomain_base");
    let settings = HestiaSettings { url: url?, access_key: access_key?, secret: secret?, subdomain_base: base? };
    let url = settings.url.clone();
    Some(Instance::new(Some(url), move |line| HestiaProvider::new(line, settings.clone())))
}

/// Where the panel is.
#[derive(Debug, Clone)]
pub struct HestiaSettings {
    /// Its address, with its port: `https://host:8083`.
    pub url: Url,
    /// The access key's id.
    pub access_key: String,
    /// Its secret. Without it settings can be checked, and every call is unavailable.
    pub secret: Option<SecretString>,
    /// The domain beneath which free subdomains are given.
    pub subdomain_base: DomainName,
}

/// Delivers websites.
#[derive(Debug)]
pub struct HestiaProvider(Caller);

impl HestiaProvider {
    /// The provider on this panel.
    pub const fn new(line: Line, settings: HestiaSettings) -> Self {
        Self(Caller { line, settings })
    }

    /// The user with this login, with its websites.
    async fn look(&self, login: &str) -> Result<Option<User>, ProviderError> {
        let Some(mut user) = self.0.user(login).await? else { return Ok(None) };
        user.domains = self.0.domains(login).await?;
        Ok(Some(user))
    }

    /// The service's user, which must be there and the service's.
    async fn ours(&self, target: &Target) -> Result<User, ProviderError> {
        let login = &target.reference.id;
        let user = self.0.user(login).await?.ok_or_else(|| gone(login))?;
        if user.name == target.service.to_string() && *login == account(target.service) {
            return Ok(user);
        }
        Err(refused(format!("the panel's user {login} is not this service's")))
    }

    fn remote(&self, login: &str, user: &User) -> Remote {
        let field = |label: &str, value: String| AccessField { label: label.to_owned(), value };
        let address = user.domains.first().map(|name| field("Address", format!("http://{name}")));
        let panel = [field("Panel", self.0.settings.url.to_string()), field("User", login.to_owned())];
        let access = address.into_iter().chain(panel).collect();
        Remote { reference: reference(login), state: user.state(), access }
    }

    /// The panel's user for this service. A lost answer harms nobody: the next try finds it by its login.
    async fn ensure_user(&self, order: &ServiceOrder, package: &str) -> Result<User, ProviderError> {
        let (login, key) = (account(order.service), order.service.to_string());
        let known = if let Some(user) = self.look(&login).await? {
            user
        } else {
            let (file, doubt) = (self.0.hand_over(&login, &nobodys_password()).await?, Doubt::Harmless);
            let args = [login.as_str(), &file, order.owner.email.as_str(), package, &key];
            let exit = self.0.run("v-add-user", &args, doubt).await?;
            exit.among(&[Exit::Done, Exit::Exists], "v-add-user", doubt)?;
            self.look(&login).await?.ok_or_else(|| unavailable("the user that was added is not shown", None))?
        };
        if belongs(&known, order.service, &order.owner.email) {
            return Ok(known);
        }
        Err(refused(format!("the panel has a user {login} that is not this service's")))
    }

    /// The first name that nobody has.
    async fn add_domain(&self, order: &ServiceOrder, login: &str) -> Result<(), ProviderError> {
        let base = &self.0.settings.subdomain_base;
        for domain in domains(order.delivery.domain.as_ref(), base, order.service)? {
            let (command, doubt) = ("v-add-web-domain", Doubt::MayHaveHappened);
            let exit = self.0.run(command, &[login, &domain], doubt).await?;
            let exit = exit.among(&[Exit::Done, Exit::Exists], command, doubt)?;
            // Domains are one user's on the whole panel. It may be ours by a try that was lost: whoever looks sees it.
            if exit == Exit::Done || !self.0.domains(login).await?.is_empty() {
                return Ok(());
            }
        }
        Err(refused("every name for this website is taken on the panel"))
    }

    /// One command after one look.
    async fn act(&self, target: &Target, command: &str, done: impl Fn(&User) -> bool) -> Result<Step, ProviderError> {
        let user = self.ours(target).await?;
        if done(&user) {
            return Ok(Step::Done);
        }
        let login = &target.reference.id;
        let exit = self.0.run(command, &[login], Doubt::MayHaveHappened).await?;
        let known = [Exit::Done, Exit::Suspended, Exit::Unsuspended, Exit::NotExist];
        let exit = exit.among(&known, command, Doubt::MayHaveHappened)?;
        if exit == Exit::NotExist { Err(gone(login)) } else { Ok(Step::Done) }
    }
}

fn belongs(user: &User, service: Id<entity::Service>, email: &EmailAddress) -> bool {
    user.name == service.to_string() && user.contact.trim().to_lowercase() == email.as_str()
}

fn reference(login: &str) -> RemoteRef {
    RemoteRef { id: login.to_owned(), identifier: login.to_owned() }
}

fn gone(login: &str) -> ProviderError {
    ProviderError::Gone { detail: format!("the panel has no user {login}") }
}

impl Adapter for HestiaProvider {
    fn capabilities(&self) -> Capabilities {
        Capabilities { kinds: KINDS, installs: false, finds: true, lists: true, settle: SETTLE, does: DOES }
    }

    fn check_settings(&self, kind: &str, settings: &Value) -> Vec<SettingsProblem> {
        let mut problems = kind_problems(kind, KINDS);
        problems.extend(package(settings).err().unwrap_or_default());
        problems
    }

    async fn check(&self) -> Result<Health, ProviderError> {
        let users = self.0.users().await?.len();
        let notes = vec![format!("it shows {users} users; what the key may change shows when something is changed")];
        Ok(Health { flavour: "HestiaCP".to_owned(), notes })
    }

    async fn find(&self, order: &ServiceOrder) -> Result<Lookup, ProviderError> {
        let login = account(order.service);
        Ok(match self.look(&login).await? {
            None => Lookup::Absent,
            Some(user) if !belongs(&user, order.service, &order.owner.email) => {
                Lookup::Foreign(format!("the panel's user {login} belongs to {}", printable(&user.contact)))
            }
            // The user is there and the website is not: nothing of what was bought stands.
            Some(user) if user.domains.is_empty() => Lookup::Absent,
            Some(user) => Lookup::Ours(self.remote(&login, &user)),
        })
    }

    async fn create(&self, order: &ServiceOrder) -> Result<Remote, ProviderError> {
        let (login, package) = (account(order.service), package_of(order)?);
        let user = self.ensure_user(order, &package).await?;
        if user.domains.is_empty() {
            self.add_domain(order, &login).await?;
        }
        let seen = self.look(&login).await;
        // The website stands, so nothing that is not seen may be told as nothing.
        let unseen = |why: String| ProviderError::Unknown { detail: format!("it was made and is not seen: {why}") };
        let user = seen.map_err(|error| unseen(error.to_string()))?.ok_or_else(|| unseen("no such user".to_owned()))?;
        Ok(self.remote(&login, &user))
    }

    async fn observe(&self, remote: &RemoteRef) -> Result<Remote, ProviderError> {
        let user = self.look(&remote.id).await?.ok_or_else(|| gone(&remote.id))?;
        Ok(self.remote(&remote.id, &user))
    }

    async fn list_ours(&self, _: Option<&str>) -> Result<Page<Listed>, ProviderError> {
        let users = self.0.users().await?;
        let ours = users.into_iter().filter(|(_, user)| user.websites > 0).filter_map(|(login, user)| {
            let service = user.name.parse::<Id<entity::Service>>().ok()?;
            Some(Listed { service: Some(service), reference: reference(&login), state: user.state(), access: None })
        });
        Ok(Page::only(ours.collect()))
    }

    async fn suspend(&self, target: &Target, _why: &str) -> Result<Step, ProviderError> {
        self.act(target, "v-suspend-user", |user| user.state() == RemoteState::Suspended).await
    }

    async fn resume(&self, target: &Target) -> Result<Step, ProviderError> {
        self.act(target, "v-unsuspend-user", |user| user.state() != RemoteState::Suspended).await
    }

    async fn terminate(&self, target: &Target) -> Result<Step, ProviderError> {
        self.act(target, "v-delete-user", |_| false).await
    }

    async fn change(&self, target: &Target, to: &ServiceOrder) -> Result<Step, ProviderError> {
        let wanted = package_of(to)?;
        if self.ours(target).await?.package == wanted {
            return Ok(Step::Done);
        }
        let (login, doubt) = (&target.reference.id, Doubt::MayHaveHappened);
        let exit = self.0.run("v-change-user-package", &[login, &wanted], doubt).await?;
        exit.among(&[Exit::Done], "v-change-user-package", doubt)?;
        match self.ours(target).await {
            Ok(user) if user.package == wanted => Ok(Step::Done),
            Ok(_) | Err(_) => {
                Err(ProviderError::Unknown { detail: "the package is not seen to be another".to_owned() })
            }
        }
    }

    async fn console(&self, target: &Target) -> Result<ConsoleLink, ProviderError> {
        self.ours(target).await?;
        Ok(ConsoleLink { url: self.0.settings.url.to_string(), signs_in: false })
    }

    async fn usage(&self, target: &Target) -> Result<Usage, ProviderError> {
        let user = self.ours(target).await?;
        let activity = if user.state() == RemoteState::Suspended { "suspended" } else { "running" };
        Ok(Usage { activity: activity.to_owned(), disk_bytes: user.disk_mebibytes << 20, ..Usage::default() })
    }

    async fn set_password(&self, target: &Target, password: &SecretString) -> Result<(), ProviderError> {
        self.ours(target).await?;
        if password.expose_secret().chars().any(char::is_control) {
            return Err(refused("the panel takes no password with control characters"));
        }
        let (login, doubt) = (&target.reference.id, Doubt::MayHaveHappened);
        let file = self.0.hand_over(login, password).await?;
        let exit = self.0.run("v-change-user-password", &[login, &file], doubt).await?;
        // The key was good a moment ago: this code is about the password.
        if exit == Exit::Password {
            return Err(refused("the panel takes no such password"));
        }
        exit.among(&[Exit::Done], "v-change-user-password", doubt).map(drop)
    }
}
