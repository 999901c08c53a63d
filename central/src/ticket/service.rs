//! Opening tickets, doing something with them, and reading them.
//!
//! One transaction for each: the events, the number, the office and the row of the list come
//! together or not at all.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use sportello_wire::{
    code::TicketCode,
    envelope::ClockState,
    submission::{MAX_FIELD_CHARS, MAX_WORDS_CHARS, NewTicket, Place},
    ticket::{ProtocolNumber, TicketState},
};
use uuid::Uuid;

use super::{
    event::{Actor, Channel, Event, Happening, Opened},
    fold::{FoldError, Ticket, fold},
    journal,
    list::{self, Filter, Page, TicketRow},
    state::state,
    workflow::{Action, WorkflowError, decide},
};
use crate::{
    clock::Clock,
    knowledge::catalogue,
    network::{Directory, route},
    register,
    store::{FromStore, Sql as _, Store, StoreError},
};

/// Why a ticket cannot be opened, read or changed.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    /// The database does not play along.
    #[error("the tickets cannot be read or written")]
    Store(#[from] StoreError),
    /// The stored events make no ticket.
    #[error("the ticket's events make no ticket")]
    Fold(#[from] FoldError),
    /// The workflow does not allow it.
    #[error("this cannot be done with the ticket now")]
    Workflow(#[from] WorkflowError),
    /// There is no such ticket.
    #[error("there is no such ticket")]
    NotFound,
    /// The code belongs to another ticket.
    #[error("the code belongs to another ticket")]
    CodeTaken,
    /// Something happened to it since it was looked at.
    #[error("the ticket changed meanwhile")]
    ChangedMeanwhile,
    /// There is no such office.
    #[error("there is no such office")]
    UnknownOffice,
    /// A text is longer than it may be.
    #[error("{what} is longer than {max_chars} characters")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// How long it may be.
        max_chars: usize,
    },
}

impl FromStore for TicketError {
    fn store_error(&self) -> Option<&StoreError> {
        if let Self::Store(error) = self { Some(error) } else { None }
    }
}

/// A ticket to be opened.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Its id: the submission's, or a new one.
    pub id: Uuid,
    /// What the citizen brought.
    pub ticket: NewTicket,
    /// The way on which it came.
    pub channel: Channel,
    /// The site of the kiosk, or "".
    pub site: String,
    /// The kiosk's id.
    pub device: Option<String>,
    /// When it was submitted, as the channel says.
    pub submitted_at: Timestamp,
    /// How far the kiosk's clock could be trusted.
    pub clock: Option<ClockState>,
    /// What else the channel said, under its own names.
    pub channel_fields: BTreeMap<String, String>,
}

/// All tickets.
#[derive(Clone)]
pub struct Tickets {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl Tickets {
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Opens a ticket: it gets its number, its office and its term.
    pub async fn open(&self, authority: &str, opening: Opening) -> Result<Ticket, TicketError> {
        let (opening, now) = (&opening, self.clock.now());
        self.store
            .write(|transaction| async move { open_in(&transaction, authority, opening, now).await })
            .await
    }

    /// Does something with a ticket, if the workflow allows it.
    pub async fn act(
        &self,
        authority: &str,
        id: Uuid,
        actor: Actor,
        action: Action,
    ) -> Result<Ticket, TicketError> {
        let (actor, action, now) = (&actor, &action, self.clock.now());
        self.store
            .write(|transaction| async move { act_in(&transaction, authority, id, actor, action, now).await })
            .await
    }

    /// Does one thing after the other with a ticket, all or nothing, if its last event is still the one that was seen.
    pub async fn act_on_seen(
        &self,
        authority: &str,
        id: Uuid,
        seen_sequence: u32,
        actor: &Actor,
        actions: &[Action],
    ) -> Result<Ticket, TicketError> {
        let now = self.clock.now();
        self.store
            .write(|transaction| async move {
                lock(&transaction, authority, id).await?;
                let mut ticket = fold(&journal::read(&*transaction, authority, id).await?)?;
                if ticket.last_sequence != seen_sequence {
                    return Err(TicketError::ChangedMeanwhile);
                }
                for action in actions {
                    ticket = act_in(&transaction, authority, id, actor, action, now).await?;
                }
                Ok(ticket)
            })
            .await
    }

