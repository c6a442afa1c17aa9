//! A database per test, copied from a template that was migrated once.
//!
//! The server is that of `TEST_DATABASE_URL` or `DATABASE_URL`, else the project's own, when `scripts/db start` has
//! started it; its role must be allowed to create databases and roles. The template's name holds a digest of the migrations
//! and of the grants, so that a change of either makes a new one.

use std::{
    path::Path,
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use infra::{
    db::{Db, DbSettings, MIGRATIONS_DIGEST, PgTx, migrate},
    grants::{self, GRANTS, GrantError, ROWS},
};
use kernel::Transact;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use tokio_postgres::{Client, Config, NoTls, config::Host, error::SqlState};

/// The advisory lock of whoever makes the template.
const LOCK: i64 = 4_850_417_100_000_009;
/// How often a copy is tried while somebody still has the template open.
const COPY_TRIES: u32 = 100;

/// The role of the API in databases for tests.
pub const API_ROLE: &str = "hostwright_test_api";
/// The role of the worker.
pub const WORKER_ROLE: &str = "hostwright_test_worker";

/// A migrated database of its own. Dropped with the value, connections or not.
#[derive(Debug)]
pub struct TestDb {
    url: String,
    name: String,
    server: Config,
}

impl TestDb {
    /// A fresh database.
    ///
    /// # Panics
    /// When there is no server, or it refuses.
    pub async fn new() -> Self {
        Self::made(true).await
    }

    /// A fresh database without a single table.
    ///
    /// # Panics
    /// When there is no server, or it refuses.
    pub async fn empty() -> Self {
        Self::made(false).await
    }

    async fn made(migrated: bool) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = server();
        let (client, driver) = connect(&server).await;
        let template = if migrated { template(&server, &client).await } else { "template0".to_owned() };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let seconds = seconds(&client).await;
        let name = format!("hw_test_{seconds}_{}_{number}", std::process::id());
        if number == 0 {
            sweep(&client, seconds).await;
        }
        copy(&client, &name, &template).await;
        driver.abort();
        Self { url: url(&server, &name), name, server }
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its URL for another role: [`API_ROLE`] or [`WORKER_ROLE`], or another that has the same password as the server's.
    pub fn url_as(&self, role: &str) -> String {
        let mut server = self.server.clone();
        server.user(role);
        url(&server, &self.name)
    }

    /// A connection of that role.
    ///
    /// # Panics
    /// When it cannot be reached.
    pub async fn sql_as(&self, role: &str) -> Client {
        let mut config = self.server.clone();
        config.dbname(&self.name).user(role);
        connect(&config).await.0
    }

    /// A pool of a few connections to it.
    ///
    /// # Panics
    /// When it cannot be reached.
    pub async fn connect(&self) -> Db {
        let settings = DbSettings { pool_size: 8, ..DbSettings::new(SecretString::from(self.url.clone())) };
        Db::connect(&settings).await.expect("the test database answers")
    }

    /// A connection for a test's own SQL.
    ///
    /// # Panics
    /// When it cannot be reached.
    pub async fn sql(&self) -> Client {
        let mut config = self.server.clone();
        config.dbname(&self.name);
        connect(&config).await.0
    }
}

impl Drop for TestDb {
    /// On a thread of its own, since a runtime cannot be waited for inside another. A failure to drop is no test's
    /// failure: the sweep finds what was left.
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let (client, _driver) = connect(&server).await;
                client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.ok();
            });
            Ok::<_, std::io::Error>(())
        });
        drop(dropping.join());
    }
}

/// Where the server is.
#[allow(clippy::disallowed_methods, reason = "tests are told of the database by the environment")]
fn server() -> Config {
    let given = std::env::var("TEST_DATABASE_URL").or_else(|_| std::env::var("DATABASE_URL")).ok();
    let given = given.filter(|url| !url.is_empty()).or_else(own_server);
    let url = given.expect("no database for tests: run `scripts/db start`, or set TEST_DATABASE_URL");
    Config::from_str(&url).expect("TEST_DATABASE_URL is a postgres:// URL")
}

/// The project's own server, when it was started.
fn own_server() -> Option<String> {
    let port = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.hostwright/pg/port");
    let port: u16 = std::fs::read_to_string(port).ok()?.trim().parse().ok()?;
    Some(format!("postgres://hostwright@127.0.0.1:{port}/hostwright"))
}

