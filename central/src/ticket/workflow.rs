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
                allowed(&words)?;
            } else {
                needed(&words)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::{Event, fold, tests::events};

    const WORDS: &str = "parole";

    /// The ticket after these things happened to a new one that has an office.
    fn after(happenings: &[Happening]) -> Ticket {
        fold(&events(happenings)).expect("a ticket")
    }

    fn taken() -> Happening {
        Happening::Taken { by: "giulia".into(), office: "urp".into() }
    }

    fn resolved() -> Happening {
        Happening::Resolved { words: WORDS.into() }
    }

    fn all_actions() -> Vec<Action> {
        let words = || WORDS.to_owned();
        vec![
            Action::Take { by: "paolo".into(), office: "urp".into() },
            Action::PassOn { to: "altro".into(), note: String::new() },
            Action::Answer { words: words() },
            Action::Ask { words: words() },
            Action::FollowUp { words: words(), language: "it".into(), submitted_at: Timestamp::UNIX_EPOCH },
            Action::Resolve { words: words() },
            Action::Reopen { reason: words() },
        ]
    }

    #[test]
    fn each_state_allows_what_it_should_and_nothing_else() {
        use WorkflowError::{AlreadyTaken, IsOpen, IsResolved, NotTaken};
        let by_giulia = || Err(AlreadyTaken { by: "giulia".into() });
        for (happenings, expected) in [
            (vec![], [Ok(()), Ok(()), Err(NotTaken), Err(NotTaken), Ok(()), Err(NotTaken), Err(IsOpen)]),
            (vec![taken()], [by_giulia(), Ok(()), Ok(()), Ok(()), Ok(()), Ok(()), Err(IsOpen)]),
            (
                vec![taken(), resolved()],
                [
                    Err(IsResolved),
                    Err(IsResolved),
                    Err(IsResolved),
                    Err(IsResolved),
                    Ok(()),
                    Err(IsResolved),
                    Ok(()),
                ],
            ),
        ] {
            let ticket = after(&happenings);
            let allowed: Vec<_> =
                all_actions().into_iter().map(|action| decide(&ticket, action).map(drop)).collect();
            assert_eq!(allowed, expected, "{happenings:?}");
        }
    }

    #[test]
    fn whatever_is_allowed_can_be_applied() {
        for happenings in [vec![], vec![taken()], vec![taken(), resolved()]] {
            for action in all_actions() {
                let mut ticket = after(&happenings);
                for what in decide(&ticket, action).unwrap_or_default() {
                    let mut event: Event = events(&[]).remove(0);
                    event.sequence = ticket.last_sequence + 1;
                    event.what = what;
                    ticket.apply(&event).expect("applied");
                }
            }
        }
    }

    #[test]
    fn words_are_needed_but_not_twice_and_not_too_many() {
        let blank = || " \n".to_owned();
        let ticket = after(&[taken()]);
        for action in [
            Action::Answer { words: blank() },
            Action::Ask { words: blank() },
            Action::Resolve { words: blank() },
            Action::FollowUp { words: blank(), language: "it".into(), submitted_at: Timestamp::UNIX_EPOCH },
        ] {
            assert_eq!(decide(&ticket, action), Err(WorkflowError::NoWords));
        }
        let answered = after(&[taken(), Happening::Answered { words: WORDS.into() }]);
        decide(&answered, Action::Resolve { words: String::new() }).expect("it was answered before");
        let most = "è".repeat(MAX_WORDS_CHARS);
        decide(&ticket, Action::Answer { words: most.clone() }).expect("as many as may be");
        let too_many = Action::Answer { words: most + "!" };
        assert_eq!(decide(&ticket, too_many), Err(WorkflowError::TooManyWords));
    }

    #[test]
    fn a_ticket_can_be_given_back_to_its_office_only_by_who_has_taken_it() {
        let back = || Action::PassOn { to: "urp".into(), note: String::new() };
        assert_eq!(decide(&after(&[]), back()), Err(WorkflowError::SameOffice));
        decide(&after(&[taken()]), back()).expect("given back");
    }
}
