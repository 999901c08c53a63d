//! Following a ticket: its code, its steps, who has it, until when.

use jiff::civil::DateTime;
use slint::Global as _;
use sportello_ui as ui;
use sportello_wire::ticket::{Status, Step, StepKind, TicketState};

use super::{Handle, on, received, rows::Rows, rows::text};
use crate::{
    journey::{Event, Field},
    kiosk::Kiosk,
    words::{Words, fill},
};
use uuid::Uuid;

/// The most steps that the page shows: the first and the latest ones.
const MAX_STEPS: usize = 6;

#[derive(Default)]
pub(super) struct Memory {
    steps: Rows<ui::StepRow>,
    messages: Rows<ui::MessageRow>,
}

pub(super) fn connect(window: &ui::AppWindow, handle: &Handle) {
    let follow = ui::FollowAdapter::get(window);
    on!(handle, follow.on_code_typed, |_kiosk, typed| Event::Typed(Field::FollowCode, typed.to_string()));
    on!(handle, follow.on_search, |_kiosk| Event::SearchCode);
    on!(handle, follow.on_write, |kiosk| Event::WriteFollowUp { can_accept: kiosk.can_accept() });
    on!(handle, follow.on_words_typed, |_kiosk, typed| Event::Typed(Field::FollowWords, typed.to_string()));
    on!(handle, follow.on_send, |_kiosk| Event::SendFollowUp { id: Uuid::now_v7() });
    on!(handle, follow.on_print, |_kiosk| Event::Print);
}

pub(super) fn show(window: &ui::AppWindow, kiosk: &Kiosk, memory: &mut Memory) {
    let (page, state) = (ui::FollowAdapter::get(window), kiosk.state());
    page.set_typed(text(&state.follow.typed));
    page.set_words(text(&state.follow.words.0));
    page.set_scanner(kiosk.has_scanner());
    page.set_printer(received::print_state(kiosk));
    let Some(ticket) = &state.follow.state else { return };
    let (language, words) = (state.language.as_str(), Words::of(&state.language));
    let now = kiosk.now().to_zoned(kiosk.zone().clone()).datetime();
    let local = |at: jiff::Timestamp| at.to_zoned(kiosk.zone().clone()).datetime();
    page.set_code(text(ticket.code.to_string()));
    page.set_category(text(ticket.category.get(language)));
    page.set_headline(text(headline(ticket, words)));
    // Of a concluded ticket nobody takes care any more.
    let handler = ticket.handler.as_ref().filter(|_| ticket.status.is_open());
    page.set_handler(text(handler.map_or("", |handler| handler.name.get(language))));
    page.set_handler_of(text(handler.map_or("", |handler| handler.authority.get(language))));
    page.set_protocol(text(ticket.protocol.map(|number| number.to_string()).unwrap_or_default()));
    page.set_asked(ticket.status == Status::WaitingForCitizen);
    page.set_as_of(text(state.follow.as_of.map(|at| words.moment(local(at), now)).unwrap_or_default()));
    memory.steps.set(steps(ticket, words, language, now, local));
    page.set_steps(memory.steps.model());
    let messages = ticket.steps.iter().rev().filter_map(|step| message(step, words, now, local(step.at)));
    memory.messages.set(messages.collect());
    page.set_messages(memory.messages.model());
}

/// Forgets the last citizen's ticket.
pub(super) fn wipe(window: &ui::AppWindow, memory: &mut Memory) {
    let page = ui::FollowAdapter::get(window);
    for set in [
        ui::FollowAdapter::set_typed,
        ui::FollowAdapter::set_words,
        ui::FollowAdapter::set_code,
        ui::FollowAdapter::set_category,
        ui::FollowAdapter::set_headline,
        ui::FollowAdapter::set_handler,
        ui::FollowAdapter::set_handler_of,
        ui::FollowAdapter::set_protocol,
        ui::FollowAdapter::set_as_of,
    ] {
        set(&page, text(""));
    }
    page.set_asked(false);
    memory.steps.set(Vec::new());
    page.set_steps(memory.steps.model());
    memory.messages.set(Vec::new());
}