/// The same server with another database.
fn url(server: &Config, name: &str) -> String {
    let escaped = |text: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        text.bytes().map(one).collect::<String>()
    };
    let password = server.get_password().map(|bytes| format!(":{}", escaped(&String::from_utf8_lossy(bytes))));
    let host = match server.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        Some(Host::Unix(path)) => escaped(&path.to_string_lossy()),
        None => "localhost".to_owned(),
    };
    let port = server.get_ports().first().copied().unwrap_or(5432);
    let user = escaped(server.get_user().unwrap_or("postgres"));
    format!("postgres://{user}{}@{host}:{port}/{name}", password.unwrap_or_default())
}

#[allow(clippy::disallowed_methods, reason = "the task ends with its connection")]
async fn connect(config: &Config) -> (Client, tokio::task::JoinHandle<()>) {
    let (client, connection) = config.connect(NoTls).await.expect("the server for tests answers");
    let driver = tokio::spawn(async move {
        connection.await.ok();
    });
    (client, driver)
}

async fn seconds(client: &Client) -> i64 {
    let row = client.query_one("SELECT extract(epoch FROM now())::bigint", &[]).await.expect("the time");
    row.get(0)
}

/// The migrated template's name; makes it if it is not there.
async fn template(server: &Config, client: &Client) -> String {
    let name = format!("hw_template_{MIGRATIONS_DIGEST}_{}", grants_digest());
    if exists(client, &name).await {
        return name;
    }
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.expect("the template's lock");
    if !exists(client, &name).await {
        // Under another name until it is whole: a test that is killed meanwhile must not leave half a template.
        let unfinished = format!("{name}_unfinished");
        let make = format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)");
        client.batch_execute(&make).await.expect("no leftovers");
        client.batch_execute(&format!("CREATE DATABASE {unfinished} TEMPLATE template0")).await.expect("a database");
        let whole = SecretString::from(url(server, &unfinished));
        migrate(&whole).await.expect("the migrations apply");
        grant(&whole).await;
        passwords(server, client).await;
        rename(client, &unfinished, &name).await;
    }
    client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await.expect("the template's lock");
    name
}

fn grants_digest() -> String {
    let digest = Sha256::digest(format!("{GRANTS:?}{ROWS:?}"));
    let four = digest.iter().take(4).fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    format!("{four:08x}")
}

/// Gives the programs' roles their rights; makes the roles, which belong to the whole server and stay.
async fn grant(url: &SecretString) {
    let db = Db::connect(&DbSettings::new(url.clone())).await.expect("the template answers");
    let (api, worker) = (API_ROLE.parse().expect("a name"), WORKER_ROLE.parse().expect("a name"));
    let work = async |tx: &mut PgTx| grants::apply_in(tx, &api, &worker, true).await;
    db.transaction::<_, GrantError>(work).await.expect("the rights are granted");
}

/// Where the server asks for a password, the roles have its.
async fn passwords(server: &Config, client: &Client) {
    let Some(password) = server.get_password().map(String::from_utf8_lossy) else { return };
    for role in [API_ROLE, WORKER_ROLE] {
        let statement = format!("ALTER ROLE {role} PASSWORD '{}'", password.replace('\'', "''"));
        client.batch_execute(&statement).await.expect("a password");
    }
}

async fn exists(client: &Client, name: &str) -> bool {
    let found = client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await;
    found.expect("the list of databases").is_some()
}

async fn rename(client: &Client, from: &str, to: &str) {
    patiently(client, &format!("ALTER DATABASE {from} RENAME TO {to}")).await;
}

async fn copy(client: &Client, name: &str, template: &str) {
    patiently(client, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
}

/// A connection that was closed a moment ago may still be there for the server.
async fn patiently(client: &Client, statement: &str) {
    for _ in 0..COPY_TRIES {
        match client.batch_execute(statement).await {
            Err(error) if error.code() == Some(&SqlState::OBJECT_IN_USE) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            result => return result.unwrap_or_else(|error| panic!("{statement}: {error}")),
        }
    }
    panic!("{statement}: somebody keeps the database open");
}

/// Databases that killed tests left behind, older than two hours.
async fn sweep(client: &Client, now: i64) {
    let Ok(rows) = client.query("SELECT datname FROM pg_database WHERE datname LIKE 'hw\\_test\\_%'", &[]).await else {
        return;
    };
    for row in rows {
        let name: String = row.get(0);
        let made = name.split('_').nth(2).and_then(|text| text.parse::<i64>().ok());
        if made.is_some_and(|made| made < now - 7200) {
            client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.ok();
        }
    }
}
