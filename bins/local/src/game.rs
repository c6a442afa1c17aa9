//! Game servers: Debian's teeworlds, one process a service.

use std::{
    fmt,
    net::UdpSocket,
    path::{Path, PathBuf},
    time::Duration,
};

use local_protocol::Spec;
use rustix::process::Signal;

use crate::{
    fault::{During as _, Fault},
    files::{self, Owner, ROOT, ensure_dir, text},
    host::Host,
    manifest::Manifest,
    probe,
    process::{Daemon, end_all_of},
    program::Program,
};

const SERVER: &str = "/usr/games/teeworlds-server";
/// A server's answer comes at once or is asked for again.
const ANSWER: Duration = Duration::from_millis(300);
/// Address space that the program and its libraries take beside what it uses, in MiB.
const BESIDE: u64 = 256;

/// A port as a name that one service has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Port(pub(crate) u16);

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "port-{}", self.0)
    }
}

/// Ports of the range that no program has just now.
pub(crate) fn free_ports(host: &Host) -> impl Iterator<Item = Port> + '_ {
    let from = host.config.game_ports_from;
    let range = from..from.saturating_add(host.config.game_ports);
    range.filter(|port| UdpSocket::bind((host.config.address, *port)).is_ok()).map(Port)
}

/// Makes its directory and configuration, starts it, and looks at it.
pub(crate) fn make(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    let own = manifest.dir(host);
    ensure_home(manifest, &own)?;
    ensure_dir(&own.join("logs"), 0o750, Owner { uid: 0, gid: manifest.uid })?;
    files::write(
        &configuration(host, manifest),
        &settings(host, manifest),
        (0o640, Owner { uid: 0, gid: manifest.uid }),
    )?;
    start(host, manifest)?;
    probe::comes_up(|| looks_right(host, manifest)).map_err(Fault::failed)
}

/// Where it keeps what it writes; it makes one directory by itself and not those above it. Made aside and put in place in
/// one step, since afterwards it is not root's.
fn ensure_home(manifest: &Manifest, own: &Path) -> Result<(), Fault> {
    let (place, aside) = (own.join("home"), own.join("aside"));
    if place.symlink_metadata().is_ok() {
        return Ok(());
    }
    files::remove_tree(&aside)?;
    for inner in ["", ".local", ".local/share"] {
        ensure_dir(&aside.join(inner), 0o700, ROOT)?;
    }
    files::give_tree(&aside, manifest.owner()).during("give the home to its owner")?;
    std::fs::rename(&aside, &place).during("put the home in its place")
}

/// Starts it, unless it runs or its owner has stopped it.
pub(crate) fn start(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    let daemon = daemon(host, manifest);
    if daemon.is_running() || !manifest.powered {
        return Ok(());
    }
    daemon.stop(Signal::KILL)?;
    let Spec::Game { memory, .. } = &manifest.spec else { return Err(Fault::failed("it is no game server")) };
    let bytes = (u64::from(memory.get()) + BESIDE) * 1024 * 1024;
    let own = manifest.dir(host);
    let user = format!("{0}:{0}", manifest.user);
    Program::new("/usr/sbin/start-stop-daemon")
        .args(&["--start", "--background", "--make-pidfile", "--pidfile", &text(&daemon.pid_file)])
        .args(&["--chuid", &user, "--chdir", "/", "--nicelevel", "5", "--umask", "077"])
        .args(&["--output", &text(&own.join("logs/server.log")), "--startas", "/usr/bin/prlimit", "--"])
        .args(&[&format!("--as={bytes}"), "--nofile=256", "--nproc=16", "--core=0", "--fsize=67108864"])
        .args(&[SERVER, "-f", &text(&daemon.mark)])
        .run()
        .map(|_| ())
}

/// Stops it.
pub(crate) fn stop(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    daemon(host, manifest).stop(Signal::TERM)?;
    end_all_of(manifest.uid)
}

/// Takes its pid file away; its directory and user are removed with all others.
pub(crate) fn remove(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    daemon(host, manifest).stop(Signal::KILL)
}

pub(crate) fn is_running(host: &Host, manifest: &Manifest) -> bool {
    daemon(host, manifest).is_running()
}

fn daemon(host: &Host, manifest: &Manifest) -> Daemon {
    let pid_file = host.config.state.join("game").join(format!("{}.pid", manifest.user));
    // The server looks for its file beneath the directory it was started in, and takes no path that begins with a slash.
    let file = configuration(host, manifest);
    Daemon { pid_file, mark: file.strip_prefix("/").map_or_else(|_| file.clone(), PathBuf::from) }
}

fn configuration(host: &Host, manifest: &Manifest) -> PathBuf {
    manifest.dir(host).join("server.cfg")
}

fn settings(host: &Host, manifest: &Manifest) -> String {
    let Spec::Game { name, slots, .. } = &manifest.spec else { return String::new() };
    let (port, slots, address) = (manifest.port, slots.get(), host.config.address);
    format!(
        "sv_name \"{name}\"\nsv_port {port}\nbindaddr \"{address}\"\nsv_max_clients {slots}\nsv_register 0\n\
         sv_map \"dm1\"\nsv_gametype \"dm\"\nsv_motd \"{name}\"\n"
    )
}

/// It answers a player's question with its name. Version 0.7's protocol: whoever asks shows a token first that the server
/// gave (teeworlds, src/engine/shared/network.h).
pub(crate) fn looks_right(host: &Host, manifest: &Manifest) -> Result<(), String> {
    let said = |error: std::io::Error| format!("port {} does not answer: {error}", manifest.port);
    let socket = UdpSocket::bind((host.at(0).ip(), 0)).map_err(said)?;
    socket.set_read_timeout(Some(ANSWER)).map_err(said)?;
    socket.connect(host.at(manifest.port)).map_err(said)?;
    let info = ask(&socket).map_err(said)?;
    if info.windows(manifest.name.len()).any(|part| part == manifest.name.as_bytes()) {
        return Ok(());
    }
    Err(format!("port {} answers as another server", manifest.port))
}

const OURS: [u8; 4] = *b"hwpr";

fn ask(socket: &UdpSocket) -> std::io::Result<Vec<u8>> {
    // A control packet (flag 1) without a token, whose message 5 asks for one; it is as long as 512 bytes with its padding,
    // so that nobody is made to send more than they were sent.
    let mut token = vec![1 << 2, 0, 0, 0xff, 0xff, 0xff, 0xff, 5];
    token.extend(OURS);
    token.resize(7 + 1 + 512, 0);
    socket.send(&token)?;
    let mut answer = [0; 2048];
    let theirs = loop {
        let length = socket.recv(&mut answer)?;
        let packet = answer.get(..length).unwrap_or_default();
        if packet.get(3..7) == Some(&OURS) && packet.get(7) == Some(&5) {
            break packet.get(8..12).unwrap_or_default().to_vec();
        }
    };
    // A packet without a connection (flag 8, version 1) with both tokens, and the question for the server's info.
    let mut question = vec![(8 << 2) | 1];
    question.extend(&theirs);
    question.extend(OURS);
    question.extend(b"\xff\xff\xff\xffgie3\x01");
    socket.send(&question)?;
    loop {
        let length = socket.recv(&mut answer)?;
        let packet = answer.get(..length).unwrap_or_default();
        if packet.windows(8).any(|part| part == b"\xff\xff\xff\xffinf3") {
            return Ok(packet.to_vec());
        }
    }
}
