//! An operator's own program on this machine: the question on its standard input, the answer on its standard output.
//! docs/guides/providers.md is its contract, which is the webhook's but for how it travels.

use std::{path::PathBuf, time::Duration};

use kernel::Env;
use provisioning::ProviderError;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

use self::run::{Failure, run};
use crate::{
    Limits,
    answer::{Doubt, doubtful, unavailable},
    file::{Entry, Instance, Type},
    service::{Channel, ServiceProvider, Told},
};

mod run;

/// The `type` of the providers file.
pub const TYPE: Type = Type { name: "exec", limits: Limits { per_minute: 0, at_once: 4 }, read };

fn read(entry: &mut Entry<'_, '_>) -> Option<Instance> {
    let is_path = |text: &str| std::path::Path::new(text).is_absolute();
    let program = entry.needs("program", is_path, "expected the absolute path of a program");
    let arguments = entry.texts("arguments", |_| true, "expected a list of texts");
    let environment = entry.variables("environment");
    let lists = entry.reader.flag("lists");
    let timeout = entry.timeout(1..=300, 60);
    let (program, arguments, environment) = (PathBuf::from(program?), arguments?, environment?);
    let settings = ExecSettings { program, arguments, environment, lists, timeout };
    Some(Instance::new(None, move |_| ExecProvider::new(settings.clone())))
}

/// What is run.
#[derive(Debug, Clone)]
pub struct ExecSettings {
    /// The program, by its absolute path.
    pub program: PathBuf,
    /// Its arguments, the same for every question.
    pub arguments: Vec<String>,
    /// What stands in its environment besides `PATH`.
    pub environment: Vec<(String, SecretString)>,
    /// It answers the verb `list`.
    pub lists: bool,
    /// How long it may run. Then it is killed, with all that it started.
    pub timeout: Duration,
}

/// Delivers by running an operator's program.
pub type ExecProvider = ServiceProvider<Exec>;

/// A program that can be run.
#[derive(Debug)]
pub struct Exec(ExecSettings);

impl ServiceProvider<Exec> {
    /// The provider that runs this program.
    pub const fn new(settings: ExecSettings) -> Self {
        Self::over(Exec(settings))
    }
}

impl Exec {
    async fn ask(&self, mut body: Value, key: Option<String>, doubt: Doubt) -> Result<Told, ProviderError> {
        let key = key.unwrap_or_else(|| hexadecimal(&Env::system().bytes::<16>()));
        if let Some(table) = body.as_object_mut() {
            table.insert("key".to_owned(), Value::from(key));
        }
        let output = run(&self.0, &body.to_string()).await.map_err(|failure| match failure {
            Failure::NotStarted(why) => unavailable(format!("the program cannot be started: {why}"), None),
            Failure::Ended(why) => doubtful(format!("the program {why}"), doubt),
        })?;
        let unreadable = || doubtful("the program's answer cannot be read", doubt);
        let head: Head = serde_json::from_slice(&output).map_err(|_| unreadable())?;
        let retry_after = head.retry_after.map(|seconds| Duration::from_secs(seconds.min(86_400)));
        Ok(Told { status: head.status, retry_after, body: output })
    }
}

/// What stands in every answer.
#[derive(Deserialize)]
struct Head {
    status: u16,
    retry_after: Option<u64>,
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

impl Channel for Exec {
    const FLAVOUR: &'static str = "exec";

    fn lists(&self) -> bool {
        self.0.lists
    }

    async fn send(&self, body: Value, key: Option<String>, doubt: Doubt) -> Result<Told, ProviderError> {
        self.ask(body, key, doubt).await
    }

    fn token(&self, said: &str) -> Option<String> {
        let fits = (1..=500).contains(&said.len()) && !said.chars().any(char::is_control);
        fits.then(|| said.to_owned())
    }

    async fn poll(&self, token: &str) -> Result<Told, ProviderError> {
        self.ask(json!({ "verb": "poll", "poll": token }), None, Doubt::Harmless).await
    }
}
