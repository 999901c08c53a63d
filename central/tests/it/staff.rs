//! The desk as its people use it: over a real socket, without JavaScript.

use std::fs;

use sportello_central::ticket::{Action, Actor};
use sportello_wire::{submission::Contact, ticket::Status};

use crate::{
    browser::{Browser, PASSWORD, desk, hole, now, open},
    town::{AUTHORITY, new_ticket},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_not_signed_in_sees_and_does_nothing() {
    let (town, running) = desk().await;
    let ticket = hole(&town).await;
    let address = format!("/staff/tickets/{}", ticket.opened.ticket.code);
    let mut stranger = Browser::new(&running);
    for path in ["/staff/", "/staff/?list=all", &address] {
        let answer = stranger.get(path);
        assert_eq!((answer.status, answer.header("location")), (303, "/staff/sign-in"), "{path}");
    }
    assert_eq!(stranger.post("/staff/search", &[("search", "buca")]).status, 303);
    let answer = stranger.post(&address, &[("action", "take"), ("seen", "3")]);
    assert_eq!(answer.status, 401);
    answer.never_says("buca");
    assert_eq!(now(&town, &ticket).await.taken_by, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_a_strict_cookie_and_the_database_keeps_neither_token_nor_password() {
    let (town, running) = desk().await;
    let mut marta = Browser::new(&running);
    let answer = marta.sign_in("Marta ", PASSWORD);
    let cookie =
        answer.cookies.iter().find(|cookie| cookie.starts_with("sportello_session=")).expect("a cookie");
    // The town's public address is https, so the cookie travels on no other way.
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
    let token = marta.cookie("sportello_session").expect("a token").to_owned();
    assert_eq!(token.len(), 64);
    marta.get("/staff/").says("Marta R.");
    running.stop().await;
    for file in fs::read_dir(town.folder.path()).expect("the folder") {
        let bytes = fs::read(file.expect("a file").path()).expect("its bytes");
        let holds = |secret: &str| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!holds(&token) && !holds(PASSWORD));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_ends_when_it_is_not_used_when_it_is_old_and_when_one_signs_out() {
    let (town, running) = desk().await;
    let mut marta = Browser::of(&running, "marta");
    town.clock.set("2026-06-15T10:29:00Z");
    assert_eq!(marta.get("/staff/").status, 200);
    town.clock.set("2026-06-15T10:58:00Z");
    assert_eq!(marta.get("/staff/").status, 200, "using it keeps it");
    town.clock.set("2026-06-15T11:29:00Z");
    assert_eq!(marta.get("/staff/").header("location"), "/staff/sign-in?why=again");
    marta.get("/staff/sign-in?why=again").says("si è chiusa per sicurezza");

    town.clock.set("2026-06-16T06:00:00Z");
    let mut marta = Browser::of(&running, "marta");
    for half_hours in 1..24 {
        town.clock.set(&format!("2026-06-16T{:02}:{:02}:00Z", 6 + half_hours / 2, 30 * (half_hours % 2)));
        assert_eq!(marta.get("/staff/").status, 200, "after {half_hours} half hours");
    }
    town.clock.set("2026-06-16T18:00:01Z");
    assert_eq!(marta.get("/staff/").status, 303, "after twelve hours");

    let mut marta = Browser::of(&running, "marta");
    let token = marta.cookie("sportello_session").expect("a token").to_owned();
    let form_token = marta.get("/staff/").field("form_token");
    let answer = marta.post("/staff/sign-out", &[("form_token", &form_token)]);
    assert_eq!(answer.header("location"), "/staff/sign-in?why=out");
    let mut thief = Browser::new(&running);
    thief.headers.push(("cookie", format!("sportello_session={token}")));
    assert_eq!(thief.get("/staff/").status, 303, "the token is worth nothing any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_passwords_lock_a_login_for_longer_and_longer_whether_it_exists_or_not() {
    let (town, running) = desk().await;
    for login in ["marta", "nessuno"] {
        town.clock.set("2026-06-15T10:00:00Z");
        let mut browser = Browser::new(&running);
        for _ in 0..5 {
            let answer = browser.sign_in(login, "sbagliata");
            assert_eq!(answer.status, 401);
            answer.says("non corrispondono");
            answer.says(&format!("value=\"{login}\""));
        }
        let answer = browser.sign_in(login, PASSWORD);
        assert_eq!(answer.status, 429, "even the right one");
        answer.says("fra 15 secondi");
        town.clock.set("2026-06-15T10:00:15Z");
        assert_eq!(browser.sign_in(login, "sbagliata").status, 401);
        browser.sign_in(login, PASSWORD).says("fra 30 secondi");
        town.clock.set("2026-06-15T10:00:45Z");
        let expected = if login == "marta" { 303 } else { 401 };
        assert_eq!(browser.sign_in(login, PASSWORD).status, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_from_elsewhere_does_nothing_and_loses_nothing() {
    let (town, running) = desk().await;
    let ticket = hole(&town).await;
    let mut marta = Browser::of(&running, "marta");
    let address = format!("/staff/tickets/{}", ticket.opened.ticket.code);
    let other_token = Browser::of(&running, "ugo").get("/staff/").field("form_token");
    for form_token in ["", &other_token] {
        let fields =
            [("form_token", form_token), ("seen", "3"), ("action", "resolve"), ("words", "Domani mattina.")];
        let answer = marta.post(&address, &fields);
        assert_eq!(answer.status, 403);
        answer.says("Domani mattina.</textarea>");
    }
    assert_eq!(now(&town, &ticket).await.last_sequence, ticket.last_sequence);
    let mut stranger = Browser::new(&running);
    let entering = [("form_token", "0"), ("login", "marta"), ("password", PASSWORD)];
    assert_eq!(stranger.post("/staff/sign-in", &entering).status, 403);
    assert_eq!(marta.post("/staff/sign-out", &[("form_token", "0")]).header("location"), "/staff/");
    assert_eq!(marta.get("/staff/").status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_goes_its_whole_way_by_forms_alone() {
    let (town, running) = desk().await;
    let ticket = hole(&town).await;
    let code = ticket.opened.ticket.code;
    let (mut marta, mut ugo) = (Browser::of(&running, "marta"), Browser::of(&running, "ugo"));
    let did = |browser: &mut Browser, fields: &[(&str, &str)], says: &str| {
        let answer = browser.work(&ticket, fields);
        assert_eq!(answer.status, 303, "{}", answer.body);
        browser.get(answer.header("location")).says(says);
    };
    did(&mut marta, &[("action", "take")], "Adesso se ne occupa Lei.");
    assert_eq!(now(&town, &ticket).await.taken_by.as_deref(), Some("marta"));
    marta.get("/staff/?list=mine").says(&code.to_string());

    did(&mut marta, &[("action", "ask"), ("words", "A che altezza?")], "aspetta la risposta del cittadino");
    assert_eq!(now(&town, &ticket).await.status, Status::WaitingForCitizen);
    did(&mut marta, &[("action", "answer"), ("words", "Veniamo a vedere.")], "legge la risposta");

    let passing = [("action", "pass_on"), ("office", "urp"), ("note", "La strada è privata")];
    did(&mut marta, &passing, "Adesso se ne occupa: URP.");
    let passed = now(&town, &ticket).await;
    assert_eq!((passed.office.as_deref(), passed.taken_by), (Some("urp"), None));

    // Nobody at the URP has taken it: answering does both.
    did(
        &mut ugo,
        &[("action", "resolve"), ("words", "Abbiamo avvisato chi abita lì.\r\nGrazie.")],
        "è risolta",
    );
    let resolved = now(&town, &ticket).await;
    assert_eq!((resolved.status, resolved.taken_by.as_deref()), (Status::Resolved, Some("ugo")));
    ugo.get(&format!("/staff/tickets/{code}")).says("Abbiamo avvisato chi abita lì.\nGrazie.");

    did(&mut ugo, &[("action", "reopen"), ("words", "La buca c’è ancora")], "di nuovo aperta");
    assert_eq!(now(&town, &ticket).await.status, Status::InProgress);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_office_reads_a_ticket_and_only_an_administrator_works_on_it() {
    let (town, running) = desk().await;
    let ticket = hole(&town).await;
    let mut ugo = Browser::of(&running, "ugo");
    let page = ugo.get(&format!("/staff/tickets/{}", ticket.opened.ticket.code));
    page.says("Una buca profonda davanti alla scuola");
    page.says("è di un altro ufficio: Ufficio strade");
    page.never_says("name=\"action\"");
    let (form_token, seen) = (page.field("form_token"), ticket.last_sequence.to_string());
    let fields = [("form_token", form_token.as_str()), ("seen", &seen), ("action", "take")];
    let answer = ugo.post(&format!("/staff/tickets/{}", ticket.opened.ticket.code), &fields);
    assert_eq!(answer.status, 403);
    assert_eq!(now(&town, &ticket).await.taken_by, None);

    let mut anna = Browser::of(&running, "anna");
    assert_eq!(anna.work(&ticket, &[("action", "take")]).status, 303);
    let taken = now(&town, &ticket).await;
    assert_eq!((taken.taken_by.as_deref(), taken.office.as_deref()), (Some("anna"), Some("strade")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_that_changed_meanwhile_is_shown_anew_and_what_was_typed_is_kept() {
    let (town, running) = desk().await;
    let ticket = hole(&town).await;
    let mut marta = Browser::of(&running, "marta");
    let address = format!("/staff/tickets/{}", ticket.opened.ticket.code);
    let page = marta.get(&address);
    let (form_token, seen) = (page.field("form_token"), page.field("seen"));
    let citizen = Action::FollowUp {
        words: "Adesso è anche allagata".into(),
        language: "it".into(),
        submitted_at: "2026-06-15T10:00:00Z".parse().expect("a time"),
    };
    town.state.tickets.act(AUTHORITY, ticket.id, Actor::Citizen, citizen).await.expect("added");
    let fields = [
        ("form_token", form_token.as_str()),
        ("seen", &seen),
        ("action", "resolve"),
        ("words", "Riparata <ieri> & \"oggi\"."),
    ];
    let answer = marta.post(&address, &fields);
    assert_eq!(answer.status, 409);
    answer.says("la pratica è cambiata");
    answer.says("Adesso è anche allagata");
    answer.says("Riparata &#60;ieri&#62; &#38; &#34;oggi&#34;.</textarea>");
    assert_eq!(now(&town, &ticket).await.status, Status::Received);
    // Confirming again, with what is shown now, works.
    let (form_token, seen) = (answer.field("form_token"), answer.field("seen"));
    let fields =
        [("form_token", form_token.as_str()), ("seen", &seen), ("action", "resolve"), ("words", "Riparata.")];
    assert_eq!(marta.post(&address, &fields).status, 303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_cannot_be_done_is_explained_kindly() {
    let (town, running) = desk().await;
    let ticket = hole(&town).await;
    let mut marta = Browser::of(&running, "marta");
    assert_eq!(marta.work(&ticket, &[("action", "take")]).status, 303);
    for (fields, status, says) in [
        (vec![("action", "take")], 409, "in un altro stato (In lavorazione)"),
        (vec![("action", "reopen"), ("words", "Ancora")], 409, "in un altro stato"),
        (vec![("action", "resolve"), ("words", " \n ")], 422, "Manca il testo"),
        (vec![("action", "pass_on"), ("note", "Perché sì")], 422, "Scelga a quale ufficio"),
        (
            vec![("action", "pass_on"), ("office", "luna"), ("note", "Perché sì")],
            422,
            "Scelga a quale ufficio",
        ),
        (vec![("action", "fly")], 409, "in un altro stato"),
    ] {
        let answer = marta.work(&ticket, &fields);
        assert_eq!(answer.status, status, "{fields:?}");
        answer.says(says);
        if let Some((_, note)) = fields.iter().find(|(name, _)| *name == "note") {
            answer.says(&format!("value=\"{note}\""));
        }
    }
    let long = "a".repeat(4_001);
    let answer = marta.work(&ticket, &[("action", "answer"), ("words", &long)]);
    assert_eq!(answer.status, 422);
    answer.says("supera i 4000 caratteri");
    answer.says(&long);
    assert_eq!(now(&town, &ticket).await.last_sequence, ticket.last_sequence + 1);
    assert_eq!(marta.get("/staff/tickets/K7M4").status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_typed_outlives_the_session() {
    let (town, running) = desk().await;
    let ticket = hole(&town).await;
    let mut marta = Browser::of(&running, "marta");
    let address = format!("/staff/tickets/{}", ticket.opened.ticket.code);
    let page = marta.get(&address);
    town.clock.set("2026-06-15T13:00:00Z");
    let (form_token, seen) = (page.field("form_token"), page.field("seen"));
    let fields = [
        ("form_token", form_token.as_str()),
        ("seen", &seen),
        ("action", "answer"),
        ("words", "La ripariamo\ngiovedì."),
    ];
    let answer = marta.post(&address, &fields);
    assert_eq!(answer.status, 401);
    let (form_token, kept, words) =
        (answer.field("form_token"), answer.field("ticket"), answer.field("words"));
    let entering = [
        ("form_token", form_token.as_str()),
        ("login", "marta"),
        ("password", PASSWORD),
        ("ticket", &kept),
        ("words", &words),
    ];
    let back = marta.post("/staff/sign-in", &entering);
    assert_eq!(back.status, 200);
    back.says("La ripariamo\ngiovedì.</textarea>");
    assert_eq!(marta.get("/staff/").status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lists_hold_what_they_say_and_a_search_leaves_no_word_in_an_address() {
    let (town, running) = desk().await;
    let mine = hole(&town).await;
    let mut other = new_ticket();
    other.words = "Manca una panchina".into();
    other.category = Some("altro".into());
    let other = open(&town, other).await;
    let mut marta = Browser::of(&running, "marta");
    assert_eq!(marta.work(&mine, &[("action", "take")]).status, 303);
    let (mine_code, other_code) = (mine.opened.ticket.code.to_string(), other.opened.ticket.code.to_string());
    for (list, has_mine, has_other) in [
        ("mine", true, false),
        ("office", true, false),
        ("overdue", false, false),
        ("unassigned", false, false),
        ("all", true, true),
    ] {
        let page = marta.get(&format!("/staff/?list={list}"));
        assert_eq!(
            (page.body.contains(&mine_code), page.body.contains(&other_code)),
            (has_mine, has_other),
            "{list}"
        );
    }
    Browser::of(&running, "anna").get("/staff/?list=unassigned").says(&other_code);
    // Ten days are the category's term; the day after is late.
    town.clock.set("2026-06-26T07:00:00Z");
    let mut marta = Browser::of(&running, "marta");
    let page = marta.get("/staff/?list=overdue");
    page.says(&mine_code);
    page.says("in ritardo di un giorno");

    for (search, found) in
        [("panchina", &other_code), ("ADA@example.it", &mine_code), ("via dante", &other_code)]
    {
        let form_token = marta.get("/staff/").field("form_token");
        let answer = marta.post("/staff/search", &[("form_token", &form_token), ("search", search)]);
        assert_eq!(answer.header("location"), "/staff/?list=found");
        marta.get("/staff/?list=found").says(found);
    }
    let number = mine.protocol.expect("a number").to_string();
    for exact in [mine_code.replace('-', " ").to_lowercase(), number] {
        let form_token = marta.get("/staff/").field("form_token");
        let answer = marta.post("/staff/search", &[("form_token", &form_token), ("search", &exact)]);
        assert_eq!(answer.header("location"), format!("/staff/tickets/{mine_code}?list=found"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_is_masked_and_a_late_arrival_is_told() {
    let (town, running) = desk().await;
    let mut new = new_ticket();
    new.contact =
        Contact { name: "Ada Neri".into(), email: "ada.neri@example.it".into(), phone: "333 1234521".into() };
    new.place = sportello_wire::submission::Place::Nowhere;
    town.clock.set("2026-06-15T10:08:00Z");
    let ticket = open(&town, new).await;
    let mut marta = Browser::of(&running, "marta");
    let page = marta.get(&format!("/staff/tickets/{}", ticket.opened.ticket.code));
    page.says("A•••, 333\u{a0}•••\u{a0}•21, a•••@example.it");
    page.never_says("Ada Neri");
    page.never_says("ada.neri");
    page.never_says("1234521");
    page.says("oggi 12:00 (inviata senza rete, arrivata 12:08)");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_to_the_questions_of_a_category_is_read_at_the_desk() {
    let (town, running) = desk().await;
    let mut new = new_ticket();
    new.attributes = vec![("PROFONDA".into(), "più di <10> cm".into())];
    let ticket = open(&town, new).await;
    let page = Browser::of(&running, "marta").get(&format!("/staff/tickets/{}", ticket.opened.ticket.code));
    page.says("<dt>PROFONDA</dt> <dd>più di &#60;10&#62; cm</dd>");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_desk_speaks_the_language_of_its_people_and_needs_nothing_inline() {
    let (town, running) = desk().await;
    let ticket = hole(&town).await;
    let mut marta = Browser::of(&running, "marta").speaking("en-GB,en;q=0.9");
    let address = format!("/staff/tickets/{}", ticket.opened.ticket.code);
    let page = marta.get(&address);
    page.says("Answer and resolve");
    page.says("<html lang=\"en\">");
    for inline in ["<style", "style=\"", "onclick", "javascript:"] {
        page.never_says(inline);
    }
    assert!(page.body.matches("<script").count() == page.body.matches("<script src=").count());
    assert!(page.header("content-security-policy").contains("default-src 'self'"));
    let answer = marta.get(&format!("{address}?list=all&lang=it"));
    assert_eq!(answer.header("location"), format!("{address}?list=all"));
    marta.get(&address).says("Rispondi e risolvi");
}
