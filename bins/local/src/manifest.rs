//! What stands here, one file a service: the truth from which everything is brought up again.

use std::path::PathBuf;

use kernel::{Id, entity};
use local_protocol::{Condition, Kind, Owned, Sftp, Spec, Standing};
use serde::{Deserialize, Serialize};

use crate::{
    fault::Fault,
    files::{self, Owner, ROOT},
    host::Host,
    tls,
};

/// A service's record. Root's alone to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) owned: Owned,
    pub(crate) spec: Spec,
    pub(crate) state: State,
    /// Its owner has not stopped it.
    pub(crate) powered: bool,
    /// Its unix user, and its database and the database's user.
    pub(crate) user: String,
    pub(crate) uid: u32,
    /// Its domain, address or name.
    pub(crate) name: String,
    pub(crate) port: u16,
    pub(crate) login: Option<String>,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    Making,
    Active,
    Suspended,
    Ending,
}

const FILE: &str = "manifest.json";

impl Manifest {
    /// What stands under this key.
    pub(crate) fn load(host: &Host, service: Id<entity::Service>) -> Result<Option<Self>, Fault> {
        let path = host.dir(service).join(FILE);
        let Some(text) = files::read(&path)? else { return Ok(None) };
        let manifest: Self = serde_json::from_str(&text)
            .map_err(|error| Fault::failed(format!("{} cannot be read: {error}", path.display())))?;
        if manifest.owned.service != service {
            return Err(Fault::failed(format!("{} is another service's", path.display())));
        }
        Ok(Some(manifest))
    }

    pub(crate) fn save(&self, host: &Host) -> Result<(), Fault> {
        let text = serde_json::to_string_pretty(self).map_err(|error| Fault::failed(error.to_string()))?;
        files::write(&self.dir(host).join(FILE), &text, (0o600, ROOT))
    }

    /// Where its files are.
    pub(crate) fn dir(&self, host: &Host) -> PathBuf {
        host.dir(self.owned.service)
    }

    /// Its unix user, whose group has the same number.
    pub(crate) const fn owner(&self) -> Owner {
        Owner { uid: self.uid, gid: self.uid }
    }

    pub(crate) fn key(&self) -> String {
        self.owned.service.to_string()
    }

    /// What others are told of it.
    pub(crate) fn standing(&self, host: &Host) -> Standing {
        let condition = match self.state {
            State::Making | State::Ending => Condition::Making,
            State::Active => Condition::Active,
            State::Suspended => Condition::Suspended,
        };
        let kind = self.spec.kind();
        let is_site = matches!(kind, Kind::Website | Kind::Wordpress);
        let secure = is_site && tls::has_certificate(host, &self.name);
        let files = is_site || kind == Kind::Storage;
        Standing {
            owned: self.owned,
            kind,
            condition,
            name: self.name.clone(),
            port: if secure { host.config.https_port } else { self.port },
            login: self.login.clone(),
            secure,
            notice: host.watch.notice(self.owned.service),
            sftp: (files && host.has_sftp()).then(|| Sftp { port: host.config.sftp_port, user: self.user.clone() }),
        }
    }
}

/// Every key under which something stands, in order.
pub(crate) fn keys(host: &Host) -> Result<Vec<Id<entity::Service>>, Fault> {
    let names = files::names(&host.config.root)?;
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}

/// Whether what stood under this key has ended; then it is never made again.
pub(crate) fn has_ended(host: &Host, service: Id<entity::Service>) -> bool {
    host.ended().join(service.to_string()).exists()
}

/// Remembers that what stood under this key has ended.
pub(crate) fn remember_end(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    let text = format!("{} of {}\n", manifest.spec.kind().as_str(), manifest.owned.customer);
    files::write(&host.ended().join(manifest.key()), &text, (0o600, ROOT))
}
