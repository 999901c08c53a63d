//! What must hold in a catalogue before it is taken: codes, texts, dates and cross-references.
//!
//! It says what is wrong and where; it mends nothing but line ends and blanks.

use std::collections::HashSet;

use jiff::tz::TimeZone;
use sportello_wire::{
    catalogue::{Article, Authority, Category, Entry, EntryType, Notice, Office},
    hours::{OpenSpan, OpeningHours},
    text::{BASE_LANGUAGE, LocalisedText},
};

use super::{MAX_BODY_CHARS, MAX_CODE_CHARS, MAX_SUMMARY_CHARS, MAX_TERM_DAYS, MAX_TITLE_CHARS};

/// The problems of `entries`, each with its entry's index. References may point to `known` as well.
pub(super) fn problems(entries: &[Entry], known: &[Entry]) -> Vec<(usize, String)> {
    let references = References::new(entries, known);
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for (index, entry) in entries.iter().enumerate() {
        let mut report = Report::default();
        let (of, key) = entry.key();
        if !seen.insert((of, key)) {
            report.add(format!("`{key}` is there twice"));
        }
        match entry {
            Entry::Authority(authority) => check_authority(authority, &mut report),
            Entry::Category(category) => check_category(category, &references, &mut report),
            Entry::Article(article) => check_article(article, &references, &mut report),
            Entry::Office(office) => check_office(office, &references, &mut report),
            Entry::Notice(notice) => check_notice(notice, &mut report),
            Entry::Street(street) => {
                report.plain("name", &street.name, 1);
                report.plain("area", &street.area, 1);
            }
        }
        found.extend(report.reasons.into_iter().map(|reason| (index, reason)));
    }
    found
}

/// Makes the same text the same from any editor and in any format: every line end a line feed, no
/// blanks around a text, no language without a text.
pub(super) fn tidy(entry: &mut Entry) {
    let (texts, lines): (Vec<&mut LocalisedText>, Vec<&mut String>) = match entry {
        Entry::Authority(one) => (vec![&mut one.name, &mut one.privacy_notice], Vec::new()),
        Entry::Category(one) => (vec![&mut one.name, &mut one.description, &mut one.keywords], Vec::new()),
        Entry::Article(one) => {
            (vec![&mut one.title, &mut one.summary, &mut one.body, &mut one.keywords], Vec::new())
        }
        Entry::Office(one) => (
            vec![&mut one.name, &mut one.description, &mut one.keywords, &mut one.floor, &mut one.note],
            vec![&mut one.address, &mut one.phone, &mut one.email],
        ),
        Entry::Notice(one) => (vec![&mut one.title, &mut one.body], vec![&mut one.area]),
        Entry::Street(one) => (Vec::new(), vec![&mut one.name, &mut one.area]),
    };
    for text in texts {
        text.0.values_mut().for_each(tidy_text);
        text.0.retain(|_, text| !text.is_empty());
    }
    lines.into_iter().for_each(tidy_text);
}

fn tidy_text(text: &mut String) {
    if text.contains('\r') {
        *text = text.replace("\r\n", "\n").replace('\r', "\n");
    }
    if text.trim().len() < text.len() {
        *text = text.trim().to_owned();
    }
}

fn check_authority(authority: &Authority, report: &mut Report) {
    report.code("code", &authority.code, ".");
    report.needed("name", &authority.name, MAX_TITLE_CHARS);
    report.needed("privacy_notice", &authority.privacy_notice, MAX_BODY_CHARS);
    report.term(authority.term_days);
    let url = &authority.public_url;
    if !(url.starts_with("http://") || url.starts_with("https://")) || url.ends_with('/') {
        report.add("public_url: write https://… without a slash at the end");
    }
    if TimeZone::get(&authority.time_zone).is_err() {
        report.add(format!("time_zone: `{}` is no time zone; write Europe/Rome", authority.time_zone));
    }
    let (hue, saturation, brightness) = authority.colour_hsb;
    if hue > 360 || saturation > 100 || brightness > 100 {
        report.add("colour_hsb: the hue is 0 to 360, saturation and brightness are 0 to 100");
    }
}

fn check_category(category: &Category, references: &References, report: &mut Report) {
    report.code("code", &category.code, ".");
    report.needed("name", &category.name, MAX_TITLE_CHARS);
    report.text("description", &category.description, MAX_SUMMARY_CHARS);
    report.text("keywords", &category.keywords, MAX_SUMMARY_CHARS);
    if let Some(days) = category.term_days {
        report.term(days);
    }
    if let Some(parent) = &category.parent {
        references.find(EntryType::Category, "parent", parent, report);
        if !category.code.starts_with(&format!("{parent}.")) {
            report.add(format!("code: what is below `{parent}` starts with `{parent}.`"));
        }
    }
    if let Some(office) = &category.office {
        references.find(EntryType::Office, "office", office, report);
    }
}

