//! A citizen's whole story: a touch at the counter, a ticket at the desk, and the way back.

use std::time::Duration;

use slint::{ComponentHandle as _, Model as _};
use sportello::journey::Page;
use sportello_central::ticket::{Action, Happening};
use sportello_hardware::panel::StatusLight;
use sportello_ui::{ArticleAdapter, FollowAdapter, LookUpAdapter, ReceivedAdapter, WriteAdapter};
use sportello_wire::{
    code::TicketCode,
    submission::{Kind, Place},
    ticket::Status,
};
use tempfile::TempDir;

use crate::{counter::Counter, town::Town};

const WORDS: &str = "Il lampione davanti alla biblioteca è spento da due settimane.";
const E_MAIL: &str = "ada.b@example.it";
const ANSWER: &str = "La lampada è ordinata, arriva giovedì.";
const FOLLOW_UP: &str = "Grazie, ma lampeggia ancora.";

#[test]
fn a_citizen_looks_something_up_reports_prints_and_comes_back_for_the_answer() {
    let (town, folder) = (Town::found(), TempDir::new().unwrap());
    let mut counter = Counter::open(&town, folder.path());
    counter.reads("Benvenuti.");
    counter.picture("story-1-welcome");
    counter.until("the light says ready", |counter| counter.panel.light() == Some(StatusLight::Ready));
    counter.touch("Italiano");
    assert_eq!(counter.panel.light(), Some(StatusLight::Busy));
    looks_up_the_identity_card(&counter);
    writes_a_report(&counter);
    counter.touch("Invia");
    let code = keeps_the_receipt(&mut counter);

    counter.until_delivered();
    let ticket = town.ticket(&code).expect("the ticket is at the desk");
    let sent = &ticket.opened.ticket;
    assert_eq!((sent.kind, sent.words.as_str()), (Kind::Report, WORDS));
    assert_eq!(sent.category.as_deref(), Some("strade.lampioni"));
    assert_eq!(sent.place, in_via_dante());
    assert_eq!(sent.contact.email, E_MAIL);
    assert_eq!(sent.language, "it");
    assert_eq!(ticket.protocol.map(|protocol| protocol.number), Some(1));
    assert_eq!(ticket.office.as_deref(), Some("illuminazione"));
    counter.touch("Fatto");
    counter.reads("Arrivederci.");
    nothing_is_left(&counter, &code);

    town.act(ticket.id, Action::Take { by: "marta".to_owned(), office: "illuminazione".to_owned() });
    town.act(ticket.id, Action::Answer { words: ANSWER.to_owned() });
    counter.wait(Duration::from_secs(7));
    assert_eq!(counter.page(), Page::Welcome, "the counter waits for the next one");
    follows(&mut counter, &code);
    counter.until("the answer is on the screen", |counter| counter.sees(ANSWER));
    counter.reads("È in lavorazione.");
    counter.reads("Adesso se ne occupa: Illuminazione pubblica");
    counter.picture("story-9-answer");
    counter.touch("Scriva all’ufficio");
    counter.type_on_keyboard(FOLLOW_UP);
    counter.touch("Invia");
    counter.reads("Inviato. Grazie.");
    counter.until_delivered();
    let history = town.history(ticket.id);
    let arrived =
        |what: &Happening| matches!(what, Happening::FollowedUp { words, .. } if words == FOLLOW_UP);
    assert_eq!(history.iter().filter(|what| arrived(what)).count(), 1, "{history:#?}");

    counter.touch("Esca e cancelli tutto");
    counter.reads("Arrivederci.");
    nothing_is_left(&counter, &code);
    counter.wait(Duration::from_secs(7));
    assert_eq!(counter.page(), Page::Welcome);
    nothing_is_left(&counter, &code);
}

fn in_via_dante() -> Place {
    let (street, number) = ("Via Dante Alighieri".to_owned(), "12".to_owned());
    Place::Street { street, number, note: String::new() }
}

fn looks_up_the_identity_card(counter: &Counter) {
    assert_eq!(counter.page(), Page::Home);
    counter.picture("story-2-home");
    counter.touch("Informarsi");
    counter.type_on_keyboard("carta identita");
    counter.picture("story-3-look-up");
    counter.touch("Carta d'identità elettronica: come averla");
    assert!(matches!(counter.page(), Page::Entry(..)), "{:?}", counter.page());
    counter.reads("Si prenota, si porta una foto");
    counter.picture("story-4-article");
    counter.touch("Indietro");
    assert_eq!(counter.page(), Page::LookUp);
    counter.reads("carta identita");
    counter.touch("Indietro");
    assert_eq!(counter.page(), Page::Home);
}

