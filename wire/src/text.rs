//! A text in several languages, keyed by BCP 47 tag.
//!
//! It knows nothing of the screen's own strings: those live in `ui/lang` as gettext files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The language in which every town writes first, and to which missing texts fall back.
pub const BASE_LANGUAGE: &str = "it";

/// One text in one or more languages, keyed by BCP 47 tag (`it`, `en`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct LocalisedText(pub BTreeMap<String, String>);

impl LocalisedText {
    /// Makes a text that exists in Italian only.
    pub fn italian(text: impl Into<String>) -> Self {
        Self(BTreeMap::from([(BASE_LANGUAGE.to_owned(), text.into())]))
    }

    /// Makes a text in Italian and English.
    pub fn both(italian: impl Into<String>, english: impl Into<String>) -> Self {
        let mut text = Self::italian(italian);
        text.0.insert("en".to_owned(), english.into());
        text
    }

    /// Returns the text in `language`, else in Italian, else in any language, else "".
    pub fn get(&self, language: &str) -> &str {
        self.exact(language)
            .or_else(|| self.exact(BASE_LANGUAGE))
            .or_else(|| self.0.values().next().map(String::as_str))
            .unwrap_or_default()
    }

    /// Returns the text in `language` only.
    pub fn exact(&self, language: &str) -> Option<&str> {
        self.0.get(language).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// Whether no language has a text.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(String::is_empty)
    }
}
