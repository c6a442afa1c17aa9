//! Real hosting on this machine, where it can be had: what is bought answers at an address, and is used from outside.

use std::{collections::BTreeMap, fs, path::PathBuf};

use tokio::{net::UnixStream, process::Command, time::Instant};

use super::{PATIENCE, Plan, children::Children, show};
use crate::failure::Failed;

/// Where everything of it is. It is root's, and nginx must be able to enter.
const PLACE: &str = "/srv/hostwright-demo";
/// The port of its websites.
const HTTP_PORT: u16 = 4080;
const PROGRAM: &str = "hostwright-local";

/// The helper's settings, and the program that uses what it makes.
pub(crate) struct Hosting {
    env: BTreeMap<&'static str, String>,
    script: PathBuf,
}

impl Hosting {
    /// With a program that buys everything and uses it.
    ///
    /// # Errors
    /// Its directory cannot be made.
    pub(crate) fn new(script: PathBuf) -> Result<Self, Failed> {
        fs::create_dir_all(PLACE).map_err(|error| Failed::new(format!("make {PLACE}"), error))?;
        let at = |name: &str| format!("{PLACE}/{name}");
        let env = BTreeMap::from([
            ("LOCAL_SOCKET", at("socket")),
            ("LOCAL_ROOT", at("hosting")),
            ("LOCAL_STATE", at("daemons")),
            ("LOCAL_ADDRESS", "127.0.0.1".to_owned()),
            ("LOCAL_HTTP_PORT", HTTP_PORT.to_string()),
            ("LOCAL_SFTP_PORT", "4022".to_owned()),
            ("LOCAL_HTTPS_PORT", "4443".to_owned()),
            ("LOCAL_IMAP_PORT", "4143".to_owned()),
            ("LOCAL_LMTP_PORT", "4024".to_owned()),
            ("LOCAL_GAME_PORTS_FROM", "4303".to_owned()),
            ("LOCAL_GAME_PORTS", "100".to_owned()),
            // A helper that hosts for customers on this machine has other users.
            ("LOCAL_PREFIX", "hwdemo".to_owned()),
            ("LOCAL_FIRST_UID", "51000".to_owned()),
        ]);
        Ok(Self { env, script })
    }

    /// What api and worker must know of it.
    pub(crate) fn program_env(&self) -> BTreeMap<&'static str, String> {
        // Browsers know that names beneath `localhost` are this machine (RFC 6761, 6.3).
        let mut env = BTreeMap::from([("SITES_DOMAIN", "sites.localhost".to_owned())]);
        env.extend(self.env.get("LOCAL_SOCKET").map(|socket| ("LOCAL_SOCKET", socket.clone())));
        env
    }

    /// Starts the helper, and waits until it listens.
    pub(crate) async fn start(&self, children: &mut Children) -> Result<(), Failed> {
        show::step(&format!("Hosting on this machine, in {PLACE}"));
        children.start(PROGRAM, &self.env)?;
        let deadline = Instant::now() + PATIENCE;
        let socket = format!("{PLACE}/socket");
        while UnixStream::connect(&socket).await.is_err() {
            children.still_running()?;
            if Instant::now() > deadline {
                return Err(Failed::new(format!("start {PROGRAM}"), "it did not listen within a minute"));
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Has everything bought and used.
    pub(crate) async fn used(&self, plan: &Plan) -> Result<(), Failed> {
        let step = || format!("run {}", self.script.display());
        let own = std::env::current_exe().map_err(|error| Failed::new(step(), error))?;
        let mut program = Command::new("python3");
        program.arg("-B").arg(&self.script).envs(&self.env).envs(plan.program_env()).kill_on_drop(true);
        program.env("DEMO_API", plan.api_url()).env("DEMO_SANDBOX", plan.sandbox_url()).env("DEMO_COMMAND", own);
        if !plan.once {
            program.env("DEMO_KEEP", "1");
        }
        let status = program.status().await.map_err(|error| Failed::new(step(), error))?;
        if status.success() { Ok(()) } else { Err(Failed::new(step(), format!("it ended with {status}"))) }
    }

    /// Brings down whatever the helper started. What was bought stays, and comes up with the next demo.
    pub(crate) async fn stop(&self, children: &Children) {
        let stopped = Command::new(children.program(PROGRAM)).arg("--stop").envs(&self.env).status().await;
        if !stopped.is_ok_and(|status| status.success()) {
            tracing::warn!("not everything that was hosted could be stopped: see {PLACE}");
        }
    }
}
