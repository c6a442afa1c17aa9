//! The programs' roles in the database: the list says whose each thing is, and PostgreSQL holds them to it.

use std::collections::BTreeSet;

use infra::{
    db::{Db, DbSettings, PgTx},
    grants::{GRANTS, GrantError, ROWS, RoleName, apply_in},
};
use kernel::Transact;
use secrecy::SecretString;
use testkit::{API_ROLE, TestDb, WORKER_ROLE};
use tokio_postgres::{Client, error::SqlState};

/// Everything in the schema that can be granted. Partitions are reached through their table; the sequence of an identity column
/// needs no right of its own; what belongs to an extension is the extension's.
const THINGS: &str = "\
    SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace \
        AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT c.relispartition \
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid \
            AND d.deptype IN ('i', 'e') AND (c.relkind = 'S' OR d.deptype = 'e')) \
    UNION ALL SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace";

async fn names(sql: &Client, query: &str) -> BTreeSet<String> {
    let rows = sql.query(query, &[]).await.unwrap();
    rows.into_iter().map(|row| row.get::<_, String>(0).replace(',', ", ").replace(",  ", ", ")).collect()
}

#[tokio::test]
async fn everything_in_the_schema_is_declared() {
    let database = TestDb::new().await;
    let there = names(&database.sql().await, THINGS).await;
    let declared: BTreeSet<String> = GRANTS.iter().map(|one| one.thing.to_owned()).collect();
    assert_eq!(declared.len(), GRANTS.len(), "something is declared twice");
    let undeclared: Vec<_> = there.difference(&declared).collect();
    let gone: Vec<_> = declared.difference(&there).collect();
    assert!(undeclared.is_empty(), "say in grants.rs who may do what to {undeclared:?}");
    assert!(gone.is_empty(), "no longer in the schema: {gone:?}");
    assert!(ROWS.iter().all(|rows| there.contains(rows.table)));
}

/// What each role may do, as PostgreSQL has it, is what the list says.
#[tokio::test]
async fn the_database_grants_what_is_declared_and_nothing_else() {
    let database = TestDb::new().await;
    let sql = database.sql().await;
    for (role, rights) in [(API_ROLE, true), (WORKER_ROLE, false)] {
        let mut wanted = BTreeSet::new();
        for one in GRANTS {
            for right in if rights { one.api } else { one.worker } {
                wanted.insert(format!("{} {}", right.as_str(), one.thing));
            }
        }
        let held = format!(
            "SELECT w.word || ' ' || c.relname FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', \
                'TRUNCATE', 'REFERENCES', 'TRIGGER']) w (word) \
             WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') \
                AND has_table_privilege('{role}', c.oid, w.word) \
             UNION ALL SELECT 'EXECUTE ' || p.oid::regprocedure FROM pg_proc p \
             WHERE p.pronamespace = 'public'::regnamespace AND has_function_privilege('{role}', p.oid, 'EXECUTE') \
             UNION ALL SELECT 'SEQUENCE ' || c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace \
                AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege('{role}', c.oid, 'USAGE, SELECT, UPDATE') END"
        );
        assert_eq!(names(&sql, &held).await, wanted, "{role}");
    }
}

/// Statements that neither program may run.
const NEVER: &[&str] = &[
    "CREATE TABLE mine (id integer)",
    "CREATE TEMPORARY TABLE audit_log (id integer)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE ROLE mine",
    "ALTER TABLE orders ADD COLUMN mine integer",
    "ALTER TABLE audit_log DISABLE TRIGGER ALL",
    "ALTER TABLE secrets DISABLE ROW LEVEL SECURITY",
    "ALTER FUNCTION job_history_housekeeping(integer, integer) RESET ALL",
    "CREATE INDEX mine ON orders (id)",
    "CREATE TRIGGER mine BEFORE INSERT ON orders EXECUTE FUNCTION audit_is_append_only()",
    "DROP TABLE job_history_default",
    "DROP TRIGGER audit_log_append_only ON audit_log",
    "DROP POLICY api ON secrets",
    "TRUNCATE limit_buckets",
    "TRUNCATE audit_log",
    "TRUNCATE jobs",
    "UPDATE audit_log SET actor = 'nobody'",
    "DELETE FROM audit_log",
    "UPDATE audit_chain SET key_id = ''",
    "DELETE FROM audit_chain",
    "UPDATE audit_pending SET since = now()",
    "SET session_replication_role = replica",
    "SET ROLE postgres_or_whoever_owns",
    "DELETE FROM orders",
    "DELETE FROM products",
    "DELETE FROM prices",
    "DELETE FROM coupons",
    "DELETE FROM payments",
    "DELETE FROM users",
    "INSERT INTO secrets DEFAULT VALUES",
    "UPDATE secrets SET not_after = now()",
    "DELETE FROM secrets",
    "SELECT job_history_keep(4, 13)",
    "SELECT * FROM job_history_default",
    "COPY users TO PROGRAM 'cat'",
    "SELECT pg_read_file('/etc/passwd')",
];

