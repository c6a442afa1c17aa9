//! The database server: one mariadbd of our own, on a socket alone. Every tenant's database lets in the unix user of the
//! same name, so there is no password to keep or to steal.

use std::path::PathBuf;

use rustix::process::Signal;

use crate::{
    fault::Fault,
    files::{self, ROOT, ensure_dir, text},
    host::Host,
    locks::lock,
    manifest::Manifest,
    probe,
    process::Daemon,
    program::Program,
    users,
};

/// Starts it, if it does not run; the first time its own tables are made.
pub(crate) fn start(host: &Host) -> Result<(), Fault> {
    let _one = lock(&host.database);
    let daemon = daemon(host);
    if daemon.is_running() {
        return Ok(());
    }
    let mysql = users::named("mysql")?.ok_or_else(|| Fault::failed("there is no user mysql"))?;
    let dir = dir(host);
    ensure_dir(&dir, 0o755, mysql)?;
    ensure_dir(&dir.join("empty"), 0o755, ROOT)?;
    files::write_if_different(&daemon.mark, &configuration(host), (0o644, ROOT))?;
    // Made aside, so that a first start that was cut off is not taken for whole.
    let (data, aside) = (dir.join("data"), dir.join("aside"));
    if !data.exists() {
        files::remove_tree(&aside)?;
        ensure_dir(&aside, 0o700, mysql)?;
        Program::mortal("/usr/bin/mariadb-install-db")
            .arg(format!("--defaults-file={}", text(&daemon.mark)))
            .arg(format!("--datadir={}", text(&aside)))
            .args(&[
                "--user=mysql",
                "--skip-test-db",
                "--auth-root-authentication-method=socket",
                "--auth-root-socket-user=root",
            ])
            .run()?;
        std::fs::rename(&aside, &data).map_err(|error| Fault::failed(format!("the database has no place: {error}")))?;
    }
    daemon.stop(Signal::KILL)?;
    Program::new("/usr/sbin/start-stop-daemon")
        .args(&["--start", "--background", "--chuid", "mysql:mysql", "--pidfile", &text(&daemon.pid_file)])
        .args(&["--startas", "/usr/sbin/mariadbd", "--"])
        .arg(format!("--defaults-file={}", text(&daemon.mark)))
        .run()?;
    probe::comes_up(|| query(host, "SELECT 1").map(|_| ()).map_err(|fault| fault.to_string())).map_err(Fault::failed)
}

pub(crate) fn stop(host: &Host) -> Result<(), Fault> {
    daemon(host).stop(Signal::TERM)
}

/// A service's database and its user, which may do anything in it and nothing elsewhere.
pub(crate) fn ensure(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    start(host)?;
    let name = &manifest.user;
    let statements = format!(
        "CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4;\n\
         CREATE USER IF NOT EXISTS '{name}'@'localhost' IDENTIFIED VIA unix_socket WITH MAX_USER_CONNECTIONS 20;\n\
         GRANT ALL ON `{name}`.* TO '{name}'@'localhost';\n"
    );
    query(host, &statements).map(|_| ())
}

pub(crate) fn remove(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    start(host)?;
    let name = &manifest.user;
    query(host, &format!("DROP USER IF EXISTS '{name}'@'localhost';\nDROP DATABASE IF EXISTS `{name}`;\n")).map(|_| ())
}

fn query(host: &Host, statements: &str) -> Result<String, Fault> {
    let socket = format!("--socket={}", text(&socket(host)));
    Program::new("/usr/bin/mariadb")
        .args(&["--no-defaults", "--batch", "--skip-column-names", "--connect-timeout=5", "--user=root", &socket])
        .input(statements)
        .run()
}

/// Where tenants reach it.
pub(crate) fn socket(host: &Host) -> PathBuf {
    dir(host).join("sock")
}

fn daemon(host: &Host) -> Daemon {
    Daemon { pid_file: dir(host).join("pid"), mark: dir(host).join("my.cnf") }
}

fn dir(host: &Host) -> PathBuf {
    host.config.state.join("database")
}

fn configuration(host: &Host) -> String {
    let dir = text(&dir(host));
    format!(
        "[mariadbd]\nuser = mysql\ndatadir = {dir}/data\nsocket = {dir}/sock\npid-file = {dir}/pid\n\
         log-error = {dir}/error.log\nskip-networking\nskip-name-resolve\nlocal-infile = 0\nsecure-file-priv = {dir}/empty\n\
         symbolic-links = 0\nskip-show-database\ninnodb-buffer-pool-size = 64M\nmax-connections = 200\n\
         character-set-server = utf8mb4\n"
    )
}
