//! What can happen to a ticket. Events are appended and never changed, so every field that is
//! added here later needs a default.

use std::{collections::BTreeMap, fmt, str::FromStr};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use sportello_wire::{envelope::ClockState, submission::NewTicket, ticket::ProtocolNumber};
use uuid::Uuid;

/// Something that happened to a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The authority's code.
    pub authority: String,
    /// The ticket.
    pub ticket: Uuid,
    /// The place among the ticket's events: 1, 2, 3 … without a gap.
    pub sequence: u32,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What happened.
    pub what: Happening,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The citizen to whom the ticket belongs.
    Citizen,
    /// This program, by its rules.
    System,
    /// A member of the staff, by login.
    Staff(String),
}

impl fmt::Display for Actor {
    /// Writes the stable name used in the database: `citizen`, `system`, `staff:LOGIN`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Citizen => formatter.write_str("citizen"),
            Self::System => formatter.write_str("system"),
            Self::Staff(login) => write!(formatter, "staff:{login}"),
        }
    }
}

impl FromStr for Actor {
    type Err = ();

    /// Reads what `Display` writes.
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "citizen" => Ok(Self::Citizen),
            "system" => Ok(Self::System),
            other => other.strip_prefix("staff:").map(|login| Self::Staff(login.to_owned())).ok_or(()),
        }
    }
}

/// The way on which a ticket came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A kiosk.
    Kiosk,
    /// The public pages.
    Web,
    /// An Open311 client.
    Open311,
    /// Somebody came to a desk.
    Desk,
    /// A telephone call.
    Phone,
    /// An e-mail.
    Email,
    /// A letter.
    Letter,
}

impl Channel {
    /// The stable name used in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kiosk => "kiosk",
            Self::Web => "web",
            Self::Open311 => "open311",
            Self::Desk => "desk",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Letter => "letter",
        }
    }
}

/// How a ticket began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// What the citizen brought.
    pub ticket: NewTicket,
    /// The way on which it came.
    pub channel: Channel,
    /// The site of the kiosk ("Biblioteca"), or "".
    pub site: String,
    /// The kiosk's id.
    pub device: Option<String>,
    /// When the citizen submitted it, as it counts for the register and the term.
    pub submitted_at: Timestamp,
    /// When the kiosk says that it was submitted, where that does not count (see `register`).
    pub claimed_at: Option<Timestamp>,
    /// How far the kiosk's clock could be trusted.
    pub clock: Option<ClockState>,
    /// When it arrived here.
    pub received_at: Timestamp,
    /// The day by which it will be answered, as promised on the receipt.
    pub due_on: Date,
    /// What else the channel said, under the channel's own names (GeoReport: `lat`, `long`, `media_url` …).
    #[serde(default)]
    pub channel_fields: BTreeMap<String, String>,
}

/// What happened to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Happening {
    /// The citizen submitted it.
    Opened(Box<Opened>),
    /// It got its number in the register.
    Registered {
        /// The number.
        number: ProtocolNumber,
    },
    /// It was given to its first office.
    Routed {
        /// The office's code.
        office: String,
        /// Why this one, in words.
        reason: String,
    },
    /// Somebody took it.
    Taken {
        /// The login of who took it.
        by: String,
        /// The office for which.
        office: String,
    },
    /// It was given to another office, or back to all of its own.
    PassedOn {
        /// The office's code.
        to: String,
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
    /// The citizen added something.
    FollowedUp {
        /// The citizen's words.
        words: String,
        /// Their language, as BCP 47 tag.
        language: String,
        /// When the citizen wrote them.
        submitted_at: Timestamp,
    },
    /// It was resolved.
    Resolved {
        /// The answer, or "" when it was given before.
        words: String,
    },
    /// It was opened again.
    Reopened {
        /// Why.
        reason: String,
    },
}

impl Happening {
    /// The stable name used in the database.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Opened(_) => "opened",
            Self::Registered { .. } => "registered",
            Self::Routed { .. } => "routed",
            Self::Taken { .. } => "taken",
            Self::PassedOn { .. } => "passed_on",
            Self::Answered { .. } => "answered",
            Self::Asked { .. } => "asked",
            Self::FollowedUp { .. } => "followed_up",
            Self::Resolved { .. } => "resolved",
            Self::Reopened { .. } => "reopened",
        }
    }
}
