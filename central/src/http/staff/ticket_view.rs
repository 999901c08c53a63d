//! What the desk shows of one ticket. Pure: made from its events and the names of offices and people.

use std::collections::HashMap;

use sportello_wire::{
    catalogue::{Article, Category},
    submission::NewTicket,
    ticket::Status,
};

use super::{
    answers::{Answered, answers},
    list::Due,
    masked,
    similar::similar,
    title::title,
};
use crate::{
    http::{
        page::{
            dates::Dates,
            language::Language,
            words::{Words, fill},
        },
        public,
    },
    network::Directory,
    people::Person,
    ticket::{Actor, Channel, Event, Happening, Opened, Ticket},
};

/// A longer time than this between submission and arrival is told, in seconds.
const DELAY_TOLD_S: i64 = 120;

/// A ticket as its pane shows it.
#[derive(Debug)]
pub(super) struct TicketView {
    pub(super) code: String,
    pub(super) sequence: u32,
    pub(super) protocol: String,
    pub(super) channel: String,
    pub(super) sent: String,
    pub(super) title: String,
    pub(super) state: &'static str,
    pub(super) state_class: &'static str,
    pub(super) state_icon: &'static str,
    /// None when it is resolved.
    pub(super) due: Option<Due>,
    pub(super) holder: String,
    pub(super) words: String,
    pub(super) language_tag: String,
    pub(super) added: Vec<Added>,
    pub(super) facts: Vec<String>,
    pub(super) answers: Vec<Answered>,
    pub(super) similar: Vec<Similar>,
    pub(super) history: Vec<Entry>,
    pub(super) read_only: Option<String>,
    pub(super) can_work: bool,
    pub(super) words_label: &'static str,
    pub(super) words_hint: &'static str,
    pub(super) actions: Vec<Button>,
    pub(super) offices: Vec<OfficeChoice>,
}

/// Something that the citizen added later.
#[derive(Debug)]
pub(super) struct Added {
    pub(super) when: String,
    pub(super) words: String,
    pub(super) language_tag: String,
}

/// An article that may already answer it.
#[derive(Debug)]
pub(super) struct Similar {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) checked: String,
}

/// Something that happened.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) when: String,
    pub(super) what: String,
    /// Why the program did it.
    pub(super) reason: String,
    /// What somebody wrote.
    pub(super) words: String,
}

/// Something that can be done.
#[derive(Debug)]
pub(super) struct Button {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) key: &'static str,
    pub(super) class: &'static str,
    pub(super) needs_words: bool,
}

/// An office to pass the ticket on to.
#[derive(Debug)]
pub(super) struct OfficeChoice {
    pub(super) code: String,
    pub(super) name: String,
}

/// What a ticket's pane is made from.
pub(super) struct Told<'a> {
    pub(super) ticket: &'a Ticket,
    pub(super) events: &'a [Event],
    pub(super) articles: &'a [Article],
    pub(super) directory: &'a Directory,
    pub(super) names: &'a HashMap<String, String>,
    pub(super) person: &'a Person,
    pub(super) language: Language,
    pub(super) dates: &'a Dates,
}

