//! A server on another plan, set up once more, and whether there is room for one.

use std::collections::BTreeMap;

use provisioning::{ProviderError, RoomFor, ServiceOrder, Step, Target};
use reqwest::Method;

use super::{
    Installation,
    answer::{Doubt, Fault},
    egg,
    flavour::Flavour,
    life::ours,
    panel::{misconfigured, refused},
    server::{gone, read_settings},
    settings::GameSettings,
    wire::{self, Allocation, Build, FeatureLimits, Limits, Node, Server, ServerLimits, Start},
};
use crate::settings::listed;

/// More pages than this are not read to answer whether there is room.
const MOST_PAGES: u32 = 20;

/// Gives the server the plan's limits, and what of its start the plan itself says. What a customer chose since (a version, an
/// image) stays. The panel swallows it when a daemon does not take a change: what counts is what is read afterwards.
pub(super) async fn change(place: &Installation, target: &Target, to: &ServiceOrder) -> Result<Step, ProviderError> {
    let settings = read_settings(to)?;
    let server = ours(place, target).await?;
    may_be_changed(&server, &settings)?;
    let wanted = Wanted::of(place, &server, &settings).await?;
    if wanted.is_in(&server) {
        return Ok(Step::Done);
    }
    if !wanted.has_limits_in(&server) {
        node_has_room(place, &server, &settings.limits).await?;
        wanted.resize(place, &server).await?;
    }
    if !wanted.has_start_in(&server) {
        wanted.restart_so(place, &server).await?;
    }
    match ours(place, target).await {
        Ok(server) if wanted.is_in(&server) => Ok(Step::Done),
        Ok(_) | Err(_) => {
            Err(ProviderError::Unknown { detail: "the panel does not show what was asked for".to_owned() })
        }
    }
}

fn may_be_changed(server: &Server, settings: &GameSettings) -> Result<(), ProviderError> {
    if server.egg != settings.egg {
        return Err(refused(format!(
            "the server has egg {}, the plan egg {}: make a new one",
            server.egg, settings.egg
        )));
    }
    if matches!(server.status.as_deref(), Some("installing" | "restoring_backup")) {
        return Err(misconfigured("the panel is busy with the server"));
    }
    let has = server.limits.as_ref().ok_or_else(|| misconfigured("the panel does not show the server's limits"))?;
    if fits_disk(has.limits.disk, settings.limits.disk) {
        return Ok(());
    }
    let (has, wanted) = (has.limits.disk, settings.limits.disk);
    Err(refused(format!("its disk has {has} MiB and the plan {wanted}: a disk is not made smaller")))
}

/// What a server shall be like.
struct Wanted {
    limits: ServerLimits,
    features: FeatureLimits,
    image: String,
    startup: String,
    environment: BTreeMap<String, String>,
    egg: u64,
}

impl Wanted {
    /// What the plan says, and for everything that it leaves open what the server has.
    async fn of(place: &Installation, server: &Server, settings: &GameSettings) -> Result<Self, ProviderError> {
        let recipe = egg::recipe(place, settings, None).await?;
        let (found, mut environment) = (&server.container, recipe.environment);
        for (name, value) in &mut environment {
            if let Some(has) = found.environment.get(name).filter(|_| !settings.environment.contains_key(name)) {
                *value = text(has);
            }
        }
        let threads = server.limits.as_ref().and_then(|limits| limits.threads.clone());
        Ok(Self {
            limits: ServerLimits { limits: settings.limits, threads },
            features: settings.feature_limits,
            image: settings.docker_image.clone().unwrap_or_else(|| found.image.clone()),
            startup: settings.startup.clone().unwrap_or_else(|| found.startup_command.clone()),
            environment,
            egg: settings.egg,
        })
    }

    fn is_in(&self, server: &Server) -> bool {
        self.has_limits_in(server) && self.has_start_in(server)
    }

    fn has_limits_in(&self, server: &Server) -> bool {
        server.limits.as_ref() == Some(&self.limits) && server.feature_limits == Some(self.features)
    }

    fn has_start_in(&self, server: &Server) -> bool {
        let found = &server.container;
        let set =
            |(name, value): (&String, &String)| found.environment.get(name).is_some_and(|has| text(has) == *value);
        found.image == self.image && found.startup_command == self.startup && self.environment.iter().all(set)
    }

    async fn resize(&self, place: &Installation, server: &Server) -> Result<(), ProviderError> {
        let allocation = server.allocation.ok_or_else(|| misconfigured("the panel does not show the server's port"))?;
        let body = Build { allocation, limits: &self.limits, feature_limits: self.features };
        let id = server.id.to_string();
        let written = place.panel.write::<Server>(Method::PATCH, &["servers", &id, "build"], &body).await;
        written.map(drop).map_err(|fault| failed(fault, &id))
    }

