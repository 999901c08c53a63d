//! The demonstration town, Montefiorito: a made-up town of 40,000 inhabitants.
//!
//! Its files are part of the program and read like any other import. Its notices are moved in time,
//! so that they are always current.

use jiff::{SignedDuration, Timestamp};
use sportello_wire::catalogue::Entry;

use super::read_texts;

/// The code of the demonstration town's authority.
pub const AUTHORITY: &str = "comune.montefiorito.example";

/// The day on which the notices in the files are written to be read.
const WRITTEN_FOR: Timestamp = Timestamp::constant(1_795_305_600, 0);
const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

const FILES: [(&str, &str); 6] = [
    ("authority.jsonl", include_str!("../../demonstration/authority.jsonl")),
    ("categories.jsonl", include_str!("../../demonstration/categories.jsonl")),
    ("offices.jsonl", include_str!("../../demonstration/offices.jsonl")),
    ("articles.jsonl", include_str!("../../demonstration/articles.jsonl")),
    ("notices.jsonl", include_str!("../../demonstration/notices.jsonl")),
    ("streets.jsonl", include_str!("../../demonstration/streets.jsonl")),
];

/// The town's catalogue at `now`, with its public pages at `public_url` (no trailing slash).
pub fn entries(now: Timestamp, public_url: &str) -> Vec<Entry> {
    let mut entries = match read_texts(&FILES) {
        Ok(entries) => entries,
        // The tests read the same files, so this is not seen outside of development.
        Err(error) => {
            tracing::error!(%error, "the demonstration town cannot be read");
            return Vec::new();
        }
    };
    // Whole days, so that what begins in the morning still does.
    let days = (now.as_second() - WRITTEN_FOR.as_second()).div_euclid(SECONDS_PER_DAY);
    let shift = SignedDuration::from_secs(days * SECONDS_PER_DAY);
    for entry in &mut entries {
        match entry {
            Entry::Authority(authority) => public_url.clone_into(&mut authority.public_url),
            Entry::Notice(notice) => {
                notice.valid_from = notice.valid_from.saturating_add(shift).unwrap_or(notice.valid_from);
                notice.valid_to = notice.valid_to.saturating_add(shift).unwrap_or(notice.valid_to);
            }
            _ => {}
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use jiff::tz::TimeZone;
    use sportello_wire::{
        catalogue::{Article, Category, EntryType, Notice, Office, PlaceRule, Street},
        hours::OpenNow,
        text::LocalisedText,
    };

    use super::*;

    const TOP_CATEGORIES: [&str; 11] = [
        "Acqua, allagamenti, problemi fognari",
        "Ambiente, inquinamento, protezione ambientale",
        "Arredo urbano",
        "Disinfestazione, derattizzazione, animali randagi",
        "Igiene urbana, rifiuti, pulizia e decoro",
        "Manutenzione immobili, edifici pubblici, scuole, barriere architettoniche, cimiteri",
        "Ordine pubblico, disturbo della quiete",
        "Parchi e verde pubblico",
        "Servizi del comune",
        "Sicurezza, degrado urbano e sociale",
        "Strade, marciapiedi, segnaletica e viabilità",
    ];

    fn now() -> Timestamp {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    fn town() -> Vec<Entry> {
        let read = read_texts(&FILES);
        assert!(read.is_ok(), "{}", read.unwrap_err());
        entries(now(), "http://127.0.0.1:7310")
    }

    fn articles(town: &[Entry]) -> Vec<&Article> {
        town.iter()
            .filter_map(|entry| if let Entry::Article(article) = entry { Some(article) } else { None })
            .collect()
    }

    fn categories(town: &[Entry]) -> Vec<&Category> {
        town.iter()
            .filter_map(|entry| if let Entry::Category(category) = entry { Some(category) } else { None })
            .collect()
    }

    fn offices(town: &[Entry]) -> Vec<&Office> {
        town.iter()
            .filter_map(|entry| if let Entry::Office(office) = entry { Some(office) } else { None })
            .collect()
    }

    fn notices(town: &[Entry]) -> Vec<&Notice> {
        town.iter()
            .filter_map(|entry| if let Entry::Notice(notice) = entry { Some(notice) } else { None })
            .collect()
    }

    fn streets(town: &[Entry]) -> Vec<&Street> {
        town.iter()
            .filter_map(|entry| if let Entry::Street(street) = entry { Some(street) } else { None })
            .collect()
    }

    /// Every text of the town, with where it stands.
    fn texts(town: &[Entry]) -> Vec<(String, &LocalisedText)> {
        let mut texts = Vec::new();
        for entry in town {
            let fields: Vec<&LocalisedText> = match entry {
                Entry::Authority(one) => vec![&one.name, &one.privacy_notice],
                Entry::Category(one) => vec![&one.name, &one.description, &one.keywords],
                Entry::Article(one) => vec![&one.title, &one.summary, &one.body, &one.keywords],
                Entry::Office(one) => vec![&one.name, &one.description, &one.keywords, &one.floor],
                Entry::Notice(one) => vec![&one.title, &one.body],
                Entry::Street(_) => Vec::new(),
            };
            let (of, key) = entry.key();
            texts.extend(fields.into_iter().map(|text| (format!("{} {key}", of.as_str()), text)));
        }
        texts
    }

    #[test]
    fn the_town_has_what_a_town_of_forty_thousand_has() {
        let town = town();
        let count = |of| town.iter().filter(|entry| entry.key().0 == of).count();
        assert_eq!(count(EntryType::Authority), 1);
        assert!(articles(&town).len() >= 80, "{} articles", articles(&town).len());
        assert!(count(EntryType::Office) >= 25);
        assert!(count(EntryType::Street) >= 150);
        assert_eq!(count(EntryType::Notice), 6);
        let areas: HashSet<_> = streets(&town).iter().map(|street| &street.area).collect();
        assert_eq!(areas.len(), 6);
    }

    #[test]
    fn the_top_categories_are_those_of_the_modello_comuni() {
        let town = town();
        let categories = categories(&town);
        let top: Vec<_> = categories.iter().filter(|category| category.parent.is_none()).collect();
        assert_eq!(top.iter().map(|category| category.name.get("it")).collect::<Vec<_>>(), TOP_CATEGORIES);
        for parent in top {
            let leaves = categories.iter().filter(|leaf| leaf.parent.as_ref() == Some(&parent.code)).count();
            assert!(leaves >= 4, "{} has {leaves} leaves", parent.code);
        }
    }

    #[test]
    fn every_leaf_knows_its_office_its_term_and_the_words_people_use() {
        let town = town();
        for leaf in categories(&town).into_iter().filter(|category| category.parent.is_some()) {
            assert!(
                leaf.office.is_some() && leaf.term_days.is_some() && !leaf.kinds.is_empty(),
                "{}",
                leaf.code
            );
            assert!(leaf.keywords.get("it").split(',').count() >= 5, "{}: few keywords", leaf.code);
        }
        let pothole = categories(&town).into_iter().find(|category| category.code == "strade.buche").unwrap();
        assert_eq!(pothole.place, PlaceRule::Required);
    }

    #[test]
    fn every_text_is_there_in_italian_and_in_english() {
        for (what, text) in texts(&town()) {
            for language in ["it", "en"] {
                assert!(
                    text.exact(language).is_some_and(|text| !text.trim().is_empty()),
                    "{what}: {language}"
                );
            }
            assert!(
                text.exact("it") != text.exact("en") || text.get("it").len() < 40,
                "{what}: not translated"
            );
        }
    }

    #[test]
    fn no_text_speaks_like_a_form() {
        for (what, text) in texts(&town()) {
            for text in text.0.values() {
                let text = text.to_lowercase();
                let words: Vec<_> = text.split(|char: char| !char.is_alphabetic()).collect();
                for word in ["istanza", "inoltrare", "lorem", "ipsum", "todo"] {
                    assert!(!words.contains(&word), "{what}: {word}");
                }
                assert!(!text.contains("si comunica"), "{what}");
            }
        }
    }

    #[test]
    fn an_article_is_long_enough_to_help_and_short_enough_to_be_read() {
        let town = town();
        for article in articles(&town) {
            for language in ["it", "en"] {
                let words = article.body.get(language).split_whitespace().count();
                assert!((80..=200).contains(&words), "{} ({language}): {words} words", article.id);
                assert!(article.keywords.get(language).split(',').count() >= 4, "{}", article.id);
            }
            assert!(article.summary.get("it").ends_with(['.', '?']), "{}", article.id);
            assert!(article.category.is_some() && article.office.is_some(), "{}", article.id);
            assert!(
                article.body.get("it").lines().all(|line| !line.starts_with('#') || line.starts_with("## "))
            );
        }
    }

    #[test]
    fn every_office_can_be_found_called_and_visited() {
        let town = town();
        let streets: Vec<_> = streets(&town).iter().map(|street| format!("{} ", street.name)).collect();
        let offices = offices(&town);
        assert!(offices.first().is_some_and(|office| office.is_urp));
        assert_eq!(offices.iter().filter(|office| office.is_urp).count(), 1);
        for office in offices {
            assert!(streets.iter().any(|street| office.address.starts_with(street)), "{}", office.address);
            assert!(office.phone.starts_with("0599 555 0"), "{}", office.phone);
            assert!(office.email.ends_with("@montefiorito.example"), "{}", office.email);
            let christmas = "2026-12-25T10:00:00".parse().unwrap();
            assert!(
                !matches!(office.hours.at(christmas), OpenNow::OpenUntil(_) | OpenNow::Unknown),
                "{}",
                office.code
            );
            assert!(office.hours.closed.len() >= 5, "{}", office.code);
        }
    }

    #[test]
    fn the_notices_are_current_whenever_the_demonstration_is_started() {
        for now in ["2026-11-22T00:00:00Z", "2024-02-29T23:59:59Z", "2031-07-01T12:00:00Z"] {
            let now: Timestamp = now.parse().unwrap();
            let town = entries(now, "http://127.0.0.1:7310");
            for notice in notices(&town) {
                assert!(notice.valid_from < now && now < notice.valid_to, "{} at {now}", notice.id);
            }
        }
        let town = town();
        assert!(notices(&town).iter().any(|notice| notice.important));
        let areas: HashSet<_> = streets(&town).iter().map(|street| street.area.as_str()).collect();
        for notice in notices(&town) {
            assert!(notice.area.is_empty() || areas.contains(notice.area.as_str()), "{}", notice.id);
        }
    }

    #[test]
    fn the_public_pages_are_where_the_program_serves_them() {
        let town = entries(now(), "https://sportello.example");
        let Some(Entry::Authority(authority)) = town.first() else { panic!("the authority comes first") };
        assert_eq!(authority.public_url, "https://sportello.example");
        assert_eq!(authority.code, AUTHORITY);
        assert!(TimeZone::get(&authority.time_zone).is_ok());
    }
}
