//! A title for a ticket, made from its words: nobody is asked to invent one.

/// The most characters of a title.
const MAX_CHARS: usize = 60;
/// A first sentence shorter than this is a greeting.
const GREETING_CHARS: usize = 14;

/// The first sentence that says something, cut between words.
pub(super) fn title(words: &str) -> String {
    let sentences: Vec<&str> = words
        .split_inclusive(['.', '!', '?', '\n', ';'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let told = sentences
        .iter()
        .find(|part| part.chars().count() >= GREETING_CHARS)
        .or(sentences.first())
        .copied()
        .unwrap_or(words);
    let told = told.trim_end_matches(['.', ';', '!', ',']).trim();
    let mut chars = cut(told);
    if let Some(first) = chars.chars().next().filter(|first| first.is_lowercase()) {
        let rest = chars.split_off(first.len_utf8());
        chars = first.to_uppercase().chain(rest.chars()).collect();
    }
    chars
}

fn cut(text: &str) -> String {
    if text.chars().count() <= MAX_CHARS {
        return text.to_owned();
    }
    let short: String = text.chars().take(MAX_CHARS).collect();
    let whole = short.rsplit_once(' ').map_or(short.as_str(), |(whole, _)| whole);
    format!("{}…", whole.trim_end_matches([',', ' ', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sentence_that_says_something_is_the_title() {
        assert_eq!(title("lampione spento. Da due settimane"), "Lampione spento");
        assert_eq!(
            title("Buongiorno. il cestino di via Milano è bruciato!"),
            "Il cestino di via Milano è bruciato"
        );
        assert_eq!(
            title("Si può iscrivere al nido fuori termine? Grazie"),
            "Si può iscrivere al nido fuori termine?"
        );
        assert_eq!(title("Aiuto"), "Aiuto");
        assert_eq!(title(""), "");
    }

    #[test]
    fn a_long_sentence_is_cut_between_words() {
        let long =
            "Il lampione davanti alla biblioteca è spento da due settimane e la sera non si vede il gradino";
        assert_eq!(title(long), "Il lampione davanti alla biblioteca è spento da due…");
        assert!(title(&"a".repeat(500)).chars().count() <= MAX_CHARS + 1);
    }
}
