//! What is done with a corrupt database: it is set aside untouched, and what can be read of it is saved.
//!
//! Envelopes are self-contained and carry a digest, so a row that reads back whole is as good as new; their ids
//! make sending them again harmless. A corrupt file is never repaired in place. Tickets' records are not saved:
//! the central has them.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use sportello_wire::envelope::Envelope;

use super::{
    database::{self, DATABASE_FILE, Opened},
    error::{OutboxError, QuarantineReason},
    rows,
};

/// The new database while it is being filled.
const UNFINISHED_FILE: &str = "outbox.db.new";
/// The new database when all is in it that could be saved.
const COMPLETE_FILE: &str = "outbox.db.saved";
/// How many databases may be set aside at the same time.
const MAX_SAME_TIME: u32 = 1_000;

/// What happened to a corrupt database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Where the corrupt files are now.
    pub set_aside: PathBuf,
    /// How many envelopes wait again.
    pub saved: usize,
    /// How many rows are known to have been there and could not be read.
    pub lost_rows: usize,
}

/// One row as it was read.
struct Row {
    envelope: Envelope,
    ticket: [u8; 32],
    reason: Option<QuarantineReason>,
    first_sent_at: Option<i64>,
    last_sent_at: Option<i64>,
    settled_at: Option<i64>,
}

/// Saves the readable envelopes of a corrupt database into a new one with a new epoch, and sets it aside.
///
/// It may be cut off at any point: the corrupt files are not touched before the new one is complete, and from
/// then on [`finish`] does the rest.
pub(super) fn recover(folder: &Path, now: Timestamp) -> Result<Recovery, OutboxError> {
    let lost_rows = save_readable(folder)?;
    let recovery = finish(folder, now)?.ok_or(OutboxError::Damaged)?;
    tracing::error!(saved = recovery.saved, lost_rows, "the outbox was corrupt and has been made anew");
    Ok(Recovery { lost_rows, ..recovery })
}

/// Puts a complete new database into the corrupt one's place; none if there is nothing to finish.
pub(super) fn finish(folder: &Path, now: Timestamp) -> Result<Option<Recovery>, OutboxError> {
    let complete = folder.join(COMPLETE_FILE);
    if !complete.exists() {
        return Ok(None);
    }
    let set_aside = set_aside(folder, now)?;
    rename(&complete, &folder.join(DATABASE_FILE))?;
    let connection = Connection::open(folder.join(DATABASE_FILE))?;
    let saved = connection.query_row("SELECT count(*) FROM submission", [], |row| row.get::<_, i64>(0))?;
    Ok(Some(Recovery { set_aside, saved: saved as usize, lost_rows: 0 }))
}

/// Makes the new database beside the corrupt one; returns how many rows could not be read.
fn save_readable(folder: &Path) -> Result<usize, OutboxError> {
    let unfinished = folder.join(UNFINISHED_FILE);
    for suffix in ["", "-wal", "-shm"] {
        let left_over = folder.join(format!("{UNFINISHED_FILE}{suffix}"));
        if left_over.exists() {
            fs::remove_file(&left_over).map_err(OutboxError::file(&left_over))?;
        }
    }
    let Opened::Sound(mut connection) = database::open(&unfinished)? else {
        return Err(OutboxError::Damaged);
    };
    let (rows, mut lost_rows) = readable(&folder.join(DATABASE_FILE));
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for row in rows {
        match rows::insert(&transaction, &row.envelope, &row.ticket) {
            // A corrupt file may show one row twice.
            Err(OutboxError::Database(error))
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) =>
            {
                lost_rows += 1;
                continue;
            }
            other => other?,
        }
        transaction.execute(
            "UPDATE submission SET state = iif(?2 IS NULL, 'waiting', 'quarantined'),
                 reason = ?2, first_sent_at = ?3, last_sent_at = ?4, settled_at = ?5 WHERE id = ?1",
            rusqlite::params![
                row.envelope.header.id.into_bytes(),
                row.reason.map(QuarantineReason::as_str),
                row.first_sent_at,
                row.last_sent_at,
                row.settled_at,
            ],
        )?;
    }
    transaction.commit()?;
    database::truncate_wal(&connection)?;
    connection.close().map_err(|(_, error)| error)?;
    rename(&unfinished, &folder.join(COMPLETE_FILE))?;
    Ok(lost_rows)
}

