//! Locations, nodes and their ports.

use super::check::Checks;
use super::error::PanelError;
use super::lists::{Query, plain_list};
use super::{Panel, atom, item};
use crate::json::Members;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// A location.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    pub(crate) id: i64,
    pub(crate) short: String,
    pub(crate) long: String,
    pub(crate) created: DateTime<Utc>,
}

/// A node. Memory and disk are in MiB, their over-allocation in percent.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) id: i64,
    pub(crate) uuid: String,
    pub(crate) name: String,
    pub(crate) location: i64,
    pub(crate) fqdn: String,
    pub(crate) public: bool,
    pub(crate) memory: i64,
    pub(crate) memory_overallocate: i64,
    pub(crate) disk: i64,
    pub(crate) disk_overallocate: i64,
    /// In percent of a core; 0 is any. Only Pelican looks at it.
    pub(crate) cpu: i64,
    pub(crate) created: DateTime<Utc>,
}

/// A port on a node.
#[derive(Debug, Clone)]
pub(crate) struct Allocation {
    pub(crate) id: i64,
    pub(crate) node: i64,
    pub(crate) ip: String,
    pub(crate) port: i64,
    pub(crate) alias: Option<String>,
    pub(crate) server: Option<i64>,
}

impl Location {
    /// The JSON item.
    pub(crate) fn render(&self) -> Value {
        let at = atom(self.created);
        item(
            "location",
            json!({ "id": self.id, "short": self.short, "long": self.long, "updated_at": at, "created_at": at }),
        )
    }
}

impl Allocation {
    /// The JSON item.
    pub(crate) fn render(&self) -> Value {
        item(
            "allocation",
            json!({
                "id": self.id, "ip": self.ip, "alias": self.alias, "port": self.port, "notes": null, "assigned": self.server.is_some(),
            }),
        )
    }
}

impl Panel {
    /// `GET /locations`
    pub(crate) fn list_locations(&self, query: &Query) -> Result<Value, PanelError> {
        query.allow_filters(&["short", "long"])?;
        let fits =
            |location: &&Location| query.partial("short", &location.short) && query.partial("long", &location.long);
        Ok(query.page(self.locations.values().filter(fits).collect(), Location::render))
    }

    /// `GET /locations/{id}`
    pub(crate) fn get_location(&self, id: i64) -> Result<Value, PanelError> {
        self.locations.get(&id).map(Location::render).ok_or_else(PanelError::not_found)
    }

    /// `GET /nodes`
    pub(crate) fn list_nodes(&self, query: &Query) -> Result<Value, PanelError> {
        query.allow_filters(&["uuid", "name", "fqdn", "daemon_token_id"])?;
        let fits = |node: &&Node| {
            query.partial("uuid", &node.uuid) && query.partial("name", &node.name) && query.partial("fqdn", &node.fqdn)
        };
        Ok(query.page(self.nodes.values().filter(fits).collect(), |node| self.render_node(node, query)))
    }

    /// `GET /nodes/{id}`
    pub(crate) fn get_node(&self, id: i64, query: &Query) -> Result<Value, PanelError> {
        self.nodes.get(&id).map(|node| self.render_node(node, query)).ok_or_else(PanelError::not_found)
    }

    /// `GET /nodes/deployable`
    pub(crate) fn deployable(&self, query: &Query) -> Result<Value, PanelError> {
        let asked = json!({ "memory": query.get("memory"), "disk": query.get("disk") });
        let mut checks = Checks::of(&asked);
        checks.field("memory").required().integer().min(0);
        checks.field("disk").required().integer().min(0);
        checks.finish()?;
        let number = |name: &str| query.get(name).and_then(|text| text.parse().ok()).unwrap_or_default();
        let locations: Vec<i64> = query.all("location_ids").into_iter().filter_map(|text| text.parse().ok()).collect();
        let nodes = self.viable_nodes(&locations, number("memory"), number("disk"))?;
        let render = |node: &Node| self.render_node(node, query);
        if query.get("page").is_some() {
            Ok(query.page(nodes, render))
        } else {
            Ok(plain_list(nodes.into_iter().map(render).collect()))
        }
    }

