//! Search as each letter is typed.
//!
//! The full-text index finds candidates; their order is made here, from a few hundred of them at most, so that the
//! time of a search does not grow with the catalogue. `bm25()` would visit every entry that has a word: with 20,000
//! articles that alone takes several times what a whole search may.

use std::{collections::BTreeMap, ops::Range};

use jiff::Timestamp;
use rusqlite::{Connection, params};
use sportello_wire::{
    catalogue::{Article, ArticleKind, EntryType, Notice, Office},
    text::LocalisedText,
};

use super::{
    CatalogueError, Memory, change, schema,
    text::{Rules, words},
    vocabulary::Vocabulary,
};

/// How many candidates of one column are put in order. The index gives them by their title's length, so the ones
/// left out are those with the longest titles.
const MAX_CANDIDATES: usize = 200;
/// More words than these are not searched for.
const MAX_WORDS: usize = 8;
/// What a word is worth in the title, in summary and keywords, in the body.
const COLUMN_WEIGHTS: [f64; 3] = [10.0, 4.0, 1.0];
/// What is found in Italian only counts less than what is found in the citizen's language.
const FALLBACK_FACTOR: f64 = 0.5;

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SearchResults {
    /// The query with its mistyped words corrected; none if nothing was.
    pub corrected: Option<String>,
    /// The entries found, the best first.
    pub hits: Vec<Hit>,
}

/// An entry that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// An article, office or notice.
    pub entry_type: EntryType,
    /// Its key, to open it.
    pub key: String,
    /// Its title in the citizen's language, else in Italian.
    pub title: String,
    /// What it says in short: an article's summary, an office's description, a notice's first paragraph.
    pub summary: String,
    /// Where the words searched for are in the title, in bytes.
    pub marks: Vec<Range<usize>>,
    /// What kind of article it is.
    pub article_kind: Option<ArticleKind>,
    /// Whether the title is not in the citizen's language.
    pub language_fallback: bool,
}

/// A word to search for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    folded: String,
    stem: String,
    is_word: bool,
    is_beginning: bool,
    weight: f64,
}

pub(super) fn search(
    connection: &Connection,
    memory: &Memory,
    query: &str,
    language: &str,
    limit: usize,
    now: Timestamp,
) -> Result<SearchResults, CatalogueError> {
    let languages = change::search_languages(language);
    let vocabularies: Vec<(&str, &Vocabulary)> = languages
        .iter()
        .filter_map(|language| Some((*language, memory.vocabularies.get(*language)?)))
        .collect();
    let typed = Typed::read(query, &vocabularies);
    let mut found = BTreeMap::new();
    for (number, (index_language, vocabulary)) in vocabularies.iter().enumerate() {
        if number > 0 && found.len() >= limit {
            break;
        }
        let factor = if number == 0 { 1.0 } else { FALLBACK_FACTOR };
        let finder = Finder { connection, language: index_language, now_ms: now.as_millisecond() };
        for (entry_id, score) in finder.find(typed.asked(vocabulary), limit).map_err(CatalogueError::Read)? {
            found.entry(entry_id).or_insert(score * factor);
        }
    }
    let mut ranked: Vec<(i64, f64)> = found.into_iter().collect();
    ranked.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    let marked = typed.marked();
    let hits = ranked
        .into_iter()
        .take(limit)
        .filter_map(|(entry_id, _)| hit(connection, entry_id, language, &marked).transpose())
        .collect::<Result<_, _>>()?;
    Ok(SearchResults { corrected: typed.corrected, hits })
}

/// What was typed, with mistyped words replaced.
struct Typed {
    words: Vec<String>,
    /// Whether the last word may go on.
    is_unfinished: bool,
    corrected: Option<String>,
}

impl Typed {
    fn read(query: &str, vocabularies: &[(&str, &Vocabulary)]) -> Self {
        let typed = words(query);
        let is_unfinished = typed.last().is_some_and(|word| word.range.end == query.len());
        let mut corrected = query.to_owned();
        let mut folded: Vec<String> = Vec::with_capacity(typed.len());
        let count = typed.len();
        // From the end, so that the ranges still fit while words before them are replaced.
        for (number, word) in typed.into_iter().enumerate().rev() {
            let can_go_on = is_unfinished && number + 1 == count;
            let is_known = vocabularies.iter().any(|(_, vocabulary)| {
                vocabulary.rules.is_stop_word(&word.folded)
                    || vocabulary.has_word(&word.folded)
                    || vocabulary.has_beginning(&word.folded)
            });
            let meant = vocabularies.iter().filter(|_| !is_known).find_map(|(_, vocabulary)| {
                vocabulary.corrected(&word.folded, can_go_on).map(|meant| (meant, vocabulary.spelt(meant)))
            });
            if let Some((meant, spelt)) = meant {
                corrected.replace_range(word.range, spelt);
                folded.push(meant.to_owned());
            } else {
                folded.push(word.folded);
            }
        }
        folded.reverse();
        let corrected = Some(corrected).filter(|corrected| corrected != query);
        Self { words: folded, is_unfinished, corrected }
    }

