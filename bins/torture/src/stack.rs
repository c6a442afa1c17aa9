//! The whole shop, running: PostgreSQL, the sandbox, the API, the workers, and a proxy in front of each of them.

mod place;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use serde_json::json;
use tokio::time::{Instant, sleep};

use self::place::free_ports;
pub(crate) use self::place::{Place, Tmpfs, find_faketime};
use crate::{
    cluster::Cluster,
    dice::Dice,
    failed::{Failed, Outcome},
    load::Desk,
    program::{Environment, Program, run_once},
    proxy::{Proxy, Speech, Weather},
};

pub(crate) const PANEL_KEY: &str = "ptla_sandbox000000000000000000000000000000000000";
const WEBHOOK_SECRET: &str = "whsec_of_the_harness";
const KEY: &str = "a key of the harness that is long enough";
/// Much longer than anything takes to come up.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a scenario wants of its shop.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) apis: usize,
    pub(crate) workers: usize,
    /// Jobs at the same time, of each queue and worker.
    pub(crate) concurrency: usize,
    /// Milliseconds that a game server installs.
    pub(crate) install_ms: u32,
    /// The database lies on a disk of so many megabytes.
    pub(crate) disk_mb: Option<u32>,
    /// The first two workers' clocks are an hour ahead and an hour behind.
    pub(crate) skew: bool,
    /// Calls a minute that the panel takes, and the shop then keeps to what it is set to for such a panel; 0 for any number.
    pub(crate) panel_limit: u32,
    /// Orders that are expected; the panel gets room for them.
    pub(crate) orders: u32,
}

/// Everything that runs. Fields are dropped in this order: programs first, the database and its disk last.
pub(crate) struct Stack {
    pub(crate) apis: Vec<Program>,
    pub(crate) workers: Vec<Program>,
    sandbox: Program,
    pub(crate) shop: Proxy,
    pub(crate) gates: Vec<Proxy>,
    pub(crate) desk: Desk,
    pub(crate) smtp: SocketAddr,
    api_urls: Vec<String>,
    pub(crate) cluster: Cluster,
    pub(crate) disk: Option<Tmpfs>,
}

impl Stack {
    /// A shop with its catalogue, open.
    pub(crate) async fn open(place: &Place, shape: &Shape, seed: u64) -> Outcome<Self> {
        let ports = free_ports(3 + shape.apis, &Dice::new(seed ^ u64::from(std::process::id())))?;
        let local = |port: Option<&u16>| SocketAddr::from(([127, 0, 0, 1], port.copied().unwrap_or(0)));
        let (http, smtp) = (local(ports.first()), local(ports.get(1)));
        let database = ports.get(2).copied().unwrap_or(0);
        let apis: Vec<SocketAddr> = ports.iter().skip(3).map(|port| local(Some(port))).collect();
        let small = shape.disk_mb.map(|size| place.disk(size)).transpose()?;
        let home = small.as_ref().map_or_else(|| place.pg.clone(), |disk| disk.path.clone());
        let cluster = Cluster::create(
            place.postgres.clone(),
            &home,
            place.logs.join("postgres.log"),
            (database, small.is_some()),
        );
        let cluster = cluster.await?;
        let gates = vec![
            Proxy::start("database", Speech::Postgres, vec![local(Some(&database))], seed).await?,
            Proxy::start("providers", Speech::Bytes, vec![http], seed ^ 1).await?,
            Proxy::start("mail", Speech::Bytes, vec![smtp], seed ^ 2).await?,
        ];
        let shop = Proxy::start("shop", Speech::Bytes, apis.clone(), seed ^ 3).await?;
        let desk = Desk::new(format!("http://{}", shop.address), format!("http://{http}"))?;
        let mut env = environment(&gates, &shop);
        if shape.panel_limit > 0 {
            env.remove("PTERODACTYL_CALLS_PER_MINUTE");
        }
        // Before there are faults to run into, and on the database's own port.
        let mut direct = env.clone();
        direct.insert("DATABASE_URL", database_url(local(Some(&database))));
        run_once(&place.bin.join("hostwright"), &["migrate"], &direct).await?;
        run_once(&place.bin.join("hostwright"), &["catalog", "apply", &place.catalog], &direct).await?;
        let sandbox =
            Program::new("sandbox", place.bin.join("hostwright-sandbox"), sandbox(http, smtp, &shop), &place.logs);
        let mut stack = Self {
            apis: api_programs(place, &env, &apis),
            workers: worker_programs(place, &env, shape)?,
            sandbox,
            shop,
            gates,
            desk,
            smtp,
            api_urls: apis.iter().map(|api| format!("http://{api}")).collect(),
            cluster,
            disk: small,
        };
        stack.begin(shape).await?;
        Ok(stack)
    }