fn check_article(article: &Article, references: &References, report: &mut Report) {
    report.code("id", &article.id, "");
    report.needed("title", &article.title, MAX_TITLE_CHARS);
    report.needed("summary", &article.summary, MAX_SUMMARY_CHARS);
    report.needed("body", &article.body, MAX_BODY_CHARS);
    report.text("keywords", &article.keywords, MAX_SUMMARY_CHARS);
    if let Some(category) = &article.category {
        references.find(EntryType::Category, "category", category, report);
    }
    if let Some(office) = &article.office {
        references.find(EntryType::Office, "office", office, report);
    }
}

fn check_office(office: &Office, references: &References, report: &mut Report) {
    report.code("code", &office.code, "");
    references.find(EntryType::Authority, "authority", &office.authority, report);
    report.needed("name", &office.name, MAX_TITLE_CHARS);
    report.needed("description", &office.description, MAX_SUMMARY_CHARS);
    report.text("keywords", &office.keywords, MAX_SUMMARY_CHARS);
    report.plain("address", &office.address, 0);
    report.text("floor", &office.floor, MAX_TITLE_CHARS);
    report.plain("phone", &office.phone, 0);
    report.plain("email", &office.email, 0);
    report.text("note", &office.note, MAX_SUMMARY_CHARS);
    check_hours(&office.hours, report);
}

fn check_hours(hours: &OpeningHours, report: &mut Report) {
    for span in &hours.week {
        let (from, to) = (span.from.strftime("%H:%M"), span.to.strftime("%H:%M"));
        if !(1..=7).contains(&span.weekday) {
            report.add(format!("hours: weekday {} is not 1 to 7", span.weekday));
        }
        if span.from >= span.to {
            report.add(format!("hours: {from}-{to} ends before it begins"));
        }
        if [span.from, span.to].iter().any(|time| time.second() != 0 || time.subsec_nanosecond() != 0) {
            report.add(format!("hours: {from}-{to} is not in whole minutes"));
        }
        let overlaps =
            |other: &&OpenSpan| other.weekday == span.weekday && other.from < span.to && span.from < other.to;
        if hours.week.iter().filter(overlaps).count() > 1 {
            report.add(format!("hours: {from}-{to} overlaps with another span of its day"));
        }
    }
    for day in &hours.closed {
        if day.reason.contains([';', '\n', '\r']) || day.reason.chars().count() > MAX_TITLE_CHARS {
            report.add(format!("closed: the reason for {} is one short line without `;`", day.on));
        }
    }
}

fn check_notice(notice: &Notice, report: &mut Report) {
    report.code("id", &notice.id, "");
    report.needed("title", &notice.title, MAX_TITLE_CHARS);
    report.needed("body", &notice.body, MAX_BODY_CHARS);
    report.plain("area", &notice.area, 0);
    if notice.valid_from >= notice.valid_to {
        report.add("valid_to: it ends before it begins");
    }
}

/// What is wrong with one entry.
#[derive(Default)]
struct Report {
    reasons: Vec<String>,
}

impl Report {
    fn add(&mut self, reason: impl Into<String>) {
        self.reasons.push(reason.into());
    }

    fn code(&mut self, field: &str, code: &str, also: &str) {
        let allowed = |char: char| {
            char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-' || also.contains(char)
        };
        if code.is_empty() || !code.chars().all(allowed) {
            let also = if also.is_empty() { "" } else { ", `.`" };
            self.add(format!("{field}: `{code}` is not made of a-z, 0-9, `-`{also}"));
        }
        if code.chars().count() > MAX_CODE_CHARS {
            self.add(format!("{field}: it is longer than {MAX_CODE_CHARS} characters"));
        }
    }

    fn term(&mut self, days: u16) {
        if !(1..=MAX_TERM_DAYS).contains(&days) {
            self.add(format!("term_days: {days} is not 1 to {MAX_TERM_DAYS}"));
        }
    }

    /// A short text of one line, of at least so many characters.
    fn plain(&mut self, field: &str, text: &str, min_chars: usize) {
        if text.trim().chars().count() < min_chars {
            self.add(format!("{field}: it is empty"));
        }
        self.length(field, text, MAX_TITLE_CHARS);
        if text.chars().any(char::is_control) {
            self.add(format!("{field}: it is more than one line"));
        }
    }

    fn needed(&mut self, field: &str, text: &LocalisedText, max_chars: usize) {
        if text.exact(BASE_LANGUAGE).is_none_or(|text| text.trim().is_empty()) {
            self.add(format!("{field}: the Italian text is missing"));
        }
        self.text(field, text, max_chars);
    }

    fn text(&mut self, field: &str, text: &LocalisedText, max_chars: usize) {
        for (language, text) in &text.0 {
            let field = format!("{field}.{language}");
            self.length(&field, text, max_chars);
            if text.chars().any(|char| char.is_control() && char != '\n' && char != '\t') {
                self.add(format!("{field}: it has a control character"));
            }
        }
    }

