//! What the helper answers.

use kernel::{Id, entity};
use serde::{Deserialize, Serialize};

use crate::{Kind, question::Owned};

/// One line from the helper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It is done.
    Done,
    /// There is nothing under this key.
    Absent,
    /// This stands under the key.
    Found(Standing),
    /// A page of everything.
    Listed {
        /// What stands here, by key.
        items: Vec<Standing>,
        /// More comes after the last one.
        more: bool,
    },
    /// What it uses.
    Usage(Measured),
    /// What the helper is.
    Health {
        /// Its programs with their versions.
        flavour: String,
        /// What can be made here.
        kinds: Vec<Kind>,
        /// What an operator should know.
        notes: Vec<String>,
    },
    /// It was not done.
    Refused {
        /// Of what kind.
        refusal: Refusal,
        /// Why; nothing secret.
        detail: String,
    },
}

/// Why something was not done. Whatever it is, nothing half done was left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// It will never be done: wrong input, another customer's, a key that has ended.
    Never,
    /// No room.
    Full,
    /// There is nothing under this key.
    Gone,
    /// Something else is being done with it.
    Busy,
    /// Something failed here; later it may work.
    Failed,
}

/// What stands under a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its key, and whose it is.
    pub owned: Owned,
    /// Its kind.
    pub kind: Kind,
    /// In what condition it is.
    pub condition: Condition,
    /// Its public name: a domain, an address, or a game server's name.
    pub name: String,
    /// The port at which it is reached: HTTP or HTTPS, IMAP, SFTP, or the game's own.
    pub port: u16,
    /// The name its owner signs in with, where there is one.
    pub login: Option<String>,
    /// A website that is served with a certificate, so that its port is HTTPS's.
    pub secure: bool,
    /// What keeps it from being seen under its name, in words for its owner.
    pub notice: Option<String>,
    /// How its owner's files are reached, where they are.
    pub sftp: Option<Sftp>,
}

/// How files are reached. The password is the one that the owner set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sftp {
    /// The port.
    pub port: u16,
    /// The user.
    pub user: String,
}

impl Standing {
    /// Its key.
    pub const fn service(&self) -> Id<entity::Service> {
        self.owned.service
    }
}

/// In what condition something is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Half made.
    Making,
    /// It runs.
    Active,
    /// It is stopped on purpose.
    Suspended,
    /// It should run and does not answer.
    Silent(String),
}

/// What a service uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// It runs.
    pub running: bool,
    /// Memory of its processes, in bytes.
    pub memory_bytes: u64,
    /// Disk, in bytes.
    pub disk_bytes: u64,
    /// Processor time that its processes have used, in milliseconds.
    pub cpu_ms: u64,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;
    use crate::{Question, Spec, VERSION, Verb};

    #[test]
    fn what_is_asked_reads_back_and_what_is_wrong_in_it_is_not_read() {
        let line = r#"{"version":2,"verb":{"ensure":{"owned":{"service":"svc_0198c0ffee0070008000000000000001",
            "customer":"cus_0198c0ffee0070008000000000000001"},"spec":{"kind":"website","domains":["a.example.com"],
            "php":"8.2","disk":100,"memory":128}}}}"#;
        let question: Question = serde_json::from_str(line).unwrap();
        assert_eq!(question.version, VERSION);
        let again: Question = serde_json::from_str(&serde_json::to_string(&question).unwrap()).unwrap();
        assert_eq!(again, question);
        let Verb::Ensure { spec: Spec::Website { domains, .. }, .. } = question.verb else { unreachable!() };
        assert_eq!(domains.len(), 1);
        for (from, to) in [("a.example.com", "../a.example"), ("8.2", "8.2; rm"), ("svc_", "cus_"), (":100", ":-1")] {
            assert!(serde_json::from_str::<Question>(&line.replace(from, to)).is_err(), "{to}");
        }
    }

    #[test]
    fn an_answer_reads_back() {
        for answer in [Answer::Done, Answer::Refused { refusal: Refusal::Gone, detail: "x".to_owned() }] {
            let line = serde_json::to_string(&answer).unwrap();
            assert_eq!(serde_json::from_str::<Answer>(&line).unwrap(), answer);
        }
    }
}