    async fn begin(&mut self, shape: &Shape) -> Outcome<()> {
        self.sandbox.start()?;
        let deadline = Instant::now() + PATIENCE;
        while self.desk.look("/control/panel").await.is_err() {
            if !self.sandbox.runs() || Instant::now() > deadline {
                return Err(Failed::new(format!("the sandbox does not start:\n{}", self.sandbox.last_words())));
            }
            sleep(Duration::from_millis(20)).await;
        }
        // Room for every order in either region.
        let ports = shape.orders + 50;
        for node in [1, 2] {
            let room = json!({ "id": node, "memory": 1_u64 << 40, "disk": 1_u64 << 40, "free_ports": ports });
            let settings = json!({ "install_ms": shape.install_ms, "rate_limit": shape.panel_limit, "node": room });
            self.desk.control("/panel", &settings).await?;
        }
        for program in self.apis.iter_mut().chain(&mut self.workers) {
            program.start()?;
        }
        self.well().await
    }

    /// Waits until every API answers; what falls is started again.
    pub(crate) async fn well(&mut self) -> Outcome<()> {
        let deadline = Instant::now() + PATIENCE;
        for url in self.api_urls.clone() {
            while !self.desk.is_well(&url).await {
                self.keep()?;
                if Instant::now() > deadline {
                    let logs: Vec<String> = self.apis.iter().map(Program::last_words).collect();
                    return Err(Failed::new(format!("{url} does not answer:\n{}", logs.join("\n"))));
                }
                sleep(Duration::from_millis(50)).await;
            }
        }
        Ok(())
    }

    /// Starts again what fell by itself, as whoever keeps a service alive does.
    pub(crate) fn keep(&mut self) -> Outcome<()> {
        if !self.sandbox.runs() {
            return Err(Failed::new(format!("the sandbox is gone:\n{}", self.sandbox.last_words())));
        }
        self.programs().try_for_each(Program::keep)
    }

    /// API and workers.
    pub(crate) fn programs(&mut self) -> impl Iterator<Item = &mut Program> {
        self.apis.iter_mut().chain(&mut self.workers)
    }

    /// One of the proxies, by its name.
    pub(crate) fn gate(&self, name: &str) -> Outcome<&Proxy> {
        let found = self.gates.iter().chain([&self.shop]).find(|gate| gate.name() == name);
        found.ok_or_else(|| Failed::new(format!("no proxy is called {name}")))
    }

    /// All proxies.
    pub(crate) fn proxies(&self) -> impl Iterator<Item = &Proxy> {
        self.gates.iter().chain([&self.shop])
    }

    /// No faults any more, everything runs.
    pub(crate) async fn heal(&mut self) -> Outcome<()> {
        for proxy in self.proxies() {
            proxy.weather(Weather::default());
        }
        if let Some(disk) = &mut self.disk {
            disk.relieve();
        }
        if !self.cluster.runs() {
            self.cluster.start().await?;
        }
        for program in self.programs() {
            if program.runs() {
                program.signal("CONT").await?;
            } else {
                program.start()?;
            }
        }
        self.desk.heal().await?;
        self.well().await
    }

    /// How often the workers said this.
    pub(crate) fn workers_said(&self, words: &str) -> u64 {
        self.workers.iter().map(|worker| worker.said(words)).sum()
    }
}

