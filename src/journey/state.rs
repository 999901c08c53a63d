//! What is true of a visit at one moment: the page, what was typed and chosen, what waits.
//!
//! Nothing derived is kept here (search results, suggestions, formatted texts): the shell makes
//! those from this state and the catalogue. Whatever a citizen typed is wiped from memory when it is dropped.

use jiff::Timestamp;
use sportello_wire::{
    catalogue::{Attribute, AttributeAnswer, EntryType, PlaceRule},
    code::TicketCode,
    submission::{Contact, Kind},
    ticket::TicketState,
};
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::Settings;

/// A page of the kiosk, with the key of what it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// Touch to begin.
    Welcome,
    /// Choose a language.
    Language,
    /// Choose text size and contrast.
    Legibility,
    /// How this works, and whom to call.
    Help,
    /// The doors.
    Home,
    /// Search.
    LookUp,
    /// An article, an office or a notice.
    Entry(EntryType, String),
    /// What kind of matter.
    Kind,
    /// In your words.
    Words,
    /// Which category.
    Category,
    /// Where.
    Place,
    /// How to reach you.
    Contact,
    /// Read it all again.
    Review,
    /// Received.
    Received,
    /// Which ticket.
    FollowCode,
    /// How it stands.
    FollowState,
    /// Write to the office.
    FollowWrite,
    /// Goodbye.
    Goodbye,
}

/// What lies over the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// "Are you still there?", until then.
    StillThere {
        /// When the visit ends by itself.
        until: Timestamp,
    },
    /// "End and delete what you wrote?"
    ConfirmEnd,
}

/// How large the letters are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TextSize {
    /// The usual size.
    #[default]
    Normal,
    /// 1.25 times.
    Large,
    /// 1.5 times.
    Larger,
    /// As large as EN 301 549 5.1.4 asks.
    Largest,
}

/// The colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Contrast {
    /// The town's colours on light ground.
    #[default]
    Normal,
    /// Black on white, at least 10:1.
    Light,
    /// White and yellow on black, at least 15:1.
    Dark,
}

/// What is wrong, or to be known, on the page. The face words it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Problem {
    WordsMissing,
    WordsTooLong,
    PlaceMissing,
    PlaceTooLong,
    EmailMalformed,
    PhoneMalformed,
    ContactTooLong,
    AnswerMissing,
    CodeMalformed,
    CodeUnknown,
    CodeUnreachable,
    CodeTooOften,
    CannotAcceptNow,
    NotKept,
    QueueFull,
}

/// The chosen category, as far as the steps depend on it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChosenCategory {
    /// Its code.
    pub code: String,
    /// Whether it needs a place.
    pub place: PlaceRule,
    /// Its further questions.
    pub questions: Vec<Attribute>,
}

/// Whether and which category was chosen.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum CategoryChoice {
    /// Nothing was chosen yet.
    #[default]
    Open,
    /// "I do not know."
    Unknown,
    /// This one.
    Chosen(ChosenCategory),
}

impl CategoryChoice {
    /// Whether a place is needed, allowed or senseless.
    pub fn place(&self) -> PlaceRule {
        match self {
            Self::Chosen(category) => category.place,
            Self::Open | Self::Unknown => PlaceRule::Optional,
        }
    }

    /// The chosen category's code.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Chosen(category) => Some(&category.code),
            Self::Open | Self::Unknown => None,
        }
    }

    /// The further questions that are to be answered by choosing or writing.
    pub fn questions(&self) -> &[Attribute] {
        match self {
            Self::Chosen(category) => &category.questions,
            Self::Open | Self::Unknown => &[],
        }
    }
}

/// Where it is, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct TypedPlace {
    /// The street as typed or chosen.
    pub street: String,
    /// Whether it is one of the town's streets.
    pub street_known: bool,
    /// The house number.
    pub number: String,
    /// What helps to find it.
    pub note: String,
}

/// A ticket that is being written.
#[derive(Debug, Default)]
pub struct Draft {
    /// What it is.
    pub kind: Option<Kind>,
    /// The citizen's words.
    pub words: Secret,
    /// The category.
    pub category: CategoryChoice,
    /// Answers to the category's questions: (attribute code, value).
    pub answers: Vec<(String, Secret)>,
    /// Where it is.
    pub place: TypedPlace,
    /// How the citizen may be reached.
    pub contact: Contact,
    /// Whether all was read again once: from then on every step leads back to the review.
    pub reviewed: bool,
    /// The submission that is being kept, if *send* was touched.
    pub sending: Option<Uuid>,
    /// Under which id and code it was tried: a second try after a failure is the same submission.
    pub tried: Option<(Uuid, TicketCode)>,
}

