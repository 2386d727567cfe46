//! The counter of an authenticator in a column of Django's, which is unsigned on MySQL and has 31
//! bits elsewhere.

use sea_orm::sea_query::{ArrayType, ColumnType, Value, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, IntoActiveValue, QueryResult, TryGetError, TryGetable};

/// The largest number that the column takes on every database.
const LARGEST: u32 = i32::MAX.cast_unsigned();

/// A counter. Larger ones are cut: what is shown next is larger still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SignCount(u32);

impl SignCount {
    /// The counter.
    pub(crate) fn get(self) -> u32 {
        self.0
    }
}

impl TryGetable for SignCount {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let count = if row.try_as_mysql_row().is_some() {
            u32::try_get_by(row, index)?
        } else if row.try_as_pg_row().is_some() {
            i32::try_get_by(row, index)?.try_into().unwrap_or(0)
        } else {
            i64::try_get_by(row, index)?.try_into().unwrap_or(0)
        };
        Ok(Self(count))
    }
}

impl From<u32> for SignCount {
    fn from(count: u32) -> Self {
        Self(count.min(LARGEST))
    }
}

impl From<SignCount> for Value {
    fn from(count: SignCount) -> Self {
        i64::from(count.0).into()
    }
}

impl ValueType for SignCount {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let count = <i64 as ValueType>::try_from(value)?;
        count.try_into().map(Self).map_err(|_| ValueTypeErr)
    }

    fn type_name() -> String {
        "SignCount".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::BigInt
    }

    fn column_type() -> ColumnType {
        ColumnType::Integer
    }
}

impl IntoActiveValue<Self> for SignCount {
    fn into_active_value(self) -> sea_orm::ActiveValue<Self> {
        sea_orm::Set(self)
    }
}
