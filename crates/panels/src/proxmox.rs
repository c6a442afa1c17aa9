//! Virtual machines on a Proxmox VE cluster: copies of a template, with numbers from a range that is the shop's alone.
//!
//! A number is made of the service's id; what proves whose a machine is stands in its description (while it is new) and among
//! its tags. Copying takes a while and tells nothing of the copy until it is over. So `create` asks for the copy alone, and the
//! rest of the set-up (size, disk, start), each step of which can be taken twice, follows as it is observed.

use std::time::Duration;

use kernel::{Id, Page, entity};
use provisioning::{
    Ability, AccessField, Capabilities, Health, Listed, Lookup, PollToken, Power, ProviderError, Remote, RemoteRef,
    RemoteState, ServiceOrder, SettingsProblem, Step, Target, USUAL_SETTLE, Usage,
};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

pub use self::settings::ProxmoxSettings;
use self::{
    api::{Cluster, Refusal},
    machine::{Machine, READY, SUSPENDED, clone_fields, description, numbers, service_of, tags, unreadable},
    settings::Plan,
};
use crate::{
    Adapter, Limits, Line,
    answer::{at, refused, unavailable},
    file::{Entry, Instance, Type},
    kind_problems,
    settings::listed,
};

mod api;
mod machine;
mod settings;
mod steps;

const KINDS: &[&str] = &["vps", "cloud"];
const DOES: &[Ability] = &[
    Ability::Suspend,
    Ability::Resume,
    Ability::Terminate,
    Ability::Change,
    Ability::Poll,
    Ability::Power,
    Ability::Usage,
    Ability::SetPassword,
];
/// When to look again at what takes a while.
const CHECK_AFTER: Duration = Duration::from_secs(3);

/// The `type` of the providers file. Copies that run side by side wait for each other's locks.
pub const TYPE: Type = Type { name: "proxmox", limits: Limits { per_minute: 300, at_once: 2 }, read };

fn read(entry: &mut Entry<'_, '_>) -> Option<Instance> {
    let settings = ProxmoxSettings::read(entry)?;
    let url = settings.url.clone();
    Some(Instance::new(Some(url), move |line| ProxmoxProvider::new(line, settings.clone())))
}

/// Delivers virtual machines.
#[derive(Debug)]
pub struct ProxmoxProvider(Cluster);

/// A machine in the cluster's list.
struct Place {
    number: u32,
    node: String,
    running: bool,
    tags: Vec<String>,
}

impl ProxmoxProvider {
    /// The provider on this cluster.
    pub const fn new(line: Line, settings: ProxmoxSettings) -> Self {
        Self(Cluster { line, settings })
    }

    /// Every machine of the cluster that is no template.
    async fn places(&self) -> Result<Vec<Place>, ProviderError> {
        let data = self.0.get(&["cluster", "resources"]).await?;
        let lines = data.as_array().ok_or_else(unreadable)?;
        let is_machine = |line: &&Value| at(line, "type") == "qemu";
        let place = |line: &Value| {
            let number = u32::try_from(at(line, "vmid").as_u64()?).ok()?;
            let (node, status) = (at(line, "node").as_str()?.to_owned(), at(line, "status").as_str()?);
            let tags = tags(at(line, "tags").as_str().unwrap_or_default());
            Some(Place { number, node, running: status == "running", tags })
        };
        lines.iter().filter(is_machine).map(|line| place(line).ok_or_else(unreadable)).collect()
    }

