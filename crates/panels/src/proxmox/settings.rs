//! Where the cluster is, and what a product promises of its machines.

use std::ops::RangeInclusive;

use provisioning::SettingsProblem;
use reqwest::Url;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{file::Entry, settings::Reader};

/// Where the cluster is.
#[derive(Debug, Clone)]
pub struct ProxmoxSettings {
    /// Its address, with its port: `https://host:8006`.
    pub url: Url,
    /// The API token's name: `user@realm!name`.
    pub token_id: String,
    /// The token's secret. Without it settings can be checked, and every call is unavailable.
    pub secret: Option<SecretString>,
    /// The numbers that are this shop's alone. Nobody else may make machines with them.
    pub vmids: RangeInclusive<u32>,
}

impl ProxmoxSettings {
    /// Reads them from the providers file.
    pub(super) fn read(entry: &mut Entry<'_, '_>) -> Option<Self> {
        let url = entry.url();
        let is_token = |text: &str| {
            text.split_once('!').is_some_and(|(user, name)| user.contains('@') && !name.is_empty())
                && text.chars().all(|c| c.is_ascii_graphic())
        };
        let token_id = entry.needs("token_id", is_token, "expected the token's name, such as hostwright@pve!shop");
        let secret = entry.secret(("secret_env", "secret_file"), 16);
        let first = entry.reader.number("first_vmid", 100..=999_999_000, None);
        let last = entry.reader.number("last_vmid", 100..=999_999_999, None);
        if last < first + 100 {
            entry.reader.problem("last_vmid", "expected at least a hundred numbers more than first_vmid");
            return None;
        }
        let vmids = u32::try_from(first).ok()?..=u32::try_from(last).ok()?;
        Some(Self { url: url?, token_id: token_id?, secret: secret?, vmids })
    }
}

/// A product's machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) node: String,
    pub(super) template: u32,
    pub(super) storage: Option<String>,
    pub(super) user: String,
    pub(super) ip: String,
    pub(super) size: Size,
}

/// How large it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Size {
    pub(super) cores: u32,
    /// In MiB.
    pub(super) memory: u32,
    /// In GiB.
    pub(super) disk: u32,
}

/// All that a machine is told once it is copied. It stands in its description, so that whoever looks at it later knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Promised {
    #[serde(flatten)]
    pub(super) size: Size,
    pub(super) user: String,
    pub(super) ip: String,
}

impl Plan {
    pub(super) fn promised(&self) -> Promised {
        Promised { size: self.size, user: self.user.clone(), ip: self.ip.clone() }
    }

    pub(super) fn read(settings: &Value) -> Result<Self, Vec<SettingsProblem>> {
        let mut reader = Reader::new(settings);
        let _ = reader.required("node");
        let is_name = |text: &str| {
            (1..=63).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        let node = reader.text("node", is_name, "expected the name of a node of the cluster").unwrap_or_default();
        let mut number = |key, range| u32::try_from(reader.number(key, range, None)).unwrap_or(0);
        let template = number("template", 100..=999_999_999);
        let size = Size {
            cores: number("cores", 1..=256),
            memory: number("memory", 64..=4_194_304),
            disk: number("disk", 1..=65_536),
        };
        let storage = reader.text("storage", is_name, "expected the name of a storage");
        let user = reader.text("user", is_name, "expected a user name").unwrap_or_else(|| "debian".to_owned());
        let is_ip = |text: &str| text.starts_with("ip") && text.chars().all(|c| c.is_ascii_graphic());
        let ip = reader.text("ipconfig", is_ip, "expected what Proxmox takes for ipconfig0, such as ip=dhcp");
        reader.finish(Self { node, template, storage, user, ip: ip.unwrap_or_else(|| "ip=dhcp".to_owned()), size })
    }
}
