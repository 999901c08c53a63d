//! The database: SQLite by default, PostgreSQL by its URL, the same SQL for both.
//!
//! It knows transactions, retries and migrations. It deliberately knows no ticket: each area keeps
//! its own statements, in the subset that PostgreSQL-compatible distributed engines take as well
//! (`authority` first in every key, no sequences, no triggers, times as milliseconds, JSON as text).

mod migrations;
mod sql;

use std::{sync::Arc, time::Duration};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
    sqlx::{
        error::DatabaseError,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};
use tokio::sync::Mutex;

pub(crate) use sql::{Row, Sql};

use crate::random::Random;

/// How long a connection to SQLite waits for a lock.
const BUSY_TIMEOUT_MS: u64 = 5_000;
/// How long a connection to PostgreSQL is waited for, which may just be starting.
const CONNECT_TIMEOUT_MS: u64 = 5_000;
/// How many connections are kept at most.
const MAX_CONNECTIONS: u32 = 8;
/// How often a transaction that lost against another is tried in all.
const MAX_ATTEMPTS: u32 = 12;
/// The longest wait before another try, which doubles from one millisecond.
const MAX_WAIT_MS: u64 = 250;
/// Older versions can corrupt a database in WAL mode (SQLite 3.51.3, release notes).
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// Why the database could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address names no database that is known here.
    #[error("a database is `sqlite:PATH` or `postgres://…`")]
    Address,
    /// The database cannot be reached or made.
    #[error("the database cannot be opened")]
    Open(#[source] DbErr),
    /// The SQLite that was built in may corrupt a database.
    #[error("SQLite {found} is too old: 3.51.3 is needed")]
    OldSqlite {
        /// Its version.
        found: String,
    },
    /// A migration cannot be applied.
    #[error("migration {name} cannot be applied")]
    Migration {
        /// Which.
        name: &'static str,
        /// Why.
        #[source]
        source: Box<StoreError>,
    },
    /// The database was written by a later version of this program.
    #[error("the database is of a later version of this program (migration {version})")]
    Later {
        /// The migration that is not known here.
        version: i64,
    },
    /// A statement failed.
    #[error("the database refused a statement")]
    Database(#[from] DbErr),
    /// Somebody still holds on to a transaction whose work is done.
    #[error("a transaction was still in use at its end")]
    StillUsed,
    /// Something stored is not what this program stores.
    #[error("the database holds a {what} that cannot be read")]
    Unreadable {
        /// What.
        what: &'static str,
    },
    /// Something cannot be written as JSON, or is not the expected JSON.
    #[error("the database holds JSON that cannot be read")]
    Json(#[from] serde_json::Error),
}

impl StoreError {
    /// Whether the transaction lost against another one, so that a new try may succeed.
    pub fn is_conflict(&self) -> bool {
        let Self::Database(
            DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error))
            | DbErr::Conn(RuntimeErr::SqlxError(error)),
        ) = self
        else {
            return false;
        };
        let code = error.as_database_error().and_then(DatabaseError::code);
        // 40001 serialization failure, 40P01 deadlock; 5 SQLITE_BUSY, 517 BUSY_SNAPSHOT, 262 LOCKED_SHAREDCACHE.
        code.is_some_and(|code| matches!(&*code, "40001" | "40P01" | "5" | "261" | "517" | "6" | "262"))
    }
}

/// An error that may come from the store, so that a lost transaction can be told from a refused one.
pub trait FromStore: From<StoreError> {
    /// The store's error in it, if that is what it is.
    fn store_error(&self) -> Option<&StoreError>;
}

impl FromStore for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

/// A transaction, shared between [`Store::write`] and the work that is done in it.
pub type Transaction = Arc<DatabaseTransaction>;

/// The database. Clones share the connections.
#[derive(Clone)]
pub struct Store {
    connection: DatabaseConnection,
    /// SQLite has one writer: waiting here is fair, waiting for its lock is not.
    writer: Option<Arc<Mutex<()>>>,
    random: Arc<dyn Random>,
}

