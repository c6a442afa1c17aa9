//! The hosting provider on the real helper with real nginx and PHP, through a proxy on the socket that goes wrong when told
//! to. Needs root and Debian's packages; `scripts/test` sees to them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::wildcard_enum_match_arm,
    reason = "tests fail by panicking and say what was left out"
)]

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use clap::Parser as _;
use infra::providers::local::{LocalProvider, LocalSettings};
use kernel::{Clock, Env, Id, Timestamp, entity};
use local_protocol::{Answer, Question, Refusal, VERSION, Verb};
use provisioning::{
    BoxFuture, DomainChoice, Lookup, Provider, ProviderError, ServiceOrder,
    testing::{Stage, Trouble, provider_conforms, sample_order},
};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    task::JoinSet,
};

struct Fixed;
impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        "2026-11-21T10:00:00Z".parse().expect("an instant")
    }
}

/// Why the hosting cannot be tried here, if it cannot.
fn left_out() -> bool {
    let missing = ["/usr/sbin/nginx", "/usr/sbin/php-fpm8.2"].iter().any(|path| !Path::new(path).exists());
    let root = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0;
    if missing || !root {
        eprintln!("LEFT OUT: hosting needs root, nginx-light and php8.2-fpm");
    }
    missing || !root
}

/// The helper in this process, the proxy before it, and the provider that knows the proxy alone.
struct Machine {
    dir: PathBuf,
    /// What the names of its users begin with.
    prefix: String,
    provider: LocalProvider,
    planned: Arc<Mutex<Option<Trouble>>>,
    helper: Option<JoinHandle<()>>,
    _proxy: JoinSet<()>,
}

