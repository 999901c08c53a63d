//! What the catalogue promises, tried on a small town.

use std::fs;

use sportello_wire::catalogue::{Change, Entry, EntryType};

use super::{
    Catalogue,
    fixture::{article, delta, notice, now, town},
};

fn keys(catalogue: &Catalogue, query: &str, language: &str) -> Vec<String> {
    catalogue.search(query, language, 8, now()).hits.into_iter().map(|hit| hit.key).collect()
}

fn first(catalogue: &Catalogue, query: &str) -> String {
    keys(catalogue, query, "it").into_iter().next().unwrap_or_default()
}

#[test]
fn every_beginning_of_a_word_finds_what_the_word_finds() {
    let (_folder, catalogue) = town();
    for letters in 1..="residenza".len() {
        let found = keys(&catalogue, &"residenza"[..letters], "it");
        assert!(found.contains(&"residenza".to_owned()), "{letters} letters: {found:?}");
    }
}

#[test]
fn accents_and_apostrophes_are_optional() {
    let (_folder, catalogue) = town();
    for query in ["città", "citta", "CITTA'"] {
        assert_eq!(first(&catalogue, query), "citta", "{query}");
    }
    assert_eq!(keys(&catalogue, "carta d'identità", "it"), keys(&catalogue, "carta identita", "it"));
}

#[test]
fn another_form_of_the_word_finds_it_too() {
    let (_folder, catalogue) = town();
    assert_eq!(first(&catalogue, "lampioni spenti"), "lampioni");
    assert_eq!(first(&catalogue, "tasse rifiuto"), "tari");
    assert_eq!(keys(&catalogue, "borrow book", "en").first().map(String::as_str), Some("biblioteca"));
}

#[test]
fn a_mistyped_word_is_corrected_and_the_correction_is_said() {
    let (_folder, catalogue) = town();
    let results = catalogue.search("carta identta", "it", 8, now());
    assert_eq!(results.corrected.as_deref(), Some("carta identità"));
    assert_eq!(results.hits.first().map(|hit| hit.key.as_str()), Some("cie"));
    assert_eq!(catalogue.search("carta identità", "it", 8, now()).corrected, None);
    assert_eq!(catalogue.search("bibblioteca ", "it", 8, now()).corrected.as_deref(), Some("biblioteca "));
}

#[test]
fn a_short_word_is_not_taken_for_another_one() {
    let (_folder, catalogue) = town();
    let results = catalogue.search("tsi ", "it", 8, now());
    assert_eq!((results.corrected, results.hits.len()), (None, 0));
}

#[test]
fn the_title_counts_more_than_the_keywords() {
    let (_folder, catalogue) = town();
    let found = keys(&catalogue, "parcheggio", "it");
    assert_eq!(found, ["parcheggio", "disabili"]);
}

#[test]
fn found_words_are_marked_in_the_title_and_small_words_are_not() {
    let (_folder, catalogue) = town();
    let results = catalogue.search("carta di identit", "it", 8, now());
    let hit = results.hits.iter().find(|hit| hit.key == "cie-persa").unwrap();
    let marked: Vec<_> = hit.marks.iter().map(|range| &hit.title[range.clone()]).collect();
    assert_eq!(marked, ["carta", "identità"]);
}

#[test]
fn small_words_do_not_narrow_the_search() {
    let (_folder, catalogue) = town();
    assert_eq!(first(&catalogue, "come faccio a cambiare la residenza"), "residenza");
    assert_eq!(keys(&catalogue, "carta di", "it"), keys(&catalogue, "carta", "it"));
}

#[test]
fn a_word_that_nothing_has_does_not_hide_the_others() {
    let (_folder, catalogue) = town();
    assert_eq!(first(&catalogue, "residenza qwxyz"), "residenza");
    assert_eq!(
        first(&catalogue, "mensa matrimonio residenza"),
        first(&catalogue, "mensa matrimonio residenza ")
    );
}

#[test]
fn english_falls_back_to_italian_and_says_so() {
    let (_folder, catalogue) = town();
    let english = catalogue.search("waste", "en", 8, now());
    assert!(english.hits.iter().all(|hit| !hit.language_fallback));
    assert_eq!(english.hits.first().map(|hit| hit.title.as_str()), Some("Bulky waste collection"));
    let italian = catalogue.search("mensa", "en", 8, now());
    assert_eq!(
        italian.hits.first().map(|hit| (hit.key.as_str(), hit.language_fallback)),
        Some(("mensa", true))
    );
    let by_italian_word = catalogue.search("cambio residenza", "en", 8, now());
    assert!(
        by_italian_word.hits.iter().any(|hit| hit.key == "residenza" && hit.title == "Change of residence")
    );
}

