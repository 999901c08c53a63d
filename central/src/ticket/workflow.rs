//! What may be done with a ticket, and what happens then. Pure: no clock, no database.
//!
//! Whether an office exists and who may log in is not decided here.

use jiff::Timestamp;
use sportello_wire::{submission::MAX_WORDS_CHARS, ticket::Status};

use super::{event::Happening, fold::Ticket};

/// What somebody wants to do with a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Take it.
    Take {
        /// The login of who takes it.
        by: String,
        /// For which office.
        office: String,
    },
    /// Give it to another office, or back to all of its own.
    PassOn {
        /// The office's code.
        to: String,
        /// What the citizen is told about it, or "".
        note: String,
    },
    /// Write to the citizen.
    Answer {
        /// What is written.
        words: String,
    },
    /// Ask the citizen something.
    Ask {
        /// What is asked.
        words: String,
    },
    /// The citizen adds something.
    FollowUp {
        /// The citizen's words.
        words: String,
        /// Their language, as BCP 47 tag.
        language: String,
        /// When the citizen wrote them.
        submitted_at: Timestamp,
    },
    /// Resolve it.
    Resolve {
        /// The answer, or "" when it was given before.
        words: String,
    },
    /// Open it again.
    Reopen {
        /// Why.
        reason: String,
    },
}

/// Why an action is not possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkflowError {
    /// It is resolved, and has to be opened again first.
    #[error("the ticket is resolved")]
    IsResolved,
    /// It is not resolved.
    #[error("the ticket is not resolved")]
    IsOpen,
    /// Somebody has taken it already.
    #[error("the ticket has been taken by {by}")]
    AlreadyTaken {
        /// The login of who has taken it.
        by: String,
    },
    /// Nobody has taken it yet.
    #[error("nobody has taken the ticket yet")]
    NotTaken,
    /// The office has it already, and nobody has taken it.
    #[error("the ticket is with this office already")]
    SameOffice,
    /// Words are needed.
    #[error("words are needed")]
    NoWords,
    /// The words are more than [`MAX_WORDS_CHARS`].
    #[error("the words are more than {MAX_WORDS_CHARS} characters")]
    TooManyWords,
}

/// Says what happens when `action` is done with the ticket as it stands.
pub fn decide(ticket: &Ticket, action: Action) -> Result<Vec<Happening>, WorkflowError> {
    let resolved = ticket.status == Status::Resolved;
    match action {
        Action::FollowUp { words, language, submitted_at } => {
            needed(&words)?;
            let mut happenings = vec![Happening::FollowedUp { words, language, submitted_at }];
            if resolved {
                // What a citizen writes is never refused, so a resolved ticket opens again.
                happenings
                    .push(Happening::Reopened { reason: "Il cittadino ha scritto di nuovo".to_owned() });
            }
            Ok(happenings)
        }
        Action::Reopen { reason } => {
            needed(&reason)?;
            if resolved { Ok(vec![Happening::Reopened { reason }]) } else { Err(WorkflowError::IsOpen) }
        }
        _ if resolved => Err(WorkflowError::IsResolved),
        Action::Take { by, office } => match &ticket.taken_by {
            Some(other) => Err(WorkflowError::AlreadyTaken { by: other.clone() }),
            None => Ok(vec![Happening::Taken { by, office }]),
        },
        Action::PassOn { to, note } => {
            allowed(&note)?;
            if ticket.office.as_ref() == Some(&to) && ticket.taken_by.is_none() {
                return Err(WorkflowError::SameOffice);
            }
            Ok(vec![Happening::PassedOn { to, note }])
        }
        Action::Answer { words } => {
            needed(&words)?;
            taken(ticket)?;
            Ok(vec![Happening::Answered { words }])
        }
        Action::Ask { words } => {
            needed(&words)?;
            taken(ticket)?;
            Ok(vec![Happening::Asked { words }])
        }
        Action::Resolve { words } => {
            if ticket.answered {
                allowed(&words)?
            } else {
                needed(&words)?
            }
            taken(ticket)?;
            Ok(vec![Happening::Resolved { words }])
        }
    }
}

fn taken(ticket: &Ticket) -> Result<(), WorkflowError> {
    if ticket.taken_by.is_some() { Ok(()) } else { Err(WorkflowError::NotTaken) }
}

fn needed(words: &str) -> Result<(), WorkflowError> {
    if words.trim().is_empty() { Err(WorkflowError::NoWords) } else { allowed(words) }
}

fn allowed(words: &str) -> Result<(), WorkflowError> {
    if words.chars().count() > MAX_WORDS_CHARS { Err(WorkflowError::TooManyWords) } else { Ok(()) }
}
