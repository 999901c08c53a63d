//! What the citizen may know of a ticket, made from its events. Pure.
//!
//! Nothing of the citizen's own words, the contact, or the names of the staff gets through here.

use sportello_wire::{
    text::LocalisedText,
    ticket::{Handler, Step, StepKind, TicketState},
};

use super::{
    event::{Event, Happening},
    fold::{FoldError, fold},
};
use crate::network::Directory;

/// Makes the ticket's state from all of its events, with the names of offices and categories.
pub fn state(events: &[Event], directory: &Directory) -> Result<TicketState, FoldError> {
    let ticket = fold(events)?;
    let category = ticket.opened.ticket.category.as_deref();
    let steps = events.iter().map(|event| {
        let what = step(&event.what, directory);
        let at = match &event.what {
            Happening::Opened(opened) => opened.submitted_at,
            Happening::FollowedUp { submitted_at, .. } => *submitted_at,
            _ => event.at,
        };
        Step { at, what }
    });
    Ok(TicketState {
        code: ticket.opened.ticket.code,
        kind: ticket.opened.ticket.kind,
        category: category
            .and_then(|code| directory.categories.get(code))
            .map_or_else(LocalisedText::default, |category| category.name.clone()),
        status: ticket.status,
        submitted_at: ticket.opened.submitted_at,
        due_on: ticket.opened.due_on,
        protocol: ticket.protocol,
        handler: ticket.office.as_deref().map(|office| directory.handler(office)),
        steps: steps.collect(),
    })
}

fn step(what: &Happening, directory: &Directory) -> StepKind {
    let handler = |office: &str| -> Handler { directory.handler(office) };
    match what {
        Happening::Opened(opened) => StepKind::Submitted { site: opened.site.clone() },
        Happening::Registered { number } => StepKind::Registered { number: *number },
        Happening::Routed { office, .. } => StepKind::Routed { to: handler(office) },
        Happening::Taken { office, .. } => StepKind::Taken { by: handler(office) },
        Happening::PassedOn { to, note } => StepKind::PassedOn { to: handler(to), note: note.clone() },
        Happening::Answered { words } => StepKind::Answered { words: words.clone() },
        Happening::Asked { words } => StepKind::Asked { words: words.clone() },
        Happening::FollowedUp { .. } => StepKind::FollowedUp,
        Happening::Resolved { words } => StepKind::Resolved { words: words.clone() },
        Happening::Reopened { .. } => StepKind::Reopened,
    }
}
