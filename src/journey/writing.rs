//! Writing a ticket: kind, words, category, place, contact, read it again, send.
//!
//! Form is checked here, never the truth of what is said. What is missing is asked for on the page where it belongs.

use jiff::Timestamp;
use sportello_wire::{
    catalogue::{AttributeAnswer, PlaceRule},
    code::TicketCode,
    submission::{MAX_FIELD_CHARS, MAX_WORDS_CHARS, NewTicket, Place, Submission},
};
use uuid::Uuid;

use super::{
    CategoryChoice, Draft, Effect, Event, Field, Journey, Page, Part, Print, Problem, Received, Secret,
    limited,
};

/// The most characters of a house number.
const MAX_NUMBER_CHARS: usize = 12;

impl Journey {
    pub(super) fn write(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        let draft = &mut self.state.draft;
        match event {
            Event::Write { can_accept: true } => self.push(Page::Kind),
            Event::Write { can_accept: false } => self.state.problem = Some(Problem::CannotAcceptNow),
            Event::ChooseKind(kind) => {
                draft.kind = Some(kind);
                self.advance(Page::Words);
            }
            Event::ChooseCategory(choice) => {
                let choice = choice.map_or(CategoryChoice::Unknown, CategoryChoice::Chosen);
                if choice != draft.category {
                    draft.category = choice;
                    draft.answers.clear();
                }
                self.state.problem = None;
            }
            Event::ChooseStreet(street) => {
                draft.place.street = limited(street, MAX_FIELD_CHARS);
                draft.place.street_known = true;
                self.state.problem = None;
            }
            Event::NoPlace => {
                if draft.category.place() == PlaceRule::Required {
                    self.state.problem = Some(Problem::PlaceMissing);
                } else {
                    draft.place = super::TypedPlace::default();
                    self.advance(Page::Contact);
                }
            }
            Event::ChooseAnswer { code, key, many } => choose_answer(draft, code, &key, many),
            Event::Next => self.next(),
            Event::Change(part) => {
                let page = match part {
                    Part::Kind => Page::Kind,
                    Part::Words => Page::Words,
                    Part::Category => Page::Category,
                    Part::Place => Page::Place,
                    Part::Contact => Page::Contact,
                };
                self.push(page);
            }
            Event::Send { id, code } => return self.send(id, code),
            Event::Kept { id, submitted_at } => self.kept(id, submitted_at),
            Event::NotKept { id, problem } => self.not_kept(id, problem),
            Event::Print => return self.print(),
            Event::PrintEnded { whole } if self.state.print == Print::Printing => {
                self.state.print = if whole { Print::Printed } else { Print::Failed };
            }
            Event::ShowOnPhone(large) => {
                if let Some(received) = &mut self.state.received {
                    received.on_phone = large;
                }
            }
            Event::Done => return self.goodbye(now),
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn typed_writing(&mut self, field: &Field, text: String) {
        let draft = &mut self.state.draft;
        match field {
            Field::Words => draft.words = Secret(limited(text, MAX_WORDS_CHARS)),
            Field::Street => {
                draft.place.street = limited(text, MAX_FIELD_CHARS);
                draft.place.street_known = false;
            }
            Field::Number => draft.place.number = limited(text, MAX_NUMBER_CHARS),
            Field::PlaceNote => draft.place.note = limited(text, MAX_FIELD_CHARS),
            Field::Name => draft.contact.name = limited(text, MAX_FIELD_CHARS),
            Field::Email => draft.contact.email = limited(text, MAX_FIELD_CHARS),
            Field::Phone => draft.contact.phone = limited(text, MAX_FIELD_CHARS),
            Field::Answer(code) => {
                let text = Secret(limited(text, MAX_FIELD_CHARS));
                match draft.answers.iter_mut().find(|(known, _)| known == code) {
                    Some((_, value)) => *value = text,
                    None => draft.answers.push((code.clone(), text)),
                }
            }
            Field::Query | Field::FollowCode | Field::FollowWords => {}
        }
    }

    /// Goes on from the page that is shown, if it has what it needs.
    fn next(&mut self) {
        let page = self.state.page().clone();
        if let Some(problem) = self.problem_on(&page) {
            self.state.problem = Some(problem);
            return;
        }
        match page {
            Page::Kind => self.advance(Page::Words),
            Page::Words => self.advance(Page::Category),
            Page::Category if self.state.draft.category.place() == PlaceRule::None => {
                self.state.draft.place = super::TypedPlace::default();
                self.advance(Page::Contact);
            }
            Page::Category => self.advance(Page::Place),
            Page::Place => self.advance(Page::Contact),
            Page::Contact => self.advance(Page::Review),
            _ => {}
        }
    }

    /// Goes to `page`, or back to the review once all was read, or to where the first thing is missing.
    fn advance(&mut self, page: Page) {
        let page = if self.state.draft.reviewed { Page::Review } else { page };
        if page != Page::Review {
            self.push(page);
            return;
        }
        let missing = [Page::Kind, Page::Words, Page::Category, Page::Place, Page::Contact]
            .into_iter()
            .find(|page| self.problem_on(page).is_some());
        if let Some(missing) = missing {
            let problem = self.problem_on(&missing);
            self.push(missing);
            self.state.problem = problem;
            return;
        }
        self.state.draft.reviewed = true;
        // *Back* from the review leads to the step before it, not through every correction.
        if let Some(at) = self.state.pages.iter().position(|page| *page == Page::Review) {
            self.state.pages.truncate(at + 1);
            self.state.problem = None;
        } else {
            self.push(Page::Review);
        }
    }

    /// What keeps the citizen from going on from a page.
    fn problem_on(&self, page: &Page) -> Option<Problem> {
        let draft = &self.state.draft;
        match page {
            Page::Words if draft.words.0.trim().is_empty() => Some(Problem::WordsMissing),
            Page::Words if draft.words.0.chars().count() > MAX_WORDS_CHARS => Some(Problem::WordsTooLong),
            Page::Category if draft.misses_an_answer() => Some(Problem::AnswerMissing),
            Page::Place
                if draft.category.place() == PlaceRule::Required && draft.place.street.trim().is_empty() =>
            {
                Some(Problem::PlaceMissing)
            }
            Page::Contact if !is_email_or_empty(&draft.contact.email) => Some(Problem::EmailMalformed),
            Page::Contact if !is_phone_or_empty(&draft.contact.phone) => Some(Problem::PhoneMalformed),
            _ => None,
        }
    }

    fn send(&mut self, id: Uuid, code: TicketCode) -> Vec<Effect> {
        if *self.state.page() != Page::Review || self.state.draft.sending.is_some() {
            return Vec::new();
        }
        let Some(kind) = self.state.draft.kind else { return Vec::new() };
        let draft = &mut self.state.draft;
        let (id, code) = *draft.tried.get_or_insert((id, code));
        draft.sending = Some(id);
        self.state.problem = None;
        let ticket = NewTicket {
            code,
            kind,
            words: draft.words.0.trim().to_owned(),
            category: draft.category.code().map(str::to_owned),
            place: place_of(draft),
            contact: draft.contact.clone(),
            language: self.state.language.clone(),
            attributes: answers_of(draft),
        };
        self.state.received = Some(Received {
            code,
            kind,
            category: ticket.category.clone(),
            submitted_at: self.state.last_touch,
            ticket: None,
            follow_up: false,
            on_phone: false,
        });
        vec![Effect::Submit { id, submission: Box::new(Submission::Ticket(ticket)) }]
    }

    fn kept(&mut self, id: Uuid, submitted_at: Timestamp) {
        if self.state.follow.sending == Some(id) {
            self.follow_up_kept(submitted_at);
        } else if self.state.draft.sending == Some(id) {
            self.state.draft = Draft::default();
        } else {
            return;
        }
        if let Some(received) = &mut self.state.received {
            received.submitted_at = submitted_at;
        }
        self.state.print = Print::Idle;
        self.state.problem = None;
        self.state.pages = vec![Page::Home, Page::Received];
    }

    fn not_kept(&mut self, id: Uuid, problem: Problem) {
        let (draft, follow) = (&mut self.state.draft, &mut self.state.follow);
        for sending in [&mut draft.sending, &mut follow.sending] {
            if *sending == Some(id) {
                *sending = None;
                self.state.received = None;
                self.state.problem = Some(problem);
            }
        }
    }

    fn print(&mut self) -> Vec<Effect> {
        if self.state.print == Print::Printing
            || !matches!(self.state.page(), Page::Received | Page::FollowState)
        {
            return Vec::new();
        }
        self.state.print = Print::Printing;
        vec![Effect::Print]
    }
}

fn place_of(draft: &Draft) -> Place {
    let place = &draft.place;
    let (street, number, note) = (place.street.trim(), place.number.trim(), place.note.trim());
    if draft.category.place() == PlaceRule::None || (street.is_empty() && note.is_empty()) {
        Place::Nowhere
    } else if street.is_empty() {
        Place::Described { words: note.to_owned() }
    } else if place.street_known {
        Place::Street { street: street.to_owned(), number: number.to_owned(), note: note.to_owned() }
    } else {
        let parts: Vec<_> = [street, number, note].into_iter().filter(|part| !part.is_empty()).collect();
        Place::Described { words: parts.join(", ") }
    }
}

/// What was answered: one pair for each value chosen, and nothing where nothing was.
fn answers_of(draft: &Draft) -> Vec<(String, String)> {
    let is_many = |code: &str| {
        draft.category.questions().iter().any(|question| {
            question.code == code && matches!(question.answer, AttributeAnswer::Choice { many: true, .. })
        })
    };
    let mut pairs = Vec::new();
    for (code, value) in &draft.answers {
        let values: Vec<&str> =
            if is_many(code) { value.0.split(',').collect() } else { vec![value.0.trim()] };
        pairs.extend(
            values
                .into_iter()
                .filter(|value| !value.is_empty())
                .map(|value| (code.clone(), value.to_owned())),
        );
    }
    pairs
}

fn choose_answer(draft: &mut Draft, code: String, key: &str, many: bool) {
    let index = draft.answers.iter().position(|(known, _)| *known == code).unwrap_or_else(|| {
        draft.answers.push((code, Secret::default()));
        draft.answers.len() - 1
    });
    let Some((_, value)) = draft.answers.get_mut(index) else { return };
    let mut keys: Vec<&str> = value.0.split(',').filter(|known| !known.is_empty()).collect();
    let chosen = keys.contains(&key);
    keys.retain(|known| many && *known != key);
    if !chosen {
        keys.push(key);
    }
    *value = Secret(keys.join(","));
}

/// An address in form: something, an at sign, a domain with a dot, no spaces.
fn is_email_or_empty(text: &str) -> bool {
    let text = text.trim();
    text.is_empty()
        || text.split_once('@').is_some_and(|(name, domain)| {
            !name.is_empty()
                && !domain.contains('@')
                && domain.split('.').count() >= 2
                && domain.split('.').all(|part| !part.is_empty())
                && !text.chars().any(char::is_whitespace)
        })
}

/// A number in form: 6 to 15 digits (E.164), with +, spaces, dots, slashes and hyphens between.
fn is_phone_or_empty(text: &str) -> bool {
    let text = text.trim();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    text.is_empty()
        || ((6..=15).contains(&digits)
            && text.chars().enumerate().all(|(at, char)| {
                char.is_ascii_digit() || matches!(char, ' ' | '.' | '/' | '-') || (char == '+' && at == 0)
            }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers_are_checked_for_form_only() {
        for good in ["", "a@b.it", " anna.bianchi@posta.example.it "] {
            assert!(is_email_or_empty(good), "{good}");
        }
        for bad in ["a", "a@b", "a@b..it", "@b.it", "a b@c.it", "a@b@c.it"] {
            assert!(!is_email_or_empty(bad), "{bad}");
        }
        for good in ["", "333 123 4567", "+39 0599/555-010"] {
            assert!(is_phone_or_empty(good), "{good}");
        }
        for bad in ["12345", "333x1234567", "33+3123456", "1234567890123456"] {
            assert!(!is_phone_or_empty(bad), "{bad}");
        }
    }
}
