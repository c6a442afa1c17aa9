//! A machine, as its configuration tells of it. What we know it by stands in its description and among its tags.

use kernel::{Id, entity};
use provisioning::{ProviderError, RemoteState};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    ProxmoxSettings,
    settings::{Plan, Promised, Size},
};
use crate::answer::unavailable;

/// So many numbers are looked at for one service.
const PROBES: u32 = 16;
/// Its set-up is over.
pub(super) const READY: &str = "hw-ready";
/// It is suspended: Proxmox has no such state for customers.
pub(super) const SUSPENDED: &str = "hw-suspended";

/// A machine.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub(super) running: bool,
    /// It is still being copied: nothing else is known of it then.
    pub(super) copying: bool,
    /// Whose it is, and how large it was promised.
    pub(super) promise: Option<(Id<entity::Service>, Promised)>,
    pub(super) tags: Vec<String>,
    pub(super) cores: u32,
    /// In MiB.
    pub(super) memory: u32,
    /// In GiB.
    pub(super) disk: u32,
}

impl Machine {
    /// Reads it; `None` when a value is not one that is known.
    pub(super) fn read(running: bool, config: &Value) -> Option<Self> {
        let table = config.as_object()?;
        let text = |key: &str| table.get(key).and_then(Value::as_str).unwrap_or_default();
        // Other locks, of backups and migrations, come and go; the machine is what it is.
        let copying = table.get("lock").and_then(Value::as_str) == Some("clone");
        let disk = text("scsi0").split(',').find_map(|part| part.strip_prefix("size=")).map_or(Some(0), gibibytes)?;
        Some(Self {
            running,
            copying,
            promise: promise(text("description")),
            tags: tags(text("tags")),
            cores: number(table.get("cores")).unwrap_or(1),
            memory: number(table.get("memory")).unwrap_or(512),
            disk,
        })
    }

    pub(super) fn has(&self, tag: &str) -> bool {
        self.tags.iter().any(|known| known == tag)
    }

    pub(super) fn is_of(&self, service: Id<entity::Service>) -> bool {
        self.promise.as_ref().is_some_and(|(known, _)| *known == service)
    }

    /// As large as this, or larger in its disk.
    pub(super) const fn measures(&self, size: &Size) -> bool {
        self.cores == size.cores && self.memory == size.memory && self.disk >= size.disk
    }

    pub(super) fn state(&self) -> RemoteState {
        if self.has(SUSPENDED) && !self.running {
            RemoteState::Suspended
        } else if self.has(READY) {
            RemoteState::Ready
        } else {
            RemoteState::Installing
        }
    }

    /// Its tags with this one, or without it.
    pub(super) fn tags_with(&self, tag: &str, wanted: bool) -> String {
        let mut tags: Vec<&str> = self.tags.iter().map(String::as_str).filter(|known| *known != tag).collect();
        if wanted {
            tags.push(tag);
        }
        tags.join(";")
    }
}

/// What a machine is known by: `svc_… {"cores":2,…}` in its description.
pub(super) fn description(service: Id<entity::Service>, promised: &Promised) -> String {
    let promised = serde_json::to_string(promised).unwrap_or_default();
    format!("{service} {promised}")
}

fn promise(description: &str) -> Option<(Id<entity::Service>, Promised)> {
    let (service, promised) = description.trim().split_once(' ')?;
    Some((service.parse().ok()?, serde_json::from_str(promised).ok()?))
}

/// The tag of a service, by which a list tells whose a machine is. Tags have no underscores everywhere.
pub(super) fn tag(service: Id<entity::Service>) -> String {
    format!("svc-{}", service.uuid().simple())
}

/// The service of a tag.
pub(super) fn service_of(tags: &[String]) -> Option<Id<entity::Service>> {
    tags.iter().find_map(|tag| format!("svc_{}", tag.strip_prefix("svc-")?).parse().ok())
}

/// Tags as they stand in configurations and lists.
pub(super) fn tags(text: &str) -> Vec<String> {
    text.split([';', ',', ' ']).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}

/// The numbers that a service's machine may have, in the order of trying. Of the service's id alone, so that every try looks
/// at the same ones; all of them, since one that was taken then may be free now.
pub(super) fn numbers(settings: &ProxmoxSettings, service: Id<entity::Service>) -> Vec<u32> {
    let hash = Sha256::digest(service.to_string());
    let start = hash.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    let (first, last) = (*settings.vmids.start(), *settings.vmids.end());
    let span = u64::from(last - first) + 1;
    let number = |probe: u32| u32::try_from((start.wrapping_add(u64::from(probe))) % span).map(|step| first + step);
    (0..PROBES).filter_map(|probe| number(probe).ok()).collect()
}

/// The fields that make a copied machine what was promised.
pub(super) fn set_up(service: Id<entity::Service>, promised: &Promised) -> Vec<(&'static str, String)> {
    vec![
        ("cores", promised.size.cores.to_string()),
        ("memory", promised.size.memory.to_string()),
        ("tags", tag(service)),
        ("onboot", "1".to_owned()),
        ("ciuser", promised.user.clone()),
        ("ipconfig0", promised.ip.clone()),
    ]
}

/// The host name of a service's machine.
pub(super) fn host_name(service: Id<entity::Service>) -> String {
    let id = service.uuid().simple().to_string();
    let tail: String = id.chars().skip(id.len().saturating_sub(12)).collect();
    format!("vm-{tail}")
}

/// What a clone is asked for.
pub(super) fn clone_fields(service: Id<entity::Service>, plan: &Plan, number: u32) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("newid", number.to_string()),
        ("name", host_name(service)),
        ("full", "1".to_owned()),
        ("target", plan.node.clone()),
        ("description", description(service, &plan.promised())),
    ];
    fields.extend(plan.storage.clone().map(|storage| ("storage", storage)));
    fields
}

fn number(value: Option<&Value>) -> Option<u32> {
    let value = value?;
    value.as_u64().and_then(|number| u32::try_from(number).ok()).or_else(|| value.as_str()?.parse().ok())
}

/// `20G`, `20480M`, `1T`.
fn gibibytes(text: &str) -> Option<u32> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u32 = digits.parse().ok()?;
    match text.trim_start_matches(|c: char| c.is_ascii_digit()) {
        "G" => Some(number),
        "T" => number.checked_mul(1024),
        "M" => Some(number / 1024),
        _ => None,
    }
}

/// Half a machine is not one that decisions are made on.
pub(super) fn unreadable() -> ProviderError {
    unavailable("a machine's configuration cannot be read: the cluster may be of another version", None)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;

    #[test]
    fn what_is_written_into_a_description_is_read_again() {
        let service = kernel::Env::system().id();
        let size = Size { cores: 2, memory: 2048, disk: 20 };
        let promised = Promised { size, user: "debian".to_owned(), ip: "ip=dhcp".to_owned() };
        let text = description(service, &promised);
        assert_eq!(promise(&format!("{text}\n")), Some((service, promised)), "as the panel shows it");
        for other in ["", "a friend's machine", "svc_nonsense {}", &service.to_string()] {
            assert_eq!(promise(other), None, "{other}");
        }
        assert_eq!(service_of(&tags(&format!("x;{};y", tag(service)))), Some(service));
    }

    #[test]
    fn sizes_are_read_with_their_unit() {
        assert_eq!(["20G", "1T", "20480M", "5X", ""].map(gibibytes), [Some(20), Some(1024), Some(20), None, None]);
    }
}
