//! The guide's receiver as it stands there, behind a proxy that can go wrong.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use provisioning::testing::Trouble;
use serde_json::Value;

/// What both sides sign with.
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";
const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guides/webhook-receiver.py");

/// What the next call that changes something meets.
#[derive(Debug, Clone)]
pub(crate) enum Next {
    Trouble(Trouble),
    /// This answer instead of the receiver's: status with headers, body.
    Say(String, String),
    /// The receiver's answer, this long after it.
    Slowly(Duration),
}

#[derive(Default)]
struct Script {
    next: Mutex<Option<Next>>,
    /// The last request, whole.
    last: Mutex<Vec<u8>>,
}

/// The receiver and its proxy.
pub(crate) struct Service {
    receiver: Child,
    state: PathBuf,
    upstream: u16,
    script: Arc<Script>,
    pub(crate) url: String,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.receiver.kill();
        let _ = self.receiver.wait();
        let _ = std::fs::remove_file(&self.state);
    }
}

impl Service {
    pub(crate) fn start() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("hostwright-webhook-{}-{}.json", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let state = std::env::temp_dir().join(name);
        let mut command = Command::new("python3");
        command.arg(GUIDE).arg(&state).env("WEBHOOK_SECRET", SECRET).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut receiver = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(receiver.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (upstream, script) = (line.trim().parse().unwrap(), Arc::new(Script::default()));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let plan = Arc::clone(&script);
        thread::spawn(move || {
            for socket in listener.incoming() {
                pass(socket.unwrap(), upstream, &plan);
            }
        });
        Self { receiver, state, upstream, script, url }
    }

    pub(crate) fn next(&self, next: Next) {
        *self.script.next.lock().unwrap() = Some(next);
    }

    /// The last request that came, whole.
    pub(crate) fn last(&self) -> Vec<u8> {
        self.script.last.lock().unwrap().clone()
    }

    /// The receiver's own answer to these bytes, past the proxy: its first line.
    pub(crate) fn told(&self, request: &[u8]) -> String {
        forward(request, self.upstream).lines().next().unwrap().to_owned()
    }

    /// What it keeps.
    pub(crate) fn things(&self) -> Value {
        std::fs::read(&self.state).map_or_else(|_| serde_json::json!({}), |text| serde_json::from_slice(&text).unwrap())
    }

    pub(crate) fn keep(&self, things: &Value) {
        std::fs::write(&self.state, things.to_string()).unwrap();
    }
}

/// One request, head and body.
fn request(socket: &TcpStream) -> (Vec<u8>, Value) {
    let (mut reader, mut whole, mut length) = (BufReader::new(socket), Vec::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
        whole.extend_from_slice(line.as_bytes());
        if line == "\r\n" {
            break;
        }
        assert!(!line.is_empty(), "a request that broke off");
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    whole.extend_from_slice(&body);
    (whole, serde_json::from_slice(&body).unwrap())
}

fn forward(request: &[u8], upstream: u16) -> String {
    let mut socket = TcpStream::connect(("127.0.0.1", upstream)).unwrap();
    socket.write_all(request).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

fn pass(mut socket: TcpStream, upstream: u16, script: &Script) {
    let (whole, body) = request(&socket);
    script.last.lock().unwrap().clone_from(&whole);
    let changes = ["create", "suspend", "resume", "terminate", "poll"].contains(&body["verb"].as_str().unwrap());
    let next = if changes { script.next.lock().unwrap().take() } else { None };
    let (effect, said) = match next {
        None => {
            let _ = socket.write_all(forward(&whole, upstream).as_bytes());
            return;
        }
        Some(Next::Slowly(wait)) => {
            let said = forward(&whole, upstream);
            thread::spawn(move || {
                thread::sleep(wait);
                let _ = socket.write_all(said.as_bytes());
            });
            return;
        }
        Some(Next::Say(status, body)) => (false, Some((status, body))),
        Some(Next::Trouble(trouble)) => wrong(trouble),
    };
    if effect {
        forward(&whole, upstream);
    }
    if let Some((status, body)) = said {
        let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
        let _ = socket.write_all((head + &body).as_bytes());
    }
}

/// Whether it takes effect, and what is answered instead.
fn wrong(trouble: Trouble) -> (bool, Option<(String, String)>) {
    let say = |status: &str, body: &str| Some((status.to_owned(), body.to_owned()));
    let own = || say("504 Gateway Timeout", r#"{"state": "failed", "reason": "my own proxy gave up"}"#);
    let page = || say("502 Bad Gateway", "<html><h1>502</h1></html>");
    match trouble {
        Trouble::CutBefore => (false, None),
        Trouble::CutAfter => (true, None),
        Trouble::GatewayBefore => (false, own()),
        Trouble::GatewayAfter => (true, own()),
        Trouble::PageBefore => (false, page()),
        Trouble::PageAfter => (true, page()),
        Trouble::TooMany => (false, say("429 Too Many Requests\r\nretry-after: 7", "")),
        Trouble::Conflict => (false, say("409 Conflict", r#"{"state": "busy"}"#)),
        Trouble::Redirect => (false, say("302 Found\r\nlocation: /login", "")),
        Trouble::OtherVersion => (true, say("200 OK", r#"{"status": {"code": 1}, "version": 9}"#)),
    }
}