    /// Public nodes of the locations (none: all) with room. The panel looks at memory and disk only.
    pub(crate) fn viable_nodes(&self, locations: &[i64], memory: i64, disk: i64) -> Result<Vec<&Node>, PanelError> {
        self.viable(memory, disk, |node| locations.is_empty() || locations.contains(&node.location))
    }

    /// Pelican's: any tag of them is enough, and cores count.
    pub(crate) fn tagged_nodes(
        &self,
        tags: &[&str],
        (memory, disk, cpu): (i64, i64, i64),
    ) -> Result<Vec<&Node>, PanelError> {
        self.viable(memory, disk, |node| {
            let used: i64 = self.servers.values().filter(|server| server.node == node.id).map(|s| s.build.cpu).sum();
            let tagged = tags.is_empty() || self.tags(node).iter().any(|tag| tags.contains(&tag.as_str()));
            tagged && (node.cpu == 0 || used + cpu <= node.cpu)
        })
    }

    /// A node's tags are its location's code, where there are no locations.
    fn tags(&self, node: &Node) -> Vec<String> {
        self.locations.get(&node.location).map(|location| location.short.clone()).into_iter().collect()
    }

    fn viable(&self, memory: i64, disk: i64, is_wanted: impl Fn(&Node) -> bool) -> Result<Vec<&Node>, PanelError> {
        let fits = |node: &&Node| {
            let (used_memory, used_disk) = self.used(node.id);
            node.public
                && is_wanted(node)
                && used_memory + memory <= with_over(node.memory, node.memory_overallocate)
                && used_disk + disk <= with_over(node.disk, node.disk_overallocate)
        };
        let nodes: Vec<&Node> = self.nodes.values().filter(fits).collect();
        if nodes.is_empty() {
            return Err(PanelError::new(
                400,
                "NoViableNodeException",
                "No nodes satisfying the requirements specified for automatic deployment could be found.",
            ));
        }
        Ok(nodes)
    }

    /// Memory and disk that a node's servers were promised.
    pub(crate) fn used(&self, node: i64) -> (i64, i64) {
        let servers = self.servers.values().filter(|server| server.node == node);
        servers.fold((0, 0), |(memory, disk), server| (memory + server.build.memory, disk + server.build.disk))
    }

    /// `GET /nodes/{id}/allocations`
    pub(crate) fn list_allocations(&self, node: i64, query: &Query) -> Result<Value, PanelError> {
        if !self.nodes.contains_key(&node) {
            return Err(PanelError::not_found());
        }
        query.allow_filters(&["ip", "port", "ip_alias", "server_id"])?;
        let fits = |allocation: &&Allocation| {
            let by_server = query.filter("server_id").is_none_or(|wanted| match wanted.parse::<i64>() {
                Ok(server) => allocation.server == Some(server),
                Err(_) => allocation.server.is_none(),
            });
            allocation.node == node
                && by_server
                && query.filter("ip").is_none_or(|ip| ip == allocation.ip)
                && query.filter("port").is_none_or(|port| port == allocation.port.to_string())
                && query.partial("ip_alias", allocation.alias.as_deref().unwrap_or_default())
        };
        Ok(query.page(self.allocations.values().filter(fits).collect(), Allocation::render))
    }

