//! The operator's command, as a process.

mod adopt;
mod audit;
mod cases;
mod catalog;
mod keys;
mod refunds;
mod roles;
mod services;
mod setup;
mod staff;
mod sweeps;

use std::collections::BTreeMap;

use crate::ground::{Ended, Ground, run};

type Environment = BTreeMap<&'static str, String>;

/// Runs `hostwright …`; its words are separated by spaces.
fn hostwright(env: &Environment, words: &str) -> Ended {
    run("hostwright", &words.split(' ').collect::<Vec<_>>(), env, "")
}

/// What it printed; it must have succeeded.
fn told(env: &Environment, words: &str) -> String {
    let ended = hostwright(env, words);
    assert!(ended.success, "hostwright {words}: {ended:?}");
    ended.out
}

/// What it complained about; it must have failed, and said so on stderr alone.
fn refused(env: &Environment, words: &str) -> String {
    let ended = hostwright(env, words);
    assert!(!ended.success, "hostwright {words}: {ended:?}");
    assert!(!ended.err.trim().is_empty(), "hostwright {words} fails without a word: {ended:?}");
    ended.err
}

/// The environment with only a database.
fn only(url: &str) -> Environment {
    Environment::from([("DATABASE_URL", url.to_owned())])
}

impl Ground {
    pub(crate) fn told(&self, words: &str) -> String {
        told(self.env(), words)
    }

    fn refused(&self, words: &str) -> String {
        refused(self.env(), words)
    }
}