    /// The words to search for in one language's index: those that are there and say something. Of a query that is
    /// nothing but small words the last one is taken as a beginning.
    fn asked(&self, vocabulary: &Vocabulary) -> Vec<Asked> {
        let last = self.words.len().saturating_sub(1);
        let asked = |number: usize, word: &String, only_beginning: bool| {
            let is_word = !only_beginning && vocabulary.has_word(word);
            let can_go_on = only_beginning || !is_word || (self.is_unfinished && number == last);
            let is_beginning = can_go_on && vocabulary.has_beginning(word);
            (is_word || is_beginning).then(|| Asked {
                stem: vocabulary.rules.stem(word).into_owned(),
                is_word,
                is_beginning,
                weight: vocabulary.weight(word),
                folded: word.clone(),
            })
        };
        let mut found: Vec<Asked> = self
            .words
            .iter()
            .enumerate()
            .filter(|(_, word)| !vocabulary.rules.is_stop_word(word))
            .filter_map(|(number, word)| asked(number, word, false))
            .take(MAX_WORDS)
            .collect();
        let only_small_words = self.words.iter().all(|word| vocabulary.rules.is_stop_word(word));
        if let Some(word) = self.words.last().filter(|_| only_small_words) {
            found.extend(asked(last, word, true));
        }
        found
    }

    /// The words to mark in titles, each with whether it marks all words that begin with it.
    fn marked(&self) -> Vec<(&str, bool)> {
        let last = self.words.len().saturating_sub(1);
        self.words
            .iter()
            .enumerate()
            .map(|(number, word)| (word.as_str(), self.is_unfinished && number == last))
            .collect()
    }
}

/// One language's index.
pub(super) struct Finder<'a> {
    pub(super) connection: &'a Connection,
    pub(super) language: &'a str,
    pub(super) now_ms: i64,
}

/// An entry that has some of the words.
pub(super) struct Candidate {
    pub(super) entry_id: i64,
    pub(super) title_terms: String,
    pub(super) head_terms: String,
    title_words: i64,
}

impl Finder<'_> {
    /// The entries that have all words, with their scores. If there is none, the most common word is left out until
    /// there is.
    fn find(&self, mut asked: Vec<Asked>, limit: usize) -> rusqlite::Result<BTreeMap<i64, f64>> {
        let mut found = BTreeMap::new();
        while !asked.is_empty() && found.is_empty() {
            let terms: Vec<String> = asked.iter().map(Asked::expression).collect();
            for columns in ["title", "title head", "title head body"] {
                if found.len() >= limit {
                    break;
                }
                for candidate in self.candidates(&format!("{{{columns}}} : ({})", terms.join(" AND ")))? {
                    found.entry(candidate.entry_id).or_insert_with(|| candidate.score(&asked));
                }
            }
            let commonest =
                asked.iter().enumerate().min_by(|one, other| one.1.weight.total_cmp(&other.1.weight));
            if let Some((number, _)) = commonest {
                asked.remove(number);
            }
        }
        Ok(found)
    }

    /// The first entries that match a full-text expression, those with the shortest titles first.
    pub(super) fn candidates(&self, expression: &str) -> rusqlite::Result<Vec<Candidate>> {
        let Some(index) = schema::index_name(self.language) else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT entry_id, title_terms, head_terms, id >> {} FROM {index} CROSS JOIN document
             ON document.language = ?1 AND document.id = {index}.rowid
             WHERE {index} MATCH ?2 AND ?3 BETWEEN valid_from_ms AND valid_to_ms - 1
             ORDER BY {index}.rowid LIMIT {MAX_CANDIDATES}",
            change::ENTRY_ID_BITS
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement
            .query_map(params![self.language, expression, self.now_ms], |row| {
                Ok(Candidate {
                    entry_id: row.get(0)?,
                    title_terms: row.get(1)?,
                    head_terms: row.get(2)?,
                    title_words: row.get(3)?,
                })
            })?
            .collect()
    }
}

