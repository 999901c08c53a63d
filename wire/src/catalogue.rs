//! All that can be looked up at a kiosk, as the central sends it.
//!
//! The same records are the import and export format of the central (JSON Lines). What an entry
//! looks like on the screen, and how it is searched, is not decided here.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{hours::OpeningHours, submission::Kind, text::LocalisedText};

/// A public body, as its kiosks need to know it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// The main web domain without `www.` (GeoReport v2 jurisdiction).
    pub code: String,
    /// The full name: "Comune di Montefiorito".
    pub name: LocalisedText,
    /// The address of the public pages without a trailing slash: `https://sportello.example.it`.
    pub public_url: String,
    /// The IANA time zone.
    pub time_zone: String,
    /// The days within which a ticket is answered when its category says nothing.
    pub term_days: u16,
    /// The town's colour as hue 0–360, saturation 0–100, brightness 0–100 (Modello Comuni).
    pub colour_hsb: (u16, u8, u8),
    /// What is done with a citizen's data (GDPR art. 13), in plain words.
    pub privacy_notice: LocalisedText,
}

/// Whether a category belongs to a place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaceRule {
    /// A place is needed.
    Required,
    /// A place may be given.
    #[default]
    Optional,
    /// A place makes no sense.
    None,
}

/// A node of the uniform classification; its leaves are what tickets carry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// The code: lower-case letters, digits, `-`, and `.` below the parent (`strade.buche`).
    pub code: String,
    /// The parent's code; none for one of the top categories.
    #[serde(default)]
    pub parent: Option<String>,
    /// The name.
    pub name: LocalisedText,
    /// One sentence that says what belongs here.
    #[serde(default)]
    pub description: LocalisedText,
    /// Words by which it is found, separated by commas.
    #[serde(default)]
    pub keywords: LocalisedText,
    /// Which kinds of ticket it is offered for; empty means all.
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// Whether it needs a place.
    #[serde(default)]
    pub place: PlaceRule,
    /// The days within which it is answered; none takes the authority's term.
    #[serde(default)]
    pub term_days: Option<u16>,
    /// The office that is competent wherever no area says otherwise.
    #[serde(default)]
    pub office: Option<String>,
    /// Further questions, as GeoReport v2 attributes; empty for our own categories as a rule.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
    /// Where it stands among its siblings.
    #[serde(default)]
    pub order: i32,
}

/// A further question of a category (GeoReport v2 service definition).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// The code under which the answer is sent.
    pub code: String,
    /// The question.
    pub question: LocalisedText,
    /// Whether it must be answered.
    pub required: bool,
    /// What can be answered.
    pub answer: AttributeAnswer,
}

/// What can be answered to an attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum AttributeAnswer {
    /// Free text.
    Text,
    /// A number.
    Number,
    /// A date, with or without time.
    DateTime,
    /// One, or with `many` several, of these.
    Choice {
        /// (key, name) in order.
        values: Vec<(String, LocalisedText)>,
        /// Whether several may be chosen.
        many: bool,
    },
    /// Nothing is answered: the question is a text to be read.
    Shown,
}

/// What an article is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArticleKind {
    /// A question and its answer.
    Question,
    /// A service card.
    Card,
    /// A guide, a right, or how something works.
    Guide,
}

/// Something to look up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Article {
    /// The id: lower-case letters, digits and `-`.
    pub id: String,
    /// What it is.
    pub kind: ArticleKind,
    /// The question or the title.
    pub title: LocalisedText,
    /// One sentence that gives the answer's gist.
    pub summary: LocalisedText,
    /// The text: paragraphs separated by blank lines; `## ` starts a heading, `- ` an item.
    pub body: LocalisedText,
    /// Words by which it is found, separated by commas.
    #[serde(default)]
    pub keywords: LocalisedText,
    /// The category to which it belongs.
    #[serde(default)]
    pub category: Option<String>,
    /// The office that keeps it fresh and knows more.
    #[serde(default)]
    pub office: Option<String>,
    /// When it was last checked.
    #[schema(value_type = String, format = Date)]
    pub checked_on: Date,
}

