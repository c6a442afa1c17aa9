//! What diesel believes of the tables is what they are.

use std::collections::BTreeSet;

use crate::shop::Shop;

const BELIEVED: &str = concat!(
    include_str!("../../src/schema.rs"),
    include_str!("../../src/schema/audit.rs"),
    include_str!("../../src/schema/closed.rs"),
    include_str!("../../src/schema/factors.rs"),
    include_str!("../../src/schema/limits.rs"),
    include_str!("../../src/schema/operations.rs"),
    include_str!("../../src/schema/money_back.rs"),
);

/// `table column type [null]`, one for each column of `table!`.
fn believed() -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    let (mut table, mut renamed) = (None, None);
    for line in BELIEVED.lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with('{')) {
            table = Some(name.to_owned());
        } else if let Some(name) = line.strip_prefix("#[sql_name = \"") {
            renamed = Some(name.trim_end_matches("\"]").to_owned());
        } else if let (Some((column, kind)), Some(table)) = (line.split_once(" -> "), &table) {
            let kind = kind.trim_end_matches(',');
            let (kind, null) = match kind.strip_prefix("Nullable<") {
                Some(inner) => (inner.trim_end_matches('>'), " null"),
                None => (kind, ""),
            };
            let column = renamed.take().unwrap_or_else(|| column.to_owned());
            lines.insert(format!("{table} {column} {}{null}", sql_type(kind)));
        }
    }
    lines
}

fn sql_type(kind: &str) -> &str {
    match kind {
        "Uuid" => "uuid",
        "Text" => "text",
        "Jsonb" => "jsonb",
        "Int2" => "smallint",
        "Int4" => "integer",
        "Int8" => "bigint",
        "Bool" => "boolean",
        "Float8" => "double precision",
        "Bytea" => "bytea",
        "Timestamptz" => "timestamp with time zone",
        "Array<Text>" => "text[]",
        "CChar" => "\"char\"",
        other => panic!("schema.rs has a type that this test does not know: {other}"),
    }
}

#[tokio::test]
async fn schema_rs_is_the_migrated_schema() {
    let shop = Shop::bare().await;
    let actual = "SELECT c.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) \
            || CASE WHEN a.attnotnull THEN '' ELSE ' null' END \
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition \
            AND c.relname <> '__diesel_schema_migrations' AND a.attnum > 0 AND NOT a.attisdropped";
    let rows = shop.sql().await.query(actual, &[]).await.unwrap();
    let actual: BTreeSet<String> = rows.into_iter().map(|row| row.get(0)).collect();
    let believed = believed();
    let missing: Vec<_> = actual.difference(&believed).collect();
    let wrong: Vec<_> = believed.difference(&actual).collect();
    assert!(missing.is_empty() && wrong.is_empty(), "not in schema.rs: {missing:#?}\nonly in schema.rs: {wrong:#?}");
}