#[test]
fn offices_and_valid_notices_are_found_and_past_ones_are_not() {
    let (_folder, catalogue) = town();
    assert!(keys(&catalogue, "carta identità", "it").contains(&"anagrafe".to_owned()));
    assert_eq!(first(&catalogue, "acqua via roma"), "acqua");
    assert_eq!(keys(&catalogue, "sciopero", "it"), Vec::<String>::new());
    let valid: Vec<_> = catalogue.notices(now()).unwrap().into_iter().map(|notice| notice.id).collect();
    assert_eq!(valid, ["acqua", "mercato"]);
}

#[test]
fn what_is_typed_is_never_read_as_a_command() {
    let (_folder, catalogue) = town();
    for query in
        ["\"", "residenza\" OR \"x", "NEAR(", "title:*", "*", "_", "a:b -c ^d", "'; DROP TABLE entry; --", ""]
    {
        catalogue.search(query, "it", 8, now());
        catalogue.suggest_articles(query, "it", 3);
    }
    assert_eq!(first(&catalogue, "residenza\" AND (\""), "residenza");
}

#[test]
fn an_answer_is_offered_for_the_same_matter_and_nothing_for_another() {
    let (_folder, catalogue) = town();
    let offered = |matter: &str| -> Vec<String> {
        catalogue.suggest_articles(matter, "it", 2).into_iter().map(|hit| hit.key).collect()
    };
    assert_eq!(
        offered("Buongiorno, il lampione davanti a casa mia è spento da tre giorni e di sera c'è buio")
            .first()
            .unwrap(),
        "lampioni"
    );
    assert_eq!(offered("Ho perso la carta d'identità in treno").first().unwrap(), "cie-persa");
    for matter in
        ["Il cane del vicino abbaia tutta la notte", "Grazie per la bella festa in piazza", "aaaa", ""]
    {
        assert_eq!(offered(matter), Vec::<String>::new(), "{matter}");
    }
}

#[test]
fn the_likely_category_comes_first_and_every_other_one_follows() {
    use sportello_wire::submission::Kind;
    let (_folder, catalogue) = town();
    let codes = |matter: &str, kind: Kind, language: &str| -> Vec<String> {
        catalogue.suggest_categories(matter, kind, language).into_iter().map(|(code, _)| code).collect()
    };
    assert_eq!(codes("C'è una buca profonda", Kind::Report, "it").first().unwrap(), "strade.buche");
    assert_eq!(codes("i lampioni sono spenti", Kind::Report, "it").first().unwrap(), "strade.luce");
    assert_eq!(codes("spazatura per terra", Kind::Report, "it").first().unwrap(), "ambiente.rifiuti");
    assert_eq!(codes("a street light is broken", Kind::Report, "en").first().unwrap(), "strade.luce");
    let in_order = ["ambiente.rifiuti", "strade.buche", "strade.luce", "anagrafe.documenti"];
    assert_eq!(codes("", Kind::Report, "it"), in_order);
    assert!(
        !codes("buca", Kind::Proposal, "it").contains(&"strade.buche".to_owned()),
        "not offered for this kind"
    );
}

#[test]
fn categories_come_in_the_order_of_the_classification() {
    let (_folder, catalogue) = town();
    let codes: Vec<_> = catalogue.categories().unwrap().into_iter().map(|category| category.code).collect();
    let expected = [
        "ambiente",
        "ambiente.rifiuti",
        "strade",
        "strade.buche",
        "strade.luce",
        "anagrafe",
        "anagrafe.documenti",
    ];
    assert_eq!(codes, expected);
}

#[test]
fn a_changed_entry_is_found_as_it_is_now_only() {
    let (_folder, mut catalogue) = town();
    let changed = article("residenza", ("Trasferirsi in paese", ""), "Dichiarare il domicilio", "");
    catalogue.apply(&delta("2", vec![Change::Put { item: Entry::Article(changed) }])).unwrap();
    assert_eq!(first(&catalogue, "trasferirsi"), "residenza");
    assert!(!keys(&catalogue, "trasloco", "it").contains(&"residenza".to_owned()));
    let gone = Change::Remove { entry_type: EntryType::Article, key: "residenza".to_owned() };
    catalogue.apply(&delta("3", vec![gone])).unwrap();
    assert_eq!(keys(&catalogue, "trasferirsi", "it"), Vec::<String>::new());
    assert_eq!(catalogue.article("residenza").unwrap(), None);
    assert_eq!(catalogue.cursor().unwrap().as_deref(), Some("3"));
}

