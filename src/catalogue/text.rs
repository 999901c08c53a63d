//! Words as they are compared: folded, split, without what says nothing, and cut to their stems.
//!
//! It knows no index and no ranking. Queries and entries pass through the same functions, so both
//! sides always agree on what a word is.

use std::{borrow::Cow, ops::Range};

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;

/// Italian words that say nothing about a matter, folded. Elided articles and prepositions are here
/// because an apostrophe splits: "dell'acqua" is "dell" and "acqua".
const ITALIAN_STOP_WORDS: &str = "a ad agli ai al all alla alle allo anche c che chi ci co coi col come con cosa cui \
    d da dagli dai dal dall dalla dalle dallo de degli dei del dell della delle dello di dov dove due e ed era essere \
    fa faccio fare gia gli ha hai hanno ho i il in io l la le lei li lo loro lui ma mi mia mie miei mio ne negli nei \
    nel nell nella nelle nello non o ogni per perche piu po poi puo qual quale quali quando quanto quel quella quelle \
    quelli quello questa queste questi questo qui s se sei si sia siamo sono sta su sua sue sugli sui sul sull sulla \
    sulle sullo suo suoi te ti tra fra tu un una uno va vi vorrei voglio devo posso buongiorno grazie salve";

/// English words that say nothing about a matter, folded.
const ENGLISH_STOP_WORDS: &str = "a about an and are as at be been but by can could d did do does for from get had has \
    have hello how i if in into is it its ll m me my need not of on or our please re s should so t that the their them \
    there they this to ve want was we were what when where which who why will with would you your";

/// A language's rules for words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rules {
    Italian,
    English,
    /// No stop words and no stems are known: words are compared as they are.
    Plain,
}

impl Rules {
    /// The rules of a BCP 47 tag.
    pub(super) fn of(language: &str) -> Self {
        match language.split('-').next() {
            Some("it") => Self::Italian,
            Some("en") => Self::English,
            _ => Self::Plain,
        }
    }

    /// Whether a folded word says nothing about a matter.
    pub(super) fn is_stop_word(self, folded: &str) -> bool {
        let list = match self {
            Self::Italian => ITALIAN_STOP_WORDS,
            Self::English => ENGLISH_STOP_WORDS,
            Self::Plain => return false,
        };
        list.split_ascii_whitespace().any(|word| word == folded)
    }

    /// Cuts a folded word to the stem that it shares with its other forms.
    pub(super) fn stem(self, folded: &str) -> Cow<'_, str> {
        match self {
            Self::Italian => italian_stem(folded),
            Self::English => Stemmer::create(Algorithm::English).stem(folded),
            Self::Plain => Cow::Borrowed(folded),
        }
    }
}

/// Snowball's Italian stem, in which "buca" and "buche", "largo" and "larghi" meet: the `h` that only keeps
/// the sound before `e` and `i` is dropped.
fn italian_stem(folded: &str) -> Cow<'_, str> {
    let stem = Stemmer::create(Algorithm::Italian).stem(folded);
    match stem.strip_suffix('h') {
        Some(shorter) if shorter.ends_with(['c', 'g']) => Cow::Owned(shorter.to_owned()),
        _ => stem,
    }
}

/// A word of a text and where it stands there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Lower case and without accents.
    pub(super) folded: String,
    /// The bytes of the text that it takes.
    pub(super) range: Range<usize>,
}

/// Splits a text into its words: at everything that is neither letter, digit nor mark, so also at apostrophes.
/// Scripts without spaces between words are split into their characters.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, char) in text.char_indices() {
        let belongs = char.is_alphanumeric() || is_mark(char);
        let is_alone = is_ideograph(char);
        if let Some(from) = start.filter(|_| !belongs || is_alone) {
            push(&mut words, text, from..at);
            start = None;
        }
        if is_alone {
            push(&mut words, text, at..at + char.len_utf8());
        } else if belongs && start.is_none() {
            start = Some(at);
        }
    }
    if let Some(from) = start {
        push(&mut words, text, from..text.len());
    }
    words
}

fn push(words: &mut Vec<Word>, text: &str, range: Range<usize>) {
    let folded = fold(text.get(range.clone()).unwrap_or_default());
    if !folded.is_empty() {
        words.push(Word { folded, range });
    }
}

/// Lower case, compatibility forms and Latin accents folded: "CITTÀ" and "citta" are one word.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd().filter(|char| !is_latin_accent(*char)).flat_map(char::to_lowercase).nfc().collect()
}

fn is_latin_accent(char: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&char)
}

/// Marks that belong to a word although Unicode does not call them letters: accents written apart, vowel signs.
fn is_mark(char: char) -> bool {
    unicode_normalization::char::is_combining_mark(char)
}

fn is_ideograph(char: char) -> bool {
    matches!(char, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn accents_case_and_apostrophes_do_not_tell_words_apart() {
        assert_eq!(folded("Carta d'IDENTITÀ"), ["carta", "d", "identita"]);
        assert_eq!(folded("d’identita\u{300}"), ["d", "identita"]);
        assert_eq!(folded("perche' "), folded("perché"));
    }

    #[test]
    fn a_word_knows_its_bytes_in_the_text() {
        let text = "La città, perché?";
        let words = words(text);
        let found: Vec<_> = words.iter().map(|word| &text[word.range.clone()]).collect();
        assert_eq!(found, ["La", "città", "perché"]);
    }

    #[test]
    fn forms_of_one_word_share_their_stem() {
        for (one, other) in
            [("buca", "buche"), ("lampione", "lampioni"), ("rinnovare", "rinnovo"), ("tassa", "tasse")]
        {
            assert_eq!(Rules::Italian.stem(one), Rules::Italian.stem(other), "{one} {other}");
        }
        assert_eq!(Rules::English.stem("renewing"), Rules::English.stem("renew"));
    }

    #[test]
    fn a_script_without_spaces_is_split_into_characters() {
        assert_eq!(folded("身份证 CIE"), ["身", "份", "证", "cie"]);
    }

    #[test]
    fn stop_words_are_those_of_the_language() {
        assert!(Rules::of("it").is_stop_word("della"));
        assert!(!Rules::of("en-GB").is_stop_word("della"));
        assert!(Rules::of("en-GB").is_stop_word("the"));
    }
}