    /// `POST /nodes/{id}/allocations`
    pub(crate) fn create_allocations(&mut self, node: i64, body: &Value) -> Result<(), PanelError> {
        if !self.nodes.contains_key(&node) {
            return Err(PanelError::not_found());
        }
        let mut checks = Checks::of(body);
        checks.field("ip").required().string();
        checks.field("alias").sometimes().nullable().string().max_length(191);
        checks.field("ports").required().array();
        checks.each("ports", |port| drop(port.string()));
        checks.finish()?;
        let alias = body.member("alias").as_str().map(str::to_owned);
        let ip = body.member("ip").as_str().unwrap_or_default().to_owned();
        for range in body.member("ports").as_array().into_iter().flatten().filter_map(Value::as_str) {
            let (first, last) = port_range(range).ok_or_else(|| {
                PanelError::new(
                    400,
                    "InvalidPortMappingException",
                    format!("The mapping provided for {range} was invalid and could not be processed."),
                )
            })?;
            if last - first >= 1000 {
                return Err(PanelError::new(
                    400,
                    "TooManyPortsInRangeException",
                    "Adding more than 1000 ports in a single range at once is not supported.",
                ));
            }
            if first <= 1024 || last > 65535 {
                return Err(PanelError::new(
                    400,
                    "PortOutOfRangeException",
                    "Ports in an allocation must be greater than 1024 and less than or equal to 65535.",
                ));
            }
            for port in first..=last {
                self.add_allocation(node, &ip, port, alias.clone());
            }
        }
        Ok(())
    }

    /// Adds a port unless it is there already.
    pub(crate) fn add_allocation(&mut self, node: i64, ip: &str, port: i64, alias: Option<String>) {
        if self.allocations.values().any(|known| known.node == node && known.ip == ip && known.port == port) {
            return;
        }
        let id = self.allocations.keys().next_back().map_or(1, |last| last + 1);
        self.allocations.insert(id, Allocation { id, node, ip: ip.to_owned(), port, alias, server: None });
    }

    /// A node as JSON item.
    pub(crate) fn render_node(&self, node: &Node, query: &Query) -> Value {
        let (memory, disk) = self.used(node.id);
        let at = atom(node.created);
        let mut attributes = json!({
            "id": node.id, "uuid": node.uuid, "public": node.public, "name": node.name, "description": null,
            "location_id": node.location, "fqdn": node.fqdn, "scheme": "https", "behind_proxy": false,
            "maintenance_mode": false, "memory": node.memory, "memory_overallocate": node.memory_overallocate,
            "disk": node.disk, "disk_overallocate": node.disk_overallocate, "upload_size": 100, "daemon_listen": 8080,
            "daemon_sftp": 2022, "daemon_base": "/var/lib/pterodactyl/volumes", "created_at": at, "updated_at": at,
            "allocated_resources": { "memory": memory, "disk": disk },
        });
        if self.is_pelican() {
            attributes.as_object_mut().map(|table| table.remove("location_id"));
            attributes.set("tags", json!(self.tags(node)));
            attributes.set("cpu", json!(node.cpu));
            attributes.set("cpu_overallocate", json!(0));
            let own = self.servers.values().filter(|server| server.node == node.id);
            attributes.set("allocated_resources.cpu", json!(own.map(|server| server.build.cpu).sum::<i64>()));
        }
        if query.includes("allocations") {
            let own = self.allocations.values().filter(|allocation| allocation.node == node.id);
            attributes.set("relationships.allocations", plain_list(own.map(Allocation::render).collect()));
        }
        if query.includes("location") {
            attributes.set(
                "relationships.location",
                self.locations.get(&node.location).map(Location::render).unwrap_or_default(),
            );
        }
        if query.includes("servers") {
            let own = self.servers.values().filter(|server| server.node == node.id);
            attributes.set(
                "relationships.servers",
                plain_list(own.map(|server| self.render_server(server, &Query::default())).collect()),
            );
        }
        item("node", attributes)
    }
}

/// What may be promised: -1 comes out as 99 %, as in the panel.
fn with_over(amount: i64, percent: i64) -> i64 {
    amount * (100 + percent) / 100
}

/// `25565` or `25565-25570`.
pub(crate) fn port_range(text: &str) -> Option<(i64, i64)> {
    let port = |text: &str, least: usize| {
        let digits = (least..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse::<i64>().ok() } else { None }
    };
    match text.split_once('-') {
        None => port(text, 1).map(|port| (port, port)),
        Some((first, last)) => Some((port(first, 4)?, port(last, 4)?)).filter(|(first, last)| first <= last),
    }
}
