//! The pages on which a ticket is written.

use slint::Global as _;
use sportello_ui as ui;
use sportello_wire::{
    catalogue::{Attribute, AttributeAnswer, Category, EntryType, PlaceRule},
    code::TicketCode,
    submission::{Kind, MAX_WORDS_CHARS},
};
use uuid::Uuid;

use super::{Handle, entry, home, looking_up, on, rows::Rows, rows::fixed, rows::text};
use crate::{
    journey::{CategoryChoice, Draft, Event, Field, Page, Part},
    kiosk::Kiosk,
    words::Words,
};

/// How many steps there are after the kind was chosen.
const STEPS: i32 = 5;

#[derive(Default)]
pub(super) struct Memory {
    answers: Rows<ui::AnswerRow>,
    categories: Rows<ui::CategoryRow>,
    groups: Rows<slint::SharedString>,
    streets: Rows<slint::SharedString>,
    review: Rows<ui::ReviewRow>,
    privacy: Rows<ui::Block>,
    questions: Vec<(Attribute, String)>,
    questions_language: String,
}

pub(super) fn connect(window: &ui::AppWindow, handle: &Handle) {
    let write = ui::WriteAdapter::get(window);
    on!(handle, write.on_choose_kind, |_kiosk, kind| Event::ChooseKind(kind_of(kind)));
    on!(handle, write.on_words_typed, |_kiosk, typed| Event::Typed(Field::Words, typed.to_string()));
    on!(handle, write.on_open_answer, |_kiosk, key| Event::Open(EntryType::Article, key.to_string()));
    on!(handle, write.on_choose_category, |kiosk, code| Event::ChooseCategory(kiosk.chosen_category(&code)));
    on!(handle, write.on_street_typed, |_kiosk, typed| Event::Typed(Field::Street, typed.to_string()));
    on!(handle, write.on_choose_street, |_kiosk, name| Event::ChooseStreet(name.to_string()));
    on!(handle, write.on_number_typed, |_kiosk, typed| Event::Typed(Field::Number, typed.to_string()));
    on!(handle, write.on_place_note_typed, |_kiosk, typed| Event::Typed(Field::PlaceNote, typed.to_string()));
    on!(handle, write.on_no_place, |_kiosk| Event::NoPlace);
    on!(handle, write.on_name_typed, |_kiosk, typed| Event::Typed(Field::Name, typed.to_string()));
    on!(handle, write.on_email_typed, |_kiosk, typed| Event::Typed(Field::Email, typed.to_string()));
    on!(handle, write.on_phone_typed, |_kiosk, typed| Event::Typed(Field::Phone, typed.to_string()));
    on!(handle, write.on_answer_typed, |_kiosk, code, typed| Event::Typed(
        Field::Answer(code.to_string()),
        typed.to_string()
    ));
    on!(handle, write.on_choose_answer, |kiosk, code, key| choose_answer(kiosk, &code, &key));
    on!(handle, write.on_next, |_kiosk| Event::Next);
    on!(handle, write.on_change, |_kiosk, part| Event::Change(part_of(part)));
    on!(handle, write.on_send, |_kiosk| send());
    // Which categories are unfolded is the page's own matter: nothing of the journey depends on it.
    let weak = slint::ComponentHandle::as_weak(window);
    let again = handle.clone();
    write.on_show_all_categories(move |all| {
        if let Some(window) = weak.upgrade() {
            let write = ui::WriteAdapter::get(&window);
            write.set_all_categories(all);
            write.set_group(-1);
        }
        again.happen(|_| Event::Touched);
    });
    let weak = slint::ComponentHandle::as_weak(window);
    let again = handle.clone();
    write.on_open_group(move |group| {
        if let Some(window) = weak.upgrade() {
            ui::WriteAdapter::get(&window).set_group(group);
        }
        again.happen(|_| Event::Touched);
    });
}

fn choose_answer(kiosk: &Kiosk, code: &str, key: &str) -> Event {
    let questions = kiosk.state().draft.category.questions();
    let many = questions.iter().any(|question| {
        question.code == code && matches!(question.answer, AttributeAnswer::Choice { many: true, .. })
    });
    Event::ChooseAnswer { code: code.to_owned(), key: key.to_owned(), many }
}

/// Sends under a fresh code. Without randomness there is no code that cannot be guessed, so nothing is sent.
fn send() -> Event {
    match getrandom::u64() {
        Ok(random) => Event::Send { id: Uuid::now_v7(), code: TicketCode::from_random(random) },
        Err(error) => {
            tracing::error!(%error, "no randomness for a ticket code");
            Event::Touched
        }
    }
}

