//! The panel's knobs.

use super::Panel;
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};

/// What `/control/panel` can change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    install_seconds: Option<u32>,
    install_ms: Option<u32>,
    install_outcome: Option<String>,
    rate_limit: Option<u32>,
    node: Option<NodeSettings>,
}

/// What can be changed about a node.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeSettings {
    id: i64,
    memory: Option<i64>,
    disk: Option<i64>,
    cpu: Option<i64>,
    public: Option<bool>,
    /// Ports beyond this number are taken away; free ones first, assigned ones never.
    free_ports: Option<usize>,
}

impl Panel {
    /// Changes the settings; the error is a sentence.
    pub(crate) fn configure(&mut self, wanted: Settings) -> Result<(), String> {
        let fails = match wanted.install_outcome.as_deref() {
            None => self.install_fails,
            Some("ok") => false,
            Some("fail") => true,
            Some(other) => return Err(format!("install_outcome is ok or fail, not {other:?}.")),
        };
        if let Some(node) = wanted.node {
            self.configure_node(&node)?;
        }
        self.install_fails = fails;
        if let Some(seconds) = wanted.install_seconds {
            self.install = TimeDelta::seconds(i64::from(seconds));
        }
        if let Some(ms) = wanted.install_ms {
            self.install = TimeDelta::milliseconds(i64::from(ms));
        }
        if let Some(limit) = wanted.rate_limit {
            self.rate_limit = limit;
            self.rate_window = (self.now, 0);
        }
        Ok(())
    }

    fn configure_node(&mut self, wanted: &NodeSettings) -> Result<(), String> {
        let node = self.nodes.get_mut(&wanted.id).ok_or_else(|| format!("There is no node {}.", wanted.id))?;
        node.memory = wanted.memory.unwrap_or(node.memory);
        node.disk = wanted.disk.unwrap_or(node.disk);
        node.cpu = wanted.cpu.unwrap_or(node.cpu);
        node.public = wanted.public.unwrap_or(node.public);
        let Some(keep) = wanted.free_ports else { return Ok(()) };
        let free: Vec<i64> = self
            .allocations
            .values()
            .filter(|port| port.node == wanted.id && port.server.is_none())
            .map(|port| port.id)
            .collect();
        for id in free.iter().skip(keep) {
            self.allocations.remove(id);
        }
        let highest = self
            .allocations
            .values()
            .filter(|port| port.node == wanted.id)
            .map(|port| port.port)
            .max()
            .unwrap_or(25_564);
        for extra in 1..=i64::try_from(keep.saturating_sub(free.len())).unwrap_or_default() {
            self.add_allocation(wanted.id, super::seed::ip_of(wanted.id), highest + extra, None);
        }
        Ok(())
    }

    /// The settings as they are.
    pub(crate) fn show_settings(&self) -> Value {
        let nodes: Vec<Value> = self
            .nodes
            .values()
            .map(|node| {
                let (memory, disk) = self.used(node.id);
                let free =
                    self.allocations.values().filter(|port| port.node == node.id && port.server.is_none()).count();
                json!({
                    "id": node.id, "name": node.name, "public": node.public, "memory": node.memory, "disk": node.disk,
                    "memory_used": memory, "disk_used": disk, "free_ports": free,
                })
            })
            .collect();
        json!({
            "install_ms": self.install.num_milliseconds(), "install_outcome": if self.install_fails { "fail" } else { "ok" },
            "rate_limit": self.rate_limit, "nodes": nodes,
        })
    }
}
