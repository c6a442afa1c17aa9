//! The ground that the tests stand on: a database of its own, the sandbox in this process (it knows the truth), and
//! Hostwright's API and worker as processes that can be killed. Each of the two connects as a role that may do what
//! `hostwright database grant` gives it, and nothing else.

mod buyer;
mod desk;
mod logs;
mod program;
mod proof;
mod scratch;

use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use sandbox::{Options, Running, Sandbox};
use serde_json::{Value, json};
use testkit::{API_ROLE, TestDb, WORKER_ROLE};
use tokio::time::{Instant, sleep};

pub(crate) use self::{
    buyer::{Buyer, Goods, PASSWORD, Purchase},
    desk::{Ask, Desk, text},
    program::{Ended, binary, run},
    proof::{mailed_password, prove, rows},
    scratch::Scratch,
};
use self::{logs::Logs, program::Program};

/// Much longer than anything takes; who waits this long waits in vain.
pub(crate) const LIMIT: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(20);
const WEBHOOK_SECRET: &str = "whsec_of_the_ground";
const KEY: &str = "a key of the tests that is long enough";

/// What a ground may do differently.
pub(crate) struct Wishes {
    /// How long a game server installs.
    pub(crate) install: Duration,
    /// How accounts are opened: `direct`, so that buyers need no mail, or `confirmed`.
    pub(crate) registration: &'static str,
    /// What the shop is called in addresses. Browsers have passkeys for names alone.
    pub(crate) host: &'static str,
    /// What the programs get besides, or instead.
    pub(crate) settings: Vec<(&'static str, String)>,
    /// The programs connect under roles that own nothing.
    pub(crate) roles: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        let install = Duration::from_millis(500);
        Self { install, registration: "direct", host: "127.0.0.1", settings: Vec::new(), roles: false }
    }
}

/// Who can be killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Victim {
    Api,
    Worker,
    Both,
}

/// A running shop. Fields are dropped in this order: programs first, the database last.
pub(crate) struct Ground {
    api: Program,
    worker: Program,
    operator: BTreeMap<&'static str, String>,
    pub(crate) desk: Desk,
    pub(crate) sql: tokio_postgres::Client,
    buyers: AtomicU16,
    _sandbox: Running,
    _logs: Logs,
    pub(crate) database: TestDb,
}

impl Ground {
    /// A shop with its catalogue, open.
    pub(crate) async fn open() -> Self {
        Self::open_with(Wishes::default()).await
    }

    pub(crate) async fn open_with(wishes: Wishes) -> Self {
        let database = TestDb::new().await;
        let logs = Logs::new();
        let port = free_port();
        let api = format!("http://{}:{port}", wishes.host);
        let sandbox = Sandbox::start(Options {
            webhook_url: Some(format!("http://127.0.0.1:{port}/api/webhooks/stripe")),
            webhook_secrets: vec![WEBHOOK_SECRET.to_owned()],
            install: wishes.install,
            // A kill makes the worker ask again; how often is no matter here.
            panel_rate_limit: 0,
            ..Options::default()
        });
        let sandbox = sandbox.await.unwrap();
        let mut env = environment(&database, &sandbox, (&api, port));
        env.insert("REGISTRATION", wishes.registration.to_owned());
        // Buyers' mails are read for it.
        env.insert("WELCOME", "password".to_owned());
        env.extend(wishes.settings);
        set_up(&env);
        let program = |name, role| {
            let url = if wishes.roles { database.url_as(role) } else { database.url().to_owned() };
            let own = BTreeMap::from([("DATABASE_URL", url)]);
            Program::new(name, env.clone().into_iter().chain(own).collect(), logs.file(name))
        };
        let mut ground = Self {
            api: program("hostwright-api", API_ROLE),
            worker: program("hostwright-worker", WORKER_ROLE),
            operator: env,
            desk: Desk::new(api, sandbox.base_url().to_owned()),
            sql: database.sql().await,
            buyers: AtomicU16::new(0),
            _sandbox: sandbox,
            _logs: logs,
            database,
        };
        ground.worker.start();
        ground.start_api().await;
        ground
    }

