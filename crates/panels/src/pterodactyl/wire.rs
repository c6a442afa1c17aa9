//! The panel's JSON, as far as it is sent or read here. Members that are not listed are ignored on reading.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

/// One resource.
#[derive(Debug, Deserialize)]
pub(super) struct Item<T> {
    pub(super) attributes: T,
}

/// One page of resources.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) data: Vec<Item<T>>,
    pub(super) meta: Option<PageMeta>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PageMeta {
    pub(super) pagination: Pagination,
}

#[derive(Debug, Deserialize)]
pub(super) struct Pagination {
    pub(super) total_pages: u32,
}

/// An included relationship. A key that may not read it gets `null_resource` in its place, without an error.
#[derive(Debug, Deserialize)]
pub(super) struct Related<T> {
    #[serde(default = "none")]
    pub(super) attributes: Option<T>,
    #[serde(default = "none")]
    pub(super) data: Option<Vec<Item<T>>>,
}

const fn none<T>() -> Option<T> {
    None
}

#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub(super) id: u64,
    pub(super) external_id: Option<String>,
    pub(super) username: String,
    pub(super) email: String,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Egg {
    pub(super) docker_image: Option<String>,
    pub(super) startup: Option<String>,
    #[serde(default)]
    pub(super) relationships: EggRelationships,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct EggRelationships {
    pub(super) variables: Option<Related<EggVariable>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct EggVariable {
    pub(super) env_variable: String,
    pub(super) default_value: Option<String>,
    #[serde(deserialize_with = "rules")]
    pub(super) rules: String,
}

/// Pterodactyl has them as one text with bars between them, Pelican as a list.
fn rules<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        List(Vec<String>),
    }
    Ok(match Either::deserialize(from)? {
        Either::Text(text) => text,
        Either::List(list) => list.join("|"),
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct Server {
    pub(super) id: u64,
    pub(super) external_id: Option<String>,
    pub(super) identifier: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) limits: Option<ServerLimits>,
    pub(super) feature_limits: Option<FeatureLimits>,
    pub(super) node: u64,
    pub(super) container: Container,
    pub(super) status: Option<String>,
    pub(super) suspended: bool,
    pub(super) user: u64,
    pub(super) egg: u64,
    pub(super) allocation: Option<u64>,
    #[serde(default)]
    pub(super) relationships: ServerRelationships,
}

/// How a server is started.
#[derive(Debug, Deserialize)]
pub(super) struct Container {
    pub(super) startup_command: String,
    pub(super) image: String,
    #[serde(default)]
    pub(super) environment: super::upkeep::Environment,
}

/// A node. Memory and disk in MiB, their over-allocation in per cent.
#[derive(Debug, Deserialize)]
pub(super) struct Node {
    pub(super) id: u64,
    /// Pterodactyl's.
    pub(super) location_id: Option<u64>,
    /// Pelican's.
    #[serde(default)]
    pub(super) tags: Vec<String>,
    pub(super) public: bool,
    pub(super) maintenance_mode: bool,
    /// In per cent of a core. Pelican's, which looks at it.
    #[serde(default)]
    pub(super) cpu: u64,
    #[serde(default)]
    pub(super) cpu_overallocate: i64,
    pub(super) memory: u64,
    pub(super) memory_overallocate: i64,
    pub(super) disk: u64,
    pub(super) disk_overallocate: i64,
    pub(super) allocated_resources: Allocated,
}

/// What a node's servers were promised, in MiB.
#[derive(Debug, Deserialize)]
pub(super) struct Allocated {
    pub(super) memory: u64,
    pub(super) disk: u64,
    #[serde(default)]
    pub(super) cpu: u64,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ServerRelationships {
    pub(super) allocations: Option<Related<Allocation>>,
    pub(super) user: Option<Related<User>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Allocation {
    pub(super) id: u64,
    pub(super) ip: String,
    pub(super) alias: Option<String>,
    pub(super) port: u16,
    #[serde(default)]
    pub(super) assigned: bool,
}

/// The panel's errors; `code` is the name of its exception. `detail` is prose that debug mode changes: never parsed.
#[derive(Debug, Deserialize)]
pub(super) struct Errors {
    #[serde(rename = "errors")]
    pub(super) entries: Vec<ErrorEntry>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ErrorEntry {
    pub(super) code: String,
    #[serde(default)]
    pub(super) detail: String,
    #[serde(default)]
    pub(super) meta: ErrorMeta,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ErrorMeta {
    pub(super) source_field: Option<String>,
    pub(super) rule: Option<String>,
}

/// A new user. `root_admin` would be obeyed by the panel, so it is not even a field.
#[derive(Debug, Serialize)]
pub(super) struct NewUser<'a> {
    pub(super) external_id: &'a str,
    pub(super) email: &'a str,
    pub(super) username: &'a str,
    /// Pelican's users have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_name: Option<&'a str>,
}

/// A new server. Where it runs is always asked for by `deploy`: together with `allocation` the panel would not check
/// whether further ports are free.
#[derive(Debug, Serialize)]
pub(super) struct NewServer<'a> {
    pub(super) external_id: &'a str,
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    pub(super) user: u64,
    pub(super) egg: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) docker_image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) startup: Option<&'a str>,
    pub(super) environment: &'a BTreeMap<String, String>,
    pub(super) limits: Limits,
    pub(super) feature_limits: FeatureLimits,
    pub(super) deploy: Deploy<'a>,
    pub(super) skip_scripts: bool,
    pub(super) start_on_completion: bool,
}

/// A server's details. What is left out of it the panel takes away, the external id too.
#[derive(Debug, Serialize)]
pub(super) struct Details<'a> {
    pub(super) external_id: &'a str,
    pub(super) name: &'a str,
    pub(super) user: u64,
    pub(super) description: &'a str,
}

/// Memory, swap and disk in MiB, cpu in per cent of a core; 0 is unlimited, swap −1 too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Limits {
    pub(super) memory: u64,
    pub(super) swap: i64,
    pub(super) disk: u64,
    pub(super) io: u64,
    pub(super) cpu: u64,
}

