//! Reads, runs and says how it ended; everything else is in lib.rs.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let config = torture::Config::parse();
    // Two threads that live as long as the program: whatever is started dies with the thread that started it.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(torture::run(config)),
        Err(error) => Err(error.into()),
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!(" ✗ torture: {error}");
            ExitCode::from(2)
        }
    }
}
