//! Servers: what they are, reading them, and their life after creation.

mod change;
mod create;

use super::error::PanelError;
use super::lists::{Query, plain_list};
use super::{Panel, atom, item};
use crate::json::Members;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// A server.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) id: i64,
    pub(crate) uuid: String,
    pub(crate) external_id: Option<String>,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) status: Option<&'static str>,
    pub(crate) user: i64,
    pub(crate) node: i64,
    pub(crate) allocation: i64,
    pub(crate) nest: i64,
    pub(crate) egg: i64,
    pub(crate) startup: String,
    pub(crate) image: String,
    pub(crate) environment: Map<String, Value>,
    pub(crate) build: Build,
    pub(crate) created: DateTime<Utc>,
    pub(crate) updated: DateTime<Utc>,
    /// Started and not stopped since.
    pub(crate) runs: bool,
    installs_until: Option<DateTime<Utc>>,
    /// The status that the present installation ends with.
    installs_to: Option<&'static str>,
}

/// What a server may use. Memory, swap and disk in MiB, CPU in percent of a core.
#[derive(Debug, Clone, Default)]
pub(crate) struct Build {
    pub(crate) memory: i64,
    pub(crate) swap: i64,
    pub(crate) disk: i64,
    pub(crate) io: i64,
    pub(crate) cpu: i64,
    pub(crate) threads: Option<String>,
    pub(crate) oom_disabled: bool,
    pub(crate) databases: i64,
    pub(crate) allocations: Option<i64>,
    pub(crate) backups: i64,
}

/// Stands for the port of a server that Pelican gave none.
pub(super) const NO_PORT: i64 = 0;

impl Server {
    /// The short id.
    pub(crate) fn identifier(&self) -> &str {
        self.uuid.get(..8).unwrap_or(&self.uuid)
    }

    /// Ends an installation whose time has come. A suspension in between stays.
    pub(crate) fn settle(&mut self, now: DateTime<Utc>) {
        if self.installs_until.is_some_and(|until| until <= now) {
            self.installs_until = None;
            if self.status == Some("installing") {
                self.status = self.installs_to;
                self.runs = self.installs_to.is_none();
                self.updated = now;
            }
        }
    }

    fn installed(&self) -> u8 {
        u8::from(!matches!(self.status, Some("installing" | "install_failed")))
    }

    fn is_suspended(&self) -> bool {
        self.status == Some("suspended")
    }
}

impl Panel {
    /// A server as JSON item.
    pub(crate) fn render_server(&self, server: &Server, query: &Query) -> Value {
        let build = &server.build;
        let mut attributes = json!({
            "id": server.id, "external_id": server.external_id, "uuid": server.uuid, "identifier": server.identifier(),
            "name": server.name, "description": server.description, "status": server.status,
            "suspended": server.is_suspended(),
            "limits": {
                "memory": build.memory, "swap": build.swap, "disk": build.disk, "io": build.io, "cpu": build.cpu,
                "threads": build.threads, "oom_disabled": build.oom_disabled,
            },
            "feature_limits": { "databases": build.databases, "allocations": build.allocations, "backups": build.backups },
            "user": server.user, "node": server.node, "allocation": server.allocation, "nest": server.nest, "egg": server.egg,
            "container": {
                "startup_command": server.startup, "image": server.image, "installed": server.installed(),
                "environment": self.full_environment(server),
            },
            "updated_at": atom(server.updated), "created_at": atom(server.created),
        });
        if self.is_pelican() {
            attributes.as_object_mut().map(|table| table.remove("nest"));
            attributes.set("limits.oom_killer", json!(!build.oom_disabled));
        }
        if server.allocation == NO_PORT {
            attributes.set("allocation", Value::Null);
        }
        let related = self.relationships(server, query);
        if !related.is_empty() {
            attributes.set("relationships", Value::Object(related));
        }
        item("server", attributes)
    }

    fn full_environment(&self, server: &Server) -> Map<String, Value> {
        let location = self.nodes.get(&server.node).and_then(|node| self.locations.get(&node.location));
        let mut environment = server.environment.clone();
        environment.insert("STARTUP".to_owned(), json!(server.startup));
        environment.insert("P_SERVER_LOCATION".to_owned(), json!(location.map(|location| &location.short)));
        environment.insert("P_SERVER_UUID".to_owned(), json!(server.uuid));
        environment.insert("P_SERVER_ALLOCATION_LIMIT".to_owned(), json!(server.build.allocations));
        environment
    }

