//! The tables of the catalogue and how its file is opened.
//!
//! The file is only a copy of what the central has. It is never repaired or migrated: one that is broken or of
//! another version is thrown away and filled anew.

use std::{fs, io, path::Path};

use rusqlite::Connection;

use super::CatalogueError;

/// Changes whenever the tables, or the words that are written into them, change.
const SCHEMA_VERSION: i32 = 1;

/// `entry` holds each entry as it came. `document` is one entry in one language as it is searched and listed;
/// its id has the number of the title's words in the high bits, so that reading in the order of ids meets short
/// titles first (see `search`). The full-text indexes, one for each language, are made as languages appear.
const TABLES: &str = "
    CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE entry (
        id INTEGER PRIMARY KEY,
        type TEXT NOT NULL,
        key TEXT NOT NULL,
        category TEXT,
        json TEXT NOT NULL,
        UNIQUE (type, key)
    ) STRICT;
    CREATE INDEX entry_of_category ON entry (category, id) WHERE category IS NOT NULL;
    CREATE TABLE document (
        language TEXT NOT NULL,
        id INTEGER NOT NULL,
        entry_id INTEGER NOT NULL,
        title_terms TEXT NOT NULL,
        head_terms TEXT NOT NULL,
        valid_from_ms INTEGER NOT NULL,
        valid_to_ms INTEGER NOT NULL,
        PRIMARY KEY (language, id)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX document_of_entry ON document (entry_id, language);
    CREATE TABLE spelling (
        language TEXT NOT NULL,
        folded TEXT NOT NULL,
        spelt TEXT NOT NULL,
        PRIMARY KEY (language, folded)
    ) STRICT, WITHOUT ROWID;";

/// The most characters of a language tag that gets an index of its own.
const MAX_TAG_CHARS: usize = 16;

/// Opens the file, or makes a new one in the place of one that cannot be used.
pub(super) fn open(path: &Path) -> Result<Connection, CatalogueError> {
    let failed = |source| CatalogueError::Open { path: path.to_owned(), source };
    match usable(path) {
        Ok(Some(connection)) => return Ok(connection),
        Ok(None) => {}
        Err(error) if is_beyond_use(&error) => {
            tracing::warn!("the catalogue's file cannot be used and is made anew");
        }
        Err(error) => return Err(failed(error)),
    }
    remove(path).map_err(|source| CatalogueError::Discard { path: path.to_owned(), source })?;
    let connection = connect(path).map_err(failed)?;
    connection
        .execute_batch(&format!("BEGIN; {TABLES} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"))
        .map_err(failed)?;
    Ok(connection)
}

/// Opens the file if it is whole and of this version; none if it is not there or of another one.
fn usable(path: &Path) -> rusqlite::Result<Option<Connection>> {
    if !path.exists() {
        return Ok(None);
    }
    let connection = connect(path)?;
    let version: i32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version != SCHEMA_VERSION {
        return Ok(None);
    }
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((verdict == "ok").then_some(connection))
}

/// `synchronous = NORMAL` may lose the last change in a power cut, but never breaks the file; what is lost is
/// fetched again, because the cursor is lost with it.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;
         PRAGMA cache_size = -16000;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn is_beyond_use(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

fn remove(path: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// The name of a language's full-text index, quoted for SQL; none for a tag that is not one.
pub(super) fn index_name(language: &str) -> Option<String> {
    let is_tag = (2..=MAX_TAG_CHARS).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_tag.then(|| format!("\"words_{language}\""))
}

/// Makes a language's index and the list of its words, if they are not there.
///
/// Words come already folded, each followed by its stem with `_` before it. `detail = column` keeps which column
/// has a word, not where: phrases are not searched, and lists become short. The prefix indexes let the first
/// letters of a word be read as one list.
pub(super) fn make_index(connection: &Connection, language: &str) -> rusqlite::Result<()> {
    let Some(index) = index_name(language) else { return Ok(()) };
    let vocabulary = vocabulary_name(&index);
    connection.execute_batch(&format!(
        "CREATE VIRTUAL TABLE IF NOT EXISTS {index} USING fts5(
             title, head, body, content = '', contentless_delete = 1, detail = column, prefix = '1 2 3 4 5',
             tokenize = \"unicode61 remove_diacritics 0 categories 'L* M* N* Co' tokenchars '_'\");
         CREATE VIRTUAL TABLE IF NOT EXISTS {vocabulary} USING fts5vocab({index}, row);"
    ))
}

/// The name of the list of an index's words, quoted for SQL.
pub(super) fn vocabulary_name(index: &str) -> String {
    format!("\"all_{}\"", index.trim_matches('"'))
}

/// The languages that have an index.
pub(super) fn languages(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT substr(name, 7) FROM sqlite_schema
         WHERE name LIKE 'words\\_%' ESCAPE '\\' AND sql LIKE 'CREATE VIRTUAL TABLE%' ORDER BY name",
    )?;
    statement.query_map([], |row| row.get(0))?.collect()
}
