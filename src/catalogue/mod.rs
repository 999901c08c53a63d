//! The kiosk's local copy of all that can be looked up: articles, offices, notices, categories, streets.
//!
//! It is filled by deltas from the central and never asks the network itself. It holds nothing about
//! a citizen: what is searched is neither kept nor logged.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, params};
use serde::de::DeserializeOwned;
use sportello_wire::{
    catalogue::{Article, Authority, CatalogueDelta, Category, EntryType, Notice, Office, Street},
    submission::Kind,
};

mod change;
mod schema;
mod search;
mod streets;
mod suggest;
mod text;
mod typo;
mod vocabulary;

pub use search::{Hit, SearchResults};
use vocabulary::Vocabulary;

/// Why the catalogue cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file cannot be opened or made.
    #[error("the catalogue {path} cannot be opened")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// The file cannot be used, and cannot be thrown away either.
    #[error("the broken catalogue {path} cannot be removed")]
    Discard {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Reading failed.
    #[error("the catalogue cannot be read")]
    Read(#[source] rusqlite::Error),
    /// A delta could not be applied; the catalogue is as it was before.
    #[error("the catalogue cannot be changed")]
    Change(#[source] rusqlite::Error),
    /// An entry is not as this version of the kiosk knows it.
    #[error("the {entry_type:?} {key} of the catalogue cannot be understood")]
    Entry {
        /// Its table.
        entry_type: EntryType,
        /// Its key.
        key: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

/// The local copy.
///
/// Several may be open on one file, also in several threads: each sees what the others have applied.
pub struct Catalogue {
    connection: Connection,
    memory: RefCell<Option<Arc<Memory>>>,
}

/// What every letter typed needs at hand, read again after each change.
struct Memory {
    /// SQLite's number of the last change by another connection.
    data_version: i64,
    vocabularies: BTreeMap<String, Vocabulary>,
    streets: streets::Streets,
    categories: Vec<Category>,
    descriptions: suggest::Descriptions,
}

impl Catalogue {
    /// Opens the copy in this file, or makes an empty one if there is none that can be used.
    pub fn open(path: &Path) -> Result<Self, CatalogueError> {
        let catalogue = Self { connection: schema::open(path)?, memory: RefCell::new(None) };
        catalogue.memory()?;
        Ok(catalogue)
    }

    /// Where to go on fetching; none if everything has to be fetched.
    pub fn cursor(&self) -> Result<Option<String>, CatalogueError> {
        self.connection
            .prepare_cached("SELECT value FROM state WHERE name = 'cursor'")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional())
            .map_err(CatalogueError::Read)
    }

    /// Applies a delta: all of it, or on an error nothing.
    pub fn apply(&mut self, delta: &CatalogueDelta) -> Result<(), CatalogueError> {
        change::apply(&mut self.connection, delta)?;
        self.memory.replace(None);
        if !delta.more {
            self.memory()?;
        }
        Ok(())
    }

    /// The body to which the kiosk belongs.
    pub fn authority(&self) -> Result<Option<Authority>, CatalogueError> {
        Ok(self.all(EntryType::Authority)?.into_iter().next())
    }

    /// One category.
    pub fn category(&self, code: &str) -> Result<Option<Category>, CatalogueError> {
        self.one(EntryType::Category, code)
    }

    /// All categories: each parent before its children, siblings in their order.
    pub fn categories(&self) -> Result<Vec<Category>, CatalogueError> {
        Ok(self.memory()?.categories.clone())
    }

    /// One article.
    pub fn article(&self, id: &str) -> Result<Option<Article>, CatalogueError> {
        self.one(EntryType::Article, id)
    }

    /// The articles that belong to a category, by id.
    pub fn articles_of(&self, category: &str) -> Result<Vec<Article>, CatalogueError> {
        self.read(
            EntryType::Article,
            "SELECT key, json FROM entry WHERE category = ?1 AND type = 'article' ORDER BY key",
            [category],
        )
    }

    /// One office.
    pub fn office(&self, code: &str) -> Result<Option<Office>, CatalogueError> {
        self.one(EntryType::Office, code)
    }

    /// All offices, by code.
    pub fn offices(&self) -> Result<Vec<Office>, CatalogueError> {
        self.all(EntryType::Office)
    }

    /// The notices that are valid now, the important ones first, then the newest.
    pub fn notices(&self, now: Timestamp) -> Result<Vec<Notice>, CatalogueError> {
        let mut notices: Vec<Notice> = self.all(EntryType::Notice)?;
        notices.retain(|notice| notice.valid_from <= now && now < notice.valid_to);
        notices.sort_by_key(|notice| (!notice.important, std::cmp::Reverse(notice.valid_from)));
        Ok(notices)
    }

    /// The streets that fit what was typed so far: any words of the name or their beginnings, small typos forgiven.
    pub fn streets(&self, typed: &str, limit: usize) -> Result<Vec<Street>, CatalogueError> {
        Ok(self.memory()?.streets.find(typed, limit))
    }

    /// Searches articles, offices and valid notices for what was typed so far, the best first.
    ///
    /// A failure of the database is logged and finds nothing.
    pub fn search(&self, query: &str, language: &str, limit: usize, now: Timestamp) -> SearchResults {
        self.memory()
            .and_then(|memory| search::search(&self.connection, &memory, query, language, limit, now))
            .unwrap_or_else(|error| nothing(&error))
    }

    /// Articles that may already answer what a citizen is writing, the best first; rather none than a wrong one.
    ///
    /// A failure of the database is logged and finds nothing.
    pub fn suggest_articles(&self, matter: &str, language: &str, limit: usize) -> Vec<Hit> {
        self.memory()
            .and_then(|memory| suggest::articles(&self.connection, &memory, matter, language, limit))
            .unwrap_or_else(|error| nothing(&error))
    }

    /// All categories that can be chosen for this kind, as (code, score): the likely ones first, then the others
    /// with score 0 in the order of the classification.
    pub fn suggest_categories(&self, matter: &str, kind: Kind, language: &str) -> Vec<(String, f64)> {
        self.memory().map_or_else(
            |error| nothing(&error),
            |memory| suggest::categories(&memory.categories, &memory.descriptions, matter, kind, language),
        )
    }

    fn one<T: DeserializeOwned>(
        &self,
        entry_type: EntryType,
        key: &str,
    ) -> Result<Option<T>, CatalogueError> {
        let sql = "SELECT key, json FROM entry WHERE type = ?1 AND key = ?2";
        Ok(self.read(entry_type, sql, params![entry_type.as_str(), key])?.into_iter().next())
    }

    fn all<T: DeserializeOwned>(&self, entry_type: EntryType) -> Result<Vec<T>, CatalogueError> {
        self.read(
            entry_type,
            "SELECT key, json FROM entry WHERE type = ?1 ORDER BY key",
            [entry_type.as_str()],
        )
    }

    /// Reads entries with a query whose columns are key and JSON.
    fn read<T: DeserializeOwned>(
        &self,
        entry_type: EntryType,
        sql: &str,
        params: impl Params,
    ) -> Result<Vec<T>, CatalogueError> {
        let rows: Vec<(String, String)> = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| {
                statement.query_map(params, |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
            })
            .map_err(CatalogueError::Read)?;
        rows.into_iter()
            .map(|(key, json)| {
                serde_json::from_str(&json).map_err(|source| CatalogueError::Entry {
                    entry_type,
                    key,
                    source,
                })
            })
            .collect()
    }

    fn memory(&self) -> Result<Arc<Memory>, CatalogueError> {
        let data_version = self
            .connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(CatalogueError::Read)?;
        if let Some(memory) =
            self.memory.borrow().as_ref().filter(|memory| memory.data_version == data_version)
        {
            return Ok(Arc::clone(memory));
        }
        let mut categories = self.all(EntryType::Category)?;
        in_order(&mut categories);
        let vocabularies = schema::languages(&self.connection)
            .and_then(|languages| {
                let read =
                    |language: String| Ok((language.clone(), Vocabulary::read(&self.connection, &language)?));
                languages.into_iter().map(read).collect()
            })
            .map_err(CatalogueError::Read)?;
        let streets = streets::Streets::new(self.all(EntryType::Street)?);
        let memory = Arc::new(Memory {
            data_version,
            vocabularies,
            streets,
            categories,
            descriptions: suggest::Descriptions::default(),
        });
        self.memory.replace(Some(Arc::clone(&memory)));
        Ok(memory)
    }
}

fn nothing<T: Default>(error: &CatalogueError) -> T {
    tracing::warn!(error = error as &dyn std::error::Error, "the catalogue cannot be searched");
    T::default()
}

/// Sorts categories by the order of their branch, then within it: parents come just before their children.
fn in_order(categories: &mut [Category]) {
    let places: BTreeMap<String, (i32, Option<String>)> = categories
        .iter()
        .map(|category| (category.code.clone(), (category.order, category.parent.clone())))
        .collect();
    categories.sort_by_cached_key(|category| {
        let mut path = vec![(category.order, category.code.clone())];
        let mut parent = category.parent.as_ref();
        while let Some((code, (order, next))) = parent.and_then(|code| places.get_key_value(code)) {
            path.push((*order, code.clone()));
            // A circle among parents is the central's mistake, but it must not hang the kiosk.
            if path.len() > places.len() {
                break;
            }
            parent = next.as_ref();
        }
        path.reverse();
        path
    });
}

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
