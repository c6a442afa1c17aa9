//! The shop at a glance. Each figure is one statement over an index; the pages keep what comes of it for some seconds.

use chrono::{Duration, NaiveDate};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Date, Double, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use kernel::{Currency, Money, StoreError, Timestamp, Transact};
use uuid::{Builder, Uuid};

use crate::db::{Db, PgTx, Statement};

/// Days that the charts show, today included.
pub const DAYS: i64 = 30;

/// The shop at a glance.
#[derive(Debug, Clone, PartialEq)]
pub struct Today {
    /// The days of the charts, the oldest first, today last.
    pub days: Vec<Day>,
    /// What came in on those days and stayed, by currency.
    pub revenue: Vec<DayRevenue>,
    /// What running subscriptions bring in a month, by currency.
    pub monthly: Vec<Money>,
    /// What waits and fails.
    pub now: Now,
    /// From being paid to running, on the last seven days.
    pub delivery: Delivery,
}

/// A day (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Day {
    /// Which.
    #[diesel(sql_type = Date)]
    pub day: NaiveDate,
    /// Orders that were placed.
    #[diesel(sql_type = BigInt)]
    pub placed: i64,
    /// Those of them that were paid.
    #[diesel(sql_type = BigInt)]
    pub paid: i64,
}

/// Money of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayRevenue {
    /// Which.
    pub day: NaiveDate,
    /// What stayed of it, less what went back.
    pub amount: Money,
}

/// What waits and fails at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Now {
    /// Cases that are open.
    #[diesel(sql_type = BigInt)]
    pub cases: i64,
    /// Those that nobody has taken.
    #[diesel(sql_type = BigInt)]
    pub cases_untaken: i64,
    /// When the oldest of them was opened.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest_case: Option<Timestamp>,
    /// Orders that are paid and not delivered.
    #[diesel(sql_type = BigInt)]
    pub undelivered: i64,
    /// Orders that wait for their payment.
    #[diesel(sql_type = BigInt)]
    pub unpaid: i64,
    /// Mails that were given up.
    #[diesel(sql_type = BigInt)]
    pub mails_failed: i64,
    /// Mails that are on their way.
    #[diesel(sql_type = BigInt)]
    pub mails_waiting: i64,
    /// When the gateway last told us something.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_event: Option<Timestamp>,
    /// Events of which nothing was made yet.
    #[diesel(sql_type = BigInt)]
    pub events_waiting: i64,
    /// Jobs that were given up and not driven again.
    #[diesel(sql_type = BigInt)]
    pub dead_jobs: i64,
    /// Workers that were heard of within ten seconds.
    #[diesel(sql_type = BigInt)]
    pub workers: i64,
}

/// Seconds from being paid to running.
#[derive(Debug, Clone, Copy, PartialEq, QueryableByName)]
pub struct Delivery {
    /// Orders that were delivered.
    #[diesel(sql_type = BigInt)]
    pub delivered: i64,
    /// Half of them were quicker.
    #[diesel(sql_type = Nullable<Double>)]
    pub p50: Option<f64>,
    /// All but one in twenty were quicker.
    #[diesel(sql_type = Nullable<Double>)]
    pub p95: Option<f64>,
}

const PER_DAY: &str = "\
    SELECT day::date AS day, count(o.id) AS placed, \
        count(o.id) FILTER (WHERE o.status NOT IN ('pending', 'expired', 'cancelled') \
            AND coalesce(o.attention_from, '') <> 'pending') AS paid \
    FROM generate_series($1::date, $2::date, interval '1 day') AS day \
    LEFT JOIN orders o ON o.id >= $3 AND (o.created_at AT TIME ZONE 'UTC')::date = day::date \
    GROUP BY day ORDER BY day";

const REVENUE: &str = "\
    SELECT (created_at AT TIME ZONE 'UTC')::date AS day, currency, sum(amount - refunded_amount)::bigint AS amount \
    FROM payments WHERE id >= $1 AND status IN ('succeeded', 'partially_refunded', 'refunded') \
    GROUP BY day, currency ORDER BY day, currency";

const MONTHLY: &str = "\
    SELECT o.currency, sum(o.renewal_amount / CASE o.billing_cycle WHEN 'monthly' THEN 1 WHEN 'quarterly' THEN 3 \
        WHEN 'semiannual' THEN 6 WHEN 'yearly' THEN 12 WHEN 'biennial' THEN 24 ELSE 36 END)::bigint AS amount \
    FROM subscriptions s JOIN orders o ON o.id = s.order_id \
    WHERE s.status IN ('active', 'trialing', 'past_due') AND o.renewal_amount IS NOT NULL \
    GROUP BY o.currency ORDER BY amount DESC";

