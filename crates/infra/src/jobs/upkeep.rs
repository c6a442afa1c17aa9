//! What every worker does besides running jobs. All of it may be done by several at once.

use std::{rc::Rc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::{
    cases::open_cases,
    crew::Crew,
    history,
    rescue::{forget_workers, rescue},
    schedule::{arrange, tick},
};
use crate::store::forget_full_buckets;

/// How often lost jobs are looked for.
const RESCUE_EVERY: Duration = Duration::from_secs(1);
/// A slow look is followed by a pause so many times as long, so that it cannot become all that the database does.
const RESCUE_SHARE: u32 = 4;
/// How often dead letters without a case are looked for, besides at once.
const CASES_EVERY: Duration = Duration::from_mins(1);
/// How often the history's partitions, and what tries are counted in, are looked after.
const HOUSE_EVERY: Duration = Duration::from_hours(1);
/// How often schedules are looked at.
const SCHEDULES_EVERY: Duration = Duration::from_secs(1);
/// How often they are written down anew, should somebody have removed one.
const ARRANGE_EVERY: Duration = Duration::from_mins(1);

/// Takes back what others will not finish.
pub(super) async fn rescue_lost(crew: Rc<Crew>) {
    loop {
        let began = Instant::now();
        match rescue(&crew.db).await {
            Ok(found) if found.rescued + found.poisoned > 0 => {
                tracing::warn!(
                    jobs.rescued = found.rescued,
                    jobs.poisoned = found.poisoned,
                    "lost jobs were taken back"
                );
                crew.ring_all();
                crew.death.notify_one();
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "lost jobs could not be looked for"),
        }
        sleep(RESCUE_EVERY.max(began.elapsed() * RESCUE_SHARE)).await;
    }
}

/// Makes cases of dead jobs.
pub(super) async fn see_to_the_dead(crew: Rc<Crew>) {
    let mut ticks = interval(CASES_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                if let Err(error) = forget_workers(&crew.db).await {
                    tracing::debug!(error = &error as &dyn std::error::Error, "silent workers could not be forgotten");
                }
            }
            () = crew.death.notified() => {}
        }
        if let Err(error) = open_cases(&crew).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "dead letters could not be looked for");
        }
    }
}

/// Looks after the history's partitions, and forgets who has not tried anything for a while.
pub(super) async fn keep_house(crew: Rc<Crew>) {
    let mut ticks = interval(HOUSE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match history::keep(&crew.db, crew.settings.history_weeks).await {
            Ok(kept) if kept.made > 0 || kept.dropped > 0 => tracing::info!(
                weeks.made = kept.made,
                weeks.dropped = kept.dropped,
                rows.moved = kept.moved,
                "the history's partitions were looked after"
            ),
            Ok(_) => {}
            // What has no partition is kept in the default one: nothing is lost until the next look.
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the history's partitions could not be looked after; is everything migrated and granted?"
            ),
        }
        match forget_full_buckets(&crew.db).await {
            Ok(0) => {}
            Ok(count) => tracing::debug!(limits.forgotten = count, "tries that count no more were forgotten"),
            // They only take up room.
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "what tries are counted in could not be tidied"
                );
            }
        }
    }
}

/// Enqueues scheduled jobs.
pub(super) async fn keep_schedules(crew: Rc<Crew>) {
    if crew.schedules.is_empty() {
        return;
    }
    let mut ticks = interval(SCHEDULES_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut arranged: Option<Instant> = None;
    loop {
        ticks.tick().await;
        if crew.is_stopping() {
            return;
        }
        let again = arranged.is_none_or(|at| at.elapsed() > ARRANGE_EVERY);
        let ticked = async {
            if again {
                arrange(&crew.db, &crew.schedules).await?;
            }
            tick(&crew.db, &crew.schedules).await
        };
        match ticked.await {
            Ok(enqueued) => {
                arranged = if again { Some(Instant::now()) } else { arranged };
                if enqueued > 0 {
                    tracing::debug!(jobs.enqueued = enqueued, "scheduled jobs were enqueued");
                }
            }
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "schedules could not be looked at"),
        }
    }
}
