//! An article, an office, a notice.

use jiff::civil::Weekday;
use slint::Global as _;
use sportello_ui as ui;
use sportello_wire::{
    catalogue::{Article, EntryType, Notice, Office},
    hours::OpenNow,
    text::LocalisedText,
};

use super::{Handle, home, looking_up, on, rows::Rows, rows::text};
use crate::{
    journey::{Event, Page},
    kiosk::Kiosk,
    words::{Words, capitalised, fill},
};

#[derive(Default)]
pub(super) struct Memory {
    blocks: Rows<ui::Block>,
    days: Rows<ui::DayRow>,
    closed: Rows<slint::SharedString>,
}

pub(super) fn connect(window: &ui::AppWindow, handle: &Handle) {
    let article = ui::ArticleAdapter::get(window);
    on!(handle, article.on_open_office, |_kiosk, key| Event::Open(EntryType::Office, key.to_string()));
    on!(handle, article.on_answered, |_kiosk| Event::Answered);
}

pub(super) fn show(window: &ui::AppWindow, kiosk: &Kiosk, memory: &mut Memory) {
    let (Page::Entry(entry, key), Some(catalogue)) = (kiosk.state().page(), kiosk.catalogue()) else {
        return;
    };
    match entry {
        EntryType::Office => {
            if let Ok(Some(office)) = catalogue.office(key) {
                show_office(window, kiosk, memory, &office);
            }
        }
        EntryType::Notice => {
            let notices = catalogue.notices(kiosk.now()).unwrap_or_default();
            if let Some(notice) = notices.iter().find(|notice| notice.id == *key) {
                show_notice(window, kiosk, memory, notice);
            }
        }
        _ => {
            if let Ok(Some(article)) = catalogue.article(key) {
                show_article(window, kiosk, memory, &article);
            }
        }
    }
}

/// Forgets what was read last.
pub(super) fn wipe(window: &ui::AppWindow, memory: &mut Memory) {
    let article = ui::ArticleAdapter::get(window);
    article.set_title(text(""));
    article.set_summary(text(""));
    ui::OfficeAdapter::get(window).set_name(text(""));
    ui::NoticeAdapter::get(window).set_title(text(""));
    memory.blocks.set(Vec::new());
}

fn show_article(window: &ui::AppWindow, kiosk: &Kiosk, memory: &mut Memory, article: &Article) {
    let (page, language) = (ui::ArticleAdapter::get(window), kiosk.state().language.as_str());
    page.set_entry(looking_up::entry_kind(EntryType::Article, Some(article.kind)));
    page.set_title(text(article.title.get(language)));
    page.set_summary(text(article.summary.get(language)));
    memory.blocks.set(blocks(article.body.get(language)));
    page.set_blocks(memory.blocks.model());
    page.set_in_italian(is_missing(&article.title, language));
    page.set_checked_on(text(Words::of(language).date(article.checked_on)));
    let catalogue = kiosk.catalogue();
    let office = article.office.as_deref().and_then(|code| catalogue?.office(code).ok().flatten());
    page.set_office_key(text(office.as_ref().map_or("", |office| office.code.as_str())));
    page.set_office_name(text(office.as_ref().map_or("", |office| office.name.get(language))));
    page.set_office_open(text(
        office.as_ref().map(|office| home::open_now(office, kiosk)).unwrap_or_default(),
    ));
    page.set_from_writing(kiosk.state().is_from_writing());
}

