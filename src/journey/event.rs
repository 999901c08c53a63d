//! What can happen in a visit, and what the journey asks of the world.
//!
//! An event carries everything that the journey may not make itself: time comes beside it,
//! randomness (ids, codes) and the catalogue's facts come inside it.

use jiff::Timestamp;
use sportello_wire::{
    catalogue::EntryType,
    code::TicketCode,
    submission::{Kind, Submission},
    ticket::TicketState,
};
use uuid::Uuid;

use super::state::{ChosenCategory, Contrast, Problem, TextSize};

/// A text field.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Field {
    Query,
    Words,
    Street,
    Number,
    PlaceNote,
    Name,
    Email,
    Phone,
    /// The answer to the category's question with this code.
    Answer(String),
    FollowCode,
    FollowWords,
}

/// A part of the ticket that can be changed from the review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Part {
    Kind,
    Words,
    Category,
    Place,
    Contact,
}

/// What is known of a ticket that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The central says so now.
    Fresh(Box<TicketState>),
    /// The kiosk remembers it from then.
    Remembered(Box<TicketState>, Timestamp),
    /// The central knows no such ticket.
    Unknown,
    /// The central cannot be asked now.
    Unreachable,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Time has passed.
    Tick,
    /// Somebody stands before the kiosk.
    Presence,
    /// Something was touched, whatever it was.
    Touched,
    /// The welcome page was touched, or a language on it.
    Begin,
    /// One page back.
    Back,
    /// To the doors.
    GoHome,
    /// End the visit; asks first if something would be lost.
    End,
    /// End the visit for sure.
    ConfirmEnd,
    /// "I am still here", or "do not end".
    Stay,
    /// Open the languages.
    OpenLanguage,
    /// Choose a language.
    ChooseLanguage(String),
    /// Open text size and contrast.
    OpenLegibility,
    /// Choose a text size.
    ChooseTextSize(TextSize),
    /// Choose a contrast.
    ChooseContrast(Contrast),
    /// Open the help.
    OpenHelp,
    /// Through the door "look up".
    LookUp,
    /// Through the door "report, ask". `can_accept` says whether a submission could be kept now.
    Write {
        /// Whether a submission could be kept now.
        can_accept: bool,
    },
    /// Through the door "follow".
    Follow,
    /// A field holds this text now.
    Typed(Field, String),
    /// Open something that can be looked up.
    Open(EntryType, String),
    /// An article answered what was being written.
    Answered,
    /// Choose the kind.
    ChooseKind(Kind),
    /// Choose the category; none for "I do not know".
    ChooseCategory(Option<ChosenCategory>),
    /// Choose one of the town's streets.
    ChooseStreet(String),
    /// It has no place.
    NoPlace,
    /// Choose a value for a question; chosen again, it is taken back.
    ChooseAnswer {
        /// The question's code.
        code: String,
        /// The value's key.
        key: String,
        /// Whether several may be chosen.
        many: bool,
    },
    /// To the next step.
    Next,
    /// From the review back to a part.
    Change(Part),
    /// Send what was read again. The id and the code are made freshly; a second touch changes nothing.
    Send {
        /// The submission's id.
        id: Uuid,
        /// The ticket's code.
        code: TicketCode,
    },
    /// The submission is on disk, sealed.
    Kept {
        /// The submission.
        id: Uuid,
        /// When it was submitted.
        submitted_at: Timestamp,
    },
    /// The submission could not be kept.
    NotKept {
        /// The submission.
        id: Uuid,
        /// Why.
        problem: Problem,
    },
    /// Print the receipt.
    Print,
    /// The print ended, well or not.
    PrintEnded {
        /// Whether the whole receipt came out.
        whole: bool,
    },
    /// Show the QR large, or not.
    ShowOnPhone(bool),
    /// Done with the receipt.
    Done,
    /// See where the ticket just sent stands.
    FollowNow,
    /// A code was scanned.
    Scanned(TicketCode),
    /// Look for the typed code.
    SearchCode,
    /// What is known of a ticket.
    Known(TicketCode, Answer),
    /// Write to the office.
    WriteFollowUp {
        /// Whether a submission could be kept now.
        can_accept: bool,
    },
    /// Send the follow-up.
    SendFollowUp {
        /// The submission's id.
        id: Uuid,
    },
}

/// What the journey asks of the world.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Seal, sign and commit this; then say [`Event::Kept`] or [`Event::NotKept`].
    Submit {
        /// The submission's id.
        id: Uuid,
        /// What to keep.
        submission: Box<Submission>,
    },
    /// Find out how this ticket stands; then say [`Event::Known`], once or twice.
    Ask(TicketCode),
    /// Print the receipt of what was received or followed; then say [`Event::PrintEnded`].
    Print,
    /// The visit is over: forget everything that was on the screen.
    Wipe,
}