#[test]
fn a_reset_forgets_all_that_was_there() {
    let (_folder, mut catalogue) = town();
    let only = notice("neve", "Scuole chiuse per neve", "2026-11-22T05:00:00Z", "2026-11-23T05:00:00Z", true);
    let mut reset = delta("9", vec![Change::Put { item: Entry::Notice(only) }]);
    reset.reset = true;
    catalogue.apply(&reset).unwrap();
    assert_eq!(keys(&catalogue, "residenza", "it"), Vec::<String>::new());
    assert_eq!(first(&catalogue, "scuole neve"), "neve");
    assert_eq!(catalogue.offices().unwrap().len(), 0);
    assert_eq!(catalogue.streets("dante", 5).unwrap().len(), 0);
}

#[test]
fn another_open_catalogue_sees_what_was_applied() {
    let (folder, mut catalogue) = town();
    let reader = Catalogue::open(&folder.path().join("catalogue.db")).unwrap();
    assert_eq!(keys(&reader, "vaccinazioni", "it"), Vec::<String>::new());
    let new = article("vaccini", ("Vaccinazioni obbligatorie", ""), "Per la scuola", "");
    catalogue.apply(&delta("2", vec![Change::Put { item: Entry::Article(new) }])).unwrap();
    assert_eq!(first(&reader, "vaccinazione"), "vaccini");
}

#[test]
fn what_was_applied_is_there_after_a_restart() {
    let (folder, catalogue) = town();
    drop(catalogue);
    let catalogue = Catalogue::open(&folder.path().join("catalogue.db")).unwrap();
    assert_eq!(catalogue.cursor().unwrap().as_deref(), Some("1"));
    assert_eq!(catalogue.authority().unwrap().unwrap().term_days, 30);
    assert_eq!(catalogue.office("anagrafe").unwrap().unwrap().name.get("it"), "Ufficio Anagrafe");
    assert_eq!(catalogue.articles_of("anagrafe.documenti").unwrap().len(), 15);
    assert_eq!(first(&catalogue, "residenza"), "residenza");
}

#[test]
fn a_file_that_is_no_catalogue_is_made_anew() {
    let (folder, catalogue) = town();
    drop(catalogue);
    let path = folder.path().join("catalogue.db");
    fs::write(&path, "this is not a database, but longer than a header of one hundred bytes would have to be, by far, indeed").unwrap();
    let catalogue = Catalogue::open(&path).unwrap();
    assert_eq!(catalogue.cursor().unwrap(), None);
    assert_eq!(keys(&catalogue, "residenza", "it"), Vec::<String>::new());
}

#[test]
fn a_catalogue_of_another_version_or_with_broken_pages_is_made_anew() {
    let (folder, catalogue) = town();
    drop(catalogue);
    let path = folder.path().join("catalogue.db");
    let mut bytes = fs::read(&path).unwrap();
    let half = bytes.len() / 2;
    bytes[half..half + 8192].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    assert_eq!(Catalogue::open(&path).unwrap().cursor().unwrap(), None, "broken pages");

    let (folder, catalogue) = town();
    drop(catalogue);
    let path = folder.path().join("catalogue.db");
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 999).unwrap();
    assert_eq!(Catalogue::open(&path).unwrap().cursor().unwrap(), None, "another version");
}

#[test]
fn a_delta_that_cannot_be_applied_changes_nothing() {
    let (folder, mut catalogue) = town();
    let other = rusqlite::Connection::open(folder.path().join("catalogue.db")).unwrap();
    other
        .execute_batch("CREATE TRIGGER refuse BEFORE INSERT ON state BEGIN SELECT RAISE(ABORT, 'full'); END")
        .unwrap();
    let gone = Change::Remove { entry_type: EntryType::Article, key: "residenza".to_owned() };
    assert!(catalogue.apply(&delta("2", vec![gone])).is_err());
    assert_eq!(first(&catalogue, "residenza"), "residenza");
    assert_eq!(catalogue.cursor().unwrap().as_deref(), Some("1"));
}
