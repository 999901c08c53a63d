//! How a delta from the central changes the copy: all of it, or nothing.

use std::collections::BTreeSet;

use rusqlite::{Connection, Transaction, params};
use serde::Serialize;
use sportello_wire::{
    catalogue::{CatalogueDelta, Change, Entry, EntryType},
    text::{BASE_LANGUAGE, LocalisedText},
};

use super::{
    CatalogueError, schema,
    text::{Rules, fold, words},
};

/// The bits of a document's id below the number of its title's words.
pub(super) const ENTRY_ID_BITS: u32 = 40;
/// Longer titles all count as this long.
const MAX_TITLE_WORDS: usize = 255;
/// From this many changes on, an index is worth being merged into one piece.
const MANY_CHANGES: usize = 100;

/// Applies a delta in one transaction.
pub(super) fn apply(connection: &mut Connection, delta: &CatalogueDelta) -> Result<(), CatalogueError> {
    let transaction = connection.transaction().map_err(CatalogueError::Change)?;
    if delta.reset {
        forget_all(&transaction).map_err(CatalogueError::Change)?;
    }
    for change in &delta.changes {
        match change {
            Change::Put { item } => put(&transaction, item)?,
            Change::Remove { entry_type, key } => {
                remove(&transaction, *entry_type, key).map_err(CatalogueError::Change)?;
            }
        }
    }
    transaction
        .execute("INSERT OR REPLACE INTO state (name, value) VALUES ('cursor', ?1)", [&delta.cursor])
        .map_err(CatalogueError::Change)?;
    transaction.commit().map_err(CatalogueError::Change)?;
    if delta.changes.len() >= MANY_CHANGES && !delta.more {
        merge_indexes(connection).map_err(CatalogueError::Change)?;
    }
    Ok(())
}

fn forget_all(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    for language in schema::languages(transaction)? {
        if let Some(index) = schema::index_name(&language) {
            transaction.execute(&format!("DELETE FROM {index}"), [])?;
        }
    }
    transaction
        .execute_batch("DELETE FROM document; DELETE FROM entry; DELETE FROM spelling; DELETE FROM state;")
}

/// Merges each index into one piece: a search then reads one list for a word instead of several.
fn merge_indexes(connection: &Connection) -> rusqlite::Result<()> {
    for language in schema::languages(connection)? {
        if let Some(index) = schema::index_name(&language) {
            connection.execute(&format!("INSERT INTO {index} ({index}) VALUES ('optimize')"), [])?;
        }
    }
    Ok(())
}

fn put(transaction: &Transaction<'_>, item: &Entry) -> Result<(), CatalogueError> {
    let (entry_type, key) = item.key();
    remove(transaction, entry_type, key).map_err(CatalogueError::Change)?;
    let json =
        json_of(item).map_err(|source| CatalogueError::Entry { entry_type, key: key.to_owned(), source })?;
    let category = match item {
        Entry::Article(article) => article.category.as_deref(),
        _ => None,
    };
    insert(transaction, item, category, &json).map_err(CatalogueError::Change)
}

