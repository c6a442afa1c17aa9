//! SQL written as SQL, where the query builder has no words for it.

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, BoxedSqlQuery, Query, QueryFragment, QueryId, SqlQuery},
    serialize::ToSql,
    sql_types::{HasSqlType, Untyped},
};

/// A fixed text with its values. Prepared once per connection: diesel would prepare a `sql_query` anew each time, because it
/// cannot know that the text is a constant.
pub(crate) struct Statement(BoxedSqlQuery<'static, Pg, SqlQuery>);

impl Statement {
    /// This text; placeholders are `$1`, `$2`, …
    pub(crate) fn new(sql: &'static str) -> Self {
        Self(diesel::sql_query(sql).into_boxed())
    }

    /// A text put together of constants of ours: there are few of it, and no value from outside is in any.
    pub(crate) fn composed(sql: String) -> Self {
        Self(diesel::sql_query(sql).into_boxed())
    }

    /// The next placeholder's value, owned: see `PgTx::load`.
    pub(crate) fn bind<S, V>(self, value: V) -> Self
    where
        Pg: HasSqlType<S>,
        V: ToSql<S, Pg> + Send + 'static,
        S: Send + 'static,
    {
        Self(self.0.bind::<S, V>(value))
    }
}

impl QueryFragment<Pg> for Statement {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &Pg) -> QueryResult<bool> {
        Ok(true)
    }
}

impl QueryId for Statement {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement {
    type SqlType = Untyped;
}