    async fn machine(&self, place: &Place) -> Result<Option<Machine>, ProviderError> {
        let number = place.number.to_string();
        match self.0.get(&["nodes", &place.node, "qemu", &number, "config"]).await {
            Ok(config) => Machine::read(place.running, &config).map(Some).ok_or_else(unreadable),
            // It went between the list and the look.
            Err(Refusal::Missing(_)) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    /// The machine with this number, wherever in the cluster it is.
    async fn by_number(&self, id: &str) -> Result<Option<(Place, Machine)>, ProviderError> {
        let Ok(number) = id.parse::<u32>() else { return Ok(None) };
        let Some(place) = self.places().await?.into_iter().find(|place| place.number == number) else {
            return Ok(None);
        };
        Ok(self.machine(&place).await?.map(|machine| (place, machine)))
    }

    /// The machine of the target, which must be there and the service's.
    async fn ours(&self, target: &Target) -> Result<(Place, Machine), ProviderError> {
        let id = &target.reference.id;
        let found = self.by_number(id).await?.ok_or_else(|| gone(id))?;
        if found.1.copying {
            return Err(unavailable(format!("machine {id} is being copied"), Some(CHECK_AFTER)));
        }
        if found.1.is_of(target.service) {
            return Ok(found);
        }
        Err(refused(format!("machine {id} is not this service's")))
    }

    fn remote(number: u32, machine: &Machine) -> Remote {
        let access = vec![
            AccessField { label: "Machine".to_owned(), value: number.to_string() },
            AccessField {
                label: "User".to_owned(),
                value: machine.promise.as_ref().map_or_else(String::new, |(_, promised)| promised.user.clone()),
            },
        ];
        Remote { reference: reference(number), state: machine.state(), access }
    }

    /// The service's machine, or the first number that is free for it.
    async fn look(&self, service: Id<entity::Service>) -> Result<Look, ProviderError> {
        let (places, mut free) = (self.places().await?, None);
        for number in numbers(&self.0.settings, service) {
            let Some(place) = places.iter().find(|place| place.number == number) else {
                free = free.or(Some(number));
                continue;
            };
            match self.machine(place).await? {
                Some(machine) if machine.is_of(service) => return Ok(Look::Ours(number, Box::new(machine))),
                // Whose it will be is seen once it is copied.
                Some(machine) if machine.copying => {
                    let detail = format!("machine {number} is being copied, and does not say for whom");
                    return Err(unavailable(detail, Some(CHECK_AFTER)));
                }
                Some(_) | None => {}
            }
        }
        free.map(Look::Free).ok_or_else(|| ProviderError::NoCapacity {
            detail: "every number that this machine could have is taken: widen first_vmid to last_vmid".to_owned(),
        })
    }
}

enum Look {
    Ours(u32, Box<Machine>),
    Free(u32),
}

fn plan_of(order: &ServiceOrder) -> Result<Plan, ProviderError> {
    Plan::read(&order.settings)
        .map_err(|problems| refused(format!("the product's settings are wrong: {}", listed(&problems))))
}

fn reference(number: u32) -> RemoteRef {
    RemoteRef { id: number.to_string(), identifier: number.to_string() }
}

fn gone(id: &str) -> ProviderError {
    ProviderError::Gone { detail: format!("the cluster has no machine {id}") }
}

impl Adapter for ProxmoxProvider {
    fn capabilities(&self) -> Capabilities {
        Capabilities { kinds: KINDS, installs: true, finds: true, lists: true, settle: USUAL_SETTLE, does: DOES }
    }

    fn check_settings(&self, kind: &str, settings: &Value) -> Vec<SettingsProblem> {
        kind_problems(kind, KINDS).into_iter().chain(Plan::read(settings).err().unwrap_or_default()).collect()
    }

    async fn check(&self) -> Result<Health, ProviderError> {
        let version = self.0.get(&["version"]).await?;
        let nodes = self.0.get(&["nodes"]).await?;
        let rights = self.0.get(&["access", "permissions"]).await?;
        // A token without rights is told nothing, and that with 200.
        if nodes.as_array().is_none_or(Vec::is_empty) || rights.as_object().is_none_or(serde_json::Map::is_empty) {
            let why =
                "the token sees no node or has no rights: its privileges are separated from its user's by default";
            return Err(unavailable(why, None));
        }
        let version = at(&version, "version").as_str().map(crate::answer::printable).unwrap_or_default();
        let said = vec!["what the token may change shows when something is changed".to_owned()];
        Ok(Health { flavour: format!("Proxmox VE {version}"), notes: said })
    }

    async fn find(&self, order: &ServiceOrder) -> Result<Lookup, ProviderError> {
        Ok(match self.look(order.service).await {
            Ok(Look::Ours(number, machine)) => Lookup::Ours(Self::remote(number, &machine)),
            // That there is no number for it says as much: it is not there.
            Ok(Look::Free(_)) | Err(ProviderError::NoCapacity { .. }) => Lookup::Absent,
            Err(error) => return Err(error),
        })
    }

    async fn create(&self, order: &ServiceOrder) -> Result<Remote, ProviderError> {
        let plan = plan_of(order)?;
        let number = match self.look(order.service).await? {
            Look::Ours(number, machine) => return Ok(Self::remote(number, &machine)),
            Look::Free(number) => number,
        };
        let fields = clone_fields(order.service, &plan, number);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let template = plan.template.to_string();
        let path = ["nodes", plan.node.as_str(), "qemu", &template, "clone"];
        match self.0.write(Method::POST, &path, &fields).await {
            Ok(task) => steps::task(&task, "clone")?,
            Err(Refusal::Missing(why)) => return Err(refused(format!("the template is not there: {why}"))),
            Err(other) => return Err(other.into()),
        };
        Ok(Remote { reference: reference(number), state: RemoteState::Installing, access: Vec::new() })
    }

    async fn observe(&self, remote: &RemoteRef) -> Result<Remote, ProviderError> {
        let (place, mut machine) = self.by_number(&remote.id).await?.ok_or_else(|| gone(&remote.id))?;
        if machine.state() == RemoteState::Installing && !machine.copying && !machine.has(SUSPENDED) {
            self.set_up_further(&place, &mut machine).await?;
        }
        Ok(Self::remote(place.number, &machine))
    }

    async fn list_ours(&self, _: Option<&str>) -> Result<Page<Listed>, ProviderError> {
        let line = |place: Place| {
            let service = service_of(&place.tags)?;
            let tagged = |tag: &str| place.tags.iter().any(|known| known == tag);
            let state = if tagged(SUSPENDED) && !place.running {
                RemoteState::Suspended
            } else if tagged(READY) {
                RemoteState::Ready
            } else {
                RemoteState::Installing
            };
            Some(Listed { service: Some(service), reference: reference(place.number), state, access: None })
        };
        Ok(Page::only(self.places().await?.into_iter().filter_map(line).collect()))
    }

    async fn suspend(&self, target: &Target, _why: &str) -> Result<Step, ProviderError> {
        self.halt(target).await
    }

    async fn resume(&self, target: &Target) -> Result<Step, ProviderError> {
        self.let_go_on(target).await
    }

    async fn terminate(&self, target: &Target) -> Result<Step, ProviderError> {
        let (place, machine) = self.ours(target).await?;
        self.end(target, &place, &machine).await
    }

    async fn change(&self, target: &Target, to: &ServiceOrder) -> Result<Step, ProviderError> {
        let (place, machine) = self.ours(target).await?;
        let promised = plan_of(to)?.promised();
        if machine.disk > promised.size.disk {
            let (has, wanted) = (machine.disk, promised.size.disk);
            return Err(refused(format!(
                "its disk has {has} GiB and the plan {wanted}: a disk cannot be made smaller"
            )));
        }
        if machine.measures(&promised.size) {
            return Ok(Step::Done);
        }
        let text = description(target.service, &promised);
        let (cores, memory) = (promised.size.cores.to_string(), promised.size.memory.to_string());
        self.configure(&place, &[("cores", &cores), ("memory", &memory), ("description", &text)]).await?;
        self.grow(&place, &machine, promised.size.disk).await?;
        match self.ours(target).await {
            Ok((_, now)) if now.measures(&promised.size) => Ok(Step::Done),
            Ok(_) | Err(_) => Err(ProviderError::Unknown { detail: "it is not seen to be as large".to_owned() }),
        }
    }

    async fn poll(&self, token: &PollToken) -> Result<Step, ProviderError> {
        self.follow(token).await
    }

    async fn power(&self, target: &Target, power: Power) -> Result<(), ProviderError> {
        let (place, machine) = self.ours(target).await?;
        if machine.has(SUSPENDED) {
            return Err(refused("it is suspended"));
        }
        let word = match power {
            Power::Start => "start",
            Power::Stop => "shutdown",
            Power::Restart => "reboot",
            Power::Kill => "stop",
        };
        self.status(&place, word).await.map(drop)
    }

    async fn usage(&self, target: &Target) -> Result<Usage, ProviderError> {
        let (place, machine) = self.ours(target).await?;
        let number = place.number.to_string();
        let current = self.0.get(&["nodes", &place.node, "qemu", &number, "status", "current"]).await?;
        let whole = |key: &str| at(&current, key).as_u64().unwrap_or(0);
        let activity = at(&current, "status").as_str().map(crate::answer::printable).ok_or_else(unreadable)?;
        Ok(Usage {
            activity,
            memory_bytes: whole("mem"),
            disk_bytes: u64::from(machine.disk) << 30,
            cpu_millis: steps::thousandths(&at(&current, "cpu").to_string()).saturating_mul(whole("cpus").max(1)),
            uptime: Duration::from_secs(whole("uptime")),
        })
    }

    /// Cloud-init sets it with the next start.
    async fn set_password(&self, target: &Target, password: &SecretString) -> Result<(), ProviderError> {
        let (place, _) = self.ours(target).await?;
        if password.expose_secret().chars().any(char::is_control) {
            return Err(refused("a password has no control characters"));
        }
        self.configure(&place, &[("cipassword", password.expose_secret())]).await
    }
}