    /// What the operator's command gets to see; it connects as the schema's owner.
    pub(crate) const fn env(&self) -> &BTreeMap<&'static str, String> {
        &self.operator
    }

    /// Both programs start again with other settings.
    pub(crate) async fn configure(&mut self, settings: &[(&'static str, Option<&str>)]) {
        for (name, value) in settings {
            self.api.set(name, *value);
            self.worker.set(name, *value);
            match value {
                Some(value) => self.operator.insert(name, (*value).to_owned()),
                None => self.operator.remove(name),
            };
        }
        self.kill(Victim::Both, "for other settings").await;
    }

    async fn start_api(&mut self) {
        let deadline = Instant::now() + LIMIT;
        self.api.start();
        loop {
            if self.desk.get("/api/health").await.is_ok_and(|reply| reply.status == 200) {
                return;
            }
            // It may end because somebody else listens on its port for a moment.
            if !self.api.is_running() {
                assert!(Instant::now() < deadline, "hostwright-api does not stay up");
                self.api.start();
            }
            assert!(Instant::now() < deadline, "hostwright-api does not answer");
            sleep(PAUSE).await;
        }
    }

    /// SIGKILL now, and a new start at once.
    pub(crate) async fn kill(&mut self, victim: Victim, moment: &str) {
        println!("killing {victim:?}: {moment}");
        if victim != Victim::Worker {
            self.api.kill();
        }
        if victim != Victim::Api {
            self.worker.kill();
            self.worker.start();
        }
        if victim != Victim::Worker {
            self.start_api().await;
        }
    }

    /// Kills without starting again.
    pub(crate) fn strike(&mut self, victim: Victim, moment: &str) {
        println!("killing {victim:?} for a while: {moment}");
        if victim != Victim::Worker {
            self.api.kill();
        }
        if victim != Victim::Api {
            self.worker.kill();
        }
    }

    /// Starts what [`Ground::strike`] killed.
    pub(crate) async fn revive(&mut self, victim: Victim) {
        if victim != Victim::Api {
            self.worker.start();
        }
        if victim != Victim::Worker {
            self.start_api().await;
        }
    }

    /// Somebody new who wants to buy.
    pub(crate) fn buyer(&self, goods: Goods) -> Buyer {
        Buyer::new(self.desk.clone(), goods, self.buyers.fetch_add(1, Ordering::Relaxed))
    }

    /// A purchase up to the payment; what follows is the shop's.
    pub(crate) async fn sell(&self, goods: Goods) -> Purchase {
        let purchase = self.buyer(goods).order().await;
        self.desk.pay(&purchase.session).await;
        purchase
    }

    /// Adds a fault rule and returns its id.
    pub(crate) async fn fault(&self, rule: Value) -> u64 {
        let added = self.desk.control("/faults", &rule).await;
        added["id"].as_u64().unwrap_or_else(|| panic!("no id in {added}"))
    }

    /// Waits until a rule has fired as often as it may.
    pub(crate) async fn fired(&self, rule: u64) {
        until(&format!("fault {rule} fires"), async || {
            let all = self.desk.look("/control/faults").await;
            let waiting = all["faults"].as_array().unwrap().iter().any(|fault| fault["id"].as_u64() == Some(rule));
            (!waiting).then_some(())
        })
        .await;
    }

    /// Waits until so many of Stripe's events have found no open door.
    pub(crate) async fn undelivered(&self, count: usize) {
        until("webhooks fail", async || {
            let truth = self.desk.truth().await;
            let events = truth["events"].as_array().unwrap();
            let tried = |event: &&Value| {
                let delivery = &event["delivery"];
                delivery["delivered"] == json!(false) && !delivery["attempts"].as_array().unwrap().is_empty()
            };
            (events.iter().filter(tried).count() >= count).then_some(())
        })
        .await;
    }

    /// All that both programs wrote since their first start.
    pub(crate) fn logs(&self) -> String {
        self.api.log() + &self.worker.log()
    }

    /// How often the worker said this in its log; tells whether a kill met its moment.
    pub(crate) fn worker_said(&self, words: &str) -> usize {
        self.worker.log().lines().filter(|line| line.contains(words)).count()
    }

    /// What the API has said.
    pub(crate) fn api_log(&self) -> String {
        self.api.log()
    }

    /// Takes all fault rules away.
    pub(crate) async fn heal(&self) {
        self.desk.forget_faults().await;
    }

    /// Waits until a connection of this program waits for a lock that somebody holds.
    pub(crate) async fn stuck(&self, application: &str) {
        let query = format!(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' \
             AND application_name = '{application}'"
        );
        until(&format!("{application} waits for a lock"), async || {
            (!rows(&self.sql, &query).await.is_empty()).then_some(())
        })
        .await;
    }
}

/// Looks again and again until there is something to see.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < deadline, "waited {LIMIT:?} in vain until {what}");
        sleep(PAUSE).await;
    }
}

