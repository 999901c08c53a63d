//! The receipt for the ear.

use super::Receipt;
use crate::words::{Words, fill};

/// Says all that stands on the receipt, in one language. The code comes letter by letter, in groups.
pub fn spoken(receipt: &Receipt, language: &str) -> String {
    let words = Words::of(language);
    let language = words.language();
    let at = receipt.submitted_at.datetime();
    let matter = match receipt.category.get(language) {
        "" => format!("{}.", words.kind(receipt.kind)),
        category => format!("{}, {category}.", words.kind(receipt.kind)),
    };
    let submitted =
        fill(words.say("Submitted on {0}, {1}."), &[&words.date(at.date()), &words.at_time(at.time())]);
    let mut said = vec![
        format!("{}. {}.", receipt.authority.get(language), words.say("Receipt of submission")),
        matter,
        submitted,
        fill(words.say("Your code is: {}."), &[&code_by_letters(receipt)]),
        fill(words.say("You get an answer {}."), &[&words.by_day(receipt.due_on, at.date())]),
    ];
    if let Some(handler) = &receipt.handler {
        said.push(format!("{}.", fill(words.say("In charge: {}"), &[handler.get(language)])));
    }
    said.push(match receipt.protocol {
        Some(protocol) => fill(
            words.say("Protocol number {0} of {1}."),
            &[&protocol.number.to_string(), &protocol.year.to_string()],
        ),
        None => words
            .say("The protocol number comes as soon as your matter is registered: you find it by following the code.")
            .to_owned(),
    });
    said.join(" ")
}

/// "K, 7, M, 4. 9, 2, Q, X. T, R, A, B. 5": commas make a voice pause between letters, full stops between groups.
fn code_by_letters(receipt: &Receipt) -> String {
    receipt
        .code
        .groups()
        .map(|group| group.chars().map(String::from).collect::<Vec<_>>().join(", "))
        .join(". ")
}
