//! The rows of the outbox's tables: reading and writing single ones.
//!
//! When a row is written, and in which transaction, is decided by [`super::store`].

use jiff::Timestamp;
use rusqlite::{
    Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, named_params, params,
};
use sportello_wire::{envelope::Envelope, submission::SubmissionKind, ticket::TicketState};
use uuid::Uuid;

use super::{
    error::OutboxError,
    record::{Record, RecordKey},
};

pub(super) fn write(connection: &mut Connection) -> Result<Transaction<'_>, OutboxError> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

/// Writes an envelope as waiting. Its place in the queue is its header's.
pub(super) fn insert(
    transaction: &Transaction<'_>,
    envelope: &Envelope,
    ticket: &[u8; 32],
) -> Result<(), OutboxError> {
    let header = &envelope.header;
    let json = serde_json::to_string(envelope).map_err(|_| OutboxError::Damaged)?;
    transaction.execute(
        "INSERT INTO submission (id, epoch, sequence, kind, ticket, submitted_at, state, envelope, digest)
         VALUES (:id, :epoch, :sequence, :kind, :ticket, :submitted_at, 'waiting', :envelope, :digest)",
        named_params! {
            ":id": header.id.into_bytes(),
            ":epoch": header.epoch.into_bytes(),
            ":sequence": header.sequence as i64,
            ":kind": kind_name(header.kind),
            ":ticket": ticket,
            ":submitted_at": header.submitted_at.as_millisecond(),
            ":envelope": json,
            ":digest": envelope.digest(),
        },
    )?;
    Ok(())
}

pub(super) fn find(
    connection: &Connection,
    id: Uuid,
) -> Result<Option<([u8; 32], u64, Timestamp)>, OutboxError> {
    connection
        .query_row(
            "SELECT ticket, sequence, submitted_at FROM submission WHERE id = ?1",
            [id.into_bytes()],
            |row| Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get(2)?)),
        )
        .optional()?
        .map(|(ticket, sequence, at_ms)| Ok((ticket, sequence as u64, time(at_ms)?)))
        .transpose()
}

pub(super) fn epoch_and_sequence(connection: &Connection) -> Result<(Uuid, u64), OutboxError> {
    Ok(connection.query_row("SELECT epoch, last_sequence FROM queue", [], |row| {
        Ok((uuid(row, 0)?, row.get::<_, i64>(1)? as u64))
    })?)
}

pub(super) fn learn(
    transaction: &Transaction<'_>,
    key: &RecordKey,
    state: &TicketState,
    now: Timestamp,
) -> Result<(), OutboxError> {
    let record = read_record(transaction, key)?.unwrap_or_default();
    let record = Record {
        submitted_at: record.submitted_at.or(Some(state.submitted_at)),
        kind: Some(state.kind),
        state: Some(state.clone()),
        state_at: Some(now),
        remote: record.remote,
    };
    write_record(transaction, key, &record, now)
}

/// A record that cannot be read counts as none: it is a convenience, and the central has the truth.
pub(super) fn read_record(connection: &Connection, key: &RecordKey) -> Result<Option<Record>, OutboxError> {
    let sealed: Option<Vec<u8>> = connection
        .query_row("SELECT record FROM ticket WHERE name = ?1", [key.name], |row| row.get(0))
        .optional()?;
    Ok(sealed.and_then(|sealed| key.open(&sealed)))
}

pub(super) fn write_record(
    transaction: &Transaction<'_>,
    key: &RecordKey,
    record: &Record,
    now: Timestamp,
) -> Result<(), OutboxError> {
    let sealed = key.seal(record).ok_or(OutboxError::Damaged)?;
    transaction.execute(
        "INSERT INTO ticket (name, record, changed_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET record = excluded.record, changed_at = excluded.changed_at",
        params![key.name, sealed, now.as_millisecond()],
    )?;
    Ok(())
}

pub(super) fn kind_name(kind: SubmissionKind) -> &'static str {
    match kind {
        SubmissionKind::Ticket => "ticket",
        SubmissionKind::FollowUp => "follow_up",
    }
}

pub(super) fn kind(name: &str) -> Result<SubmissionKind, OutboxError> {
    match name {
        "ticket" => Ok(SubmissionKind::Ticket),
        "follow_up" => Ok(SubmissionKind::FollowUp),
        _ => Err(OutboxError::Damaged),
    }
}

pub(super) fn uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get(column).map(Uuid::from_bytes)
}

pub(super) fn time(at_ms: i64) -> Result<Timestamp, OutboxError> {
    Timestamp::from_millisecond(at_ms).map_err(|_| OutboxError::Damaged)
}
