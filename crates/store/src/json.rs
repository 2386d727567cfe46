//! JSON columns: `jsonb` on PostgreSQL, text elsewhere.

use sea_orm::sea_query::Value;
use sea_orm::{ColIdx, DbBackend, DbErr, QueryResult, TryGetError, TryGetable};

/// A JSON column, whichever database it comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonColumn(pub(crate) serde_json::Value);

impl JsonColumn {
    /// The parameter that stores this JSON.
    pub(crate) fn value(json: Option<Box<serde_json::Value>>, backend: DbBackend) -> Value {
        match backend {
            DbBackend::Postgres => Value::Json(json),
            _ => Value::String(json.map(|json| json.to_string())),
        }
    }
}

impl TryGetable for JsonColumn {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        // MySQL's own json type is not text; SQLite's and MariaDB's columns are.
        if row.try_as_sqlite_row().is_none() {
            return serde_json::Value::try_get_by(row, index).map(Self);
        }
        let stored = String::try_get_by(row, index)?;
        serde_json::from_str(&stored)
            .map(Self)
            .map_err(|error| TryGetError::DbErr(DbErr::Json(error.to_string())))
    }
}
