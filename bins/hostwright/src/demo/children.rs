//! The programs that the demo starts, and stops again whatever happens.

use std::{collections::BTreeMap, fs::File, net::TcpListener, path::PathBuf, process::Stdio, time::Duration};

use infra::http::HttpClient;
use reqwest::Method;
use tokio::process::{Child, Command};

use super::{PATIENCE, Plan};
use crate::failure::Failed;

/// Started programs, by name.
pub(crate) struct Children {
    logs: PathBuf,
    bin: PathBuf,
    running: Vec<(String, Child)>,
}

impl Children {
    pub(crate) fn new(plan: &Plan) -> Result<Self, Failed> {
        let own = std::env::current_exe().map_err(|error| Failed::new("find the programs", error))?;
        let bin = own.parent().map(PathBuf::from).unwrap_or_default();
        for url in std::iter::once(plan.api_url()).chain(plan.uses_sandbox().then(|| plan.sandbox_url())) {
            let address = url.trim_start_matches("http://").to_owned();
            if let Err(error) = TcpListener::bind(&address) {
                let hint = "is another demo running? See --api-listen and --sandbox-listen";
                return Err(Failed::new(format!("listen on {address}"), format!("{error}; {hint}")));
            }
        }
        Ok(Self { logs: plan.logs.clone(), bin, running: Vec::new() })
    }

    /// Where a program lies that is one of ours.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// Starts a program that lies beside this one.
    pub(crate) fn start(&mut self, name: &str, env: &BTreeMap<&'static str, String>) -> Result<(), Failed> {
        let failed = |error: std::io::Error| Failed::new(format!("start {name}"), error);
        let log = File::create(self.logs.join(format!("{name}.log"))).map_err(failed)?;
        let errors = log.try_clone().map_err(failed)?;
        let child = Command::new(self.program(name))
            .envs(env)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .kill_on_drop(true)
            // A Ctrl-C on the terminal goes to all of its group; these are stopped by us, in order.
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        self.running.push((name.to_owned(), child));
        Ok(())
    }

    /// Waits until a program answers.
    pub(crate) async fn ready(&mut self, http: &HttpClient, name: &str, url: &str) -> Result<(), Failed> {
        let url: reqwest::Url = url.parse().map_err(|error| Failed::new(format!("start {name}"), error))?;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            self.still_running()?;
            if let Ok(answer) = http.send(http.request(Method::GET, url.clone())).await
                && answer.status.is_success()
            {
                return Ok(());
            }
            if tokio::time::Instant::now() > deadline {
                return Err(Failed::new(format!("start {name}"), format!("{url} did not answer within a minute")));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether all of them still run.
    pub(crate) fn still_running(&mut self) -> Result<(), Failed> {
        for (name, child) in &mut self.running {
            match child.try_wait() {
                Ok(None) => {}
                Ok(Some(status)) => {
                    let tail = last_lines(&self.logs.join(format!("{name}.log")));
                    return Err(Failed::new(name.as_str(), format!("ended with {status}\n{tail}")));
                }
                Err(error) => return Err(Failed::new(name.as_str(), error)),
            }
        }
        Ok(())
    }

    /// Ends when one of them does.
    pub(crate) async fn watch(&mut self) -> Failed {
        loop {
            if let Err(failed) = self.still_running() {
                return failed;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Asks all of them to end, the last started first, and makes sure.
    pub(crate) async fn stop(&mut self) {
        for (name, mut child) in self.running.drain(..).rev() {
            if let Some(id) = child.id() {
                // The standard library can only kill; a graceful end needs the signal that `kill` sends.
                let asked = Command::new("kill").arg(id.to_string()).status().await;
                tracing::debug!(program = name, asked = asked.is_ok(), "asked to end");
            }
            if tokio::time::timeout(Duration::from_secs(10), child.wait()).await.is_err() {
                tracing::warn!(program = name, "did not end in 10 seconds and is killed");
                let killed = child.kill().await;
                tracing::debug!(program = name, killed = killed.is_ok(), "killed");
            }
        }
    }
}

fn last_lines(path: &std::path::Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.len().saturating_sub(12);
    lines.iter().skip(first).map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
