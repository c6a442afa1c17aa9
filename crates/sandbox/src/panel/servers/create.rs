//! `POST /servers`: validation, choice of a port, creation.

use super::{Build, NO_PORT, Server, is_image, is_threads};
use crate::panel::Panel;
use crate::panel::check::{Checks, at, truth, whole};
use crate::panel::error::PanelError;
use crate::panel::lists::Query;
use crate::panel::nodes::{Allocation, port_range};
use serde_json::{Map, Value};

impl Panel {
    /// Creates a server, or refuses in the panel's order: rules, then a port, then the egg's variables.
    pub(crate) fn create_server(&mut self, body: &Value) -> Result<Value, PanelError> {
        self.check_create(body)?;
        let (node, allocation) = self.place(body)?;
        let egg =
            at(body, "egg").and_then(whole).and_then(|id| self.eggs.get(&id)).ok_or_else(PanelError::not_found)?;
        let given = environment(body);
        let mut checks = Checks::of(body);
        egg.check_environment(&given, &mut checks);
        checks.finish()?;
        let text = |path: &str| at(body, path).and_then(Value::as_str).map(str::to_owned);
        let server = Server {
            id: self.last_server + 1,
            uuid: self.dice.uuid(),
            external_id: text("external_id"),
            name: text("name").unwrap_or_default(),
            description: text("description").unwrap_or_default(),
            status: Some("installing"),
            user: at(body, "user").and_then(whole).unwrap_or_default(),
            node,
            allocation,
            nest: egg.nest,
            egg: egg.id,
            startup: text("startup").unwrap_or_else(|| egg.startup.to_owned()),
            image: text("docker_image").unwrap_or_else(|| egg.image.to_owned()),
            environment: egg.stored_environment(&given),
            build: read_build(body, "limits.", true),
            created: self.now,
            updated: self.now,
            runs: false,
            installs_until: Some(self.now + self.install),
            installs_to: self.install_fails.then_some("install_failed"),
        };
        self.last_server = server.id;
        self.assign(server.id, allocation, body);
        let rendered = self.render_server(&server, &Query::default());
        self.servers.insert(server.id, server);
        Ok(rendered)
    }

    fn check_create(&self, body: &Value) -> Result<(), PanelError> {
        let mut checks = Checks::of(body);
        checks
            .field("external_id")
            .sometimes()
            .nullable()
            .string()
            .length_between(1, self.longest())
            .unique(|id| self.has_external(id, None));
        checks.field("name").required().string().max_length(self.longest());
        checks.field("description").nullable().string();
        checks.field("user").required().integer().exists(|id| self.users.contains_key(&id));
        checks.field("egg").required().integer().exists(|id| self.eggs.contains_key(&id));
        if self.is_pelican() {
            checks.field("docker_image").sometimes().string().max_length(255).regex(is_image);
            checks.field("startup").sometimes().string();
        } else {
            checks.field("docker_image").required().string().max_length(191).regex(is_image);
            checks.field("startup").required().string();
        }
        checks.field("environment").present().array();
        for flag in ["skip_scripts", "oom_disabled", "oom_killer", "start_on_completion"] {
            checks.field(flag).sometimes().boolean();
        }
        checks.field("limits").required().array();
        check_limits(&mut checks, "limits.", "required");
        check_features(&mut checks);
        if checks.has("deploy") {
            check_deploy(&mut checks, self.is_pelican());
        } else {
            let free = |id: i64| self.allocations.get(&id).is_some_and(|allocation| allocation.server.is_none());
            checks.field("deploy").sometimes().required();
            checks.field("allocation.default").required().integer().exists(free);
            checks.each("allocation.additional", |port| drop(port.integer().exists(free)));
        }
        checks.finish()
    }

