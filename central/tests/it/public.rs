//! The public pages as a citizen's phone sees them.

use sportello_central::ticket::{Action, Actor};
use sportello_wire::code::TicketCode;

use crate::{
    browser::{Browser, desk, hole},
    town::AUTHORITY,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_tells_its_state_its_answer_and_nothing_personal() {
    let (town, running) = desk().await;
    let ticket = hole(&town).await;
    let address = format!("/t/{}", ticket.opened.ticket.code);
    let mut phone = Browser::new(&running);
    let page = phone.get(&address);
    page.says("È arrivata.");
    page.says("Risposta entro il 25 giugno");
    page.says("0000001/2026");
    let marta = || Actor::Staff("marta".into());
    let tickets = &town.state.tickets;
    let take = Action::Take { by: "marta".into(), office: "strade".into() };
    tickets.act(AUTHORITY, ticket.id, marta(), take).await.expect("taken");
    phone.get(&address).says("È in lavorazione.");
    let ask = Action::Ask { words: "A che altezza della via?".into() };
    tickets.act(AUTHORITY, ticket.id, marta(), ask).await.expect("asked");
    phone.get(&address).says("A che altezza della via?");
    let resolve = Action::Resolve { words: "Riparata <stamattina>.".into() };
    tickets.act(AUTHORITY, ticket.id, marta(), resolve).await.expect("resolved");
    let page = phone.get(&address);
    page.says("Ha una risposta.");
    page.says("«Riparata &#60;stamattina&#62;.»");
    page.says("Ufficio strade");
    page.never_says("Risposta entro");
    for personal in ["Ada", "Neri", "example.it", "ada@", "buca profonda", "Marta", "marta"] {
        page.never_says(personal);
    }
    let page = Browser::new(&running).speaking("en").get(&address);
    page.says("It has an answer.");
    page.says("Ufficio strade (en)");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_found_however_it_is_typed() {
    let (town, running) = desk().await;
    let code = hole(&town).await.opened.ticket.code;
    let mut phone = Browser::new(&running);
    phone.get("/").says("Codice della pratica");
    let spaced = code.to_string().replace('-', "%20").to_lowercase();
    for typed in [spaced.as_str(), &code.compact(), &code.compact().replace('0', "o").replace('1', "l")] {
        for path in [format!("/t?code={typed}"), format!("/t/{typed}")] {
            let answer = phone.get(&path);
            assert_eq!((answer.status, answer.header("location")), (303, &*format!("/t/{code}")), "{path}");
        }
    }
    let answer = phone.get("/t?code=K7M4-92QX");
    assert_eq!(answer.status, 422);
    answer.says("Questo codice non è completo");
    answer.says("value=\"K7M4-92QX\"");
    assert_eq!(phone.get("/t/K7M4-92QX").status, 404);
    let lost = phone.get("/altrove");
    assert_eq!(lost.status, 404);
    lost.says("Questa pagina non c’è.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_guesses_codes_waits_longer_and_longer_and_nobody_else_does() {
    let (town, running) = desk().await;
    let real = format!("/t/{}", hole(&town).await.opened.ticket.code);
    let unknown = |number| format!("/t/{}", TicketCode::from_random(number));
    let mut guesser = Browser::new(&running);
    for number in 1..=5 {
        let answer = guesser.get(&unknown(number));
        assert_eq!(answer.status, 404);
        answer.says("Non troviamo questa pratica.");
    }
    for (wait_s, at) in [("1", "10:00:00"), ("2", "10:00:01"), ("4", "10:00:03")] {
        town.clock.set(&format!("2026-06-15T{at}Z"));
        let answer = guesser.get(&real);
        assert_eq!((answer.status, answer.header("retry-after")), (429, wait_s));
        answer.says("Un momento di pazienza.");
        let over = format!(
            "2026-06-15T10:00:{:02}Z",
            at[6..].parse::<u32>().unwrap() + wait_s.parse::<u32>().unwrap()
        );
        town.clock.set(&over);
        assert_eq!(guesser.get(&unknown(99)).status, 404);
    }
    let mut neighbour = Browser::new(&running);
    neighbour.headers.push(("x-forwarded-for", "203.0.113.9".into()));
    assert_eq!(neighbour.get(&real).status, 200);
    // A code that is mistyped is seen by its check character and costs nothing.
    for _ in 0..20 {
        assert_eq!(neighbour.get("/t/K7M4-92QX-TRAB-0").status, 404);
    }
    assert_eq!(neighbour.get(&real).status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_not_kept_not_indexed_and_tell_nobody_where_one_was() {
    let (town, running) = desk().await;
    let address = format!("/t/{}", hole(&town).await.opened.ticket.code);
    let mut phone = Browser::new(&running);
    for path in ["/", &address, "/t/0000-0000-0000-0", "/staff/sign-in", "/altrove"] {
        let page = phone.get(path);
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(page.header("x-robots-tag"), "noindex, nofollow", "{path}");
        assert!(page.header("content-security-policy").starts_with("default-src 'self'"), "{path}");
        for inline in ["<style", "style=\"", "<script>", "http://", "https://"] {
            page.never_says(inline);
        }
    }
    assert!(phone.get("/").cookies.is_empty(), "who only reads gets no cookie");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_language_is_the_browsers_until_it_is_chosen() {
    let (_town, running) = desk().await;
    let mut phone = Browser::new(&running).speaking("de, en;q=0.5");
    phone.get("/").says("Follow your ticket.");
    let answer = phone.get("/?lang=it");
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    phone.get("/").says("Segua la Sua pratica.");
    assert_eq!(phone.get("//elsewhere.example/?lang=en").header("location"), "/elsewhere.example/");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn style_icons_and_letters_come_from_memory_and_are_sent_once() {
    let (_town, running) = desk().await;
    let mut phone = Browser::new(&running);
    for (name, media_type) in [
        ("sportello.css", "text/css; charset=utf-8"),
        ("town.css", "text/css; charset=utf-8"),
        ("icons.svg", "image/svg+xml"),
        ("shield.svg", "image/svg+xml"),
        ("keys.js", "text/javascript; charset=utf-8"),
    ] {
        let path = format!("/assets/{name}");
        let first = phone.get(&path);
        assert_eq!((first.status, first.header("content-type")), (200, media_type));
        let mut again = Browser::new(&running);
        again.headers.push(("if-none-match", first.header("etag").to_owned()));
        assert_eq!(again.get(&path).status, 304, "{name}");
    }
    phone.get("/assets/town.css").says("--main:#0066cc");
    assert_eq!(phone.get("/assets/nothing.css").status, 404);
}