const NOW: &str = "\
    SELECT \
        (SELECT count(*) FROM cases WHERE closed_at IS NULL) AS cases, \
        (SELECT count(*) FROM cases WHERE closed_at IS NULL AND owner IS NULL) AS cases_untaken, \
        (SELECT min(opened_at) FROM cases WHERE closed_at IS NULL) AS oldest_case, \
        (SELECT count(*) FROM orders WHERE status IN ('paid', 'provisioning')) AS undelivered, \
        (SELECT count(*) FROM orders WHERE status = 'pending') AS unpaid, \
        (SELECT count(*) FROM email_log WHERE status = 'failed') AS mails_failed, \
        (SELECT count(*) FROM email_log WHERE status = 'queued') AS mails_waiting, \
        (SELECT max(received_at) FROM stripe_events_log) AS last_event, \
        (SELECT count(*) FROM stripe_events_log WHERE processed_at IS NULL) AS events_waiting, \
        (SELECT count(*) FROM job_dead WHERE redriven_at IS NULL) AS dead_jobs, \
        (SELECT count(*) FROM workers WHERE last_seen > now() - interval '10 seconds') AS workers";

const DELIVERY: &str = "\
    SELECT count(*) AS delivered, \
        percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS p50, \
        percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95 \
    FROM ( \
        SELECT extract(epoch FROM min(t.at) FILTER (WHERE t.event = 'provisioned') \
            - min(t.at) FILTER (WHERE t.event = 'paid'))::float8 AS seconds \
        FROM orders o JOIN order_timeline t ON t.order_id = o.id \
        WHERE o.id >= $1 AND o.status = 'provisioned' AND t.event IN ('paid', 'provisioned') \
        GROUP BY o.id \
    ) AS deliveries WHERE seconds IS NOT NULL";

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

#[derive(QueryableByName)]
struct DaySum {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

fn money(amount: i64, currency: &str) -> Result<Money, StoreError> {
    let currency: Currency =
        currency.parse().map_err(|_| StoreError::bug(format!("a sum in the impossible currency '{currency}'")))?;
    Ok(Money::new(amount, currency))
}

/// The smallest id that something made at this moment can have: ids begin with their time (UUIDv7), so the primary key's
/// index serves «since».
fn since(at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

/// Reads it all, as of one moment.
///
/// # Errors
/// The store's.
pub async fn today(db: &Db, now: Timestamp) -> Result<Today, StoreError> {
    let today = now.date_naive();
    let first = today.checked_sub_signed(Duration::days(DAYS - 1)).unwrap_or(today);
    let begin = first.and_time(chrono::NaiveTime::MIN).and_utc();
    let week = now.checked_sub_signed(Duration::days(7)).unwrap_or(now);
    let per_day = Statement::new(PER_DAY).bind::<Date, _>(first).bind::<Date, _>(today);
    let work = async |tx: &mut PgTx| {
        let days = tx.load("orders by day", per_day.bind::<SqlUuid, _>(since(begin))).await?;
        let revenue: Vec<DaySum> =
            tx.load("revenue by day", Statement::new(REVENUE).bind::<SqlUuid, _>(since(begin))).await?;
        let monthly: Vec<Sum> = tx.load("what comes in a month", Statement::new(MONTHLY)).await?;
        let now: Option<Now> = tx.first("what waits and fails", Statement::new(NOW)).await?;
        let delivery: Option<Delivery> =
            tx.first("times of delivery", Statement::new(DELIVERY).bind::<SqlUuid, _>(since(week))).await?;
        Ok::<_, StoreError>((days, revenue, monthly, now.zip(delivery)))
    };
    let (days, revenue, monthly, figures) = db.transaction(work).await?;
    let (now, delivery) = figures.ok_or_else(|| StoreError::bug("a SELECT without rows"))?;
    let revenue =
        revenue.into_iter().map(|sum| Ok(DayRevenue { day: sum.day, amount: money(sum.amount, &sum.currency)? }));
    let monthly = monthly.into_iter().map(|sum| money(sum.amount, &sum.currency));
    Ok(Today {
        days,
        revenue: revenue.collect::<Result<_, StoreError>>()?,
        monthly: monthly.collect::<Result<_, _>>()?,
        now,
        delivery,
    })
}
