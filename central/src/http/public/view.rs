//! What a citizen's page says about a ticket, in sentences. Pure.
//!
//! It is made from [`TicketState`] only, which carries neither the citizen's words nor the contact.

use jiff::civil::Date;
use sportello_wire::{
    submission::Kind,
    ticket::{Handler, Status, StepKind, TicketState},
};

use crate::http::page::{
    dates::{Dates, Urgency},
    language::Language,
    words::{Words, fill},
};

/// A ticket as its page shows it.
#[derive(Debug)]
pub(super) struct TicketView {
    pub(super) code: String,
    pub(super) matter: String,
    pub(super) headline: &'static str,
    pub(super) lead: String,
    pub(super) holder_icon: &'static str,
    pub(super) holder_label: &'static str,
    pub(super) holder: String,
    pub(super) holder_body: String,
    /// What the office wrote last, where it is the main thing on the page.
    pub(super) main_message: Option<Message>,
    pub(super) messages: Vec<Message>,
    pub(super) steps: Vec<StepView>,
    pub(super) can_add: bool,
}

/// Something that the office wrote, newest first on the page.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) from: String,
    pub(super) words: String,
}

/// One step of the way.
#[derive(Debug)]
pub(super) struct StepView {
    pub(super) class: &'static str,
    pub(super) icon: &'static str,
    pub(super) what: String,
    pub(super) when: String,
}

/// Says everything about a ticket that its page shows.
pub(super) fn view(state: &TicketState, language: Language, dates: &Dates) -> TicketView {
    let w = language.words();
    let tag = language.tag();
    let open = state.status.is_open();
    let (holder, holder_body) = match &state.handler {
        Some(handler) => (handler.name.get(tag).to_owned(), handler.authority.get(tag).to_owned()),
        None => (w.waiting_for_office.to_owned(), String::new()),
    };
    let category = state.category.get(tag);
    let matter = if category.is_empty() { kind(state.kind, w) } else { category };
    let mut messages = messages(state, tag, w, dates);
    let answered = matches!(state.status, Status::WaitingForCitizen | Status::Resolved);
    let main_message = if answered && !messages.is_empty() { Some(messages.remove(0)) } else { None };
    TicketView {
        code: state.code.to_string(),
        matter: fill(w.sent_on, &[matter, dates.day(dates.day_of(state.submitted_at)).as_str()]),
        headline: headline(state.status, w),
        lead: if open { expected(state.due_on, w, dates) } else { String::new() },
        holder_icon: if open { "person" } else { "person-check" },
        holder_label: if open { w.handled_by } else { w.was_handled_by },
        holder,
        holder_body,
        main_message,
        messages,
        steps: steps(state, tag, w, dates),
        can_add: open,
    }
}

/// The name of a kind of ticket.
pub(crate) fn kind(kind: Kind, w: &Words) -> &'static str {
    match kind {
        Kind::Report => w.kind_report,
        Kind::Question => w.kind_question,
        Kind::Complaint => w.kind_complaint,
        Kind::Proposal => w.kind_proposal,
    }
}

fn headline(status: Status, w: &Words) -> &'static str {
    match status {
        Status::Received => w.headline_received,
        Status::InProgress => w.headline_in_progress,
        Status::WaitingForCitizen => w.headline_waiting,
        Status::Resolved => w.headline_resolved,
    }
}

fn expected(due_on: Date, w: &Words, dates: &Dates) -> String {
    let pattern = if dates.urgency(due_on) == Urgency::Late { w.due_late } else { w.due_by };
    format!("{}.", fill(pattern, &[dates.day(due_on)]))
}

fn messages(state: &TicketState, tag: &str, w: &Words, dates: &Dates) -> Vec<Message> {
    let mut holder = String::new();
    let mut messages = Vec::new();
    for step in &state.steps {
        let (pattern, words) = match &step.what {
            StepKind::Routed { to } | StepKind::Taken { by: to } => {
                holder = name(to, tag);
                continue;
            }
            StepKind::PassedOn { to, note } => {
                let from = std::mem::replace(&mut holder, name(to, tag));
                messages.push((w.note_from, from, note, step.at));
                continue;
            }
            StepKind::Answered { words } | StepKind::Resolved { words } => (w.answer_from, words),
            StepKind::Asked { words } => (w.question_from, words),
            StepKind::Submitted { .. }
            | StepKind::Registered { .. }
            | StepKind::FollowedUp
            | StepKind::Reopened => {
                continue;
            }
        };
        messages.push((pattern, holder.clone(), words, step.at));
    }
    messages
        .into_iter()
        .filter(|(_, _, words, _)| !words.trim().is_empty())
        .rev()
        .map(|(pattern, from, words, at)| Message {
            from: fill(pattern, &[from, dates.day(dates.day_of(at))]),
            words: words.trim().to_owned(),
        })
        .collect()
}

fn steps(state: &TicketState, tag: &str, w: &Words, dates: &Dates) -> Vec<StepView> {
    let open = state.status.is_open();
    let last = state.steps.len().saturating_sub(1);
    let mut steps: Vec<StepView> = state
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let (icon, what, more) = told(&step.what, tag, w);
            let mut when = dates.moment(step.at);
            if let Some(more) = more {
                when = format!("{when} · {more}");
            }
            StepView { class: if open && index == last { "step-now" } else { "step-done" }, icon, what, when }
        })
        .collect();
    if open {
        steps.push(ahead(state.due_on, w, dates));
    }
    steps
}

