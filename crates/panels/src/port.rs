//! The provider's port without its boxes: what an adapter writes.

use std::future::Future;

use kernel::Page;
use provisioning::{
    Ability, Adoption, Capabilities, ConsoleLink, Health, Listed, Lookup, Mode, PollToken, Power, ProviderError,
    Remote, RemoteRef, RoomFor, ServiceOrder, SettingsProblem, Step, Stray, Target, Usage,
};
use secrecy::SecretString;

type Answer<T> = Result<T, ProviderError>;

/// What [`provisioning::Provider`] asks for, word for word, as plain `async fn`s. [`crate::Gated`] makes a provider of it.
/// What is left out answers [`ProviderError::Unsupported`], and must not be claimed in its capabilities.
pub trait Adapter: Send + Sync {
    /// See [`provisioning::Provider::capabilities`].
    fn capabilities(&self) -> Capabilities;

    /// See [`provisioning::Provider::check_settings`].
    fn check_settings(&self, kind: &str, settings: &serde_json::Value) -> Vec<SettingsProblem>;

    /// See [`provisioning::Provider::check`].
    fn check(&self) -> impl Future<Output = Answer<Health>> + Send;

    /// See [`provisioning::Provider::find`].
    fn find(&self, order: &ServiceOrder) -> impl Future<Output = Answer<Lookup>> + Send;

    /// See [`provisioning::Provider::create`].
    fn create(&self, order: &ServiceOrder) -> impl Future<Output = Answer<Remote>> + Send;

    /// See [`provisioning::Provider::observe`].
    fn observe(&self, remote: &RemoteRef) -> impl Future<Output = Answer<Remote>> + Send;

    /// See [`provisioning::Provider::room`].
    fn room(&self, ask: &RoomFor) -> impl Future<Output = Answer<()>> + Send {
        let _ = ask;
        unsupported(Ability::Room)
    }

    /// See [`provisioning::Provider::list_ours`].
    fn list_ours(&self, page: Option<&str>) -> impl Future<Output = Answer<Page<Listed>>> + Send {
        let _ = page;
        async { Ok(Page::only(Vec::new())) }
    }

    /// See [`provisioning::Provider::suspend`].
    fn suspend(&self, target: &Target, why: &str) -> impl Future<Output = Answer<Step>> + Send {
        let _ = (target, why);
        unsupported(Ability::Suspend)
    }

    /// See [`provisioning::Provider::resume`].
    fn resume(&self, target: &Target) -> impl Future<Output = Answer<Step>> + Send {
        let _ = target;
        unsupported(Ability::Resume)
    }

    /// See [`provisioning::Provider::terminate`].
    fn terminate(&self, target: &Target) -> impl Future<Output = Answer<Step>> + Send {
        let _ = target;
        unsupported(Ability::Terminate)
    }

    /// See [`provisioning::Provider::change`].
    fn change(&self, target: &Target, to: &ServiceOrder) -> impl Future<Output = Answer<Step>> + Send {
        let _ = (target, to);
        unsupported(Ability::Change)
    }

    /// See [`provisioning::Provider::reinstall`].
    fn reinstall(&self, target: &Target) -> impl Future<Output = Answer<Step>> + Send {
        let _ = target;
        unsupported(Ability::Reinstall)
    }

    /// See [`provisioning::Provider::strays`].
    fn strays(&self, page: Option<&str>) -> impl Future<Output = Answer<Page<Stray>>> + Send {
        let _ = page;
        unsupported(Ability::Adopt)
    }

    /// See [`provisioning::Provider::adopt`].
    fn adopt(&self, order: &ServiceOrder, id: &str, mode: Mode) -> impl Future<Output = Answer<Adoption>> + Send {
        let _ = (order, id, mode);
        unsupported(Ability::Adopt)
    }

    /// See [`provisioning::Provider::poll`].
    fn poll(&self, token: &PollToken) -> impl Future<Output = Answer<Step>> + Send {
        let _ = token;
        unsupported(Ability::Poll)
    }

    /// See [`provisioning::Provider::console`].
    fn console(&self, target: &Target) -> impl Future<Output = Answer<ConsoleLink>> + Send {
        let _ = target;
        unsupported(Ability::Console)
    }

    /// See [`provisioning::Provider::power`].
    fn power(&self, target: &Target, power: Power) -> impl Future<Output = Answer<()>> + Send {
        let _ = (target, power);
        unsupported(Ability::Power)
    }

    /// See [`provisioning::Provider::usage`].
    fn usage(&self, target: &Target) -> impl Future<Output = Answer<Usage>> + Send {
        let _ = target;
        unsupported(Ability::Usage)
    }

    /// See [`provisioning::Provider::set_password`].
    fn set_password(&self, target: &Target, password: &SecretString) -> impl Future<Output = Answer<()>> + Send {
        let _ = (target, password);
        unsupported(Ability::SetPassword)
    }
}

fn unsupported<T: Send>(ability: Ability) -> impl Future<Output = Answer<T>> + Send {
    std::future::ready(Err(ProviderError::Unsupported { ability }))
}
