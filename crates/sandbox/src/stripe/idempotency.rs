//! `Idempotency-Key`: the answer of the first request that began executing is replayed for 24 hours.

use crate::http::Answer;
use std::collections::{HashMap, VecDeque};

const LIFE_SECONDS: i64 = 24 * 60 * 60;

/// The keys that were used.
#[derive(Debug, Default)]
pub(crate) struct Idempotency {
    entries: HashMap<String, Entry>,
    /// The keys in the order they were first used.
    order: VecDeque<(i64, String)>,
}

#[derive(Debug)]
struct Entry {
    fingerprint: u64,
    since: i64,
    /// The answer and the id of the request that made it; `None` while that request runs.
    done: Option<(Answer, String)>,
}

/// What a key means for a request.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The first of its key: it runs, and must call [`Idempotency::finish`].
    Run,
    /// Done before: this answer again, with the id of the original request.
    Replay(Answer, String),
    /// The first request still runs.
    InUse,
    /// The key was used with other parameters or on another endpoint.
    Mismatch,
}

impl Idempotency {
    /// Asks what to do with a request and, if it may run, holds the key for it.
    pub(crate) fn begin(&mut self, key: &str, fingerprint: u64, now: i64) -> Verdict {
        if let Some(entry) = self.entries.get(key).filter(|entry| now - entry.since < LIFE_SECONDS) {
            return match &entry.done {
                _ if entry.fingerprint != fingerprint => Verdict::Mismatch,
                None => Verdict::InUse,
                Some((answer, request)) => Verdict::Replay(answer.clone(), request.clone()),
            };
        }
        self.order.push_back((now, key.to_owned()));
        self.entries.insert(key.to_owned(), Entry { fingerprint, since: now, done: None });
        Verdict::Run
    }

    /// Saves the answer, or frees the key when the request never began executing.
    pub(crate) fn finish(&mut self, key: &str, saved: Option<(Answer, String)>) {
        match (saved, self.entries.get_mut(key)) {
            (Some(answer), Some(entry)) => entry.done = Some(answer),
            (None, _) => drop(self.entries.remove(key)),
            (Some(_), None) => {}
        }
    }

    /// Forgets keys older than their life, and the oldest beyond `keep` (0 keeps all). Called now and then.
    pub(crate) fn prune(&mut self, now: i64, keep: usize) {
        let too_many = |count: usize| keep > 0 && count > keep;
        while self.order.front().is_some_and(|(since, _)| now - since >= LIFE_SECONDS) || too_many(self.order.len()) {
            let Some((since, key)) = self.order.pop_front() else { return };
            // The key may have been freed and used again since.
            if self.entries.get(&key).is_some_and(|entry| entry.since == since && entry.done.is_some()) {
                self.entries.remove(&key);
            }
        }
    }
}
