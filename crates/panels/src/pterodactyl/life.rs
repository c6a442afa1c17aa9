//! A server's later life: suspended, resumed, deleted, started and stopped, and what it uses.
//!
//! Before anything is changed the server is read, and must be this service's: a number alone may lead to a stranger's after
//! somebody restored the panel's database.

use std::time::Duration;

use provisioning::{ConsoleLink, Health, Power, ProviderError, Step, Target, Usage};
use reqwest::Method;
use serde_json::Value;

use super::{
    Installation,
    answer::{Doubt, Fault, printable},
    flavour::Flavour,
    panel::{misconfigured, refused},
    server::gone,
    wire::{Server, Signal, Stats},
};

/// One call after one look.
pub(super) async fn change(
    place: &Installation,
    target: &Target,
    (method, verb): (Method, &[&str]),
) -> Result<Step, ProviderError> {
    ours(place, target).await?;
    let path = [&["servers", target.reference.id.as_str()], verb].concat();
    match place.panel.act(method, &path).await {
        Ok(()) => Ok(Step::Done),
        Err(Fault::Refusal(refusal)) if refusal.is_absence() => Err(gone(&target.reference.id)),
        Err(fault) => Err(fault.into_error(Doubt::MayHaveHappened)),
    }
}

/// The server stands under the service's id.
pub(super) async fn ours(place: &Installation, target: &Target) -> Result<Server, ProviderError> {
    let id = &target.reference.id;
    let found: Option<Server> =
        place.panel.get_item(&["servers", id], &[]).await.map_err(|fault| fault.into_error(Doubt::Harmless))?;
    let server = found.ok_or_else(|| gone(id))?;
    let key = target.service.to_string();
    if server.external_id.as_deref() == Some(key.as_str()) && server.identifier == target.reference.identifier {
        return Ok(server);
    }
    let found = server.external_id.as_deref().map_or_else(|| "none".to_owned(), printable);
    Err(refused(format!("the panel's server {id} has the external id {found} and not this service's")))
}

/// The panel signs nobody in for us: the customer has a password of their own there.
pub(super) async fn console(place: &Installation, target: &Target) -> Result<ConsoleLink, ProviderError> {
    ours(place, target).await?;
    Ok(ConsoleLink { url: place.server_page(&target.reference.identifier), signs_in: false })
}

pub(super) async fn power(place: &Installation, target: &Target, power: Power) -> Result<(), ProviderError> {
    ours(place, target).await?;
    let path = ["servers", &target.reference.identifier, "power"];
    let sent = place.panel.act_as_client(&path, &Signal { signal: power.as_str() }).await;
    sent.map_err(|fault| fault.into_error(Doubt::MayHaveHappened))
}

pub(super) async fn usage(place: &Installation, target: &Target) -> Result<Usage, ProviderError> {
    let path = ["servers", &target.reference.identifier, "resources"];
    let stats: Stats = place.panel.get_as_client(&path).await.map_err(|fault| fault.into_error(Doubt::Harmless))?;
    Ok(Usage {
        activity: printable(&stats.current_state),
        memory_bytes: stats.resources.memory_bytes,
        disk_bytes: stats.resources.disk_bytes,
        cpu_millis: millis(&stats.resources.cpu_absolute.to_string()),
        uptime: Duration::from_millis(stats.resources.uptime),
    })
}

/// Thousandths of a core from per cent of it, cut after its first decimal. Without floating point.
fn millis(percent: &str) -> u64 {
    let (whole, rest) = percent.split_once('.').unwrap_or((percent, ""));
    let tenth = rest.chars().next().and_then(|digit| digit.to_digit(10)).unwrap_or(0);
    whole.parse::<u64>().unwrap_or(0).saturating_mul(10).saturating_add(u64::from(tenth))
}

/// What we read when we deliver. What we may write shows when we write.
const fn read(flavour: Flavour) -> [&'static str; 4] {
    match flavour {
        Flavour::Pterodactyl => ["nests", "locations", "users", "servers"],
        Flavour::Pelican => ["eggs", "nodes", "users", "servers"],
    }
}

/// Reads one page of each thing that a delivery needs.
pub(super) async fn check(place: &Installation) -> Result<Health, ProviderError> {
    let flavour = place.ask_flavour().await?;
    if place.flavour().await? != flavour {
        return Err(misconfigured(format!(
            "the panel has become a {}: start the shop's programs anew",
            flavour.name()
        )));
    }
    for thing in read(flavour) {
        let read: Result<Value, Fault> = place.panel.get(&[thing], &[("per_page", "1")]).await;
        read.map_err(|fault| named(fault.into_error(Doubt::Harmless), thing))?;
    }
    let mut notes = Vec::new();
    if !place.account_key {
        notes.push(
            "an application key cannot start, stop or measure servers; a root administrator's account key (ptlc_… or pacc_…) can"
                .to_owned(),
        );
    }
    Ok(Health { flavour: flavour.name().to_owned(), notes })
}

/// An error of a read, with what was read.
fn named(error: ProviderError, thing: &str) -> ProviderError {
    if let ProviderError::Unavailable { detail, retry_after } = error {
        return ProviderError::Unavailable { detail: format!("reading its {thing}: {detail}"), retry_after };
    }
    error
}

#[cfg(test)]
mod tests {
    use super::millis;

    #[test]
    fn per_cent_of_a_core_become_thousandths() {
        let cases = [("0", 0), ("12", 120), ("12.5", 125), ("250.09", 2500), ("1e3", 0), ("-1", 0), ("", 0)];
        for (percent, wanted) in cases {
            assert_eq!(millis(percent), wanted, "{percent}");
        }
    }
}
