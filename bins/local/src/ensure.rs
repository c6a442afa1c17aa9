//! Making a service: begun with a record, finished or undone.

use local_protocol::{Kind, Owned, Refusal, Spec, Standing};

use crate::{
    fault::{During as _, Fault},
    files::{ROOT, ensure_dir},
    game,
    host::Host,
    life, log,
    manifest::{self, Manifest, State},
    names, users, wordpress,
};

/// Makes it or finishes it. What stands already is brought up and left as it is.
pub(crate) fn ensure(host: &Host, owned: Owned, spec: Spec) -> Result<Standing, Fault> {
    let kind = spec.kind();
    if !host.makes(kind) {
        return Err(Fault::failed(format!("nothing of the kind {} can be made on this machine", kind.as_str())));
    }
    let _lock = host.services.acquire(owned.service)?;
    if manifest::has_ended(host, owned.service) {
        return Err(Fault::never("what stood under this key has ended; it is not made a second time"));
    }
    let mut manifest = match Manifest::load(host, owned.service)? {
        Some(manifest) => manifest,
        None => begin(host, owned, spec)?,
    };
    if manifest.owned != owned || manifest.spec.kind() != kind {
        return Err(Fault::never("something else stands under this key, or another customer's"));
    }
    match manifest.state {
        State::Ending => return Err(Fault::never("it is being ended")),
        State::Suspended => {}
        State::Active => life::bring_up(host, &manifest)?,
        State::Making => finish(host, &mut manifest)?,
    }
    Ok(manifest.standing(host))
}

/// Takes a name and writes the record, before anything is made that could be forgotten.
fn begin(host: &Host, owned: Owned, spec: Spec) -> Result<Manifest, Fault> {
    let mut manifest = Manifest {
        owned,
        state: State::Making,
        powered: true,
        user: users::name(host, owned.service),
        uid: 0,
        name: String::new(),
        port: 0,
        login: None,
        spec,
    };
    match manifest.spec.clone() {
        Spec::Website { domains, .. } => take_name(host, &mut manifest, &domains, host.config.http_port)?,
        Spec::Wordpress { domains, admin, .. } => {
            manifest.login = Some(wordpress::login(&admin));
            take_name(host, &mut manifest, &domains, host.config.http_port)?;
        }
        Spec::Mailbox { addresses, .. } => take_name(host, &mut manifest, &addresses, host.config.imap_port)?,
        Spec::Storage { .. } => {
            let user = manifest.user.clone();
            manifest.login = Some(user.clone());
            take_name(host, &mut manifest, &[user], host.config.sftp_port)?;
        }
        Spec::Game { name, .. } => {
            manifest.name = name.to_string();
            take_port(host, &mut manifest)?;
        }
    }
    Ok(manifest)
}

fn take_name<T: ToString>(host: &Host, manifest: &mut Manifest, names: &[T], port: u16) -> Result<(), Fault> {
    let service = manifest.owned.service;
    let texts: Vec<String> = names.iter().map(ToString::to_string).collect();
    let taken = names::claim(host, service, texts, |name| {
        (manifest.name, manifest.port) = (name.clone(), port);
        if manifest.spec.kind() == Kind::Mailbox {
            manifest.login = Some(name.clone());
        }
        record(host, manifest)
    })?;
    match taken {
        Some(_) => Ok(()),
        None if manifest.spec.kind() == Kind::Mailbox => Err(Fault::never("another service has this address")),
        None => Err(Fault::never("the domain is taken by another service; agree on another one with the customer")),
    }
}

fn take_port(host: &Host, manifest: &mut Manifest) -> Result<(), Fault> {
    let service = manifest.owned.service;
    let taken = names::claim(host, service, game::free_ports(host), |port| {
        manifest.port = port.0;
        record(host, manifest)
    })?;
    taken.map(|_| ()).ok_or_else(|| Fault::new(Refusal::Full, "every port for game servers is taken"))
}

fn record(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    ensure_dir(&manifest.dir(host), 0o711, ROOT)?;
    manifest.save(host)
}

/// Makes everything; when that fails everything is taken back, so that nothing half made stays.
pub(crate) fn finish(host: &Host, manifest: &mut Manifest) -> Result<(), Fault> {
    let made = users::ensure(host, manifest).and_then(|()| life::make(host, manifest));
    if let Err(fault) = made {
        log(&format!("{}: making it failed, so it is taken back: {fault}", manifest.key()));
        if let Err(left) = life::remove_everything(host, manifest) {
            log(&format!("{}: taking it back failed: {left}", manifest.key()));
        }
        return Err(fault);
    }
    manifest.state = State::Active;
    manifest.save(host)
}

/// Finishes or removes what a helper before this one left half done, and brings up what should run.
pub(crate) fn recover(host: &Host) -> Result<(), Fault> {
    for key in manifest::keys(host)? {
        let Some(mut manifest) = Manifest::load(host, key)? else {
            // Its record is the last thing that goes and the first that comes: there is nothing but a directory.
            std::fs::remove_dir_all(host.dir(key)).during("remove an empty place")?;
            continue;
        };
        let done = match manifest.state {
            State::Making => finish(host, &mut manifest),
            State::Active => life::bring_up(host, &manifest),
            State::Suspended => life::stop(host, &manifest),
            State::Ending => life::end(host, &mut manifest),
        };
        if let Err(fault) = done {
            log(&format!("{}: it could not be brought up: {fault}", manifest.key()));
        }
    }
    Ok(())
}
