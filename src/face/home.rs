//! The doors, and the help page.

use jiff::tz::TimeZone;
use slint::Global as _;
use sportello_ui as ui;
use sportello_wire::catalogue::{EntryType, Office};

use super::{Handle, on, rows::Rows, rows::text};
use crate::{
    journey::Event,
    kiosk::Kiosk,
    words::{Words, capitalised},
};

/// The most notices among the doors.
const MAX_NOTICES: usize = 2;

#[derive(Default)]
pub(super) struct Memory {
    notices: Rows<ui::NoticeRow>,
}

pub(super) fn connect(window: &ui::AppWindow, handle: &Handle) {
    let home = ui::HomeAdapter::get(window);
    on!(handle, home.on_look_up, |_kiosk| Event::LookUp);
    on!(handle, home.on_write, |kiosk| Event::Write { can_accept: kiosk.can_accept() });
    on!(handle, home.on_follow, |_kiosk| Event::Follow);
    on!(handle, home.on_open_notice, |_kiosk, key| Event::Open(EntryType::Notice, key.to_string()));
    let help = ui::HelpAdapter::get(window);
    on!(handle, help.on_open_office, |_kiosk, key| Event::Open(EntryType::Office, key.to_string()));
}

pub(super) fn show(window: &ui::AppWindow, kiosk: &Kiosk, memory: &mut Memory) {
    let home = ui::HomeAdapter::get(window);
    let language = &kiosk.state().language;
    let hour = kiosk.now().to_zoned(kiosk.zone().clone()).hour();
    home.set_greeting(text(greeting(Words::of(language), hour)));
    home.set_can_write(kiosk.can_accept());
    let notices =
        kiosk.catalogue().and_then(|catalogue| catalogue.notices(kiosk.now()).ok()).unwrap_or_default();
    let rows =
        notices.iter().filter(|notice| notice.important).take(MAX_NOTICES).map(|notice| ui::NoticeRow {
            key: text(&notice.id),
            title: text(notice.title.get(language)),
            summary: text(first_paragraph(notice.body.get(language))),
        });
    memory.notices.set(rows.collect());
    home.set_notices(memory.notices.model());
}

pub(super) fn show_help(window: &ui::AppWindow, kiosk: &Kiosk) {
    let help = ui::HelpAdapter::get(window);
    let language = &kiosk.state().language;
    let offices = kiosk.catalogue().and_then(|catalogue| catalogue.offices().ok()).unwrap_or_default();
    let Some(urp) = offices.iter().find(|office| office.is_urp) else {
        help.set_urp_key(text(""));
        help.set_urp_name(text(""));
        return;
    };
    help.set_urp_key(text(&urp.code));
    help.set_urp_name(text(urp.name.get(language)));
    help.set_urp_open(text(open_now(urp, kiosk)));
    help.set_urp_phone(text(&urp.phone));
    help.set_urp_where(text(whereabouts(urp, language)));
}

/// "Open now, until 12:30."
pub(super) fn open_now(office: &Office, kiosk: &Kiosk) -> String {
    let now = kiosk.now().to_zoned(TimeZone::clone(kiosk.zone())).datetime();
    capitalised(&Words::of(&kiosk.state().language).open_now(office.hours.at(now), now))
}

fn whereabouts(office: &Office, language: &str) -> String {
    let parts = [office.address.as_str(), office.floor.get(language)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

pub(super) fn first_paragraph(body: &str) -> &str {
    body.split("\n\n").next().unwrap_or_default().trim_start_matches("## ").trim()
}

fn greeting(words: Words, hour: i8) -> &'static str {
    match hour {
        4..=12 => words.say("Good morning."),
        13..=17 => words.say("Good afternoon."),
        _ => words.say("Good evening."),
    }
}
