//! The hosting helper: the one part of a shop that is root, and only on the machine that hosts.
//!
//! It listens on a unix socket, takes a fixed list of verbs from one user, and makes websites, WordPress, mailboxes,
//! storage and game servers with Debian's programs, each service under a unix user of its own. Everything it starts runs on when it
//! ends, and is found again by the next one (docs/decisions/0030-local-hosting.md).

use std::io::Write as _;

mod config;
mod database;
mod disk;
mod dns;
mod ensure;
mod fault;
mod files;
mod game;
mod host;
mod life;
mod locks;
mod mail;
mod mailbox;
mod manifest;
mod measure;
mod names;
mod nginx;
mod pages;
mod password;
mod php;
mod probe;
mod process;
mod program;
mod server;
mod sftp;
mod site;
mod storage;
mod tls;
mod users;
mod watch;
mod wordpress;

pub use config::Config;
pub use fault::Fault;
pub use server::run;

/// Writes a line to standard error, where the service manager reads it. Nothing secret ever goes there.
pub fn log(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
