//! The citizen's answers to the questions of a category, as rows of question and answer. Pure.
//!
//! Nothing that was answered is left out: what the catalogue no longer knows is shown as it came, under its code.

use sportello_wire::catalogue::{Attribute, AttributeAnswer, Category};

/// A question and all that was answered to it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) question: String,
    pub(super) answer: String,
}

/// The rows in the order of the answers; several answers to one question are one row.
pub(super) fn answers(
    given: &[(String, String)],
    category: Option<&Category>,
    language: &str,
) -> Vec<Answered> {
    let mut rows: Vec<(&str, Answered)> = Vec::new();
    for (code, value) in given.iter().filter(|(_, value)| !value.trim().is_empty()) {
        let asked =
            category.and_then(|category| category.attributes.iter().find(|asked| asked.code == *code));
        let answer = readable(value, asked, language);
        if let Some((_, row)) = rows.iter_mut().find(|(known, _)| known == code) {
            row.answer.push_str(", ");
            row.answer.push_str(&answer);
        } else {
            let question = asked.map_or(&**code, |asked| asked.question.get(language)).to_owned();
            rows.push((code, Answered { question, answer }));
        }
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

/// A choice is told by its name; a kiosk joins the keys of several with commas.
fn readable(value: &str, asked: Option<&Attribute>, language: &str) -> String {
    let Some(AttributeAnswer::Choice { values, .. }) = asked.map(|asked| &asked.answer) else {
        return value.trim().to_owned();
    };
    let named = |key: &str| {
        values.iter().find(|(known, _)| known == key).map(|(_, name)| name.get(language).to_owned())
    };
    named(value).unwrap_or_else(|| {
        let names: Vec<String> =
            value.split(',').map(|key| named(key).unwrap_or_else(|| key.to_owned())).collect();
        names.join(", ")
    })
}

#[cfg(test)]
mod tests {
    use sportello_wire::{catalogue::PlaceRule, text::LocalisedText};

    use super::*;

    fn lamp() -> Category {
        let choice = |key: &str, name: &str| (key.to_owned(), LocalisedText::italian(name));
        let question = |code: &str, italian: &str, english: &str, answer| Attribute {
            code: code.to_owned(),
            question: LocalisedText::both(italian, english),
            required: false,
            answer,
        };
        let values = vec![choice("b", "Bianco"), choice("g", "Giallo")];
        Category {
            code: "lampioni".to_owned(),
            parent: None,
            name: LocalisedText::italian("Lampioni"),
            description: LocalisedText::default(),
            keywords: LocalisedText::default(),
            kinds: Vec::new(),
            place: PlaceRule::Optional,
            term_days: None,
            office: None,
            attributes: vec![
                question("PALO", "Che numero ha il palo?", "Which pole?", AttributeAnswer::Number),
                question(
                    "COLORE",
                    "Di che colore?",
                    "Which colour?",
                    AttributeAnswer::Choice { values, many: true },
                ),
            ],
            order: 0,
        }
    }

    fn rows(given: &[(&str, &str)], category: Option<&Category>, language: &str) -> Vec<String> {
        let given: Vec<_> =
            given.iter().map(|(code, value)| ((*code).to_owned(), (*value).to_owned())).collect();
        let rows = answers(&given, category, language);
        rows.into_iter().map(|row| format!("{} {}", row.question, row.answer)).collect()
    }

    #[test]
    fn questions_and_choices_are_told_in_words_and_several_choices_in_one_row() {
        let lamp = lamp();
        let told = ["Which pole? 12", "Which colour? Bianco, Giallo"];
        assert_eq!(rows(&[("PALO", "12"), ("COLORE", "b,g")], Some(&lamp), "en"), told);
        assert_eq!(rows(&[("PALO", "12"), ("COLORE", "b"), ("COLORE", "g")], Some(&lamp), "en"), told);
    }

    #[test]
    fn an_answer_that_the_catalogue_does_not_know_is_shown_as_it_came_and_an_empty_one_not() {
        let lamp = lamp();
        assert_eq!(
            rows(&[("COLORE", "b,x"), ("ALTRO", "sì")], Some(&lamp), "it"),
            ["Di che colore? Bianco, x", "ALTRO sì"]
        );
        assert_eq!(rows(&[("PALO", "12"), ("NOTA", " ")], None, "it"), ["PALO 12"]);
    }
}
