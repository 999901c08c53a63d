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
    ("article", article),
    ("article-from-writing", |app| {
        app.global::<ArticleAdapter>().set_from_writing(true);
        article(app);
    }),
    ("office", office),
    ("notice", notice),
    ("kind", |app| go(app, Page::Kind)),
    ("words", words),
    ("words-missing", |app| {
        app.global::<Shell>().set_problem(Problem::WordsMissing);
        go(app, Page::Words);
    }),
    ("category", category),
    ("category-all", category_all),
    ("place", place),
    ("place-street", |app| {
        let adapter = app.global::<WriteAdapter>();
        adapter.set_street("via da".into());
        adapter.set_streets(list(vec![
            "Via Dante Alighieri".into(),
            "Via Dalmazia".into(),
            "Via Dandolo".into(),
            "Vicolo Dati".into(),
        ]));
        place(app);
    }),
    ("contact", |app| go_step(app, Page::Contact, 4)),
    ("contact-problem", |app| {
        app.global::<WriteAdapter>().set_email("maria.rossi@".into());
        app.global::<Shell>().set_problem(Problem::EmailMalformed);
        go_step(app, Page::Contact, 4);
    }),
    ("review", review),
    ("received", received),
    ("received-no-paper", |app| {
        app.global::<ReceivedAdapter>().set_printer(PrintState::PaperOut);
        app.global::<ReceivedAdapter>().set_on_phone(true);
        app.global::<Shell>().set_network_away(true);
        received(app);
    }),
    ("follow-code", |app| {
        app.global::<FollowAdapter>().set_scanner(true);
        go(app, Page::FollowCode);
    }),
    ("follow-code-unknown", |app| {
        app.global::<FollowAdapter>().set_typed("K7M4-92QX-TRA".into());
        app.global::<Shell>().set_problem(Problem::CodeMalformed);
        go(app, Page::FollowCode);
    }),
    ("follow-state", follow_state),
    ("follow-write", |app| {
        app.global::<FollowAdapter>().set_asked(true);
        go(app, Page::FollowWrite);
    }),
    ("language", |app| go(app, Page::Language)),
    ("legibility", |app| go(app, Page::Legibility)),
    ("help", |app| go(app, Page::Help)),
    ("goodbye", |app| go(app, Page::Goodbye)),
    ("still-there", |app| {
        words(app);
        app.global::<Shell>().set_layer(Layer::StillThere);
    }),
    ("confirm-end", |app| {
        words(app);
        app.global::<Shell>().set_layer(Layer::ConfirmEnd);
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
    app.global::<ArticleAdapter>().set_from_writing(false);
    let write = app.global::<WriteAdapter>();
    write.set_steps(5);
    write.set_step(1);
    write.set_words(SharedString::default());
    write.set_answers(list(Vec::new()));
    write.set_categories(list(Vec::new()));
    write.set_all_categories(false);
    write.set_category_asked(false);
    write.set_street(SharedString::default());
    write.set_streets(list(Vec::new()));
    write.set_email(SharedString::default());
    let received = app.global::<ReceivedAdapter>();
    received.set_printer(PrintState::Ready);
    received.set_on_phone(false);
    let follow = app.global::<FollowAdapter>();
    follow.set_typed(SharedString::default());
    follow.set_asked(false);
    follow.set_scanner(false);
    follow.set_messages(list(Vec::new()));
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

fn go_step(app: &AppWindow, page: Page, step: i32) {
    app.global::<WriteAdapter>().set_step(step);
    go(app, page);
}

fn block(kind: BlockKind, text: &str) -> Block {
    Block { kind, text: text.into() }
}

fn article(app: &AppWindow) {
    let adapter = app.global::<ArticleAdapter>();
    adapter.set_entry(EntryKind::Card);
    adapter.set_blocks(list(vec![
        block(BlockKind::Heading, "Che cosa portare"),
        block(BlockKind::Item, "La carta vecchia, oppure la denuncia se è stata persa o rubata."),
        block(BlockKind::Item, "Una fototessera fatta negli ultimi sei mesi."),
        block(BlockKind::Item, "La tessera sanitaria con il codice fiscale."),
        block(BlockKind::Heading, "Quanto costa"),
        block(BlockKind::Paragraph, "22,21 euro allo sportello, in contanti o con la carta. Per chi l’ha persa, 27,37 euro."),
        block(BlockKind::Heading, "Come si fa"),
        block(BlockKind::Paragraph, "Si prende l’appuntamento per telefono o sul sito del Comune. Allo sportello si danno le impronte e la firma: servono dieci minuti. La carta arriva a casa per posta entro sei giorni lavorativi, con la seconda metà dei codici."),
        block(BlockKind::Paragraph, "Chi non può venire per motivi di salute può chiedere che un addetto passi a casa: basta una telefonata di un familiare."),
        block(BlockKind::Heading, "Quanto vale"),
        block(BlockKind::Paragraph, "Tre anni per chi ne ha meno di tre, cinque anni fino ai diciotto, dieci anni per tutti gli altri. Scade nel giorno del compleanno."),
    ]));
    go(app, Page::Article);
}

fn office(app: &AppWindow) {
    let adapter = app.global::<OfficeAdapter>();
    let day = |day: &str, hours: &str, today| DayRow { day: day.into(), hours: hours.into(), today };
    adapter.set_days(list(vec![
        day("lunedì", "8:30–12:30", false),
        day("martedì", "8:30–12:30 · 15:00–17:30", true),
        day("mercoledì", "8:30–12:30", false),
        day("giovedì", "8:30–12:30 · 15:00–17:30", false),
        day("venerdì", "8:30–12:30", false),
        day("sabato", "chiuso", false),
    ]));
    adapter.set_note("Per la carta d’identità serve l’appuntamento.".into());
    go(app, Page::Office);
}

fn notice(app: &AppWindow) {
    app.global::<NoticeAdapter>().set_blocks(list(vec![
        block(BlockKind::Paragraph, "Per una perdita dell’acquedotto, via Milano è chiusa al traffico tra via Dante e piazza della Libertà. I pedoni passano."),
        block(BlockKind::Paragraph, "L’autobus 3 ferma in via Trento. L’acqua torna entro questa sera."),
    ]));
    go(app, Page::Notice);
}

fn words(app: &AppWindow) {
    let adapter = app.global::<WriteAdapter>();
    adapter.set_words(
        "Il lampione davanti alla biblioteca è spento da due settimane e la sera non si vede il gradino"
            .into(),
    );
    adapter.set_answers(list(vec![
        answer(
            EntryKind::Question,
            "Chi ripara i lampioni?",
            "Entro 5 giorni lavorativi. Che cosa fare se c’è pericolo.",
        ),
        answer(
            EntryKind::Question,
            "Una buca o un gradino pericoloso",
            "Chi chiamare subito, e come segnalarlo",
        ),
    ]));
    go(app, Page::Words);
}

fn category_row(name: &str, description: &str, selected: bool) -> CategoryRow {
    CategoryRow {
        code: name.into(),
        name: name.into(),
        description: description.into(),
        likely: true,
        selected,
        ..Default::default()
    }
}

fn category(app: &AppWindow) {
    let adapter = app.global::<WriteAdapter>();
    adapter.set_category_asked(true);
    adapter.set_category_code("Illuminazione pubblica".into());
    adapter.set_categories(list(vec![
        category_row("Illuminazione pubblica", "Lampioni spenti, sempre accesi o rotti", true),
        category_row("Strade e marciapiedi", "Buche, gradini, lastre rotte", false),
        category_row("Biblioteca", "Orari, prestiti, attività", false),
    ]));
    go_step(app, Page::Category, 2);
}

fn category_all(app: &AppWindow) {
    let adapter = app.global::<WriteAdapter>();
    adapter.set_all_categories(true);
    adapter.set_group(-1);
    adapter.set_groups(list(
        [
            "Anagrafe e stato civile",
            "Ambiente e rifiuti",
            "Strade e illuminazione",
            "Scuola ed educazione",
            "Tributi",
            "Casa e urbanistica",
            "Salute e sociale",
            "Cultura e sport",
            "Mobilità",
            "Imprese e commercio",
            "Polizia locale",
        ]
        .into_iter()
        .map(SharedString::from)
        .collect(),
    ));
    go_step(app, Page::Category, 2);
}

fn place(app: &AppWindow) {
    go_step(app, Page::Place, 3);
}

fn review(app: &AppWindow) {
    let row = |part, value: &str| ReviewRow { part, value: value.into() };
    let adapter = app.global::<WriteAdapter>();
    adapter.set_review(list(vec![
        row(ReviewPart::Kind, "Segnalazione"),
        row(
            ReviewPart::Words,
            "Il lampione davanti alla biblioteca è spento da due settimane e la sera non si vede il gradino",
        ),
        row(ReviewPart::Category, "Illuminazione pubblica"),
        row(ReviewPart::Place, "Via Dante Alighieri 14, davanti alla biblioteca"),
        row(ReviewPart::Contact, "333 123 4567"),
    ]));
    adapter.set_privacy("Il Comune usa questi dati solo per rispondere e li cancella due anni dopo la risposta. Può chiedere quando vuole di vederli o cancellarli.".into());
    go_step(app, Page::Review, 5);
}

/// A white paper with lines on it, in place of the receipt.
fn paper() -> slint::Image {
    let mut pixels = slint::SharedPixelBuffer::<slint::Rgb8Pixel>::new(576, 1100);
    for (index, pixel) in pixels.make_mut_slice().iter_mut().enumerate() {
        let (x, y) = (index % 576, index / 576);
        let line =
            y % 56 > 36 && y > 60 && y < 420 && x > 90 + (y / 56 * 37) % 120 && x < 486 - (y / 56 * 53) % 140;
        let square = (150..426).contains(&x)
            && (520..796).contains(&y)
            && (x / 12 * 7 + y / 12 * 5 + (x / 12) * (y / 12)) % 3 == 0;
        *pixel = if line || square {
            slint::Rgb8Pixel::new(0, 0, 0)
        } else {
            slint::Rgb8Pixel::new(255, 255, 255)
        };
    }
    slint::Image::from_rgb8(pixels)
}

fn received(app: &AppWindow) {
    let adapter = app.global::<ReceivedAdapter>();
    adapter.set_receipt(paper());
    adapter.set_qr(paper());
    go(app, Page::Received);
}

fn follow_state(app: &AppWindow) {
    let adapter = app.global::<FollowAdapter>();
    adapter.set_handler_of("Per conto del Comune di Montefiorito".into());
    adapter.set_messages(list(vec![MessageRow {
        heading: "Messaggio dell’ufficio, 25 novembre".into(),
        words: "«Il guasto è sulla linea, non sulla lampada: per questo l’abbiamo passato al gestore. Torniamo a vedere giovedì.»".into(),
    }]));
    go(app, Page::FollowState);
}