fn a_free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Machine {
    async fn start(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("hwl-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        std::os::unix::fs::chown(&dir, Some(0), Some(0)).unwrap();
        let at = |name: &str| dir.join(name).display().to_string();
        let port = a_free_port().to_string();
        let config = hostwright_local::Config::parse_from([
            "hostwright-local",
            "--socket",
            &at("socket"),
            "--root",
            &at("root"),
            "--state",
            &at("state"),
            "--address",
            "127.0.0.1",
            "--http-port",
            &port,
            "--sftp-port",
            &a_free_port().to_string(),
            "--kinds",
            "website",
            "--prefix",
            name,
            "--first-uid",
            "51000",
        ]);
        let helper = std::thread::spawn(move || hostwright_local::run(config).unwrap());
        let planned = Arc::new(Mutex::new(None));
        let mut proxy = JoinSet::new();
        let listener = UnixListener::bind(dir.join("proxy")).unwrap();
        proxy.spawn(relay(listener, dir.join("socket"), Arc::clone(&planned)));
        let settings = LocalSettings {
            socket: dir.join("proxy"),
            host: "host.example.com".parse().unwrap(),
            subdomain_base: "sites.example.com".parse().unwrap(),
        };
        let machine = Self {
            dir,
            prefix: name.to_owned(),
            provider: LocalProvider::new(Some(settings)),
            planned,
            helper: Some(helper),
            _proxy: proxy,
        };
        let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
        while machine.provider.check().await.is_err() {
            assert!(std::time::Instant::now() < until, "the helper does not come up");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        machine
    }

    /// Ends everything and stops the helper; no user may be left.
    async fn stop(mut self) {
        let listed = exchange(&self.dir.join("socket"), &line(Verb::List { after: None })).await;
        let Answer::Listed { items, .. } = serde_json::from_str(&listed).unwrap() else { panic!("{listed}") };
        for standing in items {
            let ended = exchange(&self.dir.join("socket"), &line(Verb::Terminate(standing.owned))).await;
            assert!(ended.contains("done"), "{ended}");
        }
        let users = std::fs::read_to_string("/etc/passwd").unwrap();
        let left: Vec<&str> = users.lines().filter(|line| line.starts_with(&self.prefix)).collect();
        assert!(left.is_empty(), "a user was left: {left:?}");
        let answer = exchange(&self.dir.join("socket"), &line(Verb::Stop)).await;
        assert!(answer.contains("done"), "{answer}");
        self.helper.take().unwrap().join().unwrap();
        std::fs::remove_dir_all(&self.dir).unwrap();
    }
}

fn line(verb: Verb) -> String {
    serde_json::to_string(&Question { version: VERSION, verb }).unwrap()
}

async fn exchange(socket: &Path, line: &str) -> String {
    let Ok(mut stream) = UnixStream::connect(socket).await else { return String::new() };
    stream.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

/// Hands questions on, and meets the next one that changes something with what is planned.
async fn relay(listener: UnixListener, helper: PathBuf, planned: Arc<Mutex<Option<Trouble>>>) {
    let mut open = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (helper, planned) = (helper.clone(), Arc::clone(&planned));
        open.spawn(async move {
            let mut stream = BufReader::new(stream);
            let mut question = String::new();
            stream.read_line(&mut question).await.unwrap();
            let changes = ["ensure", "suspend", "resume", "terminate"];
            let changes = changes.iter().any(|verb| question.contains(&format!("\"verb\":{{\"{verb}\"")));
            let trouble = if changes { planned.lock().unwrap().take() } else { None };
            let busy = Answer::Refused { refusal: Refusal::Busy, detail: "busy".to_owned() };
            let before = match trouble {
                Some(Trouble::CutBefore) => Some(String::new()),
                Some(Trouble::PageBefore) => Some("<html>502</html>".to_owned()),
                Some(Trouble::Conflict) => Some(serde_json::to_string(&busy).unwrap()),
                _ => None,
            };
            let answer = if let Some(answer) = before { answer } else { exchange(&helper, question.trim()).await };
            let said = match trouble {
                Some(Trouble::CutAfter) => String::new(),
                Some(Trouble::PageAfter) => "<html>502</html>".to_owned(),
                Some(Trouble::OtherVersion) => r#"{"accomplished":true}"#.to_owned(),
                _ => answer,
            };
            let _ = stream.get_mut().write_all(said.as_bytes()).await;
        });
    }
}

fn order(number: u64) -> ServiceOrder {
    let mut order = sample_order(&mut Env::with(Arc::new(Fixed), number), "hosting", json!({ "php_version": "8.2" }));
    order.delivery.domain = DomainChoice::subdomain("my-site").ok();
    order
}

impl Stage for Machine {
    fn provider(&self) -> &dyn Provider {
        &self.provider
    }
    fn order(&self, number: u64) -> ServiceOrder {
        order(number)
    }
    /// Nothing that answers with 504, 429 or a redirect stands between a socket and its helper.
    fn trouble(&self, trouble: Trouble) -> BoxFuture<'_, bool> {
        let can = match trouble {
            Trouble::CutBefore
            | Trouble::CutAfter
            | Trouble::PageBefore
            | Trouble::PageAfter
            | Trouble::Conflict
            | Trouble::OtherVersion => true,
            Trouble::GatewayBefore | Trouble::GatewayAfter | Trouble::TooMany | Trouble::Redirect => false,
        };
        if can {
            *self.planned.lock().unwrap() = Some(trouble);
        }
        Box::pin(async move { can })
    }
    fn truth(&self, service: Id<entity::Service>) -> BoxFuture<'_, usize> {
        let there = self.dir.join("root").join(service.to_string()).join("public_html/index.php").exists();
        Box::pin(async move { usize::from(there) })
    }
    fn give_away(&self, service: Id<entity::Service>) -> BoxFuture<'_, bool> {
        let file = self.dir.join("root").join(service.to_string()).join("manifest.json");
        let text = std::fs::read_to_string(&file).unwrap();
        let (before, after) = text.split_once("\"customer\": \"cus_").unwrap();
        let given = format!("{before}\"customer\": \"cus_{}{}", "f".repeat(32), after.get(32..).unwrap());
        std::fs::write(&file, given).unwrap();
        Box::pin(async { true })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_conforms() {
    if left_out() {
        return;
    }
    let machine = Machine::start("conf").await;
    provider_conforms(&machine).await;
    machine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_finds_what_it_made_and_takes_nothing_of_another_customer() {
    if left_out() {
        return;
    }
    let machine = Machine::start("strang").await;
    let order = order(1);
    let made = machine.provider.create(&order).await.unwrap();
    assert_eq!(made.reference.identifier, "my-site.sites.example.com");
    assert!(made.access.iter().any(|field| field.value.starts_with("http://my-site.sites.example.com:")));
    assert!(machine.give_away(order.service).await);
    assert!(matches!(machine.provider.find(&order).await, Ok(Lookup::Foreign(_))));
    assert!(matches!(machine.provider.create(&order).await, Err(ProviderError::Refused { .. })));
    machine.stop().await;
}

#[tokio::test]
async fn without_a_helper_everything_waits_and_says_for_what() {
    let says = |answer: Result<_, ProviderError>, word: &str| match answer {
        Err(ProviderError::Unavailable { detail, .. }) => assert!(detail.contains(word), "{detail}"),
        other => panic!("{other:?}"),
    };
    says(LocalProvider::new(None).create(&order(1)).await, "LOCAL_SOCKET is not set");
    let settings = LocalSettings {
        socket: "/nowhere/socket".into(),
        host: "host.example.com".parse().unwrap(),
        subdomain_base: "sites.example.com".parse().unwrap(),
    };
    says(LocalProvider::new(Some(settings)).create(&order(1)).await, "not at LOCAL_SOCKET");
}
