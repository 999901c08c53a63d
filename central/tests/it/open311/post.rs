//! New requests: what becomes of them, who may send them, and that a repetition is no second one.

use std::collections::HashSet;

use serde_json::json;
use sportello_wire::{
    code::TicketCode,
    submission::{Kind, Place},
};
use uuid::Uuid;

use super::{AUTHORITY, Answer, Town, agent, on_both_databases, read};

on_both_databases!(
    a_request_becomes_a_ticket_with_all_that_was_sent,
    a_request_that_cannot_be_taken_is_refused_with_the_right_code_and_every_reason,
    a_question_needs_no_place_although_georeport_asks_for_one,
    a_repetition_with_the_same_key_is_the_same_request_and_the_key_is_its_token,
    many_repetitions_at_the_same_time_make_one_ticket,
    a_key_is_valid_until_it_is_revoked_and_is_never_stored,
    other_ways_to_send_a_form_are_taken_or_refused_clearly,
);

const POTHOLE: [(&str, &str); 2] =
    [("service_code", "strade.buche"), ("address_string", "via roma 12, davanti alla scuola")];

fn stored(town: &Town, id: &str) -> sportello_central::ticket::Ticket {
    let id = Uuid::parse_str(id).unwrap();
    town.runtime.block_on(town.central().state.tickets.get(AUTHORITY, id)).unwrap().unwrap()
}