fn api_programs(place: &Place, env: &Environment, apis: &[SocketAddr]) -> Vec<Program> {
    let one = |(number, address): (usize, &SocketAddr)| {
        let mut env = env.clone();
        env.insert("API_LISTEN", address.to_string());
        Program::new(format!("api-{}", number + 1), place.bin.join("hostwright-api"), env, &place.logs)
    };
    apis.iter().enumerate().map(one).collect()
}

fn worker_programs(place: &Place, env: &Environment, shape: &Shape) -> Outcome<Vec<Program>> {
    let mut workers = Vec::new();
    for number in 0..shape.workers {
        let mut env = env.clone();
        env.insert("WORKER_CONCURRENCY", shape.concurrency.to_string());
        if let Some(shift) = ["+1h", "-1h"].get(number).filter(|_| shape.skew) {
            let library = place.faketime.as_ref().ok_or_else(|| Failed::new("libfaketime is not installed"))?;
            env.insert("LD_PRELOAD", library.display().to_string());
            env.insert("FAKETIME", (*shift).to_owned());
            // What counts seconds is right; what shows the date is wrong.
            env.insert("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned());
            env.insert("DONT_FAKE_MONOTONIC", "1".to_owned());
        }
        let path = place.bin.join("hostwright-worker");
        workers.push(Program::new(format!("worker-{}", number + 1), path, env, &place.logs));
    }
    Ok(workers)
}

fn database_url(address: SocketAddr) -> String {
    format!("postgres://hostwright@{address}/hostwright")
}

fn environment(gates: &[Proxy], shop: &Proxy) -> Environment {
    let address = |number: usize| gates.get(number).map_or(shop.address, |gate| gate.address);
    let (database, providers, mail) = (address(0), address(1), address(2));
    Environment::from([
        ("DATABASE_URL", database_url(database)),
        ("DATABASE_POOL_SIZE", "8".to_owned()),
        ("API_WORKERS", "1".to_owned()),
        ("PUBLIC_SITE_URL", format!("http://{}", shop.address)),
        ("SECRETS_KEY", KEY.to_owned()),
        ("JWT_SECRET", KEY.to_owned()),
        // Buyers here order in the moment in which they register.
        ("REGISTRATION", "direct".to_owned()),
        // The lowest there is: what a hash costs is not what is being tried.
        ("BCRYPT_COST", "4".to_owned()),
        // All buyers come from here.
        ("LIMITS", "off".to_owned()),
        ("STRIPE_SECRET_KEY", "sk_test_sandbox".to_owned()),
        ("STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ("STRIPE_API_BASE", format!("http://{providers}/stripe")),
        ("PTERODACTYL_URL", format!("http://{providers}/panel")),
        ("PTERODACTYL_API_KEY", PANEL_KEY.to_owned()),
        // What is tried here is the shop, not how it spares a panel.
        ("PTERODACTYL_CALLS_PER_MINUTE", "0".to_owned()),
        ("SMTP_HOST", mail.ip().to_string()),
        ("SMTP_PORT", mail.port().to_string()),
        ("EMAIL_FROM", "Hostwright <shop@example.com>".to_owned()),
    ])
}

fn sandbox(http: SocketAddr, smtp: SocketAddr, shop: &Proxy) -> Environment {
    Environment::from([
        ("SANDBOX_LISTEN", http.to_string()),
        ("SANDBOX_SMTP_LISTEN", smtp.to_string()),
        ("SANDBOX_WEBHOOK_URL", format!("http://{}/api/webhooks/stripe", shop.address)),
        ("SANDBOX_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ("SANDBOX_PANEL_KEY", PANEL_KEY.to_owned()),
    ])
}

/// Where a scenario writes.
pub(crate) fn directory(path: PathBuf) -> Outcome<PathBuf> {
    std::fs::create_dir_all(&path).map_err(|error| Failed::new(format!("make {}: {error}", path.display())))?;
    Ok(path)
}
