//! The little of the client API that a dashboard needs.

use super::check::Checks;
use super::error::PanelError;
use super::{Panel, Server};
use crate::json::Members;
use serde_json::{Value, json};

impl Panel {
    /// `GET /api/client/servers/{identifier}`
    pub(crate) fn client_view(&self, name: &str) -> Result<Value, PanelError> {
        let server = self.server_named(name)?;
        let node = self.nodes.get(&server.node);
        let build = &server.build;
        Ok(super::item(
            "server",
            json!({
                "server_owner": false, "identifier": server.identifier(), "internal_id": server.id, "uuid": server.uuid,
                "name": server.name, "node": node.map(|node| &node.name), "is_node_under_maintenance": false,
                "sftp_details": { "ip": node.map(|node| &node.fqdn), "port": 2022 }, "description": server.description,
                "limits": {
                    "memory": build.memory, "swap": build.swap, "disk": build.disk, "io": build.io, "cpu": build.cpu,
                    "threads": build.threads, "oom_disabled": build.oom_disabled,
                },
                "invocation": server.startup, "docker_image": server.image, "egg_features": [],
                "feature_limits": { "databases": build.databases, "allocations": build.allocations, "backups": build.backups },
                "status": server.status, "is_suspended": server.status == Some("suspended"),
                "is_installing": server.status == Some("installing"), "is_transferring": false,
            }),
        ))
    }

    /// `GET /api/client/servers/{identifier}/resources`
    pub(crate) fn client_resources(&self, name: &str) -> Result<Value, PanelError> {
        let server = self.server_named(name)?;
        usable(server)?;
        let (state, memory, cpu, uptime) = if server.runs {
            ("running", 1_288_490_188_u64, json!(12.5), 360_000)
        } else {
            ("offline", 0, json!(0), 0)
        };
        Ok(json!({ "object": "stats", "attributes": {
            "current_state": state, "is_suspended": false,
            "resources": {
                "memory_bytes": memory, "cpu_absolute": cpu, "disk_bytes": 734_003_200,
                "network_rx_bytes": 10_240, "network_tx_bytes": 20_480, "uptime": uptime,
            },
        } }))
    }

    /// `POST /api/client/servers/{identifier}/power`
    pub(crate) fn client_power(&mut self, name: &str, body: &Value) -> Result<(), PanelError> {
        let id = self.server_named(name)?.id;
        let mut checks = Checks::of(body);
        let known = |signal: &str| ["start", "stop", "restart", "kill"].contains(&signal);
        checks.field("signal").required().string().text_rule("in", known, "is not a known signal.");
        checks.finish()?;
        let server = self.server(id)?;
        usable(server)?;
        server.runs = matches!(body.member("signal").as_str(), Some("start" | "restart"));
        Ok(())
    }
}

/// A server that is suspended or not installed is not for use, not even by administrators.
fn usable(server: &Server) -> Result<(), PanelError> {
    let problem = match server.status {
        None => return Ok(()),
        Some("suspended") => "This server is currently suspended and the functionality requested is unavailable.",
        Some(_) => "This server has not yet completed its installation process, please try again later.",
    };
    Err(PanelError::new(409, "ServerStateConflictException", problem))
}
