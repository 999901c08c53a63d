//! Tickets: one citizen's matter, one for the whole network, whoever handles it.
//!
//! A ticket is the fold of its events and changes in no other way. Who is competent is decided in
//! `network`, the number in `register`; what a page looks like is decided in `http`.

mod event;
mod fold;
mod journal;
mod list;
mod service;
mod state;
mod workflow;

pub use event::{Actor, Channel, Event, Happening, Opened};
pub use fold::{FoldError, Ticket, fold};
pub use list::{Filter, MAX_PAGE_SIZE, Page, TicketRow};
pub use service::{Opening, TicketError, Tickets};
pub(crate) use service::{act_in, id_of, open_in, state_in};
pub use state::state;
pub use workflow::{Action, WorkflowError, decide};

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::{Timestamp, civil::date};
    use sportello_wire::{
        code::TicketCode,
        submission::{Contact, Kind, NewTicket, Place},
        ticket::ProtocolNumber,
    };
    use uuid::Uuid;

    use super::{Actor, Channel, Event, Happening, Opened};

    /// The events of a new ticket that has its number and its office, and then of what happened.
    pub(super) fn events(happenings: &[Happening]) -> Vec<Event> {
        let opened = Opened {
            ticket: NewTicket {
                code: TicketCode::from_random(1),
                kind: Kind::Question,
                words: "Quando?".into(),
                category: None,
                place: Place::Nowhere,
                contact: Contact::default(),
                language: "it".into(),
                attributes: Vec::new(),
            },
            channel: Channel::Desk,
            site: String::new(),
            device: None,
            submitted_at: Timestamp::UNIX_EPOCH,
            claimed_at: None,
            clock: None,
            received_at: Timestamp::UNIX_EPOCH,
            due_on: date(1970, 1, 31),
            channel_fields: BTreeMap::new(),
        };
        let begin = [
            Happening::Opened(Box::new(opened)),
            Happening::Registered { number: ProtocolNumber { year: 1970, number: 1 } },
            Happening::Routed { office: "urp".into(), reason: "URP".into() },
        ];
        let all = begin.into_iter().chain(happenings.iter().cloned());
        (1..)
            .zip(all)
            .map(|(sequence, what)| Event {
                authority: "comune.example.it".into(),
                ticket: Uuid::from_u128(1),
                sequence,
                at: Timestamp::UNIX_EPOCH,
                actor: Actor::System,
                what,
            })
            .collect()
    }
}
