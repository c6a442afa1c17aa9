//! The schema's history goes both ways.

use infra::db::{migrate, pending_migrations, revert_all_migrations};
use secrecy::SecretString;
use testkit::TestDb;
use tokio_postgres::Client;

/// Everything that makes a schema, one line each.
const DUMP: &str = "\
    SELECT 'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) \
        || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') \
        || a.attidentity::text || a.attgenerated::text AS line \
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
    WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped \
    UNION ALL SELECT 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint \
    WHERE connamespace = 'public'::regnamespace \
    UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public' \
    UNION ALL SELECT 'view ' || viewname || ' ' || definition FROM pg_views WHERE schemaname = 'public' \
    UNION ALL SELECT 'options ' || relname || ' ' || reloptions::text FROM pg_class \
    WHERE relnamespace = 'public'::regnamespace AND reloptions IS NOT NULL \
    ORDER BY line";

async fn dump(sql: &Client) -> Vec<String> {
    let rows = sql.query(DUMP, &[]).await.unwrap();
    rows.into_iter()
        .map(|row| row.get(0))
        .filter(|line: &String| !line.contains("__diesel_schema_migrations"))
        .collect()
}

#[tokio::test]
async fn up_down_and_up_again_is_the_same_schema() {
    let database = TestDb::empty().await;
    let url = SecretString::from(database.url().to_owned());
    let sql = database.sql().await;
    let all = pending_migrations(&url).await.unwrap();
    assert_eq!(migrate(&url).await.unwrap().len(), all.len());
    assert!(pending_migrations(&url).await.unwrap().is_empty());
    assert!(migrate(&url).await.unwrap().is_empty(), "applying again does nothing");
    let first = dump(&sql).await;
    assert!(first.len() > 200, "the dump sees the schema");
    revert_all_migrations(&url).await.unwrap();
    assert_eq!(dump(&sql).await, Vec::<String>::new(), "the way back leaves nothing");
    migrate(&url).await.unwrap();
    assert_eq!(dump(&sql).await, first);
}

#[tokio::test]
async fn two_programs_that_migrate_at_once_do_it_once() {
    let database = TestDb::empty().await;
    let url = SecretString::from(database.url().to_owned());
    let (first, second) = tokio::join!(migrate(&url), migrate(&url));
    let applied = [first.unwrap().len(), second.unwrap().len()];
    assert!(applied.contains(&0) && applied.iter().sum::<usize>() > 0, "{applied:?}");
}
