//! One run of a program: bounded in time and in what it may say, and gone with all its children afterwards.

use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use secrecy::ExposeSecret;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt, copy, sink},
    process::{Child, ChildStdin, Command},
    time::timeout,
};

use super::ExecSettings;
use crate::answer::printable;

/// The most that is read of its answer, in bytes.
const ANSWER_LIMIT: u64 = 1024 * 1024;
/// The most that is read of its complaints.
const COMPLAINT_LIMIT: u64 = 4096;

/// Why a run gave no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// It did not begin.
    NotStarted(String),
    /// It began, and whatever it does may be done.
    Ended(String),
}

/// Runs it with this question. What it printed, if it ended well.
pub(super) async fn run(settings: &ExecSettings, question: &str) -> Result<Vec<u8>, Failure> {
    let mut child = spawn(settings).map_err(|error| Failure::NotStarted(error.to_string()))?;
    // Whatever ends this run ends all that it started, too.
    let _group = Group(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw));
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let whole = async {
        let ((), answer, complaint, status) = tokio::join!(
            tell(stdin, question),
            hear(stdout, ANSWER_LIMIT + 1),
            hear(stderr, COMPLAINT_LIMIT),
            child.wait()
        );
        (answer, complaint, status)
    };
    let (answer, complaint, status) = timeout(settings.timeout, whole)
        .await
        .map_err(|_| Failure::Ended(format!("did not end within {} s", settings.timeout.as_secs())))?;
    let status = status.map_err(|error| Failure::Ended(format!("could not be waited for: {error}")))?;
    if !status.success() {
        return Err(Failure::Ended(format!("{}{}", how(status), first_line(&complaint))));
    }
    if u64::try_from(answer.len()).unwrap_or(u64::MAX) > ANSWER_LIMIT {
        return Err(Failure::Ended("answered with more than 1 MiB".to_owned()));
    }
    Ok(answer)
}

/// In an environment of its own, so that it sees no secret of ours.
fn spawn(settings: &ExecSettings) -> std::io::Result<Child> {
    let mut command = Command::new(&settings.program);
    command.args(&settings.arguments).env_clear().env("PATH", "/usr/bin:/bin").current_dir("/");
    for (name, value) in &settings.environment {
        command.env(name, value.expose_secret());
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.process_group(0).kill_on_drop(true).spawn()
}

/// A program may answer without reading all of the question: that is no error.
async fn tell(stdin: Option<ChildStdin>, question: &str) {
    if let Some(mut stdin) = stdin {
        let _ = stdin.write_all(question.as_bytes()).await;
        let _ = stdin.shutdown().await;
    }
}

/// Reads so much, and lets the rest go by, so that nobody waits at a full pipe.
async fn hear(stream: Option<impl AsyncRead + Unpin>, limit: u64) -> Vec<u8> {
    let mut heard = Vec::new();
    if let Some(mut stream) = stream {
        let _ = (&mut stream).take(limit).read_to_end(&mut heard).await;
        let _ = copy(&mut stream, &mut sink()).await;
    }
    heard
}

fn how(status: ExitStatus) -> String {
    status.code().map_or_else(|| "was killed".to_owned(), |code| format!("ended with {code}"))
}

fn first_line(complaint: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaint);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    line.map_or_else(String::new, |line| format!(": {}", printable(line)))
}

/// A program and all that it started, unless that left its group on purpose.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // An error means that nobody of it is left, which is what is wanted.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
