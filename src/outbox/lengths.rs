//! How long the texts of a submission may be.

use sportello_wire::submission::{MAX_FIELD_CHARS, MAX_WORDS_CHARS, Place, Submission};

use super::error::OutboxError;

/// The most answers to a category's own questions.
const MAX_ATTRIBUTES: usize = 100;

/// Refuses a submission with a text that is too long.
pub(super) fn check(submission: &Submission) -> Result<(), OutboxError> {
    let fits = |field: &'static str, text: &str, most: usize| {
        let chars = text.chars().count();
        if chars <= most { Ok(()) } else { Err(OutboxError::TooLong { field, chars, most }) }
    };
    match submission {
        Submission::FollowUp(follow_up) => fits("words", &follow_up.words, MAX_WORDS_CHARS),
        Submission::Ticket(ticket) => {
            fits("words", &ticket.words, MAX_WORDS_CHARS)?;
            match &ticket.place {
                Place::Nowhere => {}
                Place::Street { street, number, note } => {
                    for text in [street, number, note] {
                        fits("place", text, MAX_FIELD_CHARS)?;
                    }
                }
                Place::Described { words } => fits("place", words, MAX_FIELD_CHARS)?,
            }
            for text in [&ticket.contact.name, &ticket.contact.email, &ticket.contact.phone] {
                fits("contact", text, MAX_FIELD_CHARS)?;
            }
            let (chars, most) = (ticket.attributes.len(), MAX_ATTRIBUTES);
            if chars > most {
                return Err(OutboxError::TooLong { field: "attributes", chars, most });
            }
            ticket.attributes.iter().try_for_each(|(_, value)| fits("attributes", value, MAX_WORDS_CHARS))
        }
    }
}
