//! `GET /desk/health`: whether everything does what it should, each thing with its next step, and how it is configured.

use accounts::Permission::ManageShop;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use chrono::Duration;
use infra::queries::{self, Checkup, Flow, QueueView, SecretLine, SweepLine, WorkerLine};
use kernel::Timestamp;
use serde::Serialize;

use super::{
    Desk, may,
    words::{State as Badge, age, health_state, span},
};
use crate::{
    answer::{Keep, PageError},
    head::Head,
    pages::State,
    say::{Fill, Say, say},
};

/// How one thing does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Does {
    /// As it should.
    Fine,
    /// Somebody should look.
    Look,
    /// It does not.
    Broken,
}

/// A worker beats every two seconds; others take its jobs after ten.
const GONE: i64 = 10;
/// A worker that was heard of so long ago is one that was replaced.
const FORGOTTEN: i64 = 3600;
/// Nothing that may run waits for so long where enough workers run.
const SLOW: i64 = 60;
/// And nothing at all where one runs.
const STUCK: i64 = 600;
/// The rarest sweep runs once in a day.
const SWEEP: i64 = 26 * 3600;
/// An answer of the database takes a few milliseconds.
const LATE_MS: u128 = 100;

#[derive(Debug, Serialize)]
struct Line {
    what: Fill,
    state: Badge,
    detail: Say,
    next: Option<Say>,
    #[serde(skip)]
    does: Does,
}

#[derive(Debug, Serialize)]
struct Part {
    id: &'static str,
    title: Say,
    lines: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct HealthView {
    read_at: Fill,
    whole: Badge,
    parts: Vec<Part>,
    settings: Option<Vec<SettingRow>>,
}

/// A setting of this program.
#[derive(Debug, Clone, Serialize)]
struct SettingRow {
    name: &'static str,
    value: Fill,
}

/// A setting as the desk shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The variable by which it is set.
    pub name: &'static str,
    /// Its value, or whether there is one.
    pub value: Shown,
}

/// What is shown of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// All of it.
    Plain(String),
    /// Whether there is one: it is a secret.
    Secret(bool),
}

fn line(what: impl Into<Fill>, (does, next): (Does, Say), detail: Say) -> Line {
    Line { what: what.into(), state: health_state(does), detail, next: (does != Does::Fine).then_some(next), does }
}

pub(crate) async fn show<W: Desk>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = page(&state, &request).await;
    state.answer(&request, result)
}

async fn page<W: Desk>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let now = state.world.env().now();
    let found = queries::checkup(state.world.record()).await?;
    let parts = parts(&found, now);
    let worst = parts.iter().flat_map(|part| &part.lines).map(|line| line.does).max().unwrap_or(Does::Fine);
    let settings = may(&visitor, ManageShop).then(|| state.settings.iter().map(SettingRow::from).collect());
    let view = HealthView { read_at: now.into(), whole: health_state(worst), parts, settings };
    state.page("desk/health", &Head::desk(say("desk-health"), &visitor), &view, (StatusCode::OK, Keep::Never))
}

impl From<&Setting> for SettingRow {
    fn from(setting: &Setting) -> Self {
        let value = match &setting.value {
            Shown::Plain(text) if text.is_empty() => say("desk-setting-empty").into(),
            Shown::Plain(text) => text.clone().into(),
            Shown::Secret(true) => say("desk-setting-set").into(),
            Shown::Secret(false) => say("desk-setting-unset").into(),
        };
        Self { name: setting.name, value }
    }
}

fn parts(found: &Checkup, now: Timestamp) -> Vec<Part> {
    let part = |id, title, lines| Part { id, title, lines };
    vec![
        part("database", say("health-database"), vec![answers(found), migrations(found)]),
        part("workers", say("health-workers"), workers(&found.workers, now)),
        part("queues", say("desk-queues"), found.queues.iter().map(queue).chain([dead(&found.flow)]).collect()),
        part("events", say("health-events"), events(&found.flow, now)),
        part("mails", say("desk-mails"), mails(&found.flow, now)),
        part("sweeps", say("desk-sweeps"), sweeps(&found.sweeps, now)),
        part("secrets", say("health-secrets"), found.secrets.iter().map(secret).collect()),
    ]
}

fn answers(found: &Checkup) -> Line {
    let late = found.answered_in.as_millis() > LATE_MS;
    let does = if late { Does::Look } else { Does::Fine };
    let micros = i64::try_from(found.answered_in.as_micros()).unwrap_or(i64::MAX);
    line(say("health-answers"), (does, say("health-answers-next")), say("health-answers-in").with("micros", micros))
}

fn migrations(found: &Checkup) -> Line {
    let count = found.pending.len();
    let does = if count == 0 { Does::Fine } else { Does::Broken };
    let detail =
        if count == 0 { say("health-migrations-none") } else { say("health-migrations-missing").with("count", count) };
    line(say("health-migrations"), (does, say("health-migrations-next")), detail)
}

/// Those that were heard of within the hour. None at all is a line of its own.
fn workers(workers: &[WorkerLine], now: Timestamp) -> Vec<Line> {
    let silent = |worker: &WorkerLine| now.signed_duration_since(worker.last_seen).num_seconds();
    let beats = workers.iter().any(|worker| silent(worker) <= GONE);
    let known = workers.iter().filter(|worker| silent(worker) < FORGOTTEN);
    let mut lines: Vec<Line> = known
        .map(|worker| {
            let does = match (silent(worker) <= GONE, beats) {
                (true, _) => Does::Fine,
                (false, true) => Does::Look,
                (false, false) => Does::Broken,
            };
            let what = format!("{} ({})", worker.host, worker.version);
            let heard = if worker.draining { say("health-worker-ends") } else { say("health-worker-heard") };
            line(what, (does, say("health-worker-next")), heard.with("age", age(now, worker.last_seen)))
        })
        .collect();
    if lines.is_empty() {
        lines.push(line(say("health-workers"), (Does::Broken, say("health-workers-next")), say("health-workers-none")));
    }
    lines
}

