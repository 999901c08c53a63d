//! Anything that a kiosk sends for a citizen, before it is sealed.
//!
//! These values exist in the clear only while they are being typed and after the central has
//! opened the envelope. They deliberately carry no identity of the kiosk: that is the envelope's.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::code::TicketCode;

/// The most characters that the words of a ticket or a follow-up may have (GeoReport v2: 4,000).
pub const MAX_WORDS_CHARS: usize = 4_000;
/// The most characters of a place's note, a name, an e-mail address or a telephone number.
pub const MAX_FIELD_CHARS: usize = 200;

/// What a citizen brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something is broken or wrong in the town.
    Report,
    /// Something to ask.
    Question,
    /// Something was done badly, or not done, by the body itself.
    Complaint,
    /// Something to improve.
    Proposal,
}

impl Kind {
    /// All kinds, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Report, Self::Question, Self::Complaint, Self::Proposal];

    /// The stable name used in the database and in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Question => "question",
            Self::Complaint => "complaint",
            Self::Proposal => "proposal",
        }
    }
}

/// Where it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "snake_case", tag = "at")]
pub enum Place {
    /// No place belongs to it.
    #[default]
    Nowhere,
    /// A street of the town, as named in the catalogue.
    Street {
        /// The street's name.
        street: String,
        /// The house number, or "".
        number: String,
        /// What helps to find it ("in front of the school"), or "".
        note: String,
    },
    /// In the citizen's words.
    Described {
        /// What the citizen wrote.
        words: String,
    },
}

impl Place {
    /// Writes the place as one line, or "" for nowhere.
    pub fn line(&self) -> String {
        match self {
            Self::Nowhere => String::new(),
            Self::Street { street, number, note } => {
                let mut line = street.clone();
                for part in [number, note] {
                    if !part.is_empty() {
                        line.push_str(if part == number { " " } else { ", " });
                        line.push_str(part);
                    }
                }
                line
            }
            Self::Described { words } => words.clone(),
        }
    }
}

/// How the citizen may be reached. Every part is optional; one of e-mail and telephone is usual.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Zeroize, ZeroizeOnDrop)]
pub struct Contact {
    /// The name, or "".
    #[serde(default)]
    pub name: String,
    /// The e-mail address, or "".
    #[serde(default)]
    pub email: String,
    /// The telephone number, or "".
    #[serde(default)]
    pub phone: String,
}

impl Contact {
    /// Whether nothing was given.
    pub fn is_empty(&self) -> bool {
        self.name.is_empty() && self.email.is_empty() && self.phone.is_empty()
    }
}

/// A new ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewTicket {
    /// The code that the kiosk made, final from the first second.
    pub code: TicketCode,
    /// What it is.
    pub kind: Kind,
    /// The citizen's words.
    pub words: String,
    /// The chosen category's code, or none when the citizen did not know.
    pub category: Option<String>,
    /// Where it is.
    pub place: Place,
    /// How the citizen may be reached.
    pub contact: Contact,
    /// The language of the screen, as BCP 47 tag.
    pub language: String,
    /// Answers to the category's own questions, as (attribute code, value key or text).
    #[serde(default)]
    pub attributes: Vec<(String, String)>,
}

/// Something added to a ticket by its citizen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FollowUp {
    /// The ticket.
    pub code: TicketCode,
    /// The citizen's words.
    pub words: String,
    /// The language of the screen, as BCP 47 tag.
    pub language: String,
}

/// Anything that a kiosk sends for a citizen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Submission {
    /// A new ticket.
    Ticket(NewTicket),
    /// A follow-up.
    FollowUp(FollowUp),
}

impl Submission {
    /// The kind of submission, which is not secret and travels in the envelope's header.
    pub fn kind(&self) -> SubmissionKind {
        match self {
            Self::Ticket(_) => SubmissionKind::Ticket,
            Self::FollowUp(_) => SubmissionKind::FollowUp,
        }
    }

    /// The ticket that it makes or belongs to.
    pub fn code(&self) -> &TicketCode {
        match self {
            Self::Ticket(ticket) => &ticket.code,
            Self::FollowUp(follow_up) => &follow_up.code,
        }
    }
}

/// Which submission an envelope holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionKind {
    /// A new ticket.
    Ticket,
    /// A follow-up to a ticket.
    FollowUp,
}
