//! The events in the database: append and read. There is no way to change or remove one.

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use super::event::Event;
use crate::store::{Row, Sql as _, StoreError};

/// Adds an event. One with the same place among the ticket's events is refused by the key.
pub(super) async fn append(transaction: &DatabaseTransaction, event: &Event) -> Result<(), StoreError> {
    let sql = "INSERT INTO ticket_event (authority, ticket, sequence, at_ms, actor, kind, json) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = [
        event.authority.as_str().into(),
        event.ticket.to_string().into(),
        i64::from(event.sequence).into(),
        event.at.as_millisecond().into(),
        event.actor.to_string().into(),
        event.what.kind().into(),
        serde_json::to_string(&event.what)?.into(),
    ];
    transaction.run(sql, values).await?;
    Ok(())
}

/// Reads a ticket's events, oldest first; none if there is no such ticket.
pub(super) async fn read<C: ConnectionTrait>(
    on: &C,
    authority: &str,
    ticket: Uuid,
) -> Result<Vec<Event>, StoreError> {
    let sql = "SELECT authority, ticket, sequence, at_ms, actor, json FROM ticket_event \
               WHERE authority = $1 AND ticket = $2 ORDER BY sequence";
    on.all(sql, [authority.into(), ticket.to_string().into()]).await?.iter().map(event).collect()
}

fn event(row: &Row) -> Result<Event, StoreError> {
    Ok(Event {
        authority: row.read("authority")?,
        ticket: row.parse("ticket")?,
        sequence: row.number("sequence")?,
        at: row.time("at_ms")?,
        actor: row.parse("actor")?,
        what: row.json("json")?,
    })
}
