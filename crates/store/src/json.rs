//! JSON columns: `jsonb` on PostgreSQL, elsewhere text as Django writes it.

use rest_auth_domain::json::spaced_ascii;
use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, Value, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, DbBackend, DbErr, IntoActiveValue, QueryResult, TryGetError, TryGetable};

/// A JSON column on any of the databases. [`Connection`](crate::connection::Connection) converts
/// its parameter to the form of the database.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonColumn(pub(crate) serde_json::Value);

impl JsonColumn {
    /// The parameter that stores this JSON.
    pub(crate) fn value(json: Option<Box<serde_json::Value>>, backend: DbBackend) -> Value {
        match backend {
            DbBackend::Postgres => Value::Json(json),
            _ => Value::String(json.map(|json| spaced_ascii(&json))),
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

impl From<serde_json::Value> for JsonColumn {
    fn from(json: serde_json::Value) -> Self {
        Self(json)
    }
}

impl From<JsonColumn> for Value {
    fn from(json: JsonColumn) -> Self {
        json.0.into()
    }
}

impl ValueType for JsonColumn {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <serde_json::Value as ValueType>::try_from(value).map(Self)
    }

    fn type_name() -> String {
        "JsonColumn".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::Json
    }

    fn column_type() -> ColumnType {
        ColumnType::JsonBinary
    }
}

impl Nullable for JsonColumn {
    fn null() -> Value {
        Value::Json(None)
    }
}

impl IntoActiveValue<Self> for JsonColumn {
    fn into_active_value(self) -> sea_orm::ActiveValue<Self> {
        sea_orm::Set(self)
    }
}