fn told(step: &StepKind, tag: &str, w: &Words) -> (&'static str, String, Option<&'static str>) {
    let with = |pattern: &str, part: &str| fill(pattern, &[part]);
    match step {
        StepKind::Submitted { site } if site.is_empty() => ("check", w.step_submitted.to_owned(), None),
        StepKind::Submitted { site } => ("check", with(w.step_submitted_at, site), None),
        StepKind::Registered { number } => ("stamp", with(w.step_registered, &number.to_string()), None),
        StepKind::Routed { to } => ("route", with(w.step_routed, &name(to, tag)), None),
        StepKind::Taken { by } => ("person-check", with(w.step_taken, &name(by, tag)), None),
        StepKind::PassedOn { to, .. } => ("pass", with(w.step_passed, &name(to, tag)), Some(w.same_code)),
        StepKind::Answered { .. } => ("message", w.step_answered.to_owned(), None),
        StepKind::Asked { .. } => ("question", w.step_asked.to_owned(), None),
        StepKind::FollowedUp => ("plus", w.step_followed_up.to_owned(), None),
        StepKind::Resolved { .. } => ("flag", w.step_resolved.to_owned(), None),
        StepKind::Reopened => ("reopen", w.step_reopened.to_owned(), None),
    }
}

fn ahead(due_on: Date, w: &Words, dates: &Dates) -> StepView {
    if dates.urgency(due_on) == Urgency::Late {
        StepView {
            class: "step-late",
            icon: "alert",
            what: fill(w.due_late, &[dates.day(due_on)]),
            when: fill(w.due_late_by, &[dates.until(due_on)]),
        }
    } else {
        StepView {
            class: "step-ahead",
            icon: "flag",
            what: fill(w.due_by, &[dates.day(due_on)]),
            when: fill(w.due_left, &[capitalised(&dates.left(due_on))]),
        }
    }
}

fn name(handler: &Handler, tag: &str) -> String {
    handler.name.get(tag).to_owned()
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, civil::date, tz::TimeZone};
    use sportello_wire::{
        code::TicketCode,
        text::LocalisedText,
        ticket::{ProtocolNumber, Step},
    };

    use super::*;

    fn office(name: &str) -> Handler {
        Handler {
            office: name.to_lowercase(),
            name: LocalisedText::italian(name),
            authority: LocalisedText::italian("Comune di Montefiorito"),
        }
    }

    fn seen(status: Status, steps: Vec<StepKind>, now: &str) -> TicketView {
        let at: Timestamp = "2026-11-22T09:43:00Z".parse().expect("a timestamp");
        let state = TicketState {
            code: TicketCode::from_random(1),
            kind: Kind::Report,
            category: LocalisedText::both("Illuminazione pubblica", "Street lighting"),
            status,
            submitted_at: at,
            due_on: date(2026, 12, 22),
            protocol: Some(ProtocolNumber { year: 2026, number: 4127 }),
            handler: Some(office("Lavori pubblici")),
            steps: steps.into_iter().map(|what| Step { at, what }).collect(),
        };
        let zone = TimeZone::get("Europe/Rome").expect("it is bundled");
        let dates = Dates::new(Language::Italian, zone, now.parse().expect("a timestamp"));
        view(&state, Language::Italian, &dates)
    }

    #[test]
    fn what_an_office_wrote_is_said_to_be_from_the_office_that_had_the_ticket_then() {
        let view = seen(
            Status::Resolved,
            vec![
                StepKind::Routed { to: office("URP") },
                StepKind::PassedOn {
                    to: office("Lavori pubblici"),
                    note: "Il guasto è sulla linea.".to_owned(),
                },
                StepKind::Answered { words: "Torniamo giovedì.".to_owned() },
                StepKind::Resolved { words: String::new() },
            ],
            "2026-11-23T10:00:00Z",
        );
        let from: Vec<_> =
            view.main_message.iter().chain(&view.messages).map(|message| message.from.as_str()).collect();
        assert_eq!(from, ["Risposta · Lavori pubblici · 22 novembre", "Messaggio · URP · 22 novembre"]);
        assert_eq!(view.messages.len(), 1);
        assert_eq!(view.headline, "Ha una risposta.");
    }

    #[test]
    fn an_open_ticket_ends_in_what_is_still_to_come_and_says_when_it_is_late() {
        let steps = || vec![StepKind::Submitted { site: "Biblioteca".to_owned() }];
        let view = seen(Status::Received, steps(), "2026-11-25T10:00:00Z");
        let last = view.steps.last().expect("there are steps");
        assert_eq!(
            (last.what.as_str(), last.when.as_str()),
            ("Risposta entro il 22 dicembre", "Mancano 27 giorni")
        );
        let late = seen(Status::Received, steps(), "2026-12-24T10:00:00Z");
        let last = late.steps.last().expect("there are steps");
        assert_eq!(last.when, "Siamo in ritardo di 2 giorni. Ce ne scusiamo.");
        let done = seen(Status::Resolved, steps(), "2026-12-24T10:00:00Z");
        assert_eq!(done.steps.len(), 1);
    }
}
