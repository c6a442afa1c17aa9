//! Orders in made-up worlds where everything goes wrong, and whether they end as they must.
//!
//! A **world** is a shop with its customers, a payment gateway, a panel and a mail server, all in memory, on time that is made
//! up: it jumps whenever nobody has anything to do. The shop in it is the real one: the flows and domain crates, generic over
//! their ports, on the memory stores. What is made up keeps its own **truth**: what was really collected (the gateway's ledger
//! is asked, not our tables), which servers really exist, which mails really arrived.
//!
//! Everything that is left to chance is drawn from the **seed**: who is polled next, what fails, when. The same seed gives the
//! same world, line by line. Each world draws its own plan of what goes wrong and how often ([`Plan::swarm`]), many kinds not
//! at all, so that rare meetings of two faults are not drowned by common ones.
//!
//! * `kill -9` drops the futures of a process; a **zombie** is not polled for a while and then goes on.
//! * A **lost reply** to COMMIT, from the gateway, the panel or the mail server: it takes effect, and the caller gets an error.
//! * First **chaos**, then **calm**: nothing new goes wrong, and every order must become right within a bound.
//! * The worker's side of the queue is played by the scheduler over [`orders::testing::MemoryJobs`], which does statement by
//!   statement what PostgreSQL's does.
//!
//! Safety is checked at every commit and every effect, the rest when a world has come to rest ([`INVARIANTS`]). What must
//! happen sometimes is counted ([`Sometimes`]): a run in which no completion was ever refused proves nothing about fencing.
//!
//! What it cannot show: anything below the ports. A transaction runs whole, so that what two of them could read of each other
//! half-way is PostgreSQL's to keep apart; SQL, HTTP and SMTP are tested with the real programs.
//!
//! `scripts/simulate` runs it; docs/decisions/0011-simulation.md says why it is made as it is.

mod check;
mod core;
mod db;
mod dice;
mod exec;
mod exhaustive;
mod fault;
mod gateway;
mod jobs;
mod mailbox;
mod outside;
mod panel;
mod planted;
mod report;
mod runner;
mod script;
mod seen;
mod shop;
mod shrink;
mod spawn;
mod sweeping;
mod world;

pub use check::{Broken, INVARIANTS, Rule};
pub use core::{Side, Site};
pub use dice::{Dice, WHOLE};
pub use exhaustive::{Exhausted, Pairs, run_all};
pub use fault::{Fault, Plan};
pub use planted::{BUGS, Bug};
#[cfg(planted)]
pub use planted::{Found, find};
pub use report::{json, markdown, table, thousands};
pub use runner::{Totals, run_many};
pub use script::{Deed, Script};
pub use seen::{Seen, Sometimes};
pub use shrink::{Small, shrink};
pub use world::{Outcome, Setting, Stage, run};