    /// The ticket with this id.
    pub async fn get(&self, authority: &str, id: Uuid) -> Result<Option<Ticket>, TicketError> {
        let events = self.history(authority, id).await?;
        Ok(if events.is_empty() { None } else { Some(fold(&events)?) })
    }

    /// All that happened to the ticket, oldest first; nothing if there is no such ticket.
    pub async fn history(&self, authority: &str, id: Uuid) -> Result<Vec<Event>, TicketError> {
        Ok(journal::read(self.store.read(), authority, id).await?)
    }

    /// The id of the ticket with this code.
    pub async fn find(&self, authority: &str, code: &TicketCode) -> Result<Option<Uuid>, TicketError> {
        Ok(id_of(self.store.read(), authority, code).await?)
    }

    /// The id of the ticket with this number.
    pub async fn find_by_number(
        &self,
        authority: &str,
        number: ProtocolNumber,
    ) -> Result<Option<Uuid>, TicketError> {
        let sql = "SELECT ticket FROM register_entry WHERE authority = $1 AND year = $2 AND number = $3";
        let values = [authority.into(), i64::from(number.year).into(), i64::from(number.number).into()];
        let row = self.store.read().one(sql, values).await?;
        Ok(row.map(|row| row.parse("ticket")).transpose()?)
    }

    /// What the citizen may know of the ticket.
    pub async fn state(&self, authority: &str, id: Uuid) -> Result<Option<TicketState>, TicketError> {
        let directory = Directory::read(self.store.read(), authority).await?;
        state_in(self.store.read(), authority, id, &directory).await
    }

    /// What citizens may know of the tickets with these codes. Unknown codes are left out.
    pub async fn states(
        &self,
        authority: &str,
        codes: &[TicketCode],
    ) -> Result<Vec<TicketState>, TicketError> {
        let directory = Directory::read(self.store.read(), authority).await?;
        let mut states = Vec::with_capacity(codes.len());
        for code in codes {
            if let Some(id) = self.find(authority, code).await? {
                states.extend(state_in(self.store.read(), authority, id, &directory).await?);
            }
        }
        Ok(states)
    }

    /// A page of the list, and how many tickets it has in all.
    pub async fn list(
        &self,
        authority: &str,
        filter: &Filter,
        page: Page,
    ) -> Result<(Vec<TicketRow>, u64), TicketError> {
        Ok(list::list(self.store.read(), authority, filter, page).await?)
    }