/// And what only the other one may.
const NOT_THE_API: &[&str] = &[
    "SELECT job_history_housekeeping(4, 13)",
    "SELECT * FROM job_history",
    "SELECT * FROM schedules",
    "DELETE FROM outbound_calls",
    "INSERT INTO audit_chain DEFAULT VALUES",
    "DELETE FROM audit_pending",
    "UPDATE jobs SET run_at = now()",
    "DELETE FROM jobs",
    "DELETE FROM limit_buckets",
    "DELETE FROM workers",
];
const NOT_THE_WORKER: &[&str] = &[
    "INSERT INTO products DEFAULT VALUES",
    "UPDATE prices SET id = id",
    "UPDATE coupons SET id = id",
    "SELECT * FROM maintenance",
    "SELECT * FROM __diesel_schema_migrations",
    "SELECT * FROM sessions",
    "SELECT * FROM api_keys",
    "SELECT * FROM user_totp",
    "SELECT * FROM recovery_codes",
    "SELECT * FROM passkeys",
    "SELECT * FROM checkout_keys",
    "SELECT limits_take('{}', '{}', '{}', now())",
];

async fn refused(sql: &Client, role: &str, statement: &str) {
    let error = sql.batch_execute(statement).await.expect_err(&format!("{role} may {statement}"));
    let code = error.code().cloned();
    // A role that does not exist is none that one can become.
    let expected = if statement.starts_with("SET ROLE") {
        SqlState::INVALID_PARAMETER_VALUE
    } else {
        SqlState::INSUFFICIENT_PRIVILEGE
    };
    assert_eq!(code, Some(expected), "{role}: {statement}: {error:?}");
}