    /// Whether another server has this external id.
    pub(super) fn has_external(&self, external_id: &str, own: Option<i64>) -> bool {
        let taken =
            |server: &Server| server.external_id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(external_id));
        self.servers.values().any(|server| Some(server.id) != own && taken(server))
    }

    /// Node and port: a random fitting one when `deploy` is sent (it wins), else the one that was named.
    fn place(&self, body: &Value) -> Result<(i64, i64), PanelError> {
        if at(body, "deploy").is_some_and(|deploy| !deploy.is_null()) {
            return self.deploy(body);
        }
        let id = at(body, "allocation.default").and_then(whole).unwrap_or_default();
        let allocation = self.allocations.get(&id).ok_or_else(PanelError::not_found)?;
        Ok((allocation.node, id))
    }

    fn deploy(&self, body: &Value) -> Result<(i64, i64), PanelError> {
        let list = |path: &str| at(body, path).and_then(Value::as_array).cloned().unwrap_or_default();
        let number = |path: &str| at(body, path).and_then(whole).unwrap_or_default();
        let locations: Vec<i64> = list("deploy.locations").iter().filter_map(whole).collect();
        // What is no port range is ignored; when nothing is left, any port will do.
        let ranges: Vec<(i64, i64)> =
            list("deploy.port_range").iter().filter_map(|range| port_range(range.as_str()?)).collect();
        let dedicated = at(body, "deploy.dedicated_ip").and_then(truth).unwrap_or(false);
        let (memory, disk) = (number("limits.memory"), number("limits.disk"));
        let viable = if self.is_pelican() {
            let tags = list("deploy.tags");
            let tags: Vec<&str> = tags.iter().filter_map(Value::as_str).collect();
            self.tagged_nodes(&tags, (memory, disk, number("limits.cpu")))?
        } else {
            self.viable_nodes(&locations, memory, disk)?
        };
        // Pelican's habit: no range, no port.
        if let Some(first) = viable.first().filter(|_| self.is_pelican() && list("deploy.port_range").is_empty()) {
            return Ok((first.id, NO_PORT));
        }
        let nodes: Vec<i64> = viable.iter().map(|node| node.id).collect();
        let lonely = |port: &Allocation| {
            !self
                .allocations
                .values()
                .any(|other| other.ip == port.ip && other.node == port.node && other.server.is_some())
        };
        let fits = |port: &&Allocation| {
            port.server.is_none()
                && nodes.contains(&port.node)
                && (ranges.is_empty() || ranges.iter().any(|(first, last)| (*first..=*last).contains(&port.port)))
                && (!dedicated || lonely(port))
        };
        let ports: Vec<&Allocation> = self.allocations.values().filter(fits).collect();
        let chosen = ports.get(self.dice.below(ports.len())).ok_or_else(|| {
            PanelError::new(
                400,
                "NoViableAllocationException",
                "No allocations satisfying the requirements for automatic deployment were found.",
            )
        })?;
        Ok((chosen.node, chosen.id))
    }

    /// Gives the ports to the server. With `deploy`, additional ones are taken without looking whose they are: so does
    /// the panel.
    fn assign(&mut self, server: i64, allocation: i64, body: &Value) {
        let additional = at(body, "allocation.additional").and_then(Value::as_array).cloned().unwrap_or_default();
        for id in additional.iter().filter_map(whole).chain([allocation]) {
            if let Some(port) = self.allocations.get_mut(&id) {
                port.server = Some(server);
            }
        }
    }
}

/// The rules of the limits, under a prefix (`limits.` or nothing, in the old flat form).
pub(super) fn check_limits(checks: &mut Checks<'_>, prefix: &str, required: &'static str) {
    let path = |name: &str| format!("{prefix}{name}");
    checks.field(&path("memory")).required_as(required).integer().min(0);
    checks.field(&path("swap")).required_as(required).integer().min(-1);
    checks.field(&path("io")).required_as(required).integer().between(10, 1000);
    checks.field(&path("cpu")).required_as(required).integer().min(0);
    checks.field(&path("disk")).required_as(required).integer().min(0);
    checks.field(&path("threads")).nullable().regex(is_threads);
}

/// The rules of the feature limits.
pub(super) fn check_features(checks: &mut Checks<'_>) {
    checks.field("feature_limits").required().array();
    checks.field("feature_limits.databases").present().nullable().integer().min(0);
    checks.field("feature_limits.allocations").sometimes().nullable().integer().min(0);
    checks.field("feature_limits.backups").present().nullable().integer().min(0);
}

fn check_deploy(checks: &mut Checks<'_>, pelican: bool) {
    checks.field("deploy").required().array();
    if pelican {
        checks.field("deploy.tags").present().array();
        checks.each("deploy.tags", |tag| drop(tag.string()));
    } else {
        checks.field("deploy.locations").present().array();
        checks.each("deploy.locations", |location| drop(location.integer().min(1)));
    }
    checks.field("deploy.dedicated_ip").required_as("required_with").boolean();
    checks.field("deploy.port_range").present().array();
    checks.each("deploy.port_range", |range| drop(range.string()));
}

/// The environment as sent.
pub(super) fn environment(body: &Value) -> Map<String, Value> {
    at(body, "environment").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Reads what a server may use. On creation feature limits that are null become 0.
pub(super) fn read_build(body: &Value, prefix: &str, creation: bool) -> Build {
    let limit = |name: &str| at(body, &format!("{prefix}{name}")).and_then(whole).unwrap_or_default();
    let feature = |name: &str| at(body, &format!("feature_limits.{name}")).and_then(whole);
    Build {
        memory: limit("memory"),
        swap: limit("swap"),
        disk: limit("disk"),
        io: limit("io"),
        cpu: limit("cpu"),
        threads: at(body, &format!("{prefix}threads")).and_then(Value::as_str).map(str::to_owned),
        oom_disabled: at(body, "oom_disabled").and_then(truth).unwrap_or(true),
        databases: feature("databases").unwrap_or_default(),
        allocations: if creation { Some(feature("allocations").unwrap_or_default()) } else { feature("allocations") },
        backups: feature("backups").unwrap_or_default(),
    }
}
