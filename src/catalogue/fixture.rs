//! A small town for the tests of the catalogue.

use jiff::{Timestamp, civil::date};
use sportello_wire::{
    catalogue::{
        Article, ArticleKind, Authority, CatalogueDelta, Category, Change, Entry, Notice, Office, PlaceRule,
        Street,
    },
    hours::OpeningHours,
    submission::Kind,
    text::LocalisedText,
};

use super::Catalogue;

/// 22 November 2026, 10:42 in Rome.
pub(super) const NOW: &str = "2026-11-22T09:42:00Z";

pub(super) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// An open catalogue of the town; the folder lives as long as the test holds it.
pub(super) fn town() -> (tempfile::TempDir, Catalogue) {
    let folder = tempfile::tempdir().unwrap();
    let mut catalogue = Catalogue::open(&folder.path().join("catalogue.db")).unwrap();
    catalogue.apply(&delta("1", entries().into_iter().map(|item| Change::Put { item }).collect())).unwrap();
    (folder, catalogue)
}

pub(super) fn delta(cursor: &str, changes: Vec<Change>) -> CatalogueDelta {
    CatalogueDelta { cursor: cursor.to_owned(), reset: false, changes, more: false }
}

pub(super) fn article(id: &str, title: (&str, &str), summary: &str, keywords: &str) -> Article {
    let text = |(italian, english): (&str, &str)| {
        if english.is_empty() {
            LocalisedText::italian(italian)
        } else {
            LocalisedText::both(italian, english)
        }
    };
    Article {
        id: id.to_owned(),
        kind: if title.0.ends_with('?') { ArticleKind::Question } else { ArticleKind::Card },
        title: text(title),
        summary: LocalisedText::italian(summary),
        body: LocalisedText::italian(format!(
            "{summary}.\n\n## Dove\nAllo sportello, con un documento valido."
        )),
        keywords: LocalisedText::italian(keywords),
        category: Some("anagrafe.documenti".to_owned()),
        office: None,
        checked_on: date(2026, 9, 1),
    }
}

pub(super) fn office(code: &str, name: &str, description: &str, keywords: &str) -> Office {
    Office {
        code: code.to_owned(),
        authority: "comune.montefiorito.example".to_owned(),
        name: LocalisedText::italian(name),
        description: LocalisedText::italian(description),
        keywords: LocalisedText::italian(keywords),
        address: "Piazza Libertà 1".to_owned(),
        floor: LocalisedText::italian("piano terra"),
        phone: String::new(),
        email: String::new(),
        hours: OpeningHours::default(),
        note: LocalisedText::default(),
        is_urp: code == "urp",
    }
}

fn category(code: &str, name: (&str, &str), keywords: &str, description: &str, order: i32) -> Category {
    Category {
        code: code.to_owned(),
        parent: code.rsplit_once('.').map(|(parent, _)| parent.to_owned()),
        name: LocalisedText::both(name.0, name.1),
        description: LocalisedText::italian(description),
        keywords: LocalisedText::italian(keywords),
        kinds: if code == "strade.buche" { vec![Kind::Report, Kind::Complaint] } else { Vec::new() },
        place: PlaceRule::Optional,
        term_days: None,
        office: None,
        attributes: Vec::new(),
        order,
    }
}

pub(super) fn notice(id: &str, title: &str, from: &str, to: &str, important: bool) -> Notice {
    Notice {
        id: id.to_owned(),
        title: LocalisedText::italian(title),
        body: LocalisedText::italian("Per lavori alla rete idrica.\n\nL'acqua torna in serata."),
        valid_from: from.parse().unwrap(),
        valid_to: to.parse().unwrap(),
        area: String::new(),
        important,
    }
}