/// A desk of an authority.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// The code: lower-case letters, digits and `-`.
    pub code: String,
    /// The authority's code.
    pub authority: String,
    /// The name.
    pub name: LocalisedText,
    /// What it does, in one or two sentences.
    pub description: LocalisedText,
    /// Words by which it is found, separated by commas.
    #[serde(default)]
    pub keywords: LocalisedText,
    /// Street and number, or "".
    #[serde(default)]
    pub address: String,
    /// Where in the building, or empty.
    #[serde(default)]
    pub floor: LocalisedText,
    /// The telephone number, or "".
    #[serde(default)]
    pub phone: String,
    /// The e-mail address, or "".
    #[serde(default)]
    pub email: String,
    /// When it is open.
    #[serde(default)]
    pub hours: OpeningHours,
    /// What else is to be known ("by appointment only"), or empty.
    #[serde(default)]
    pub note: LocalisedText,
    /// Whether it is the desk for everything that nobody else is competent for (URP).
    #[serde(default)]
    pub is_urp: bool,
}

/// News, valid for a time and a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// The id: lower-case letters, digits and `-`.
    pub id: String,
    /// The headline.
    pub title: LocalisedText,
    /// The text, as in an article.
    pub body: LocalisedText,
    /// From when it is shown.
    #[schema(value_type = String, format = DateTime)]
    pub valid_from: Timestamp,
    /// Until when it is shown.
    #[schema(value_type = String, format = DateTime)]
    pub valid_to: Timestamp,
    /// The area that it concerns, or "" for the whole town.
    #[serde(default)]
    pub area: String,
    /// Whether it belongs on the first page.
    #[serde(default)]
    pub important: bool,
}

/// A street of the town.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Street {
    /// The name as on the sign: "Via Dante Alighieri".
    pub name: String,
    /// The area in which it lies, for routing.
    pub area: String,
}

/// One entry of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "type", content = "entry")]
pub enum Entry {
    /// The body to which the kiosk belongs.
    Authority(Authority),
    /// A category.
    Category(Category),
    /// An article.
    Article(Article),
    /// An office.
    Office(Office),
    /// A notice.
    Notice(Notice),
    /// A street.
    Street(Street),
}

impl Entry {
    /// The entry's table and key within it: (`article`, `carta-identita`).
    pub fn key(&self) -> (EntryType, &str) {
        match self {
            Self::Authority(authority) => (EntryType::Authority, &authority.code),
            Self::Category(category) => (EntryType::Category, &category.code),
            Self::Article(article) => (EntryType::Article, &article.id),
            Self::Office(office) => (EntryType::Office, &office.code),
            Self::Notice(notice) => (EntryType::Notice, &notice.id),
            Self::Street(street) => (EntryType::Street, &street.name),
        }
    }
}

/// Which entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryType {
    /// [`Authority`]
    Authority,
    /// [`Category`]
    Category,
    /// [`Article`]
    Article,
    /// [`Office`]
    Office,
    /// [`Notice`]
    Notice,
    /// [`Street`]
    Street,
}

impl EntryType {
    /// The stable name used in databases and file names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authority => "authority",
            Self::Category => "category",
            Self::Article => "article",
            Self::Office => "office",
            Self::Notice => "notice",
            Self::Street => "street",
        }
    }
}

/// One change of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "change")]
#[allow(
    clippy::large_enum_variant,
    reason = "entries are handled one by one; a box would be in everybody's way"
)]
pub enum Change {
    /// The entry is new or different.
    Put {
        /// The whole entry.
        item: Entry,
    },
    /// The entry is gone.
    Remove {
        /// Which table.
        entry_type: EntryType,
        /// Which key.
        key: String,
    },
}

/// What changed in the catalogue since a cursor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CatalogueDelta {
    /// Where to go on next time. Opaque to the kiosk.
    pub cursor: String,
    /// Whether the kiosk has to forget what it has before it applies this (unknown cursor).
    pub reset: bool,
    /// The changes, oldest first, at most 500.
    pub changes: Vec<Change>,
    /// Whether more follows at once.
    pub more: bool,
}
