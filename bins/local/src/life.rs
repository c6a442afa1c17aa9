//! A service's later life: stopped, let go on, ended; and what of that each kind has to do.

use local_protocol::{Condition, Kind, Owned, Password, PowerWord, Refusal, Standing};

use crate::{
    fault::Fault,
    files, game,
    host::Host,
    mailbox,
    manifest::{self, Manifest, State},
    names, sftp, site, storage, users, wordpress,
};

/// What stands under this key, looked at when nobody works on it.
pub(crate) fn look(host: &Host, service: kernel::Id<kernel::entity::Service>) -> Result<Option<Standing>, Fault> {
    let _lock = host.services.acquire(service)?;
    let Some(manifest) = Manifest::load(host, service)? else { return Ok(None) };
    let mut standing = manifest.standing(host);
    if standing.condition == Condition::Active && manifest.powered {
        let looked = match standing.kind {
            Kind::Website | Kind::Wordpress => site::looks_right(host, &manifest),
            Kind::Mailbox => mailbox::looks_right(host, &manifest),
            Kind::Game => game::looks_right(host, &manifest),
            Kind::Storage => storage::looks_right(host, &manifest),
        };
        if let Err(why) = looked {
            standing.condition = Condition::Silent(why);
        }
    }
    Ok(Some(standing))
}

/// Does something with a service that is this customer's, alone.
pub(crate) fn with<T>(
    host: &Host,
    owned: Owned,
    act: impl FnOnce(&mut Manifest) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let _lock = host.services.acquire(owned.service)?;
    let Some(mut manifest) = Manifest::load(host, owned.service)? else {
        return Err(Fault::new(Refusal::Gone, "nothing stands under this key"));
    };
    if manifest.owned != owned {
        return Err(Fault::never("what stands under this key is another customer's"));
    }
    if manifest.state == State::Making {
        return Err(Fault::new(Refusal::Busy, "it is not made yet"));
    }
    act(&mut manifest)
}

pub(crate) fn suspend(host: &Host, manifest: &mut Manifest) -> Result<(), Fault> {
    running_or_suspended(manifest)?;
    stop(host, manifest)?;
    manifest.state = State::Suspended;
    manifest.save(host)
}

pub(crate) fn resume(host: &Host, manifest: &mut Manifest) -> Result<(), Fault> {
    running_or_suspended(manifest)?;
    manifest.powered = true;
    bring_up(host, manifest)?;
    manifest.state = State::Active;
    manifest.save(host)
}

fn running_or_suspended(manifest: &Manifest) -> Result<(), Fault> {
    if manifest.state == State::Ending { Err(Fault::never("it is being ended")) } else { Ok(()) }
}

/// Ends it: nothing stays but the memory of its key.
pub(crate) fn end(host: &Host, manifest: &mut Manifest) -> Result<(), Fault> {
    if manifest.state != State::Ending {
        manifest.state = State::Ending;
        manifest.save(host)?;
    }
    manifest::remember_end(host, manifest)?;
    remove_everything(host, manifest)
}

/// Makes what the kind asks for.
pub(crate) fn make(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    match manifest.spec.kind() {
        Kind::Website | Kind::Wordpress => site::make(host, manifest),
        Kind::Mailbox => mailbox::make(host, manifest),
        Kind::Game => game::make(host, manifest),
        Kind::Storage => storage::make(host, manifest),
    }
}

/// Everything that should run runs; nothing happens where it does.
pub(crate) fn bring_up(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    let up = match manifest.spec.kind() {
        Kind::Website | Kind::Wordpress => {
            if manifest.spec.kind() == Kind::Wordpress {
                crate::database::start(host)?;
            }
            site::start(host, manifest)?;
            crate::probe::comes_up(|| site::looks_right(host, manifest))
        }
        Kind::Mailbox => {
            mailbox::open(host, manifest)?;
            crate::probe::comes_up(|| mailbox::looks_right(host, manifest))
        }
        Kind::Storage => {
            storage::open(host, manifest)?;
            crate::probe::comes_up(|| storage::looks_right(host, manifest))
        }
        Kind::Game => {
            game::start(host, manifest)?;
            if manifest.powered { crate::probe::comes_up(|| game::looks_right(host, manifest)) } else { Ok(()) }
        }
    };
    up.map_err(Fault::failed)
}

/// Stops it and keeps everything.
pub(crate) fn stop(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    match manifest.spec.kind() {
        Kind::Website | Kind::Wordpress => site::suspend(host, manifest),
        Kind::Mailbox => mailbox::close(host, manifest),
        Kind::Game => game::stop(host, manifest),
        Kind::Storage => sftp::close(host, manifest),
    }
}

/// The record goes last, so that a start that was cut off is found and done again.
pub(crate) fn remove_everything(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    match manifest.spec.kind() {
        Kind::Website | Kind::Wordpress => site::remove(host, manifest)?,
        Kind::Mailbox => mailbox::remove(host, manifest)?,
        Kind::Game => game::remove(host, manifest)?,
        Kind::Storage => sftp::close(host, manifest)?,
    }
    users::remove(host, manifest)?;
    for name in files::names(&manifest.dir(host))? {
        let path = manifest.dir(host).join(&name);
        if name != "manifest.json" {
            if path.is_dir() && !path.is_symlink() { files::remove_tree(&path)? } else { files::remove(&path)? }
        }
    }
    let name =
        if manifest.spec.kind() == Kind::Game { game::Port(manifest.port).to_string() } else { manifest.name.clone() };
    names::release(host, manifest.owned.service, &name)?;
    files::remove_tree(&manifest.dir(host))
}

/// Starts or stops what runs for it alone.
pub(crate) fn power(host: &Host, manifest: &mut Manifest, power: PowerWord) -> Result<(), Fault> {
    if manifest.state == State::Suspended {
        return Err(Fault::never("it is suspended"));
    }
    if matches!(manifest.spec.kind(), Kind::Mailbox | Kind::Storage) {
        return Err(Fault::never("nothing runs for it alone"));
    }
    let (stops, starts) = match power {
        PowerWord::Start => (false, true),
        PowerWord::Stop | PowerWord::Kill => (true, false),
        PowerWord::Restart => (true, true),
    };
    if stops {
        match manifest.spec.kind() {
            Kind::Website | Kind::Wordpress => site::stop(host, manifest)?,
            Kind::Game => game::stop(host, manifest)?,
            Kind::Mailbox | Kind::Storage => {}
        }
    }
    manifest.powered = starts;
    manifest.save(host)?;
    if starts { bring_up(host, manifest) } else { Ok(()) }
}

/// Sets the password that its owner signs in with.
pub(crate) fn set_password(host: &Host, manifest: &Manifest, password: &Password) -> Result<(), Fault> {
    if manifest.state != State::Active {
        return Err(Fault::never("it is suspended or being ended"));
    }
    match manifest.spec.kind() {
        Kind::Mailbox => mailbox::set_password(host, manifest, password),
        Kind::Wordpress => {
            wordpress::set_password(host, manifest, password)?;
            if host.has_sftp() { sftp::set_password(host, manifest, password) } else { Ok(()) }
        }
        Kind::Website if host.has_sftp() => sftp::set_password(host, manifest, password),
        Kind::Storage => sftp::set_password(host, manifest, password),
        Kind::Website | Kind::Game => Err(Fault::never("nobody signs in to a service of this kind")),
    }
}
