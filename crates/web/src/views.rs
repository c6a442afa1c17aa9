//! What pages say, worked out by pure functions: in go entities, out come texts.

pub(crate) mod account;
pub(crate) mod billing;
pub(crate) mod checkout;
pub(crate) mod comparison;
pub(crate) mod factors;
pub(crate) mod gallery;
pub(crate) mod order;
pub(crate) mod plans;
pub(crate) mod service;
pub(crate) mod story;

pub use story::history_words;