fn insert(
    transaction: &Transaction<'_>,
    item: &Entry,
    category: Option<&str>,
    json: &str,
) -> rusqlite::Result<()> {
    let (entry_type, key) = item.key();
    transaction
        .prepare_cached("INSERT INTO entry (type, key, category, json) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![entry_type.as_str(), key, category, json])?;
    let entry_id = transaction.last_insert_rowid();
    if let Some(searched) = Searched::of(item) {
        for language in searched.title.0.keys() {
            if searched.title.exact(language).is_some() {
                index(transaction, &searched, entry_id, language)?;
            }
        }
    }
    Ok(())
}

fn json_of(item: &Entry) -> serde_json::Result<String> {
    fn json<T: Serialize>(entry: &T) -> serde_json::Result<String> {
        serde_json::to_string(entry)
    }
    match item {
        Entry::Authority(entry) => json(entry),
        Entry::Category(entry) => json(entry),
        Entry::Article(entry) => json(entry),
        Entry::Office(entry) => json(entry),
        Entry::Notice(entry) => json(entry),
        Entry::Street(entry) => json(entry),
    }
}

fn remove(transaction: &Transaction<'_>, entry_type: EntryType, key: &str) -> rusqlite::Result<()> {
    let documents: Vec<(String, i64)> = transaction
        .prepare_cached(
            "SELECT language, document.id FROM document JOIN entry ON entry.id = entry_id WHERE type = ?1 AND key = ?2",
        )?
        .query_map(params![entry_type.as_str(), key], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (language, id) in documents {
        if let Some(index) = schema::index_name(&language) {
            transaction.prepare_cached(&format!("DELETE FROM {index} WHERE rowid = ?1"))?.execute([id])?;
        }
        transaction
            .prepare_cached("DELETE FROM document WHERE language = ?1 AND id = ?2")?
            .execute(params![language, id])?;
    }
    transaction
        .prepare_cached("DELETE FROM entry WHERE type = ?1 AND key = ?2")?
        .execute(params![entry_type.as_str(), key])?;
    Ok(())
}

/// What is searched of an entry, in all its languages.
struct Searched<'a> {
    title: &'a LocalisedText,
    summary: Option<&'a LocalisedText>,
    keywords: Option<&'a LocalisedText>,
    body: Option<&'a LocalisedText>,
    /// Milliseconds since 1970 UTC.
    valid_ms: (i64, i64),
}

impl<'a> Searched<'a> {
    /// What is searched of this entry; none for what is not looked up by words.
    fn of(item: &'a Entry) -> Option<Self> {
        let always = (i64::MIN, i64::MAX);
        match item {
            Entry::Article(article) => Some(Self {
                title: &article.title,
                summary: Some(&article.summary),
                keywords: Some(&article.keywords),
                body: Some(&article.body),
                valid_ms: always,
            }),
            Entry::Office(office) => Some(Self {
                title: &office.name,
                summary: Some(&office.description),
                keywords: Some(&office.keywords),
                body: Some(&office.note),
                valid_ms: always,
            }),
            Entry::Notice(notice) => Some(Self {
                title: &notice.title,
                summary: None,
                keywords: None,
                body: Some(&notice.body),
                valid_ms: (notice.valid_from.as_millisecond(), notice.valid_to.as_millisecond()),
            }),
            Entry::Authority(_) | Entry::Category(_) | Entry::Street(_) => None,
        }
    }
}

fn index(
    transaction: &Transaction<'_>,
    searched: &Searched<'_>,
    entry_id: i64,
    language: &str,
) -> rusqlite::Result<()> {
    let Some(index) = schema::index_name(language) else { return Ok(()) };
    schema::make_index(transaction, language)?;
    let text =
        |text: Option<&LocalisedText>| text.map(|text| text.get(language).to_owned()).unwrap_or_default();
    let title = text(Some(searched.title));
    let head = format!("{}\n{}", text(searched.summary), text(searched.keywords));
    let body = text(searched.body);
    let rules = Rules::of(language);
    let title_words = words(&title).len().min(MAX_TITLE_WORDS) as i64;
    let id = title_words << ENTRY_ID_BITS | entry_id;
    let title_terms = terms(&title, rules);
    let head_terms = terms(&head, rules);
    transaction
        .prepare_cached(&format!("INSERT INTO {index} (rowid, title, head, body) VALUES (?1, ?2, ?3, ?4)"))?
        .execute(params![id, title_terms, head_terms, terms(&body, rules)])?;
    transaction.prepare_cached("INSERT INTO document VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(
        params![language, id, entry_id, title_terms, head_terms, searched.valid_ms.0, searched.valid_ms.1],
    )?;
    for text in [&title, &head, &body] {
        keep_spelling(transaction, language, text)?;
    }
    Ok(())
}

/// The words of a text that say something, each followed by its stem with `_` before it.
fn terms(text: &str, rules: Rules) -> String {
    let mut terms = String::with_capacity(text.len() * 2);
    for word in words(text) {
        if !rules.is_stop_word(&word.folded) {
            for part in [word.folded.as_str(), " _", rules.stem(&word.folded).as_ref(), " "] {
                terms.push_str(part);
            }
        }
    }
    terms
}

/// Keeps how an accented word is really spelt, to show a corrected word as it should be.
fn keep_spelling(transaction: &Transaction<'_>, language: &str, text: &str) -> rusqlite::Result<()> {
    let accented: BTreeSet<String> = words(text)
        .into_iter()
        .filter_map(|word| text.get(word.range))
        .filter(|spelt| !spelt.is_ascii())
        .map(str::to_lowercase)
        .collect();
    for spelt in accented {
        let folded = fold(&spelt);
        if folded != spelt {
            transaction
                .prepare_cached("INSERT OR IGNORE INTO spelling VALUES (?1, ?2, ?3)")?
                .execute(params![language, folded, spelt])?;
        }
    }
    Ok(())
}

/// The languages in which a citizen's words are looked for: theirs, then the one in which every town writes.
pub(super) fn search_languages(language: &str) -> Vec<&str> {
    let mut languages = vec![language];
    if language != BASE_LANGUAGE {
        languages.push(BASE_LANGUAGE);
    }
    languages
}
