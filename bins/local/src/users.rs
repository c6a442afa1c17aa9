//! One unix user for each service.

use std::{fs::File, time::Duration};

use kernel::{Id, entity};
use local_protocol::Kind;

use crate::{
    fault::{During as _, Fault},
    files::{self, Owner, ROOT},
    host::Host,
    locks::lock,
    manifest::Manifest,
    process,
    program::{Ended, Program},
};

/// Helpers beside this one change the same lists of users; they take turns.
const TURN: &str = "/run/lock/hostwright-local.users";
/// How long the lists may be somebody else's.
const BUSY: Duration = Duration::from_secs(15);
/// How many numbers are tried when somebody else has taken one.
const TRIES: u32 = 500;
/// useradd's exit status for a number that is taken (useradd(8)).
const NUMBER_TAKEN: i32 = 4;
/// userdel's exit status for a user that is not there (userdel(8)).
const NO_SUCH_USER: i32 = 6;
/// Where anybody may write, besides a service's own directories.
const EVERYBODYS: [&str; 3] = ["/tmp", "/var/tmp", "/dev/shm"];

/// The name of a service's user: the prefix and the end of its key, which is the key's random part.
pub(crate) fn name(host: &Host, service: Id<entity::Service>) -> String {
    let hex = service.uuid().simple().to_string();
    let tail: String = hex.chars().skip(hex.len().saturating_sub(20)).collect();
    format!("{}{tail}", host.config.prefix)
}

/// The user with this name, if there is one.
pub(crate) fn named(name: &str) -> Result<Option<Owner>, Fault> {
    let text = std::fs::read_to_string("/etc/passwd").during("read the list of users")?;
    Ok(text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let found = fields.next() == Some(name);
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        found.then_some(Owner { uid, gid })
    }))
}

/// Makes the service's user, with a number that none of ours had before, so that nobody inherits what another one left.
pub(crate) fn ensure(host: &Host, manifest: &mut Manifest) -> Result<(), Fault> {
    let _here = lock(&host.users);
    let _elsewhere = turn()?;
    if let Some(owner) = named(&manifest.user)? {
        manifest.uid = owner.uid;
        return Ok(());
    }
    let first = next_number(host)?;
    // Of those who reach their files the home is a path in what they are locked into.
    let home = match manifest.spec.kind() {
        Kind::Website | Kind::Wordpress => "/public_html".to_owned(),
        Kind::Storage => "/files".to_owned(),
        Kind::Mailbox | Kind::Game => files::text(&manifest.dir(host).join("home")),
    };
    for uid in first..first.saturating_add(TRIES) {
        files::write(&host.config.state.join("next-uid"), &uid.saturating_add(1).to_string(), (0o600, ROOT))?;
        if add(&home, &manifest.user, uid)? {
            manifest.uid = uid;
            return manifest.save(host);
        }
    }
    Err(Fault::failed(format!("no number is free for a user from {first} on")))
}

fn next_number(host: &Host) -> Result<u32, Fault> {
    let kept = files::read(&host.config.state.join("next-uid"))?.and_then(|text| text.trim().parse().ok());
    Ok(kept.unwrap_or(0).max(host.config.first_uid))
}

/// Adds a group and a user of the same number. Whether the number was free.
fn add(home: &str, name: &str, uid: u32) -> Result<bool, Fault> {
    let number = uid.to_string();
    let group = change("/usr/sbin/groupadd", &["--gid", &number, name])?;
    if group.code == NUMBER_TAKEN {
        return Ok(false);
    }
    // 9: the group is there already, left from a start that was cut off.
    if group.code == 9 {
        succeeded("groupmod", &change("/usr/sbin/groupmod", &["--gid", &number, name])?)?;
    } else {
        succeeded("groupadd", &group)?;
    }
    let identity = ["--uid", &number, "--gid", &number, "--no-create-home", "--home-dir", home, "--no-log-init"];
    let rest = ["--shell", "/usr/sbin/nologin", "-K", "SUB_UID_COUNT=0", "-K", "SUB_GID_COUNT=0", name];
    let user = change("/usr/sbin/useradd", &[&identity[..], &rest[..]].concat())?;
    if user.code == NUMBER_TAKEN {
        succeeded("groupdel", &change("/usr/sbin/groupdel", &[name])?)?;
        return Ok(false);
    }
    succeeded("useradd", &user).map(|()| true)
}

fn succeeded(program: &str, ended: &Ended) -> Result<(), Fault> {
    match ended.code {
        0 => Ok(()),
        code => Err(Fault::failed(format!("{program} ended with {code}: {}", ended.output.trim()))),
    }
}

/// Runs a program that changes the lists of users. Somebody else may be changing them: an administrator, or what a helper
/// that died has left behind.
fn change(program: &'static str, arguments: &[&str]) -> Result<Ended, Fault> {
    let last = std::cell::RefCell::new(None);
    process::until(BUSY, || {
        let ended = Program::new(program).args(arguments).run_to_end();
        let busy = ended.as_ref().is_ok_and(|ended| ended.code != 0 && ended.output.contains("try again later"));
        *last.borrow_mut() = Some(ended);
        !busy
    });
    last.into_inner().unwrap_or_else(|| Err(Fault::failed(format!("{program} was not run"))))
}

/// Ends the user's processes, takes away what it left where anybody may write, and removes it.
pub(crate) fn remove(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    let Some(owner) = named(&manifest.user)? else { return Ok(()) };
    process::end_all_of(owner.uid)?;
    EVERYBODYS.iter().try_for_each(|place| sweep(place, owner.uid))?;
    let _here = lock(&host.users);
    let _elsewhere = turn()?;
    let ended = change("/usr/sbin/userdel", &[&manifest.user])?;
    if ended.code != NO_SUCH_USER {
        succeeded("userdel", &ended)?;
    }
    // It goes with its user, unless a start was cut off between the two.
    change("/usr/sbin/groupdel", &[&manifest.user]).map(|_| ())
}

/// Sets the hash of the user's password, if it is another one. It goes through standard input: arguments are everybody's to see.
pub(crate) fn set_hash(host: &Host, manifest: &Manifest, hash: &str) -> Result<(), Fault> {
    let _here = lock(&host.users);
    let _elsewhere = turn()?;
    let list = files::read("/etc/shadow".as_ref())?.unwrap_or_default();
    let mut users = list.lines().map(|line| line.split(':'));
    if users.any(|mut fields| fields.next() == Some(&manifest.user) && fields.next() == Some(hash)) {
        return Ok(());
    }
    let line = format!("{}:{hash}\n", manifest.user);
    Program::new("/usr/sbin/chpasswd").arg("--encrypted").input(&line).run().map(|_| ())
}

fn sweep(place: &str, uid: u32) -> Result<(), Fault> {
    use std::os::unix::fs::MetadataExt as _;
    for entry in std::fs::read_dir(place).during("look for what a user left")?.flatten() {
        let path = entry.path();
        let Ok(found) = std::fs::symlink_metadata(&path) else { continue };
        if found.uid() == uid {
            if found.is_dir() { files::remove_tree(&path)? } else { files::remove(&path)? }
        }
    }
    Ok(())
}

fn turn() -> Result<File, Fault> {
    let file = File::create(TURN).during("take a turn at the list of users")?;
    file.lock().during("take a turn at the list of users")?;
    Ok(file)
}
