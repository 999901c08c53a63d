//! What the pages show in the pictures: plausible contents of a town that does not exist.

use slint::{ComponentHandle, ModelRc, SharedString, VecModel};
use sportello_ui::*;

type Scene = (&'static str, fn(&AppWindow));

pub(crate) const SCENES: &[Scene] = &[
    ("welcome", |app| go(app, Page::Welcome)),
    ("home", |app| go(app, Page::Home)),
    ("look-up-offered", look_up_offered),
    ("look-up", look_up),
    ("look-up-nothing", |app| {
        let adapter = app.global::<LookUpAdapter>();
        adapter.set_query("unicorni in centro".into());
        adapter.set_nothing_found(true);
        go(app, Page::LookUp);
    }),
];

fn go(app: &AppWindow, page: Page) {
    app.global::<Shell>().set_page(page);
}

fn list<T: Clone + 'static>(items: Vec<T>) -> ModelRc<T> {
    ModelRc::new(VecModel::from(items))
}

/// Everything as it is when a visit begins, so that no picture carries anything over to the next.
pub(crate) fn reset(app: &AppWindow, language: &str) {
    let shell = app.global::<Shell>();
    let italian = language == "it";
    // Leave the page, so that it is made anew.
    shell.set_page(Page::Goodbye);
    shell.set_language(language.into());
    shell.set_language_name(if italian { "Italiano" } else { "English" }.into());
    shell.set_languages(list(vec![
        LanguageChoice { tag: "it".into(), name: "Italiano".into(), current: italian },
        LanguageChoice { tag: "en".into(), name: "English".into(), current: !italian },
    ]));
    shell.set_date(if italian { "domenica 22 novembre" } else { "Sunday 22 November" }.into());
    shell.set_can_go_back(true);
    shell.set_problem(Problem::None);
    shell.set_layer(Layer::None);
    shell.set_waiting(Waiting::Nothing);
    shell.set_network_away(false);
    app.global::<HomeAdapter>().set_greeting(if italian { "Buongiorno." } else { "Good morning." }.into());
    let look_up = app.global::<LookUpAdapter>();
    look_up.set_query(SharedString::default());
    look_up.set_corrected(SharedString::default());
    look_up.set_nothing_found(false);
    look_up.set_hits(list(Vec::new()));
    look_up.set_offered(list(Vec::new()));
}

fn segments(marked: &str) -> ModelRc<Segment> {
    let mut parts = Vec::new();
    for (index, piece) in marked.split('*').enumerate() {
        for word in piece.split_inclusive(' ') {
            parts.push(Segment { text: word.into(), marked: index % 2 == 1 });
        }
    }
    list(parts)
}

fn hit(entry: EntryKind, title: &str, summary: &str) -> HitRow {
    HitRow {
        entry,
        key: title.into(),
        title: segments(title),
        label: title.replace('*', "").into(),
        summary: summary.into(),
        in_italian: entry == EntryKind::Guide,
    }
}

fn look_up(app: &AppWindow) {
    let adapter = app.global::<LookUpAdapter>();
    adapter.set_query("carta identta".into());
    adapter.set_corrected("carta identità".into());
    adapter.set_hits(list(vec![
        hit(
            EntryKind::Card,
            "Carta d’*identità* elettronica: come averla",
            "Prenotare, che cosa portare, quanto costa, tempi",
        ),
        hit(
            EntryKind::Question,
            "Ho perso la carta d’*identità*: che cosa faccio?",
            "Prima la denuncia, poi l’appuntamento all’anagrafe",
        ),
        hit(EntryKind::Office, "Ufficio Anagrafe", "Aperto ora, fino alle 12:30 · Piazza della Libertà 1"),
        hit(
            EntryKind::Question,
            "Carta d’*identità* per un figlio minorenne",
            "Servono tutti e due i genitori",
        ),
        hit(
            EntryKind::Guide,
            "Usare la *CIE* per entrare nei siti pubblici",
            "Con il telefono e il codice PIN, passo per passo",
        ),
        hit(
            EntryKind::Notice,
            "Anagrafe: sabato 28 novembre apertura straordinaria",
            "Dalle 8:30 alle 12:30, senza appuntamento",
        ),
        hit(
            EntryKind::Question,
            "Quanto vale la carta d’*identità*?",
            "Tre, cinque o dieci anni, secondo l’età",
        ),
    ]));
    go(app, Page::LookUp);
}

pub(crate) fn answer(entry: EntryKind, title: &str, summary: &str) -> AnswerRow {
    AnswerRow { key: title.into(), title: title.into(), summary: summary.into(), entry }
}

fn look_up_offered(app: &AppWindow) {
    app.global::<LookUpAdapter>().set_offered(list(vec![
        answer(EntryKind::Card, "Carta d’identità elettronica", "Prenotare, che cosa portare, quanto costa"),
        answer(EntryKind::Question, "Quando passano a ritirare i rifiuti?", "Il calendario, via per via"),
        answer(EntryKind::Office, "Ufficio relazioni con il pubblico", "Aperto ora, fino alle 12:30"),
        answer(EntryKind::Card, "Iscrizione al nido", "Domande dal 10 gennaio al 20 febbraio"),
    ]));
    go(app, Page::LookUp);
}
