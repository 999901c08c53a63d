//! Writes the catalogue into a folder, so that an import of the folder gives the same entries.
//!
//! Nothing is left half-written: each file is
//! written beside its place and then renamed.

use std::{collections::BTreeSet, fs, io, path::Path};

use serde_json::Value;
use sportello_wire::{
    catalogue::{Entry, EntryType},
    text::BASE_LANGUAGE,
};

use super::{Format, TYPES, columns, file_name, recognise, type_of};

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder or a file in it cannot be written.
    #[error("cannot write {path}")]
    Write {
        /// What was to be written.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The folder holds a catalogue in the other format; an import would read both.
    #[error("{path} holds {file} already: choose another folder")]
    OtherFormat {
        /// The folder.
        path: String,
        /// One of the files in it.
        file: String,
    },
    /// An entry cannot be written in this format.
    #[error("cannot write {of} `{key}`")]
    Entry {
        /// Its type.
        of: &'static str,
        /// Its key.
        key: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Writes all entries into a folder, one file a type; the folder is made where it is missing, and
/// files of the same names are replaced.
pub fn write_folder(entries: &[Entry], folder: &Path, format: Format) -> Result<(), ExportError> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |source| ExportError::Write { path, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    for file in fs::read_dir(folder).map_err(failed(folder))?.flatten() {
        if recognise(&file.path()).is_some_and(|(_, other)| other != format) {
            let file = file.file_name().to_string_lossy().into_owned();
            return Err(ExportError::OtherFormat { path: folder.display().to_string(), file });
        }
    }
    for of in TYPES {
        let entries: Vec<_> = entries.iter().filter(|entry| type_of(entry) == of).collect();
        let text = match format {
            Format::JsonLines => json_lines(&entries)?,
            Format::Csv => csv_text(of, &entries)?,
        };
        let path = folder.join(file_name(of, format));
        let beside = path.with_extension("part");
        fs::write(&beside, text).map_err(failed(&beside))?;
        fs::rename(&beside, &path).map_err(failed(&path))?;
    }
    Ok(())
}

fn json_lines(entries: &[&Entry]) -> Result<Vec<u8>, ExportError> {
    let mut text = Vec::new();
    for entry in entries {
        let line = match entry {
            Entry::Authority(record) => serde_json::to_vec(record),
            Entry::Category(record) => serde_json::to_vec(record),
            Entry::Article(record) => serde_json::to_vec(record),
            Entry::Office(record) => serde_json::to_vec(record),
            Entry::Notice(record) => serde_json::to_vec(record),
            Entry::Street(record) => serde_json::to_vec(record),
        };
        text.extend(line.map_err(cannot_write(entry))?);
        text.push(b'\n');
    }
    Ok(text)
}

fn csv_text(of: EntryType, entries: &[&Entry]) -> Result<Vec<u8>, ExportError> {
    let mut languages = BTreeSet::new();
    let mut records = Vec::new();
    for entry in entries {
        let record = record(entry).map_err(cannot_write(entry))?;
        collect_languages(&record, &mut languages);
        records.push(record);
    }
    let mut ordered = vec![BASE_LANGUAGE.to_owned()];
    ordered.extend(languages.into_iter().filter(|language| language != BASE_LANGUAGE));
    let headings = columns::headings(of, &ordered);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |source: csv::Error| ExportError::Entry {
        of: of.as_str(),
        key: String::new(),
        source: source.into(),
    };
    writer.write_record(headings.iter().map(columns::Heading::text)).map_err(failed)?;
    for (entry, record) in entries.iter().zip(&records) {
        let cells: Result<Vec<_>, _> = headings.iter().map(|heading| heading.write(record)).collect();
        writer.write_record(cells.map_err(cannot_write(entry))?).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| failed(error.into_error().into()))
}

fn record(entry: &Entry) -> Result<Value, serde_json::Error> {
    match entry {
        Entry::Authority(record) => serde_json::to_value(record),
        Entry::Category(record) => serde_json::to_value(record),
        Entry::Article(record) => serde_json::to_value(record),
        Entry::Office(record) => serde_json::to_value(record),
        Entry::Notice(record) => serde_json::to_value(record),
        Entry::Street(record) => serde_json::to_value(record),
    }
}

/// Finds the languages of a record: the keys of those objects whose values are all texts.
fn collect_languages(record: &Value, languages: &mut BTreeSet<String>) {
    for field in record.as_object().into_iter().flat_map(|fields| fields.values()) {
        if let Some(texts) = field.as_object().filter(|texts| texts.values().all(Value::is_string)) {
            languages.extend(texts.keys().cloned());
        }
    }
}

fn cannot_write(entry: &Entry) -> impl FnOnce(serde_json::Error) -> ExportError {
    let (of, key) = entry.key();
    let (of, key) = (of.as_str(), key.to_owned());
    move |source| ExportError::Entry { of, key, source: source.into() }
}

#[cfg(test)]
mod tests {
    use jiff::{
        Timestamp,
        civil::{date, time},
    };
    use proptest::prelude::*;
    use sportello_wire::{
        catalogue::{
            Article, ArticleKind, Attribute, AttributeAnswer, Authority, Category, Notice, Office, PlaceRule,
            Street,
        },
        hours::{ClosedDay, OpenSpan, OpeningHours},
        submission::Kind,
        text::LocalisedText,
    };

    use super::{
        super::{Format, demonstration, read_files},
        *,
    };

    fn round_trip(entries: &[Entry], format: Format) -> Vec<Entry> {
        let folder = tempfile::tempdir().unwrap();
        write_folder(entries, folder.path(), format).unwrap();
        read_files(&[folder.path().to_owned()]).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A text as people and spreadsheets make them, without blanks around it.
    fn text() -> impl Strategy<Value = String> {
        "[a-zà \\-\"',;=|#.\n0-9€中]{0,40}".prop_map(|text| format!("«{text}»"))
    }

    fn line() -> impl Strategy<Value = String> {
        text().prop_map(|text| text.replace(['\n', ';'], " "))
    }

    fn localised() -> impl Strategy<Value = LocalisedText> {
        (text(), proptest::option::of(text())).prop_map(|(italian, english)| match english {
            Some(english) => LocalisedText::both(italian, english),
            None => LocalisedText::italian(italian),
        })
    }

    fn hours() -> impl Strategy<Value = OpeningHours> {
        let spans = proptest::collection::btree_map(1_i8..=7, (0_i8..12, 0_i8..60, 12_i8..24), 0..7);
        let closed = proptest::collection::vec((1_i8..=28, line()), 0..3);
        (spans, closed).prop_map(|(spans, closed)| OpeningHours {
            week: spans
                .into_iter()
                .map(|(weekday, (from, minute, to))| OpenSpan {
                    weekday,
                    from: time(from, minute, 0, 0),
                    to: time(to, minute, 0, 0),
                })
                .collect(),
            closed: closed
                .into_iter()
                .map(|(day, reason)| ClosedDay { on: date(2026, 12, day), reason })
                .collect(),
        })
    }

    fn attributes() -> impl Strategy<Value = Vec<Attribute>> {
        let attribute =
            (localised(), any::<bool>(), text()).prop_map(|(question, required, key)| Attribute {
                code: "a".to_owned(),
                answer: AttributeAnswer::Choice { values: vec![(key, question.clone())], many: required },
                question,
                required,
            });
        proptest::collection::vec(attribute, 0..2)
    }

    fn catalogue() -> impl Strategy<Value = Vec<Entry>> {
        let category =
            (localised(), proptest::option::of(1_u16..=365), any::<bool>(), attributes(), any::<i32>());
        let office = (localised(), line(), hours(), any::<bool>());
        let notice = (localised(), 0_i64..2_000_000_000, line(), any::<bool>());
        (category, office, notice, proptest::collection::btree_set(line(), 0..5)).prop_map(
            |(category, office, notice, streets)| {
                let (name, term_days, some, attributes, order) = category;
                let mut entries = vec![
                    Entry::Authority(Authority {
                        code: "comune.example".to_owned(),
                        name: name.clone(),
                        public_url: "https://comune.example".to_owned(),
                        time_zone: "Europe/Rome".to_owned(),
                        term_days: 30,
                        colour_hsb: (210, 100, 80),
                        privacy_notice: name.clone(),
                    }),
                    Entry::Category(Category {
                        code: "strade".to_owned(),
                        parent: None,
                        description: LocalisedText::default(),
                        keywords: name.clone(),
                        name,
                        kinds: if some { Kind::ALL.to_vec() } else { Vec::new() },
                        place: if some { PlaceRule::Required } else { PlaceRule::None },
                        term_days,
                        office: some.then(|| "urp".to_owned()),
                        attributes,
                        order,
                    }),
                ];
                let (text, address, hours, is_urp) = office;
                entries.push(Entry::Office(Office {
                    code: "urp".to_owned(),
                    authority: "comune.example".to_owned(),
                    name: text.clone(),
                    description: text.clone(),
                    keywords: LocalisedText::default(),
                    address,
                    floor: text.clone(),
                    phone: "0599 555 0100".to_owned(),
                    email: String::new(),
                    hours,
                    note: text,
                    is_urp,
                }));
                let (text, second, area, important) = notice;
                entries.push(Entry::Article(Article {
                    id: "uno".to_owned(),
                    kind: ArticleKind::Guide,
                    title: text.clone(),
                    summary: text.clone(),
                    body: text.clone(),
                    keywords: text.clone(),
                    category: important.then(|| "strade".to_owned()),
                    office: (!important).then(|| "urp".to_owned()),
                    checked_on: date(2026, 11, 22),
                }));
                entries.push(Entry::Notice(Notice {
                    id: "avviso".to_owned(),
                    title: text.clone(),
                    body: text,
                    valid_from: Timestamp::from_second(second).unwrap(),
                    valid_to: Timestamp::from_second(second + 1).unwrap(),
                    area: area.clone(),
                    important,
                }));
                let street = |name| Entry::Street(Street { name, area: area.clone() });
                entries.extend(streets.into_iter().map(street));
                entries
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_exported_and_imported_is_the_same(entries in catalogue()) {
            prop_assert_eq!(&round_trip(&entries, Format::JsonLines), &entries);
            prop_assert_eq!(&round_trip(&entries, Format::Csv), &entries);
        }
    }

    #[test]
    fn the_demonstration_town_survives_both_formats() {
        let entries = demonstration::entries(Timestamp::UNIX_EPOCH, "https://comune.example");
        assert_eq!(round_trip(&entries, Format::JsonLines), entries);
        assert_eq!(round_trip(&entries, Format::Csv), entries);
    }

    #[test]
    fn a_folder_with_the_other_format_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        write_folder(&[], folder.path(), Format::Csv).unwrap();
        write_folder(&[], folder.path(), Format::Csv).unwrap();
        let error = write_folder(&[], folder.path(), Format::JsonLines).unwrap_err();
        assert!(error.to_string().contains("holds"), "{error}");
        assert!(!folder.path().join("streets.jsonl").exists());
    }
}
