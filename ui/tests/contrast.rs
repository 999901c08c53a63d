//! Letters and lines stand out from their grounds, in each of the three contrasts (WCAG 2.2, 1.4.3, 1.4.6 and 1.4.11).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test a panic is the report")]

use std::collections::BTreeMap;

type Colour = [f64; 3];

/// Text on its ground, as the components use them.
const TEXT: &[(&str, &str)] = &[
    ("ink", "ground"),
    ("ink", "card"),
    ("ink", "pressed"),
    ("ink", "main-pale"),
    ("ink", "follow-pale"),
    ("ink", "end-pale"),
    ("ink", "keyboard"),
    ("second-ink", "ground"),
    ("second-ink", "card"),
    ("second-ink", "follow-pale"),
    ("second-ink", "main-pale"),
    ("quiet-ink", "ground"),
    ("quiet-ink", "card"),
    ("main", "ground"),
    ("main", "card"),
    ("on-main", "main"),
    ("on-follow", "follow"),
    ("notice", "notice-pale"),
    ("on-marked", "marked"),
    ("end", "card"),
];

/// Icons and lines without which a control or a state could not be seen.
const SIGNS: &[(&str, &str)] = &[
    ("main", "main-pale"),
    ("report", "report-pale"),
    ("report", "card"),
    ("follow", "follow-pale"),
    ("follow", "card"),
    ("notice-icon", "notice-pale"),
    ("end", "end-pale"),
    ("quiet-ink", "card"),
    ("focus", "ground"),
    ("focus", "card"),
    ("main", "ground"),
];

fn tables() -> BTreeMap<String, BTreeMap<String, Colour>> {
    let folder = env!("CARGO_MANIFEST_DIR");
    let tokens = std::fs::read_to_string(format!("{folder}/tokens.slint")).unwrap();
    let api = std::fs::read_to_string(format!("{folder}/api.slint")).unwrap();
    let main = api.split("main-colour: ").nth(1).and_then(|rest| rest.split(';').next()).unwrap();
    let mut tables = BTreeMap::new();
    for part in tokens.split("property <Colours> ").skip(1) {
        let Some((name, rest)) = part.split_once(": {") else { continue };
        let colours = rest.split('}').next().unwrap().split(',').filter_map(|pair| {
            let (name, value) = pair.split_once(':')?;
            let value = value.trim().replace("Shell.main-colour", main);
            Some((name.trim().to_owned(), colour(&value)))
        });
        tables.insert(name.to_owned(), colours.collect());
    }
    tables
}

fn colour(hexadecimal: &str) -> Colour {
    let part = |from: usize| f64::from(u8::from_str_radix(&hexadecimal[from..from + 2], 16).unwrap()) / 255.0;
    [part(1), part(3), part(5)]
}

fn luminance(colour: Colour) -> f64 {
    let [red, green, blue] = colour
        .map(|value| if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(first: Colour, second: Colour) -> f64 {
    let (first, second) = (luminance(first), luminance(second));
    (first.max(second) + 0.05) / (first.min(second) + 0.05)
}

#[track_caller]
fn assert_contrast(theme: &str, pairs: &[(&str, &str)], least: f64) {
    let tables = tables();
    let table = &tables[theme];
    for (front, ground) in pairs {
        let found = contrast(table[*front], table[*ground]);
        assert!(found >= least, "{theme}: {front} on {ground} has {found:.2}, less than {least}");
    }
}

#[test]
fn all_three_contrasts_have_all_colours() {
    let tables = tables();
    assert_eq!(tables.keys().collect::<Vec<_>>(), ["dark", "light", "normal"]);
    assert!(tables["normal"].len() > 25);
    assert_eq!(tables["normal"].len(), tables["light"].len());
    assert_eq!(tables["normal"].len(), tables["dark"].len());
}

#[test]
fn text_can_be_read_in_the_usual_contrast() {
    assert_contrast("normal", TEXT, 4.5);
}

#[test]
fn signs_can_be_seen_in_the_usual_contrast() {
    assert_contrast("normal", SIGNS, 3.0);
}

#[test]
fn black_on_white_has_ten_to_one() {
    assert_contrast("light", TEXT, 10.0);
    assert_contrast("light", SIGNS, 10.0);
}

#[test]
fn white_on_black_has_fifteen_to_one() {
    let letters: Vec<_> = TEXT.iter().copied().filter(|(_, ground)| *ground != "pressed").collect();
    assert_contrast("dark", &letters, 15.0);
    assert_contrast("dark", SIGNS, 15.0);
    // Only while a finger is on it.
    assert_contrast("dark", &[("ink", "pressed")], 10.0);
}

#[test]
fn lines_of_the_high_contrasts_can_be_seen() {
    for theme in ["light", "dark"] {
        assert_contrast(
            theme,
            &[
                ("line", "ground"),
                ("strong-line", "card"),
                ("notice-line", "notice-pale"),
                ("end-line", "end-pale"),
            ],
            7.0,
        );
    }
}