impl Told<'_> {
    /// Says everything.
    pub(super) fn view(&self) -> TicketView {
        let (w, ticket, opened) = (self.language.words(), self.ticket, &self.ticket.opened);
        let new = &opened.ticket;
        let office = ticket.office.clone().unwrap_or_default();
        let can_work = self.person.may_work_for(&office);
        let (state, state_class, state_icon) = standing(ticket.status, w);
        let resolved = !ticket.status.is_open();
        TicketView {
            code: new.code.to_string(),
            sequence: ticket.last_sequence,
            protocol: ticket.protocol.map_or_else(
                || w.protocol_pending.to_owned(),
                |number| fill(w.protocol, &[number.to_string()]),
            ),
            channel: channel(opened, w),
            sent: self.sent(),
            title: title(&new.words),
            state,
            state_class,
            state_icon,
            due: (!resolved).then(|| Due::of(opened.due_on, ticket.status, w, self.dates)),
            holder: self.holder(&office),
            words: new.words.trim().to_owned(),
            language_tag: new.language.clone(),
            added: self.added(),
            facts: self.facts(new),
            answers: answers(&new.attributes, self.category(new), self.language.tag()),
            similar: if can_work && !resolved { self.similar(new) } else { Vec::new() },
            history: self.events.iter().map(|event| self.entry(event)).collect(),
            read_only: (!can_work).then(|| fill(w.read_only, &[self.office(&office)])),
            can_work,
            words_label: if resolved { w.reopen_label } else { w.answer_label },
            words_hint: if resolved { w.reopen_hint } else { w.answer_hint },
            actions: buttons(ticket, w),
            offices: if resolved { Vec::new() } else { self.offices(&office) },
        }
    }

    fn office(&self, code: &str) -> String {
        self.directory.handler(code).name.get(self.language.tag()).to_owned()
    }

    fn name(&self, login: &str) -> String {
        self.names.get(login).map_or(login, String::as_str).to_owned()
    }

    fn sent(&self) -> String {
        let (submitted, received) = (self.ticket.opened.submitted_at, self.ticket.opened.received_at);
        let sent = self.dates.exact(submitted);
        if received.as_second() - submitted.as_second() <= DELAY_TOLD_S {
            return sent;
        }
        let same_day = self.dates.day_of(submitted) == self.dates.day_of(received);
        let arrived = if same_day { self.dates.time(received) } else { self.dates.exact(received) };
        fill(self.language.words().sent_offline, &[sent, arrived])
    }

    fn holder(&self, office: &str) -> String {
        let w = self.language.words();
        let office = self.office(office);
        match &self.ticket.taken_by {
            Some(login) if self.ticket.status.is_open() => fill(w.has_it, &[self.name(login), office]),
            Some(login) => fill(w.had_it, &[self.name(login), office]),
            None => format!("{}. {}", fill(w.has_it_office, &[office]), w.has_it_nobody),
        }
    }

    fn added(&self) -> Vec<Added> {
        let pattern = self.language.words().added_by_citizen;
        self.events
            .iter()
            .filter_map(|event| match &event.what {
                Happening::FollowedUp { words, language, submitted_at } => Some(Added {
                    when: fill(pattern, &[self.dates.exact(*submitted_at)]),
                    words: words.trim().to_owned(),
                    language_tag: language.clone(),
                }),
                _ => None,
            })
            .collect()
    }

    fn category(&self, new: &NewTicket) -> Option<&Category> {
        new.category.as_deref().and_then(|code| self.directory.categories.get(code))
    }

    fn facts(&self, new: &NewTicket) -> Vec<String> {
        let (w, tag) = (self.language.words(), self.language.tag());
        let category = self.category(new);
        let language = match new.language.as_str() {
            "it" => w.language_it,
            "en" => w.language_en,
            other => other,
        };
        let contact = masked::contact(&new.contact);
        let facts = [
            public::kind(new.kind, w).to_owned(),
            category.map_or(w.no_category, |category| category.name.get(tag)).to_owned(),
            new.place.line(),
            fill(w.language, &[language]),
            contact.map_or_else(|| w.contact_none.to_owned(), |contact| fill(w.contact, &[contact])),
        ];
        facts.into_iter().filter(|fact| !fact.is_empty()).collect()
    }

    fn similar(&self, new: &NewTicket) -> Vec<Similar> {
        let pattern = self.language.words().similar_checked;
        similar(self.articles, &new.words, new.category.as_deref())
            .into_iter()
            .map(|article| Similar {
                id: article.id.clone(),
                title: article.title.get(self.language.tag()).to_owned(),
                // The answer goes to the citizen, so it speaks the citizen's language.
                text: article.summary.get(&new.language).to_owned(),
                checked: fill(pattern, &[self.dates.day(article.checked_on)]),
            })
            .collect()
    }

    fn offices(&self, current: &str) -> Vec<OfficeChoice> {
        let tag = self.language.tag();
        let mut offices: Vec<OfficeChoice> = self
            .directory
            .offices
            .values()
            .filter(|office| office.code != current || self.ticket.taken_by.is_some())
            .map(|office| OfficeChoice { code: office.code.clone(), name: office.name.get(tag).to_owned() })
            .collect();
        offices.sort_by_key(|office| office.name.to_lowercase());
        offices
    }

    fn entry(&self, event: &Event) -> Entry {
        let w = self.language.words();
        let by = match &event.actor {
            Actor::Staff(login) => self.name(login),
            Actor::Citizen | Actor::System => w.product.to_owned(),
        };
        let with = |pattern: &str, part: String| fill(pattern, &[part]);
        let mut at = event.at;
        let (what, words) = match &event.what {
            Happening::Opened(opened) => {
                at = opened.submitted_at;
                let what = match opened.channel {
                    Channel::Kiosk if !opened.site.is_empty() => {
                        with(w.did_submitted_at, opened.site.clone())
                    }
                    _ => w.did_submitted.to_owned(),
                };
                (what, "")
            }
            Happening::Registered { number } => (with(w.did_registered, number.to_string()), ""),
            Happening::Routed { office, .. } => (with(w.did_routed, self.office(office)), ""),
            Happening::Taken { by, .. } => (with(w.did_taken, self.name(by)), ""),
            Happening::PassedOn { to, note } => (with(w.did_passed, self.office(to)), note.as_str()),
            Happening::Answered { words } => (with(w.did_answered, by), words.as_str()),
            Happening::Asked { words } => (with(w.did_asked, by), words.as_str()),
            Happening::FollowedUp { .. } => (w.did_followed_up.to_owned(), ""),
            Happening::Resolved { words } => (with(w.did_resolved, by), words.as_str()),
            Happening::Reopened { reason } => (with(w.did_reopened, by), reason.as_str()),
        };
        let reason = match &event.what {
            Happening::Routed { reason, .. } => reason.clone(),
            _ => String::new(),
        };
        Entry { when: self.dates.exact(at), what, reason, words: words.trim().to_owned() }
    }
}

