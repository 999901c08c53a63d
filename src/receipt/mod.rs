//! What a citizen takes away: that something was submitted, when, under which code, and until when it is answered
//! (L. 241/1990, art. 18-bis).
//!
//! It has one rendering: the same picture on paper and on the screen, and the same words for the ear. It never says
//! what the citizen wrote, nor who they are.

use jiff::{Zoned, civil::Date};
use sportello_wire::{
    code::TicketCode,
    submission::Kind,
    text::{BASE_LANGUAGE, LocalisedText},
    ticket::ProtocolNumber,
};

mod blocks;
mod fonts;
mod picture;
mod spoken;

pub use fonts::Fonts;
pub use picture::{RenderError, WIDTH_DOTS, qr, render};
pub use spoken::spoken;

/// What is said about one submission.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// The name of the public body: "Comune di Montefiorito".
    pub authority: LocalisedText,
    /// The place of the kiosk ("Biblioteca"), or "".
    pub site: String,
    /// What it is.
    pub kind: Kind,
    /// The name of its category, or empty if it has none yet.
    pub category: LocalisedText,
    /// When it was submitted, in the time zone of the authority.
    pub submitted_at: Zoned,
    /// What the citizen follows it by.
    pub code: TicketCode,
    /// Its number in the register, if it is known already.
    pub protocol: Option<ProtocolNumber>,
    /// The day by which it is answered.
    pub due_on: Date,
    /// Who has it, if that is known.
    pub handler: Option<LocalisedText>,
    /// The address of the authority's public pages, without a trailing slash.
    pub public_url: String,
    /// The citizen's language, as BCP 47 tag.
    pub language: String,
}

impl Receipt {
    /// The address of the page that follows the ticket: what the QR code holds. Where there is no such page, the code.
    pub fn follow_url(&self) -> String {
        if self.public_url.is_empty() {
            return self.code.to_string();
        }
        format!("{}/t/{}", self.public_url.trim_end_matches('/'), self.code.compact())
    }

    /// The languages of the receipt: Italian, for the clerk as well, and the citizen's if that is another one.
    fn languages(&self) -> Vec<&str> {
        let mut languages = vec![BASE_LANGUAGE];
        if self.language.split('-').next() != Some(BASE_LANGUAGE) {
            languages.push(&self.language);
        }
        languages
    }
}

#[cfg(test)]
mod tests;
