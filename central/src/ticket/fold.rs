//! A ticket as it stands: the fold of its events. Pure.

use jiff::Timestamp;
use sportello_wire::ticket::{ProtocolNumber, Status};
use uuid::Uuid;

use super::event::{Event, Happening, Opened};

/// A ticket as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The authority's code.
    pub authority: String,
    /// The ticket's id, which is not its code.
    pub id: Uuid,
    /// How it began.
    pub opened: Opened,
    /// Its number in the register.
    pub protocol: Option<ProtocolNumber>,
    /// The code of the office that has it.
    pub office: Option<String>,
    /// The login of who has taken it.
    pub taken_by: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// Whether the office has answered.
    pub answered: bool,
    /// When the last thing happened.
    pub changed_at: Timestamp,
    /// The sequence number of the last event.
    pub last_sequence: u32,
}

/// Why events make no ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The first event is not that it was opened.
    #[error("a ticket begins with being opened")]
    NotOpened,
    /// An event is missing, doubled, out of order or of another ticket.
    #[error("event {sequence} does not follow the one before it")]
    OutOfOrder {
        /// The event's sequence number.
        sequence: u32,
    },
}

/// Makes the ticket from all of its events, oldest first.
pub fn fold(events: &[Event]) -> Result<Ticket, FoldError> {
    let Some((first, rest)) = events.split_first() else { return Err(FoldError::NotOpened) };
    let Happening::Opened(opened) = &first.what else { return Err(FoldError::NotOpened) };
    if first.sequence != 1 {
        return Err(FoldError::OutOfOrder { sequence: first.sequence });
    }
    let mut ticket = Ticket {
        authority: first.authority.clone(),
        id: first.ticket,
        opened: Opened::clone(opened),
        protocol: None,
        office: None,
        taken_by: None,
        status: Status::Received,
        answered: false,
        changed_at: first.at,
        last_sequence: 1,
    };
    for event in rest {
        ticket.apply(event)?;
    }
    Ok(ticket)
}

impl Ticket {
    /// Moves the ticket on by the event that follows its last one.
    pub(crate) fn apply(&mut self, event: &Event) -> Result<(), FoldError> {
        let follows = event.sequence == self.last_sequence + 1
            && event.ticket == self.id
            && event.authority == self.authority;
        if !follows || matches!(event.what, Happening::Opened(_)) {
            return Err(FoldError::OutOfOrder { sequence: event.sequence });
        }
        self.last_sequence = event.sequence;
        self.changed_at = event.at;
        match &event.what {
            Happening::Opened(_) => {}
            Happening::Registered { number } => self.protocol = Some(*number),
            Happening::Routed { office, .. } => self.office = Some(office.clone()),
            Happening::Taken { by, office } => {
                self.taken_by = Some(by.clone());
                self.office = Some(office.clone());
                self.status = Status::InProgress;
            }
            Happening::PassedOn { to, .. } => {
                self.office = Some(to.clone());
                self.taken_by = None;
                self.status = Status::Received;
            }
            Happening::Answered { .. } => self.answered = true,
            Happening::Asked { .. } => self.status = Status::WaitingForCitizen,
            Happening::FollowedUp { .. } => {
                if self.status == Status::WaitingForCitizen {
                    self.status = self.at_work();
                }
            }
            Happening::Resolved { .. } => {
                self.answered = true;
                self.status = Status::Resolved;
            }
            Happening::Reopened { .. } => self.status = self.at_work(),
        }
        Ok(())
    }

    fn at_work(&self) -> Status {
        if self.taken_by.is_some() { Status::InProgress } else { Status::Received }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::tests::events;

    #[test]
    fn events_out_of_order_make_no_ticket() {
        let taken = Happening::Taken { by: "giulia".into(), office: "urp".into() };
        let whole = events(&[taken]);
        assert_eq!(fold(&whole).map(|ticket| ticket.last_sequence), Ok(4));
        assert_eq!(fold(&[]), Err(FoldError::NotOpened));
        assert_eq!(fold(&whole[1..]), Err(FoldError::NotOpened));
        let without_second = [&whole[..1], &whole[2..]].concat();
        assert_eq!(fold(&without_second), Err(FoldError::OutOfOrder { sequence: 3 }));
        let twice = [&whole[..], &whole[3..]].concat();
        assert_eq!(fold(&twice), Err(FoldError::OutOfOrder { sequence: 4 }));
        let mut foreign = whole.clone();
        foreign[3].ticket = Uuid::from_u128(9);
        assert_eq!(fold(&foreign), Err(FoldError::OutOfOrder { sequence: 4 }));
        let mut opened_twice = whole;
        opened_twice[3].what = opened_twice[0].what.clone();
        assert_eq!(fold(&opened_twice), Err(FoldError::OutOfOrder { sequence: 4 }));
    }

    #[test]
    fn an_event_survives_the_database_whatever_it_is() {
        for event in events(&[
            Happening::PassedOn { to: "altro".into(), note: "Tocca a loro".into() },
            Happening::Resolved { words: "Fatto".into() },
        ]) {
            let json = serde_json::to_string(&event.what).expect("json");
            assert_eq!(serde_json::from_str::<Happening>(&json).expect("the same"), event.what);
        }
    }

    #[test]
    fn an_event_written_today_is_read_by_every_later_version() {
        let json = r#"{"event":"opened","ticket":{"code":"0000-0000-0000-0","kind":"question","words":"?",
            "category":null,"place":{"at":"nowhere"},"contact":{},"language":"it"},"channel":"desk","site":"",
            "device":null,"submitted_at":"2026-06-15T10:00:00Z","claimed_at":null,"clock":null,
            "received_at":"2026-06-15T10:00:00Z","due_on":"2026-07-15"}"#;
        assert!(matches!(serde_json::from_str(json).expect("read"), Happening::Opened(_)));
    }
}
