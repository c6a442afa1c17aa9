//! The mail server: one dovecot of our own, which reads one small file for each mailbox.

use std::{path::PathBuf, time::Duration};

use rustix::process::Signal;

use crate::{
    fault::Fault,
    files::{self, Owner, ROOT, ensure_dir, text},
    host::Host,
    locks::lock,
    probe::{self, Talk},
    process::{Daemon, until},
    program::Program,
    users,
};

/// How long dovecot may take to notice that a file has changed.
const NOTICED: Duration = Duration::from_secs(10);

/// Starts it, or tells the one that runs to read anew.
pub(crate) fn start(host: &Host) -> Result<(), Fault> {
    let _one = lock(&host.mail);
    let reader = reader()?;
    ensure_dir(&dir(host), 0o755, ROOT)?;
    for inner in ["log-ins", "mailboxes"] {
        ensure_dir(&dir(host).join(inner), 0o750, reader)?;
    }
    let changed = files::write_if_different(&file(host), &configuration(host), (0o600, ROOT))?;
    if daemon(host).is_running() {
        if changed {
            daemon(host).signal(Signal::HUP);
        }
        return Ok(());
    }
    Program::new("/usr/sbin/dovecot").arg("-c").arg(file(host)).run()?;
    probe::comes_up(|| {
        let greeted = Talk::open(host.at(host.config.imap_port)).and_then(|mut talk| talk.line());
        greeted.map_err(|error| error.to_string()).map(|_| ())
    })
    .map_err(Fault::failed)
}

pub(crate) fn stop(host: &Host) -> Result<(), Fault> {
    daemon(host).stop(Signal::TERM)
}

/// Ends the sessions of a mailbox that are open: they would go on with a password that is no longer right.
pub(crate) fn kick(host: &Host, address: &str) -> Result<(), Fault> {
    let ended = Program::new("/usr/bin/doveadm").args(&["-c", &text(&file(host)), "kick", address]).run_to_end()?;
    // 68: nobody of that name was there (doveadm(1)).
    if ![0, 68].contains(&ended.code) {
        return Err(Fault::failed(format!("open sessions of {address} could not be ended: {}", ended.output.trim())));
    }
    // They are asked to end, and may answer one command more; who was told that it is done must not see that.
    if until(NOTICED, || nobody_is_in(host, address)) {
        return Ok(());
    }
    Err(Fault::failed(format!("open sessions of {address} do not end")))
}

/// Whether dovecot knows of no open session of a mailbox.
fn nobody_is_in(host: &Host, address: &str) -> bool {
    let asked = Program::new("/usr/bin/doveadm").args(&["-c", &text(&file(host)), "who", "-1", address]).run_to_end();
    asked.is_ok_and(|seen| {
        seen.code == 0 && !seen.output.lines().any(|line| line.split_whitespace().next() == Some(address))
    })
}

/// Waits until dovecot has read whether anybody may log in. It looks at its files once a second at most.
pub(crate) fn takes_log_ins(host: &Host, address: &str, wanted: bool) -> Result<(), Fault> {
    knows(host, &["auth", "lookup", address], wanted)
}

/// Waits until dovecot has read whether there is such a mailbox.
pub(crate) fn takes_mail(host: &Host, address: &str, wanted: bool) -> Result<(), Fault> {
    knows(host, &["user", address], wanted)
}

fn knows(host: &Host, question: &[&str], wanted: bool) -> Result<(), Fault> {
    let config = text(&file(host));
    let ask = || Program::new("/usr/bin/doveadm").args(&["-c", &config]).args(question).run_to_end();
    // 67: there is no such user (doveadm(1), sysexits.h).
    let expected = if wanted { 0 } else { 67 };
    if until(NOTICED, || ask().is_ok_and(|ended| ended.code == expected)) {
        return Ok(());
    }
    Err(Fault::failed("the mail server does not notice what was changed"))
}

/// Where it is looked up whether a password is right.
pub(crate) fn log_in(host: &Host, address: &str) -> PathBuf {
    dir(host).join("log-ins").join(address)
}

/// Where it is looked up whose a mailbox is and where. It is there while the mailbox is, so mail arrives meanwhile too.
pub(crate) fn mailbox(host: &Host, address: &str) -> PathBuf {
    dir(host).join("mailboxes").join(address)
}

/// Root's, to be read by dovecot.
pub(crate) fn reader() -> Result<Owner, Fault> {
    Ok(Owner { uid: 0, gid: users::named("dovecot")?.unwrap_or(ROOT).gid })
}

fn daemon(host: &Host) -> Daemon {
    Daemon { pid_file: dir(host).join("run/master.pid"), mark: file(host) }
}

fn dir(host: &Host) -> PathBuf {
    host.config.state.join("mail")
}

fn file(host: &Host) -> PathBuf {
    dir(host).join("dovecot.conf")
}

fn configuration(host: &Host) -> String {
    let (dir, config) = (text(&dir(host)), &host.config);
    let tls = match (&config.imap_certificate, &config.imap_key) {
        (Some(certificate), Some(key)) => {
            format!("ssl = required\nssl_cert = <{}\nssl_key = <{}\n", certificate.display(), key.display())
        }
        // Without TLS dovecot takes passwords from this machine alone.
        _ => "ssl = no\n".to_owned(),
    };
    let lmtp = config.lmtp_port;
    format!(
        "base_dir = {dir}/run\nstate_dir = {dir}/run\nlog_path = {dir}/dovecot.log\nprotocols = imap lmtp\n\
         listen = {address}\n{tls}disable_plaintext_auth = yes\nauth_mechanisms = plain login\n\
         auth_username_format = %Lu\nauth_cache_size = 0\n\
         mail_location = maildir:~/Maildir\nfirst_valid_uid = 1000\nmail_plugins = quota\n\
         default_process_limit = 200\n\
         passdb {{\n  driver = passwd-file\n  args = {dir}/log-ins/%Lu\n}}\n\
         userdb {{\n  driver = passwd-file\n  args = {dir}/mailboxes/%Lu\n}}\n\
         plugin {{\n  quota = count:User quota\n  quota_vsizes = yes\n}}\n\
         protocol imap {{\n  mail_plugins = quota imap_quota\n  mail_max_userip_connections = 20\n}}\n\
         protocol lmtp {{\n  mail_plugins = quota\n  postmaster_address = postmaster@localhost\n  hostname = localhost\n}}\n\
         service imap-login {{\n  inet_listener imap {{\n    port = {imap}\n  }}\n  inet_listener imaps {{\n    port = 0\n  }}\n}}\n\
         service lmtp {{\n  inet_listener lmtp {{\n    address = 127.0.0.1\n    port = {lmtp}\n  }}\n}}\n",
        address = config.address,
        imap = config.imap_port,
    )
}
