//! What a citizen can do, from the first touch to the wipe: a pure state machine.
//!
//! `(state, event, now) → (state, effects)`. It knows no clock, no disk, no network, no screen and
//! no randomness; whatever it needs of those comes inside an event, whatever it wants of them goes out as an effect. The same
//! events always lead to the same state.

mod event;
mod following;
mod idle;
mod state;
#[cfg(test)]
mod tests;
mod writing;

use std::time::Duration;

use jiff::Timestamp;
use sportello_wire::catalogue::EntryType;

pub use self::{
    event::{Answer, Effect, Event, Field, Part},
    state::{
        CategoryChoice, ChosenCategory, Contrast, Draft, Follow, Layer, Page, Print, Problem, Received,
        Secret, State, TextSize, TypedPlace,
    },
};

/// The most characters of what is looked for.
pub const MAX_QUERY_CHARS: usize = 100;
/// The most pages that *back* remembers.
const MAX_PAGES: usize = 40;

/// What a town may set of a visit.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The language of the welcome page, BCP 47.
    pub language: String,
    /// After this long without a touch the citizen is asked "are you still there?".
    pub idle_after: Duration,
    /// This long they have to answer; at least 20 s (WCAG 2.2.1).
    pub warning: Duration,
    /// How long the goodbye stays.
    pub goodbye: Duration,
    /// After this long on the welcome page the screen sleeps; never, if nothing would wake it.
    pub sleep_after: Option<Duration>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: "it".to_owned(),
            idle_after: Duration::from_secs(75),
            warning: Duration::from_secs(30),
            goodbye: Duration::from_secs(6),
            sleep_after: None,
        }
    }
}

/// One kiosk's journey: visit after visit.
#[derive(Debug)]
pub struct Journey {
    settings: Settings,
    state: State,
}

impl Journey {
    /// Begins at the welcome page.
    pub fn new(settings: Settings, now: Timestamp) -> Self {
        let state = State::fresh(&settings, now);
        Self { settings, state }
    }

    /// The visit as it stands.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Lets one thing happen.
    pub fn handle(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        let is_touch = !matches!(
            event,
            Event::Tick
                | Event::Presence
                | Event::Kept { .. }
                | Event::NotKept { .. }
                | Event::PrintEnded { .. }
                | Event::Known(..)
        );
        if is_touch {
            self.state.last_touch = now;
            // A scan shows somebody what they came for; any other touch that wakes the screen presses nothing.
            if std::mem::take(&mut self.state.asleep) && !matches!(event, Event::Scanned(_)) {
                return Vec::new();
            }
            if let Some(Layer::StillThere { until }) = &mut self.state.layer {
                match event {
                    // A finger goes down before it presses something: it buys time, and what it presses decides.
                    Event::Touched | Event::End | Event::ConfirmEnd => {
                        *until = now.saturating_add(self.settings.warning).unwrap_or(now);
                    }
                    _ => self.state.layer = None,
                }
            }
        }
        match event {
            Event::Tick => return self.tick(now),
            Event::Presence => self.wake(now),
            // The next citizen is there already.
            Event::Touched if *self.state.page() == Page::Goodbye => return self.wipe(Page::Welcome, now),
            Event::Touched => {}
            Event::Begin => self.state.pages = vec![Page::Home],
            Event::Back => self.back(),
            Event::GoHome => self.go_home(),
            Event::End => return self.end(now),
            Event::ConfirmEnd => return self.goodbye(now),
            Event::Stay => self.state.layer = None,
            Event::OpenLanguage => self.push(Page::Language),
            Event::ChooseLanguage(language) => {
                self.state.language = language;
                match self.state.page() {
                    Page::Language => self.back(),
                    Page::Welcome => self.state.pages = vec![Page::Home],
                    _ => {}
                }
            }
            Event::OpenLegibility => self.push(Page::Legibility),
            Event::ChooseTextSize(size) => self.state.text_size = size,
            Event::ChooseContrast(contrast) => self.state.contrast = contrast,
            Event::OpenHelp => self.push(Page::Help),
            Event::LookUp => {
                self.state.query = Secret::default();
                self.push(Page::LookUp);
            }
            Event::Open(entry, key) => self.open(entry, key),
            Event::Answered => {
                self.state.draft = Draft::default();
                self.go_home();
            }
            Event::Typed(field, text) => self.typed(&field, text),
            other => return self.write_or_follow(other, now),
        }
        Vec::new()
    }

    fn write_or_follow(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        match event {
            Event::Follow
            | Event::FollowNow
            | Event::Scanned(_)
            | Event::SearchCode
            | Event::Known(..)
            | Event::WriteFollowUp { .. }
            | Event::SendFollowUp { .. } => self.follow(event, now),
            other => self.write(other, now),
        }
    }

    fn open(&mut self, entry: EntryType, key: String) {
        if matches!(entry, EntryType::Article | EntryType::Office | EntryType::Notice) {
            self.push(Page::Entry(entry, key));
        }
    }

    fn typed(&mut self, field: &Field, text: String) {
        self.state.problem = None;
        match field {
            Field::Query => self.state.query = Secret(limited(text, MAX_QUERY_CHARS)),
            Field::FollowCode | Field::FollowWords => self.typed_following(field, text),
            _ => self.typed_writing(field, text),
        }
    }

    /// Shows a page on top of the others; the same page is not put there twice.
    fn push(&mut self, page: Page) {
        self.state.problem = None;
        if *self.state.page() == page {
            return;
        }
        self.state.pages.push(page);
        if self.state.pages.len() > MAX_PAGES {
            self.state.pages.remove(1);
        }
    }

    fn back(&mut self) {
        self.state.problem = None;
        self.state.layer = None;
        if self.state.can_go_back() {
            self.state.pages.pop();
        }
    }

    fn go_home(&mut self) {
        self.state.problem = None;
        self.state.layer = None;
        self.state.pages = vec![Page::Home];
    }
}

/// Cuts a text to so many characters. Fields limit what can be typed; this keeps a limit even if one does not.
fn limited(mut text: String, max_chars: usize) -> String {
    if let Some((at, _)) = text.char_indices().nth(max_chars) {
        text.truncate(at);
    }
    text
}
