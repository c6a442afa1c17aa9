//! `GET /desk`: the shop at a glance.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use chrono::{Duration, NaiveDate};
use infra::queries::{Day, DayRevenue, Today};
use kernel::{Money, Timestamp};
use serde::Serialize;

use super::{
    Desk,
    chart::{Chart, Value, chart},
    words::{age, span},
};
use crate::{
    answer::{Keep, PageError},
    head::Head,
    pages::State,
    say::{Fill, Say, say},
};

/// A number with what it counts.
#[derive(Debug, Serialize)]
struct Tile {
    label: Say,
    value: Fill,
    note: Option<Say>,
    tone: &'static str,
    href: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct TodayView {
    read_at: Fill,
    tiles: Vec<Tile>,
    charts: Vec<Chart>,
}

pub(crate) async fn show<W: Desk>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = page(&state, &request).await;
    state.answer(&request, result)
}

async fn page<W: Desk>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let visitor = state.visitor(request).await?;
    let now = state.world.env().now();
    let (read_at, today) = state.figures.read(state.world.record(), now).await?;
    let view = TodayView { read_at: read_at.into(), tiles: tiles(&today, now), charts: charts(&today) };
    state.page("desk/today", &Head::desk(say("desk-today"), &visitor), &view, (StatusCode::OK, Keep::Never))
}

fn tile(label: Say, value: impl Into<Fill>) -> Tile {
    Tile { label, value: value.into(), note: None, tone: "calm", href: None }
}

fn tiles(today: &Today, now: Timestamp) -> Vec<Tile> {
    let figures = &today.now;
    let last = today.days.last().copied();
    let worried = |count: i64, tone: &'static str| if count > 0 { tone } else { "good" };
    let cases = Tile {
        note: figures.oldest_case.map(|at| say("desk-oldest").with("age", age(now, at))),
        tone: worried(figures.cases, "bad"),
        href: Some("/desk/cases"),
        ..tile(say("desk-cases-open"), figures.cases)
    };
    let undelivered = Tile {
        note: Some(say("desk-unpaid").with("count", figures.unpaid)),
        href: Some("/desk/orders?status=provisioning"),
        ..tile(say("desk-undelivered"), figures.undelivered)
    };
    let mails = Tile {
        note: Some(say("desk-mails-waiting").with("count", figures.mails_waiting)),
        tone: worried(figures.mails_failed, "bad"),
        ..tile(say("desk-mails-failed"), figures.mails_failed)
    };
    let placed = Tile {
        note: last.map(|day| say("desk-placed").with("count", day.placed)),
        href: Some("/desk/orders"),
        ..tile(say("desk-orders-today"), last.map_or(0, |day| day.paid))
    };
    let jobs = Tile {
        note: Some(say("desk-workers").with("count", figures.workers)),
        tone: if figures.workers == 0 { "bad" } else { worried(figures.dead_jobs, "warn") },
        ..tile(say("desk-dead-jobs"), figures.dead_jobs)
    };
    let mut tiles = vec![cases, undelivered, placed, delivery(today), webhook(today, now), mails, jobs];
    tiles.extend(today.monthly.iter().map(|amount| tile(say("desk-monthly"), *amount)));
    tiles
}

fn delivery(today: &Today) -> Tile {
    let seconds = |value: f64| span(Duration::milliseconds(millis(value)));
    let (label, delivery) = (say("desk-delivery"), &today.delivery);
    let (Some(p50), Some(p95)) = (delivery.p50, delivery.p95) else {
        return Tile { note: Some(say("desk-delivery-none")), ..tile(label, "–") };
    };
    let note = say("desk-delivery-note").with("p95", seconds(p95)).with("count", delivery.delivered);
    Tile { note: Some(note), ..tile(label, seconds(p50)) }
}

/// Whole milliseconds of a number of seconds.
#[allow(clippy::float_arithmetic, clippy::cast_possible_truncation, reason = "a measured time, shown in words")]
fn millis(seconds: f64) -> i64 {
    (seconds * 1000.0).clamp(0.0, 1e15) as i64
}

fn webhook(today: &Today, now: Timestamp) -> Tile {
    let waiting = today.now.events_waiting;
    let label = say("desk-last-event");
    let note = Some(say("desk-events-waiting").with("count", waiting));
    let tone = if waiting > 0 { "warn" } else { "calm" };
    match today.now.last_event {
        Some(at) => Tile { note, tone, ..tile(label, say("ago").with("age", age(now, at))) },
        None => Tile { note: Some(say("desk-no-event")), tone, ..tile(label, "–") },
    }
}

fn charts(today: &Today) -> Vec<Chart> {
    let paid = |day: &Day| Value { day: day.day, amount: day.paid, text: day.paid.into() };
    let orders = chart("orders", say("chart-orders"), today.days.iter().map(paid).collect());
    let days: Vec<NaiveDate> = today.days.iter().map(|day| day.day).collect();
    let revenue = main_currency(&today.revenue).map(|by_day| {
        let zero = by_day.values().next().map(|amount| Money::new(0, amount.currency()));
        let value = |day: &NaiveDate| {
            let amount = by_day.get(day).copied().or(zero);
            Value {
                day: *day,
                amount: amount.map_or(0, Money::minor),
                text: amount.map_or_else(|| 0_i64.into(), Fill::from),
            }
        };
        chart("revenue", say("chart-revenue"), days.iter().map(value).collect())
    });
    [Some(orders), revenue].into_iter().flatten().collect()
}

/// The days of the currency that brought most of them something.
fn main_currency(revenue: &[DayRevenue]) -> Option<BTreeMap<NaiveDate, Money>> {
    let mut by_currency: BTreeMap<String, BTreeMap<NaiveDate, Money>> = BTreeMap::new();
    for day in revenue {
        let currency = day.amount.currency().code().to_owned();
        by_currency.entry(currency).or_default().insert(day.day, day.amount);
    }
    by_currency.into_values().max_by_key(BTreeMap::len)
}
