//! Datetimes as Django stores them.
//!
//! SQLite keeps text and compares it as text, so the form decides whether `expire_date > now`
//! tells the truth: `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, with exactly six digits or, when they are
//! all zero, none and no point. MySQL keeps `datetime(6)` in UTC; a zoned parameter would pass
//! through its TIMESTAMP type, which ends in 2038. PostgreSQL keeps `timestamptz`.

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use rest_auth_domain::datetime::{from_sqlite, to_sqlite};
use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, Value, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, DbBackend, DbErr, IntoActiveValue, QueryResult, TryGetError, TryGetable};

/// A datetime column, whichever database it comes from. Its parameter takes the form that the
/// database needs on the way through [`Connection`](crate::connection::Connection).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DjangoTime(pub(crate) DateTime<Utc>);

impl DjangoTime {
    /// The parameter that stores or compares this time, cut to microseconds.
    pub(crate) fn value(time: Option<DateTime<Utc>>, backend: DbBackend) -> Value {
        let time = time.map(|time| time.trunc_subsecs(6));
        match backend {
            DbBackend::Postgres => Value::ChronoDateTimeUtc(time),
            DbBackend::MySql => Value::ChronoDateTime(time.map(|time| time.naive_utc())),
            _ => Value::String(time.map(to_sqlite)),
        }
    }
}

impl TryGetable for DjangoTime {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        if row.try_as_sqlite_row().is_some() {
            let stored = String::try_get_by(row, index)?;
            return from_sqlite(&stored).map(Self).ok_or_else(|| {
                TryGetError::DbErr(DbErr::Type(format!("not a datetime of Django's: {stored:?}")))
            });
        }
        if row.try_as_mysql_row().is_some() {
            return Ok(Self(NaiveDateTime::try_get_by(row, index)?.and_utc()));
        }
        DateTime::<Utc>::try_get_by(row, index).map(Self)
    }
}

impl From<DateTime<Utc>> for DjangoTime {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time)
    }
}

impl From<DjangoTime> for DateTime<Utc> {
    fn from(time: DjangoTime) -> Self {
        time.0
    }
}

impl From<DjangoTime> for Value {
    fn from(time: DjangoTime) -> Self {
        time.0.into()
    }
}

impl ValueType for DjangoTime {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <DateTime<Utc> as ValueType>::try_from(value).map(Self)
    }

    fn type_name() -> String {
        "DjangoTime".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::ChronoDateTimeUtc
    }

    fn column_type() -> ColumnType {
        ColumnType::TimestampWithTimeZone
    }
}

impl Nullable for DjangoTime {
    fn null() -> Value {
        Value::ChronoDateTimeUtc(None)
    }
}

impl IntoActiveValue<Self> for DjangoTime {
    fn into_active_value(self) -> sea_orm::ActiveValue<Self> {
        sea_orm::Set(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn writes_six_digits_or_none() {
        assert_eq!(to_sqlite(at("2026-02-03T04:05:06Z")), "2026-02-03 04:05:06");
        assert_eq!(to_sqlite(at("2026-02-03T04:05:06.5Z")), "2026-02-03 04:05:06.500000");
        assert_eq!(to_sqlite(at("2026-02-03T04:05:06.000001Z")), "2026-02-03 04:05:06.000001");
    }

    #[test]
    fn cuts_to_microseconds_before_writing() {
        let value =
            DjangoTime::value(Some(at("2026-02-03T04:05:06.000000999Z")), DbBackend::Sqlite);
        assert_eq!(value, Value::String(Some("2026-02-03 04:05:06".into())));
    }

    #[test]
    fn text_sorts_as_time() {
        let mut times: Vec<_> = ["06Z", "06.000001Z", "06.5Z", "06.51Z", "07Z"]
            .map(|end| at(&format!("2026-02-03T04:05:{end}")))
            .to_vec();
        let sorted = times.clone();
        times.reverse();
        times.sort_by_key(|time| to_sqlite(*time));
        assert_eq!(times, sorted);
    }

    #[test]
    fn reads_what_django_and_others_write() {
        for stored in ["2026-02-03 04:05:06.500000", "2026-02-03T04:05:06.5Z"] {
            assert_eq!(from_sqlite(stored), Some(at("2026-02-03T04:05:06.5Z")), "{stored}");
        }
        assert_eq!(from_sqlite("2026-02-03 04:05:06"), Some(at("2026-02-03T04:05:06Z")));
        assert_eq!(from_sqlite("yesterday"), None);
    }
}
