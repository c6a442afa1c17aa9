//! The programs' logs: shown and kept when a test fails, removed when it does not.

use std::{fs, path::PathBuf};

use super::own_directory;

/// How much is shown of each.
const LINES: usize = 80;

/// The directory.
pub(crate) struct Logs(PathBuf);

impl Logs {
    pub(crate) fn new() -> Self {
        Self(own_directory("logs"))
    }

    pub(crate) fn file(&self, program: &str) -> PathBuf {
        self.0.join(format!("{program}.log"))
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            fs::remove_dir_all(&self.0).ok();
            return;
        }
        for entry in fs::read_dir(&self.0).into_iter().flatten().flatten() {
            let text = fs::read_to_string(entry.path()).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            let shown = lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default();
            eprintln!("==== the end of {}\n{}", entry.path().display(), shown.join("\n"));
        }
    }
}