/// Where a ticket stands: its words, its colour, its icon.
pub(super) fn standing(status: Status, w: &'static Words) -> (&'static str, &'static str, &'static str) {
    match status {
        Status::Received => (w.status_received, "state-open", "tray"),
        Status::InProgress => (w.status_in_progress, "state-open", "person"),
        Status::WaitingForCitizen => (w.status_waiting, "state-wait", "question"),
        Status::Resolved => (w.status_resolved, "state-done", "check"),
    }
}

fn channel(opened: &Opened, w: &'static Words) -> String {
    let name = match opened.channel {
        Channel::Kiosk => return fill(w.channel_kiosk, &[opened.site.as_str()]).trim_end().to_owned(),
        Channel::Web => w.channel_web,
        Channel::Open311 => w.channel_open311,
        Channel::Desk => w.channel_desk,
        Channel::Phone => w.channel_phone,
        Channel::Email => w.channel_email,
        Channel::Letter => w.channel_letter,
    };
    name.to_owned()
}

/// What can be done now; the first is the main thing. Answering a ticket that nobody has takes it on as well.
fn buttons(ticket: &Ticket, w: &'static Words) -> Vec<Button> {
    let button = |name, label, key, needs_words| Button { name, label, key, class: "", needs_words };
    let mut buttons = if ticket.status.is_open() {
        let mut buttons = vec![
            button("resolve", w.answer_and_resolve, "r", !ticket.answered),
            button("answer", w.answer_only, "a", true),
            button("ask", w.ask_back, "c", true),
        ];
        if ticket.taken_by.is_none() {
            buttons.insert(0, button("take", w.take, "t", false));
        }
        buttons
    } else {
        vec![button("reopen", w.reopen, "o", true)]
    };
    for (button, class) in buttons.iter_mut().zip(["main", "strong"]) {
        button.class = class;
    }
    if let Some(resolve) = buttons.iter_mut().find(|button| button.name == "resolve" && ticket.answered) {
        resolve.label = w.resolve;
    }
    buttons
}
