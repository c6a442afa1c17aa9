//! SFTP: one sshd of our own that shows owners their own files, and runs nothing for anybody.
//!
//! Whose directory a user sees is a link beneath `roots`: sshd locks the user into what it leads to, so that no file of
//! sshd's has to change when services come and go. The user's home is a path in there.

use std::{os::unix::fs::symlink, path::PathBuf, time::Duration};

use local_protocol::Password;
use rustix::process::Signal;

use crate::{
    fault::{During as _, Fault},
    files::{self, Owner, ROOT, ensure_dir, text},
    host::Host,
    locks::lock,
    manifest::Manifest,
    password,
    probe::Talk,
    process::{self, Daemon, until},
    program::Program,
    users,
};

const SSHD: &str = "/usr/sbin/sshd";
/// Where sshd wants an empty directory of root's; Debian's unit makes it when it starts.
const EMPTY: &str = "/run/sshd";
/// A hash that no password has.
const CLOSED: &str = "!";
/// How long sshd may take to listen.
const COMING_UP: Duration = Duration::from_secs(5);

/// Starts sshd, or tells the one that runs what has changed.
pub(crate) fn start(host: &Host) -> Result<(), Fault> {
    let _one_at_a_time = lock(&host.sftp);
    let (dir, configuration) = (dir(host), dir(host).join("sshd_config"));
    ensure_dir(&dir.join("roots"), 0o700, ROOT)?;
    ensure_dir(std::path::Path::new(EMPTY), 0o755, ROOT)?;
    ensure_key(host)?;
    let changed = files::write_if_different(&configuration, &settings(host), (0o600, ROOT))?;
    if daemon(host).is_running() && !changed {
        return Ok(());
    }
    Program::new(SSHD).args(&["-t", "-f"]).arg(&configuration).run()?;
    daemon(host).stop(Signal::TERM)?;
    Program::new(SSHD).arg("-f").arg(&configuration).arg("-E").arg(dir.join("sshd.log")).run()?;
    if until(COMING_UP, || daemon(host).is_running()) { Ok(()) } else { Err(Fault::failed("sshd does not come up")) }
}

/// Ends sshd; who is connected stays so until its service ends.
pub(crate) fn stop(host: &Host) -> Result<(), Fault> {
    daemon(host).stop(Signal::TERM)
}

/// The key by which clients know the server again. It is made once.
fn ensure_key(host: &Host) -> Result<(), Fault> {
    let (place, aside) = (dir(host).join("host_key"), dir(host).join("aside"));
    if place.exists() {
        return Ok(());
    }
    files::remove(&aside)?;
    Program::new("/usr/bin/ssh-keygen")
        .args(&["-q", "-t", "ed25519", "-N", "", "-C", "hosting", "-f"])
        .arg(&aside)
        .run()?;
    files::remove(&aside.with_extension("pub"))?;
    std::fs::rename(&aside, &place).during("put the host key in its place")
}

fn settings(host: &Host) -> String {
    let (dir, config, users) = (text(&dir(host)), &host.config, pattern(host));
    format!(
        "ListenAddress {}:{}\nHostKey {dir}/host_key\nPidFile {dir}/sshd.pid\nLogLevel INFO\nUsePAM no\nUseDNS no\n\
         AllowUsers {users}\nPermitRootLogin no\nAuthenticationMethods password\nPasswordAuthentication yes\n\
         PubkeyAuthentication no\nKbdInteractiveAuthentication no\nHostbasedAuthentication no\n\
         GSSAPIAuthentication no\nLoginGraceTime 20\nMaxAuthTries 3\nMaxStartups 20:30:100\nMaxSessions 4\n\
         DisableForwarding yes\nPermitTTY no\nPermitUserRC no\nPermitUserEnvironment no\nPrintMotd no\n\
         ClientAliveInterval 60\nClientAliveCountMax 3\nSubsystem sftp internal-sftp\n\
         ForceCommand internal-sftp -u 0022\nChrootDirectory {dir}/roots/%u\n",
        config.address, config.sftp_port
    )
}

/// The users of services, as sshd's lists name them: the prefix and twenty more. Nobody else is known here.
fn pattern(host: &Host) -> String {
    format!("{}{}", host.config.prefix, "?".repeat(20))
}

/// What the machine's own sshd must be told, unless it knows. A password that opens one's files here is a password of the
/// machine: there it would open no shell, but a way to whatever listens on this machine alone.
pub(crate) fn machine_must_deny(host: &Host) -> Option<String> {
    let somebody = format!("user={}{},host=localhost,addr=192.0.2.1", host.config.prefix, "0".repeat(20));
    // It says nothing where it is not set up.
    let said = Program::new(SSHD).args(&["-T", "-C", &somebody]).run().ok()?;
    lets_in(&said, &pattern(host)).then(|| format!("DenyUsers {}", pattern(host)))
}

