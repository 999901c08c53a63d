//! Reads catalogue files: everything, or nothing with every reason.
//!
//! A file's name tells what it holds. Bad rows are reported by file and line. It opens the files
//! that it is given and nothing else; storing the entries is the caller's.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use sportello_wire::catalogue::{Entry, EntryType};

use super::{Format, MAX_FILE_BYTES, MAX_PROBLEMS, MAX_ROWS, TYPES, check, columns, file_name, recognise};

/// One thing that keeps an import from happening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file or folder.
    pub file: PathBuf,
    /// The line, counted from 1, where one line is to blame.
    pub line: Option<u64>,
    /// What is wrong, in plain words.
    pub reason: String,
}

impl fmt::Display for Problem {
    /// Writes `articles.jsonl, line 3: …`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(formatter, ", line {line}")?;
        }
        write!(formatter, ": {}", self.reason)
    }
}

/// Why nothing was imported: the first [`MAX_PROBLEMS`] problems, and how many more there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
pub struct ImportErrors {
    /// The problems in the files' order.
    pub problems: Vec<Problem>,
    /// How many more there are.
    pub more: usize,
}

impl fmt::Display for ImportErrors {
    /// Writes one problem a line.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "nothing was imported")?;
        for problem in &self.problems {
            write!(formatter, "\n{problem}")?;
        }
        if self.more > 0 {
            write!(formatter, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}

impl ImportErrors {
    fn add(&mut self, file: &Path, line: Option<u64>, reason: impl Into<String>) {
        if self.problems.len() == MAX_PROBLEMS {
            self.more += 1;
        } else {
            self.problems.push(Problem { file: file.to_owned(), line, reason: reason.into() });
        }
    }
}

/// Reads files, or all catalogue files of a folder, that are complete by themselves.
pub fn read_files(paths: &[PathBuf]) -> Result<Vec<Entry>, ImportErrors> {
    read_files_onto(paths, &[])
}

/// Reads files that may refer to entries which are `known` already (those in the database).
///
/// The entries come by type (authority, categories, offices, articles, notices, streets), and
/// within a type in the files' order.
pub fn read_files_onto(paths: &[PathBuf], known: &[Entry]) -> Result<Vec<Entry>, ImportErrors> {
    let mut reader = Reader::default();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(reader.files_of(path));
        } else {
            match recognise(path) {
                Some((of, format)) => files.push((of, format, path.clone())),
                None => reader.errors.add(path, None, unrecognised()),
            }
        }
    }
    files.sort_by_key(|(of, _, _)| TYPES.iter().position(|one| one == of));
    for (of, format, path) in files {
        if let Some(text) = reader.text_of(&path) {
            reader.read(of, format, &path, &text);
        }
    }
    reader.finish(known)
}

/// Reads files that are in memory, as (file name, text).
pub fn read_texts(texts: &[(&str, &str)]) -> Result<Vec<Entry>, ImportErrors> {
    let mut reader = Reader::default();
    for (name, text) in texts {
        match recognise(Path::new(name)) {
            Some((of, format)) => reader.read(of, format, Path::new(name), text),
            None => reader.errors.add(Path::new(name), None, unrecognised()),
        }
    }
    reader.finish(&[])
}

fn unrecognised() -> String {
    let names: Vec<_> = TYPES.into_iter().map(|of| file_name(of, Format::JsonLines)).collect();
    format!("the name does not tell what it holds; names are {}, or the same with .csv", names.join(", "))
}

#[derive(Default)]
struct Reader {
    entries: Vec<Entry>,
    /// Where each entry comes from.
    sources: Vec<(PathBuf, u64)>,
    errors: ImportErrors,
}

impl Reader {
    /// Lists a folder's catalogue files. A `.jsonl` or `.csv` of another name is a problem, because it
    /// would be left out without a word.
    fn files_of(&mut self, folder: &Path) -> Vec<(EntryType, Format, PathBuf)> {
        let mut paths: Vec<PathBuf> = match fs::read_dir(folder) {
            Ok(files) => files.flatten().map(|file| file.path()).collect(),
            Err(error) => {
                self.errors.add(folder, None, format!("the folder cannot be read: {error}"));
                return Vec::new();
            }
        };
        paths.sort();
        let mut files = Vec::new();
        for path in paths {
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            match recognise(&path) {
                Some((of, format)) => files.push((of, format, path)),
                None if Format::ALL.iter().any(|format| format.extension() == extension) => {
                    self.errors.add(&path, None, unrecognised());
                }
                None => {}
            }
        }
        if files.is_empty() {
            self.errors.add(folder, None, format!("there is nothing to import; {}", unrecognised()));
        }
        files
    }