/// A server's limits, with the threads that an administrator may have bound it to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ServerLimits {
    #[serde(flatten)]
    pub(super) limits: Limits,
    #[serde(default)]
    pub(super) threads: Option<String>,
}

/// A server's limits, changed. What is left out of them the panel takes away. The flat fields of older clients are not sent: Pelican ignores them.
#[derive(Debug, Serialize)]
pub(super) struct Build<'a> {
    pub(super) allocation: u64,
    pub(super) limits: &'a ServerLimits,
    pub(super) feature_limits: FeatureLimits,
}

/// How a server is started, changed. All of it is needed, and the environment is the whole of it.
#[derive(Debug, Serialize)]
pub(super) struct Start<'a> {
    pub(super) startup: &'a str,
    pub(super) environment: &'a BTreeMap<String, String>,
    pub(super) egg: u64,
    pub(super) image: &'a str,
    pub(super) skip_scripts: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FeatureLimits {
    pub(super) databases: u64,
    pub(super) allocations: u64,
    pub(super) backups: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct Deploy<'a> {
    /// Pterodactyl's.
    #[serde(skip_serializing_if = "<[u64]>::is_empty")]
    pub(super) locations: &'a [u64],
    /// Pelican's, which refuses a body without them.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) tags: &'a [String],
    pub(super) dedicated_ip: bool,
    pub(super) port_range: &'a [String],
}

/// What a server uses, as its daemon last said.
#[derive(Debug, Deserialize)]
pub(super) struct Stats {
    pub(super) current_state: String,
    pub(super) resources: Resources,
}

#[derive(Debug, Deserialize)]
pub(super) struct Resources {
    pub(super) memory_bytes: u64,
    /// In per cent of a core, with decimals.
    pub(super) cpu_absolute: serde_json::Number,
    pub(super) disk_bytes: u64,
    /// Milliseconds.
    pub(super) uptime: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct Signal {
    pub(super) signal: &'static str,
}