#[tokio::test]
async fn neither_program_may_do_more_than_its_work() {
    let database = TestDb::new().await;
    let owner = database.sql().await;
    // A database's own rights are not copied with its template.
    let db = database.connect().await;
    grant(&db, API_ROLE, WORKER_ROLE).await.unwrap();
    for (role, besides) in [(API_ROLE, NOT_THE_API), (WORKER_ROLE, NOT_THE_WORKER)] {
        let sql = database.sql_as(role).await;
        for statement in NEVER.iter().chain(besides) {
            refused(&sql, role, statement).await;
        }
        let me = owner.query_one("SELECT quote_ident(session_user)", &[]).await.unwrap().get::<_, String>(0);
        let become_owner = sql.batch_execute(&format!("SET ROLE {me}")).await.unwrap_err();
        assert_eq!(become_owner.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{role} becomes the owner");
    }
}

#[tokio::test]
async fn programs_see_their_own_secrets_and_no_keys_of_the_trail() {
    let database = TestDb::new().await;
    let owner = database.sql().await;
    let names = ["password_pepper", "pterodactyl_api_key", "stripe_webhook_secret", "audit_chain_key_1", "another"];
    for name in names {
        let keep =
            "INSERT INTO secrets (name, version, kid, ciphertext, not_before) VALUES ($1, 1, 'k', 'v1.k.x', now())";
        owner.execute(keep, &[&name]).await.unwrap();
    }
    let seen = async |sql: &Client| self::names(sql, "SELECT name FROM secrets").await.into_iter().collect::<Vec<_>>();
    assert_eq!(seen(&database.sql_as(API_ROLE).await).await, ["password_pepper", "stripe_webhook_secret"]);
    assert_eq!(seen(&database.sql_as(WORKER_ROLE).await).await, ["password_pepper", "pterodactyl_api_key"]);
    assert_eq!(seen(&owner).await.len(), names.len(), "the owner sees all");
}

/// The worker makes and drops partitions that are not its own, and no more of them than housekeeping does.
#[tokio::test]
async fn the_worker_keeps_the_history_without_owning_it() {
    let database = TestDb::new().await;
    let owner = database.sql().await;
    let weeks = "SELECT relname::text FROM pg_class WHERE relname ~ '^job_history_w\\d{8}$' AND relkind = 'r'";
    let drop_all = "DO $$ DECLARE t text; BEGIN FOR t IN SELECT relname FROM pg_class WHERE relname ~ '^job_history_w\\d{8}$' \
        AND relkind = 'r' LOOP EXECUTE format('DROP TABLE %I', t); END LOOP; END $$";
    owner.batch_execute(drop_all).await.unwrap();
    let worker = database.sql_as(WORKER_ROLE).await;
    let keep = async |ahead: i32, kept: i32| {
        let row =
            worker.query_one("SELECT made, dropped FROM job_history_housekeeping($1, $2)", &[&ahead, &kept]).await;
        let row = row.unwrap();
        (row.get::<_, i32>(0), row.get::<_, i32>(1))
    };
    assert_eq!(keep(4, 13).await, (5, 0));
    let owners = format!("SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE oid IN ({weeks})")
        .replace("SELECT relname::text", "SELECT oid");
    assert!(!names(&owner, &owners).await.contains(WORKER_ROLE), "they belong to the schema's owner");
    assert_eq!(keep(4, -1000).await, (0, 0), "this week and those ahead are not dropped");
    assert_eq!(keep(i32::MAX, 13).await.0, 48, "a year ahead is the most");
    let add = "INSERT INTO job_history (job_id, lease, queue, kind, attempt, outcome, worker_id, created_at, claimed_at, \
        finished_at) VALUES (1, 1, 1, 'x', 1, 'done', gen_random_uuid(), now(), now(), now())";
    worker.batch_execute(add).await.unwrap();
    // A temporary table, were there one, is not what the function looks at; its path is fixed.
    let path = "SELECT array_to_string(proconfig, ';') FROM pg_proc WHERE proname = 'job_history_housekeeping'";
    assert!(names(&owner, path).await.iter().any(|path| path.contains("search_path=public, pg_temp")));
}

async fn grant(db: &Db, api: &str, worker: &str) -> Result<(), GrantError> {
    let (api, worker): (RoleName, RoleName) = (api.parse().unwrap(), worker.parse().unwrap());
    db.transaction(async |tx: &mut PgTx| apply_in(tx, &api, &worker, false).await.map(|_| ())).await
}

#[tokio::test]
async fn granting_again_takes_back_what_was_given_besides() {
    let database = TestDb::new().await;
    let owner = database.sql().await;
    let besides = format!(
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO {API_ROLE}; GRANT SELECT (name) ON products TO {WORKER_ROLE}; \
         GRANT UPDATE (actor) ON audit_log TO PUBLIC; GRANT CREATE ON SCHEMA public TO PUBLIC, {WORKER_ROLE}; \
         GRANT EXECUTE ON FUNCTION job_history_housekeeping(integer, integer) TO PUBLIC"
    );
    owner.batch_execute(&besides).await.unwrap();
    let db = database.connect().await;
    for _ in 0..2 {
        grant(&db, API_ROLE, WORKER_ROLE).await.unwrap();
    }
    let api = database.sql_as(API_ROLE).await;
    for statement in ["DELETE FROM orders", "UPDATE audit_log SET actor = ''", "SELECT job_history_housekeeping(1, 1)"]
    {
        refused(&api, API_ROLE, statement).await;
    }
    refused(&database.sql_as(WORKER_ROLE).await, WORKER_ROLE, "CREATE TABLE mine (id integer)").await;
}

#[tokio::test]
async fn roles_that_may_more_are_refused() {
    let database = TestDb::new().await;
    let db = database.connect().await;
    let owner: String = database.sql().await.query_one("SELECT session_user::text", &[]).await.unwrap().get(0);
    let refused = async |api: &str, worker: &str| grant(&db, api, worker).await.unwrap_err();
    assert!(matches!(refused(API_ROLE, API_ROLE).await, GrantError::Same(_)));
    assert!(matches!(refused(API_ROLE, "hostwright_test_nobody").await, GrantError::NoRole(_)));
    let GrantError::TooMuch { role, rights } = refused(&owner, WORKER_ROLE).await else { panic!("the owner as api") };
    assert!(role == owner && rights.contains("owns tables"), "{role}: {rights}");

    let programs = Db::connect(&DbSettings::new(SecretString::from(database.url_as(API_ROLE)))).await.unwrap();
    assert!(matches!(grant(&programs, API_ROLE, WORKER_ROLE).await.unwrap_err(), GrantError::NotOwner));
    let empty = TestDb::empty().await;
    assert!(matches!(grant(&empty.connect().await, API_ROLE, WORKER_ROLE).await, Err(GrantError::NotMigrated(_))));
}
