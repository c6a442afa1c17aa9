//! The socket: who may speak, and one answer to one question.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    os::unix::{
        fs::{PermissionsExt as _, chown},
        net::{UnixListener, UnixStream},
    },
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use local_protocol::{Answer, Kind, LONGEST_LINE, PAGE, Question, Refusal, VERSION, Verb};

use crate::{
    config::Config,
    database, disk, ensure,
    fault::{During as _, Fault},
    game,
    host::Host,
    life, log, mail,
    manifest::{self, Manifest},
    measure, nginx, php, sftp, watch,
};

/// How long a question may take to arrive, and its answer to be read.
const TALK: Duration = Duration::from_secs(10);
/// How many may speak at once; whoever comes then is asked to come again.
const AT_ONCE: usize = 64;

/// Runs the helper until it is stopped.
pub fn run(config: Config) -> Result<(), Fault> {
    if !rustix::process::geteuid().is_root() {
        return Err(Fault::never("it makes users and starts daemons, so it must be root"));
    }
    if config.stop && ask_to_stop(&config).is_ok() {
        return Ok(());
    }
    let stop = config.stop;
    let host = Arc::new(Host::open(config)?);
    if stop {
        return stop_everything(&host);
    }
    let listener = listen(&host.config)?;
    prepare(&host);
    ensure::recover(&host)?;
    watch::begin(&host)?;
    log(&format!("the hosting helper listens on {}", host.config.socket.display()));
    let speaking = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming() {
        let stream = stream.during("take a connection")?;
        if host.stopping.load(Ordering::SeqCst) {
            break;
        }
        let (host, speaking) = (Arc::clone(&host), Arc::clone(&speaking));
        let _detached = std::thread::Builder::new()
            .name("question".to_owned())
            .spawn(move || {
                let before = speaking.fetch_add(1, Ordering::SeqCst);
                let answered = serve(&host, stream, before < AT_ONCE);
                speaking.fetch_sub(1, Ordering::SeqCst);
                if let Err(error) = answered {
                    log(&format!("a question was not answered: {error}"));
                }
            })
            .during("start a thread")?;
    }
    crate::files::remove(&host.config.socket)
}

/// The socket is the directory's owner's to protect, and every connection is asked who it is besides.
fn listen(config: &Config) -> Result<UnixListener, Fault> {
    let what = format!("listen on {}", config.socket.display());
    // Nobody else has the directories, so a socket that is there is a dead helper's.
    crate::files::remove(&config.socket)?;
    let listener = UnixListener::bind(&config.socket).during(&what)?;
    chown(&config.socket, Some(config.allow_uid), Some(0)).during(&what)?;
    std::fs::set_permissions(&config.socket, std::fs::Permissions::from_mode(0o660)).during(&what)?;
    Ok(listener)
}

/// Starts what is shared. What does not start is tried again by whatever needs it, and keeps nothing else from running.
fn prepare(host: &Host) {
    let say = |what: &str, started: Result<(), Fault>| {
        if let Err(fault) = started {
            log(&format!("{what} does not start: {fault}"));
        }
    };
    if host.makes_sites() {
        say("the web server", nginx::start(host));
    }
    if host.makes(Kind::Wordpress) {
        say("the database server", database::start(host));
    }
    if host.makes(Kind::Mailbox) {
        say("the mail server", mail::start(host));
    }
    if host.has_sftp() {
        say("the file server", sftp::start(host));
    }
}

fn ask_to_stop(config: &Config) -> std::io::Result<()> {
    let mut stream = UnixStream::connect(&config.socket)?;
    let line = serde_json::to_string(&Question { version: VERSION, verb: Verb::Stop })?;
    stream.write_all(format!("{line}\n").as_bytes())?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map(|_| ())
}

fn stop_everything(host: &Host) -> Result<(), Fault> {
    for key in manifest::keys(host)? {
        let Some(manifest) = Manifest::load(host, key)? else { continue };
        match manifest.spec.kind() {
            Kind::Website | Kind::Wordpress => php::stop(host, &manifest)?,
            Kind::Game => game::stop(host, &manifest)?,
            Kind::Mailbox | Kind::Storage => {}
        }
    }
    nginx::stop(host)?;
    sftp::stop(host)?;
    mail::stop(host)?;
    database::stop(host)
}

fn serve(host: &Host, mut stream: UnixStream, has_room: bool) -> std::io::Result<()> {
    stream.set_read_timeout(Some(TALK))?;
    stream.set_write_timeout(Some(TALK))?;
    let peer = rustix::net::sockopt::socket_peercred(&stream)?.uid.as_raw();
    if peer != 0 && peer != host.config.allow_uid {
        return send(&mut stream, &refused(Refusal::Never, format!("user {peer} may not speak to the hosting helper")));
    }
    let mut line = String::new();
    BufReader::new((&stream).take(LONGEST_LINE)).read_line(&mut line)?;
    if !has_room {
        return send(&mut stream, &refused(Refusal::Busy, "too many questions at once"));
    }
    let question: Question = match serde_json::from_str(&line) {
        Ok(question) => question,
        // What arrived may hold a password, so it is not repeated.
        Err(error) => {
            let detail = format!("the question cannot be read: {error}", error = Place(&error));
            return send(&mut stream, &refused(Refusal::Never, detail));
        }
    };
    if question.version != VERSION {
        let detail = format!("this helper speaks version {VERSION} and was asked in version {}", question.version);
        return send(&mut stream, &refused(Refusal::Never, detail));
    }
    if question.verb == Verb::Stop {
        let stopped = stop_everything(host);
        log("the hosting helper was told to stop");
        // The answer first: once whoever waits for connections is woken, the process may end at any moment.
        let sent = send(&mut stream, &stopped.map_or_else(Fault::into_answer, |()| Answer::Done));
        host.stopping.store(true, Ordering::SeqCst);
        let _ = UnixStream::connect(&host.config.socket);
        return sent;
    }
    let answer = answer(host, question.verb).unwrap_or_else(Fault::into_answer);
    send(&mut stream, &answer)
}