impl Store {
    /// Opens `sqlite:PATH` (made if it is not there) or `postgres://…`, and brings it up to date.
    pub async fn open(address: &str, random: Arc<dyn Random>) -> Result<Self, StoreError> {
        let sqlite_path = address
            .strip_prefix("sqlite:")
            .map(|path| path.strip_prefix("//").unwrap_or(path))
            .filter(|path| !path.is_empty())
            .map(str::to_owned);
        let options = match &sqlite_path {
            Some(path) => sqlite_options(path.clone()),
            None if address.starts_with("postgres:") || address.starts_with("postgresql:") => {
                let mut options = ConnectOptions::new(address);
                options
                    .max_connections(MAX_CONNECTIONS)
                    .sqlx_logging(false)
                    .acquire_timeout(Duration::from_millis(CONNECT_TIMEOUT_MS));
                options
            }
            None => return Err(StoreError::Address),
        };
        let connection = Database::connect(options).await.map_err(StoreError::Open)?;
        let writer = sqlite_path.map(|_| Arc::new(Mutex::new(())));
        let store = Self { connection, writer, random };
        store.check_sqlite().await?;
        migrations::apply(&store).await?;
        Ok(store)
    }

    /// The connection for reading outside of a transaction.
    pub fn read(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Closes all connections; SQLite writes its log back into the database.
    pub async fn close(&self) -> Result<(), StoreError> {
        Ok(self.connection.close_by_ref().await?)
    }

    /// Does `work` in one transaction: all of it, or, if it answers an error, nothing of it. `work` is done again
    /// if the transaction lost against another one, so it has to have no effect outside of the database. (It takes
    /// a shared transaction instead of a borrowed one because the compiler cannot yet see that an `AsyncFn` is `Send`.)
    pub async fn write<T, E, W, F>(&self, work: W) -> Result<T, E>
    where
        E: FromStore,
        W: Fn(Transaction) -> F,
        F: Future<Output = Result<T, E>>,
    {
        let _turn = match &self.writer {
            Some(writer) => Some(writer.lock().await),
            None => None,
        };
        let mut attempt = 1;
        loop {
            let lost = match self.once(&work).await {
                Err(error) if error.store_error().is_some_and(StoreError::is_conflict) => error,
                done => return done,
            };
            if attempt == MAX_ATTEMPTS {
                return Err(lost);
            }
            tokio::time::sleep(self.wait(attempt)).await;
            attempt += 1;
        }
    }

    async fn once<T, E, W, F>(&self, work: &W) -> Result<T, E>
    where
        E: FromStore,
        W: Fn(Transaction) -> F,
        F: Future<Output = Result<T, E>>,
    {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.connection.begin_with_options(options).await.map_err(StoreError::from)?;
        let transaction = Arc::new(transaction);
        let done = work(transaction.clone()).await;
        let transaction = Arc::into_inner(transaction).ok_or(StoreError::StillUsed)?;
        if done.is_ok() {
            transaction.commit().await.map_err(StoreError::from)?;
        } else {
            // The work's error says more than one of the rollback, which the connection's end does anyway.
            let _ = transaction.rollback().await;
        }
        done
    }

    /// Full jitter: anything between nothing and the doubled wait.
    fn wait(&self, attempt: u32) -> Duration {
        let longest_ms = (1_u64 << attempt.min(16)).min(MAX_WAIT_MS);
        let mut random = [0; 8];
        let share = self.random.fill(&mut random).map_or(longest_ms, |()| u64::from_le_bytes(random));
        Duration::from_millis(share % (longest_ms + 1))
    }

    async fn check_sqlite(&self) -> Result<(), StoreError> {
        if self.connection.get_database_backend() != DbBackend::Sqlite {
            return Ok(());
        }
        let row = self.connection.one("SELECT sqlite_version() AS version", []).await?;
        let found: String = row.ok_or(StoreError::Unreadable { what: "version" })?.read("version")?;
        if version(&found) < Some(OLDEST_SQLITE) { Err(StoreError::OldSqlite { found }) } else { Ok(()) }
    }
}

fn sqlite_options(path: String) -> ConnectOptions {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(MAX_CONNECTIONS).sqlx_logging(false).map_sqlx_sqlite_opts(move |options| {
        options
            .filename(&path)
            .in_memory(false)
            .shared_cache(false)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))
    });
    options
}

fn version(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(version("3.51.2") < Some(OLDEST_SQLITE));
        assert!(version("3.9.99") < Some(OLDEST_SQLITE));
        assert!(version("3.51.3") >= Some(OLDEST_SQLITE));
        assert!(version("nonsense") < Some(OLDEST_SQLITE));
    }

    #[tokio::test]
    async fn an_address_of_another_database_is_refused() {
        let random = Arc::new(crate::random::SystemRandom);
        assert!(matches!(Store::open("mysql://x", random.clone()).await, Err(StoreError::Address)));
        assert!(matches!(Store::open("sqlite:", random).await, Err(StoreError::Address)));
    }
}
