//! What the catalogue says to what is typed: results, suggestions, streets.
//!
//! Derived from the journey's state and the catalogue, and made anew only when what it depends on changes.

use jiff::Timestamp;
use sportello_wire::{
    catalogue::{Category, EntryType, Street},
    submission::Kind,
};

use crate::{
    catalogue::{Catalogue, CatalogueError, Hit, SearchResults},
    journey::{Page, State},
};

/// The most results that are looked for; a page shows a few of them, and *more*.
const MAX_HITS: usize = 40;
/// The most answers offered while writing.
const MAX_ANSWERS: usize = 2;
/// The most categories that are called likely.
const MAX_LIKELY: usize = 4;
/// How likely a category must be, against the likeliest one.
const MIN_LIKELIHOOD: f64 = 0.3;
/// The most streets offered.
const MAX_STREETS: usize = 4;

/// What the catalogue says to the page that is shown.
#[derive(Default)]
pub struct Lookups {
    /// What is found, by (query, language).
    pub results: Memo<(String, String), SearchResults>,
    /// What answers the words of a ticket, by (words, language).
    pub answers: Memo<(String, String), Vec<Hit>>,
    /// The categories, the likely ones first, by (words, kind, language).
    pub categories: Memo<(String, Option<Kind>, String), Categories>,
    /// The streets that fit, by what is typed.
    pub streets: Memo<String, Vec<Street>>,
}

/// The leaves of the classification.
#[derive(Default, Debug, Clone, PartialEq)]
pub struct Categories {
    /// The likely ones, likeliest first.
    pub likely: Vec<Category>,
    /// The top categories with their leaves, in order.
    pub groups: Vec<(Category, Vec<Category>)>,
}

/// A value and what it was made from.
#[derive(Default)]
pub struct Memo<K, V> {
    key: Option<K>,
    value: V,
}

impl<K: PartialEq, V> Memo<K, V> {
    /// The value.
    pub fn get(&self) -> &V {
        &self.value
    }

    fn update(
        &mut self,
        key: K,
        make: impl FnOnce(&K) -> Result<V, CatalogueError>,
    ) -> Result<(), CatalogueError> {
        if self.key.as_ref() != Some(&key) {
            self.value = make(&key)?;
            self.key = Some(key);
        }
        Ok(())
    }
}

impl Lookups {
    /// Makes what the page that is shown needs.
    pub fn update(
        &mut self,
        state: &State,
        catalogue: &Catalogue,
        now: Timestamp,
    ) -> Result<(), CatalogueError> {
        let language = state.language.clone();
        match state.page() {
            Page::LookUp => self.results.update((state.query.0.clone(), language), |(query, language)| {
                Ok(catalogue.search(query, language, MAX_HITS, now))
            }),
            Page::Words => {
                self.answers.update((state.draft.words.0.clone(), language), |(words, language)| {
                    let hits = catalogue.suggest_articles(words, language, MAX_ANSWERS);
                    Ok(hits.into_iter().filter(|hit| hit.entry_type == EntryType::Article).collect())
                })
            }
            Page::Category => {
                let key = (state.draft.words.0.clone(), state.draft.kind, language);
                self.categories
                    .update(key, |(words, kind, language)| categories(catalogue, words, *kind, language))
            }
            Page::Place => {
                let (typed, known) = (state.draft.place.street.clone(), state.draft.place.street_known);
                self.streets.update(typed, |typed| {
                    if known || typed.trim().is_empty() {
                        Ok(Vec::new())
                    } else {
                        catalogue.streets(typed, MAX_STREETS)
                    }
                })
            }
            _ => Ok(()),
        }
    }
}

fn categories(
    catalogue: &Catalogue,
    words: &str,
    kind: Option<Kind>,
    language: &str,
) -> Result<Categories, CatalogueError> {
    let all = catalogue.categories()?;
    let fits = |category: &Category| {
        kind.is_none_or(|kind| category.kinds.is_empty() || category.kinds.contains(&kind))
    };
    let likely = kind.map(|kind| catalogue.suggest_categories(words, kind, language)).unwrap_or_default();
    let best = likely.first().map_or(0.0, |(_, score)| *score);
    let likely = likely
        .iter()
        .filter(|(_, score)| *score > 0.0 && *score >= best * MIN_LIKELIHOOD)
        .take(MAX_LIKELY)
        .filter_map(|(code, _)| all.iter().find(|category| category.code == *code).cloned())
        .collect();
    let mut groups: Vec<(Category, Vec<Category>)> = all
        .iter()
        .filter(|category| category.parent.is_none())
        .map(|group| {
            let leaves = all.iter().filter(|leaf| leaf.parent.as_ref() == Some(&group.code) && fits(leaf));
            let mut leaves: Vec<Category> = leaves.cloned().collect();
            let has_children = all.iter().any(|leaf| leaf.parent.as_ref() == Some(&group.code));
            // A foreign server's categories may have no groups: each is its own leaf.
            if !has_children && fits(group) {
                leaves.push(group.clone());
            }
            (group.clone(), leaves)
        })
        .filter(|(_, leaves)| !leaves.is_empty())
        .collect();
    groups.sort_by_key(|(group, _)| group.order);
    for (_, leaves) in &mut groups {
        leaves.sort_by_key(|leaf| leaf.order);
    }
    Ok(Categories { likely, groups })
}
