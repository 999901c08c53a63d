//! What a citizen may know of a ticket: its state, its steps, who has it, until when.
//!
//! It deliberately carries neither the citizen's words nor the contact: those stay at the central.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{code::TicketCode, submission::Kind, text::LocalisedText};

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It has arrived and has an office; nobody has taken it yet.
    Received,
    /// Somebody works on it.
    InProgress,
    /// The office has asked the citizen something.
    WaitingForCitizen,
    /// It has been answered.
    Resolved,
}

impl Status {
    /// The stable name used in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::InProgress => "in_progress",
            Self::WaitingForCitizen => "waiting_for_citizen",
            Self::Resolved => "resolved",
        }
    }

    /// Whether the ticket still waits for somebody.
    pub fn is_open(self) -> bool {
        self != Self::Resolved
    }
}

/// A number in the yearly register of an authority (D.P.R. 445/2000, art. 57).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct ProtocolNumber {
    /// The calendar year of the date of submission, in the authority's time zone.
    pub year: i16,
    /// The number: 1, 2, 3 … without a gap.
    pub number: u32,
}

impl std::fmt::Display for ProtocolNumber {
    /// Writes `0004127/2026`: seven digits at least.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:07}/{}", self.number, self.year)
    }
}

/// Who has a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Handler {
    /// The office's code.
    pub office: String,
    /// The office's name.
    pub name: LocalisedText,
    /// The name of the body to which the office belongs.
    pub authority: LocalisedText,
}

/// One step that the citizen may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Step {
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub what: StepKind,
}

/// What happened in a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum StepKind {
    /// The citizen submitted it at a site ("Biblioteca") or through a channel.
    Submitted {
        /// Where, or "" when not at a site.
        site: String,
    },
    /// It got its protocol number.
    Registered {
        /// The number.
        number: ProtocolNumber,
    },
    /// It was given to its first office.
    Routed {
        /// The office.
        to: Handler,
    },
    /// Somebody took it.
    Taken {
        /// The office.
        by: Handler,
    },
    /// It was passed on.
    PassedOn {
        /// The office that has it now.
        to: Handler,
        /// What the citizen is told about it, or "".
        note: String,
    },
    /// The office wrote to the citizen.
    Answered {
        /// What it wrote.
        words: String,
    },
    /// The office asked the citizen something.
    Asked {
        /// What it asked.
        words: String,
    },
    /// The citizen added something. What was added is not repeated here.
    FollowedUp,
    /// It was resolved.
    Resolved {
        /// The answer, or "" when it was given before.
        words: String,
    },
    /// It was opened again.
    Reopened,
}

/// All that a citizen may know of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketState {
    /// The ticket.
    pub code: TicketCode,
    /// What it is.
    pub kind: Kind,
    /// Its category's name, empty when it has none yet.
    pub category: LocalisedText,
    /// Where it stands.
    pub status: Status,
    /// When the citizen submitted it.
    #[schema(value_type = String, format = DateTime)]
    pub submitted_at: Timestamp,
    /// The day by which it will be answered.
    #[schema(value_type = String, format = Date)]
    pub due_on: Date,
    /// Its number in the register.
    pub protocol: Option<ProtocolNumber>,
    /// Who has it now.
    pub handler: Option<Handler>,
    /// What happened, oldest first.
    pub steps: Vec<Step>,
}
