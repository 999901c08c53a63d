//! What a receipt promises, read back from its dots.

use jiff::civil::date;
use sportello_hardware::raster::Raster;
use sportello_wire::{submission::Kind, text::LocalisedText, ticket::ProtocolNumber};

use super::{Fonts, Receipt, RenderError, render, spoken};

fn receipt() -> Receipt {
    Receipt {
        authority: LocalisedText::italian("Comune di Montefiorito"),
        site: "Biblioteca".to_owned(),
        kind: Kind::Report,
        category: LocalisedText::both("Illuminazione pubblica", "Street lighting"),
        submitted_at: date(2026, 11, 22).at(10, 43, 0, 0).in_tz("Europe/Rome").unwrap(),
        code: sportello_wire::code::TicketCode::from_random(0x0123_4567_89ab_cdef),
        protocol: None,
        due_on: date(2026, 12, 22),
        handler: Some(LocalisedText::both("Lavori pubblici", "Public works")),
        public_url: "https://sportello.comune.montefiorito.example".to_owned(),
        language: "it".to_owned(),
    }
}

fn long_receipt() -> Receipt {
    Receipt {
        authority: LocalisedText::italian("Unione dei Comuni della Valle Superiore del Santerno e del Senio"),
        site: "Casa della salute «Nilde Iotti», sala d'attesa".to_owned(),
        kind: Kind::Complaint,
        category: LocalisedText::both(
            "Manutenzione straordinaria di marciapiedi, piste ciclabili e attraversamenti pedonali",
            "Extraordinary maintenance of pavements, cycle paths and pedestrian crossings",
        ),
        handler: Some(LocalisedText::both(
            "Settore Infrastrutture, mobilità sostenibile e protezione civile",
            "Infrastructure, sustainable mobility and civil protection department",
        )),
        protocol: Some(ProtocolNumber { year: 2026, number: 4127 }),
        language: "en".to_owned(),
        ..receipt()
    }
}

fn drawn(receipt: &Receipt) -> Raster {
    render(receipt, &mut Fonts::new()).unwrap()
}

fn qr_in(raster: &Raster) -> String {
    let is_black = |x, y| raster.is_black(x as u16, y as u16);
    qr_of(u32::from(raster.width_dots()), u32::from(raster.height_dots()), is_black)
}

fn qr_of(width: u32, height: u32, is_black: impl Fn(u32, u32) -> bool) -> String {
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, |x, y| {
        if is_black(x as u32, y as u32) { 0 } else { 255 }
    });
    image.detect_grids().first().unwrap().decode().unwrap().1
}

#[test]
fn the_qr_code_leads_to_the_page_of_the_ticket() {
    for receipt in [receipt(), long_receipt()] {
        let expected = format!("https://sportello.comune.montefiorito.example/t/{}", receipt.code.compact());
        assert_eq!(qr_in(&drawn(&receipt)), expected);
    }
}

#[test]
fn what_the_printer_gets_shows_the_same_qr_code_to_an_independent_decoder() {
    let receipt = long_receipt();
    let job = sportello_hardware::printer::escpos::job(&drawn(&receipt));
    let profile = escpost_profiles::resolver::resolve("TM-T20II").unwrap();
    let rendered = escpost_render::render(&job, profile).unwrap();
    let [sheet] = rendered.sheets.as_slice() else { panic!("a receipt is one sheet") };
    let paper = &sheet.surface;
    let printed = qr_of(paper.width(), paper.height(), |x, y| paper.is_printed(x, y));
    assert_eq!(printed, receipt.follow_url());
}

#[test]
fn the_same_receipt_is_always_the_same_dots() {
    let mut fonts = Fonts::new();
    let first = render(&receipt(), &mut fonts).unwrap();
    render(&long_receipt(), &mut fonts).unwrap();
    assert_eq!(render(&receipt(), &mut fonts).unwrap(), first);
    assert_eq!(drawn(&receipt()), first);
}

#[test]
fn nothing_is_clipped_at_the_sides_or_the_ends() {
    for receipt in [receipt(), long_receipt()] {
        let raster = drawn(&receipt);
        let (width, height) = (raster.width_dots(), raster.height_dots());
        for y in 0..height {
            let touches_side = (0..12).any(|x| raster.is_black(x, y) || raster.is_black(width - 1 - x, y));
            assert!(!touches_side, "black beside the margin in row {y}");
        }
        for x in 0..width {
            assert!(
                !(0..12).any(|y| raster.is_black(x, y) || raster.is_black(x, height - 1 - y)),
                "column {x}"
            );
        }
    }
}

#[test]
fn a_longer_receipt_is_higher_and_one_language_more_as_well() {
    let italian = drawn(&receipt()).height_dots();
    let english = drawn(&Receipt { language: "en".to_owned(), ..receipt() }).height_dots();
    let long = drawn(&long_receipt()).height_dots();
    assert!(italian < english && english < long, "{italian} {english} {long}");
}

#[test]
fn an_address_too_long_for_the_paper_is_an_error() {
    let receipt = Receipt { public_url: format!("https://{}.example", "x".repeat(1200)), ..receipt() };
    let error = render(&receipt, &mut Fonts::new()).unwrap_err();
    assert!(matches!(error, RenderError::AddressTooLong { bytes: 1200.. }), "{error}");
}

#[test]
fn what_is_spoken_says_all_that_is_needed_to_follow_the_ticket() {
    let receipt = receipt();
    let [one, two, three, check] =
        receipt.code.groups().map(|group| group.chars().map(String::from).collect::<Vec<_>>().join(", "));
    assert_eq!(
        spoken(&receipt, "it"),
        format!(
            "Comune di Montefiorito. Ricevuta di presentazione. Segnalazione, Illuminazione pubblica. \
             Data di presentazione: 22 novembre 2026, alle 10:43. \
             Il suo codice è: {one}. {two}. {three}. {check}. \
             Riceverà una risposta entro il 22 dicembre. Se ne occupa: Lavori pubblici. \
             Il numero di protocollo arriva appena la pratica è registrata: lo trova seguendo il codice."
        )
    );
    let english = spoken(&long_receipt(), "en");
    assert!(english.contains("Protocol number 4127 of 2026."), "{english}");
    assert!(english.contains("by 22 December"), "{english}");
}