pub(super) fn show(window: &ui::AppWindow, kiosk: &Kiosk, memory: &mut Memory) {
    let (write, state) = (ui::WriteAdapter::get(window), kiosk.state());
    let (draft, language) = (&state.draft, state.language.as_str());
    write.set_kind(ui_kind(draft.kind.unwrap_or(Kind::Report)));
    write.set_steps(STEPS);
    write.set_words(text(&draft.words.0));
    let left = MAX_WORDS_CHARS.saturating_sub(draft.words.0.chars().count());
    write.set_words_left(i32::try_from(left).unwrap_or(i32::MAX));
    match state.page() {
        Page::Words => {
            write.set_step(1);
            let answers = kiosk.lookups().answers.get().iter().map(|hit| ui::AnswerRow {
                key: text(&hit.key),
                title: text(&hit.title),
                summary: text(&hit.summary),
                entry: looking_up::entry_kind(hit.entry_type, hit.article_kind),
            });
            memory.answers.set(answers.collect());
            write.set_answers(memory.answers.model());
        }
        Page::Category => {
            write.set_step(2);
            show_categories(&write, kiosk, memory);
            show_questions(&write, draft, memory, language);
        }
        Page::Place => {
            write.set_step(3);
            write.set_place_required(draft.category.place() == PlaceRule::Required);
            write.set_street(text(&draft.place.street));
            write.set_street_known(draft.place.street_known);
            write.set_number(text(&draft.place.number));
            write.set_place_note(text(&draft.place.note));
            let streets = kiosk.lookups().streets.get();
            memory.streets.set(streets.iter().map(|street| text(&street.name)).collect());
            write.set_streets(memory.streets.model());
        }
        Page::Contact => {
            write.set_step(4);
            write.set_name(text(&draft.contact.name));
            write.set_email(text(&draft.contact.email));
            write.set_phone(text(&draft.contact.phone));
        }
        Page::Review => {
            write.set_step(5);
            show_review(&write, kiosk, memory);
        }
        _ => {
            // The page of the kinds: the categories of another matter are folded again.
            write.set_all_categories(false);
            write.set_group(-1);
        }
    }
}

/// Forgets what was typed.
pub(super) fn wipe(window: &ui::AppWindow, memory: &mut Memory) {
    let write = ui::WriteAdapter::get(window);
    for set in [
        ui::WriteAdapter::set_words,
        ui::WriteAdapter::set_street,
        ui::WriteAdapter::set_number,
        ui::WriteAdapter::set_place_note,
        ui::WriteAdapter::set_name,
        ui::WriteAdapter::set_email,
        ui::WriteAdapter::set_phone,
        ui::WriteAdapter::set_category_code,
    ] {
        set(&write, text(""));
    }
    write.set_all_categories(false);
    write.set_group(-1);
    memory.answers.set(Vec::new());
    memory.categories.set(Vec::new());
    memory.streets.set(Vec::new());
    memory.review.set(Vec::new());
    memory.questions.clear();
    write.set_questions(fixed(Vec::new()));
}

fn show_categories(write: &ui::WriteAdapter<'_>, kiosk: &Kiosk, memory: &Memory) {
    let (state, categories) = (kiosk.state(), kiosk.lookups().categories.get());
    let language = state.language.as_str();
    let chosen = state.draft.category.code();
    let group_of = |category: &Category| {
        let group = categories.groups.iter().find(|(group, _)| category.parent.as_ref() == Some(&group.code));
        group.map(|(group, _)| group.name.get(language)).unwrap_or_default()
    };
    let row = |category: &Category, likely: bool| ui::CategoryRow {
        code: text(&category.code),
        name: text(category.name.get(language)),
        description: text(category.description.get(language)),
        group: text(group_of(category)),
        likely,
        selected: chosen == Some(category.code.as_str()),
    };
    // Without a likely one, all are shown at once.
    let all = write.get_all_categories() || categories.likely.is_empty();
    write.set_all_categories(all);
    write.set_any_likely(!categories.likely.is_empty());
    let open = usize::try_from(write.get_group()).ok().and_then(|group| categories.groups.get(group));
    let mut rows: Vec<ui::CategoryRow> = match (all, open) {
        (false, _) => categories.likely.iter().map(|category| row(category, true)).collect(),
        (true, Some((_, leaves))) => leaves.iter().map(|leaf| row(leaf, false)).collect(),
        (true, None) => Vec::new(),
    };
    // What was chosen stays in sight, wherever it was found.
    if !all
        && !rows.iter().any(|row| row.selected)
        && let Some(category) = categories
            .groups
            .iter()
            .flat_map(|(_, leaves)| leaves)
            .find(|leaf| chosen == Some(leaf.code.as_str()))
    {
        rows.insert(0, row(category, false));
    }
    memory.categories.set(rows);
    write.set_categories(memory.categories.model());
    memory.groups.set(categories.groups.iter().map(|(group, _)| text(group.name.get(language))).collect());
    write.set_groups(memory.groups.model());
    write.set_category_code(text(chosen.unwrap_or_default()));
    write.set_category_asked(state.draft.category != CategoryChoice::Open);
}

