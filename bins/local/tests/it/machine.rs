//! A helper of a test's own, and everybody who uses what it makes.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream, UdpSocket},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use kernel::{Id, entity};
use local_protocol::{Answer, Kind, Owned, Question, Refusal, Spec, Standing, VERSION, Verb};

const PATIENCE: Duration = Duration::from_secs(20);

/// Ports that nobody has just now.
#[derive(Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) http: u16,
    pub(crate) imap: u16,
    pub(crate) lmtp: u16,
    pub(crate) game: u16,
    pub(crate) sftp: u16,
    pub(crate) https: u16,
}

pub(crate) struct Machine {
    pub(crate) dir: PathBuf,
    pub(crate) ports: Ports,
    prefix: String,
    kinds: String,
    /// More of its options.
    options: Vec<String>,
    helper: Option<Child>,
}

/// A helper for these kinds; `None`, said aloud, where they cannot be made here.
pub(crate) fn machine(kinds: &[Kind]) -> Option<Machine> {
    machine_with(kinds, |_| Vec::new())
}

fn are_installed(kinds: &[Kind]) -> bool {
    let needed = kinds.iter().flat_map(|kind| match kind {
        Kind::Website => ["/usr/sbin/nginx", "/usr/sbin/php-fpm8.2"],
        Kind::Wordpress => ["/usr/sbin/mariadbd", "/usr/share/wordpress/wp-login.php"],
        Kind::Mailbox => ["/usr/sbin/dovecot", "/usr/lib/dovecot/lmtp"],
        Kind::Game => ["/usr/games/teeworlds-server", "/usr/bin/prlimit"],
        Kind::Storage => ["/usr/sbin/sshd", "/usr/bin/sftp"],
    });
    let missing: Vec<_> = needed.filter(|path| !Path::new(path).exists()).collect();
    if !missing.is_empty() || !rustix::process::geteuid().is_root() {
        eprintln!("LEFT OUT: hosting needs root and Debian's packages; missing: {missing:?}");
        return false;
    }
    true
}

/// The same with more options, once its ports are known.
pub(crate) fn machine_with(kinds: &[Kind], options: impl FnOnce(&Ports) -> Vec<String>) -> Option<Machine> {
    are_installed(kinds).then(|| Machine::start(kinds, options))
}