impl Draft {
    /// Whether the citizen would lose something if it were wiped.
    pub fn is_worth_asking(&self) -> bool {
        !self.words.0.is_empty() || !self.contact.is_empty() || !self.place.street.is_empty()
    }

    /// Whether a question that must be answered is not.
    pub fn misses_an_answer(&self) -> bool {
        self.category.questions().iter().any(|question| {
            question.required
                && question.answer != AttributeAnswer::Shown
                && !self
                    .answers
                    .iter()
                    .any(|(code, value)| *code == question.code && !value.0.trim().is_empty())
        })
    }
}

/// Text that is wiped from memory when it is dropped, and never shown in a log.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// What the page "received" is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The ticket.
    pub code: TicketCode,
    /// What it was.
    pub kind: Kind,
    /// The category's code.
    pub category: Option<String>,
    /// When the citizen submitted it.
    pub submitted_at: Timestamp,
    /// The ticket as the central has it, once it has arrived there: with its number, for the receipt.
    pub ticket: Option<TicketState>,
    /// Whether a follow-up was received, not a new ticket.
    pub follow_up: bool,
    /// Whether the QR is shown large.
    pub on_phone: bool,
}

/// A ticket that is being followed.
#[derive(Debug, Default)]
pub struct Follow {
    /// The code as typed.
    pub typed: String,
    /// The ticket that is looked for or shown.
    pub code: Option<TicketCode>,
    /// Whether an answer is awaited.
    pub searching: bool,
    /// What is known of it.
    pub state: Option<TicketState>,
    /// When what is shown was true, if the central could not be asked just now.
    pub as_of: Option<Timestamp>,
    /// A follow-up being written.
    pub words: Secret,
    /// The follow-up that is being kept.
    pub sending: Option<Uuid>,
    /// Under which id it was tried: a second try after a failure is the same submission.
    pub tried: Option<Uuid>,
    /// Whether a follow-up was kept in this visit.
    pub sent: bool,
    /// How many unknown codes were tried in this visit.
    pub unknown_codes: u32,
    /// Before this no further code is looked for.
    pub blocked_until: Option<Timestamp>,
}

/// How the print that was asked for stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Print {
    /// Nothing was asked for.
    #[default]
    Idle,
    /// The printer works.
    Printing,
    /// The receipt is out.
    Printed,
    /// It did not come out, whatever the reason; the printer's status says more.
    Failed,
}

/// A visit at one moment.
#[derive(Debug)]
pub struct State {
    /// The pages from the first to the one that is shown; never empty.
    pub(super) pages: Vec<Page>,
    /// What lies over the page.
    pub layer: Option<Layer>,
    /// The language of the screen, BCP 47.
    pub language: String,
    /// The letters' size.
    pub text_size: TextSize,
    /// The colours.
    pub contrast: Contrast,
    /// What is wrong on the page that is shown.
    pub problem: Option<Problem>,
    /// What is looked for.
    pub query: Secret,
    /// The ticket that is being written.
    pub draft: Draft,
    /// What was received last.
    pub received: Option<Received>,
    /// The ticket that is being followed.
    pub follow: Follow,
    /// How the print stands.
    pub print: Print,
    /// When somebody last did something.
    pub last_touch: Timestamp,
    /// Whether the screen sleeps.
    pub asleep: bool,
}

impl State {
    /// A fresh visit: nothing of the last one is in it.
    pub(super) fn fresh(settings: &Settings, now: Timestamp) -> Self {
        Self {
            pages: vec![Page::Welcome],
            layer: None,
            language: settings.language.clone(),
            text_size: TextSize::default(),
            contrast: Contrast::default(),
            problem: None,
            query: Secret::default(),
            draft: Draft::default(),
            received: None,
            follow: Follow::default(),
            print: Print::default(),
            last_touch: now,
            asleep: false,
        }
    }

    /// The page that is shown.
    pub fn page(&self) -> &Page {
        self.pages.last().unwrap_or(&Page::Welcome)
    }

    /// Whether *back* leads somewhere.
    pub fn can_go_back(&self) -> bool {
        self.pages.len() > 1
    }

    /// Whether the page was reached from a ticket that is being written.
    pub fn is_from_writing(&self) -> bool {
        self.pages.contains(&Page::Words)
    }
}
