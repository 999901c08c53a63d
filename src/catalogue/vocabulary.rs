//! All words of one language's index: how common each is, and which one a mistyped word was meant to be.
//!
//! Kept in memory, because every letter typed asks it.

use std::collections::HashMap;

use rusqlite::Connection;

use super::{schema, text::Rules, typo};

/// How many words of one beginning are counted to say how common the beginning is.
const MAX_COUNTED_WORDS: usize = 200;

/// The words of one language.
pub(super) struct Vocabulary {
    pub(super) rules: Rules,
    documents: f64,
    /// Folded words in alphabetical order.
    words: Vec<Known>,
    /// In how many documents each stem is.
    stems: HashMap<String, u32>,
    /// How accented words are spelt.
    spelling: HashMap<String, String>,
}

/// A word of the index.
struct Known {
    folded: String,
    documents: u32,
    /// One bit for each letter that is in the word: tells most words apart without comparing them.
    letters: u32,
    chars: u8,
}

impl Vocabulary {
    /// Reads the words of a language's index.
    pub(super) fn read(connection: &Connection, language: &str) -> rusqlite::Result<Self> {
        let mut vocabulary = Self {
            rules: Rules::of(language),
            documents: 0.0,
            words: Vec::new(),
            stems: HashMap::new(),
            spelling: HashMap::new(),
        };
        let Some(index) = schema::index_name(language) else { return Ok(vocabulary) };
        let mut statement = connection.prepare_cached(&format!(
            "SELECT term, doc FROM {} ORDER BY term",
            schema::vocabulary_name(&index)
        ))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (term, documents): (String, u32) = (row.get(0)?, row.get(1)?);
            match term.strip_prefix('_') {
                Some(stem) => drop(vocabulary.stems.insert(stem.to_owned(), documents)),
                None => vocabulary.words.push(Known {
                    letters: letters(&term),
                    chars: u8::try_from(term.chars().count()).unwrap_or(u8::MAX),
                    folded: term,
                    documents,
                }),
            }
        }
        let mut statement =
            connection.prepare_cached("SELECT folded, spelt FROM spelling WHERE language = ?1")?;
        vocabulary.spelling = statement
            .query_map([language], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        vocabulary.documents = connection
            .prepare_cached("SELECT count(*) FROM document WHERE language = ?1")?
            .query_row([language], |row| row.get(0))?;
        Ok(vocabulary)
    }

    /// Whether the word, in any of its forms, is in the index.
    pub(super) fn has_word(&self, folded: &str) -> bool {
        self.stems.contains_key(self.rules.stem(folded).as_ref())
    }

    /// Whether any word begins so.
    pub(super) fn has_beginning(&self, beginning: &str) -> bool {
        self.beginning_with(beginning).next().is_some()
    }

    fn beginning_with<'a>(&'a self, beginning: &'a str) -> impl Iterator<Item = &'a Known> {
        let from = self.words.partition_point(|word| word.folded.as_str() < beginning);
        self.words.iter().skip(from).take_while(move |word| word.folded.starts_with(beginning))
    }

    /// How much a word says: high for a rare one, near 0 for one that is everywhere.
    pub(super) fn weight(&self, folded: &str) -> f64 {
        let documents = self.stems.get(self.rules.stem(folded).as_ref()).copied().unwrap_or_else(|| {
            self.beginning_with(folded).take(MAX_COUNTED_WORDS).map(|word| word.documents).sum()
        });
        (1.0 + self.documents / (f64::from(documents) + 0.5)).ln()
    }

    /// The word that a mistyped one was most likely meant to be; none for a word too short or too far off.
    ///
    /// With `unfinished` the typed letters may also be the mistyped beginning of a longer word.
    pub(super) fn corrected(&self, folded: &str, unfinished: bool) -> Option<&str> {
        let typed: Vec<char> = folded.chars().collect();
        let allowed = typo::allowed(typed.len());
        if allowed == 0 {
            return None;
        }
        let typed_letters = letters(folded);
        self.words
            .iter()
            .filter(|word| {
                let missing = (typed_letters & !word.letters).count_ones() as usize;
                let extra = (word.letters & !typed_letters).count_ones() as usize;
                let too_long = usize::from(word.chars).saturating_sub(typed.len()) > allowed;
                missing <= allowed
                    && (unfinished || (extra <= allowed && !too_long))
                    && usize::from(word.chars) + allowed >= typed.len()
            })
            .filter_map(|word| {
                let (whole, beginning) = typo::distances(&typed, &word.folded, allowed);
                let distance = if unfinished { whole.min(beginning) } else { whole };
                let starts_alike = typed.first() == word.folded.chars().next().as_ref();
                let rank = (distance, !starts_alike, whole > allowed, u32::MAX - word.documents);
                (distance <= allowed).then_some((rank, word.folded.as_str()))
            })
            .min()
            .map(|(_, word)| word)
    }

    /// How a folded word is spelt.
    pub(super) fn spelt<'a>(&'a self, folded: &'a str) -> &'a str {
        self.spelling.get(folded).map_or(folded, String::as_str)
    }
}

/// One bit for each letter of the alphabet that is in the word; all other characters share a few.
fn letters(word: &str) -> u32 {
    word.chars().fold(0, |letters, char| letters | 1 << (u32::from(char) % 32))
}
