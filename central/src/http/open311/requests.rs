//! Which tickets are public, read from the database.

use std::fmt::Write as _;

use sea_orm::Value;
use sportello_wire::ticket::Status;
use uuid::Uuid;

use super::{
    query::{Selection, Which},
    record::Listed,
};
use crate::{
    store::{Row, Sql as _, Store, StoreError},
    ticket::Happening,
};

/// Reads the selected tickets that are public, newest first.
pub(super) async fn select(
    store: &Store,
    authority: &str,
    selection: &Selection,
) -> Result<Vec<Listed>, StoreError> {
    let mut sql = "SELECT t.id, t.category, t.office, t.status, t.changed_at_ms, e.json FROM ticket t \
                   JOIN ticket_event e ON e.authority = t.authority AND e.ticket = t.id AND e.sequence = 1 \
                   WHERE t.authority = $1 AND t.category <> '' AND (t.channel = 'open311' OR t.kind = 'report')"
        .to_owned();
    let mut values: Vec<Value> = vec![authority.into()];
    match &selection.which {
        Which::Ids(ids) => {
            // What is no UUID is nobody's id; a nil one keeps the list from being empty, which SQL does not take.
            let mut ids: Vec<String> =
                ids.iter().filter_map(|id| Some(Uuid::parse_str(id).ok()?.to_string())).collect();
            ids.push(Uuid::nil().to_string());
            one_of(&mut sql, &mut values, "t.id", &ids);
        }
        Which::Made { from, to, services, open } => {
            values.extend([from.as_millisecond().into(), to.as_millisecond().into()]);
            sql.push_str(" AND t.submitted_at_ms >= $2 AND t.submitted_at_ms <= $3");
            one_of(&mut sql, &mut values, "t.category", services);
            match open {
                Some(true) => sql.push_str(" AND t.status <> 'resolved'"),
                Some(false) => sql.push_str(" AND t.status = 'resolved'"),
                None => {}
            }
        }
    }
    let (limit, offset) = (values.len() + 1, values.len() + 2);
    // Writing into a String cannot fail.
    let _ = write!(sql, " ORDER BY t.submitted_at_ms DESC, t.id LIMIT ${limit} OFFSET ${offset}");
    values.extend([number(selection.limit), number(selection.offset)]);
    store.read().all_of(&sql, values).await?.iter().map(listed).collect()
}

/// The id of the one ticket that was posted with this Idempotency-Key. Two clients that chose the same
/// key cannot be told apart here, so neither is told.
pub(super) async fn of_token(
    store: &Store,
    authority: &str,
    token: &str,
) -> Result<Option<Uuid>, StoreError> {
    let sql = "SELECT ticket FROM open311_post WHERE authority = $1 AND idempotency_key = $2 LIMIT 2";
    let rows = store.read().all(sql, [authority.into(), token.into()]).await?;
    match rows.as_slice() {
        [row] => row.parse("ticket").map(Some),
        _ => Ok(None),
    }
}

fn one_of(sql: &mut String, values: &mut Vec<Value>, column: &str, allowed: &[String]) {
    if allowed.is_empty() {
        return;
    }
    let places: Vec<String> = (1..=allowed.len()).map(|place| format!("${}", values.len() + place)).collect();
    let _ = write!(sql, " AND {column} IN ({})", places.join(", "));
    values.extend(allowed.iter().map(|value| Value::from(value.as_str())));
}

fn number(number: u64) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

fn listed(row: &Row) -> Result<Listed, StoreError> {
    let status: String = row.read("status")?;
    let Happening::Opened(opened) = row.json("json")? else {
        return Err(StoreError::Unreadable { what: "first event" });
    };
    Ok(Listed {
        id: row.parse("id")?,
        category: row.read("category")?,
        office: row.read("office")?,
        status: [Status::Received, Status::InProgress, Status::WaitingForCitizen, Status::Resolved]
            .into_iter()
            .find(|known| known.as_str() == status)
            .ok_or(StoreError::Unreadable { what: "status" })?,
        changed_at: row.time("changed_at_ms")?,
        opened: *opened,
    })
}
