//! Bugs on purpose, and whether they are found.

/// A safeguard that can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bug {
    /// Its name, as the safeguard asks for it.
    pub name: &'static str,
    /// What is left out.
    pub removes: &'static str,
}

macro_rules! bugs {
    ($($name:literal = $removes:literal,)*) => {
        /// All of them.
        pub const BUGS: &[Bug] = &[$(Bug { name: $name, removes: $removes },)*];
    };
}

bugs! {
    "no-fence" = "completing a job asks for its lease",
    "no-dedupe" = "a key has one live job at most",
    "token-never-grows" = "each claim gives a new lease",
    "snooze-is-charged" = "waiting is not a try",
    "failure-without-guard" = "recording a failure asks for the lease",
    "no-rescue" = "lost jobs are taken back",
    "rescue-without-guard" = "only lost jobs are taken back",
    "rescue-ignores-deadlines" = "a job past its deadline is lost",
    "no-poison" = "a job that kills its workers is given up",
    "dead-without-case" = "a dead job becomes a case",
    "amount-not-checked" = "the amount must fit the order",
    "no-revival" = "a late payment revives a closed order",
    "paid-again" = "an order is paid once",
    "payment-goes-back" = "a payment's state never goes back",
    "no-history" = "every change has its line in the history",
    "refund-goes-back" = "refunds only grow",
    "installing-is-ready" = "what is being installed is not ready",
    "no-intent" = "the intent is on record before the panel is asked",
    "no-client-key" = "a double click is one order",
    "stale-payment-is-saved" = "a payment is read again under the lock",
    "key-per-attempt" = "a repeated call has the same key",
    "attempt-not-recorded" = "the attempt is on record before the gateway is asked",
    "taken-before-stored" = "an event is stored before it is answered",
    "event-is-trusted" = "the session is read again",
    "mode-not-checked" = "events of the other mode are ignored",
    "dead-event-is-silent" = "a payment that cannot be recorded is a case",
    "done-before-work" = "a job is completed with its effects",
    "dead-delivery-is-silent" = "a delivery that is given up is a case",
    "mail-sent-before-sending" = "a mail counts as sent when it was taken",
    "seal-deleted-early" = "the password is kept until its mail is out",
    "dead-mail-is-silent" = "a mail that is given up says so",
    "no-lookup" = "the panel is looked at before it is asked",
    "absence-seen-once" = "absence is seen twice before it is asked again",
    "no-sweep-of-pending" = "orders that are pending are looked up",
    "no-sweep-of-missed" = "events that no webhook brought are fetched",
    "no-sweep-of-undelivered" = "paid orders without a delivery get one",
    "no-sweep-of-waiting" = "events that nobody processes are processed",
    "case-stays-open" = "a case closes when its cause is gone",
    "no-sweep-of-mails" = "mails that nobody sends are sent",
    "no-sweep-of-ledger" = "the books are compared with the gateway's",
    "no-sweep-of-panels" = "the panel's list is compared with ours",
}

#[cfg(planted)]
pub use search::{Found, find};

#[cfg(planted)]
mod search {
    use std::time::{Duration, Instant};

    use super::Bug;
    use crate::{
        check::Broken,
        world::{Setting, Stage, run},
    };

    /// How long a bug may stay hidden.
    const LONGEST: Duration = Duration::from_secs(60);

    /// What the search for a bug came to.
    #[derive(Debug, Clone)]
    pub struct Found {
        /// The rule that it broke; `None` when it was not found.
        pub broken: Option<Broken>,
        /// The world that broke it.
        pub seed: u64,
        /// Worlds that were run.
        pub seeds: u64,
        /// How long it took.
        pub took: Duration,
    }

    /// Whether the world is as it must be when the bug is not planted: else it is not the bug that was found.
    fn holds_without(stage: &Stage, bug: Bug, seed: u64) -> bool {
        kernel::plant("");
        let broken = run(stage, &Setting::of_seed(seed)).broken;
        kernel::plant(bug.name);
        broken.is_none()
    }

    /// Plants a bug and runs worlds until a rule is broken.
    pub fn find(stage: &Stage, bug: Bug, from: u64) -> Found {
        let began = Instant::now();
        kernel::plant(bug.name);
        let mut seed = from;
        let broken = loop {
            let outcome = run(stage, &Setting::of_seed(seed));
            seed += 1;
            if began.elapsed() > LONGEST {
                break None;
            }
            if outcome.broken.is_some() && holds_without(stage, bug, seed - 1) {
                break outcome.broken;
            }
        };
        kernel::plant("");
        Found { broken, seed: seed - 1, seeds: seed - from, took: began.elapsed() }
    }
}
