//! Our own record, read from PostgreSQL past all proxies.

use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

use super::{Facts, JobRow, MailRow, OrderRow, PaymentRow, ServiceRow, TryRow};
use crate::failed::{Because, Outcome};

const ORDERS: &str = "\
    SELECT 'ord_' || replace(id::text, '-', ''), status, email, provider, guest::text, \
        coalesce(attention_reason, '') FROM orders";
const TIMELINE: &str = "SELECT 'ord_' || replace(order_id::text, '-', ''), event FROM order_timeline ORDER BY id";
const ALARMS: &str = "\
    SELECT 'ord_' || replace(order_id::text, '-', ''), detail FROM order_timeline WHERE event = 'needs_attention'";
const PAYMENTS: &str = "SELECT 'ord_' || replace(order_id::text, '-', ''), status, amount FROM payments";
const SERVICES: &str = "\
    SELECT 'svc_' || replace(id::text, '-', ''), 'ord_' || replace(order_id::text, '-', ''), status FROM services";
const SITES: &str = "\
    SELECT 'ord_' || replace(s.order_id::text, '-', '') FROM websites w JOIN services s ON s.id = w.service_id";
const MAILS: &str = "\
    SELECT to_email, template, 'ord_' || replace(order_id::text, '-', ''), status, trim(both '<>' from message_id) \
    FROM email_log";
const JOBS: &str = "\
    SELECT id, kind, (state = 'x')::text, \
        (kind LIKE 'sweep.%' OR kind LIKE 'audit.%')::text, \
        concat_ws(' ', state::text, 'attempt', attempt, 'rescues', rescues, 'run at', run_at, 'order', order_id, last_error) \
    FROM jobs";
const TRIES: &str = "SELECT job_id, lease, outcome FROM job_history";
const DEAD: &str = "\
    SELECT 'ord_' || replace(order_id::text, '-', ''), concat_ws(' ', kind, reason, code, detail) FROM job_dead \
    WHERE order_id IS NOT NULL AND case_opened_at IS NOT NULL";
/// Of an order, or of something that belongs to none.
const CASES: &str = "\
    SELECT coalesce('ord_' || replace(order_id::text, '-', ''), subject), concat(kind, ': ', reason), (closed_at IS NULL)::text \
    FROM cases";
const EVENTS: &str = "SELECT id, outcome FROM stripe_events_log";

async fn rows(sql: &Client, query: &str) -> Outcome<Vec<SimpleQueryRow>> {
    let messages = sql.simple_query(query).await.because(query)?;
    let row = |message| if let SimpleQueryMessage::Row(row) = message { Some(row) } else { None };
    Ok(messages.into_iter().filter_map(row).collect())
}

fn cell(row: &SimpleQueryRow, at: usize) -> String {
    row.try_get(at).ok().flatten().unwrap_or_default().to_owned()
}

fn optional(row: &SimpleQueryRow, at: usize) -> Option<String> {
    row.try_get(at).ok().flatten().map(str::to_owned)
}

fn number(row: &SimpleQueryRow, at: usize) -> i64 {
    cell(row, at).parse().unwrap_or_default()
}

/// Adds what our tables hold.
pub(crate) async fn read_record(facts: &mut Facts, sql: &Client) -> Outcome<()> {
    for row in rows(sql, ORDERS).await? {
        let order = OrderRow {
            id: cell(&row, 0),
            status: cell(&row, 1),
            email: cell(&row, 2),
            provider: cell(&row, 3),
            guest: cell(&row, 4) == "true",
        };
        if order.status == "needs_attention" {
            facts.cases.insert(order.id.clone(), cell(&row, 5));
        }
        facts.orders.push(order);
    }
    for row in rows(sql, TIMELINE).await? {
        facts.timeline.entry(cell(&row, 0)).or_default().push(cell(&row, 1));
    }
    facts.alarms = rows(sql, ALARMS).await?.iter().map(|row| (cell(row, 0), cell(row, 1))).collect();
    for row in rows(sql, PAYMENTS).await? {
        facts.payments.push(PaymentRow { order: cell(&row, 0), status: cell(&row, 1), amount: number(&row, 2) });
    }
    for row in rows(sql, SERVICES).await? {
        facts.services.push(ServiceRow { id: cell(&row, 0), order: cell(&row, 1), status: cell(&row, 2) });
    }
    facts.sites = rows(sql, SITES).await?.iter().map(|row| cell(row, 0)).collect();
    for row in rows(sql, MAILS).await? {
        facts.mails.push(MailRow {
            to: cell(&row, 0).to_lowercase(),
            template: cell(&row, 1),
            order: optional(&row, 2),
            status: cell(&row, 3),
            message_id: optional(&row, 4),
        });
    }
    read_work(facts, sql).await
}

