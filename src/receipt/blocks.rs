//! What stands on a receipt, from top to bottom, before it is drawn.

use sportello_wire::text::{BASE_LANGUAGE, LocalisedText};

use super::Receipt;
use crate::words::{Words, fill};

/// One part of a receipt. All of them are centred.
#[derive(Debug, PartialEq)]
pub(super) enum Block {
    Text {
        text: String,
        style: Style,
    },
    /// White space, in dots.
    Space(u16),
    /// A dashed line from side to side.
    Rule,
    /// A QR code with this text.
    Qr(String),
}

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    pub(super) size_dots: f32,
    pub(super) is_bold: bool,
    /// Made smaller until it fits into one line.
    pub(super) in_one_line: bool,
}

const fn regular(size_dots: f32) -> Style {
    Style { size_dots, is_bold: false, in_one_line: false }
}

const fn bold(size_dots: f32) -> Style {
    Style { size_dots, is_bold: true, in_one_line: false }
}

/// The law that asks for the receipt, as the clerk knows it: in Italian only.
const LEGAL_BASIS: &str = "art. 18-bis L. 241/1990";

const AUTHORITY: Style = bold(36.0);
const TITLE: Style = regular(32.0);
const MATTER: Style = bold(32.0);
const LINE: Style = regular(28.0);
const CODE: Style = Style { size_dots: 56.0, is_bold: true, in_one_line: true };
const NOTE: Style = regular(24.0);
const TERM: Style = bold(30.0);
/// How much smaller the citizen's language stands under the Italian.
const SECOND_LANGUAGE_FACTOR: f32 = 0.9;
/// Between two statements, between a statement and a rule, and at both ends of the paper, in dots.
const STATEMENT_SPACE: u16 = 10;
const SECTION_SPACE: u16 = 18;
const END_SPACE: u16 = 28;

/// Lists all parts of the receipt.
pub(super) fn blocks(receipt: &Receipt) -> Vec<Block> {
    let mut blocks = Blocks { receipt, list: vec![Block::Space(END_SPACE)] };
    blocks.text(&receipt.authority.get(BASE_LANGUAGE).to_uppercase(), AUTHORITY);
    blocks.space(STATEMENT_SPACE);
    blocks.say(TITLE, |words| words.say("Receipt of submission").to_owned());
    blocks.text(LEGAL_BASIS, NOTE);
    blocks.rule();
    blocks.text(&kind(receipt), LINE);
    blocks.localised(&receipt.category, MATTER, |_, name| name.to_owned());
    blocks.space(STATEMENT_SPACE);
    blocks.text(&time(receipt), LINE);
    blocks.text(&receipt.site, LINE);
    blocks.rule();
    blocks.text(&receipt.code.to_string(), CODE);
    blocks.list.push(Block::Qr(receipt.follow_url()));
    blocks.say(NOTE, |words| words.say("Scan it to follow your matter").to_owned());
    blocks.rule();
    blocks.say(TERM, |words| fill(words.say("Answer by {}"), &[&words.date_in_digits(receipt.due_on)]));
    if let Some(handler) = &receipt.handler {
        blocks.space(STATEMENT_SPACE);
        blocks.localised(handler, LINE, |words, name| fill(words.say("In charge: {}"), &[name]));
    }
    blocks.space(STATEMENT_SPACE);
    match receipt.protocol {
        Some(number) => {
            blocks.say(LINE, |words| fill(words.say("Protocol number: {}"), &[&number.to_string()]));
        }
        None => blocks.say(NOTE, |words| {
            words
                .say("Protocol number: it comes as soon as your matter is registered. Follow the code to see it.")
                .to_owned()
        }),
    }
    blocks.space(END_SPACE);
    blocks.list
}

/// The kind in all languages of the receipt: "Segnalazione · Report".
fn kind(receipt: &Receipt) -> String {
    let mut kinds: Vec<&str> =
        receipt.languages().into_iter().map(|language| Words::of(language).kind(receipt.kind)).collect();
    kinds.dedup();
    kinds.join(" · ")
}

/// "22/11/2026 10:43".
fn time(receipt: &Receipt) -> String {
    let words = Words::of(BASE_LANGUAGE);
    let at = receipt.submitted_at.datetime();
    format!("{} {}", words.date_in_digits(at.date()), words.time(at.time()))
}

struct Blocks<'a> {
    receipt: &'a Receipt,
    list: Vec<Block>,
}

impl Blocks<'_> {
    fn text(&mut self, text: &str, style: Style) {
        if !text.is_empty() {
            self.list.push(Block::Text { text: text.to_owned(), style });
        }
    }

    fn space(&mut self, dots: u16) {
        self.list.push(Block::Space(dots));
    }

    fn rule(&mut self) {
        self.list.extend([Block::Space(SECTION_SPACE), Block::Rule, Block::Space(SECTION_SPACE)]);
    }

    /// Adds a sentence in Italian, and under it in the citizen's language unless that says the same.
    fn say(&mut self, style: Style, sentence: impl Fn(Words) -> String) {
        let mut said: Vec<String> = Vec::new();
        for (number, language) in self.receipt.languages().into_iter().enumerate() {
            let text = sentence(Words::of(language));
            if !said.contains(&text) {
                self.text(&text, if number == 0 { style } else { second(style) });
                said.push(text);
            }
        }
    }

    /// Adds a sentence about a name that has itself several languages; nothing if there is no name.
    fn localised(&mut self, name: &LocalisedText, style: Style, sentence: impl Fn(Words, &str) -> String) {
        if !name.is_empty() {
            self.say(style, |words| sentence(words, name.get(words.language())));
        }
    }
}

fn second(style: Style) -> Style {
    Style { size_dots: style.size_dots * SECOND_LANGUAGE_FACTOR, is_bold: false, ..style }
}