    /// The offices and categories of the authority, for names.
    pub async fn directory(&self, authority: &str) -> Result<Directory, TicketError> {
        Ok(Directory::read(self.store.read(), authority).await?)
    }
}

/// Opens a ticket as part of a greater transaction.
pub(crate) async fn open_in(
    transaction: &DatabaseTransaction,
    authority: &str,
    opening: &Opening,
    now: Timestamp,
) -> Result<Ticket, TicketError> {
    within_limits(&opening.ticket)?;
    if id_of(transaction, authority, &opening.ticket.code).await?.is_some() {
        return Err(TicketError::CodeTaken);
    }
    let directory = Directory::read(transaction, authority).await?;
    let submitted_at = register::counted_time(opening.submitted_at, opening.clock, now);
    let category = opening.ticket.category.as_deref();
    let area = match &opening.ticket.place {
        Place::Street { street, .. } => catalogue::area_of(transaction, authority, street).await?,
        Place::Nowhere | Place::Described { .. } => None,
    };
    let number =
        register::register(transaction, authority, opening.id, submitted_at, now, &directory.zone()).await?;

    let opened = Opened {
        ticket: opening.ticket.clone(),
        channel: opening.channel,
        site: opening.site.clone(),
        device: opening.device.clone(),
        submitted_at,
        claimed_at: (opening.submitted_at != submitted_at).then_some(opening.submitted_at),
        clock: opening.clock,
        received_at: now,
        due_on: directory.due_on(category, submitted_at),
        channel_fields: opening.channel_fields.clone(),
    };
    let mut happenings = vec![
        (Actor::Citizen, Happening::Opened(Box::new(opened))),
        (Actor::System, Happening::Registered { number }),
    ];
    if let Some(routing) = route(&directory, category, area.as_deref()) {
        happenings
            .push((Actor::System, Happening::Routed { office: routing.office, reason: routing.reason }));
    }
    let mut events = Vec::with_capacity(happenings.len());
    for (sequence, (actor, what)) in (1..).zip(happenings) {
        let event =
            Event { authority: authority.to_owned(), ticket: opening.id, sequence, at: now, actor, what };
        journal::append(transaction, &event).await?;
        events.push(event);
    }
    let ticket = fold(&events)?;
    list::put(transaction, &ticket).await?;
    Ok(ticket)
}

/// Does something with a ticket as part of a greater transaction.
pub(crate) async fn act_in(
    transaction: &DatabaseTransaction,
    authority: &str,
    id: Uuid,
    actor: &Actor,
    action: &Action,
    now: Timestamp,
) -> Result<Ticket, TicketError> {
    lock(transaction, authority, id).await?;
    if let Action::Take { office, .. } | Action::PassOn { to: office, .. } = action
        && !catalogue::exists(transaction, authority, sportello_wire::catalogue::EntryType::Office, office)
            .await?
    {
        return Err(TicketError::UnknownOffice);
    }
    let mut ticket = fold(&journal::read(transaction, authority, id).await?)?;
    for what in decide(&ticket, action.clone())? {
        let event = Event {
            authority: authority.to_owned(),
            ticket: id,
            sequence: ticket.last_sequence + 1,
            at: now,
            actor: actor.clone(),
            what,
        };
        ticket.apply(&event)?;
        journal::append(transaction, &event).await?;
    }
    list::put(transaction, &ticket).await?;
    Ok(ticket)
}

/// Touching the row keeps everybody else away from this ticket until the transaction ends.
async fn lock(transaction: &DatabaseTransaction, authority: &str, id: Uuid) -> Result<(), TicketError> {
    let sql = "UPDATE ticket SET last_sequence = last_sequence WHERE authority = $1 AND id = $2";
    match transaction.run(sql, [authority.into(), id.to_string().into()]).await? {
        0 => Err(TicketError::NotFound),
        _ => Ok(()),
    }
}

/// The state of a ticket as part of a greater transaction.
pub(crate) async fn state_in<C: ConnectionTrait>(
    on: &C,
    authority: &str,
    id: Uuid,
    directory: &Directory,
) -> Result<Option<TicketState>, TicketError> {
    let events = journal::read(on, authority, id).await?;
    Ok(if events.is_empty() { None } else { Some(state(&events, directory)?) })
}

/// The id of the ticket with this code.
pub(crate) async fn id_of<C: ConnectionTrait>(
    on: &C,
    authority: &str,
    code: &TicketCode,
) -> Result<Option<Uuid>, StoreError> {
    let sql = "SELECT id FROM ticket WHERE authority = $1 AND code = $2";
    let row = on.one(sql, [authority.into(), code.compact().into()]).await?;
    row.map(|row| row.parse("id")).transpose()
}

fn within_limits(ticket: &NewTicket) -> Result<(), TicketError> {
    let limited = |what, text: &str, max_chars| {
        if text.chars().count() > max_chars { Err(TicketError::TooLong { what, max_chars }) } else { Ok(()) }
    };
    limited("the words", &ticket.words, MAX_WORDS_CHARS)?;
    limited("the name", &ticket.contact.name, MAX_FIELD_CHARS)?;
    limited("the e-mail address", &ticket.contact.email, MAX_FIELD_CHARS)?;
    limited("the telephone number", &ticket.contact.phone, MAX_FIELD_CHARS)?;
    match &ticket.place {
        Place::Nowhere => Ok(()),
        Place::Described { words } => limited("the place", words, MAX_FIELD_CHARS),
        Place::Street { street, number, note } => {
            limited("the street", street, MAX_FIELD_CHARS)?;
            limited("the house number", number, MAX_FIELD_CHARS)?;
            limited("the place's note", note, MAX_FIELD_CHARS)
        }
    }
}
