//! What can be looked up: the catalogue, its files, and the demonstration town.
//!
//! Import and export have files on one side and [`Entry`] values on the other, and know no database;
//! only [`catalogue`] does. The formats are in `docs/formats.md`.

pub mod catalogue;
mod check;
mod columns;
pub mod demonstration;
mod export;
mod import;
mod week;

use std::path::Path;

pub use export::{ExportError, write_folder};
pub use import::{ImportErrors, Problem, read_files, read_files_onto, read_texts};
use sportello_wire::catalogue::{Entry, EntryType};

/// The most bytes of one file.
pub const MAX_FILE_BYTES: u64 = 128 * 1024 * 1024;
/// The most rows of one file.
pub const MAX_ROWS: usize = 200_000;
/// The most problems that are reported at once; the rest is only counted.
pub const MAX_PROBLEMS: usize = 100;
/// The most characters of a code or an id.
pub const MAX_CODE_CHARS: usize = 80;
/// The most characters of a name, a title, an address or another short text.
pub const MAX_TITLE_CHARS: usize = 200;
/// The most characters of a summary, a description, a note or a list of keywords.
pub const MAX_SUMMARY_CHARS: usize = 1_000;
/// The most characters of a body or a privacy notice.
pub const MAX_BODY_CHARS: usize = 20_000;
/// The longest term for an answer, in days.
pub const MAX_TERM_DAYS: u16 = 365;

/// The types in the order in which they are read and written.
const TYPES: [EntryType; 6] = [
    EntryType::Authority,
    EntryType::Category,
    EntryType::Office,
    EntryType::Article,
    EntryType::Notice,
    EntryType::Street,
];

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    JsonLines,
    /// Comma-separated values with a header, UTF-8.
    Csv,
}

impl Format {
    const ALL: [Self; 2] = [Self::JsonLines, Self::Csv];

    /// The file names' extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::JsonLines => "jsonl",
            Self::Csv => "csv",
        }
    }
}

/// The name of the file in which entries of a type are kept: `articles.jsonl`.
pub fn file_name(of: EntryType, format: Format) -> String {
    let stem = match of {
        EntryType::Authority => "authority",
        EntryType::Category => "categories",
        EntryType::Office => "offices",
        EntryType::Article => "articles",
        EntryType::Notice => "notices",
        EntryType::Street => "streets",
    };
    format!("{stem}.{}", format.extension())
}

/// What a file holds, told by its name alone.
fn recognise(path: &Path) -> Option<(EntryType, Format)> {
    let name = path.file_name()?.to_str()?;
    TYPES
        .into_iter()
        .flat_map(|of| Format::ALL.map(|format| (of, format)))
        .find(|(of, format)| file_name(*of, *format) == name)
}

fn type_of(entry: &Entry) -> EntryType {
    entry.key().0
}
