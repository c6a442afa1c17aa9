//! Wires and runs; everything else is in lib.rs.

use clap::Parser;

fn main() -> std::process::ExitCode {
    match hostwright_cli::run(hostwright_cli::Cli::parse()) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("{failed}");
            std::process::ExitCode::FAILURE
        }
    }
}
