//! Certificates from an ACME server of the test's own, Pebble, and names from a name server that says what it is told.

use std::{
    net::{TcpListener, UdpSocket},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use local_protocol::{Kind, Verb};

use crate::machine::{Machine, Ports, machine_with, owned, until, website, wordpress};

/// An ACME server and a name server.
struct World {
    dir: PathBuf,
    children: Vec<Child>,
    acme: u16,
    names: u16,
    knobs: u16,
}

fn free() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn is_here() -> bool {
    let missing: Vec<_> = ["/usr/bin/pebble", "/usr/bin/pebble-challtestsrv", "/usr/bin/certbot", "/usr/bin/dig"]
        .into_iter()
        .filter(|path| !Path::new(path).exists())
        .collect();
    if !missing.is_empty() {
        eprintln!("LEFT OUT: certificates need {missing:?}");
    }
    missing.is_empty()
}

impl World {
    /// Challenges are looked at on the machine's port for HTTP.
    fn start(http: u16) -> Self {
        let names = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let dir = std::env::temp_dir().join(format!("hwt-acme-{}-{http}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let (acme, management, knobs) = (free(), free(), free());
        let mut world = Self { dir, children: Vec::new(), acme, names, knobs };
        let (cert, key) = (world.root(), world.dir.join("key.pem"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
            .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out"])
            .arg(&cert)
            .arg("-keyout")
            .arg(&key)
            .stderr(Stdio::null())
            .status();
        assert!(made.unwrap().success());
        let config = serde_json::json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{acme}"), "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": cert, "privateKey": key, "httpPort": http, "tlsPort": free(), "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
        }});
        let file = world.dir.join("pebble.json");
        std::fs::write(&file, config.to_string()).unwrap();
        let mut server = Command::new("/usr/bin/pebble-challtestsrv");
        server.args(["-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", ""]);
        server.args(["-dns01", &format!("127.0.0.1:{names}"), "-management", &format!("127.0.0.1:{knobs}")]);
        world.run(server);
        let mut pebble = Command::new("/usr/bin/pebble");
        pebble.arg("-config").arg(&file).args(["-dnsserver", &format!("127.0.0.1:{names}")]);
        pebble.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_WFE_NONCEREJECT", "0");
        world.run(pebble);
        for port in [acme, knobs] {
            until("it listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        }
        world
    }

    fn run(&mut self, mut command: Command) {
        self.children.push(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    }

    fn root(&self) -> PathBuf {
        self.dir.join("root.pem")
    }

    fn options(&self) -> Vec<String> {
        let root = self.root().display().to_string();
        let directory = format!("https://127.0.0.1:{}/dir", self.acme);
        let names = format!("127.0.0.1:{}", self.names);
        ["--acme-directory", &directory, "--acme-root", &root, "--name-server", &names]
            .into_iter()
            .chain(["--public-addresses", "127.0.0.1", "--names-again", "1", "--acme-email", "mia@example.org"])
            .map(str::to_owned)
            .collect()
    }

    /// The name leads there from now on; to the test's own machine with none.
    fn leads(&self, name: &str, address: Option<&str>) {
        let (path, body) = match address {
            Some(address) => ("add-a", serde_json::json!({ "host": format!("{name}."), "addresses": [address] })),
            None => ("clear-a", serde_json::json!({ "host": format!("{name}.") })),
        };
        let url = format!("http://127.0.0.1:{}/{path}", self.knobs);
        let sent = Command::new("curl").args(["-sSf", "-d", &body.to_string(), &url]).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn start(kinds: &[Kind]) -> Option<(World, Machine)> {
    if !is_here() {
        return None;
    }
    let mut world = None;
    let machine = machine_with(kinds, |ports: &Ports| {
        let started = World::start(ports.http);
        let options = started.options();
        world = Some(started);
        options
    })?;
    Some((world?, machine))
}

/// Status, head and body, asked for with TLS at this machine.
fn https(machine: &Machine, name: &str, path: &str) -> (u16, String) {
    let port = machine.ports.https;
    let output = Command::new("curl")
        .args(["-sik", "--resolve", &format!("{name}:{port}:127.0.0.1"), &format!("https://{name}:{port}{path}")])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (text.split_whitespace().nth(1).unwrap_or("0").parse().unwrap_or(0), text)
}

#[test]
fn a_website_gets_its_certificate_once_its_name_leads_here() {
    let Some((world, machine)) = start(&[Kind::Website]) else { return };
    let (site, name) = (owned(1), "shop.example.org");
    world.leads(name, Some("192.0.2.9"));
    machine.ensure(site, website(name));
    assert_eq!(machine.get(name, "/").0, 200, "it answers at once, without");
    until("its owner is told", || machine.observe(site).unwrap().notice.is_some());
    let standing = machine.observe(site).unwrap();
    let notice = standing.notice.unwrap();
    assert!(notice.contains("leads to 192.0.2.9") && notice.contains("127.0.0.1") && !standing.secure, "{notice}");
    assert_eq!(https(&machine, name, "/").0, 0, "nobody answers for a name without a certificate");

    world.leads(name, None);
    until("it has a certificate", || machine.observe(site).unwrap().secure);
    let standing = machine.observe(site).unwrap();
    assert_eq!((standing.port, standing.notice), (machine.ports.https, None));
    until("it is served", || https(&machine, name, "/").0 == 200);
    let (_, page) = https(&machine, name, "/.well-known/hostwright");
    assert!(page.contains(&site.service.to_string()), "{page}");
    let (status, head) = machine.get(name, "/a?b=c");
    assert!(
        status == 301 && head.contains(&format!("Location: https://{name}:{}/a?b=c", machine.ports.https)),
        "{head}"
    );

    machine.done(Verb::Suspend(site));
    assert_eq!((machine.get(name, "/").0, https(&machine, name, "/").0), (503, 503));
    machine.done(Verb::Resume(site));
    assert_eq!(https(&machine, name, "/").0, 200);
    machine.done(Verb::Terminate(site));
    assert_eq!(https(&machine, name, "/").0, 0);
    for place in ["live", "archive", "renewal"] {
        let left = std::fs::read_dir(machine.state().join("tls/config").join(place)).unwrap().flatten();
        let left: Vec<_> = left.map(|entry| entry.file_name()).filter(|file| file != "README").collect();
        assert!(left.is_empty(), "{place}: {left:?}");
    }
    assert_eq!(machine.left_of(site), Vec::<String>::new());
}

#[test]
fn wordpress_writes_its_links_as_it_was_asked() {
    let Some((_world, machine)) = start(&[Kind::Wordpress]) else { return };
    let (site, name) = (owned(1), "blog.example.org");
    machine.ensure(site, wordpress(name));
    until("it has a certificate", || machine.observe(site).unwrap().secure);
    until("it is served", || https(&machine, name, "/").0 == 200);
    let (status, page) = https(&machine, name, "/wp-login.php");
    let port = machine.ports.https;
    assert!(status == 200 && page.contains(&format!("https://{name}:{port}/wp-login.php")), "{page}");
    assert!(!page.contains(&format!("http://{name}:")), "nothing is asked for without TLS: {page}");
}
