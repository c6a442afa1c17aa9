//! PHP: one small master process a website, so that stopping one stops no other.

use std::path::PathBuf;

use local_protocol::Mebibytes;
use rustix::process::Signal;

use crate::{
    fault::Fault,
    files::{self, ROOT, text},
    host::Host,
    manifest::Manifest,
    process::{Daemon, until},
    program::Program,
};

const FPM: &str = "/usr/sbin/php-fpm8.2";
/// What starts programs, loads code or looks at the machine; a website needs none of it.
const DISABLED: &str = "exec,passthru,shell_exec,system,proc_open,popen,proc_nice,proc_terminate,proc_get_status,\
pcntl_exec,pcntl_fork,pcntl_signal,dl,link,posix_kill,posix_mkfifo,posix_setuid,posix_setgid,show_source,syslog,openlog";

/// Where the web server reaches a website's PHP.
pub(crate) fn socket(host: &Host, manifest: &Manifest) -> PathBuf {
    host.config.state.join("fpm").join(format!("{}.sock", manifest.user))
}

fn file(host: &Host, manifest: &Manifest, ending: &str) -> PathBuf {
    host.config.state.join("php").join(format!("{}.{ending}", manifest.user))
}

/// Starts a website's PHP, if it does not run.
pub(crate) fn start(host: &Host, manifest: &Manifest, memory: Mebibytes) -> Result<(), Fault> {
    let conf = file(host, manifest, "conf");
    files::write_if_different(&conf, &configuration(host, manifest, memory), (0o600, ROOT))?;
    let daemon = daemon(host, manifest);
    if daemon.is_running() && socket(host, manifest).exists() {
        return Ok(());
    }
    daemon.stop(Signal::KILL)?;
    let with = |more: &'static str| Program::new(FPM).args(&["--fpm-config", &text(&conf), more]);
    with("--test").run()?;
    with("--daemonize").run()?;
    if until(std::time::Duration::from_secs(10), || daemon.is_running() && socket(host, manifest).exists()) {
        return Ok(());
    }
    Err(Fault::failed("PHP does not come up"))
}

/// Stops a website's PHP.
pub(crate) fn stop(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    daemon(host, manifest).stop(Signal::TERM)?;
    files::remove(&socket(host, manifest))
}

pub(crate) fn is_running(host: &Host, manifest: &Manifest) -> bool {
    daemon(host, manifest).is_running()
}

/// Stops it and takes its files away.
pub(crate) fn remove(host: &Host, manifest: &Manifest) -> Result<(), Fault> {
    stop(host, manifest)?;
    files::remove(&file(host, manifest, "conf"))
}

fn daemon(host: &Host, manifest: &Manifest) -> Daemon {
    Daemon { pid_file: file(host, manifest, "pid"), mark: file(host, manifest, "conf") }
}

fn configuration(host: &Host, manifest: &Manifest, memory: Mebibytes) -> String {
    let own = text(&manifest.dir(host));
    let (user, memory) = (&manifest.user, memory.get());
    let settings: Vec<String> = limits(host, manifest)
        .into_iter()
        .chain([("memory_limit", format!("{memory}M"))])
        .map(|(name, value)| format!("php_admin_value[{name}] = {value}\n"))
        .collect();
    let settings = settings.concat();
    format!(
        "[global]\npid = {}\nerror_log = {own}/logs/php-fpm.log\nlog_level = warning\nprocess_control_timeout = 5s\n\
         process.max = 8\nrlimit_core = 0\n\
         [{user}]\nuser = {user}\ngroup = {user}\nlisten = {}\nlisten.owner = www-data\nlisten.group = www-data\n\
         listen.mode = 0660\npm = ondemand\npm.max_children = 5\npm.process_idle_timeout = 30s\npm.max_requests = 500\n\
         request_terminate_timeout = 60s\nsecurity.limit_extensions = .php\nclear_env = yes\n{settings}",
        text(&file(host, manifest, "pid")),
        text(&socket(host, manifest)),
    )
}

/// What confines PHP to the website's own directories, wherever it runs.
pub(crate) fn limits(host: &Host, manifest: &Manifest) -> Vec<(&'static str, String)> {
    let own = text(&manifest.dir(host));
    vec![
        ("open_basedir", format!("{own}/public_html:{own}/tmp")),
        ("disable_functions", DISABLED.to_owned()),
        ("upload_tmp_dir", format!("{own}/tmp")),
        ("sys_temp_dir", format!("{own}/tmp")),
        ("session.save_path", format!("{own}/tmp")),
        ("upload_max_filesize", "64M".to_owned()),
        ("post_max_size", "64M".to_owned()),
        ("error_log", format!("{own}/tmp/php.log")),
        ("expose_php", "off".to_owned()),
        ("cgi.fix_pathinfo", "0".to_owned()),
    ]
}
