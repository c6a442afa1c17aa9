//! Makes the database's rights those of the list.

use diesel::{
    QueryableByName,
    sql_types::{Bool, Text},
};
use kernel::StoreError;

use super::{GRANTS, Grant, ROWS, Right, RoleName, Rows};
use crate::db::{PgTx, Statement};

/// Two that grant at once would stumble over each other's rows.
const LOCK: &str = "SELECT pg_advisory_xact_lock(4850417100000110)";

/// The database's name as it stands in a statement, and whether it is ours with its schema.
const PLACE: &str = "\
    SELECT quote_ident(current_database()) AS name, pg_has_role(d.datdba, 'USAGE') AND pg_has_role(n.nspowner, 'USAGE') \
        AND NOT EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = ANY (string_to_array($1, ',')) \
            AND NOT pg_has_role(c.relowner, 'USAGE')) AS ours \
    FROM pg_database d, pg_namespace n WHERE d.datname = current_database() AND n.nspname = 'public'";

/// What of the list there is not.
const MISSING: &str = "\
    SELECT thing AS name FROM unnest(string_to_array($1, ';')) thing \
    WHERE CASE WHEN thing LIKE '%(%' THEN to_regprocedure('public.' || thing) IS NULL \
        ELSE to_regclass('public.' || thing) IS NULL END";

/// What a role is besides its grants; no row when there is no such role. Whoever is a member of an owner owns what that owns.
const ROLE: &str = "\
    SELECT concat_ws(', ', \
        CASE WHEN r.rolsuper THEN 'is a superuser' END, \
        CASE WHEN r.rolcreaterole THEN 'may make roles' END, \
        CASE WHEN r.rolcreatedb THEN 'may make databases' END, \
        CASE WHEN r.rolreplication THEN 'may replicate' END, \
        CASE WHEN r.rolbypassrls THEN 'sees all rows' END, \
        CASE WHEN EXISTS (SELECT FROM pg_database d WHERE d.datname = current_database() \
            AND pg_has_role(r.oid, d.datdba, 'MEMBER')) THEN 'is the database''s owner or a member of it' END, \
        CASE WHEN EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace \
            AND pg_has_role(r.oid, c.relowner, 'MEMBER')) THEN 'owns tables or is a member of who does' END, \
        CASE WHEN EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid) THEN 'is a member of other roles' END \
    ) AS name FROM pg_roles r WHERE r.rolname = $1";

