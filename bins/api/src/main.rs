//! Wires and runs; everything else is in lib.rs.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let config = api::Config::parse();
    let system = actix_web::rt::System::new();
    match system.block_on(api::run(config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = %api::chain(&error), "the API could not run");
            ExitCode::FAILURE
        }
    }
}
