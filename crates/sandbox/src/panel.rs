//! The Pterodactyl stand-in, and Pelican's ([`PanelFlavour`]): a panel with two locations, two nodes, their ports, two nests of eggs, users and servers.
//!
//! Its habits are the real panel's, the bad ones too: filters are partial, an absent `external_id` in a details change
//! wipes it, `deploy` beats `allocation`, and without a JSON `Accept` header errors become redirects.

mod check;
mod client;
mod eggs;
mod error;
mod lists;
mod nodes;
mod routes;
mod seed;
mod serve;
mod servers;
mod settings;
mod users;

pub(crate) use serve::serve;
pub(crate) use servers::Server;
pub(crate) use settings::Settings;

use crate::dice::Dice;
use crate::options::{Options, PanelFlavour};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use eggs::{Egg, Nest};
use nodes::{Allocation, Location, Node};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use users::User;

/// The panel's database.
#[derive(Debug)]
pub(crate) struct Panel {
    /// The time of the present piece of work.
    now: DateTime<Utc>,
    public_url: String,
    dice: Arc<Dice>,
    flavour: PanelFlavour,
    install: TimeDelta,
    install_fails: bool,
    rate_limit: u32,
    rate_window: (DateTime<Utc>, u32),
    /// Requests that were one too many, and the most that one minute had.
    throttled: u64,
    busiest_minute: u32,
    last_user: i64,
    last_server: i64,
    users: BTreeMap<i64, User>,
    locations: BTreeMap<i64, Location>,
    nodes: BTreeMap<i64, Node>,
    allocations: BTreeMap<i64, Allocation>,
    nests: BTreeMap<i64, Nest>,
    eggs: BTreeMap<i64, Egg>,
    servers: BTreeMap<i64, Server>,
}

impl Panel {
    /// A panel with its seed.
    pub(crate) fn new(options: &Options, public_url: &str, dice: Arc<Dice>) -> Self {
        let now = crate::clock::Clock::real_now();
        let mut panel = Self {
            now,
            public_url: format!("{public_url}/panel"),
            dice,
            flavour: options.panel_flavour,
            install: TimeDelta::from_std(options.install).unwrap_or_default(),
            install_fails: false,
            rate_limit: options.panel_rate_limit,
            rate_window: (now, 0),
            throttled: 0,
            busiest_minute: 0,
            last_user: 0,
            last_server: 0,
            users: BTreeMap::new(),
            locations: BTreeMap::new(),
            nodes: BTreeMap::new(),
            allocations: BTreeMap::new(),
            nests: BTreeMap::new(),
            eggs: BTreeMap::new(),
            servers: BTreeMap::new(),
        };
        seed::sow(&mut panel);
        panel
    }

    /// It is a Pelican panel.
    fn is_pelican(&self) -> bool {
        self.flavour == PanelFlavour::Pelican
    }

    /// The longest text of a name or an external id.
    fn longest(&self) -> usize {
        if self.is_pelican() { 255 } else { 191 }
    }

    /// Lets time do its work: installations end.
    pub(crate) fn settle(&mut self, now: DateTime<Utc>) {
        self.now = now;
        for server in self.servers.values_mut() {
            server.settle(now);
        }
    }

    /// The servers, for the pages.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &Server> {
        self.servers.values()
    }

    /// What there is, for tests that compare it with what a shop believes.
    pub(crate) fn truth(&self) -> Value {
        let mut by_external_id = Map::new();
        for external_id in self.servers.values().filter_map(|server| server.external_id.as_ref()) {
            let count = by_external_id.get(external_id).and_then(Value::as_u64).unwrap_or_default();
            by_external_id.insert(external_id.clone(), json!(count + 1));
        }
        let duplicates: Vec<&String> =
            by_external_id.iter().filter(|(_, count)| count.as_u64() > Some(1)).map(|(id, _)| id).collect();
        let users: Vec<Value> = self
            .users
            .values()
            .map(|user| json!({ "id": user.id, "external_id": user.external_id, "email": user.email, "username": user.username }))
            .collect();
        let servers: Vec<Value> = self.servers.values().map(|server| self.server_truth(server)).collect();
        json!({
            "servers": servers, "by_external_id": by_external_id, "duplicates": duplicates, "users": users,
            "throttled": self.throttled, "busiest_minute": self.busiest_minute,
        })
    }

    fn server_truth(&self, server: &Server) -> Value {
        let port = self.allocations.get(&server.allocation).map(|allocation| allocation.port);
        json!({
            "id": server.id, "external_id": server.external_id, "uuid": server.uuid, "identifier": server.identifier(),
            "name": server.name, "user": server.user, "node": server.node, "egg": server.egg, "status": server.status,
            "allocation": server.allocation, "port": port, "memory": server.build.memory,
        })
    }
}

/// A time as the panel writes it.
fn atom(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// `{"object": …, "attributes": …}`
fn item(kind: &str, attributes: Value) -> Value {
    json!({ "object": kind, "attributes": attributes })
}