    /// It counts with the server's next start.
    async fn restart_so(&self, place: &Installation, server: &Server) -> Result<(), ProviderError> {
        let body = Start {
            startup: &self.startup,
            environment: &self.environment,
            egg: self.egg,
            image: &self.image,
            skip_scripts: false,
        };
        let id = server.id.to_string();
        let written = place.panel.write::<Server>(Method::PATCH, &["servers", &id, "startup"], &body).await;
        written.map(drop).map_err(|fault| failed(fault, &id))
    }
}

/// 0 is without limit.
const fn fits_disk(has: u64, wanted: u64) -> bool {
    wanted == 0 || (has != 0 && wanted >= has)
}

/// The panel itself does not look when a build is changed.
async fn node_has_room(place: &Installation, server: &Server, wanted: &Limits) -> Result<(), ProviderError> {
    let Some(ServerLimits { limits: has, .. }) = &server.limits else { return Ok(()) };
    let more = (wanted.memory.saturating_sub(has.memory), wanted.disk.saturating_sub(has.disk));
    if more == (0, 0) {
        return Ok(());
    }
    let id = server.node.to_string();
    let node: Option<Node> = place.panel.get_item(&["nodes", &id], &[]).await.map_err(harmless)?;
    let node = node.ok_or_else(|| misconfigured(format!("the panel does not show node {id}")))?;
    let flavour = place.flavour().await?;
    if node.free_memory(flavour) < more.0 || node.free_disk(flavour) < more.1 {
        let detail = format!("node {id} has not the memory or disk for the larger plan");
        return Err(ProviderError::NoCapacity { detail });
    }
    Ok(())
}

/// A value of a variable, which the panel shows as a number where it looks like one.
fn text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
}

/// Runs the install script again. A suspension would be lost over it, and an install that runs would begin anew.
pub(super) async fn reinstall(place: &Installation, target: &Target) -> Result<Step, ProviderError> {
    let server = ours(place, target).await?;
    match server.status.as_deref() {
        _ if server.suspended => return Err(refused("it is suspended, and setting it up anew would end that")),
        Some("suspended") => return Err(refused("it is suspended, and setting it up anew would end that")),
        Some("installing" | "restoring_backup") => return Err(misconfigured("the panel is busy with the server")),
        Some(_) | None => {}
    }
    let id = server.id.to_string();
    match place.panel.act(Method::POST, &["servers", &id, "reinstall"]).await {
        Ok(()) => Ok(Step::Done),
        Err(fault) => Err(failed(fault, &id)),
    }
}

fn failed(fault: Fault, id: &str) -> ProviderError {
    if matches!(&fault, Fault::Refusal(refusal) if refusal.is_absence()) {
        return gone(id);
    }
    fault.into_error(Doubt::MayHaveHappened)
}

fn harmless(fault: Fault) -> ProviderError {
    fault.into_error(Doubt::Harmless)
}

/// Counts how many more fit on the nodes of the region, by memory, disk and free ports, until there are enough.
pub(super) async fn room(place: &Installation, ask: &RoomFor) -> Result<(), ProviderError> {
    let settings = GameSettings::read(&ask.settings)
        .map_err(|problems| refused(format!("the product's settings are wrong: {}", listed(&problems))))?;
    let (flavour, spots) = place.spots(&settings, ask.delivery.region.as_ref()).await?;
    let wanted = u64::from(ask.promised) + 1;
    let mut fit: u64 = 0;
    for node in nodes(place).await? {
        if !spots.iter().any(|spot| spot.has(&node)) || !node.public || node.maintenance_mode {
            continue;
        }
        let by_size = node.fits(flavour, &settings.limits).min(wanted);
        if by_size > 0 {
            fit += free_ports(place, node.id, (&settings, by_size)).await?.min(by_size);
        }
        if fit >= wanted {
            return Ok(());
        }
    }
    let detail = format!("the region's nodes have room for {fit} more, and {} are promised", ask.promised);
    Err(ProviderError::NoCapacity { detail })
}

async fn nodes(place: &Installation) -> Result<Vec<Node>, ProviderError> {
    let mut all = Vec::new();
    for page in 1..=MOST_PAGES {
        let number = page.to_string();
        let query = [("per_page", "100"), ("page", number.as_str())];
        let found: wire::Page<Node> = place.panel.get(&["nodes"], &query).await.map_err(harmless)?;
        let pages = found.meta.map_or(1, |meta| meta.pagination.total_pages);
        all.extend(found.data.into_iter().map(|item| item.attributes));
        if page >= pages {
            return Ok(all);
        }
    }
    Err(misconfigured("the panel has too many nodes to look through"))
}

