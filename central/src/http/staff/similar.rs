//! Articles that may already answer a ticket: those of its category first, then those that share its words. Pure.

use std::collections::HashSet;

use sportello_wire::catalogue::Article;

/// How many are offered at most.
const MAX_OFFERED: usize = 3;
/// How much an article of the same category is worth, in shared words.
const SAME_CATEGORY: usize = 2;
/// How much an article has to be worth to be offered.
const WORTH_OFFERING: usize = 3;
/// Words are compared by their beginning, so that "lampione" meets "lampioni".
const STEM_CHARS: usize = 6;
/// Shorter words say too little.
const MIN_WORD_CHARS: usize = 5;

/// The best articles for these words, the best first.
pub(super) fn similar<'a>(articles: &'a [Article], words: &str, category: Option<&str>) -> Vec<&'a Article> {
    let asked = stems(words);
    let mut scored: Vec<(usize, &Article)> = articles
        .iter()
        .filter_map(|article| {
            let texts = [&article.title, &article.summary, &article.keywords];
            let told: HashSet<String> =
                texts.iter().flat_map(|text| text.0.values()).flat_map(|text| stems(text)).collect();
            let same = category.is_some() && article.category.as_deref() == category;
            let shared = asked.intersection(&told).count();
            let score = shared + if same { SAME_CATEGORY } else { 0 };
            (shared > 0 && score >= WORTH_OFFERING).then_some((score, article))
        })
        .collect();
    scored.sort_by(|(one, a), (other, b)| other.cmp(one).then_with(|| a.id.cmp(&b.id)));
    scored.into_iter().take(MAX_OFFERED).map(|(_, article)| article).collect()
}

fn stems(text: &str) -> HashSet<String> {
    text.to_lowercase()
        .split(|char: char| !char.is_alphanumeric())
        .filter(|word| word.chars().count() >= MIN_WORD_CHARS)
        .map(|word| word.chars().take(STEM_CHARS).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use sportello_wire::{catalogue::ArticleKind, text::LocalisedText};

    use super::*;

    fn article(id: &str, title: &str, category: &str) -> Article {
        Article {
            id: id.to_owned(),
            kind: ArticleKind::Question,
            title: LocalisedText::italian(title),
            summary: LocalisedText::default(),
            body: LocalisedText::default(),
            keywords: LocalisedText::default(),
            category: Some(category.to_owned()),
            office: None,
            checked_on: date(2026, 11, 3),
        }
    }

    #[test]
    fn the_same_category_and_shared_words_decide_and_nothing_is_offered_without_a_shared_word() {
        let articles = [
            article("lampade", "Un lampione è spento: che cosa succede?", "luce"),
            article("nido", "Iscrizione al nido", "scuola"),
            article("altro-luce", "Il comune e il risparmio", "luce"),
        ];
        let found = similar(&articles, "I lampioni di via Dante sono spenti", Some("luce"));
        assert_eq!(found.iter().map(|article| article.id.as_str()).collect::<Vec<_>>(), ["lampade"]);
        assert!(similar(&articles, "Buongiorno", Some("luce")).is_empty());
    }
}
