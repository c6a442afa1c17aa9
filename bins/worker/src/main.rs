//! Wires and runs; everything else is in lib.rs.

use clap::Parser;

fn main() -> std::process::ExitCode {
    match worker::run(worker::WorkerConfig::parse()) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hostwright-worker: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
