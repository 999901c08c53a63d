//! Search as you type.

use slint::Global as _;
use sportello_ui as ui;
use sportello_wire::catalogue::{ArticleKind, EntryType};

use super::{Handle, home, on, rows::Rows, rows::fixed, rows::text};
use crate::{
    catalogue::Hit,
    journey::{Event, Field},
    kiosk::Kiosk,
};

/// The most entries offered before anything is typed.
const MAX_OFFERED: usize = 5;

#[derive(Default)]
pub(super) struct Memory {
    shown: Option<(Vec<Hit>, String)>,
    offered: Rows<ui::AnswerRow>,
}

pub(super) fn connect(window: &ui::AppWindow, handle: &Handle) {
    let look_up = ui::LookUpAdapter::get(window);
    on!(handle, look_up.on_typed, |_kiosk, typed| Event::Typed(Field::Query, typed.to_string()));
    on!(handle, look_up.on_clear, |_kiosk| Event::Typed(Field::Query, String::new()));
    on!(handle, look_up.on_open, |_kiosk, entry, key| Event::Open(entry_type(entry), key.to_string()));
    on!(handle, look_up.on_write_instead, |kiosk| Event::Write { can_accept: kiosk.can_accept() });
}

pub(super) fn show(window: &ui::AppWindow, kiosk: &Kiosk, memory: &mut Memory) {
    let (look_up, state) = (ui::LookUpAdapter::get(window), kiosk.state());
    let results = kiosk.lookups().results.get();
    look_up.set_query(text(&state.query.0));
    look_up.set_corrected(text(results.corrected.as_deref().unwrap_or_default()));
    look_up.set_nothing_found(!state.query.0.trim().is_empty() && results.hits.is_empty());
    let shown = (results.hits.clone(), state.language.clone());
    if memory.shown.as_ref() != Some(&shown) {
        look_up.set_hits(fixed(results.hits.iter().map(hit_row).collect()));
        memory.shown = Some(shown);
    }
    memory.offered.set(if state.query.0.is_empty() { offered(kiosk) } else { Vec::new() });
    look_up.set_offered(memory.offered.model());
}

pub(super) fn wipe(window: &ui::AppWindow, memory: &mut Memory) {
    let look_up = ui::LookUpAdapter::get(window);
    look_up.set_query(text(""));
    look_up.set_corrected(text(""));
    look_up.set_hits(fixed(Vec::new()));
    memory.shown = None;
}

/// What is worth knowing before anything is typed: the desk for everything, and what is new.
fn offered(kiosk: &Kiosk) -> Vec<ui::AnswerRow> {
    let Some(catalogue) = kiosk.catalogue() else { return Vec::new() };
    let language = &kiosk.state().language;
    let offices = catalogue.offices().unwrap_or_default();
    let urp = offices.iter().filter(|office| office.is_urp).map(|office| ui::AnswerRow {
        key: text(&office.code),
        title: text(office.name.get(language)),
        summary: text(home::open_now(office, kiosk)),
        entry: ui::EntryKind::Office,
    });
    let notices = catalogue.notices(kiosk.now()).unwrap_or_default();
    let notices = notices.iter().map(|notice| ui::AnswerRow {
        key: text(&notice.id),
        title: text(notice.title.get(language)),
        summary: text(home::first_paragraph(notice.body.get(language))),
        entry: ui::EntryKind::Notice,
    });
    urp.chain(notices).take(MAX_OFFERED).collect()
}

fn hit_row(hit: &Hit) -> ui::HitRow {
    ui::HitRow {
        entry: entry_kind(hit.entry_type, hit.article_kind),
        key: text(&hit.key),
        title: fixed(segments(hit)),
        label: text(&hit.title),
        summary: text(&hit.summary),
        in_italian: hit.language_fallback,
    }
}

/// The title word by word, so that it wraps; what fits is marked.
fn segments(hit: &Hit) -> Vec<ui::Segment> {
    let mut cuts: Vec<usize> = hit.marks.iter().flat_map(|mark| [mark.start, mark.end]).collect();
    cuts.extend(hit.title.char_indices().filter(|(_, char)| *char == ' ').map(|(at, _)| at + 1));
    cuts.extend([0, hit.title.len()]);
    cuts.sort_unstable();
    cuts.dedup();
    let pairs = cuts.iter().zip(cuts.iter().skip(1));
    pairs
        .filter_map(|(from, to)| {
            let marked = hit.marks.iter().any(|mark| mark.start <= *from && *to <= mark.end);
            Some(ui::Segment { text: text(hit.title.get(*from..*to)?), marked })
        })
        .collect()
}

pub(super) fn entry_kind(entry: EntryType, article: Option<ArticleKind>) -> ui::EntryKind {
    match (entry, article) {
        (EntryType::Office, _) => ui::EntryKind::Office,
        (EntryType::Notice, _) => ui::EntryKind::Notice,
        (_, Some(ArticleKind::Card)) => ui::EntryKind::Card,
        (_, Some(ArticleKind::Guide)) => ui::EntryKind::Guide,
        _ => ui::EntryKind::Question,
    }
}

pub(super) fn entry_type(entry: ui::EntryKind) -> EntryType {
    match entry {
        ui::EntryKind::Office => EntryType::Office,
        ui::EntryKind::Notice => EntryType::Notice,
        ui::EntryKind::Question | ui::EntryKind::Card | ui::EntryKind::Guide => EntryType::Article,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_cut_into_words_and_what_fits_is_marked() {
        let title = "Carta d’identità elettronica";
        let from = title.find("identità").unwrap();
        let hit = Hit {
            entry_type: EntryType::Article,
            key: String::new(),
            title: title.into(),
            summary: String::new(),
            marks: vec![from..from + "identità".len()],
            article_kind: None,
            language_fallback: false,
        };
        let parts: Vec<_> =
            segments(&hit).into_iter().map(|part| (part.text.to_string(), part.marked)).collect();
        let expected =
            [("Carta ", false), ("d’", false), ("identità", true), (" ", false), ("elettronica", false)];
        assert_eq!(parts, expected.map(|(part, marked)| (part.to_string(), marked)));
    }
}
