//! What may help a citizen who is writing: an answer that is already there, and the likely category.
//!
//! It only proposes. An article is proposed when it is about the same thing, not when it shares a word.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;
use sportello_wire::{catalogue::Category, submission::Kind};

use super::{
    CatalogueError, Memory, change,
    search::{Candidate, Finder, Hit, hit, pairs},
    text::{Rules, words},
    typo,
    vocabulary::Vocabulary,
};

/// How many of the matter's most telling words are looked for.
const MAX_TELLING_WORDS: usize = 10;
/// How much of what the telling words say an article has to share. Found by trying matters that have an answer in
/// the catalogue and matters that have none.
const MIN_SHARE: f64 = 0.3;
/// What a word in summary or keywords counts, against 1 in the title.
const HEAD_FACTOR: f64 = 0.6;
/// What a mistyped word counts, against 1 for a right one.
const TYPO_FACTOR: f64 = 0.6;

/// A word of the matter, by its stem.
struct Telling {
    stem: String,
    weight: f64,
}

pub(super) fn articles(
    connection: &Connection,
    memory: &Memory,
    matter: &str,
    language: &str,
    limit: usize,
) -> Result<Vec<Hit>, CatalogueError> {
    let mut hits: Vec<Hit> = Vec::new();
    for index_language in change::search_languages(language) {
        let Some(vocabulary) = memory.vocabularies.get(index_language) else { continue };
        let telling = telling_words(matter, vocabulary);
        let expression: Vec<String> = telling.iter().map(|word| format!("\"_{}\"", word.stem)).collect();
        if expression.is_empty() {
            continue;
        }
        // Notices have their validity; with the end of time as "now" none of them is a candidate.
        let finder = Finder { connection, language: index_language, now_ms: i64::MAX - 1 };
        let candidates = finder
            .candidates(&format!("{{title head}} : ({})", expression.join(" OR ")))
            .map_err(CatalogueError::Read)?;
        let mut ranked: Vec<(f64, i64)> = candidates
            .iter()
            .map(|candidate| (share(candidate, &telling), candidate.entry_id))
            .filter(|(share, _)| *share >= MIN_SHARE)
            .collect();
        ranked.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        for (_, entry_id) in ranked {
            let Some(hit) = hit(connection, entry_id, language, &[])? else { continue };
            if hit.article_kind.is_some() && !hits.iter().any(|known| known.key == hit.key) {
                hits.push(hit);
            }
            if hits.len() >= limit {
                return Ok(hits);
            }
        }
    }
    Ok(hits)
}

/// The words of the matter that the index knows, the rarest ones, each once.
fn telling_words(matter: &str, vocabulary: &Vocabulary) -> Vec<Telling> {
    let stems: BTreeMap<String, String> = words(matter)
        .into_iter()
        .filter(|word| !vocabulary.rules.is_stop_word(&word.folded) && vocabulary.has_word(&word.folded))
        .map(|word| (vocabulary.rules.stem(&word.folded).into_owned(), word.folded))
        .collect();
    let mut telling: Vec<Telling> = stems
        .into_iter()
        .map(|(stem, folded)| Telling { weight: vocabulary.weight(&folded), stem })
        .collect();
    telling.sort_by(|one, other| other.weight.total_cmp(&one.weight).then_with(|| one.stem.cmp(&other.stem)));
    telling.truncate(MAX_TELLING_WORDS);
    telling
}

/// How much of what the matter says the article shares, from 0 to 1. Without a word in the title it is 0, and with a
/// single one as well, unless that word is half of the matter.
fn share(candidate: &Candidate, telling: &[Telling]) -> f64 {
    let stems = |terms: &str| pairs(terms).map(|(_, stem)| stem.to_owned()).collect::<BTreeSet<_>>();
    let (title, head) = (stems(&candidate.title_terms), stems(&candidate.head_terms));
    let (mut shared, mut total, mut in_title, mut in_all) = (0.0, 0.0, 0, 0);
    for word in telling {
        total += word.weight;
        let is_in_title = title.contains(&word.stem);
        if is_in_title || head.contains(&word.stem) {
            in_all += 1;
            in_title += usize::from(is_in_title);
            shared += word.weight * if is_in_title { 1.0 } else { HEAD_FACTOR };
        }
    }
    let is_about_it = in_title > 0 && (in_all > 1 || telling.len() <= 2);
    if is_about_it && total > 0.0 { shared / total } else { 0.0 }
}