fn writes_a_report(counter: &Counter) {
    counter.touch("Segnalare o chiedere");
    counter.touch("Segnalare un problema");
    counter.type_on_keyboard(WORDS);
    counter.picture("story-5-words");
    counter.touch("Chi ripara i lampioni?");
    counter.touch("No, continuo a scrivere");
    counter.reads(WORDS);
    counter.touch("Avanti");
    counter.touch("Lampione spento o guasto");
    counter.touch("Avanti");
    assert_eq!(counter.page(), Page::Place);
    counter.type_on_keyboard("dante");
    counter.touch("Via Dante Alighieri");
    counter.touch("Numero civico, se c’è");
    counter.type_on_keyboard("12");
    counter.touch("Avanti");
    assert_eq!(counter.page(), Page::Contact);
    counter.touch("E-mail");
    counter.type_on_keyboard(E_MAIL);
    counter.touch("Lingua: Italiano. Cambi qui");
    counter.touch("English");
    assert_eq!(counter.page(), Page::Contact);
    counter.reads(E_MAIL);
    counter.touch("Next");
    counter.reads("Is everything right?");
    for text in [WORDS, "Street light out or faulty", "Via Dante Alighieri, 12", E_MAIL] {
        counter.reads(text);
    }
    counter.touch("Language: English. Change it");
    counter.touch("Italiano");
    counter.reads("È tutto giusto?");
    for text in ["Segnalazione", WORDS, "Lampione spento o guasto", "Via Dante Alighieri, 12", E_MAIL] {
        counter.reads(text);
    }
    counter.picture("story-6-review");
}

/// Reads the code, looks at the receipt, prints it.
fn keeps_the_receipt(counter: &mut Counter) -> TicketCode {
    counter.reads("Ricevuta. Grazie.");
    let code = shown_code(counter);
    counter.reads(&format!("Il suo codice: {}", code.groups().join(" · ")));
    counter.reads("La ricevuta, come sarà stampata");
    let receipt = counter.window().global::<ReceivedAdapter>().get_receipt();
    assert_eq!(receipt.size().width, 576);
    counter.until("the printer is ready", |counter| counter.sees("Stampa"));
    counter.picture("story-7-received");
    counter.touch("Stampa");
    counter
        .until("the receipt is printed", |counter| counter.sees("Stampata. Prenda la ricevuta qui sotto."));
    assert_eq!(counter.printer.printed().len(), 1);
    counter.picture("story-8-printed");
    code
}

fn shown_code(counter: &Counter) -> TicketCode {
    let groups = counter.window().global::<ReceivedAdapter>().get_code_groups();
    groups.iter().collect::<Vec<_>>().join("-").parse().unwrap()
}

fn follows(counter: &mut Counter, code: &TicketCode) {
    counter.touch("Italiano");
    counter.touch("Seguire una pratica");
    counter.type_on_keyboard(&code.compact());
    counter.touch("A che punto è");
    counter.until("how it stands is shown", |counter| counter.page() == Page::FollowState);
}

/// Nothing that the visit was about is in any element, nor in what the pages read.
fn nothing_is_left(counter: &Counter, code: &TicketCode) {
    let compact = code.compact();
    let secrets =
        [WORDS, "lampione", E_MAIL, "Dante", ANSWER, FOLLOW_UP, "identita", &compact, &compact[..4]];
    let texts = counter.texts();
    for secret in secrets {
        assert!(!texts.iter().any(|text| text.contains(secret)), "{secret:?} is still there: {texts:#?}");
    }
    let window = counter.window();
    let (write, follow) = (window.global::<WriteAdapter>(), window.global::<FollowAdapter>());
    let (received, look_up) = (window.global::<ReceivedAdapter>(), window.global::<LookUpAdapter>());
    for kept in [
        write.get_words(),
        write.get_street(),
        write.get_number(),
        write.get_place_note(),
        write.get_name(),
        write.get_email(),
        write.get_phone(),
        write.get_category_code(),
        follow.get_typed(),
        follow.get_code(),
        follow.get_category(),
        follow.get_headline(),
        follow.get_handler(),
        follow.get_handler_of(),
        follow.get_protocol(),
        follow.get_as_of(),
        follow.get_words(),
        received.get_answer_by(),
        look_up.get_query(),
        window.global::<ArticleAdapter>().get_title(),
    ] {
        assert_eq!(kept, "", "a property still holds it");
    }
    let rows = [
        write.get_answers().row_count(),
        write.get_categories().row_count(),
        write.get_streets().row_count(),
        write.get_review().row_count(),
        follow.get_steps().row_count(),
        follow.get_messages().row_count(),
        received.get_code_groups().row_count(),
        look_up.get_hits().row_count(),
    ];
    assert_eq!(rows, [0; 8], "a list still holds it");
    assert_eq!(received.get_receipt().size().width + received.get_qr().size().width, 0);
}

/// The shortest way to a ticket: only words.
pub(crate) fn reports(counter: &Counter, words: &str) -> TicketCode {
    counter.touch("Italiano");
    counter.touch("Segnalare o chiedere");
    counter.touch("Segnalare un problema");
    counter.type_on_keyboard(words);
    counter.touch("Avanti");
    assert_eq!(counter.page(), Page::Category);
    counter.touch("Non lo so");
    counter.touch("Avanti");
    counter.touch("Non c’è un luogo");
    if counter.page() == Page::Place {
        counter.touch("Avanti");
    }
    counter.touch("Continua senza");
    counter.touch("Invia");
    assert_eq!(counter.page(), Page::Received);
    shown_code(counter)
}

