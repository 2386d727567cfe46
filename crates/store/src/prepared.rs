//! Queries of the hot paths. Each is built once for each kind of database and then only bound.
//!
//! To build the query that finds a token with its user and epoch takes 12 µs of a core, to bind it
//! less than one.

use std::sync::OnceLock;

use sea_orm::sea_query::{SelectStatement, Value};
use sea_orm::{DbBackend, Statement};

/// A query with `N` parameters. What builds it gives them names; where they stand in the statement,
/// and how often, is found out once.
pub(crate) struct PreparedQuery<Q, const N: usize> {
    build: fn([Value; N]) -> Q,
    sqlite: OnceLock<Template>,
    postgres: OnceLock<Template>,
    mysql: OnceLock<Template>,
}

struct Template {
    statement: Statement,
    /// For each value of the statement the number of the parameter that takes its place, if any.
    parameters: Vec<Option<usize>>,
}

impl<Q, const N: usize> PreparedQuery<Q, N> {
    /// Declares a query. Parameters must not be inspected: some are not known yet.
    pub(crate) const fn new(build: fn([Value; N]) -> Q) -> Self {
        Self { build, sqlite: OnceLock::new(), postgres: OnceLock::new(), mysql: OnceLock::new() }
    }

    /// The statement with its parameters. `finish` makes it of the query and must always be the
    /// same.
    pub(crate) fn bind(
        &self,
        backend: DbBackend,
        given: &[Value; N],
        finish: impl FnOnce(Q) -> SelectStatement,
    ) -> Statement {
        let template = match backend {
            DbBackend::Postgres => &self.postgres,
            DbBackend::MySql => &self.mysql,
            _ => &self.sqlite,
        };
        let template = template.get_or_init(|| {
            let query = finish((self.build)(std::array::from_fn(stand_in)));
            Template::new::<N>(backend.build(&query))
        });
        let mut statement = template.statement.clone();
        let values = statement.values.iter_mut().flat_map(|values| &mut values.0);
        for (value, parameter) in values.zip(&template.parameters) {
            if let Some(given) = parameter.and_then(|number| given.get(number)) {
                value.clone_from(given);
            }
        }
        statement
    }
}

impl Template {
    fn new<const N: usize>(statement: Statement) -> Self {
        let values = statement.values.iter().flat_map(|values| &values.0);
        let number = |value: &Value| (0..N).find(|number| *value == stand_in(*number));
        let parameters = values.map(number).collect();
        Self { statement, parameters }
    }
}

/// What stands for a parameter while the query is built. No text of ours has a NUL.
fn stand_in(number: usize) -> Value {
    format!("\0{number}").into()
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::{Expr, ExprTrait as _, Query};

    use super::*;

    fn named([name, id]: [Value; 2]) -> SelectStatement {
        Query::select()
            .column("id")
            .from("account")
            .and_where(Expr::col("id").gt(id))
            .and_where(Expr::col("name").eq(name.clone()))
            .and_where(Expr::col("fixed").eq(3))
            .and_where(Expr::col("alias").ne(name))
            .limit(1)
            .take()
    }

    #[test]
    fn a_bound_query_is_the_query_that_is_built_with_the_same_values() {
        let prepared = PreparedQuery::new(named);
        for backend in [DbBackend::Sqlite, DbBackend::Postgres, DbBackend::MySql] {
            for name in ["ada", "eve"] {
                let given: [Value; 2] = [name.into(), 7.into()];
                let bound = prepared.bind(backend, &given, |query| query);
                assert_eq!(bound, backend.build(&named(given)), "{name} on {backend:?}");
            }
        }
    }
}