    fn text_of(&mut self, path: &Path) -> Option<String> {
        let reason = match fs::metadata(path).map(|metadata| metadata.len()) {
            Ok(bytes) if bytes > MAX_FILE_BYTES => {
                format!("the file has {bytes} bytes; the most is {MAX_FILE_BYTES}")
            }
            Ok(_) => match fs::read(path).map(String::from_utf8) {
                Ok(Ok(text)) => return Some(text),
                Ok(Err(_)) => "the file is not in UTF-8; save it as UTF-8 (\"CSV UTF-8\")".to_owned(),
                Err(error) => format!("the file cannot be read: {error}"),
            },
            Err(error) => format!("the file cannot be read: {error}"),
        };
        self.errors.add(path, None, reason);
        None
    }

    fn read(&mut self, of: EntryType, format: Format, path: &Path, text: &str) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match format {
            Format::JsonLines => self.read_json_lines(of, path, text),
            Format::Csv => self.read_csv(of, path, text),
        }
    }

    fn read_json_lines(&mut self, of: EntryType, path: &Path, text: &str) {
        let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
        for (row, (line, number)) in lines.enumerate() {
            if row == MAX_ROWS {
                return self.errors.add(path, Some(number), too_many_rows());
            }
            let mut json = serde_json::Deserializer::from_str(line);
            let read = record(of, &mut json).and_then(|entry| json.end().map(|()| entry));
            self.keep(path, number, read);
        }
    }

    fn read_csv(&mut self, of: EntryType, path: &Path, text: &str) {
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter(text)).flexible(true).from_reader(text.as_bytes());
        let Some(headings) = self.headings(of, path, &mut reader) else { return };
        for (row, cells) in reader.records().enumerate() {
            let cells = match cells {
                Ok(cells) => cells,
                Err(error) => return self.errors.add(path, None, format!("the file is no CSV: {error}")),
            };
            let number = cells.position().map_or(0, csv::Position::line);
            if row == MAX_ROWS {
                return self.errors.add(path, Some(number), too_many_rows());
            }
            if cells.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if cells.len() != headings.len() {
                let reason = format!("{} cells where the header has {}", cells.len(), headings.len());
                self.errors.add(path, Some(number), reason);
                continue;
            }
            let mut fields = Map::new();
            let read =
                headings.iter().zip(&cells).try_for_each(|(heading, cell)| heading.read(cell, &mut fields));
            match read {
                Ok(()) => self.keep(path, number, record(of, Value::Object(fields))),
                Err(reason) => self.errors.add(path, Some(number), reason),
            }
        }
    }

    /// Reads the header; none if it is wrong. An empty file has no header and no rows.
    fn headings(
        &mut self,
        of: EntryType,
        path: &Path,
        reader: &mut csv::Reader<&[u8]>,
    ) -> Option<Vec<columns::Heading>> {
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => {
                self.errors.add(path, Some(1), format!("the header cannot be read: {error}"));
                return None;
            }
        };
        let mut headings = Vec::new();
        let mut right = true;
        for cell in &header {
            let reason = match columns::heading(of, cell) {
                Ok(heading) if headings.contains(&heading) => format!("the column `{cell}` is there twice"),
                Ok(heading) => {
                    headings.push(heading);
                    continue;
                }
                Err(reason) => reason,
            };
            self.errors.add(path, Some(1), reason);
            right = false;
        }
        right.then_some(headings)
    }

    fn keep(&mut self, path: &Path, line: u64, read: Result<Entry, serde_json::Error>) {
        match read {
            Ok(mut entry) => {
                check::tidy(&mut entry);
                self.entries.push(entry);
                self.sources.push((path.to_owned(), line));
            }
            Err(error) => self.errors.add(path, Some(line), plain_reason(&error)),
        }
    }

    fn finish(mut self, known: &[Entry]) -> Result<Vec<Entry>, ImportErrors> {
        // A row that could not be read would make every reference to it look wrong as well.
        if self.errors.problems.is_empty() {
            for (index, reason) in check::problems(&self.entries, known) {
                if let Some((path, line)) = self.sources.get(index) {
                    self.errors.add(path, Some(*line), reason);
                }
            }
        }
        if self.errors.problems.is_empty() { Ok(self.entries) } else { Err(self.errors) }
    }
}

