//! The hosting helper with the real programs: it is started as root in private directories and on ports of its own, and
//! what it makes is used from outside. Needs Debian's packages, which `scripts/test` installs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::wildcard_enum_match_arm,
    reason = "tests fail by panicking and say what was left out"
)]

mod death;
mod doors;
mod game;
mod machine;
mod mailbox;
mod many;
mod neighbours;
mod sftp;
mod tls;
mod website;
mod wordpress;
