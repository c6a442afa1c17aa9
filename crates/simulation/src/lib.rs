//! The flows in a made-up world on made-up time.

mod check;
mod core;
mod db;
mod dice;
mod exec;
mod fault;
mod mailbox;
mod outside;
mod panel;
mod script;
mod seen;
mod shop;
mod spawn;
mod stripe;
mod world;

/// Whether the flows look for what no webhook brought.
const SWEEPS: bool = false;

pub use check::{Broken, INVARIANTS, Rule};
pub use core::{Side, Site};
pub use dice::{Dice, WHOLE};
pub use fault::{Fault, Plan};
pub use script::{Deed, Script};
pub use seen::{Seen, Sometimes};
pub use world::{Outcome, Setting, Stage, run};
