//! The programs' logs: shown, and kept, when a test fails.

use std::{fs, path::PathBuf};

use super::Scratch;

/// How much is shown of each.
const LINES: usize = 80;

/// The directory.
pub(crate) struct Logs(Scratch);

impl Logs {
    pub(crate) fn new() -> Self {
        Self(Scratch::new("logs"))
    }

    pub(crate) fn file(&self, program: &str) -> PathBuf {
        self.0.path().join(format!("{program}.log"))
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for entry in fs::read_dir(self.0.path()).into_iter().flatten().flatten() {
            let text = fs::read_to_string(entry.path()).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            let shown = lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default();
            eprintln!("==== the end of {}\n{}", entry.path().display(), shown.join("\n"));
        }
    }
}
