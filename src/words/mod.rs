//! The sentences that the kiosk makes outside of its pages: on the receipt, for the ear, dates and opening hours.
//!
//! They are gettext files in `lang/`, keyed by the English sentence. The pages' own words are not here: they live
//! beside the pages in `ui/lang`.

use std::{collections::HashMap, sync::LazyLock};

use sportello_wire::{submission::Kind, text::BASE_LANGUAGE};

mod calendar;
mod po;

pub use po::PoError;

/// The languages and their files.
const FILES: [(&str, &str); 2] =
    [("it", include_str!("../../lang/it.po")), ("en", include_str!("../../lang/en.po"))];

/// The files as they are read once. One that cannot be read is as if it were not there; a test keeps that from
/// happening to the files that are built in.
static LANGUAGES: LazyLock<HashMap<&str, po::Messages>> = LazyLock::new(|| {
    let read = |(language, file)| match po::read(file) {
        Ok(messages) => Some((language, messages)),
        Err(error) => {
            tracing::error!(language, %error, "a language file cannot be read");
            None
        }
    };
    FILES.into_iter().filter_map(read).collect()
});

/// The sentences in one language.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    language: &'static str,
}

impl Words {
    /// The sentences in this language (a BCP 47 tag), or in Italian if there are none in it.
    pub fn of(language: &str) -> Self {
        let known = |tag: &str| FILES.iter().map(|(known, _)| *known).find(|known| *known == tag);
        let primary = language.split('-').next().unwrap_or_default();
        Self { language: known(language).or_else(|| known(primary)).unwrap_or(BASE_LANGUAGE) }
    }

    /// The language in which the sentences really are.
    pub fn language(self) -> &'static str {
        self.language
    }

    /// The sentence whose English is `message`.
    pub fn say(self, message: &'static str) -> &'static str {
        self.find("", message)
    }

    /// The sentence whose English is `message`, where the same English may need different words.
    pub fn say_in(self, context: &'static str, message: &'static str) -> &'static str {
        self.find(context, message)
    }

    /// What the citizen brings, as one word.
    pub fn kind(self, kind: Kind) -> &'static str {
        match kind {
            Kind::Report => self.say("Report"),
            Kind::Question => self.say("Question"),
            Kind::Complaint => self.say("Complaint"),
            Kind::Proposal => self.say("Proposal"),
        }
    }

    fn find(self, context: &'static str, message: &'static str) -> &'static str {
        LANGUAGES.get(self.language).and_then(|messages| messages.get(context, message)).unwrap_or(message)
    }
}

/// Puts values into a sentence: each `{}` takes the next one, `{0}` the first, `{1}` the second.
pub fn fill(sentence: &str, values: &[&str]) -> String {
    let mut filled = String::with_capacity(sentence.len() + 16);
    let mut rest = sentence;
    let mut next = 0;
    while let Some((before, (inside, after))) =
        rest.split_once('{').and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
    {
        filled.push_str(before);
        let number = if inside.is_empty() { next } else { inside.parse().unwrap_or(usize::MAX) };
        next += usize::from(inside.is_empty());
        filled.push_str(values.get(number).copied().unwrap_or_default());
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// Begins with a capital letter, as a line of its own does.
pub fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        fs,
        path::{Path, PathBuf},
    };

    use super::*;

    #[test]
    fn every_sentence_used_is_in_every_language_and_none_is_left_over() {
        let used = used_messages();
        assert!(used.len() > 30, "the search for used sentences finds too few: {used:?}");
        for (language, file) in FILES {
            let messages = po::read(file).unwrap();
            let translated: BTreeSet<(String, String)> = messages.keys().collect();
            let missing: Vec<_> = used.difference(&translated).collect();
            let left_over: Vec<_> = translated.difference(&used).collect();
            assert!(missing.is_empty(), "{language}: not translated: {missing:?}");
            assert!(left_over.is_empty(), "{language}: not used any more: {left_over:?}");
        }
    }

    #[test]
    fn a_translation_has_the_same_gaps_as_its_english() {
        let gaps = |text: &str| text.matches('{').count();
        for (language, file) in FILES {
            for ((_, message), translation) in po::read(file).unwrap().iter() {
                assert_eq!(gaps(message), gaps(translation), "{language}: {message}");
                assert!(!translation.trim().is_empty(), "{language}: {message}");
            }
        }
    }

    #[test]
    fn an_unknown_language_speaks_italian() {
        assert_eq!(Words::of("xx").say("Report"), "Segnalazione");
        assert_eq!(Words::of("en-GB").say("Report"), "Report");
    }

    #[test]
    fn values_fill_the_gaps_in_order_or_by_number() {
        assert_eq!(fill("{} of {}", &["2", "5"]), "2 of 5");
        assert_eq!(fill("{1}, {0}", &["a", "b"]), "b, a");
        assert_eq!(fill("{}{", &["a{}"]), "a{}{");
    }

    /// All messages that `say` and `say_in` are called with, and those of the calendar's tables.
    fn used_messages() -> BTreeSet<(String, String)> {
        let mut used: BTreeSet<(String, String)> =
            calendar::tables().map(|(context, message)| (context.to_owned(), message.to_owned())).collect();
        for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            for call in code.split(".say(").skip(1) {
                used.extend(literal(call).map(|(message, _)| (String::new(), message)));
            }
            for call in code.split(".say_in(").skip(1) {
                let context = literal(call);
                used.extend(context.and_then(|(context, rest)| {
                    Some((context, literal(rest.trim_start().strip_prefix(',')?)?.0))
                }));
            }
        }
        used
    }

    fn literal(code: &str) -> Option<(String, &str)> {
        let (literal, rest) = code.trim_start().strip_prefix('"')?.split_once('"')?;
        assert!(!literal.contains('\\'), "sentences with escapes are not looked for: {literal}");
        Some((literal.to_owned(), rest))
    }

    fn sources(folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(sources(&path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
        found
    }
}