    fn length(&mut self, field: &str, text: &str, max_chars: usize) {
        let chars = text.chars().count();
        if chars > max_chars {
            self.add(format!("{field}: {chars} characters; the most is {max_chars}"));
        }
    }
}

/// What can be referred to. A parent's code is the beginning of its child's, so there are no circles.
struct References<'a>(HashSet<(EntryType, &'a str)>);

impl<'a> References<'a> {
    fn new(entries: &'a [Entry], known: &'a [Entry]) -> Self {
        Self(known.iter().chain(entries).map(Entry::key).collect())
    }

    fn find(&self, of: EntryType, field: &str, key: &str, report: &mut Report) {
        if !self.0.contains(&(of, key)) {
            report.add(format!("{field}: there is no {} `{key}`", of.as_str()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Problem, read_texts};

    fn reasons(texts: &[(&str, &str)]) -> Vec<String> {
        read_texts(texts).unwrap_err().problems.into_iter().map(|Problem { reason, .. }| reason).collect()
    }

    fn category(fields: &str) -> String {
        format!(r#"{{"code":"strade","name":{{"it":"Strade"}}{fields}}}"#)
    }

    #[test]
    fn a_code_appears_once_and_in_its_alphabet() {
        let twice = format!("{}\n{}", category(""), category(""));
        assert_eq!(reasons(&[("categories.jsonl", &twice)]), ["`strade` is there twice"]);
        let wrong = r#"{"code":"Strade!","name":{"it":"Strade"}}"#;
        assert_eq!(
            reasons(&[("categories.jsonl", wrong)]),
            ["code: `Strade!` is not made of a-z, 0-9, `-`, `.`"]
        );
    }

    #[test]
    fn a_category_stands_below_its_parent() {
        let text =
            format!("{}\n{}", category(""), r#"{"code":"buche","parent":"strade","name":{"it":"Buche"}}"#);
        assert_eq!(
            reasons(&[("categories.jsonl", &text)]),
            ["code: what is below `strade` starts with `strade.`"]
        );
        let orphan = r#"{"code":"verde.alberi","parent":"verde","name":{"it":"Alberi"}}"#;
        assert_eq!(reasons(&[("categories.jsonl", orphan)]), ["parent: there is no category `verde`"]);
    }

    #[test]
    fn a_term_is_one_day_to_a_year() {
        for days in [1, 365] {
            read_texts(&[("categories.jsonl", &category(&format!(r#","term_days":{days}"#)))]).unwrap();
        }
        for days in [0, 366] {
            let text = category(&format!(r#","term_days":{days}"#));
            assert_eq!(
                reasons(&[("categories.jsonl", &text)]),
                [format!("term_days: {days} is not 1 to 365")]
            );
        }
    }

    #[test]
    fn hours_end_after_they_begin_and_do_not_overlap() {
        let office = |hours: &str| {
            format!("code,authority,name.it,description.it,hours\nurp,comune.example,URP,Tutto,\"{hours}\"\n")
        };
        let authority = "code,name.it,public_url,time_zone,term_days,colour_hsb,privacy_notice.it\n\
            comune.example,Comune,https://x.example,Europe/Rome,30,\"210,100,80\",Nulla\n";
        let read = |hours: &str| reasons(&[("authority.csv", authority), ("offices.csv", &office(hours))]);
        assert_eq!(read("Mo 12:00-09:00"), ["hours: 12:00-09:00 ends before it begins"]);
        assert_eq!(read("Mo 09:00-12:00,11:00-13:00").len(), 2);
        assert!(
            read_texts(&[
                ("authority.csv", authority),
                ("offices.csv", &office("Mo 09:00-12:00,12:00-13:00"))
            ])
            .is_ok()
        );
    }

    #[test]
    fn a_notice_ends_after_it_begins() {
        let notice = r#"{"id":"a","title":{"it":"A"},"body":{"it":"A"},"valid_from":"2026-11-02T00:00:00Z","valid_to":"2026-11-02T00:00:00Z"}"#;
        assert_eq!(reasons(&[("notices.jsonl", notice)]), ["valid_to: it ends before it begins"]);
    }

    #[test]
    fn a_text_without_italian_or_beyond_its_length_is_refused() {
        let english = r#"{"code":"strade","name":{"en":"Streets"}}"#;
        assert_eq!(reasons(&[("categories.jsonl", english)]), ["name: the Italian text is missing"]);
        let long = format!(r#"{{"code":"strade","name":{{"it":"{}"}}}}"#, "à".repeat(201));
        assert_eq!(reasons(&[("categories.jsonl", &long)]), ["name.it: 201 characters; the most is 200"]);
    }

    #[test]
    fn an_authority_is_checked_for_what_the_kiosk_builds_on() {
        let text = "code,name.it,public_url,time_zone,term_days,colour_hsb,privacy_notice.it\n\
            comune.example,Comune,x.example/,Rome,30,\"400,100,80\",Nulla\n";
        assert_eq!(reasons(&[("authority.csv", text)]).len(), 3);
    }
}
