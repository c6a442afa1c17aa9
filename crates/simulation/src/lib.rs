//! The flows in a made-up world on made-up time.

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

/// Whether the flows look for what no webhook brought.
const SWEEPS: bool = true;

pub use check::{Broken, INVARIANTS, Rule};
pub use core::{Side, Site};
pub use dice::{Dice, WHOLE};
pub use exhaustive::{Exhausted, run_all};
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