fn show_office(window: &ui::AppWindow, kiosk: &Kiosk, memory: &mut Memory, office: &Office) {
    let (page, language) = (ui::OfficeAdapter::get(window), kiosk.state().language.as_str());
    let words = Words::of(language);
    let now = kiosk.now().to_zoned(kiosk.zone().clone()).datetime();
    page.set_name(text(office.name.get(language)));
    page.set_description(text(office.description.get(language)));
    page.set_open_now(text(home::open_now(office, kiosk)));
    page.set_is_open(matches!(office.hours.at(now), OpenNow::OpenUntil(_)));
    page.set_address(text(&office.address));
    page.set_floor(text(office.floor.get(language)));
    page.set_phone(text(&office.phone));
    page.set_email(text(&office.email));
    page.set_note(text(office.note.get(language)));
    let today = now.date();
    let days = if office.hours.week.is_empty() { Vec::new() } else { week_days() };
    let rows = days.into_iter().map(|weekday| {
        let spans = office.hours.on_weekday(weekday);
        let hours: Vec<_> =
            spans.iter().map(|span| format!("{}–{}", words.time(span.from), words.time(span.to))).collect();
        let days_from_monday = weekday.to_monday_zero_offset() - today.weekday().to_monday_zero_offset();
        let day = today.checked_add(jiff::Span::new().days(i64::from(days_from_monday))).unwrap_or(today);
        ui::DayRow {
            day: text(capitalised(words.weekday(day))),
            hours: text(if hours.is_empty() { words.say("closed").to_owned() } else { hours.join("  ·  ") }),
            today: weekday == today.weekday(),
        }
    });
    memory.days.set(rows.collect());
    page.set_days(memory.days.model());
    let coming = office.hours.closed.iter().filter(|closed| closed.on >= today).take(3);
    let closed = coming.map(|closed| {
        let day = words.day(closed.on);
        text(if closed.reason.is_empty() { day } else { format!("{day}: {}", closed.reason) })
    });
    memory.closed.set(closed.collect());
    page.set_closed_days(memory.closed.model());
}

fn show_notice(window: &ui::AppWindow, kiosk: &Kiosk, memory: &mut Memory, notice: &Notice) {
    let (page, language) = (ui::NoticeAdapter::get(window), kiosk.state().language.as_str());
    let words = Words::of(language);
    page.set_title(text(notice.title.get(language)));
    memory.blocks.set(blocks(notice.body.get(language)));
    page.set_blocks(memory.blocks.model());
    let until = notice.valid_to.to_zoned(kiosk.zone().clone()).date();
    page.set_valid(text(fill(words.say("until {}"), &[&words.day(until)])));
    page.set_in_italian(is_missing(&notice.title, language));
}

fn is_missing(content: &LocalisedText, language: &str) -> bool {
    language != sportello_wire::text::BASE_LANGUAGE && content.exact(language).is_none()
}

fn week_days() -> Vec<Weekday> {
    (1..=7).filter_map(|number| Weekday::from_monday_one_offset(number).ok()).collect()
}

/// The paragraphs of a text: `## ` starts a heading, `- ` an item, blank lines separate.
pub(super) fn blocks(body: &str) -> Vec<ui::Block> {
    let mut blocks: Vec<ui::Block> = Vec::new();
    let mut goes_on = false;
    for line in body.lines().map(str::trim) {
        let (kind, words) = match (line.strip_prefix("## "), line.strip_prefix("- ")) {
            (Some(heading), _) => (ui::BlockKind::Heading, heading),
            (_, Some(item)) => (ui::BlockKind::Item, item),
            _ => (ui::BlockKind::Paragraph, line),
        };
        match blocks.last_mut() {
            Some(last) if goes_on && kind == ui::BlockKind::Paragraph && !words.is_empty() => {
                last.text = text(format!("{} {words}", last.text));
            }
            _ if words.is_empty() => {}
            _ => blocks.push(ui::Block { kind, text: text(words) }),
        }
        goes_on = !line.is_empty() && kind != ui::BlockKind::Heading;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_headings_items_and_paragraphs() {
        let body = "Prima riga\nche continua.\n\n## Che cosa serve\n- una foto\n  recente\n- la carta vecchia\n\nFine.";
        let made: Vec<_> =
            blocks(body).into_iter().map(|block| (block.kind, block.text.to_string())).collect();
        let expected = [
            (ui::BlockKind::Paragraph, "Prima riga che continua."),
            (ui::BlockKind::Heading, "Che cosa serve"),
            (ui::BlockKind::Item, "una foto recente"),
            (ui::BlockKind::Item, "la carta vecchia"),
            (ui::BlockKind::Paragraph, "Fine."),
        ];
        assert_eq!(made, expected.map(|(kind, text)| (kind, text.to_owned())));
    }
}
