//! One of the programs, as a process.

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// Where a program of the workspace lies: beside the operator's command.
pub(crate) fn binary(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_hostwright")).with_file_name(name);
    assert!(path.exists(), "{} is missing; build the programs first: cargo build --workspace --bins", path.display());
    path
}

fn command(name: &str, env: &BTreeMap<&'static str, String>) -> Command {
    let mut command = Command::new(binary(name));
    // Nothing of this machine's own settings may leak in.
    command.env_clear().envs(env).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// A program that can be killed and started again. Killed when dropped.
pub(crate) struct Program {
    name: &'static str,
    env: BTreeMap<&'static str, String>,
    log: PathBuf,
    child: Option<Child>,
}

impl Program {
    pub(crate) const fn new(name: &'static str, env: BTreeMap<&'static str, String>, log: PathBuf) -> Self {
        Self { name, env, log, child: None }
    }

    /// It has this from its next start on; without a value it has it no more.
    pub(crate) fn set(&mut self, name: &'static str, value: Option<&str>) {
        match value {
            Some(value) => self.env.insert(name, value.to_owned()),
            None => self.env.remove(name),
        };
    }

    /// What it has said since its first start.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Starts it; its log goes on where it was.
    pub(crate) fn start(&mut self) {
        let mut log = OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        writeln!(log, "---- started").unwrap();
        let errors = log.try_clone().unwrap();
        let mut command = command(self.name, &self.env);
        self.child = Some(command.stdin(Stdio::null()).stdout(log).stderr(errors).spawn().unwrap());
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| child.try_wait().unwrap().is_none())
    }

    /// SIGKILL, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        assert!(child.try_wait().unwrap().is_none(), "{} has ended by itself before it was killed", self.name);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) success: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a program to its end.
pub(crate) fn run(name: &str, arguments: &[&str], env: &BTreeMap<&'static str, String>, input: &str) -> Ended {
    let mut command = command(name, env);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that does not read its input may have ended by now.
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { success: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
}