fn a_request_becomes_a_ticket_with_all_that_was_sent(town: &Town) {
    let form = [
        ("service_code", "strade.lampioni"),
        ("lat", "45.5381"),
        ("long", "10.2193"),
        ("address_string", "via roma 12, davanti alla scuola"),
        ("description", "Lampione <spento>\ne \"rotto\" & pericoloso"),
        ("first_name", "Mario"),
        ("last_name", "Rossi"),
        ("email", "mario@example.it"),
        ("phone", "333 1234567"),
        ("account_id", "a7"),
        ("media_url", "https://foto.example.it/1.jpg"),
        ("attribute[PALO]", "12"),
        ("attribute[COLORE][]", "b"),
        ("attribute[COLORE][]", "g"),
        ("attribute[ALTRO]", "x"),
    ];
    let answer = town.post(&form, &[]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = answer.json();
    assert_eq!(answer.as_array().unwrap().len(), 1);
    assert_eq!(answer[0]["account_id"], "a7");
    assert!(answer[0].get("token").is_none(), "an id or a token, never both");
    let id = answer[0]["service_request_id"].as_str().unwrap();

    let ticket = stored(town, id);
    let new = &ticket.opened.ticket;
    assert_eq!(new.kind, Kind::Report);
    assert_eq!(new.words, "Lampione <spento>\ne \"rotto\" & pericoloso");
    assert_eq!(
        new.place,
        Place::Street { street: "Via Roma".into(), number: "12".into(), note: "davanti alla scuola".into() }
    );
    assert_eq!(
        (&*new.contact.name, &*new.contact.email, &*new.contact.phone),
        ("Mario Rossi", "mario@example.it", "333 1234567")
    );
    let attributes = [("PALO", "12"), ("COLORE", "b"), ("COLORE", "g")];
    assert_eq!(new.attributes, attributes.map(|(code, value)| (code.to_owned(), value.to_owned())));
    assert_eq!(ticket.opened.channel_fields["attribute[ALTRO]"], "x");
    assert_eq!(ticket.office.as_deref(), Some("strade"));
    assert!(answer[0]["service_notice"].as_str().unwrap().contains(&new.code.to_string()));
    assert_ne!(new.code.to_string(), id);
    assert!(id.parse::<TicketCode>().is_err());

    let record = town.get(&format!("v2/requests/{id}.json")).json();
    assert_eq!(
        record,
        json!([{
            "service_request_id": id, "status": "open", "status_notes": "Ricevuta", "service_name": "Lampione",
            "service_code": "strade.lampioni", "description": "Lampione <spento>\ne \"rotto\" & pericoloso",
            "agency_responsible": "Ufficio strade, Comune di Montefiorito", "service_notice": null,
            "requested_datetime": "2026-11-22T08:00:00Z", "updated_datetime": "2026-11-22T08:00:00Z",
            "expected_datetime": "2026-12-22T22:59:59Z", "address": "Via Roma 12", "address_id": null,
            "zipcode": null, "lat": 45.5381, "long": 10.2193, "media_url": "https://foto.example.it/1.jpg"
        }])
    );
    let xml = town.get(&format!("v2/requests/{id}.xml")).body;
    assert!(
        xml.contains(
            "<description>Lampione &lt;spento&gt;\ne &quot;rotto&quot; &amp; pericoloso</description>"
        ),
        "{xml}"
    );
}

fn a_request_that_cannot_be_taken_is_refused_with_the_right_code_and_every_reason(town: &Town) {
    let long = "a".repeat(4_001);
    for (form, status, says) in [
        (&[("service_code", "strade.buche")][..], 400, "luogo"),
        (&[("service_code", "strade.buche"), ("lat", "45.5")], 400, "lat e long"),
        (&[("service_code", "nessuna"), ("address_string", "Via Roma")], 404, "service_code"),
        (&[("service_code", "strade"), ("address_string", "Via Roma")], 404, "service_code"),
        (&[("address_string", "Via Roma")], 400, "service_code"),
        (&[POTHOLE[0], POTHOLE[1], ("description", &long)], 400, "4000"),
        (&[POTHOLE[0], POTHOLE[1], ("jurisdiction_id", "altrove.example")], 404, "jurisdiction_id"),
        (&[POTHOLE[0], POTHOLE[1], ("api_key", "wrong")], 403, "api_key"),
        (&[POTHOLE[0], POTHOLE[1], ("api_key", "")], 403, "api_key"),
    ] {
        let answer = town.post(form, &[]);
        assert_eq!(answer.status, status, "{says}: {}", answer.body);
        assert!(answer.json()[0]["description"].as_str().unwrap().contains(says), "{says}: {}", answer.body);
    }
    let wrong = [("service_code", "strade.lampioni"), ("attribute[COLORE][]", "x")];
    let errors = town.post(&wrong, &[]).json();
    let errors: Vec<_> =
        errors.as_array().unwrap().iter().map(|error| error["description"].as_str().unwrap()).collect();
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert!(errors[1].contains("attribute[PALO]") && errors[2].contains("attribute[COLORE]"), "{errors:?}");
    assert_eq!(town.get("v2/requests.json").json(), json!([]), "nothing was opened");
}

fn a_question_needs_no_place_although_georeport_asks_for_one(town: &Town) {
    let id = town.posted(&[("service_code", "anagrafe.domande"), ("description", "Che cosa serve?")]);
    let ticket = stored(town, &id);
    assert_eq!(
        (ticket.opened.ticket.kind, ticket.opened.ticket.place.clone()),
        (Kind::Question, Place::Nowhere)
    );
}

fn a_repetition_with_the_same_key_is_the_same_request_and_the_key_is_its_token(town: &Town) {
    let key = [("idempotency-key", "7b0c2f8e")];
    let first = town.post(&POTHOLE, &key);
    let again = town.post(&POTHOLE, &key);
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    let id = first.json()[0]["service_request_id"].clone();
    assert_eq!(
        town.get("v2/tokens/7b0c2f8e.json").json(),
        json!([{ "service_request_id": id, "token": "7b0c2f8e" }])
    );

    let other = town.post(&[POTHOLE[0], ("address_string", "Via Po")], &key);
    assert_eq!(other.status, 400, "{}", other.body);
    let unnamed = town.post(&POTHOLE, &[]);
    assert_ne!(unnamed.json()[0]["service_request_id"], id);
    let another_client = town.runtime.block_on(town.keys().create(AUTHORITY, "Altra app")).unwrap();
    let theirs = town.post(&[&POTHOLE[..], &[("api_key", &another_client)]].concat(), &key);
    assert_ne!(theirs.json()[0]["service_request_id"], id, "keys of one client mean nothing to another");
    assert_eq!(town.get("v2/tokens/7b0c2f8e.json").status, 404, "two clients' requests are not mixed up");
    for wrong in ["", "\"\"", &"k".repeat(101)] {
        assert_eq!(town.post(&POTHOLE, &[("idempotency-key", wrong)]).status, 400, "{wrong}");
    }
}

fn many_repetitions_at_the_same_time_make_one_ticket(town: &Town) {
    let (url, key) = (&town.url("v2/requests.json"), &town.key);
    let ids: HashSet<String> = std::thread::scope(|scope| {
        let one = move || -> Answer {
            let form = [("api_key", key.as_str()), POTHOLE[0], POTHOLE[1]];
            read(agent().post(url).header("idempotency-key", "one").send_form(form))
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap().json()[0]["service_request_id"].to_string())
            .collect()
    });
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(town.get("v2/requests.json").json().as_array().unwrap().len(), 1);
}

fn a_key_is_valid_until_it_is_revoked_and_is_never_stored(town: &Town) {
    let keys = town.keys();
    let listed = town.runtime.block_on(keys.list(AUTHORITY)).unwrap();
    assert_eq!((listed.len(), &*listed[0].name, listed[0].is_revoked), (1, "App", false));
    assert!(!format!("{listed:?}").contains(&town.key));
    assert_eq!(town.post(&POTHOLE, &[]).status, 200);
    assert!(town.runtime.block_on(keys.revoke(AUTHORITY, &listed[0].digest)).unwrap());
    assert!(!town.runtime.block_on(keys.revoke(AUTHORITY, &listed[0].digest)).unwrap());
    assert_eq!(town.post(&POTHOLE, &[]).status, 403);
}

fn other_ways_to_send_a_form_are_taken_or_refused_clearly(town: &Town) {
    let send = |content_type: &str, body: &str| {
        let url = town.url(&format!("v2/requests.json?api_key={}&service_code=strade.buche", town.key));
        read(agent().post(url).header("content-type", content_type).send(body))
    };
    let part =
        |head: &str, body: &str| format!("--b\r\ncontent-disposition: form-data; {head}\r\n\r\n{body}\r\n");
    let multipart = "multipart/form-data; boundary=b";
    let taken = send(multipart, &(part("name=\"address_string\"", "Via Roma 3") + "--b--\r\n"));
    assert_eq!(taken.status, 200, "{}", taken.body);
    let file = send(multipart, &(part("name=\"media\"; filename=\"a.jpg\"", "JPEG") + "--b--\r\n"));
    assert!(file.status == 400 && file.body.contains("media_url"), "{}", file.body);
    assert_eq!(send(multipart, "nonsense").status, 400);
    let json = send("application/json", "{}");
    assert!(json.status == 400 && json.body.contains("x-www-form-urlencoded"), "{}", json.body);
    let form = send("application/x-www-form-urlencoded; charset=utf-8", "address_string=Via+Roma+3");
    assert_eq!(form.status, 200, "{}", form.body);
    let much = format!("address_string={}", "a".repeat(sportello_central::http::open311::MAX_POST_BYTES));
    let much = send("application/x-www-form-urlencoded", &much);
    assert!(much.status == 400 && much.body.contains("256 KB"), "{}", much.body);
}