#[test]
fn with_the_network_away_a_report_is_received_all_the_same_and_can_be_followed() {
    let (town, folder) = (Town::found(), TempDir::new().unwrap());
    let mut counter = Counter::open(&town, folder.path());
    town.close();
    let code = reports(&counter, "lampione spento");
    counter.reads("Ricevuta. Grazie.");
    counter.until("the strip says it", |counter| counter.sees("In questo momento la rete non c’è."));
    counter.reads("La segnalazione parte da sola appena torna");
    counter.picture("away-1-received");
    counter.touch("Fatto");
    counter.wait(Duration::from_secs(7));
    follows(&mut counter, &code);
    counter.reads("È stata ricevuta.");
    counter.reads("Aggiornato: oggi alle");
    counter.picture("away-2-followed");
    assert!(!counter.sees("lampione"), "the counter itself cannot read it any more");

    town.open();
    counter.until_delivered();
    let ticket = town.ticket(&code).expect("the ticket under the code that was shown");
    assert_eq!(ticket.status, Status::Received);
    assert_eq!(ticket.opened.ticket.words, "lampione spento");
}

#[test]
fn without_paper_the_page_says_so_and_the_phone_takes_its_place() {
    let (town, folder) = (Town::found(), TempDir::new().unwrap());
    let mut counter = Counter::open(&town, folder.path());
    counter.printer.set_paper_out(true);
    counter.until("the counter knows", |counter| !counter.face.kiosk().borrow().printer().can_print());
    assert_eq!(counter.panel.light(), Some(StatusLight::NeedsHelp));
    reports(&counter, "lampione spento");
    counter.reads("La carta è finita. Tenga il codice sul telefono: vale lo stesso.");
    assert!(!counter.sees("Stampa"), "nothing is offered that does not work");
    counter.picture("no-paper-1-received");
    counter.touch("Sul telefono");
    counter.reads("Inquadri qui con il telefono.");
    counter.reads("Un codice quadrato per la fotocamera del telefono");
    counter.picture("no-paper-2-qr");
}

#[test]
fn words_that_fit_no_subject_are_sent_all_the_same() {
    let (town, folder) = (Town::found(), TempDir::new().unwrap());
    let mut counter = Counter::open(&town, folder.path());
    let code = reports(&counter, "wxwx");
    counter.until_delivered();
    let ticket = town.ticket(&code).expect("the ticket is at the desk");
    assert_eq!(ticket.opened.ticket.category, None);
    assert!(ticket.office.is_some(), "an office finds the right place for it");
}

#[test]
fn a_report_is_written_on_every_screen_also_with_the_largest_letters() {
    let (town, folder) = (Town::found(), TempDir::new().unwrap());
    let mut counter = Counter::open(&town, folder.path());
    for (width, height) in [(1280, 800), (720, 1280), (1280, 720)] {
        for letters in ["Normali", "Grandissime"] {
            counter.resize(width, height);
            counter.touch("Leggibilità: lettere più grandi, contrasto più forte");
            counter.touch(&format!("Lettere: {letters}"));
            counter.touch("Indietro");
            reports(&counter, "lampione spento");
            counter.picture(&format!("screen-{width}x{height}-{letters}"));
            counter.touch("Fatto");
            counter.wait(Duration::from_secs(7));
            assert_eq!(counter.page(), Page::Welcome);
        }
    }
    counter.until_delivered();
    assert_eq!(town.tickets().len(), 6);
}

#[test]
fn whoever_leaves_without_a_word_is_asked_and_then_everything_is_wiped() {
    let (town, folder) = (Town::found(), TempDir::new().unwrap());
    let counter = Counter::open(&town, folder.path());
    counter.touch("Italiano");
    counter.touch("Segnalare o chiedere");
    counter.touch("Segnalare un problema");
    counter.type_on_keyboard("buca in via roma");
    counter.wait(Duration::from_secs(74));
    assert!(!counter.sees("È ancora qui?"));
    counter.wait(Duration::from_secs(1));
    counter.reads("È ancora qui?");
    counter.picture("idle-1-warning");
    counter.touch("Sì, sono qui");
    assert!(!counter.sees("È ancora qui?"));
    counter.reads("buca in via roma");

    counter.wait(Duration::from_secs(75));
    counter.reads("È ancora qui?");
    counter.wait(Duration::from_secs(29));
    counter.reads("Altrimenti tra 1 secondo cancelliamo tutto");
    counter.wait(Duration::from_secs(1));
    assert_eq!(counter.page(), Page::Welcome);
    assert!(!counter.sees("buca") && !counter.sees("roma"), "{:#?}", counter.texts());
    counter.touch("Italiano");
    counter.touch("Segnalare o chiedere");
    counter.touch("Segnalare un problema");
    assert!(!counter.sees("buca"), "{:#?}", counter.texts());
}
