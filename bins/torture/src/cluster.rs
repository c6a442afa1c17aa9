//! A PostgreSQL of the harness's own, that may be killed, frozen and starved. No socket, no superuser over TCP.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    time::{Instant, sleep, timeout},
};
use tokio_postgres::{Client, NoTls};

use crate::{
    failed::{Because, Failed, Outcome},
    program::{kill_group_now, last_lines},
};

const ROLE: &str = "\
    CREATE ROLE hostwright LOGIN CREATEDB;\n\
    GRANT pg_monitor, pg_signal_backend TO hostwright;\n\
    CREATE DATABASE hostwright OWNER hostwright;\n";

const SETTINGS: &str = "\n\
    # --- the crash harness ---\n\
    listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 200\nfsync = on\njit = off\n\
    timezone = 'UTC'\nlog_timezone = 'UTC'\nlc_messages = 'C'\nlog_line_prefix = '%m [%p] %a '\n";

/// Small enough for a disk that is meant to fill up.
const SMALL: &str = "shared_buffers = 32MB\nmin_wal_size = 2MB\nmax_wal_size = 8MB\nwal_recycle = off\n";

/// Where its programs are, and as whom they run.
#[derive(Debug, Clone)]
pub(crate) struct Postgres {
    pub(crate) bin: PathBuf,
    /// What stands before a command so that it does not run as root; nothing where we are somebody else anyway.
    pub(crate) runner: Vec<String>,
    pub(crate) libraries: Option<String>,
}

impl Postgres {
    fn command(&self, program: &str) -> Command {
        let mut words = self.runner.iter().map(String::as_str).chain(["setpriv", "--pdeathsig", "KILL", "--"]);
        let mut command = Command::new(words.next().unwrap_or("setpriv"));
        command.args(words).arg(self.bin.join(program)).current_dir("/").stdin(Stdio::null()).kill_on_drop(true);
        for name in ["PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGPASSWORD", "PGSERVICE", "PGOPTIONS"] {
            command.env_remove(name);
        }
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        command
    }
}

/// A running or a dead server. Killed when dropped.
pub(crate) struct Cluster {
    postgres: Postgres,
    data: PathBuf,
    pub(crate) port: u16,
    pub(crate) log: PathBuf,
    child: Option<Child>,
}

impl Cluster {
    /// Makes a new one in `place`, which its user can write to, and starts it.
    pub(crate) async fn create(
        postgres: Postgres,
        place: &Path,
        log: PathBuf,
        (port, small): (u16, bool),
    ) -> Outcome<Self> {
        let data = place.join("data");
        let mut cluster = Self { postgres, data, port, log, child: None };
        cluster.initialise(small).await?;
        cluster.start().await?;
        Ok(cluster)
    }

    async fn initialise(&self, small: bool) -> Outcome<()> {
        let mut initdb = self.postgres.command("initdb");
        initdb.arg("-D").arg(&self.data).args([
            "-U",
            "postgres",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--auth=reject",
        ]);
        if small {
            // Its log asks for room all the time, so that it meets the full disk too.
            initdb.arg("--wal-segsize=1");
        }
        finish(initdb, "initdb", None).await?;
        let mut settings = SETTINGS.to_owned();
        if small {
            settings.push_str(SMALL);
        }
        // Written through its own user: the directory lets nobody else in.
        self.write("postgresql.auto.conf", &settings).await?;
        self.write("pg_hba.conf", "host hostwright hostwright 127.0.0.1/32 trust\n").await?;
        let mut single = self.postgres.command("postgres");
        single.arg("--single").arg("-D").arg(&self.data).arg("postgres");
        finish(single, "make the role", Some(ROLE)).await
    }

    async fn write(&self, name: &str, text: &str) -> Outcome<()> {
        let path = self.data.join(name);
        let mut words = self.postgres.runner.iter().map(String::as_str).chain(["tee", "--"]);
        let mut tee = Command::new(words.next().unwrap_or("tee"));
        tee.args(words).arg(path);
        finish(tee, "write its configuration", Some(text)).await
    }

    /// Starts it and waits until it takes connections. Right after a crash its shared memory may still be in use.
    pub(crate) async fn start(&mut self) -> Outcome<()> {
        let deadline = Instant::now() + Duration::from_mins(1);
        self.spawn()?;
        loop {
            if let Ok(client) = self.sql().await
                && client.simple_query("SELECT 1").await.is_ok()
            {
                return Ok(());
            }
            if !self.runs() {
                sleep(Duration::from_millis(50)).await;
                self.spawn()?;
            }
            if Instant::now() > deadline {
                return Err(Failed::new(format!("PostgreSQL does not start:\n{}", last_lines(&self.log))));
            }
            sleep(Duration::from_millis(5)).await;
        }
    }

    fn spawn(&mut self) -> Outcome<()> {
        let log = OpenOptions::new().create(true).append(true).open(&self.log).because("PostgreSQL's log")?;
        let errors = log.try_clone().because("PostgreSQL's log")?;
        let mut command = self.postgres.command("postgres");
        command.arg("-D").arg(&self.data).arg("-p").arg(self.port.to_string());
        command.stdout(log).stderr(errors).process_group(0);
        self.child = Some(command.spawn().because("start PostgreSQL")?);
        Ok(())
    }

    pub(crate) fn runs(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// What `pg_ctl -m immediate` does: everything ends at once, and the next start recovers from the log.
    pub(crate) async fn crash(&mut self) -> Outcome<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        if let Some(pid) = child.id() {
            // To the server alone: it tells its own, and waits for them.
            let quit = Command::new("kill").args(["-s", "QUIT", &pid.to_string()]).status().await;
            quit.because("stop PostgreSQL")?;
        }
        match timeout(Duration::from_secs(20), child.wait()).await {
            Ok(ended) => ended.because("stop PostgreSQL").map(drop),
            Err(_) => child.kill().await.because("kill PostgreSQL"),
        }
    }

    /// A connection that no fault is in the way of.
    pub(crate) async fn sql(&self) -> Outcome<Client> {
        connect(self.port).await
    }
}

/// A connection to the server on this port.
#[allow(clippy::disallowed_methods, reason = "the task ends with its connection")]
pub(crate) async fn connect(port: u16) -> Outcome<Client> {
    let config = format!("host=127.0.0.1 port={port} user=hostwright dbname=hostwright application_name=torture");
    let connecting = timeout(Duration::from_secs(5), tokio_postgres::connect(&config, NoTls));
    let (client, connection) = connecting.await.because("connect to PostgreSQL")?.because("connect to PostgreSQL")?;
    tokio::spawn(async move {
        connection.await.ok();
    });
    Ok(client)
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(pid) = self.child.as_ref().and_then(Child::id) {
            kill_group_now(pid);
        }
    }
}

/// Runs a command to its end, with this on its standard input.
async fn finish(mut command: Command, what: &str, input: Option<&str>) -> Outcome<()> {
    use tokio::io::AsyncWriteExt;
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().because(what)?;
    if let (Some(text), Some(mut pipe)) = (input, child.stdin.take()) {
        pipe.write_all(text.as_bytes()).await.because(what)?;
    }
    let output = timeout(Duration::from_mins(1), child.wait_with_output()).await.because(what)?.because(what)?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failed::new(format!("{what}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr))))
}
