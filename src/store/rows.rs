//! Rows as structs. What a struct is read from stands beside each of its fields; of a row that is written, each field is a
//! column. So neither can be forgotten, nor be taken for another.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Params, Row, params_from_iter};

use crate::domain::{Channel, EmailAddress, Localpart, RegistrationToken};

use super::{Reading, StoreError, Writing, instant, millis};

/// What a column can be read into.
pub(super) trait Load: Sized {
    fn load(value: ValueRef<'_>) -> FromSqlResult<Self>;
}

/// What can be written into a column.
pub(super) trait Save {
    fn save(&self) -> ToSqlOutput<'_>;
}

/// What a row can be read into.
pub(super) trait Selected: Sized {
    /// What is selected, in the order of the fields.
    const COLUMNS: &'static [&'static str];

    fn read(row: &Row<'_>) -> rusqlite::Result<Self>;
}

/// A new row of a table, which numbers it.
pub(super) trait Inserted {
    const SQL: &'static str;

    fn values(&self) -> Vec<ToSqlOutput<'_>>;
}

/// A struct of which each field says what it is read from.
macro_rules! selected {
    ($(#[$on:meta])* $vis:vis struct $name:ident {
        $($(#[$on_field:meta])* $field_vis:vis $field:ident: $type:ty = $column:literal,)+
    }) => {
        $(#[$on])*
        $vis struct $name { $($(#[$on_field])* $field_vis $field: $type,)+ }

        impl $crate::store::rows::Selected for $name {
            const COLUMNS: &'static [&'static str] = &[$($column),+];

            fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
                let mut next = 0;
                Ok(Self { $($field: $crate::store::rows::column(row, &mut next)?,)+ })
            }
        }
    };
}

/// A struct of which each field is a column of a table.
macro_rules! inserted {
    ($(#[$on:meta])* $vis:vis struct $name:ident in $table:literal {
        $($(#[$on_field:meta])* $field_vis:vis $field:ident: $type:ty,)+
    }) => {
        $(#[$on])*
        $vis struct $name { $($(#[$on_field])* $field_vis $field: $type,)+ }

        impl $crate::store::rows::Inserted for $name {
            const SQL: &'static str = concat!(
                "INSERT INTO ", $table, " (id", $(", ", stringify!($field),)+
                ") VALUES (NULL", $(", :", stringify!($field),)+ ")"
            );

            fn values(&self) -> Vec<rusqlite::types::ToSqlOutput<'_>> {
                vec![$($crate::store::rows::Save::save(&self.$field)),+]
            }
        }
    };
}

pub(super) use {inserted, selected};

/// The next column of a row.
pub(super) fn column<T: Load>(row: &Row<'_>, next: &mut usize) -> rusqlite::Result<T> {
    let index = *next;
    *next += 1;
    let value = row.get_ref(index)?;
    T::load(value)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, value.data_type(), error.into()))
}

impl Reading<'_> {
    /// The rows of what follows `SELECT … `.
    pub(super) fn rows<T: Selected>(&self, from: &str, values: impl Params) -> Result<Vec<T>, StoreError> {
        let mut statement = self.0.prepare_cached(&format!("SELECT {} {from}", T::COLUMNS.join(", ")))?;
        Ok(statement.query_map(values, T::read)?.collect::<Result<_, _>>()?)
    }

    /// The first of them.
    pub(super) fn row<T: Selected>(&self, from: &str, values: impl Params) -> Result<Option<T>, StoreError> {
        let mut statement = self.0.prepare_cached(&format!("SELECT {} {from}", T::COLUMNS.join(", ")))?;
        Ok(statement.query_row(values, T::read).optional()?)
    }

    /// The first column of all rows.
    pub(super) fn list<T: Load>(&self, sql: &str, values: impl Params) -> Result<Vec<T>, StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        Ok(statement.query_map(values, |row| column(row, &mut 0))?.collect::<Result<_, _>>()?)
    }

    /// The first column of the first row, where there is one.
    pub(super) fn found<T: Load>(&self, sql: &str, values: impl Params) -> Result<Option<T>, StoreError> {
        Ok(self.0.prepare_cached(sql)?.query_row(values, |row| column(row, &mut 0)).optional()?)
    }

    /// The first column of the only row.
    pub(super) fn value<T: Load>(&self, sql: &str, values: impl Params) -> Result<T, StoreError> {
        Ok(self.0.prepare_cached(sql)?.query_row(values, |row| column(row, &mut 0))?)
    }
}

impl Writing<'_> {
    /// Executes it. Returns how many rows it touched.
    pub(super) fn sql(&self, sql: &str, values: impl Params) -> Result<usize, StoreError> {
        Ok(self.0.0.prepare_cached(sql)?.execute(values)?)
    }

    /// Adds a row. Returns its number.
    pub(super) fn insert<T: Inserted>(&self, row: &T) -> Result<i64, StoreError> {
        self.sql(T::SQL, params_from_iter(row.values()))?;
        Ok(self.0.0.last_insert_rowid())
    }
}

/// As SQLite has them.
macro_rules! as_they_are {
    ($($type:ty),+) => { $(
        impl Load for $type {
            fn load(value: ValueRef<'_>) -> FromSqlResult<Self> {
                FromSql::column_result(value)
            }
        }
        impl Save for $type {
            fn save(&self) -> ToSqlOutput<'_> {
                self.clone().into()
            }
        }
    )+ };
}

as_they_are!(bool, i64, u32, String);

/// Words that stand for a variant each, as `strum` derives them.
macro_rules! words {
    ($($type:ty),+) => { $(
        impl $crate::store::rows::Load for $type {
            fn load(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                value.as_str()?.parse().map_err(rusqlite::types::FromSqlError::other)
            }
        }
        impl $crate::store::rows::Save for $type {
            fn save(&self) -> rusqlite::types::ToSqlOutput<'_> {
                <&'static str>::from(self).into()
            }
        }
    )+ };
}

pub(super) use words;

impl<T: Load> Load for Option<T> {
    fn load(value: ValueRef<'_>) -> FromSqlResult<Self> {
        if value == ValueRef::Null { Ok(None) } else { T::load(value).map(Some) }
    }
}

impl<T: Save> Save for Option<T> {
    fn save(&self) -> ToSqlOutput<'_> {
        self.as_ref().map_or(ToSqlOutput::Borrowed(ValueRef::Null), T::save)
    }
}

impl Save for &'static str {
    fn save(&self) -> ToSqlOutput<'_> {
        (*self).into()
    }
}

