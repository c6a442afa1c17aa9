//! Processes that outlive the helper: found again by their pid file, and only if they are what the file says.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    fault::Fault,
    files::{self, text},
};

/// How long a process has to end after it was asked to.
const GENTLE: Duration = Duration::from_secs(5);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(3);

/// A daemon: where its number stands, and a word of its command line that no other process has, its configuration's path.
#[derive(Debug, Clone)]
pub(crate) struct Daemon {
    pub(crate) pid_file: PathBuf,
    pub(crate) mark: PathBuf,
}

impl Daemon {
    /// The process, if it runs. A number that another process has got meanwhile is not it.
    pub(crate) fn pid(&self) -> Option<i32> {
        let pid: i32 = fs::read_to_string(&self.pid_file).ok()?.trim().parse().ok()?;
        (pid > 1 && command_line(pid)?.contains(&text(&self.mark))).then_some(pid)
    }

    pub(crate) fn is_running(&self) -> bool {
        self.pid().is_some()
    }

    /// Sends it a signal; nothing where it does not run.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid().and_then(Pid::from_raw) {
            let _ = kill_process(pid, signal);
        }
    }

    /// Stops it, at last by force, and takes its pid file away.
    pub(crate) fn stop(&self, gently: Signal) -> Result<(), Fault> {
        if let Some(pid) = self.pid() {
            // The process itself is looked at: daemons take their pid file away a moment before they end.
            let is_gone = || command_line(pid).is_none();
            self.signal(gently);
            if !until(GENTLE, is_gone) {
                self.signal(Signal::KILL);
                if !until(GENTLE, is_gone) {
                    return Err(Fault::failed(format!("the process of {} does not end", self.mark.display())));
                }
            }
        }
        files::remove(&self.pid_file)
    }
}

/// Looks until something holds, or the time is over. Whether it held.
pub(crate) fn until(time: Duration, holds: impl Fn() -> bool) -> bool {
    let end = Instant::now() + time;
    loop {
        if holds() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        std::thread::sleep(LOOK);
    }
}

/// Ends every process of a user.
pub(crate) fn end_all_of(uid: u32) -> Result<(), Fault> {
    let all_ended = || {
        let left = all_of(uid);
        for pid in left.iter().copied().filter_map(Pid::from_raw) {
            let _ = kill_process(pid, Signal::KILL);
        }
        left.is_empty()
    };
    if until(GENTLE, all_ended) { Ok(()) } else { Err(Fault::failed(format!("processes of user {uid} do not end"))) }
}

/// Every process of a user that is not dead already.
pub(crate) fn all_of(uid: u32) -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter(|pid| is_of(*pid, uid)).collect()
}

/// The processes that a process has started.
pub(crate) fn children(parent: i32) -> Vec<i32> {
    let list = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

fn is_of(pid: i32, uid: u32) -> bool {
    let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else { return false };
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let dead = field("State:").is_none_or(|state| state.starts_with(['Z', 'X']));
    let real = field("Uid:").and_then(|ids| ids.split_whitespace().next()).and_then(|id| id.parse().ok());
    !dead && real == Some(uid)
}

/// What it was called with, or what it calls itself now. `None` where it is not, or is dead.
pub(crate) fn command_line(pid: i32) -> Option<String> {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let line = String::from_utf8_lossy(&bytes).replace('\0', " ");
    Some(line).filter(|line| !line.is_empty())
}

/// Whether a program is installed.
pub(crate) fn is_installed(path: &str) -> bool {
    Path::new(path).is_file()
}
