//! Mailboxes.

use local_protocol::{Password, Spec};

use crate::{
    fault::Fault,
    files::{self, ROOT, ensure_dir, text},
    host::Host,
    mail,
    manifest::Manifest,
    password,
    probe::{self, Talk},
    process::end_all_of,
};

/// Makes it with a password that nobody knows, and logs in with it once.
pub(crate) fn make(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    mail::start(host)?;
    let own = manifest.dir(host);
    ensure_dir(&own.join("mail"), 0o700, manifest.owner())?;
    let Spec::Mailbox { disk, .. } = &manifest.spec else { return Err(Fault::failed("it is no mailbox")) };
    let (address, uid, disk) = (&manifest.name, manifest.uid, disk.get());
    // The fields of a passwd-file: user, password, uid, gid, gecos, home, shell, extra.
    let home = text(&own.join("mail"));
    let line = format!("{address}::{uid}:{uid}::{home}::userdb_quota_rule=*:storage={disk}M\n");
    files::write(&mail::mailbox(host, address), &line, (0o640, mail::reader()?))?;
    let password = password::random()?;
    mail::takes_mail(host, address, true)?;
    set_password(host, manifest, &password)?;
    probe::comes_up(|| looks_right(host, manifest)).map_err(Fault::failed)
}

/// The hash is kept with the mailbox, so that suspending and resuming changes no password.
pub(crate) fn set_password(host: &Host, manifest: &Manifest, password: &Password) -> Result<(), Fault> {
    let line = format!("{}:{}\n", manifest.name, password::hash(password)?);
    files::write(&kept(host, manifest), &line, (0o600, ROOT))?;
    // The old one is seen to be forgotten first: then a log-in that is known is the new one.
    close(host, manifest)?;
    open(host, manifest)?;
    mail::kick(host, &manifest.name)?;
    probe::comes_up(|| logs_in(host, manifest, password)).map_err(Fault::failed)
}

/// Lets its owner log in.
pub(crate) fn open(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    mail::start(host)?;
    let line = files::read(&kept(host, manifest))?.ok_or_else(|| Fault::failed("the mailbox has no password"))?;
    if files::write_if_different(&mail::log_in(host, &manifest.name), &line, (0o640, mail::reader()?))? {
        mail::takes_log_ins(host, &manifest.name, true)?;
    }
    Ok(())
}

/// Lets nobody log in, and ends what is open. Mail goes on arriving. The file is emptied and not removed: dovecot goes on
/// with what it read last where a file is gone.
pub(crate) fn close(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    mail::start(host)?;
    let file = mail::log_in(host, &manifest.name);
    if file.exists() {
        files::write_if_different(&file, "", (0o640, mail::reader()?))?;
        mail::takes_log_ins(host, &manifest.name, false)?;
    }
    mail::kick(host, &manifest.name)
}

/// Takes its log-in and its delivery away; the mail itself goes with its directory.
pub(crate) fn remove(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    close(host, manifest)?;
    let mailbox = mail::mailbox(host, &manifest.name);
    if mailbox.exists() {
        files::write(&mailbox, "", (0o640, mail::reader()?))?;
        mail::takes_mail(host, &manifest.name, false)?;
    }
    files::remove(&mailbox)?;
    files::remove(&mail::log_in(host, &manifest.name))?;
    mail::kick(host, &manifest.name)?;
    if manifest.uid > 0 { end_all_of(manifest.uid) } else { Ok(()) }
}

/// Mail for the address is taken, and IMAP answers.
pub(crate) fn looks_right(host: &Host, manifest: &Manifest) -> Result<(), String> {
    let said = |error: std::io::Error| format!("the mail server does not answer: {error}");
    let lmtp = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, host.config.lmtp_port));
    let mut talk = Talk::open(lmtp).map_err(said)?;
    let recipient = format!("RCPT TO:<{}>", manifest.name);
    let mut last = talk.line().map_err(said)?;
    for line in ["LHLO localhost", "MAIL FROM:<>", &recipient] {
        talk.say(line).map_err(said)?;
        last = talk.line().map_err(said)?;
        while last.get(3..4) == Some("-") {
            last = talk.line().map_err(said)?;
        }
    }
    talk.say("QUIT").map_err(said)?;
    if !last.starts_with("250") {
        return Err(format!("mail for {} is not taken: {}", manifest.name, last.trim()));
    }
    let greeting = Talk::open(host.at(host.config.imap_port)).and_then(|mut talk| talk.line()).map_err(said)?;
    if greeting.starts_with("* OK") { Ok(()) } else { Err("IMAP does not greet".to_owned()) }
}

fn logs_in(host: &Host, manifest: &Manifest, password: &Password) -> Result<(), String> {
    // A server with TLS takes no password without it; then the greeting must do.
    if host.config.imap_certificate.is_some() {
        return Ok(());
    }
    let said = |error: std::io::Error| format!("IMAP does not answer: {error}");
    let mut talk = Talk::open(host.at(host.config.imap_port)).map_err(said)?;
    talk.line().map_err(said)?;
    // In quotes, in which these two are escaped (RFC 3501, `quoted`).
    let quoted = password.expose().replace('\\', "\\\\").replace('"', "\\\"");
    talk.say(&format!("a LOGIN {} \"{quoted}\"", manifest.name)).map_err(said)?;
    loop {
        let line = talk.line().map_err(said)?;
        if line.starts_with("a OK") {
            return Ok(());
        }
        if line.is_empty() || line.starts_with("a ") {
            return Err(format!("{} cannot log in", manifest.name));
        }
    }
}

fn kept(host: &Host, manifest: &Manifest) -> std::path::PathBuf {
    manifest.dir(host).join("log-in")
}