impl Load for u64 {
    fn load(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(i64::unsigned_abs)
    }
}

impl Save for u64 {
    fn save(&self) -> ToSqlOutput<'_> {
        i64::try_from(*self).unwrap_or(i64::MAX).into()
    }
}

impl Load for DateTime<Utc> {
    fn load(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(instant)
    }
}

impl Save for DateTime<Utc> {
    fn save(&self) -> ToSqlOutput<'_> {
        millis(*self).into()
    }
}

impl Load for TimeDelta {
    fn load(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(TimeDelta::milliseconds)
    }
}

impl Load for IpAddr {
    fn load(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(FromSqlError::other)
    }
}

impl Save for IpAddr {
    fn save(&self) -> ToSqlOutput<'_> {
        self.to_string().into()
    }
}

impl Save for Channel {
    fn save(&self) -> ToSqlOutput<'_> {
        self.word().into()
    }
}

impl Load for Localpart {
    fn load(value: ValueRef<'_>) -> FromSqlResult<Self> {
        String::load(value).map(Self::from_stored)
    }
}

impl Load for EmailAddress {
    fn load(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).map_err(|_| FromSqlError::InvalidType)
    }
}

impl Load for RegistrationToken {
    fn load(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).map_err(|_| FromSqlError::InvalidType)
    }
}

impl Save for RegistrationToken {
    fn save(&self) -> ToSqlOutput<'_> {
        self.reveal().into()
    }
}
