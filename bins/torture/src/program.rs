//! A program of the shop as a process in a group of its own, that can be killed, frozen and started again.

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    time::{Instant, timeout},
};

use crate::failed::{Because, Failed, Outcome};

/// Who ends by itself so soon after its start has not come up; whoever keeps a service alive starts it once more.
const STARTING: Duration = Duration::from_secs(15);

pub(crate) type Environment = BTreeMap<&'static str, String>;

/// Killed when dropped, and by the kernel should this process die without a chance to do so.
pub(crate) struct Program {
    pub(crate) name: String,
    path: PathBuf,
    env: Environment,
    pub(crate) log: PathBuf,
    child: Option<Child>,
    since: Instant,
    /// How often it was started.
    pub(crate) starts: u32,
    /// Starts that came to nothing.
    pub(crate) stillborn: u32,
    /// What it died of by itself, long after its start.
    pub(crate) falls: Vec<String>,
}

impl Program {
    pub(crate) fn new(name: impl Into<String>, path: PathBuf, env: Environment, logs: &Path) -> Self {
        let name = name.into();
        let log = logs.join(format!("{name}.log"));
        let since = Instant::now();
        Self { name, path, env, log, child: None, since, starts: 0, stillborn: 0, falls: Vec::new() }
    }

    pub(crate) fn start(&mut self) -> Outcome<()> {
        let what = format!("start {}", self.name);
        let mut log = OpenOptions::new().create(true).append(true).open(&self.log).because(&what)?;
        writeln!(log, "---- started").because(&what)?;
        let errors = log.try_clone().because(&what)?;
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(&self.path);
        command.env_clear().env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").envs(&self.env);
        command.stdin(Stdio::null()).stdout(log).stderr(errors).process_group(0).kill_on_drop(true);
        self.child = Some(command.spawn().because(&what)?);
        self.since = Instant::now();
        self.starts += 1;
        Ok(())
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Whether it runs; notes how it ended when nobody ended it.
    pub(crate) fn runs(&mut self) -> bool {
        let Some(child) = &mut self.child else { return false };
        match child.try_wait() {
            Ok(None) => true,
            Ok(Some(status)) => {
                self.child = None;
                if self.since.elapsed() < STARTING {
                    self.stillborn += 1;
                } else {
                    self.falls.push(format!("{} ended by itself: {status}", self.name));
                }
                false
            }
            Err(_) => false,
        }
    }

    /// Starts it again if it fell.
    pub(crate) fn keep(&mut self) -> Outcome<()> {
        if self.child.is_some() && !self.runs() { self.start() } else { Ok(()) }
    }

    /// SIGKILL, and waits until it is gone. Its process number, if it ran.
    pub(crate) async fn kill(&mut self) -> Outcome<Option<u32>> {
        if !self.runs() {
            return Ok(None);
        }
        let pid = self.pid();
        if let Some(mut child) = self.child.take() {
            child.kill().await.because(format!("kill {}", self.name))?;
        }
        Ok(pid)
    }

    /// SIGTERM, and waits; whether it ended by itself, and well.
    pub(crate) async fn stop(&mut self, within: Duration) -> Outcome<bool> {
        if !self.runs() {
            return Ok(true);
        }
        self.signal("TERM").await?;
        let Some(mut child) = self.child.take() else { return Ok(true) };
        if let Ok(ended) = timeout(within, child.wait()).await {
            return Ok(ended.because(format!("stop {}", self.name))?.success());
        }
        child.kill().await.because(format!("kill {}", self.name))?;
        Ok(false)
    }

    /// Any signal, to the whole group.
    pub(crate) async fn signal(&self, name: &str) -> Outcome<()> {
        match self.pid() {
            Some(pid) => signal_group(pid, name).await,
            None => Err(Failed::new(format!("{} does not run", self.name))),
        }
    }

    /// How often it said this since its first start.
    pub(crate) fn said(&self, words: &str) -> u64 {
        let text = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&text).lines().filter(|line| line.contains(words)).count() as u64
    }

    /// The end of its log.
    pub(crate) fn last_words(&self) -> String {
        last_lines(&self.log)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(pid) = self.pid() {
            kill_group_now(pid);
        }
    }
}

/// The standard library can only kill; other signals are sent by the program that exists for it.
pub(crate) async fn signal_group(pid: u32, name: &str) -> Outcome<()> {
    let mut command = Command::new("kill");
    command.args(["-s", name, "--", &format!("-{pid}")]).stderr(Stdio::null());
    command.status().await.because("send a signal").map(drop)
}

/// For destructors, which cannot wait.
pub(crate) fn kill_group_now(pid: u32) {
    let target = format!("-{pid}");
    let mut command = std::process::Command::new("kill");
    command.args(["-s", "KILL", "--", &target]).stderr(Stdio::null());
    drop(command.status());
}

pub(crate) fn last_lines(path: &Path) -> String {
    let text = String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(12);
    lines.iter().skip(from).map(|line| format!("     {line}")).collect::<Vec<_>>().join("\n")
}

/// Runs a program to its end; an error holds what it said.
pub(crate) async fn run_once(path: &Path, arguments: &[&str], env: &Environment) -> Outcome<()> {
    let mut command = Command::new(path);
    command.args(arguments).env_clear().envs(env).stdin(Stdio::null()).kill_on_drop(true);
    let what = format!("{} {}", path.display(), arguments.join(" "));
    let output = timeout(Duration::from_mins(2), command.output()).await.because(&what)?.because(&what)?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failed::new(format!("{what}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr))))
}
