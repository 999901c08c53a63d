//! Statements with `$1`, `$2` … for both databases, and rows read by column name.
//!
//! Only what removes noise: no query builder, no mapping of types.

use std::str::FromStr;

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, QueryResult, Statement, TryGetable, Value};
use serde::de::DeserializeOwned;

use super::StoreError;

/// Statements on a connection or in a transaction.
pub(crate) trait Sql: ConnectionTrait {
    /// Executes a statement and returns how many rows it touched.
    async fn run<const N: usize>(&self, sql: &str, values: [Value; N]) -> Result<u64, StoreError> {
        Ok(self.execute_raw(statement(self, sql, values)).await?.rows_affected())
    }

    /// Reads the first row.
    async fn one<const N: usize>(&self, sql: &str, values: [Value; N]) -> Result<Option<Row>, StoreError> {
        Ok(self.query_one_raw(statement(self, sql, values)).await?.map(Row))
    }

    /// Reads all rows.
    async fn all<const N: usize>(&self, sql: &str, values: [Value; N]) -> Result<Vec<Row>, StoreError> {
        self.all_of(sql, values.into()).await
    }

    /// Reads all rows of a statement whose number of values is not known before.
    async fn all_of(&self, sql: &str, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        Ok(self.query_all_raw(statement(self, sql, values)).await?.into_iter().map(Row).collect())
    }
}

impl<C: ConnectionTrait> Sql for C {}

fn statement<C: ConnectionTrait + ?Sized>(
    on: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    Statement::from_sql_and_values(on.get_database_backend(), sql, values)
}

/// One row of an answer.
pub(crate) struct Row(QueryResult);

impl Row {
    /// Reads a column.
    pub(crate) fn read<T: TryGetable>(&self, column: &'static str) -> Result<T, StoreError> {
        Ok(self.0.try_get("", column)?)
    }

    /// Reads a column of milliseconds since 1970.
    pub(crate) fn time(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        Timestamp::from_millisecond(self.read(column)?).map_err(|_| StoreError::Unreadable { what: column })
    }

    /// Reads a column of text that is written by something with a stable name.
    pub(crate) fn parse<T: FromStr>(&self, column: &'static str) -> Result<T, StoreError> {
        let text: String = self.read(column)?;
        text.parse().map_err(|_| StoreError::Unreadable { what: column })
    }

    /// Reads a column of JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        let text: String = self.read(column)?;
        Ok(serde_json::from_str(&text)?)
    }

    /// Reads a column of a whole number that is never negative.
    pub(crate) fn number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, StoreError> {
        let number: i64 = self.read(column)?;
        T::try_from(number).map_err(|_| StoreError::Unreadable { what: column })
    }
}