impl Machine {
    fn start(kinds: &[Kind], options: impl FnOnce(&Ports) -> Vec<String>) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = std::process::id().wrapping_mul(16) + NEXT.fetch_add(1, Ordering::Relaxed);
        let letter = |place: u32| char::from(b'a' + u8::try_from(number / 26_u32.pow(place) % 26).unwrap());
        let prefix: String = std::iter::once('t').chain((0..5).map(letter)).collect();
        // Beneath directories that root alone may write, which sshd insists on.
        let dir = PathBuf::from(format!("/srv/hwt-{prefix}"));
        std::fs::create_dir_all(&dir).unwrap();
        let tcp = || TcpListener::bind("127.0.0.1:0").unwrap();
        let held = [tcp(), tcp(), tcp(), tcp(), tcp()];
        let port = |at: usize| held[at].local_addr().unwrap().port();
        let game = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let ports = Ports { http: port(0), imap: port(1), lmtp: port(2), game, sftp: port(3), https: port(4) };
        drop(held);
        let kinds = kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(",");
        let options = options(&ports);
        let mut machine = Self { dir, ports, prefix, kinds, options, helper: None };
        machine.bring_up();
        machine
    }

    /// Starts the helper and waits until it answers.
    pub(crate) fn bring_up(&mut self) {
        let mut helper = self.command();
        self.helper = Some(helper.stderr(Stdio::inherit()).spawn().unwrap());
        until("the helper answers", || matches!(self.try_ask(&line(&Verb::Check)), Some(Answer::Health { .. })));
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hostwright-local"));
        let number = |port: u16| port.to_string();
        command.env_clear().args(["--address", "127.0.0.1", "--prefix", &self.prefix, "--kinds", &self.kinds]);
        command.arg("--socket").arg(self.socket()).arg("--root").arg(self.root()).arg("--state").arg(self.state());
        command.args(["--http-port", &number(self.ports.http), "--imap-port", &number(self.ports.imap)]);
        command.args(["--lmtp-port", &number(self.ports.lmtp), "--game-ports-from", &number(self.ports.game)]);
        command.args(["--game-ports", "30", "--first-uid", "52000", "--sftp-port", &number(self.ports.sftp)]);
        command.args(["--https-port", &number(self.ports.https)]).args(&self.options);
        command
    }

    /// The helper dies at once, with whatever it is doing.
    pub(crate) fn kill_helper(&mut self) {
        let mut helper = self.helper.take().unwrap();
        helper.kill().unwrap();
        helper.wait().unwrap();
    }

    /// Waits until the helper has ended by itself.
    pub(crate) fn wait_for_end(&mut self) {
        assert!(self.helper.take().unwrap().wait().unwrap().success());
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.join("socket")
    }
    pub(crate) fn root(&self) -> PathBuf {
        self.dir.join("root")
    }
    pub(crate) fn state(&self) -> PathBuf {
        self.dir.join("state")
    }
    /// Where a service's files are.
    pub(crate) fn place(&self, owned: Owned) -> PathBuf {
        self.root().join(owned.service.to_string())
    }

    /// Sends a line as it is.
    pub(crate) fn try_ask(&self, line: &str) -> Option<Answer> {
        let mut stream = UnixStream::connect(self.socket()).ok()?;
        stream.set_read_timeout(Some(Duration::from_mins(2))).unwrap();
        stream.write_all(format!("{line}\n").as_bytes()).ok()?;
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).ok()?;
        serde_json::from_str(&answer).ok()
    }

    pub(crate) fn ask(&self, verb: Verb) -> Answer {
        self.try_ask(&line(&verb)).expect("an answer")
    }

    pub(crate) fn done(&self, verb: Verb) {
        assert_eq!(self.ask(verb), Answer::Done);
    }

    pub(crate) fn ensure(&self, owned: Owned, spec: Spec) -> Standing {
        match self.ask(Verb::Ensure { owned, spec }) {
            Answer::Found(standing) => standing,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn observe(&self, owned: Owned) -> Option<Standing> {
        match self.ask(Verb::Observe { service: owned.service }) {
            Answer::Found(standing) => Some(standing),
            Answer::Absent => None,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn refused(&self, verb: Verb) -> (Refusal, String) {
        match self.ask(verb) {
            Answer::Refused { refusal, detail } => (refusal, detail),
            other => panic!("{other:?}"),
        }
    }

    /// A page as a browser would ask for it: status, and all of head and body.
    pub(crate) fn http(&self, domain: &str, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.ports.http)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
        let length = body.len();
        let port = self.ports.http;
        write!(
            stream,
            "{head}\r\nHost: {domain}:{port}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        (text.split_whitespace().nth(1).unwrap_or("0").parse().unwrap_or(0), text)
    }

    pub(crate) fn get(&self, domain: &str, path: &str) -> (u16, String) {
        self.http(domain, &format!("GET {path} HTTP/1.0"))
    }

    /// Everything that is left of a service outside of its tombstone: users, files, processes.
    pub(crate) fn left_of(&self, owned: Owned) -> Vec<String> {
        let (key, tail) = (owned.service.to_string(), self.user(owned));
        let users = std::fs::read_to_string("/etc/passwd").unwrap() + &std::fs::read_to_string("/etc/group").unwrap();
        let mut left: Vec<String> = users.lines().filter(|line| line.starts_with(&tail)).map(str::to_owned).collect();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let command = std::fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
            if command.contains(&key) || command.contains(&tail) {
                left.push(command);
            }
        }
        for path in files(&self.dir) {
            let name = path.display().to_string();
            let log = std::path::Path::new(&name).extension().is_some_and(|ending| ending == "log");
            // What is no file, such as a pipe, is not read: nobody may ever write to it.
            let held = path.is_file()
                && std::fs::read_to_string(&path).is_ok_and(|text| text.contains(&key) || text.contains(&tail));
            if !name.contains("/ended/") && !log && (name.contains(&key) || name.contains(&tail) || held) {
                left.push(name);
            }
        }
        left
    }

    /// The service's unix user.
    pub(crate) fn user(&self, owned: Owned) -> String {
        format!("{}{}", self.prefix, &owned.service.to_string()[16..])
    }

    /// The number of the service's unix user.
    pub(crate) fn uid(&self, owned: Owned) -> u32 {
        use std::os::unix::fs::MetadataExt as _;
        ["tmp", "mail", "home", "files"]
            .iter()
            .find_map(|part| self.place(owned).join(part).metadata().ok())
            .unwrap()
            .uid()
    }
}

/// Ends what was made and brings everything down, also after a test that failed.
impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(Answer::Listed { items, .. }) = self.try_ask(&line(&Verb::List { after: None })) {
            for standing in items {
                let _ = self.try_ask(&line(&Verb::Terminate(standing.owned)));
            }
        }
        let stopped = self.command().arg("--stop").status();
        if let Some(mut helper) = self.helper.take() {
            let _ = helper.kill();
            let _ = helper.wait();
        }
        if stopped.is_ok_and(|status| status.success()) && !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.dir);
        }
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| {
            let path = entry.path();
            let inner = if path.is_dir() && !path.is_symlink() { files(&path) } else { Vec::new() };
            std::iter::once(path).chain(inner)
        })
        .collect()
}

