//! What the customers did and heard, in order: the only witness of what the shop promised.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde::Serialize;
use tokio::time::Instant;

use crate::failed::{Because, Outcome};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Op {
    Register,
    Order,
    Pay,
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    /// It began.
    Invoke,
    /// It was confirmed.
    Ok,
    /// It was refused: it did not happen.
    Fail,
    /// Nobody knows: the customer gave up without an answer.
    Info,
}

/// One line.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    /// Microseconds since the start.
    pub(crate) at_us: u64,
    pub(crate) buyer: u32,
    pub(crate) email: String,
    pub(crate) op: Op,
    pub(crate) phase: Phase,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) order: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

/// Kept in memory and written as JSON lines.
pub(crate) struct History {
    start: Instant,
    inside: Mutex<(Vec<Entry>, BufWriter<File>)>,
}

impl History {
    pub(crate) fn new(path: &Path) -> Outcome<Self> {
        let file = File::create(path).because("write the history")?;
        Ok(Self { start: Instant::now(), inside: Mutex::new((Vec::new(), BufWriter::new(file))) })
    }

    /// Since the start.
    pub(crate) fn elapsed(&self) -> std::time::Duration {
        self.start.elapsed()
    }

    /// Appends a line; its time is set here.
    pub(crate) fn note(&self, mut entry: Entry) {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        entry.at_us = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        if let Ok(line) = serde_json::to_string(&entry) {
            // What the checker reads is in memory; the file is for people.
            drop(writeln!(inside.1, "{line}"));
        }
        inside.0.push(entry);
    }

    /// Everything so far; the file is complete then.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        drop(inside.1.flush());
        inside.0.clone()
    }
}
