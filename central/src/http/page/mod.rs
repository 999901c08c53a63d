//! What every page of the desk and of the public has: its language, its words, its frame, its headers.
//!
//! It knows no ticket and no database. What a page shows is decided in `http::staff` and `http::public`.

pub mod assets;
mod colour;
pub mod cookies;
pub mod dates;
pub mod language;
pub mod words;

use askama::Template;
use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse as _, Response},
};
use jiff::tz::TimeZone;
use sportello_wire::{catalogue::Authority, text::LocalisedText};

use language::Language;

/// What a page needs to know of its town.
#[derive(Debug, Clone)]
pub struct Town {
    /// The full name.
    pub name: LocalisedText,
    /// The time zone in which dates are said.
    pub zone: TimeZone,
    /// The colour as hue, saturation, brightness.
    pub colour_hsb: (u16, u8, u8),
    /// Whether the pages are reached over https, so that cookies may travel on no other way.
    pub is_secure: bool,
}

impl Town {
    /// The town of an authority; a nameless one while none has been imported yet.
    pub fn of(authority: Option<&Authority>) -> Self {
        let Some(authority) = authority else {
            return Self {
                name: LocalisedText::italian("Sportello"),
                zone: TimeZone::UTC,
                colour_hsb: (210, 100, 80),
                is_secure: false,
            };
        };
        let zone = TimeZone::get(&authority.time_zone).unwrap_or(TimeZone::UTC);
        Self {
            name: authority.name.clone(),
            zone,
            colour_hsb: authority.colour_hsb,
            is_secure: authority.public_url.starts_with("https://"),
        }
    }
}

/// Who is signed in, as the frame shows it.
#[derive(Debug, Clone)]
pub struct Badge {
    /// The office's name.
    pub office: String,
    /// The person's name.
    pub name: String,
    /// What the form that signs out carries.
    pub form_token: String,
}

/// The frame of a page.
#[derive(Debug, Clone)]
pub struct Page {
    /// The language's BCP 47 tag.
    pub language: &'static str,
    /// The title, without the town.
    pub title: String,
    /// The town's name.
    pub town: String,
    /// The same page in the other language.
    pub switch: String,
    /// Who is signed in.
    pub badge: Option<Badge>,
}

impl Page {
    /// A page with nobody signed in.
    pub fn new(language: Language, title: impl Into<String>, town: &Town) -> Self {
        Self {
            language: language.tag(),
            title: title.into(),
            town: town.name.get(language.tag()).to_owned(),
            switch: format!("?lang={}", language.words().other_language_tag),
            badge: None,
        }
    }
}

/// What a coloured strip says about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It went well.
    Good,
    /// Something is to be known before going on.
    Notice,
    /// It did not work.
    Problem,
}

impl Tone {
    /// The class that gives it its colour.
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "strip-good",
            Self::Notice => "strip-notice",
            Self::Problem => "strip-problem",
        }
    }

    /// The icon that says the same without colour.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Good => "check",
            Self::Notice => "clock",
            Self::Problem => "alert",
        }
    }

    /// How a screen reader announces it.
    pub fn role(self) -> &'static str {
        match self {
            Self::Good => "status",
            Self::Notice | Self::Problem => "alert",
        }
    }
}

/// A coloured strip in the flow of a page.
#[derive(Debug, Clone)]
pub struct Strip {
    /// What it is about.
    pub tone: Tone,
    /// What it says.
    pub words: String,
}

impl Strip {
    /// Says that something went well.
    pub fn good(words: impl Into<String>) -> Self {
        Self { tone: Tone::Good, words: words.into() }
    }

    /// Says something that is to be known before going on.
    pub fn notice(words: impl Into<String>) -> Self {
        Self { tone: Tone::Notice, words: words.into() }
    }

    /// Says that something did not work.
    pub fn problem(words: impl Into<String>) -> Self {
        Self { tone: Tone::Problem, words: words.into() }
    }
}

/// Renders a page.
pub fn render(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Adds what pages need beyond every answer's headers: no search engine, and one copy for each language and person.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    response
}