fn entries() -> Vec<Entry> {
    let articles = [
        (
            "cie",
            ("Carta d'identità elettronica: come averla", "Electronic identity card: how to get it"),
            "Prenotare, che cosa portare, quanto costa, tempi",
            "cie, documento, rinnovo",
        ),
        (
            "cie-persa",
            ("Ho perso la carta d'identità: che cosa faccio?", "I have lost my identity card: what do I do?"),
            "Prima la denuncia, poi l'appuntamento all'anagrafe",
            "furto, smarrimento, denuncia",
        ),
        (
            "cie-minori",
            ("Carta d'identità per un figlio minorenne", ""),
            "Servono tutti e due i genitori",
            "bambini, espatrio",
        ),
        (
            "residenza",
            ("Cambio di residenza", "Change of residence"),
            "Dichiarare il nuovo indirizzo entro venti giorni",
            "trasloco, casa",
        ),
        (
            "tari",
            ("TARI: la tassa sui rifiuti", "TARI: the waste tax"),
            "Chi la paga, quando, come chiedere una riduzione",
            "immondizia, bolletta",
        ),
        (
            "ingombranti",
            ("Ritiro dei rifiuti ingombranti", "Bulky waste collection"),
            "Si prenota gratis per telefono o all'isola ecologica",
            "mobili, divano, frigorifero",
        ),
        (
            "differenziata",
            ("Che cosa va nella raccolta differenziata?", ""),
            "Carta, plastica, vetro, organico: i giorni di ogni zona",
            "bidone, calendario",
        ),
        (
            "lampioni",
            ("Lampione spento: come segnalarlo", "A street light is out: how to report it"),
            "Serve il numero scritto sul palo",
            "illuminazione, luce, buio",
        ),
        (
            "nido",
            ("Iscrizione all'asilo nido", "Enrolling in nursery school"),
            "Le domande si presentano a maggio",
            "bambini, scuola, graduatoria",
        ),
        (
            "mensa",
            ("Mensa scolastica: tariffe e diete", ""),
            "Quanto si paga secondo l'ISEE",
            "scuola, pasto, allergia",
        ),
        (
            "parcheggio",
            ("Permesso di parcheggio per residenti", "Parking permit for residents"),
            "Per chi abita nelle zone blu",
            "auto, sosta, strisce",
        ),
        (
            "disabili",
            ("Contrassegno per persone con disabilità", ""),
            "Vale in tutta Europa per cinque anni",
            "parcheggio, invalidi, cude",
        ),
        (
            "biblioteca",
            ("Prestito dei libri in biblioteca", "Borrowing books from the library"),
            "Cinque libri per trenta giorni",
            "tessera, romanzi",
        ),
        (
            "matrimonio",
            ("Sposarsi in municipio", ""),
            "Pubblicazioni, data e sale",
            "matrimonio, nozze, unione civile",
        ),
        ("citta", ("La città in bicicletta", ""), "Piste ciclabili e bici pubbliche", "mobilità, ciclabile"),
    ];
    let mut entries: Vec<Entry> = articles
        .into_iter()
        .map(|(id, title, summary, keywords)| Entry::Article(article(id, title, summary, keywords)))
        .collect();
    entries.extend([
        Entry::Authority(Authority {
            code: "comune.montefiorito.example".to_owned(),
            name: LocalisedText::italian("Comune di Montefiorito"),
            public_url: "https://sportello.montefiorito.example".to_owned(),
            time_zone: "Europe/Rome".to_owned(),
            term_days: 30,
            colour_hsb: (210, 100, 80),
            privacy_notice: LocalisedText::default(),
        }),
        Entry::Office(office(
            "anagrafe",
            "Ufficio Anagrafe",
            "Residenza, carta d'identità, certificati",
            "documenti, stato di famiglia",
        )),
        Entry::Office(office(
            "lavori-pubblici",
            "Lavori pubblici",
            "Strade, edifici, illuminazione",
            "buche, marciapiedi, lampioni",
        )),
        Entry::Notice(notice(
            "acqua",
            "Manca l'acqua in via Roma",
            "2026-11-22T05:00:00Z",
            "2026-11-22T20:00:00Z",
            true,
        )),
        Entry::Notice(notice(
            "mercato",
            "Il mercato si sposta",
            "2026-11-20T05:00:00Z",
            "2026-12-20T20:00:00Z",
            false,
        )),
        Entry::Notice(notice(
            "sciopero",
            "Sciopero degli autobus",
            "2026-10-01T05:00:00Z",
            "2026-10-02T05:00:00Z",
            true,
        )),
        Entry::Category(category(
            "strade.buche",
            ("Buche e asfalto", "Potholes"),
            "buca, fosso, asfalto rotto",
            "La strada è rovinata",
            1,
        )),
        Entry::Category(category(
            "strade.luce",
            ("Illuminazione pubblica", "Street lighting"),
            "lampione, lampada, luce, palo, buio",
            "Un lampione è spento",
            2,
        )),
        Entry::Category(category("strade", ("Strade", "Roads"), "via, piazza", "", 2)),
        Entry::Category(category(
            "ambiente.rifiuti",
            ("Rifiuti abbandonati", "Dumped waste"),
            "immondizia, spazzatura, discarica, sacchi",
            "Rifiuti lasciati in strada",
            1,
        )),
        Entry::Category(category("ambiente", ("Ambiente", "Environment"), "", "", 1)),
        Entry::Category(category(
            "anagrafe.documenti",
            ("Documenti", "Documents"),
            "carta identità, certificato",
            "",
            1,
        )),
        Entry::Category(category("anagrafe", ("Anagrafe", "Registry office"), "", "", 3)),
        Entry::Street(Street { name: "Via Dante Alighieri".to_owned(), area: "centro".to_owned() }),
        Entry::Street(Street { name: "Piazza della Libertà".to_owned(), area: "centro".to_owned() }),
    ]);
    entries
}