/// Where a mistake is and of what class, without the text that holds it.
struct Place<'a>(&'a serde_json::Error);

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "column {}, {:?}", self.0.column(), self.0.classify())?;
        let words = self.0.to_string();
        // Our own words say what would be right; serde's own may quote what was wrong.
        if words.starts_with("expected ") { write!(f, ": {words}") } else { Ok(()) }
    }
}

fn refused(refusal: Refusal, detail: impl Into<String>) -> Answer {
    Answer::Refused { refusal, detail: detail.into() }
}

fn send(stream: &mut UnixStream, answer: &Answer) -> std::io::Result<()> {
    let line = serde_json::to_string(answer)?;
    stream.write_all(format!("{line}\n").as_bytes())
}

fn answer(host: &Host, verb: Verb) -> Result<Answer, Fault> {
    let done = |()| Answer::Done;
    match verb {
        Verb::Check => Ok(health(host)),
        Verb::Find { service } | Verb::Observe { service } => {
            Ok(life::look(host, service)?.map_or(Answer::Absent, Answer::Found))
        }
        Verb::List { after } => list(host, after),
        Verb::Ensure { owned, spec } => ensure::ensure(host, owned, spec).map(Answer::Found),
        Verb::Suspend(owned) => life::with(host, owned, |manifest| life::suspend(host, manifest)).map(done),
        Verb::Resume(owned) => life::with(host, owned, |manifest| life::resume(host, manifest)).map(done),
        Verb::Terminate(owned) => life::with(host, owned, |manifest| life::end(host, manifest)).map(done),
        Verb::SetPassword { owned, password } => {
            life::with(host, owned, |manifest| life::set_password(host, manifest, &password)).map(done)
        }
        Verb::Power { owned, power } => {
            life::with(host, owned, |manifest| life::power(host, manifest, power)).map(done)
        }
        Verb::Usage(owned) => life::with(host, owned, |manifest| Ok(measure::usage(host, manifest))).map(Answer::Usage),
        // Answered before, since nothing comes after it.
        Verb::Stop => Ok(Answer::Done),
    }
}

fn list(host: &Host, after: Option<kernel::Id<kernel::entity::Service>>) -> Result<Answer, Fault> {
    let keys: Vec<_> = manifest::keys(host)?.into_iter().filter(|key| after.is_none_or(|after| *key > after)).collect();
    let mut items = Vec::new();
    for key in keys.iter().take(PAGE) {
        items.extend(Manifest::load(host, *key)?.map(|manifest| manifest.standing(host)));
    }
    Ok(Answer::Listed { items, more: keys.len() > PAGE })
}

fn health(host: &Host) -> Answer {
    let mut notes = Vec::new();
    let mut note = |text: &str| notes.push(text.to_owned());
    if host.makes_sites() && host.config.acme_directory.is_none() {
        note(
            "websites are served without TLS: set LOCAL_ACME_DIRECTORY, or put a proxy with a certificate before them",
        );
    }
    if host.makes_sites() && host.config.public_addresses.is_empty() {
        note("nobody looks whether customers' names lead here: set LOCAL_PUBLIC_ADDRESSES");
    }
    if host.makes(Kind::Mailbox) && host.config.imap_certificate.is_none() {
        note("only this machine can log in to mailboxes: set LOCAL_IMAP_CERTIFICATE and LOCAL_IMAP_KEY");
    }
    if let Some(line) = sftp::machine_must_deny(host).filter(|_| host.has_sftp()) {
        note(&format!(
            "customers' SFTP passwords also open the machine's own sshd, as a tunnel to what listens here: put «{line}» into \
             /etc/ssh/sshd_config.d/hostwright.conf and reload ssh"
        ));
    }
    if !host.has_sftp() {
        note("owners cannot reach their files: install openssh-server");
    }
    if !disk::has_quotas(host) {
        note(
            "disk is measured and not limited, except for mailboxes: the file system has no user quotas (mount it with usrquota)",
        );
    }
    for kind in Kind::ALL.into_iter().filter(|kind| !host.makes(*kind)) {
        let missing: Vec<_> =
            crate::host::programs(kind).iter().filter(|path| !crate::process::is_installed(path)).copied().collect();
        let why = if missing.is_empty() {
            "it is not asked for".to_owned()
        } else {
            format!("missing: {}", missing.join(", "))
        };
        notes.push(format!("no {} here: {why}", kind.as_str()));
    }
    let flavour = format!("Hostwright hosting helper {}", env!("CARGO_PKG_VERSION"));
    Answer::Health { flavour, kinds: host.kinds.clone(), notes }
}
