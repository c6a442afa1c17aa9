//! Spoils the result on purpose, in every way the checker must notice. A checker that finds nothing wrong with this would
//! find nothing wrong with anything.

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_postgres::Client;

use crate::{
    board::Board,
    check::{Rule, check},
    failed::{Because, Failed, Outcome},
    history::History,
    run::gather,
    stack::{PANEL_KEY, Stack},
};

/// What is spoilt, which rule must say so, and how it is done.
const IN_THE_RECORD: [(&str, Rule, &str); 8] = [
    (
        "a website of a paid order is gone",
        Rule::Undelivered,
        "DELETE FROM websites WHERE id = (SELECT id FROM websites LIMIT 1)",
    ),
    (
        "an order went back to being paid",
        Rule::Backwards,
        "INSERT INTO order_timeline (order_id, at, actor, event, detail) \
         SELECT id, now(), 'gateway', 'paid', 'sabotage' FROM orders WHERE status = 'provisioned' LIMIT 1",
    ),
    (
        "a payment is not recorded",
        Rule::Money,
        "UPDATE payments SET status = 'failed' WHERE id = (SELECT id FROM payments WHERE status = 'succeeded' LIMIT 1)",
    ),
    (
        "a job is left executing",
        Rule::Job,
        "INSERT INTO jobs (queue, kind, state, priority, run_at, max_attempts, budget_ms, worker_id, claimed_at, deadline_at, \
         payload) VALUES (9, 'sabotage', 'x', 1, now(), 1, 1, gen_random_uuid(), now(), now() + interval '1 hour', '{}')",
    ),
    (
        "a job is recorded as done twice",
        Rule::Job,
        "INSERT INTO job_history (job_id, lease, queue, kind, attempt, outcome, created_at, finished_at) \
         SELECT job_id, lease + 1000, queue, kind, attempt, 'done', created_at, now() FROM job_history \
         WHERE outcome = 'done' LIMIT 1",
    ),
    (
        "an event that was acknowledged is gone",
        Rule::Event,
        "DELETE FROM stripe_events_log WHERE id = (SELECT id FROM stripe_events_log LIMIT 1)",
    ),
    (
        "an order is delivered that nobody placed",
        Rule::Doubled,
        "UPDATE orders SET email = 'nobody@example.com' WHERE id = (SELECT id FROM orders LIMIT 1)",
    ),
    (
        "an order stands still on its way",
        Rule::Stuck,
        "UPDATE orders SET status = 'provisioning' WHERE id = (SELECT id FROM orders WHERE status = 'provisioned' LIMIT 1)",
    ),
];

/// Each way, and whether the checker noticed.
pub(crate) async fn sabotage(stack: &mut Stack, history: &History, board: &Board) -> Outcome<Vec<(String, bool)>> {
    let mut results = Vec::new();
    let sql = stack.cluster.sql().await?;
    for (what, rule, statement) in IN_THE_RECORD {
        let before = broken(stack, history, board, rule).await?;
        let changed = sql.execute(statement, &[]).await.because(what)?;
        if changed == 0 {
            continue;
        }
        results.push((what.to_owned(), broken(stack, history, board, rule).await? > before));
    }
    let before = broken(stack, history, board, Rule::Twice).await?;
    second_server(stack).await?;
    let seen = broken(stack, history, board, Rule::Twice).await? > before;
    results.push(("a server runs that belongs to nobody".to_owned(), seen));
    let before = broken(stack, history, board, Rule::Mail).await?;
    second_welcome(stack, &sql).await?;
    let seen = broken(stack, history, board, Rule::Mail).await? > before;
    results.push(("a welcome came twice, under another Message-ID".to_owned(), seen));
    Ok(results)
}

async fn broken(stack: &mut Stack, history: &History, board: &Board, rule: Rule) -> Outcome<usize> {
    let facts = gather(stack, history, board).await?;
    Ok(check(&facts).iter().filter(|violation| violation.rule == rule).count())
}

/// The panel makes a server under a name that is no service of ours.
async fn second_server(stack: &Stack) -> Outcome<()> {
    let server = json!({
        "name": "Sabotage", "user": 1, "egg": 1, "external_id": "svc_of_nobody",
        "docker_image": "ghcr.io/pterodactyl/yolks:java_21", "startup": "java -jar server.jar",
        "environment": {
            "MINECRAFT_VERSION": "latest", "SERVER_JARFILE": "server.jar", "BUILD_NUMBER": "latest", "DL_PATH": "",
        },
        "limits": { "memory": 1024, "swap": 0, "disk": 1024, "io": 500, "cpu": 0 },
        "feature_limits": { "databases": 0, "backups": 0, "allocations": 1 },
        "deploy": { "locations": [1], "dedicated_ip": false, "port_range": [] },
    });
    stack.desk.panel("/servers", PANEL_KEY, &server).await.map(drop)
}

/// A mail like one that was sent, under another Message-ID.
async fn second_welcome(stack: &Stack, sql: &Client) -> Outcome<()> {
    let to = "SELECT to_email FROM email_log WHERE status = 'sent' ORDER BY template LIKE 'welcome%' DESC LIMIT 1";
    let row = sql.query_opt(to, &[]).await.because("find somebody")?;
    let to: String = row.ok_or_else(|| Failed::new("nobody got a mail"))?.get(0);
    let what = "send a mail";
    let mut line = TcpStream::connect(stack.smtp).await.because(what)?;
    let mail = format!(
        "Message-ID: <sabotage@example.com>\r\nFrom: shop@example.com\r\nTo: {to}\r\nSubject: Welcome\r\n\r\nWelcome.\r\n.\r\n"
    );
    let recipient = format!("RCPT TO:<{to}>\r\n");
    let steps = ["HELO harness\r\n", "MAIL FROM:<shop@example.com>\r\n", &recipient, "DATA\r\n", &mail, "QUIT\r\n"];
    let mut answer = [0; 512];
    // Its greeting, then an answer to each step.
    line.read(&mut answer).await.because(what)?;
    for step in steps {
        line.write_all(step.as_bytes()).await.because(what)?;
        let count = line.read(&mut answer).await.because(what)?;
        let said = String::from_utf8_lossy(answer.get(..count).unwrap_or_default()).into_owned();
        if said.starts_with(['4', '5']) {
            return Err(Failed::new(format!("{what}: {said}")));
        }
    }
    Ok(())
}
