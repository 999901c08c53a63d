//! Tickets in lists: one row for each, made anew from the ticket whenever it changes.
//!
//! A row decides nothing; whatever is done with a ticket is decided on its events.

use jiff::{Timestamp, civil::Date};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Value};
use sportello_wire::{
    code::TicketCode,
    submission::Kind,
    ticket::{ProtocolNumber, Status},
};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};
use uuid::Uuid;

use super::fold::Ticket;
use crate::store::{Row, Sql as _, StoreError};

/// How many characters of the words a list shows.
const BEGINNING_CHARS: usize = 160;
/// The most rows of one page.
pub const MAX_PAGE_SIZE: u32 = 500;

/// A ticket in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketRow {
    /// The ticket's id.
    pub id: Uuid,
    /// The citizen's code.
    pub code: TicketCode,
    /// What it is.
    pub kind: Kind,
    /// The category's code, or "".
    pub category: String,
    /// The code of the office that has it, or "".
    pub office: String,
    /// The login of who has taken it, or "".
    pub taken_by: String,
    /// Where it stands.
    pub status: Status,
    /// The channel's stable name.
    pub channel: String,
    /// The kiosk's site, or "".
    pub site: String,
    /// The place in one line, or "".
    pub place: String,
    /// How the words begin.
    pub beginning: String,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// When the last thing happened.
    pub changed_at: Timestamp,
    /// The day by which it will be answered.
    pub due_on: Date,
    /// Its number in the register.
    pub protocol: ProtocolNumber,
}

/// Which tickets. Empty means all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only these tickets.
    pub ids: Vec<Uuid>,
    /// Only those that one of these offices has.
    pub offices: Vec<String>,
    /// Only those that this login has taken.
    pub taken_by: Option<String>,
    /// Only those that stand so.
    pub statuses: Vec<Status>,
    /// Only those of these categories.
    pub categories: Vec<String>,
    /// Only open ones that had to be answered before this day.
    pub overdue_on: Option<Date>,
    /// Only those submitted at this time or later.
    pub submitted_from: Option<Timestamp>,
    /// Only those submitted at this time or earlier.
    pub submitted_to: Option<Timestamp>,
    /// Only those to which something happened at this time or later.
    pub changed_from: Option<Timestamp>,
    /// Only those to which nothing happened after this time.
    pub changed_to: Option<Timestamp>,
    /// Only those in which all of these words occur (code, number, words, place, contact), whatever the accents.
    pub search: String,
    /// Whether those with the nearest term come first, instead of the newest.
    pub by_term: bool,
}

/// Which page of a list.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// 1, 2, 3 …
    pub number: u32,
    /// How many rows, at most [`MAX_PAGE_SIZE`].
    pub size: u32,
}

/// Writes the ticket's row.
pub(super) async fn put(transaction: &DatabaseTransaction, ticket: &Ticket) -> Result<(), StoreError> {
    let sql = "INSERT INTO ticket (authority, id, code, kind, category, office, taken_by, status, channel, site, place, \
               beginning, search, submitted_at_ms, received_at_ms, changed_at_ms, due_on, protocol_year, \
               protocol_number, last_sequence) \
               VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20) \
               ON CONFLICT (authority, id) DO UPDATE SET office = excluded.office, taken_by = excluded.taken_by, \
               status = excluded.status, search = excluded.search, changed_at_ms = excluded.changed_at_ms, \
               protocol_year = excluded.protocol_year, protocol_number = excluded.protocol_number, \
               last_sequence = excluded.last_sequence";
    let opened = &ticket.opened;
    let protocol =
        ticket.protocol.ok_or(StoreError::Unreadable { what: "ticket without protocol number" })?;
    let values: [Value; 20] = [
        ticket.authority.as_str().into(),
        ticket.id.to_string().into(),
        opened.ticket.code.compact().into(),
        opened.ticket.kind.as_str().into(),
        opened.ticket.category.clone().unwrap_or_default().into(),
        ticket.office.clone().unwrap_or_default().into(),
        ticket.taken_by.clone().unwrap_or_default().into(),
        ticket.status.as_str().into(),
        opened.channel.as_str().into(),
        opened.site.as_str().into(),
        opened.ticket.place.line().into(),
        opened.ticket.words.chars().take(BEGINNING_CHARS).collect::<String>().into(),
        searchable(ticket, protocol).into(),
        opened.submitted_at.as_millisecond().into(),
        opened.received_at.as_millisecond().into(),
        ticket.changed_at.as_millisecond().into(),
        opened.due_on.to_string().into(),
        i64::from(protocol.year).into(),
        i64::from(protocol.number).into(),
        i64::from(ticket.last_sequence).into(),
    ];
    transaction.run(sql, values).await?;
    Ok(())
}