fn queue(queue: &QueueView) -> Line {
    let oldest = queue.oldest_seconds.unwrap_or_default();
    let does = match oldest {
        _ if queue.paused => Does::Look,
        STUCK.. => Does::Broken,
        SLOW.. => Does::Look,
        _ => Does::Fine,
    };
    let next = if queue.paused { say("health-queue-paused-next") } else { say("health-queue-next") };
    let detail = say("health-queue")
        .with("ready", queue.ready)
        .with("running", queue.running)
        .with("later", queue.waiting)
        .with("age", span(Duration::seconds(oldest)));
    line(queue.name(), (does, next), detail)
}

fn dead(flow: &Flow) -> Line {
    let does = if flow.dead_jobs == 0 { Does::Fine } else { Does::Look };
    line(say("desk-dead-jobs"), (does, say("health-dead-next")), say("health-count").with("count", flow.dead_jobs))
}

fn ago(now: Timestamp, at: Option<Timestamp>) -> Say {
    at.map_or_else(|| say("health-never"), |at| say("ago").with("age", age(now, at)))
}

/// Since when the oldest waits decides, not how many there are.
fn waits(now: Timestamp, oldest: Option<Timestamp>, (slow, stuck): (i64, i64)) -> Does {
    match oldest.map(|at| now.signed_duration_since(at).num_seconds()) {
        Some(seconds) if seconds >= stuck => Does::Broken,
        Some(seconds) if seconds >= slow => Does::Look,
        Some(_) | None => Does::Fine,
    }
}

fn events(flow: &Flow, now: Timestamp) -> Vec<Line> {
    let received = if flow.received.is_some() { Does::Fine } else { Does::Look };
    let waiting = waits(now, flow.event_oldest, (SLOW, STUCK));
    let detail = say("health-waiting").with("count", flow.events_waiting).with("age", ago(now, flow.event_oldest));
    vec![
        line(say("health-received"), (received, say("health-received-next")), ago(now, flow.received)),
        line(say("health-processed"), (Does::Fine, say("health-events-next")), ago(now, flow.processed)),
        line(say("health-events-waiting"), (waiting, say("health-events-next")), detail),
    ]
}

fn mails(flow: &Flow, now: Timestamp) -> Vec<Line> {
    let failed = if flow.mails_failed == 0 { Does::Fine } else { Does::Look };
    let waiting = waits(now, flow.mail_oldest, (5 * SLOW, 6 * STUCK));
    let detail = say("health-waiting").with("count", flow.mails_waiting).with("age", ago(now, flow.mail_oldest));
    let count = say("health-count").with("count", flow.mails_failed);
    vec![
        line(say("health-mails-failed"), (failed, say("health-mails-next")), count),
        line(say("health-mails-waiting"), (waiting, say("health-mails-next")), detail),
    ]
}

fn sweeps(sweeps: &[SweepLine], now: Timestamp) -> Vec<Line> {
    let mut lines: Vec<Line> = sweeps
        .iter()
        .map(|sweep| {
            let late = now.signed_duration_since(sweep.last_run_at).num_seconds() > SWEEP;
            let does = if late { Does::Look } else { Does::Fine };
            let detail = say("health-sweep").with("age", age(now, sweep.last_run_at)).with("found", sweep.last_found);
            line(sweep.name.clone(), (does, say("health-sweep-next")), detail)
        })
        .collect();
    if lines.is_empty() {
        lines.push(line(say("desk-sweeps"), (Does::Look, say("health-sweep-next")), say("desk-no-sweeps")));
    }
    lines
}

fn secret(secret: &SecretLine) -> Line {
    let does = if secret.counting > 0 { Does::Fine } else { Does::Look };
    let detail = say("health-secret").with("count", secret.counting);
    line(secret.name.clone(), (does, say("health-secret-next")), detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        "2026-11-27T10:00:00Z".parse::<Timestamp>().unwrap() + Duration::seconds(seconds)
    }

    fn worker(seconds: i64) -> WorkerLine {
        WorkerLine { host: "a".to_owned(), version: "1".to_owned(), last_seen: at(seconds), draining: false }
    }

    #[test]
    fn one_worker_that_is_silent_is_looked_at_and_all_of_them_are_broken() {
        let does = |seen: &[i64]| {
            let workers: Vec<_> = seen.iter().copied().map(worker).collect();
            super::workers(&workers, at(0)).into_iter().map(|line| line.does).collect::<Vec<_>>()
        };
        assert_eq!(does(&[-2]), [Does::Fine]);
        assert_eq!(does(&[-2, -60]), [Does::Fine, Does::Look]);
        assert_eq!(does(&[-60]), [Does::Broken]);
        assert_eq!(does(&[-2, -7200]), [Does::Fine], "one that was replaced long ago");
        assert_eq!([does(&[]), does(&[-7200])], [[Does::Broken], [Does::Broken]]);
    }

    #[test]
    fn what_waits_too_long_is_said() {
        let does = |oldest: Option<i64>| waits(at(0), oldest.map(at), (60, 600));
        assert_eq!(
            [does(None), does(Some(-59)), does(Some(-60)), does(Some(-600))],
            [Does::Fine, Does::Fine, Does::Look, Does::Broken]
        );
    }
}