/// Jobs, their tries, and what became of those that were given up.
async fn read_work(facts: &mut Facts, sql: &Client) -> Outcome<()> {
    for row in rows(sql, JOBS).await? {
        facts.jobs.push(JobRow {
            id: number(&row, 0),
            kind: cell(&row, 1),
            runs: cell(&row, 2) == "true",
            scheduled: cell(&row, 3) == "true",
            detail: cell(&row, 4),
        });
    }
    for row in rows(sql, TRIES).await? {
        facts.tries.push(TryRow { job: number(&row, 0), lease: number(&row, 1), outcome: cell(&row, 2) });
    }
    for row in rows(sql, DEAD).await? {
        facts.cases.entry(cell(&row, 0)).or_insert_with(|| cell(&row, 1));
    }
    facts.events = rows(sql, EVENTS).await?.iter().map(|row| (cell(row, 0), optional(row, 1))).collect();
    read_cases(facts, sql).await
}

/// The table of cases, where the shop has one.
async fn read_cases(facts: &mut Facts, sql: &Client) -> Outcome<()> {
    if rows(sql, "SELECT 1 WHERE to_regclass('cases') IS NOT NULL").await?.is_empty() {
        return Ok(());
    }
    for row in rows(sql, CASES).await? {
        let (whose, why) = (cell(&row, 0), cell(&row, 1));
        if cell(&row, 2) == "true" {
            facts.cases.insert(whose, why);
        } else {
            facts.alarms.push((whose, why));
        }
    }
    Ok(())
}

/// How many orders run, are before a person, and are on their way; `None` while the database is away.
pub(crate) async fn standing(sql: &Client) -> Option<[i64; 3]> {
    let count = "SELECT count(*) FILTER (WHERE status = 'provisioned'), count(*) FILTER (WHERE status = 'needs_attention'), \
                 count(*) FILTER (WHERE status IN ('paid', 'provisioning')) FROM orders";
    let row = sql.query_one(count, &[]).await.ok()?;
    Some([row.get(0), row.get(1), row.get(2)])
}

const UNFINISHED: &str = "\
    SELECT 'order', status, count(*) FROM orders WHERE status IN ('paid', 'provisioning') GROUP BY status \
    UNION ALL SELECT 'job', kind || ' ' || state::text, count(*) FROM jobs \
        WHERE kind NOT LIKE 'sweep.%' AND kind NOT LIKE 'audit.%' GROUP BY kind, state \
    UNION ALL SELECT 'dead letter without a case', kind, count(*) FROM job_dead WHERE case_opened_at IS NULL GROUP BY kind \
    UNION ALL SELECT 'event', type, count(*) FROM stripe_events_log WHERE outcome IS NULL GROUP BY type";

/// What is still under way, in words; empty when all is done.
pub(crate) async fn unfinished(sql: &Client) -> Outcome<Vec<String>> {
    let line = |row: &SimpleQueryRow| format!("{} {} {}", cell(row, 2), cell(row, 0), cell(row, 1));
    Ok(rows(sql, UNFINISHED).await?.iter().map(line).collect())
}

/// Paid orders of which we do not know that they are paid, out of these.
pub(crate) async fn unpaid_among(sql: &Client, paid: &[String]) -> Outcome<usize> {
    let known = rows(
        sql,
        "SELECT 'ord_' || replace(id::text, '-', '') FROM orders WHERE status IN ('pending', 'expired', 'cancelled')",
    );
    let unpaid: std::collections::BTreeSet<String> = known.await?.iter().map(|row| cell(row, 0)).collect();
    Ok(paid.iter().filter(|order| unpaid.contains(*order)).count())
}