/// Free ports of a node that the product takes, or free addresses where it takes a whole one; counted no further than so many.
async fn free_ports(
    place: &Installation,
    node: u64,
    (settings, enough): (&GameSettings, u64),
) -> Result<u64, ProviderError> {
    let (node, mut ports, mut addresses) = (node.to_string(), 0, BTreeMap::new());
    for page in 1..=MOST_PAGES {
        let number = page.to_string();
        let mut query = vec![("per_page", "100"), ("page", number.as_str())];
        // An address is free where none of its ports is taken: then all of them are looked at.
        if !settings.dedicated_ip {
            query.push(("filter[server_id]", "false"));
        }
        let path = ["nodes", node.as_str(), "allocations"];
        let found: wire::Page<Allocation> = place.panel.get(&path, &query).await.map_err(harmless)?;
        let pages = found.meta.map_or(1, |meta| meta.pagination.total_pages);
        for one in found.data.into_iter().map(|item| item.attributes) {
            let usable = is_in(&settings.port_range, one.port);
            ports += u64::from(usable && !one.assigned);
            let address = addresses.entry(one.ip).or_insert((false, false));
            (address.0, address.1) = (address.0 || one.assigned, address.1 || usable);
        }
        if page >= pages && settings.dedicated_ip {
            let free = addresses.values().filter(|(taken, usable)| !taken && *usable).count();
            return Ok(u64::try_from(free).unwrap_or(0));
        }
        if !settings.dedicated_ip && (ports >= enough || page >= pages) {
            return Ok(ports);
        }
    }
    Err(misconfigured("the node has too many ports to look through"))
}

/// `25565` and `25565-25570`; without any, every port.
fn is_in(ranges: &[String], port: u16) -> bool {
    let within = |range: &String| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        matches!((first.trim().parse::<u16>(), last.trim().parse::<u16>()), (Ok(first), Ok(last)) if (first..=last).contains(&port))
    };
    ranges.is_empty() || ranges.iter().any(within)
}

impl Node {
    /// In MiB.
    fn free_memory(&self, flavour: Flavour) -> u64 {
        free(flavour, (self.memory, self.memory_overallocate), self.allocated_resources.memory)
    }

    /// In MiB.
    fn free_disk(&self, flavour: Flavour) -> u64 {
        free(flavour, (self.disk, self.disk_overallocate), self.allocated_resources.disk)
    }

    /// In per cent of a core. Pterodactyl counts none.
    fn free_cpu(&self, flavour: Flavour) -> u64 {
        match flavour {
            Flavour::Pterodactyl => u64::MAX,
            Flavour::Pelican => free(flavour, (self.cpu, self.cpu_overallocate), self.allocated_resources.cpu),
        }
    }

    /// How many servers with these limits fit; one without a limit takes nothing, as the panel counts.
    fn fits(&self, flavour: Flavour, limits: &Limits) -> u64 {
        let by = |free: u64, each: u64| free.checked_div(each).unwrap_or(u64::MAX);
        let by_size = by(self.free_memory(flavour), limits.memory).min(by(self.free_disk(flavour), limits.disk));
        by_size.min(by(self.free_cpu(flavour), limits.cpu))
    }
}

/// Each panel's own formula. Of Pterodactyl −1 is 99 % and not «any» (pterodactyl/panel #4040); of Pelican less than nothing
/// is «any», and so is a total of nothing.
fn free(flavour: Flavour, (total, over): (u64, i64), taken: u64) -> u64 {
    if flavour == Flavour::Pelican && (over < 0 || total == 0) {
        return u64::MAX;
    }
    let share = u64::try_from(over.saturating_add(100)).unwrap_or(0);
    (total.saturating_mul(share) / 100).saturating_sub(taken)
}

/// Variables and values, as the panel shows them.
pub(super) type Environment = BTreeMap<String, serde_json::Value>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_free_is_counted_as_the_panel_counts_it() {
        let pterodactyl = |total, over, taken| free(Flavour::Pterodactyl, (total, over), taken);
        let pelican = |total, over, taken| free(Flavour::Pelican, (total, over), taken);
        assert_eq!(pterodactyl(1000, 0, 400), 600);
        assert_eq!(pterodactyl(1000, 50, 400), 1100);
        assert_eq!(pterodactyl(1000, -1, 400), 590);
        assert_eq!(pterodactyl(1000, -200, 400), 0);
        assert_eq!(pterodactyl(1000, 0, 4000), 0);
        assert_eq!(pelican(1000, 50, 400), 1100);
        assert_eq!((pelican(1000, -1, 400), pelican(0, 0, 400)), (u64::MAX, u64::MAX));
    }

    #[test]
    fn ports_are_in_their_ranges() {
        let ranges = ["25565".to_owned(), "30000-30010".to_owned(), "nonsense".to_owned()];
        for (port, within) in [(25565, true), (25566, false), (30000, true), (30010, true), (30011, false)] {
            assert_eq!(is_in(&ranges, port), within, "{port}");
        }
        assert!(is_in(&[], 1));
    }

    #[test]
    fn a_disk_grows_or_stays() {
        for (has, wanted, fits) in [(10, 10, true), (10, 20, true), (20, 10, false), (0, 10, false), (10, 0, true)] {
            assert_eq!(fits_disk(has, wanted), fits, "{has} → {wanted}");
        }
    }
}
