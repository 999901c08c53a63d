//! The receipt on paper, as an independent decoder of ESC/POS sees it: the same dots as on the screen, and a QR code that
//! leads to the page of the ticket at the real central.

use escpost_render::MonoSurface;
use slint::ComponentHandle as _;
use sportello_ui::ReceivedAdapter;
use tempfile::TempDir;

use crate::{counter::Counter, story::reports, town::Town};

#[test]
fn the_paper_shows_what_the_screen_showed_and_its_square_code_leads_to_the_tickets_page() {
    let (town, folder) = (Town::found(), TempDir::new().unwrap());
    let mut counter = Counter::open(&town, folder.path());
    let code = reports(&counter, "lampione spento");
    counter.until_delivered();
    counter.until("the printer is ready", |counter| counter.sees("Stampa"));
    let shown = counter.window().global::<ReceivedAdapter>().get_receipt().to_rgb8().unwrap();
    counter.touch("Stampa");
    counter.until("it is printed", |counter| counter.sees("Stampata. Prenda la ricevuta qui sotto."));

    let printed = counter.printer.printed();
    let [job] = printed.as_slice() else { panic!("{printed:?}") };
    let profile = escpost_profiles::resolver::resolve("TM-T20II").unwrap();
    let rendered = escpost_render::render(&job.bytes().unwrap(), profile).unwrap();
    let [sheet] = rendered.sheets.as_slice() else { panic!("a receipt is one sheet") };
    let paper = &sheet.surface;
    let (width, height) = (shown.width(), shown.height());
    assert_eq!(paper.width(), width);
    assert!(paper.height() >= height, "{} of {height} rows", paper.height());
    for y in 0..paper.height() {
        for x in 0..width {
            let black = y < height && shown.as_slice()[(y * width + x) as usize].r == 0;
            assert_eq!(paper.is_printed(x, y), black, "the dot at {x}, {y}");
        }
    }

    let address = square_code(paper);
    assert_eq!(address, format!("{}/t/{}", town.url(), code.compact()));
    let mut answer = ureq::get(&address).header("Accept-Language", "it").call().unwrap();
    let page = answer.body_mut().read_to_string().unwrap();
    assert!(page.contains(&code.to_string()), "{page}");
    assert!(page.contains("0000001/"), "the protocol number is on it: {page}");
    assert!(!page.contains("lampione"), "nothing of the citizen's words is on it");
}

fn square_code(paper: &MonoSurface) -> String {
    let (width, height) = (paper.width() as usize, paper.height() as usize);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        if paper.is_printed(x as u32, y as u32) { 0 } else { 255 }
    });
    image.detect_grids().first().unwrap().decode().unwrap().1
}