fn show_questions(write: &ui::WriteAdapter<'_>, draft: &Draft, memory: &mut Memory, language: &str) {
    let answer = |code: &str| {
        draft
            .answers
            .iter()
            .find(|(known, _)| known == code)
            .map(|(_, value)| value.0.clone())
            .unwrap_or_default()
    };
    let questions: Vec<(Attribute, String)> = draft
        .category
        .questions()
        .iter()
        .map(|question| (question.clone(), answer(&question.code)))
        .collect();
    if questions == memory.questions && language == memory.questions_language {
        return;
    }
    let rows = questions.iter().map(|(question, answer)| {
        let (kind, choices) = match &question.answer {
            AttributeAnswer::Text | AttributeAnswer::DateTime => (ui::QuestionKind::Text, &[][..]),
            AttributeAnswer::Number => (ui::QuestionKind::Number, &[][..]),
            AttributeAnswer::Choice { values, many: false } => (ui::QuestionKind::Choice, values.as_slice()),
            AttributeAnswer::Choice { values, many: true } => (ui::QuestionKind::Choices, values.as_slice()),
            AttributeAnswer::Shown => (ui::QuestionKind::Shown, &[][..]),
        };
        let choices = choices.iter().map(|(key, name)| ui::Choice {
            key: text(key),
            name: text(name.get(language)),
            selected: answer.split(',').any(|chosen| chosen == key),
        });
        ui::QuestionRow {
            code: text(&question.code),
            question: text(question.question.get(language)),
            required: question.required,
            kind,
            answer: text(answer),
            choices: fixed(choices.collect()),
        }
    });
    write.set_questions(fixed(rows.collect()));
    memory.questions = questions;
    language.clone_into(&mut memory.questions_language);
}

fn show_review(write: &ui::WriteAdapter<'_>, kiosk: &Kiosk, memory: &Memory) {
    let (state, draft) = (kiosk.state(), &kiosk.state().draft);
    let (language, words) = (state.language.as_str(), Words::of(&state.language));
    let category = draft.category.code().and_then(|code| kiosk.catalogue()?.category(code).ok().flatten());
    let category =
        category.as_ref().map_or(words.say("I do not know"), |category| category.name.get(language));
    let place: Vec<_> = [&draft.place.street, &draft.place.number, &draft.place.note]
        .into_iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .collect();
    let contact: Vec<_> = [&draft.contact.name, &draft.contact.email, &draft.contact.phone]
        .into_iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .collect();
    let or = |text: String, otherwise: &str| if text.is_empty() { otherwise.to_owned() } else { text };
    let row = |part, value: &str| ui::ReviewRow { part, value: text(value) };
    let mut rows = vec![
        row(ui::ReviewPart::Kind, words.kind(draft.kind.unwrap_or(Kind::Report))),
        row(ui::ReviewPart::Words, draft.words.0.trim()),
        row(ui::ReviewPart::Category, category),
    ];
    if draft.category.place() != PlaceRule::None {
        rows.push(row(ui::ReviewPart::Place, &or(place.join(", "), words.say("No place"))));
    }
    rows.push(row(
        ui::ReviewPart::Contact,
        &or(contact.join(", "), words.say("No contact: you follow it by its code")),
    ));
    memory.review.set(rows);
    write.set_review(memory.review.model());
    if let Some(authority) = kiosk.authority() {
        let notice = authority.privacy_notice.get(language);
        let first = home::first_paragraph(notice);
        write.set_privacy(text(first));
        memory.privacy.set(entry::blocks(notice.trim_start().strip_prefix(first).unwrap_or_default()));
        write.set_privacy_notice(memory.privacy.model());
    }
    write.set_answer_by(text(words.date(kiosk.due_on(draft.category.code(), kiosk.now()))));
}

pub(super) fn ui_kind(kind: Kind) -> ui::Kind {
    match kind {
        Kind::Report => ui::Kind::Report,
        Kind::Question => ui::Kind::Question,
        Kind::Complaint => ui::Kind::Complaint,
        Kind::Proposal => ui::Kind::Proposal,
    }
}

fn kind_of(kind: ui::Kind) -> Kind {
    match kind {
        ui::Kind::Report => Kind::Report,
        ui::Kind::Question => Kind::Question,
        ui::Kind::Complaint => Kind::Complaint,
        ui::Kind::Proposal => Kind::Proposal,
    }
}

fn part_of(part: ui::ReviewPart) -> Part {
    match part {
        ui::ReviewPart::Kind => Part::Kind,
        ui::ReviewPart::Words => Part::Words,
        ui::ReviewPart::Category | ui::ReviewPart::Attributes => Part::Category,
        ui::ReviewPart::Place => Part::Place,
        ui::ReviewPart::Contact => Part::Contact,
    }
}
