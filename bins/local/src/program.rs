//! Runs other programs: by absolute path, with an empty environment, without a shell, for a limited time.

use std::{
    fs::File,
    io::{ErrorKind, Read as _, Seek as _, Write as _},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use crate::{
    fault::{During as _, Fault},
    files::Owner,
};

const SETPRIV: &str = "/usr/bin/setpriv";
/// How long a program may take, if nothing else is said.
const USUAL: Duration = Duration::from_secs(30);
/// How often a program is asked whether it has ended.
const LOOK: Duration = Duration::from_millis(2);
/// How much of a program's words is kept in an error, in characters.
const WORDS: usize = 400;

/// One run of a program.
pub(crate) struct Program<'a> {
    path: &'static str,
    command: Command,
    input: &'a str,
    time: Duration,
}

/// What a program did.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) output: String,
}

impl<'a> Program<'a> {
    pub(crate) fn new(path: &'static str) -> Self {
        Self::of(path, Command::new(path))
    }

    /// A program that ends with the helper: a copy that went on would meet the next helper, which begins anew. Not for what
    /// changes the machine's lists and must not be cut off (prctl(2), PR_SET_PDEATHSIG).
    pub(crate) fn mortal(path: &'static str) -> Self {
        let mut command = Command::new(SETPRIV);
        command.args(["--pdeathsig", "KILL", "--", path]);
        Self::of(path, command)
    }

    fn of(path: &'static str, mut command: Command) -> Self {
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C.UTF-8").current_dir("/");
        Self { path, command, input: "", time: USUAL }
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn args(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    /// What it reads. Secrets come this way, since arguments are everybody's to see.
    pub(crate) const fn input(mut self, text: &'a str) -> Self {
        self.input = text;
        self
    }

    /// It may take this long.
    pub(crate) const fn time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// A variable of its environment, which has next to none.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// It runs as this user, with no other groups.
    pub(crate) fn by(mut self, owner: Owner, home: &Path) -> Self {
        self.command.uid(owner.uid).gid(owner.gid).current_dir(home).env("HOME", home);
        self
    }

    /// Runs it; any other end than success is a fault with its last words.
    pub(crate) fn run(self) -> Result<String, Fault> {
        let path = self.path;
        let Ended { code, output } = self.run_to_end()?;
        if code == 0 {
            return Ok(output);
        }
        Err(Fault::failed(format!("{path} ended with {code}: {}", last_words(&output))))
    }

    /// Runs it and says how it ended.
    pub(crate) fn run_to_end(mut self) -> Result<Ended, Fault> {
        let what = format!("run {}", self.path);
        // Into memory and not into a pipe: a daemon that it leaves behind would keep a pipe open.
        let mut said = memory("output").during(&what)?;
        let mut input = memory("input").during(&what)?;
        input.write_all(self.input.as_bytes()).and_then(|()| input.rewind()).during(&what)?;
        let streams = said.try_clone().and_then(|out| Ok((out, said.try_clone()?))).during(&what)?;
        self.command.stdin(Stdio::from(input)).stdout(Stdio::from(streams.0)).stderr(Stdio::from(streams.1));
        self.command.process_group(0);
        let child = self.command.spawn().during(&what)?;
        let status = wait(child, self.time, &what)?;
        let mut output = Vec::new();
        said.rewind().and_then(|()| said.read_to_end(&mut output)).during(&what)?;
        Ok(Ended { code: status.code().unwrap_or(-1), output: String::from_utf8_lossy(&output).into_owned() })
    }
}

fn wait(mut child: Child, time: Duration, what: &str) -> Result<ExitStatus, Fault> {
    let until = Instant::now() + time;
    loop {
        if let Some(status) = child.try_wait().during(what)? {
            return Ok(status);
        }
        if Instant::now() >= until {
            let ended = child.kill().and_then(|()| child.wait());
            ended.map_err(|error| std::io::Error::new(ErrorKind::TimedOut, error)).during(what)?;
            return Err(Fault::failed(format!("could not {what}: it took more than {} seconds", time.as_secs())));
        }
        std::thread::sleep(LOOK);
    }
}

fn memory(name: &str) -> std::io::Result<File> {
    Ok(File::from(rustix::fs::memfd_create(name, rustix::fs::MemfdFlags::CLOEXEC)?))
}

fn last_words(output: &str) -> String {
    let line: String = output.split_whitespace().collect::<Vec<_>>().join(" ");
    let skip = line.chars().count().saturating_sub(WORDS);
    line.chars().skip(skip).collect()
}
