//! The outbox's database: how it is opened, its tables, its migrations.
//!
//! SQLite in WAL mode with `synchronous=FULL`: a commit returns only when it is on the disk. There is one
//! connection, because SQLite before 3.51.3 may corrupt a WAL that two connections reset at once.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};
use uuid::Uuid;

use super::error::OutboxError;

/// The oldest SQLite that is used, as `sqlite3_libversion_number()` tells it: 3.51.3.
pub const SQLITE_VERSION_NEEDED: i32 = 3_051_003;
/// The database's name in the data folder.
pub(super) const DATABASE_FILE: &str = "outbox.db";

const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// Each migration brings the format from its index to the next. They are never edited, only added to. Formats
/// must stay readable for the version before, because an update that is rolled back does not roll back data.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE queue (
        epoch BLOB NOT NULL,
        last_sequence INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE submission (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        id BLOB NOT NULL UNIQUE,
        epoch BLOB NOT NULL,
        sequence INTEGER NOT NULL,
        kind TEXT NOT NULL,
        ticket BLOB NOT NULL,
        submitted_at INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'quarantined')),
        envelope TEXT,
        digest TEXT NOT NULL,
        reason TEXT,
        first_sent_at INTEGER,
        last_sent_at INTEGER,
        settled_at INTEGER,
        UNIQUE (epoch, sequence),
        CHECK (envelope IS NOT NULL OR state = 'delivered')
    ) STRICT;
    CREATE INDEX submission_by_state ON submission (state, place);
    CREATE INDEX submission_by_ticket ON submission (ticket) WHERE state = 'waiting';
    CREATE TABLE ticket (
        name BLOB PRIMARY KEY,
        record BLOB NOT NULL,
        changed_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
"];

/// Whether a database could be opened, or is beyond opening.
pub(super) enum Opened {
    /// It is sound.
    Sound(Connection),
    /// It is no database, or not a sound one.
    Corrupt,
}

/// Opens or makes the database, checks it, and brings it to the newest format.
pub(super) fn open(path: &Path) -> Result<Opened, OutboxError> {
    if rusqlite::version_number() < SQLITE_VERSION_NEEDED {
        return Err(OutboxError::SqliteTooOld(rusqlite::version_number()));
    }
    match open_checked(path) {
        Ok(Some(connection)) => Ok(Opened::Sound(connection)),
        Ok(None) => Ok(Opened::Corrupt),
        Err(OutboxError::Database(error)) if is_corruption(&error) => Ok(Opened::Corrupt),
        Err(error) => Err(error),
    }
}

/// Whether the error says that the file is not what SQLite wrote.
pub(super) fn is_corruption(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

fn open_checked(path: &Path) -> Result<Option<Connection>, OutboxError> {
    let mut connection = Connection::open(path)?;
    // The command line may list the queue while the kiosk runs.
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "journal_size_limit", 4 * 1024 * 1024)?;
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Ok(None);
    }
    migrate(&mut connection)?;
    truncate_wal(&connection)?;
    Ok(Some(connection))
}

fn migrate(connection: &mut Connection) -> Result<(), OutboxError> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = MIGRATIONS.len() as i64;
    if found > known {
        return Err(OutboxError::NewerFormat { found, known });
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for migration in MIGRATIONS.iter().skip(found as usize) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    let has_epoch = transaction.query_row("SELECT 1 FROM queue", [], |_| Ok(())).optional()?.is_some();
    if !has_epoch {
        let epoch = Uuid::new_v4().into_bytes();
        transaction.execute("INSERT INTO queue (epoch, last_sequence) VALUES (?1, 0)", [epoch])?;
    }
    transaction.commit()?;
    Ok(())
}

/// Moves all of the WAL into the database and empties it, so that what was deleted is gone from both.
pub(super) fn truncate_wal(connection: &Connection) -> Result<(), OutboxError> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(path: &Path) -> Connection {
        match open(path).expect("opened") {
            Opened::Sound(connection) => connection,
            Opened::Corrupt => panic!("corrupt"),
        }
    }

    #[test]
    fn every_commit_waits_for_the_disk() {
        let folder = tempfile::tempdir().expect("a folder");
        let connection = sound(&folder.path().join(DATABASE_FILE));
        let pragma = |name: &str| -> String {
            connection
                .query_row(&format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"), [], |row| row.get(0))
                .expect("a pragma")
        };
        assert_eq!(pragma("journal_mode"), "wal");
        assert_eq!(pragma("synchronous"), "2");
        assert_eq!(pragma("secure_delete"), "1");
    }

    #[test]
    fn a_database_of_a_newer_version_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(DATABASE_FILE);
        sound(&path).pragma_update(None, "user_version", 99).expect("set");
        assert!(matches!(open(&path), Err(OutboxError::NewerFormat { found: 99, .. })));
    }
}