/// Moves the corrupt database with its companions into `quarantine/TIME/`.
fn set_aside(folder: &Path, now: Timestamp) -> Result<PathBuf, OutboxError> {
    let name = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let quarantine = folder.join("quarantine");
    let target = (0..MAX_SAME_TIME)
        .map(|count| quarantine.join(if count == 0 { name.clone() } else { format!("{name}-{count}") }))
        .find(|path| !path.exists())
        .unwrap_or_else(|| quarantine.join(&name));
    fs::create_dir_all(&target).map_err(OutboxError::file(&target))?;
    for suffix in ["-wal", "-shm", ""] {
        let file = format!("{DATABASE_FILE}{suffix}");
        let from = folder.join(&file);
        if from.exists() {
            rename(&from, &target.join(&file))?;
        }
    }
    Ok(target)
}

/// Renames a file and waits until the disk has it.
fn rename(from: &Path, to: &Path) -> Result<(), OutboxError> {
    fs::rename(from, to).map_err(OutboxError::file(from))?;
    let folders = from.parent().into_iter().chain(to.parent());
    folders.into_iter().try_for_each(|folder| {
        File::open(folder).and_then(|opened| opened.sync_all()).map_err(OutboxError::file(folder))
    })
}

/// Reads all rows that can be read: upwards until it fails, downwards until it fails, then one by one between.
fn readable(path: &Path) -> (Vec<Row>, usize) {
    // Read-only, so that not even closing it changes the evidence.
    let Ok(connection) = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY) else {
        return (Vec::new(), 0);
    };
    let mut found = BTreeMap::new();
    let upwards_whole = scan(&connection, "ORDER BY place", &mut found);
    let mut lost_rows = 0;
    if !upwards_whole {
        let below = found.last_key_value().map_or(0, |(place, _)| *place);
        scan(&connection, "ORDER BY place DESC", &mut found);
        let above = found.range(below + 1..).next().map_or(below + 1, |(place, _)| *place);
        for place in below + 1..above {
            if !scan(&connection, &format!("AND place = {place}"), &mut found) {
                lost_rows += 1;
            }
        }
    }
    lost_rows += found.values().filter(|row| row.is_none()).count();
    (found.into_values().flatten().collect(), lost_rows)
}

/// Collects rows until the end or the first failure; says whether it came to the end.
fn scan(connection: &Connection, order: &str, found: &mut BTreeMap<i64, Option<Row>>) -> bool {
    let sql = format!(
        "SELECT place, envelope, digest, ticket, reason, first_sent_at, last_sent_at, settled_at
         FROM submission NOT INDEXED WHERE envelope IS NOT NULL {order}"
    );
    let Ok(mut statement) = connection.prepare(&sql) else { return false };
    let Ok(mut rows) = statement.query([]) else { return false };
    loop {
        match rows.next() {
            Ok(Some(row)) => {
                if let Ok(place) = row.get(0) {
                    found.insert(place, read(row));
                }
            }
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

/// Reads one row; none if it is not what was written.
fn read(row: &rusqlite::Row<'_>) -> Option<Row> {
    let envelope: Envelope = serde_json::from_str(row.get_ref(1).ok()?.as_str().ok()?).ok()?;
    let digest: String = row.get(2).ok()?;
    let reason: Option<String> = row.get(4).ok()?;
    (envelope.digest() == digest).then_some(Row {
        envelope,
        ticket: row.get(3).ok()?,
        reason: reason.as_deref().and_then(QuarantineReason::from_name),
        first_sent_at: row.get(5).ok()?,
        last_sent_at: row.get(6).ok()?,
        settled_at: row.get(7).ok()?,
    })
}