/// Why nothing was granted.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// One role for both.
    #[error("the API and the worker need a role each: both were given {0}")]
    Same(String),
    /// No such role.
    #[error("there is no role {0}; make it (CREATE ROLE {0} LOGIN), or say --create")]
    NoRole(String),
    /// The role may do more than what is granted here.
    #[error("the role {role} {rights}; a program's role must have no rights but those that are granted here")]
    TooMuch {
        /// The role.
        role: String,
        /// What it is or may do.
        rights: String,
    },
    /// Somebody else's database.
    #[error(
        "the database, its schema public and all tables must belong to the role that grants; connect as their owner"
    )]
    NotOwner,
    /// The schema is not that of this program.
    #[error("the database has no {0}; run `hostwright migrate` first")]
    NotMigrated(String),
    /// The store.
    #[error("the rights could not be granted")]
    Store(#[from] StoreError),
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// Whether the API's role was made.
    pub made_api: bool,
    /// Whether the worker's role was made.
    pub made_worker: bool,
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    ours: bool,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Takes from both roles whatever they may do in this database, then gives them what the list says. Doing it again changes
/// nothing. With `create`, roles that are missing are made, without a password.
///
/// # Errors
/// [`GrantError`]; the transaction must be rolled back then.
pub async fn apply_in(tx: &mut PgTx, api: &RoleName, worker: &RoleName, create: bool) -> Result<Applied, GrantError> {
    if api == worker {
        return Err(GrantError::Same(api.as_str().to_owned()));
    }
    tx.execute("lock the rights", Statement::new(LOCK)).await?;
    let database = place(tx).await?;
    let applied = Applied {
        made_api: role_is_there(tx, api, create).await?,
        made_worker: role_is_there(tx, worker, create).await?,
    };
    close(tx, &database).await?;
    for role in [api, worker] {
        strip(tx, &database, role).await?;
    }
    for one in GRANTS {
        give(tx, one, (api, one.api)).await?;
        give(tx, one, (worker, one.worker)).await?;
    }
    for rows in ROWS {
        show(tx, rows, ("api", api, rows.api)).await?;
        show(tx, rows, ("worker", worker, rows.worker)).await?;
    }
    Ok(applied)
}

/// The database's name, if everything in it is there and ours.
async fn place(tx: &mut PgTx) -> Result<String, GrantError> {
    let names = |separator: &str, functions: bool| {
        let all = GRANTS.iter().filter(|one| functions || !one.is_function());
        all.map(|one| one.thing).collect::<Vec<_>>().join(separator)
    };
    let missing: Option<Name> =
        tx.first("what the schema lacks", Statement::new(MISSING).bind::<Text, _>(names(";", true))).await?;
    if let Some(missing) = missing {
        return Err(GrantError::NotMigrated(missing.name));
    }
    let place: Option<Place> =
        tx.first("whose the database is", Statement::new(PLACE).bind::<Text, _>(names(",", false))).await?;
    place.filter(|place| place.ours).map(|place| place.name).ok_or(GrantError::NotOwner)
}

/// Whether it was made; an error if it is none for a program.
async fn role_is_there(tx: &mut PgTx, role: &RoleName, create: bool) -> Result<bool, GrantError> {
    let look = Statement::new(ROLE).bind::<Text, _>(role.as_str().to_owned());
    let found: Option<Name> = tx.first("what a role is", look).await?;
    match found {
        Some(Name { name: rights }) if rights.is_empty() => Ok(false),
        Some(Name { name: rights }) => Err(GrantError::TooMuch { role: role.as_str().to_owned(), rights }),
        None if create => {
            run(tx, format!("CREATE ROLE {role} LOGIN NOINHERIT")).await?;
            Ok(true)
        }
        None => Err(GrantError::NoRole(role.as_str().to_owned())),
    }
}

/// What everybody may do by default: make temporary tables, call functions, and in older databases make tables.
async fn close(tx: &mut PgTx, database: &str) -> Result<(), StoreError> {
    run(tx, format!("REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC")).await?;
    run(tx, "REVOKE CREATE ON SCHEMA public FROM PUBLIC".to_owned()).await?;
    for one in GRANTS {
        run(tx, format!("REVOKE ALL ON {} FROM PUBLIC", object(one))).await?;
    }
    Ok(())
}

async fn strip(tx: &mut PgTx, database: &str, role: &RoleName) -> Result<(), StoreError> {
    for all in ["TABLES", "SEQUENCES", "FUNCTIONS"] {
        run(tx, format!("REVOKE ALL ON ALL {all} IN SCHEMA public FROM {role}")).await?;
    }
    run(tx, format!("REVOKE ALL ON SCHEMA public FROM {role}")).await?;
    run(tx, format!("REVOKE ALL ON DATABASE {database} FROM {role}")).await?;
    run(tx, format!("GRANT USAGE ON SCHEMA public TO {role}")).await?;
    run(tx, format!("GRANT CONNECT ON DATABASE {database} TO {role}")).await
}

async fn give(tx: &mut PgTx, one: &Grant, (role, rights): (&RoleName, &[Right])) -> Result<(), StoreError> {
    if rights.is_empty() {
        return Ok(());
    }
    let words = rights.iter().map(|right| right.as_str()).collect::<Vec<_>>().join(", ");
    run(tx, format!("GRANT {words} ON {} TO {role}", object(one))).await
}

/// The owner sees all rows as before.
async fn show(tx: &mut PgTx, rows: &Rows, (name, role, which): (&str, &RoleName, &str)) -> Result<(), StoreError> {
    let table = rows.table;
    run(tx, format!("ALTER TABLE public.{table} ENABLE ROW LEVEL SECURITY")).await?;
    run(tx, format!("DROP POLICY IF EXISTS {name} ON public.{table}")).await?;
    run(tx, format!("CREATE POLICY {name} ON public.{table} FOR SELECT TO {role} USING ({which})")).await
}

fn object(one: &Grant) -> String {
    if one.is_function() { format!("FUNCTION public.{}", one.thing) } else { format!("TABLE public.{}", one.thing) }
}

async fn run(tx: &mut PgTx, statement: String) -> Result<(), StoreError> {
    tx.execute("grant rights in the database", Statement::composed(statement)).await.map(|_| ())
}
