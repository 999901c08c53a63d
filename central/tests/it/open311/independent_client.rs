//! An independent client: the Python package `georeport`, which has seen none of this code.
//!
//! `python3` has to be able to import it (`pip install --target FOLDER georeport==0.3.1`, `PYTHONPATH=FOLDER`).

use std::process::Command;

use serde_json::{Value, json};
use sportello_wire::submission::{Kind, Place};

use super::Town;

const SCRIPT: &str = r"
import json, sys
from georeport import GeoReport
base, jurisdiction, format, request_id = sys.argv[1:5]
client = GeoReport(base, jurisdiction=jurisdiction, output_format=format)
print(json.dumps({
    'services': client.get_service_list(),
    'definition': client.get_service_definition('strade.lampioni'),
    'requests': client.get_service_requests(start_date='2026-11-01T00:00:00Z', end_date='2026-11-30T00:00:00Z', status='open'),
    'by_id': client.get_service_requests(service_request_id=request_id),
    'one': client.get_service_request(request_id),
}))
";

fn run(town: &Town, format: &str, id: &str) -> Value {
    let output = Command::new("python3")
        .args(["-c", SCRIPT, town.url("v2").as_str(), super::AUTHORITY, format, id])
        .env("NO_PROXY", "*")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
#[cfg_attr(no_georeport, ignore = "skipped: python3 with the package georeport is not here")]
fn an_independent_client_reads_the_same_from_both_formats() {
    let town = Town::on_sqlite();
    let place = Place::Street { street: "Via Roma".into(), number: "7".into(), note: String::new() };
    town.kiosk_ticket(Kind::Report, "strade.buche", place);
    let id = town.posted(&[
        ("service_code", "strade.lampioni"),
        ("lat", "45.5"),
        ("long", "10.25"),
        ("description", "Spento & rotto"),
        ("attribute[PALO]", "12"),
    ]);

    let json = run(&town, "json", &id);
    assert_eq!(json["services"][1]["service_code"], "strade.lampioni");
    assert_eq!(json["services"][1]["metadata"], true);
    assert_eq!(json["definition"]["attributes"][1]["values"][1], json!({ "key": "g", "name": "Giallo" }));
    assert_eq!(json["requests"].as_array().unwrap().len(), 2);
    assert_eq!(json["by_id"], json!([json["one"]]));
    assert_eq!(json["one"]["description"], "Spento & rotto");

    let xml = run(&town, "xml", &id);
    assert_eq!(texts(&xml["services"]), texts(&json["services"]));
    assert_eq!(texts(&xml["requests"]), texts(&json["requests"]));
    // In XML this client shows a list of one as its one item, and lists with the name of their items.
    assert_eq!(texts(&xml["one"]), texts(&json["one"]));
    assert_eq!(texts(&xml["by_id"]), texts(&json["one"]));
    assert_eq!(
        texts(&xml["definition"]["attributes"]["attribute"][1]["values"]["value"]),
        texts(&json["definition"]["attributes"][1]["values"])
    );
}

/// The value with every leaf as the text that XML has for it.
fn texts(value: &Value) -> Value {
    match value {
        Value::Bool(flag) => flag.to_string().into(),
        Value::Number(number) => number.to_string().into(),
        Value::Array(items) => items.iter().map(texts).collect(),
        Value::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), texts(field))).collect(),
        other => other.clone(),
    }
}