/// Reads a page of the list, and how many rows it has in all.
pub(super) async fn list<C: ConnectionTrait>(
    on: &C,
    authority: &str,
    filter: &Filter,
    page: Page,
) -> Result<(Vec<TicketRow>, u64), StoreError> {
    let (condition, mut values) = condition(authority, filter);
    let counted =
        on.all_of(&format!("SELECT COUNT(*) AS total FROM ticket WHERE {condition}"), values.clone()).await?;
    let total = counted.first().map_or(Ok(0), |row| row.number("total"))?;

    let order = if filter.by_term { "due_on, submitted_at_ms, id" } else { "submitted_at_ms DESC, id" };
    let size = i64::from(page.size.clamp(1, MAX_PAGE_SIZE));
    let start = i64::from(page.number.saturating_sub(1)) * size;
    let (limit, offset) = (values.len() + 1, values.len() + 2);
    values.extend([size.into(), start.into()]);
    let sql = format!(
        "SELECT id, code, kind, category, office, taken_by, status, channel, site, place, beginning, submitted_at_ms, \
         changed_at_ms, due_on, protocol_year, protocol_number FROM ticket WHERE {condition} ORDER BY {order} \
         LIMIT ${limit} OFFSET ${offset}"
    );
    let rows = on.all_of(&sql, values).await?;
    Ok((rows.iter().map(ticket_row).collect::<Result<_, _>>()?, total))
}

fn condition(authority: &str, filter: &Filter) -> (String, Vec<Value>) {
    let mut condition = Condition { sql: "authority = $1".to_owned(), values: vec![authority.into()] };
    condition.one_of("id", filter.ids.iter().map(|id| id.to_string().into()).collect());
    condition.one_of("office", filter.offices.iter().map(|office| office.as_str().into()).collect());
    condition.one_of("taken_by", filter.taken_by.iter().map(|login| login.as_str().into()).collect());
    condition.one_of("status", filter.statuses.iter().map(|status| status.as_str().into()).collect());
    condition.one_of("category", filter.categories.iter().map(|category| category.as_str().into()).collect());

    let ms = |time: Option<Timestamp>| time.map(|time| time.as_millisecond().into());
    condition.compared("submitted_at_ms >=", ms(filter.submitted_from));
    condition.compared("submitted_at_ms <=", ms(filter.submitted_to));
    condition.compared("changed_at_ms >=", ms(filter.changed_from));
    condition.compared("changed_at_ms <=", ms(filter.changed_to));
    condition
        .compared("status <> 'resolved' AND due_on <", filter.overdue_on.map(|day| day.to_string().into()));
    for word in folded(&filter.search).split_whitespace() {
        // `!` marks the signs that mean something to LIKE.
        let escaped = word.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        let place = condition.place(format!("%{escaped}%").into());
        condition.and(&format!("search LIKE {place} ESCAPE '!'"));
    }
    (condition.sql, condition.values)
}

/// What comes after WHERE, with the values for its places.
struct Condition {
    sql: String,
    values: Vec<Value>,
}

impl Condition {
    fn place(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    fn and(&mut self, sql: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(sql);
    }

    fn one_of(&mut self, column: &str, allowed: Vec<Value>) {
        if !allowed.is_empty() {
            let places: Vec<_> = allowed.into_iter().map(|value| self.place(value)).collect();
            self.and(&format!("{column} IN ({})", places.join(", ")));
        }
    }

    fn compared(&mut self, comparison: &str, value: Option<Value>) {
        if let Some(value) = value {
            let place = self.place(value);
            self.and(&format!("{comparison} {place}"));
        }
    }
}

fn searchable(ticket: &Ticket, protocol: ProtocolNumber) -> String {
    let new = &ticket.opened.ticket;
    let parts = [
        new.code.to_string(),
        new.code.compact(),
        protocol.to_string(),
        new.words.clone(),
        new.place.line(),
        new.contact.name.clone(),
        new.contact.email.clone(),
        new.contact.phone.clone(),
        ticket.opened.site.clone(),
    ];
    folded(&parts.join(" "))
}

/// Without capitals and accents, so that `perche` finds `Perché`.
fn folded(text: &str) -> String {
    text.nfd().filter(|char| !is_combining_mark(*char)).flat_map(char::to_lowercase).collect()
}

fn ticket_row(row: &Row) -> Result<TicketRow, StoreError> {
    let protocol =
        ProtocolNumber { year: row.number("protocol_year")?, number: row.number("protocol_number")? };
    Ok(TicketRow {
        id: row.parse("id")?,
        code: row.parse("code")?,
        kind: named(row, "kind", &Kind::ALL, Kind::as_str)?,
        category: row.read("category")?,
        office: row.read("office")?,
        taken_by: row.read("taken_by")?,
        status: named(row, "status", &STATUSES, Status::as_str)?,
        channel: row.read("channel")?,
        site: row.read("site")?,
        place: row.read("place")?,
        beginning: row.read("beginning")?,
        submitted_at: row.time("submitted_at_ms")?,
        changed_at: row.time("changed_at_ms")?,
        due_on: row.parse("due_on")?,
        protocol,
    })
}

const STATUSES: [Status; 4] =
    [Status::Received, Status::InProgress, Status::WaitingForCitizen, Status::Resolved];

fn named<T: Copy>(
    row: &Row,
    column: &'static str,
    all: &[T],
    name: fn(T) -> &'static str,
) -> Result<T, StoreError> {
    let text: String = row.read(column)?;
    all.iter().copied().find(|value| name(*value) == text).ok_or(StoreError::Unreadable { what: column })
}
