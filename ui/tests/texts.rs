//! Every word on the screen is translated, and keeps its places for values.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test a panic is the report")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What stands between two quotation marks, from `text`, which begins with one. Escapes stay as they are written.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut escaped = false;
    for (index, character) in inner.char_indices() {
        match character {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return Some((&inner[..index], &inner[index + 1..])),
            _ => escaped = false,
        }
    }
    None
}

fn slint_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            slint_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "slint") {
            found.push(path);
        }
    }
}

/// The texts of every `@tr`, with their context.
fn source_texts() -> Vec<(String, String)> {
    let mut files = Vec::new();
    slint_files(Path::new(env!("CARGO_MANIFEST_DIR")), &mut files);
    let mut texts = Vec::new();
    for file in files {
        let content = std::fs::read_to_string(file).unwrap();
        for part in content.split("@tr(").skip(1) {
            let Some((mut text, mut rest)) = quoted(part.trim_start()) else { continue };
            let mut context = "";
            if let Some(after) = rest.trim_start().strip_prefix("=>") {
                context = text;
                (text, rest) = quoted(after.trim_start()).unwrap();
            }
            texts.push((context.to_owned(), text.to_owned()));
            if let Some(after) = rest.trim_start().strip_prefix('|') {
                texts.push((context.to_owned(), quoted(after.trim_start()).unwrap().0.to_owned()));
            }
        }
    }
    texts
}

/// Context and text to translation; of plural forms, the first of many for the plural's text.
fn translations(language: &str) -> BTreeMap<(String, String), String> {
    let path = format!("{}/lang/{language}/LC_MESSAGES/sportello-ui.po", env!("CARGO_MANIFEST_DIR"));
    let content = std::fs::read_to_string(path).unwrap();
    let mut all = BTreeMap::new();
    for entry in content.split("\n\n") {
        let field = |name: &str| {
            entry
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .and_then(|rest| quoted(rest.trim_start()))
                .map(|(text, _)| text.to_owned())
        };
        let context = field("msgctxt ").unwrap_or_default();
        let Some(text) = field("msgid ") else { continue };
        if let Some(translation) = field("msgstr ").or_else(|| field("msgstr[0] ")) {
            all.insert((context.clone(), text), translation);
        }
        if let (Some(plural), Some(translation)) = (field("msgid_plural "), field("msgstr[1] ")) {
            all.insert((context, plural), translation);
        }
    }
    all
}

fn places(text: &str) -> usize {
    text.matches("{}").count() + text.matches("{n}").count()
}

#[test]
fn every_text_of_the_pages_is_translated_into_italian() {
    let known = translations("it");
    let texts = source_texts();
    assert!(texts.len() > 150, "the texts of the pages were not found");
    let missing: Vec<_> = texts.iter().filter(|key| known.get(*key).is_none_or(String::is_empty)).collect();
    assert!(missing.is_empty(), "not translated: {missing:#?}");
}

#[test]
fn a_translation_keeps_every_place_for_a_value() {
    for ((_, text), translation) in translations("it") {
        assert_eq!(places(&text), places(&translation), "{text:?} is translated as {translation:?}");
    }
}

#[test]
fn no_translation_is_left_over() {
    let texts = source_texts();
    for key in translations("it").into_keys().filter(|(_, text)| !text.is_empty()) {
        assert!(texts.contains(&key), "nothing says {key:?} any more");
    }
}
