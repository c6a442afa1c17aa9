//! What must happen sometimes, or a run proves nothing: counted.

use crate::fault::{FAULTS, Fault};

macro_rules! sometimes {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// Something that the system does when things go wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(usize)]
        pub enum Sometimes { $($(#[$doc])* $name,)* }

        impl Sometimes {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
            /// Its words.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

sometimes! {
    /// A worker that had lost its lease wanted to record something and could not.
    StaleRefused = "stale completion refused";
    /// A lost job was taken back.
    Rescued = "job rescued";
    /// A job was given up because it takes its workers down.
    Poisoned = "poison job given up";
    /// A job was given up and became a case.
    DeadCase = "dead job became a case";
    /// A worker stopped its own jobs because nobody can have heard of it.
    Fenced = "worker fenced itself";
    /// A try took longer than it may.
    OverBudget = "try over its budget";
    /// A server that an earlier try had made was found and taken.
    Adopted = "existing server adopted";
    /// An order that had expired or was cancelled was paid all the same.
    Revived = "expired or cancelled order revived";
    /// A checkout was repeated under its key and went on where it had stopped.
    Resumed = "checkout resumed under its key";
    /// The gateway answered a repeated key with what it had made.
    KeyReplayed = "gateway replayed a key";
    /// An event came twice and was stored once.
    EventTwice = "event taken once of twice";
    /// A mail arrived twice under one Message-ID.
    MailTwice = "mail repeated under its Message-ID";
    /// Money that does not fit its order became a case.
    Mismatch = "wrong amount became a case";
    /// A delayed payment failed.
    PaymentFailed = "delayed payment failed";
    /// A payment page closed unpaid.
    Expired = "payment page expired";
    /// The success page was quicker than the webhook.
    SecondDoor = "success page settled an order";
    /// A guest's second order was added to the account of the first.
    Linked = "order added to a known account";
    /// An order waits for a person.
    Attention = "order needs a person";
}

/// How many there are.
const SOMETIMES: usize = Sometimes::ALL.len();

/// How often each fault and each consequence was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    faults: [u64; FAULTS],
    sometimes: [u64; SOMETIMES],
}

impl Default for Seen {
    fn default() -> Self {
        Self { faults: [0; FAULTS], sometimes: [0; SOMETIMES] }
    }
}

impl Seen {
    /// One more fault.
    pub fn fault(&mut self, fault: Fault) {
        if let Some(count) = self.faults.get_mut(fault as usize) {
            *count += 1;
        }
    }

    /// One more consequence.
    pub fn note(&mut self, what: Sometimes) {
        if let Some(count) = self.sometimes.get_mut(what as usize) {
            *count += 1;
        }
    }

    /// How often a fault was injected.
    pub fn faults(&self, fault: Fault) -> u64 {
        self.faults.get(fault as usize).copied().unwrap_or(0)
    }

    /// How often a consequence was seen.
    pub fn count(&self, what: Sometimes) -> u64 {
        self.sometimes.get(what as usize).copied().unwrap_or(0)
    }

    /// Faults in all.
    pub fn all_faults(&self) -> u64 {
        self.faults.iter().sum()
    }

    /// Adds another count.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.faults.iter_mut().zip(&other.faults) {
            *mine += theirs;
        }
        for (mine, theirs) in self.sometimes.iter_mut().zip(&other.sometimes) {
            *mine += theirs;
        }
    }

    /// What was seen less than `least` times.
    pub fn missing(&self, least: u64) -> Vec<&'static str> {
        let faults = Fault::ALL.iter().filter(|fault| self.faults(**fault) < least).map(|fault| fault.word());
        let sometimes = Sometimes::ALL.iter().filter(|what| self.count(**what) < least).map(|what| what.word());
        faults.chain(sometimes).collect()
    }
}
