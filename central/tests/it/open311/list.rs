//! The public list: what it tells, what it must not tell, and how it is filtered.

use serde_json::Value;
use sportello_central::ticket::{Action, Actor};
use sportello_wire::submission::{Kind, Place};

use super::{AUTHORITY, Town, on_both_databases};

on_both_databases!(
    a_kiosks_report_is_listed_without_a_word_of_its_citizen,
    what_was_written_for_publication_is_published_without_what_leads_to_a_person,
    a_resolved_ticket_is_closed_since_then_and_its_answer_stays_with_the_citizen,
    the_list_is_filtered_by_time_service_and_id,
    pages_follow_each_other_without_gap_or_repetition,
);

fn street() -> Place {
    Place::Street { street: "Via Roma".into(), number: "7".into(), note: "citofono Verdi".into() }
}

fn ids(town: &Town, query: &str) -> Vec<String> {
    let answer = town.get(&format!("v2/requests.json?{query}"));
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    let id = |request: &Value| request["service_request_id"].as_str().unwrap().to_owned();
    answer.json().as_array().unwrap().iter().map(id).collect()
}

fn a_kiosks_report_is_listed_without_a_word_of_its_citizen(town: &Town) {
    let report = town.kiosk_ticket(Kind::Report, "strade.buche", street());
    let described =
        town.kiosk_ticket(Kind::Report, "strade.buche", Place::Described { words: "da Maria".into() });
    for kind in [Kind::Question, Kind::Complaint, Kind::Proposal] {
        town.kiosk_ticket(kind, "strade.buche", street());
    }
    let mut listed = ids(town, "");
    listed.sort();
    let mut expected = [report.id.to_string(), described.id.to_string()];
    expected.sort();
    assert_eq!(listed, expected, "a question, a complaint, a proposal is its citizen's own matter");

    for path in [
        "v2/requests.json".to_owned(),
        "v2/requests.xml".to_owned(),
        format!("v2/requests/{}.xml", report.id),
    ] {
        let body = town.get(&path).body;
        for secret in ["Parole", "Maria", "Verdi", "0301234567", "Biblioteca", "kiosk-1"] {
            assert!(!body.contains(secret), "{path}: {secret}");
        }
        for ticket in [&report, &described] {
            let code = ticket.opened.ticket.code;
            assert!(!body.contains(&code.to_string()) && !body.contains(&code.compact()), "{path}: a code");
        }
        assert!(body.contains("Via Roma") && !body.contains("Via Roma 7"), "{path}: {body}");
    }
    let code = report.opened.ticket.code;
    assert_eq!(town.get(&format!("v2/requests/{code}.json")).status, 404, "a code is no id");
}

fn what_was_written_for_publication_is_published_without_what_leads_to_a_person(town: &Town) {
    let description = "Buca. Chiamatemi al 333 1234567 o mario@example.it";
    let place = "Via Po 3, tel. 0301234567";
    town.posted(&[
        ("service_code", "strade.buche"),
        ("address_string", place),
        ("description", description),
        ("email", "mario@example.it"),
    ]);
    let body = town.get("v2/requests.json").json();
    assert_eq!(body[0]["description"], "Buca. Chiamatemi al […] o […]");
    assert_eq!(body[0]["address"], "Via Po 3, tel. […]");
    assert!(!body.to_string().contains("mario"));
}

fn a_resolved_ticket_is_closed_since_then_and_its_answer_stays_with_the_citizen(town: &Town) {
    let ticket = town.kiosk_ticket(Kind::Report, "strade.buche", street());
    let open = town.kiosk_ticket(Kind::Report, "strade.buche", street());
    town.clock.set("2026-11-25T10:30:00Z");
    let act = |action| {
        let actor = Actor::Staff("anna".into());
        town.runtime.block_on(town.central().state.tickets.act(AUTHORITY, ticket.id, actor, action)).unwrap();
    };
    act(Action::Take { by: "anna".into(), office: "strade".into() });
    act(Action::Resolve { words: "Gentile Maria, fatto".into() });
    assert_eq!(ids(town, "status=closed"), [ticket.id.to_string()]);
    assert_eq!(ids(town, "status=open"), [open.id.to_string()]);
    assert_eq!(ids(town, "status=open,closed").len(), 2);
    let record = &town.get(&format!("v2/requests/{}.json", ticket.id)).json()[0];
    assert_eq!((&record["status"], &record["status_notes"]), (&"closed".into(), &"Conclusa".into()));
    assert_eq!(record["updated_datetime"], "2026-11-25T10:30:00Z");
    assert!(!record.to_string().contains("Gentile") && !record.to_string().contains("anna"));
}

fn the_list_is_filtered_by_time_service_and_id(town: &Town) {
    town.clock.set("2026-06-01T10:00:00Z");
    let old = town.kiosk_ticket(Kind::Report, "strade.buche", street()).id.to_string();
    town.clock.set("2026-11-01T10:00:00Z");
    let lamp = town.kiosk_ticket(Kind::Report, "strade.lampioni", street()).id.to_string();
    town.clock.set("2026-11-02T10:00:00Z");
    let hole = town.kiosk_ticket(Kind::Report, "strade.buche", street()).id.to_string();
    town.clock.set(super::NOW);

    assert_eq!(ids(town, ""), [&*hole, &*lamp], "the last 90 days, newest first");
    assert_eq!(ids(town, "start_date=2026-05-20T00:00:00Z"), [&*old], "90 days from then");
    assert_eq!(ids(town, "end_date=2026-06-01T12:00:00%2B02:00"), [&*old], "90 days up to then");
    assert_eq!(ids(town, "end_date=2026-06-01T11:59:59%2B02:00"), [""; 0], "a zone is heeded");
    assert_eq!(
        ids(town, "start_date=2026-11-02T10:00:00Z&end_date=2026-11-02T10:00:00Z"),
        [&*hole],
        "both ends count"
    );
    assert_eq!(ids(town, "service_code=strade.lampioni"), [&*lamp]);
    assert_eq!(ids(town, "service_code=strade.lampioni,strade.buche"), [&*hole, &*lamp]);
    assert_eq!(ids(town, "service_code=nessuno"), [""; 0]);
    assert_eq!(
        ids(town, &format!("service_request_id={old},{lamp},x&status=closed")),
        [&*lamp, &*old],
        "ids override"
    );
    assert_eq!(ids(town, "service_request_id=x"), [""; 0]);
}

fn pages_follow_each_other_without_gap_or_repetition(town: &Town) {
    let opened: Vec<String> =
        (0..5).map(|_| town.kiosk_ticket(Kind::Report, "strade.buche", street()).id.to_string()).collect();
    let mut read: Vec<String> =
        (1..=4).flat_map(|page| ids(town, &format!("page={page}&page_size=2"))).collect();
    assert_eq!(ids(town, "page=0&page_size=2"), ids(town, "page=1&page_size=2"));
    assert_eq!(ids(town, "page=1&page_size=2").len(), 2);
    let mut opened = opened;
    opened.sort();
    read.sort();
    assert_eq!(read, opened);
}
