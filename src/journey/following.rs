//! Following a ticket: its code, how it stands, a word to the office.
//!
//! A mistyped code is seen by its check character, without asking anybody. Codes that nobody knows make the next try wait
//! longer and longer, so that a kiosk is no place to guess codes.

use std::time::Duration;

use jiff::Timestamp;
use sportello_wire::{
    code::TicketCode,
    submission::{FollowUp, MAX_WORDS_CHARS, Submission},
    ticket::Status,
};
use uuid::Uuid;

use super::{Answer, Effect, Event, Field, Follow, Journey, Page, Print, Problem, Received, Secret, limited};

/// The most characters of a typed code: 13, and what people put between them.
const MAX_CODE_CHARS: usize = 24;
/// So many unknown codes are tried without waiting.
const FREE_TRIES: u32 = 3;
/// The longest wait after an unknown code.
const MAX_WAIT: Duration = Duration::from_mins(1);

impl Journey {
    pub(super) fn follow(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        match event {
            Event::Follow => {
                self.state.follow.typed.clear();
                self.push(Page::FollowCode);
            }
            Event::FollowNow => {
                if let Some(code) = self.state.received.as_ref().map(|received| received.code) {
                    return self.search(code, now);
                }
            }
            Event::Scanned(code) => {
                if !matches!(self.state.page(), Page::Welcome | Page::Goodbye | Page::Home)
                    && !matches!(self.state.page(), Page::FollowCode | Page::FollowState | Page::LookUp)
                {
                    return Vec::new(); // Somebody is in the middle of something else.
                }
                if matches!(self.state.page(), Page::Welcome | Page::Goodbye) {
                    self.state.pages = vec![Page::Home];
                }
                self.push(Page::FollowCode);
                return self.search(code, now);
            }
            Event::SearchCode => match self.state.follow.typed.parse() {
                Ok(code) => return self.search(code, now),
                Err(_) => self.state.problem = Some(Problem::CodeMalformed),
            },
            Event::Known(code, answer) => self.known(code, answer, now),
            Event::WriteFollowUp { can_accept: true } if self.state.follow.state.is_some() => {
                self.push(Page::FollowWrite);
            }
            Event::WriteFollowUp { can_accept: false } => self.state.problem = Some(Problem::CannotAcceptNow),
            Event::SendFollowUp { id } => return self.send_follow_up(id),
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn typed_following(&mut self, field: &Field, text: String) {
        match field {
            Field::FollowCode => self.state.follow.typed = limited(text, MAX_CODE_CHARS),
            Field::FollowWords => self.state.follow.words = Secret(limited(text, MAX_WORDS_CHARS)),
            _ => {}
        }
    }

    fn search(&mut self, code: TicketCode, now: Timestamp) -> Vec<Effect> {
        self.state.problem = None;
        if self.state.follow.blocked_until.is_some_and(|until| now < until) {
            self.state.problem = Some(Problem::CodeTooOften);
            return Vec::new();
        }
        let last = std::mem::take(&mut self.state.follow);
        self.state.follow = Follow {
            typed: last.typed.clone(),
            code: Some(code),
            searching: true,
            unknown_codes: last.unknown_codes,
            blocked_until: last.blocked_until,
            ..Follow::default()
        };
        vec![Effect::Ask(code)]
    }

    fn known(&mut self, code: TicketCode, answer: Answer, now: Timestamp) {
        if let (Some(received), Answer::Fresh(state)) = (&mut self.state.received, &answer)
            && received.code == code
        {
            received.ticket = Some(state.as_ref().clone());
        }
        let follow = &mut self.state.follow;
        if follow.code != Some(code) {
            return; // An answer to a question of a visit that is over, or of another code.
        }
        // Only the first answer leads to the page: later ones must not pull somebody away from where they are now.
        let was_awaited = std::mem::take(&mut follow.searching);
        match answer {
            Answer::Fresh(state) => {
                follow.state = Some(*state);
                follow.as_of = None;
            }
            Answer::Remembered(state, at) => {
                follow.state = Some(*state);
                follow.as_of = Some(at);
            }
            Answer::Unknown if follow.state.is_none() => {
                follow.code = None;
                follow.unknown_codes += 1;
                if follow.unknown_codes >= FREE_TRIES {
                    let wait = Duration::from_secs(1_u64 << (follow.unknown_codes - FREE_TRIES + 1).min(6))
                        .min(MAX_WAIT);
                    follow.blocked_until = now.saturating_add(wait).ok();
                }
                self.state.problem = Some(Problem::CodeUnknown);
                return;
            }
            Answer::Unreachable if follow.state.is_none() => {
                self.state.problem = Some(Problem::CodeUnreachable);
                return;
            }
            // What the kiosk remembers stays: it has not arrived yet, or nobody could be asked.
            Answer::Unknown | Answer::Unreachable => {}
        }
        if was_awaited && matches!(self.state.page(), Page::FollowCode | Page::Received) {
            self.state.print = Print::Idle;
            self.push(Page::FollowState);
        }
    }

    fn send_follow_up(&mut self, id: Uuid) -> Vec<Effect> {
        let follow = &mut self.state.follow;
        if *self.state.pages.last().unwrap_or(&Page::Welcome) != Page::FollowWrite || follow.sending.is_some()
        {
            return Vec::new();
        }
        let Some(code) = follow.code else { return Vec::new() };
        let words = follow.words.0.trim();
        if words.is_empty() {
            self.state.problem = Some(Problem::WordsMissing);
            return Vec::new();
        }
        let follow_up = FollowUp { code, words: words.to_owned(), language: self.state.language.clone() };
        let id = *follow.tried.get_or_insert(id);
        follow.sending = Some(id);
        vec![Effect::Submit { id, submission: Box::new(Submission::FollowUp(follow_up)) }]
    }

    pub(super) fn follow_up_kept(&mut self, submitted_at: Timestamp) {
        let follow = &mut self.state.follow;
        follow.sending = None;
        follow.tried = None;
        follow.words = Secret::default();
        follow.sent = true;
        if let (Some(code), Some(state)) = (follow.code, &mut follow.state) {
            if state.status == Status::WaitingForCitizen {
                state.status = Status::InProgress;
            }
            self.state.received = Some(Received {
                code,
                kind: state.kind,
                category: None,
                submitted_at,
                ticket: None,
                follow_up: true,
                on_phone: false,
            });
        }
    }
}
