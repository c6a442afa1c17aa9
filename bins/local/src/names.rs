//! Names that only one service can have: domains, addresses, ports.

use kernel::{Id, entity};

use crate::{
    fault::Fault,
    files::{self, ROOT},
    host::Host,
    locks::lock,
};

/// Takes the first of these names that is free, and keeps it with `keep` before anybody else may look. What a crash left
/// without a manifest is free.
pub(crate) fn claim<T>(
    host: &Host,
    service: Id<entity::Service>,
    names: impl IntoIterator<Item = T>,
    keep: impl FnOnce(&T) -> Result<(), Fault>,
) -> Result<Option<T>, Fault>
where
    T: ToString,
{
    let _one_at_a_time = lock(&host.names);
    for name in names {
        if is_free(host, service, &name.to_string())? {
            files::write(&path(host, &name.to_string()), &service.to_string(), (0o600, ROOT))?;
            keep(&name)?;
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Gives a name back, if it is this service's.
pub(crate) fn release(host: &Host, service: Id<entity::Service>, name: &str) -> Result<(), Fault> {
    let _one_at_a_time = lock(&host.names);
    let path = path(host, name);
    if files::read(&path)?.as_deref() == Some(&service.to_string()) { files::remove(&path) } else { Ok(()) }
}

fn is_free(host: &Host, service: Id<entity::Service>, name: &str) -> Result<bool, Fault> {
    let Some(holder) = files::read(&path(host, name))? else { return Ok(true) };
    let holder: Option<Id<entity::Service>> = holder.trim().parse().ok();
    Ok(holder.is_none_or(|holder| holder == service || !host.dir(holder).exists()))
}

fn path(host: &Host, name: &str) -> std::path::PathBuf {
    host.config.state.join("names").join(name)
}