/// Whether services' users come in with a password, by the settings that count for them (`sshd -T`).
fn lets_in(settings: &str, pattern: &str) -> bool {
    let has = |name: &str, value: &str| settings.lines().any(|line| line == format!("{name} {value}"));
    let lists = |name: &str| settings.lines().any(|line| line.starts_with(name));
    let by_password = has("passwordauthentication", "yes") || has("kbdinteractiveauthentication", "yes");
    by_password && !has("denyusers", pattern) && !lists("allowusers ") && !lists("allowgroups ")
}

/// Lets the owner see its directory, and log in if there is a password.
pub(crate) fn open(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    if !host.has_sftp() {
        return Ok(());
    }
    start(host)?;
    // Its owner sees what lies in there, and only root changes that; for others it is a way through, as before.
    ensure_dir(&manifest.dir(host), 0o751, Owner { uid: 0, gid: manifest.uid })?;
    let link = root_of(host, manifest);
    if link.symlink_metadata().is_err() {
        symlink(manifest.dir(host), &link).during("show its owner the files")?;
    }
    match files::read(&kept(host, manifest))? {
        Some(hash) => users::set_hash(host, manifest, hash.trim()),
        None => Ok(()),
    }
}

/// Lets nobody log in, and ends what is open.
pub(crate) fn close(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    if users::named(&manifest.user)?.is_none() {
        return Ok(());
    }
    files::remove(&root_of(host, manifest))?;
    if kept(host, manifest).exists() {
        users::set_hash(host, manifest, CLOSED)?;
    }
    end_sessions(host, manifest)
}

/// The hash is kept with the service, so that suspending and resuming changes no password.
pub(crate) fn set_password(host: &Host, manifest: &Manifest, password: &Password) -> Result<(), Fault> {
    let hash = password::hash(password)?;
    let hash = hash.strip_prefix("{BLF-CRYPT}").unwrap_or(&hash);
    files::write(&kept(host, manifest), hash, (0o600, ROOT))?;
    end_sessions(host, manifest)?;
    open(host, manifest)
}

/// It answers as SSH does.
pub(crate) fn answers(host: &Host) -> Result<(), String> {
    let greeting = Talk::open(host.at(host.config.sftp_port)).and_then(|mut talk| talk.line());
    match greeting {
        Ok(line) if line.starts_with("SSH-2.0") => Ok(()),
        Ok(_) => Err("the file server does not greet".to_owned()),
        Err(error) => Err(format!("the file server does not answer: {error}")),
    }
}

/// Whoever is logged in with the password of before, or just being let in, is not any more. PHP runs under the same user and
/// goes on.
fn end_sessions(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    let title = format!("sshd: {}", manifest.user);
    let sessions = || {
        // sshd has a process of root's for each connection, and those of the user's beneath it.
        let roots = daemon(host).pid().map(process::children).unwrap_or_default();
        let all = roots.into_iter().chain(process::all_of(manifest.uid));
        all.filter(|pid| process::command_line(*pid).is_some_and(|line| line.starts_with(&title))).collect::<Vec<_>>()
    };
    let ended = until(COMING_UP, || {
        let left = sessions();
        left.iter().copied().filter_map(rustix::process::Pid::from_raw).for_each(|pid| {
            let _ = rustix::process::kill_process(pid, Signal::KILL);
        });
        left.is_empty()
    });
    if ended { Ok(()) } else { Err(Fault::failed("its owner's connections do not end")) }
}

fn dir(host: &Host) -> PathBuf {
    host.config.state.join("sftp")
}

fn root_of(host: &Host, manifest: &Manifest) -> PathBuf {
    dir(host).join("roots").join(&manifest.user)
}

fn kept(host: &Host, manifest: &Manifest) -> PathBuf {
    manifest.dir(host).join("sftp-log-in")
}

fn daemon(host: &Host) -> Daemon {
    Daemon { pid_file: dir(host).join("sshd.pid"), mark: dir(host).join("sshd_config") }
}

#[cfg(test)]
mod tests {
    use super::lets_in;

    #[test]
    fn the_machines_own_sshd_lets_services_users_in_unless_it_was_told() {
        let usual = "port 22\npasswordauthentication yes\nkbdinteractiveauthentication no\n";
        assert!(lets_in(usual, "w????"));
        assert!(lets_in("passwordauthentication no\nkbdinteractiveauthentication yes\n", "w????"));
        for safe in [
            "passwordauthentication no\nkbdinteractiveauthentication no\n".to_owned(),
            format!("{usual}denyusers w????\n"),
            format!("{usual}allowusers admin\n"),
            format!("{usual}allowgroups ssh\n"),
        ] {
            assert!(!lets_in(&safe, "w????"), "{safe}");
        }
        assert!(lets_in(&format!("{usual}denyusers x????\n"), "w????"), "another helper's users");
    }
}