fn record<'a, D: Deserializer<'a>>(of: EntryType, from: D) -> Result<Entry, D::Error> {
    Ok(match of {
        EntryType::Authority => Entry::Authority(Deserialize::deserialize(from)?),
        EntryType::Category => Entry::Category(Deserialize::deserialize(from)?),
        EntryType::Article => Entry::Article(Deserialize::deserialize(from)?),
        EntryType::Office => Entry::Office(Deserialize::deserialize(from)?),
        EntryType::Notice => Entry::Notice(Deserialize::deserialize(from)?),
        EntryType::Street => Entry::Street(Deserialize::deserialize(from)?),
    })
}

/// The separator that the header uses most: spreadsheets of Italian offices write semicolons.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |separator: u8| header.bytes().filter(|byte| *byte == separator).count();
    // The last of equals wins, so the comma comes last.
    [b'\t', b';', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

fn too_many_rows() -> String {
    format!("the file has more than {MAX_ROWS} rows")
}

/// Says where in the line, because the line itself is told elsewhere.
fn plain_reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
    if error.column() == 0 { reason.to_owned() } else { format!("{reason} (column {})", error.column()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(texts: &[(&str, &str)]) -> Vec<String> {
        read_texts(texts).unwrap_err().problems.iter().map(Problem::to_string).collect()
    }

    #[test]
    fn byte_order_mark_carriage_returns_and_blank_lines_do_no_harm() {
        let text = "\u{feff}{\"name\":\"Via Roma\",\"area\":\"Centro\"}\r\n\r\n  \r\n{\"name\":\"Via Po\",\"area\":\"Centro\"}\r\n";
        assert_eq!(read_texts(&[("streets.jsonl", text)]).unwrap().len(), 2);
        let text = "\u{feff}name;area\r\nVia Roma;Centro\r\n\r\n;\r\nVia Po;Centro\r\n";
        assert_eq!(read_texts(&[("streets.csv", text)]).unwrap().len(), 2);
    }

    #[test]
    fn line_ends_blanks_and_empty_languages_read_the_same_in_both_formats() {
        let lines = read_texts(&[(
            "categories.jsonl",
            r#"{"code":"a","name":{"it":" Uno\r\ndue ","en":"  "},"order":1}"#,
        )]);
        let table =
            read_texts(&[("categories.csv", "code,name.it,name.en,order\r\n a ,\" Uno\r\ndue \",  ,1\r\n")]);
        assert_eq!(lines.unwrap(), table.unwrap());
    }

    #[test]
    fn every_bad_row_is_told_with_its_line() {
        let text = "{\"name\":\"Via Roma\",\"area\":\"Centro\"}\n\n{\"name\":\"Via Po\"}\nVia Adige\n{\"name\":\"a\",\"area\":\"b\",\"zip\":1}";
        assert_eq!(
            reasons(&[("streets.jsonl", text)]),
            [
                "streets.jsonl, line 3: missing field `area` (column 17)",
                "streets.jsonl, line 4: expected value (column 1)",
                "streets.jsonl, line 5: unknown field `zip`, expected `name` or `area` (column 28)",
            ]
        );
    }

    #[test]
    fn a_csv_row_is_told_by_the_line_on_which_it_begins() {
        let text = "id,title.it,body.it,valid_from,valid_to,important\n\
            a,Uno,\"prima riga\nseconda riga\",2026-11-01T00:00:00Z,2026-12-01T00:00:00Z,no\n\
            b,Due,testo,2026-11-01T00:00:00Z,2026-12-01T00:00:00Z,forse\n\
            c,Tre,testo\n";
        assert_eq!(
            reasons(&[("notices.csv", text)]),
            [
                "notices.csv, line 4: important: `forse` is no `true` or `false`",
                "notices.csv, line 5: 3 cells where the header has 6",
            ]
        );
    }

    #[test]
    fn a_wrong_header_is_told_once_and_not_for_every_row() {
        let reasons = reasons(&[("streets.csv", "name,zona,name\nVia Roma,Centro,x\n")]);
        assert_eq!(
            reasons,
            [
                "streets.csv, line 1: there is no column `zona`; there are name, area",
                "streets.csv, line 1: the column `name` is there twice",
            ]
        );
    }

    #[test]
    fn what_refers_to_nothing_is_refused_unless_it_is_known_already() {
        let office =
            r#"{"code":"urp","authority":"comune.example","name":{"it":"URP"},"description":{"it":"Tutto"}}"#;
        assert_eq!(
            reasons(&[("offices.jsonl", office)]),
            ["offices.jsonl, line 1: authority: there is no authority `comune.example`"]
        );
        let authority = r#"{"code":"comune.example","name":{"it":"Comune"},"public_url":"https://x.example",
            "time_zone":"Europe/Rome","term_days":30,"colour_hsb":[0,0,0],"privacy_notice":{"it":"Nulla."}}"#
            .replace('\n', " ");
        let known = read_texts(&[("authority.jsonl", &authority)]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("offices.jsonl");
        fs::write(&path, office).unwrap();
        assert_eq!(read_files_onto(&[path], &known).unwrap().len(), 1);
    }

    #[test]
    fn a_folder_with_a_misnamed_file_is_not_half_imported() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("streets.csv"), "name,area\nVia Roma,Centro\n").unwrap();
        fs::write(folder.path().join("README.md"), "nothing to import").unwrap();
        assert_eq!(read_files(&[folder.path().to_owned()]).unwrap().len(), 1);
        fs::write(folder.path().join("article.csv"), "id\n").unwrap();
        let error = read_files(&[folder.path().to_owned()]).unwrap_err();
        assert!(error.problems[0].reason.starts_with("the name does not tell what it holds"), "{error}");
    }

    #[test]
    fn a_file_that_is_missing_or_not_text_is_an_error_in_plain_words() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("streets.csv");
        assert!(
            read_files(std::slice::from_ref(&missing)).unwrap_err().to_string().contains("cannot be read")
        );
        fs::write(&missing, b"name,area\nVia Citt\xe0,Centro\n").unwrap();
        assert!(read_files(&[missing]).unwrap_err().to_string().contains("not in UTF-8"));
        assert!(read_files(&[folder.path().join("x")]).unwrap_err().to_string().contains("articles.jsonl"));
    }

    #[test]
    fn a_file_beyond_the_limits_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("streets.jsonl");
        fs::File::create(&path).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
        let error = read_files(&[path]).unwrap_err();
        assert!(error.problems[0].reason.contains("the most is"), "{error}");

        let rows = "Via Roma,Centro\n".repeat(MAX_ROWS + 1);
        let error = read_texts(&[("streets.csv", &format!("name,area\n{rows}"))]).unwrap_err();
        assert_eq!(error.problems[0].reason, format!("the file has more than {MAX_ROWS} rows"));
    }

    #[test]
    fn more_problems_than_anybody_reads_are_counted() {
        let text = "nonsense\n".repeat(MAX_PROBLEMS + 7);
        let error = read_texts(&[("streets.jsonl", &text)]).unwrap_err();
        assert_eq!((error.problems.len(), error.more), (MAX_PROBLEMS, 7));
        assert!(error.to_string().ends_with("and 7 more"));
    }

    #[test]
    fn arbitrary_text_is_never_a_panic() {
        proptest::proptest!(|(text in "\\PC*|[\"{},:;\\n\\r a-z]{0,200}")| {
            for of in TYPES {
                for format in Format::ALL {
                    let _ = read_texts(&[(&file_name(of, format), &text)]);
                }
            }
        });
    }

    /// The examples of the page that explains the formats are what this reads.
    #[test]
    fn the_examples_in_the_documentation_are_true_and_say_the_same_in_both_formats() {
        let page = include_str!("../../../docs/formats.md");
        let examples = |format: Format| -> Vec<Entry> {
            let mut texts = Vec::new();
            for of in TYPES {
                let name = file_name(of, format);
                let (_, rest) = page.split_once(&format!("`{name}`\n```\n")).expect(&name);
                texts.push((name, rest.split_once("\n```").expect("the end of the example").0));
            }
            let texts: Vec<_> = texts.iter().map(|(name, text)| (name.as_str(), *text)).collect();
            read_texts(&texts).unwrap_or_else(|error| panic!("{error}"))
        };
        let entries = examples(Format::JsonLines);
        assert!(entries.len() >= TYPES.len());
        assert_eq!(entries, examples(Format::Csv));
    }
}