    fn relationships(&self, server: &Server, query: &Query) -> Map<String, Value> {
        let none = Query::default();
        let mut related = Map::new();
        let mut add = |name: &str, value: &dyn Fn() -> Value| {
            if query.includes(name) {
                related.insert(name.to_owned(), value());
            }
        };
        add("allocations", &|| {
            let own = self.allocations.values().filter(|allocation| allocation.server == Some(server.id));
            plain_list(own.map(super::nodes::Allocation::render).collect())
        });
        add("user", &|| self.get_user(server.user).unwrap_or_default());
        add("node", &|| self.get_node(server.node, &none).unwrap_or_default());
        add("nest", &|| self.get_nest(server.nest, &none).unwrap_or_default());
        add("egg", &|| self.get_egg(server.nest, server.egg, &none).unwrap_or_default());
        add("location", &|| {
            self.nodes.get(&server.node).and_then(|node| self.get_location(node.location).ok()).unwrap_or_default()
        });
        add("variables", &|| {
            self.eggs.get(&server.egg).map(|egg| egg.render_variables(&server.environment)).unwrap_or_default()
        });
        add("subusers", &|| plain_list(Vec::new()));
        add("databases", &|| plain_list(Vec::new()));
        related
    }

    /// `GET /servers`
    pub(crate) fn list_servers(&self, query: &Query) -> Result<Value, PanelError> {
        query.allow_filters(&["uuid", "uuidShort", "name", "description", "image", "external_id"])?;
        let fits = |server: &&Server| {
            query.partial("uuid", &server.uuid)
                && query.partial("uuidShort", server.identifier())
                && query.partial("name", &server.name)
                && query.partial("description", &server.description)
                && query.partial("image", &server.image)
                && query.partial("external_id", server.external_id.as_deref().unwrap_or_default())
        };
        Ok(query.page(self.servers.values().filter(fits).collect(), |server| self.render_server(server, query)))
    }

    /// `GET /servers/{id}`
    pub(crate) fn get_server(&self, id: i64, query: &Query) -> Result<Value, PanelError> {
        self.servers.get(&id).map(|server| self.render_server(server, query)).ok_or_else(PanelError::not_found)
    }

    /// `GET /servers/external/{external_id}`: exact but for case, as the database compares.
    pub(crate) fn get_external_server(&self, external_id: &str, query: &Query) -> Result<Value, PanelError> {
        let fits =
            |server: &&Server| server.external_id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(external_id));
        self.servers
            .values()
            .find(fits)
            .map(|server| self.render_server(server, query))
            .ok_or_else(PanelError::not_found)
    }

    /// `POST /servers/{id}/suspend` and `/unsuspend`: nothing happens when it is so already.
    pub(crate) fn suspend(&mut self, id: i64, suspend: bool) -> Result<(), PanelError> {
        let now = self.now;
        let server = self.server(id)?;
        if server.is_suspended() != suspend {
            server.status = suspend.then_some("suspended");
            // A suspension stops the server; its end does not start it.
            server.runs = false;
            server.updated = now;
        }
        Ok(())
    }

    /// `POST /servers/{id}/reinstall`: a suspension is lost.
    pub(crate) fn reinstall(&mut self, id: i64) -> Result<(), PanelError> {
        let (until, outcome) = (self.now + self.install, self.install_fails.then_some("reinstall_failed"));
        let server = self.server(id)?;
        server.status = Some("installing");
        server.installs_until = Some(until);
        server.installs_to = outcome;
        Ok(())
    }

    /// `DELETE /servers/{id}`, also by force.
    pub(crate) fn delete_server(&mut self, id: i64) -> Result<(), PanelError> {
        self.servers.remove(&id).ok_or_else(PanelError::not_found)?;
        for allocation in self.allocations.values_mut().filter(|allocation| allocation.server == Some(id)) {
            allocation.server = None;
        }
        Ok(())
    }

    pub(super) fn server(&mut self, id: i64) -> Result<&mut Server, PanelError> {
        self.servers.get_mut(&id).ok_or_else(PanelError::not_found)
    }

    /// A server by its uuid or the short form of it, as the client API names it.
    pub(crate) fn server_named(&self, name: &str) -> Result<&Server, PanelError> {
        let fits = |server: &&Server| server.uuid == name || server.identifier() == name;
        self.servers.values().find(fits).ok_or_else(PanelError::not_found)
    }
}

/// The image pattern: `^~?[\w\.\/\-:@ ]*$`.
fn is_image(text: &str) -> bool {
    let rest = text.strip_prefix('~').unwrap_or(text);
    rest.chars().all(|character| character.is_ascii_alphanumeric() || "_./-:@ ".contains(character))
}

/// The pattern of CPU threads: `^[0-9-,]+$`.
fn is_threads(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| character.is_ascii_digit() || "-,".contains(character))
}
