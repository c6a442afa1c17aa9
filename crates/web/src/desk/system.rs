//! `GET /desk/system`: how the engine does: queues, sweeps, jobs that wait and jobs that were given up.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Path};
use infra::queries::{self, QueueView, Redriven, SweepLine};
use kernel::Timestamp;
use serde::Serialize;

use super::{
    Desk,
    order::JobRow,
    words::{Notice, age, span},
};
use crate::{
    answer::{Keep, PageError, see_other},
    head::Head,
    pages::State,
    say::{Say, say},
    visitor::{Visitor, query, value},
};

/// Jobs of each list.
const JOBS: i64 = 50;

#[derive(Debug, Serialize)]
struct QueueRow {
    name: &'static str,
    ready: i64,
    waiting: i64,
    running: i64,
    oldest: Option<Say>,
    paused: bool,
    most: Option<i64>,
    rate: Option<i64>,
}

#[derive(Debug, Serialize)]
struct SweepRow {
    name: String,
    last: Say,
    seen: i64,
    found: i64,
    runs: i64,
    found_in_all: i64,
}

#[derive(Debug, Serialize)]
struct DeadRow {
    id: i64,
    job: JobRow,
    order_url: Option<String>,
}

#[derive(Debug, Serialize)]
struct SystemView {
    notice: Option<Notice>,
    queues: Vec<QueueRow>,
    sweeps: Vec<SweepRow>,
    live: Vec<JobRow>,
    dead: Vec<DeadRow>,
}

pub(crate) async fn show<W: Desk>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let done = value(&query(&request), "done") == "retry";
    let notice = done.then(|| Notice::done(say("desk-job-retried")));
    let result = page(&state, &request, (StatusCode::OK, notice)).await;
    state.answer(&request, result)
}

async fn page<W: Desk>(
    state: &State<W>,
    request: &HttpRequest,
    (status, notice): (StatusCode, Option<Notice>),
) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let (record, now) = (state.world.record(), state.world.env().now());
    let dead = queries::dead_jobs(record, JOBS).await?.into_iter().map(|job| DeadRow {
        id: job.id,
        order_url: job.order().map(|order| format!("/desk/orders/{order}")),
        job: job.into(),
    });
    let view = SystemView {
        notice,
        queues: queries::queues_list(record).await?.into_iter().map(QueueRow::from).collect(),
        sweeps: queries::sweeps_list(record).await?.into_iter().map(|sweep| sweep_row(sweep, now)).collect(),
        live: queries::live_jobs(record, JOBS).await?.into_iter().map(JobRow::from).collect(),
        dead: dead.collect(),
    };
    state.page("desk/system", &Head::desk(say("desk-system"), &visitor), &view, (status, Keep::Never))
}

impl From<QueueView> for QueueRow {
    fn from(queue: QueueView) -> Self {
        Self {
            name: queue.name(),
            ready: queue.ready,
            waiting: queue.waiting,
            running: queue.running,
            oldest: queue.oldest_seconds.map(|seconds| span(chrono::Duration::seconds(seconds))),
            paused: queue.paused,
            most: queue.max_running.map(i64::from),
            rate: queue.rate_per_second.map(i64::from),
        }
    }
}

fn sweep_row(sweep: SweepLine, now: Timestamp) -> SweepRow {
    SweepRow {
        last: age(now, sweep.last_run_at),
        name: sweep.name,
        seen: sweep.last_seen,
        found: sweep.last_found,
        runs: sweep.runs,
        found_in_all: sweep.found,
    }
}

/// Queues a job that was given up once more.
pub(crate) async fn retry<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = retried(&state, &request, &path).await;
    state.answer(&request, result)
}

async fn retried<W: Desk>(state: &State<W>, request: &HttpRequest, path: &str) -> Result<HttpResponse, PageError> {
    let Visitor(Some(who)) = state.visitor(request).await? else { return Err(PageError::NotFound) };
    let letter: i64 = path.parse().map_err(|_| PageError::NotFound)?;
    let by = (who.user.email.as_str(), &who.actor());
    match queries::redrive_on_record(state.world.record(), &mut state.world.env(), letter, by).await? {
        Redriven::Queued => Ok(see_other("/desk/system?done=retry")),
        Redriven::NotFound => Err(PageError::NotFound),
        Redriven::AlreadyThere => {
            let notice = Notice::refused(say("desk-job-is-there"));
            page(state, request, (StatusCode::CONFLICT, Some(notice))).await
        }
    }
}
