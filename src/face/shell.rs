//! The frame of every page: who, where, when, how it looks, and what lies over it.

use slint::{ComponentHandle as _, Global as _};
use sportello_ui as ui;
use sportello_wire::catalogue::EntryType;

use super::{Handle, on, rows::Rows, rows::text};
use crate::{
    journey::{Contrast, Event, Layer, Page, Problem, TextSize},
    kiosk::Kiosk,
    words::{Words, capitalised},
};

#[derive(Default)]
pub(super) struct Memory {
    languages: Rows<ui::LanguageChoice>,
    language: String,
}

pub(super) fn connect(window: &ui::AppWindow, handle: &Handle) {
    let shell = ui::Shell::get(window);
    on!(handle, shell.on_begin, |_kiosk| Event::Begin);
    on!(handle, shell.on_back, |_kiosk| Event::Back);
    on!(handle, shell.on_go_home, |_kiosk| Event::GoHome);
    on!(handle, shell.on_end, |_kiosk| Event::End);
    on!(handle, shell.on_confirm_end, |_kiosk| Event::ConfirmEnd);
    on!(handle, shell.on_stay, |_kiosk| Event::Stay);
    on!(handle, shell.on_open_language, |_kiosk| Event::OpenLanguage);
    on!(handle, shell.on_choose_language, |_kiosk, tag| Event::ChooseLanguage(tag.to_string()));
    on!(handle, shell.on_open_legibility, |_kiosk| Event::OpenLegibility);
    on!(handle, shell.on_choose_text_size, |_kiosk, size| Event::ChooseTextSize(text_size(size)));
    on!(handle, shell.on_choose_contrast, |_kiosk, choice| Event::ChooseContrast(contrast(choice)));
    on!(handle, shell.on_open_help, |_kiosk| Event::OpenHelp);
    on!(handle, shell.on_touched, |_kiosk| Event::Touched);
    let weak = window.as_weak();
    shell.on_key_typed(move |key| {
        if let Some(window) = weak.upgrade() {
            let window = window.window();
            // Slint fails here only when the window is gone.
            let _ = window
                .dispatch_event_with_result(slint::platform::WindowEvent::KeyPressed { text: key.clone() });
            let _ =
                window.dispatch_event_with_result(slint::platform::WindowEvent::KeyReleased { text: key });
        }
    });
}

pub(super) fn show(window: &ui::AppWindow, kiosk: &Kiosk, memory: &mut Memory) {
    let (shell, state) = (ui::Shell::get(window), kiosk.state());
    if memory.language != state.language {
        memory.language.clone_from(&state.language);
        // English is the source of all strings and has no file of its own.
        let known =
            slint::select_bundled_translation(if state.language == "en" { "" } else { &state.language });
        if let Err(error) = known {
            tracing::warn!(%error, "the pages are not translated into this language");
        }
    }
    let words = Words::of(&state.language);
    let now = kiosk.now().to_zoned(kiosk.zone().clone());
    if let Some(authority) = kiosk.authority() {
        shell.set_authority(text(authority.name.get(&state.language)));
        let (hue, saturation, brightness) = authority.colour_hsb;
        let brush = slint::Color::from_hsva(
            f32::from(hue),
            f32::from(saturation) / 100.0,
            f32::from(brightness) / 100.0,
            1.0,
        );
        shell.set_main_colour(brush);
    }
    shell.set_site(text(kiosk.site()));
    shell.set_time(text(now.strftime("%H:%M").to_string()));
    shell.set_date(text(words.weekday_and_day(now.date())));
    shell.set_language(text(&state.language));
    shell.set_language_name(text(own_name(&state.language)));
    let choices = kiosk.languages().iter().map(|tag| ui::LanguageChoice {
        tag: text(tag),
        name: text(own_name(tag)),
        current: *tag == state.language,
    });
    memory.languages.set(choices.collect());
    shell.set_languages(memory.languages.model());
    shell.set_text_size(match state.text_size {
        TextSize::Normal => ui::TextSize::Normal,
        TextSize::Large => ui::TextSize::Large,
        TextSize::Larger => ui::TextSize::Larger,
        TextSize::Largest => ui::TextSize::Largest,
    });
    shell.set_contrast(match state.contrast {
        Contrast::Normal => ui::Contrast::Normal,
        Contrast::Light => ui::Contrast::Light,
        Contrast::Dark => ui::Contrast::Dark,
    });
    shell.set_problem(state.problem.map_or(ui::Problem::None, problem));
    shell.set_waiting(if state.draft.sending.is_some() || state.follow.sending.is_some() {
        ui::Waiting::Sending
    } else if state.follow.searching && *state.page() == Page::FollowCode {
        ui::Waiting::SearchingCode
    } else {
        ui::Waiting::Nothing
    });
    shell.set_network_away(kiosk.network_away());
    shell.set_can_go_back(state.can_go_back());
    shell.set_page(page(state.page()));
    shell.set_asleep(state.asleep);
    match state.layer {
        Some(Layer::StillThere { until }) => {
            let left = until.duration_since(kiosk.now()).as_secs().max(0);
            shell.set_seconds_left(i32::try_from(left).unwrap_or(i32::MAX));
            shell.set_layer(ui::Layer::StillThere);
        }
        Some(Layer::ConfirmEnd) => shell.set_layer(ui::Layer::ConfirmEnd),
        None => shell.set_layer(ui::Layer::None),
    }
}