impl Asked {
    /// The word as a full-text expression.
    fn expression(&self) -> String {
        let Self { folded, stem, .. } = self;
        match (self.is_word, self.is_beginning) {
            (true, true) => format!("(\"_{stem}\" OR \"{folded}\"*)"),
            (true, false) => format!("\"_{stem}\""),
            _ => format!("\"{folded}\"*"),
        }
    }

    /// How well a term of a text fits, from 0 to 1.
    fn fit(&self, (word, stem): (&str, &str)) -> f64 {
        if word == self.folded {
            1.0
        } else if self.is_word && stem == self.stem {
            0.9
        } else if self.is_beginning && word.starts_with(&self.folded) {
            0.5 + 0.4 * self.folded.len() as f64 / word.len() as f64
        } else {
            0.0
        }
    }
}

impl Candidate {
    fn score(&self, asked: &[Asked]) -> f64 {
        let [title_weight, head_weight, body_weight] = COLUMN_WEIGHTS;
        let best = |terms: &str, word: &Asked| pairs(terms).map(|pair| word.fit(pair)).fold(0.0, f64::max);
        let words: f64 = asked
            .iter()
            .map(|word| {
                let in_title = title_weight * best(&self.title_terms, word);
                let in_head =
                    if in_title > head_weight { 0.0 } else { head_weight * best(&self.head_terms, word) };
                word.weight * in_title.max(in_head).max(body_weight)
            })
            .sum();
        let begins =
            asked.iter().any(|word| pairs(&self.title_terms).next().is_some_and(|pair| word.fit(pair) > 0.0));
        let beginning = if begins { 1.1 } else { 1.0 };
        words * beginning / (1.0 + 0.02 * self.title_words as f64)
    }
}

/// The terms as they were written: each word and its stem.
pub(super) fn pairs(terms: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut parts = terms.split_ascii_whitespace();
    std::iter::from_fn(move || Some((parts.next()?, parts.next()?.strip_prefix('_')?)))
}

/// Reads what is shown of an entry.
pub(super) fn hit(
    connection: &Connection,
    entry_id: i64,
    language: &str,
    marked: &[(&str, bool)],
) -> Result<Option<Hit>, CatalogueError> {
    let (entry_type, key, json): (String, String, String) = connection
        .prepare_cached("SELECT type, key, json FROM entry WHERE id = ?1")
        .and_then(|mut statement| {
            statement.query_row([entry_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        })
        .map_err(CatalogueError::Read)?;
    let entry_type = [EntryType::Article, EntryType::Office, EntryType::Notice]
        .into_iter()
        .find(|candidate| candidate.as_str() == entry_type);
    let Some(entry_type) = entry_type else { return Ok(None) };
    let shown = match entry_type {
        EntryType::Article => serde_json::from_str::<Article>(&json)
            .map(|article| (article.title, article.summary.get(language).to_owned(), Some(article.kind))),
        EntryType::Office => serde_json::from_str::<Office>(&json)
            .map(|office| (office.name, office.description.get(language).to_owned(), None)),
        _ => serde_json::from_str::<Notice>(&json)
            .map(|notice| (notice.title, first_paragraph(notice.body.get(language)), None)),
    };
    let (title, summary, article_kind) =
        shown.map_err(|source| CatalogueError::Entry { entry_type, key: key.clone(), source })?;
    let (text, language_fallback) = in_language(&title, language);
    let marks = marks(text, Rules::of(language), marked);
    Ok(Some(Hit { entry_type, key, title: text.to_owned(), summary, marks, article_kind, language_fallback }))
}

fn first_paragraph(body: &str) -> String {
    body.split("\n\n")
        .map(str::trim)
        .find(|part| !part.is_empty() && !part.starts_with('#'))
        .unwrap_or_default()
        .to_owned()
}

fn in_language<'a>(text: &'a LocalisedText, language: &str) -> (&'a str, bool) {
    (text.get(language), text.exact(language).is_none())
}

/// Where words of the title are those searched for. Words that say nothing are not marked.
fn marks(title: &str, rules: Rules, marked: &[(&str, bool)]) -> Vec<Range<usize>> {
    let stems: Vec<_> = marked.iter().map(|(word, begins)| (*word, rules.stem(word), *begins)).collect();
    words(title)
        .into_iter()
        .filter(|word| !rules.is_stop_word(&word.folded))
        .filter(|word| {
            let stem = rules.stem(&word.folded);
            stems.iter().any(|(asked, asked_stem, begins)| {
                *asked_stem == stem || (*begins && word.folded.starts_with(asked))
            })
        })
        .map(|word| word.range)
        .collect()
}