fn environment(database: &TestDb, sandbox: &Running, (api, port): (&str, u16)) -> BTreeMap<&'static str, String> {
    let base = sandbox.base_url();
    BTreeMap::from([
        ("DATABASE_URL", database.url().to_owned()),
        ("DATABASE_POOL_SIZE", "6".to_owned()),
        ("API_LISTEN", format!("127.0.0.1:{port}")),
        ("API_WORKERS", "1".to_owned()),
        ("PUBLIC_SITE_URL", api.to_owned()),
        ("SECRETS_KEY", KEY.to_owned()),
        ("JWT_SECRET", KEY.to_owned()),
        // The lowest there is: these tests are about other things than the cost of a hash.
        ("BCRYPT_COST", "4".to_owned()),
        // All buyers come from here.
        ("LIMITS", "off".to_owned()),
        ("STRIPE_SECRET_KEY", "sk_test_sandbox".to_owned()),
        ("STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ("STRIPE_API_BASE", format!("{base}/stripe")),
        ("PTERODACTYL_URL", format!("{base}/panel")),
        // An administrator's own, which may start and stop servers, too.
        ("PTERODACTYL_API_KEY", Options::default().panel_account_key),
        ("SMTP_HOST", sandbox.smtp_addr.ip().to_string()),
        ("SMTP_PORT", sandbox.smtp_addr.port().to_string()),
        ("EMAIL_FROM", "Hostwright Test <shop@example.com>".to_owned()),
    ])
}

/// What the operator does before the programs start; the pepper is kept by `migrate`, since no program may write it.
fn set_up(env: &BTreeMap<&'static str, String>) {
    let grant = ["database", "grant", "--api-role", API_ROLE, "--worker-role", WORKER_ROLE];
    for words in [&["migrate"][..], &grant, &["catalog", "apply", &catalog()]] {
        let done = run("hostwright", words, env, "");
        assert!(done.success, "{words:?}: {done:?}");
    }
}

/// The catalogue as it is shipped.
pub(crate) fn catalog() -> String {
    format!("{}/../../catalog.toml", env!("CARGO_MANIFEST_DIR"))
}

/// A port for a program that is killed and started again on the same one. Taken from below those that the system gives to
/// outgoing connections, where one of them could sit on it in the meantime.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let first: u16 = range.split_whitespace().next().and_then(|text| text.parse().ok()).unwrap_or(0);
    let own = u16::try_from(std::process::id() % 9000).unwrap();
    for _ in 0..200 {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = first.saturating_sub(10_000) + (own + step * 37) % 9000;
        if first > 12_000 && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A rule that makes the panel slow once, at a call; the call takes effect all the same.
pub(crate) fn slow_panel(method: &str, path: &str) -> Value {
    json!({ "target": "panel", "kind": "delay", "ms": 1500, "times": 1, "method": method, "path_contains": path })
}
