//! One line while it runs: on a terminal it is written over itself, elsewhere it comes every ten seconds.

use std::{
    io::{IsTerminal, Write},
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use tokio::{
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_postgres::Client;

use crate::{board::Board, clock::minutes, cluster::connect, facts::standing, load::Counts};

const SELDOM: u32 = 10;

/// Ends when it is dropped.
pub(crate) struct Progress {
    stage: Arc<Mutex<String>>,
    task: JoinHandle<()>,
    on_terminal: bool,
}

/// What it tells of.
struct Line {
    name: &'static str,
    span: Duration,
    from: Instant,
    stage: Arc<Mutex<String>>,
    counts: Arc<Counts>,
    board: Arc<Board>,
}

impl Progress {
    #[allow(clippy::disallowed_methods, reason = "the task ends with the progress line")]
    pub(crate) fn start(
        (name, span): (&'static str, Duration),
        counts: Arc<Counts>,
        board: Arc<Board>,
        port: u16,
    ) -> Self {
        let stage = Arc::new(Mutex::new("breaking".to_owned()));
        let line = Line { name, span, from: Instant::now(), stage: Arc::clone(&stage), counts, board };
        Self { stage, task: tokio::spawn(show(line, port)), on_terminal: std::io::stderr().is_terminal() }
    }

    /// What is going on now.
    pub(crate) fn stage(&self, name: &str) {
        name.clone_into(&mut self.stage.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.task.abort();
        if self.on_terminal {
            eprint!("\r\x1b[K");
        }
    }
}

async fn show(line: Line, port: u16) {
    let on_terminal = std::io::stderr().is_terminal();
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sql: Option<Client> = None;
    let mut known = [0; 3];
    let mut turn = 0;
    loop {
        ticks.tick().await;
        if sql.is_none() {
            sql = connect(port).await.ok();
        }
        let standing = match &sql {
            Some(sql) => standing(sql).await,
            None => None,
        };
        match standing {
            Some(now) => known = now,
            None => sql = None,
        }
        let text = line.text(known, standing.is_some());
        if on_terminal {
            eprint!("\r\x1b[K{text}");
            drop(std::io::stderr().flush());
        } else if turn % SELDOM == 0 {
            eprintln!("{text}");
        }
        turn += 1;
    }
}

impl Line {
    fn text(&self, [runs, cases, on_their_way]: [i64; 3], is_there: bool) -> String {
        let of = |counter: &std::sync::atomic::AtomicU32| counter.load(Ordering::Relaxed);
        let stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let time = format!("{}/{}", minutes(self.from.elapsed()), minutes(self.span));
        format!(
            "   {:<12} {stage:<9} {time:>11}  placed {:>5}  paid {:>5}  delivered {:>5}  under way {:>4}  cases {:>3}  faults {:>5}{}",
            self.name,
            of(&self.counts.placed),
            of(&self.counts.paid),
            runs,
            on_their_way,
            cases,
            self.board.faults(),
            if is_there { "" } else { "  (database away)" }
        )
    }
}
