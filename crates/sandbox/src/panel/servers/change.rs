//! `PATCH /servers/{id}/details`, `/build`, `/startup`, with the panel's hazards.

use super::create::{check_features, check_limits, environment, read_build};
use super::is_image;
use crate::json::Members;
use crate::panel::Panel;
use crate::panel::check::{Checks, at, truth, whole};
use crate::panel::error::PanelError;
use crate::panel::lists::Query;
use serde_json::Value;

impl Panel {
    /// Changes name, owner, description and external id. An `external_id` that is not sent becomes null.
    pub(crate) fn change_details(&mut self, id: i64, body: &Value) -> Result<Value, PanelError> {
        self.server(id)?;
        let mut checks = Checks::of(body);
        checks
            .field("external_id")
            .sometimes()
            .nullable()
            .string()
            .length_between(1, 191)
            .unique(|external| self.has_external(external, Some(id)));
        checks.field("name").required().string().max_length(191);
        checks.field("user").required().integer().exists(|user| self.users.contains_key(&user));
        checks.field("description").sometimes().nullable().string();
        checks.finish()?;
        let text = |name: &str| body.member(name).as_str().map(str::to_owned);
        let now = self.now;
        let server = self.server(id)?;
        server.external_id = text("external_id");
        server.name = text("name").unwrap_or_default();
        server.description = text("description").unwrap_or_default();
        server.user = whole(body.member("user")).unwrap_or_default();
        server.updated = now;
        self.get_server(id, &Query::default())
    }

    /// Changes limits, feature limits and ports. Capacity is not looked at.
    pub(crate) fn change_build(&mut self, id: i64, body: &Value) -> Result<Value, PanelError> {
        self.server(id)?;
        let mut checks = Checks::of(body);
        checks.field("allocation").required().integer().exists(|port| self.allocations.contains_key(&port));
        checks.field("oom_disabled").sometimes().boolean();
        let nested = checks.has("limits");
        checks.field("limits").sometimes().array();
        let (prefix, rule) = if nested { ("limits.", "required_with") } else { ("", "required_without") };
        check_limits(&mut checks, prefix, rule);
        check_features(&mut checks);
        checks.field("add_allocations").sometimes().array();
        checks.each("add_allocations", |port| drop(port.integer()));
        checks.field("remove_allocations").sometimes().array();
        checks.each("remove_allocations", |port| drop(port.integer()));
        checks.finish()?;
        let default = self.change_ports(id, body)?;
        let now = self.now;
        let server = self.server(id)?;
        let oom_disabled = at(body, "oom_disabled").and_then(truth).unwrap_or(server.build.oom_disabled);
        server.build = read_build(body, prefix, false);
        server.build.oom_disabled = oom_disabled;
        server.allocation = default;
        server.updated = now;
        self.get_server(id, &Query::default())
    }

    /// Adds and removes ports; tells the default one. Ports of others or of another node are skipped without a word.
    fn change_ports(&mut self, id: i64, body: &Value) -> Result<i64, PanelError> {
        let ports =
            |name: &str| -> Vec<i64> { body.member(name).as_array().into_iter().flatten().filter_map(whole).collect() };
        let node = self.server(id)?.node;
        let mut default = whole(body.member("allocation")).unwrap_or_default();
        let addable =
            |port: &&i64| self.allocations.get(port).is_some_and(|known| known.node == node && known.server.is_none());
        let added: Vec<i64> = ports("add_allocations").iter().filter(addable).copied().collect();
        let owned = |port: i64| {
            self.allocations.get(&port).is_some_and(|known| known.server == Some(id)) || added.contains(&port)
        };
        if !owned(default) {
            return Err(PanelError::display(
                "The requested default allocation is not currently assigned to this server.",
            ));
        }
        let removed: Vec<i64> =
            ports("remove_allocations").into_iter().filter(|port| owned(*port) && !added.contains(port)).collect();
        if removed.contains(&default) {
            default = *added.first().ok_or_else(|| {
                PanelError::display(
                    "You are attempting to delete the default allocation for this server \
                 but there is no fallback allocation to use.",
                )
            })?;
        }
        for (port, server) in added.iter().map(|port| (port, Some(id))).chain(removed.iter().map(|port| (port, None))) {
            if let Some(known) = self.allocations.get_mut(port) {
                known.server = server;
            }
        }
        Ok(default)
    }

    /// Changes egg, image, startup command and variables. An environment that is not empty replaces all variables.
    pub(crate) fn change_startup(&mut self, id: i64, body: &Value) -> Result<Value, PanelError> {
        self.server(id)?;
        let mut checks = Checks::of(body);
        checks.field("startup").required().string();
        checks.field("environment").present().array();
        checks.field("egg").required().integer().exists(|egg| self.eggs.contains_key(&egg));
        checks.field("image").required().string().max_length(191).regex(is_image);
        checks.field("skip_scripts").present().boolean();
        checks.finish()?;
        let egg =
            whole(body.member("egg")).and_then(|id| self.eggs.get(&id)).cloned().ok_or_else(PanelError::not_found)?;
        let given = environment(body);
        if !given.is_empty() {
            let mut checks = Checks::of(body);
            egg.check_environment(&given, &mut checks);
            checks.finish()?;
        }
        let now = self.now;
        let server = self.server(id)?;
        body.member("startup").as_str().unwrap_or_default().clone_into(&mut server.startup);
        body.member("image").as_str().unwrap_or_default().clone_into(&mut server.image);
        (server.egg, server.nest) = (egg.id, egg.nest);
        if !given.is_empty() {
            server.environment = egg.stored_environment(&given);
        }
        server.updated = now;
        self.get_server(id, &Query::default())
    }
}
