//! The keys of Django's tables.

use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, Value, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, DbErr, IntoActiveValue, QueryResult, TryFromU64, TryGetError, TryGetable};

/// A key that Django declares as `integer` or `bigint`, depending on the age of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(pub(crate) i64);

impl TryGetable for Id {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        // Only PostgreSQL's driver insists on the declared width.
        if row.try_as_pg_row().is_some() {
            match i32::try_get_by(row, index) {
                Ok(id) => return Ok(Self(i64::from(id))),
                Err(TryGetError::Null(column)) => return Err(TryGetError::Null(column)),
                Err(TryGetError::DbErr(_)) => {}
            }
        }
        i64::try_get_by(row, index).map(Self)
    }
}

impl From<i64> for Id {
    fn from(id: i64) -> Self {
        Self(id)
    }
}

impl From<Id> for i64 {
    fn from(id: Id) -> Self {
        id.0
    }
}

impl From<Id> for Value {
    fn from(id: Id) -> Self {
        id.0.into()
    }
}

impl ValueType for Id {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <i64 as ValueType>::try_from(value).map(Self)
    }

    fn type_name() -> String {
        "Id".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::BigInt
    }

    fn column_type() -> ColumnType {
        ColumnType::BigInteger
    }
}

impl Nullable for Id {
    fn null() -> Value {
        Value::BigInt(None)
    }
}

impl TryFromU64 for Id {
    fn try_from_u64(id: u64) -> Result<Self, DbErr> {
        i64::try_from_u64(id).map(Self)
    }
}

impl IntoActiveValue<Self> for Id {
    fn into_active_value(self) -> sea_orm::ActiveValue<Self> {
        sea_orm::Set(self)
    }
}