/// What describes each leaf, made once for a language: reading it anew for each citizen would be felt.
#[derive(Default)]
pub(super) struct Descriptions(Mutex<BTreeMap<String, Arc<Vec<Described>>>>);

/// A leaf and what describes it.
pub(super) struct Described {
    code: String,
    kinds: Vec<Kind>,
    description: Description,
}

impl Descriptions {
    fn in_language(&self, categories: &[Category], language: &str) -> Arc<Vec<Described>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let made = known.entry(language.to_owned()).or_insert_with(|| {
            let languages = change::search_languages(language);
            let described = leaves(categories).map(|leaf| Described {
                code: leaf.code.clone(),
                kinds: leaf.kinds.clone(),
                description: Description::of(leaf, categories, &languages),
            });
            Arc::new(described.collect())
        });
        Arc::clone(made)
    }
}

/// All leaves for this kind, the likely ones first.
pub(super) fn categories(
    categories: &[Category],
    descriptions: &Descriptions,
    matter: &str,
    kind: Kind,
    language: &str,
) -> Vec<(String, f64)> {
    let all = descriptions.in_language(categories, language);
    let leaves: Vec<&Described> =
        all.iter().filter(|leaf| leaf.kinds.is_empty() || leaf.kinds.contains(&kind)).collect();
    let languages = change::search_languages(language);
    let matters: Vec<(Rules, String, String)> = languages
        .iter()
        .flat_map(|language| {
            let rules = Rules::of(language);
            words(matter).into_iter().map(move |word| {
                let stem = rules.stem(&word.folded).into_owned();
                (rules, word.folded, stem)
            })
        })
        .filter(|(rules, folded, _)| !rules.is_stop_word(folded))
        .collect();
    let stems: BTreeSet<&str> = matters.iter().map(|(_, _, stem)| stem.as_str()).collect();
    let mut scores = vec![0.0; leaves.len()];
    for stem in stems {
        let values: Vec<f64> = leaves.iter().map(|leaf| leaf.description.value(stem)).collect();
        let having = values.iter().filter(|value| **value > 0.0).count();
        let rarity = (1.0 + leaves.len() as f64 / (having as f64 + 0.5)).ln();
        for (score, value) in scores.iter_mut().zip(values) {
            *score += value * rarity;
        }
    }
    let mut scored: Vec<(String, f64)> =
        leaves.into_iter().zip(scores).map(|(leaf, score)| (leaf.code.clone(), score)).collect();
    scored.sort_by(|one, other| other.1.total_cmp(&one.1));
    scored
}

fn leaves(categories: &[Category]) -> impl Iterator<Item = &Category> {
    let parents: BTreeSet<&str> =
        categories.iter().filter_map(|category| category.parent.as_deref()).collect();
    categories.iter().filter(move |category| !parents.contains(category.code.as_str()))
}

/// The stems that describe a category, each with what it is worth.
pub(super) struct Description(BTreeMap<String, f64>);

impl Description {
    fn of(category: &Category, all: &[Category], languages: &[&str]) -> Self {
        let mut description = Self(BTreeMap::new());
        let parent = all.iter().find(|other| Some(&other.code) == category.parent.as_ref());
        for language in languages {
            let mut add = |text: &str, value: f64| description.add(text, Rules::of(language), value);
            add(category.name.exact(language).unwrap_or_default(), 3.0);
            add(category.keywords.exact(language).unwrap_or_default(), 3.0);
            add(category.description.exact(language).unwrap_or_default(), 1.5);
            if let Some(parent) = parent {
                add(parent.name.exact(language).unwrap_or_default(), 1.0);
                add(parent.keywords.exact(language).unwrap_or_default(), 1.0);
            }
        }
        description
    }

    fn add(&mut self, text: &str, rules: Rules, value: f64) {
        for word in words(text) {
            if !rules.is_stop_word(&word.folded) {
                let known = self.0.entry(rules.stem(&word.folded).into_owned()).or_default();
                *known = known.max(value);
            }
        }
    }

    /// What the stem is worth here; a mistyped one less.
    fn value(&self, stem: &str) -> f64 {
        if let Some(value) = self.0.get(stem) {
            return *value;
        }
        let typed: Vec<char> = stem.chars().collect();
        let allowed = typo::allowed(typed.len().saturating_sub(1));
        let near = |other: &&String| allowed > 0 && typo::distances(&typed, other, allowed).0 <= allowed;
        self.0
            .iter()
            .filter(|(other, _)| near(other))
            .map(|(_, value)| value * TYPO_FACTOR)
            .fold(0.0, f64::max)
    }
}
