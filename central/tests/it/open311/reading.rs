//! Services, definitions, discovery, and what cannot be read.

use super::{AUTHORITY, Town};

#[test]
fn services_are_the_leaves_in_both_formats() {
    let town = Town::on_sqlite();
    let json = town.get("v2/services.json");
    assert_eq!((json.status, &*json.content_type), (200, "application/json; charset=utf-8"));
    let services = json.json();
    let codes: Vec<_> = services.as_array().unwrap().iter().map(|service| &service["service_code"]).collect();
    assert_eq!(codes, ["strade.buche", "strade.lampioni", "anagrafe.domande"]);
    assert_eq!(
        services[1],
        serde_json::json!({
            "service_code": "strade.lampioni", "service_name": "Lampione", "description": "Che cosa va qui",
            "metadata": true, "type": "realtime", "keywords": "asfalto, voragine", "group": "Strade & piazze"
        })
    );
    let xml = town.get("v2/services.xml");
    assert_eq!((xml.status, &*xml.content_type), (200, "text/xml; charset=utf-8"));
    let begin = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<services><service><service_code>strade.buche</service_code>";
    assert!(xml.body.starts_with(begin), "{}", xml.body);
    assert!(xml.body.contains("<group>Strade &amp; piazze</group></service><service>"), "{}", xml.body);
}

#[test]
fn a_definition_has_the_questions_in_order_and_asks_for_nothing_that_is_only_shown() {
    let town = Town::on_sqlite();
    let definition = town.get("v2/services/strade.lampioni.json").json();
    assert_eq!(definition["service_code"], "strade.lampioni");
    let of = |field: &str| -> Vec<_> {
        definition["attributes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|attribute| attribute[field].clone())
            .collect()
    };
    assert_eq!(of("code"), ["PALO", "COLORE", "NOTA"]);
    assert_eq!(of("datatype"), ["number", "multivaluelist", "string"]);
    assert_eq!(of("variable"), [true, true, false]);
    assert_eq!(of("required"), [true, false, false]);
    assert_eq!(of("order"), [1, 2, 3]);
    assert_eq!(definition["attributes"][1]["values"][0], serde_json::json!({ "key": "b", "name": "Bianco" }));
    let empty = town.get("v2/services/strade.buche.json").json();
    assert_eq!(empty, serde_json::json!({ "service_code": "strade.buche", "attributes": [] }));
    let xml = town.get("v2/services/strade.lampioni.xml").body;
    assert!(
        xml.contains(
            "<service_definition><service_code>strade.lampioni</service_code><attributes><attribute>"
        ),
        "{xml}"
    );
    assert!(xml.contains("<values><value><key>b</key><name>Bianco</name></value>"), "{xml}");
}

#[test]
fn discovery_names_the_endpoint_and_both_formats() {
    let town = Town::on_sqlite();
    let discovery = town.get("discovery.json").json();
    let endpoint = &discovery["endpoints"][0];
    assert_eq!(endpoint["specification"], "http://wiki.open311.org/GeoReport_v2");
    assert_eq!(endpoint["url"], "https://sportello.example.it/open311/v2");
    assert_eq!(endpoint["type"], "production");
    assert_eq!(endpoint["formats"], serde_json::json!(["text/xml", "application/json"]));
    for field in ["changeset", "contact", "key_service"] {
        assert!(!discovery[field].as_str().unwrap().is_empty(), "{field}");
    }
    let xml = town.get("discovery.xml");
    assert_eq!(xml.content_type, "text/xml; charset=utf-8");
    assert!(
        xml.body.contains("<formats><format>text/xml</format><format>application/json</format></formats>")
    );
}

#[test]
fn what_does_not_exist_is_404_and_what_is_wrong_is_400() {
    let town = Town::on_sqlite();
    for (path, status) in [
        ("v2/services.json?jurisdiction_id=comune.montefiorito.example", 200),
        ("v2/services.json?jurisdiction_id=", 200),
        ("v2/services.json?jurisdiction_id=altrove.example", 404),
        ("v2/requests.json?jurisdiction_id=altrove.example", 404),
        ("v2/services/strade.json", 404),
        ("v2/services/nessuno.json", 404),
        ("v2/requests/nessuno.json", 404),
        ("v2/requests/00000000-0000-0000-0000-000000000000.json", 404),
        ("v2/tokens/nessuno.json", 404),
        ("v2/offices.json", 404),
        ("v2/services.yaml", 400),
        ("v2/services", 400),
        ("v2/requests.json?start_date=ieri", 400),
        ("v2/requests.json?start_date=2026-01-01T00:00:00Z&end_date=2026-04-02T00:00:00Z", 400),
        ("v2/requests.json?status=lost", 400),
        ("v2/requests.json?page=two", 400),
        ("discovery.yaml", 404),
    ] {
        let answer = town.get(path);
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        if status != 200 && path.contains(".json") {
            let error = &answer.json()[0];
            assert_eq!(error["code"], status, "{path}");
            assert!(error["description"].as_str().unwrap().ends_with('.'), "{path}");
        }
    }
    let xml = town.get("v2/services/nessuno.xml").body;
    assert!(xml.contains("<errors><error><code>404</code><description>La categoria"), "{xml}");
    assert!(town.get("v2/services.yaml").body.contains("<errors><error><code>400</code>"));
    let deleted = super::read(super::agent().delete(town.url("v2/requests.json")).call());
    assert_eq!((deleted.status, deleted.json()[0]["code"].clone()), (400, 400.into()));
}

#[test]
fn the_jurisdiction_has_to_be_named_where_there_are_several() {
    let town = Town::on_sqlite();
    town.add_authority("comune.altro.example");
    assert_eq!(town.get("v2/services.json").status, 400);
    assert_eq!(town.get(&format!("v2/services.json?jurisdiction_id={AUTHORITY}")).status, 200);
    let form = [("service_code", "strade.buche"), ("address_string", "Via Roma 1")];
    assert_eq!(town.post(&form, &[]).status, 400);
    let id = town.posted(&[&form[..], &[("jurisdiction_id", AUTHORITY)]].concat());
    assert_eq!(town.get(&format!("v2/requests/{id}.json?jurisdiction_id={AUTHORITY}")).status, 200);
    assert_eq!(town.get(&format!("v2/requests/{id}.json?jurisdiction_id=comune.altro.example")).status, 404);
}

#[test]
fn texts_and_errors_come_in_the_language_that_is_asked_for() {
    let town = Town::on_sqlite();
    assert_eq!(town.get_in("v2/services.json", "en-GB,en;q=0.9").json()[0]["service_name"], "Potholes");
    assert_eq!(town.get_in("v2/services.json", "*").json()[0]["service_name"], "Buche");
    let error = town.get_in("v2/services/nessuno.json", "en").json();
    assert_eq!(error[0]["description"], "The service_code is not known.");
}