fn page(page: &Page) -> ui::Page {
    match page {
        Page::Welcome => ui::Page::Welcome,
        Page::Language => ui::Page::Language,
        Page::Legibility => ui::Page::Legibility,
        Page::Help => ui::Page::Help,
        Page::Home => ui::Page::Home,
        Page::LookUp => ui::Page::LookUp,
        Page::Entry(EntryType::Office, _) => ui::Page::Office,
        Page::Entry(EntryType::Notice, _) => ui::Page::Notice,
        Page::Entry(..) => ui::Page::Article,
        Page::Kind => ui::Page::Kind,
        Page::Words => ui::Page::Words,
        Page::Category => ui::Page::Category,
        Page::Place => ui::Page::Place,
        Page::Contact => ui::Page::Contact,
        Page::Review => ui::Page::Review,
        Page::Received => ui::Page::Received,
        Page::FollowCode => ui::Page::FollowCode,
        Page::FollowState => ui::Page::FollowState,
        Page::FollowWrite => ui::Page::FollowWrite,
        Page::Goodbye => ui::Page::Goodbye,
    }
}

fn problem(problem: Problem) -> ui::Problem {
    match problem {
        Problem::WordsMissing => ui::Problem::WordsMissing,
        Problem::WordsTooLong => ui::Problem::WordsTooLong,
        Problem::PlaceMissing => ui::Problem::PlaceMissing,
        Problem::PlaceTooLong => ui::Problem::PlaceTooLong,
        Problem::EmailMalformed => ui::Problem::EmailMalformed,
        Problem::PhoneMalformed => ui::Problem::PhoneMalformed,
        Problem::ContactTooLong => ui::Problem::ContactTooLong,
        Problem::AnswerMissing => ui::Problem::AnswerMissing,
        Problem::CodeMalformed => ui::Problem::CodeMalformed,
        Problem::CodeUnknown => ui::Problem::CodeUnknown,
        Problem::CodeUnreachable => ui::Problem::CodeUnreachable,
        Problem::CodeTooOften => ui::Problem::CodeTooOften,
        Problem::CannotAcceptNow => ui::Problem::CannotAcceptNow,
        Problem::NotKept => ui::Problem::NotKept,
        Problem::QueueFull => ui::Problem::QueueFull,
    }
}

fn text_size(size: ui::TextSize) -> TextSize {
    match size {
        ui::TextSize::Normal => TextSize::Normal,
        ui::TextSize::Large => TextSize::Large,
        ui::TextSize::Larger => TextSize::Larger,
        ui::TextSize::Largest => TextSize::Largest,
    }
}

fn contrast(contrast: ui::Contrast) -> Contrast {
    match contrast {
        ui::Contrast::Normal => Contrast::Normal,
        ui::Contrast::Light => Contrast::Light,
        ui::Contrast::Dark => Contrast::Dark,
    }
}

/// Each language named in itself.
fn own_name(tag: &str) -> String {
    match tag {
        "it" => "Italiano".to_owned(),
        "en" => "English".to_owned(),
        other => capitalised(other),
    }
}
