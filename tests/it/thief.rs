//! Somebody takes the kiosk away and reads all of its files.

use std::{fs, path::Path};

use sportello::journey::{Event, Field};
use sportello_wire::submission::Kind;
use tempfile::TempDir;
use uuid::Uuid;

use crate::{kiosk::TestKiosk, town::Town};

const CANARIES: [&str; 5] = [
    "canarino-nelle-parole",
    "canarino-sul-luogo",
    "Canarina Gialla",
    "canarino@posta.example",
    "3331234567",
];

#[test]
fn a_stolen_kiosk_tells_nothing_that_a_citizen_typed_before_and_after_delivery() {
    let (town, folder) = (Town::found(), TempDir::new().unwrap());
    let identity = town.enrol(folder.path());
    let mut kiosk = TestKiosk::start(folder.path(), Some(&identity));
    let code = write(&mut kiosk);
    // It is there, waiting; and the files have been written while the program still runs, with their logs.
    assert_eq!(kiosk.outbox.tally().unwrap().waiting, 1);
    assert_eq!(found_in(folder.path(), &code), Vec::<String>::new());

    kiosk.connect(&town.url(), &identity);
    kiosk.until_delivered();
    assert_eq!(found_in(folder.path(), &code), Vec::<String>::new());
    // The search would have found it: the central's own files, which may know it, do hold it.
    let ticket = town.tickets().pop().expect("it arrived");
    assert_eq!(town.ticket(&ticket.code).unwrap().opened.ticket.contact.email, "canarino@posta.example");
    assert!(!found_in(town.folder(), &code).is_empty());
}

fn write(kiosk: &mut TestKiosk) -> String {
    let happen = |kiosk: &mut TestKiosk, event| kiosk.kiosk.happen(event);
    let typed =
        |kiosk: &mut TestKiosk, field, text: &str| kiosk.kiosk.happen(Event::Typed(field, text.to_owned()));
    happen(kiosk, Event::Begin);
    happen(kiosk, Event::Write { can_accept: true });
    happen(kiosk, Event::ChooseKind(Kind::Complaint));
    typed(kiosk, Field::Words, CANARIES[0]);
    happen(kiosk, Event::Next);
    happen(kiosk, Event::ChooseCategory(None));
    happen(kiosk, Event::Next);
    typed(kiosk, Field::Street, "Via Dante");
    typed(kiosk, Field::PlaceNote, CANARIES[1]);
    happen(kiosk, Event::Next);
    typed(kiosk, Field::Name, CANARIES[2]);
    typed(kiosk, Field::Email, CANARIES[3]);
    typed(kiosk, Field::Phone, CANARIES[4]);
    happen(kiosk, Event::Next);
    let code = sportello_wire::code::TicketCode::from_random(991);
    happen(kiosk, Event::Send { id: Uuid::now_v7(), code });
    assert!(kiosk.kiosk.state().received.is_some());
    code.compact()
}

/// Which canaries are in which files, in any of the usual encodings.
fn found_in(folder: &Path, code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(found_in(&path, code));
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        for canary in CANARIES.iter().copied().chain([code]) {
            let wide: Vec<u8> = canary.encode_utf16().flat_map(u16::to_le_bytes).collect();
            for form in [canary.as_bytes(), &wide, base64_core(canary).as_bytes()] {
                if bytes.windows(form.len()).any(|window| window == form) {
                    found.push(format!("{canary} in {}", path.display()));
                }
            }
        }
    }
    found
}

/// The middle of a text's base64, as it stands wherever the text begins at a multiple of three bytes.
fn base64_core(text: &str) -> String {
    use base64::Engine as _;
    let whole = base64::engine::general_purpose::STANDARD.encode(text);
    whole.trim_end_matches('=').chars().take(text.len() / 3 * 4).collect()
}
