//! Wires and runs; everything else is in lib.rs.

use std::process::ExitCode;

use clap::Parser;
use hostwright_local::{Config, run};

fn main() -> ExitCode {
    match run(Config::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            hostwright_local::log(&format!("the hosting helper ends: {fault}"));
            ExitCode::FAILURE
        }
    }
}