fn headline(ticket: &TicketState, words: Words) -> &'static str {
    match ticket.status {
        Status::Received => words.say("It has been received."),
        Status::InProgress => words.say("It is being worked on."),
        Status::WaitingForCitizen => words.say("The office is waiting for your answer."),
        Status::Resolved => words.say("It is concluded."),
    }
}

fn steps(
    ticket: &TicketState,
    words: Words,
    language: &str,
    now: DateTime,
    local: impl Fn(jiff::Timestamp) -> DateTime,
) -> Vec<ui::StepRow> {
    let mut rows: Vec<ui::StepRow> = ticket
        .steps
        .iter()
        .map(|step| {
            let (icon, title, note) = told(step, words, language);
            let moment = words.moment(local(step.at), now);
            let detail = if note.is_empty() { moment } else { format!("{moment} · {note}") };
            ui::StepRow { icon, title: text(title), detail: text(detail), current: false, future: false }
        })
        .collect();
    let open = ticket.status.is_open();
    let most = if open { MAX_STEPS - 1 } else { MAX_STEPS };
    if rows.len() > most {
        rows.drain(1..=rows.len() - most);
    }
    if let Some(last) = rows.last_mut() {
        last.current = open;
    }
    if open {
        let days = now.date().until(ticket.due_on).map_or(0, |span| span.get_days());
        let detail = match days {
            1 => words.say("1 day left").to_owned(),
            0 => words.say("Today is the last day").to_owned(),
            days if days > 0 => fill(words.say("{} days left"), &[&days.to_string()]),
            _ => words.say("The term has passed: you may ask why").to_owned(),
        };
        rows.push(ui::StepRow {
            icon: ui::StepIcon::Due,
            title: text(fill(words.say("Answer {}"), &[&words.by_day(ticket.due_on, now.date())])),
            detail: text(detail),
            current: false,
            future: true,
        });
    }
    rows
}

/// A step in a citizen's words: its icon, what happened, a note.
fn told(step: &Step, words: Words, language: &str) -> (ui::StepIcon, String, String) {
    let plain = |icon, sentence: &str| (icon, sentence.to_owned(), String::new());
    match &step.what {
        StepKind::Submitted { site } if site.is_empty() => {
            plain(ui::StepIcon::Submitted, words.say("Received"))
        }
        StepKind::Submitted { site } => {
            plain(ui::StepIcon::Submitted, &fill(words.say("Received at the counter: {}"), &[site]))
        }
        StepKind::Registered { number } => plain(
            ui::StepIcon::Registered,
            &fill(words.say("Registered under no. {}"), &[&number.to_string()]),
        ),
        StepKind::Routed { to } => {
            plain(ui::StepIcon::Routed, &fill(words.say("Given to: {}"), &[to.name.get(language)]))
        }
        StepKind::Taken { by } => {
            plain(ui::StepIcon::Taken, &fill(words.say("Taken on by: {}"), &[by.name.get(language)]))
        }
        StepKind::PassedOn { to, note } => {
            let note = if note.is_empty() { words.say("same code, same term") } else { note };
            let title = fill(words.say("Passed on to: {}"), &[to.name.get(language)]);
            (ui::StepIcon::PassedOn, title, note.to_owned())
        }
        StepKind::Answered { .. } => plain(ui::StepIcon::Answered, words.say("The office wrote to you")),
        StepKind::Asked { .. } => plain(ui::StepIcon::Asked, words.say("The office asks you something")),
        StepKind::FollowedUp => plain(ui::StepIcon::FollowedUp, words.say("You wrote to the office")),
        StepKind::Resolved { .. } => plain(ui::StepIcon::Resolved, words.say("Concluded")),
        StepKind::Reopened => plain(ui::StepIcon::Reopened, words.say("Opened again")),
    }
}

/// What an office wrote in a step.
fn message(step: &Step, words: Words, now: DateTime, at: DateTime) -> Option<ui::MessageRow> {
    let (heading, written) = match &step.what {
        StepKind::Answered { words: written } => (words.say("The office’s answer, {}"), written),
        StepKind::Asked { words: written } => (words.say("The office asks, {}"), written),
        StepKind::Resolved { words: written } => (words.say("The office’s conclusion, {}"), written),
        _ => return None,
    };
    let heading = fill(heading, &[&words.moment(at, now)]);
    (!written.is_empty()).then(|| ui::MessageRow { heading: text(heading), words: text(written) })
}