pub(crate) fn line(verb: &Verb) -> String {
    serde_json::to_string(&Question { version: VERSION, verb: verb.clone() }).unwrap()
}

pub(crate) fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "it never came to this: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A service of a customer; for every number another one of each.
pub(crate) fn owned(number: u32) -> Owned {
    let random = std::process::id();
    let service: Id<entity::Service> = format!("svc_0198c0ffee0070008000{random:06x}00{number:04x}").parse().unwrap();
    Owned { service, customer: format!("cus_0198c0ffee0070008000{random:06x}00{number:04x}").parse().unwrap() }
}

fn spec(json: &str) -> Spec {
    serde_json::from_str(json).unwrap()
}

pub(crate) fn website(domain: &str) -> Spec {
    spec(&format!(r#"{{"kind":"website","domains":["{domain}"],"php":"8.2","disk":100,"memory":128}}"#))
}

pub(crate) fn wordpress(domain: &str) -> Spec {
    let rest = r#""title":"Mia's «site»","admin":"mia+shop@example.com""#;
    spec(&format!(r#"{{"kind":"wordpress","domains":["{domain}"],"php":"8.2","disk":100,"memory":128,{rest}}}"#))
}

pub(crate) fn mailbox(address: &str) -> Spec {
    spec(&format!(r#"{{"kind":"mailbox","addresses":["{address}"],"disk":100}}"#))
}

pub(crate) fn storage() -> Spec {
    spec(r#"{"kind":"storage","disk":100}"#)
}

pub(crate) fn game(name: &str) -> Spec {
    spec(&format!(r#"{{"kind":"game","name":"{name}","slots":8,"memory":128}}"#))
}

/// Writes a page as the website's owner would, with the owner's rights.
pub(crate) fn put_page(machine: &Machine, owned: Owned, name: &str, text: &str) {
    let path = machine.place(owned).join("public_html").join(name);
    std::fs::write(&path, text).unwrap();
    let uid = machine.uid(owned);
    std::os::unix::fs::chown(&path, Some(uid), Some(33)).unwrap();
}
