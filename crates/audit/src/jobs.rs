//! What is done about the trail again and again.

use std::time::Duration;

use kernel::{Job, Queue};
use serde::{Deserialize, Serialize};

/// Puts entries into the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainEntries {}

impl ChainEntries {
    /// How often it comes.
    pub const EVERY: Duration = Duration::from_secs(15);
}

impl Job for ChainEntries {
    const KIND: &'static str = "audit.chain";
    const QUEUE: Queue = Queue::Upkeep;
    const MAX_ATTEMPTS: i16 = 6;
    const BUDGET: Duration = Duration::from_mins(5);

    fn dedupe_key(&self) -> Option<String> {
        Some(Self::KIND.to_owned())
    }
}

/// Says in the log where the chain ends, so that it is known outside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteHead {}

impl NoteHead {
    /// How often it comes.
    pub const EVERY: Duration = Duration::from_mins(5);
}

impl Job for NoteHead {
    const KIND: &'static str = "audit.note_head";
    const QUEUE: Queue = Queue::Upkeep;
    const MAX_ATTEMPTS: i16 = 6;
    const BUDGET: Duration = Duration::from_mins(1);

    fn dedupe_key(&self) -> Option<String> {
        Some(Self::KIND.to_owned())
    }
}
