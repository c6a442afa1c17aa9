//! Killing, freezing and starving processes.

use std::time::Duration;

use tokio::{process::Command, time::sleep};

use super::Scene;
use crate::{
    failed::{Because, Outcome},
    program::signal_group,
};

/// SIGKILL for one worker after the other.
pub(super) async fn kill_workers(scene: &mut Scene<'_>, every: Duration) -> Outcome<()> {
    let mut turn = 0;
    while !scene.is_over() {
        scene.rest(every).await;
        scene.strike_worker(turn % scene.stack.workers.len().max(1)).await?;
        scene.stack.keep()?;
        turn += 1;
    }
    Ok(())
}

/// SIGKILL for one API after the other.
pub(super) async fn kill_apis(scene: &mut Scene<'_>) -> Outcome<()> {
    let mut turn = 0;
    while !scene.is_over() {
        scene.rest_some(600, 1200).await;
        let count = scene.stack.apis.len().max(1);
        if let Some(api) = scene.stack.apis.get_mut(turn % count) {
            if api.kill().await?.is_some() {
                scene.board.fault();
            }
            api.start()?;
        }
        scene.stack.keep()?;
        turn += 1;
    }
    Ok(())
}

/// SIGTERM for everything, one after the other, as a rollout does it.
pub(super) async fn roll(scene: &mut Scene<'_>) -> Outcome<()> {
    while !scene.is_over() {
        let count = scene.stack.programs().count();
        for turn in 0..count {
            if scene.is_over() {
                break;
            }
            let Some(program) = scene.stack.programs().nth(turn) else { continue };
            if !program.stop(Duration::from_secs(25)).await? {
                let text = format!("{} did not end well within 25 s of SIGTERM", program.name);
                program.falls.push(text);
            }
            program.start()?;
            scene.board.fault();
            scene.stack.keep()?;
            scene.rest_some(300, 900).await;
        }
    }
    Ok(())
}

/// SIGSTOP for a moment, now this one, now that one.
pub(super) async fn pause(scene: &mut Scene<'_>) -> Outcome<()> {
    while !scene.is_over() {
        let which = scene.dice.index(scene.stack.programs().count());
        let pid = scene.stack.programs().nth(which).and_then(|program| program.pid());
        if let Some(pid) = pid {
            signal_group(pid, "STOP").await?;
            scene.board.fault();
            scene.rest_some(300, 3000).await;
            signal_group(pid, "CONT").await?;
        }
        scene.stack.keep()?;
        scene.rest_some(100, 600).await;
    }
    Ok(())
}

/// As many open files as it has, and one more; then plenty again.
pub(super) async fn squeeze(scene: &mut Scene<'_>) -> Outcome<()> {
    while !scene.is_over() {
        let which = scene.dice.index(scene.stack.programs().count());
        let pid = scene.stack.programs().nth(which).and_then(|program| program.pid());
        if let Some(pid) = pid {
            let open = std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(20, Iterator::count);
            limit_files(pid, open + 1).await?;
            scene.board.fault();
            scene.rest_some(1000, 3000).await;
            limit_files(pid, 4096).await?;
        }
        scene.stack.keep()?;
        scene.rest_some(200, 800).await;
    }
    sleep(Duration::from_millis(200)).await;
    Ok(())
}

/// The soft limit; raising it again needs no privilege. A process that is gone has none.
async fn limit_files(pid: u32, count: usize) -> Outcome<()> {
    let mut command = Command::new("prlimit");
    command.args(["--pid", &pid.to_string(), &format!("--nofile={count}:")]).stderr(std::process::Stdio::null());
    command.status().await.because("limit open files").map(drop)
}
