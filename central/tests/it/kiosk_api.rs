//! The device API over real HTTP, signed as kiosks sign.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use sportello_central::{
    device::AfterCommit,
    start::{Central, Running, StartError},
};
use sportello_wire::{
    catalogue::CatalogueDelta,
    device::{Heartbeat, HeartbeatAnswer, MAX_BATCH, MAX_BODY_BYTES, Outcome, SubmissionResult},
    keys::DeviceKey,
    submission::Submission,
    ticket::TicketState,
};
use uuid::Uuid;

use crate::{
    client::Client,
    town::{AUTHORITY, NOON, Town, new_ticket},
};

async fn served() -> (Town, Running) {
    let town = Town::on_sqlite().await;
    let running = Central::start(town.config.clone()).await.expect("a central");
    (town, running)
}

async fn enrolled(town: &Town, running: &Running) -> Client {
    let code = town.state.devices.make_code(AUTHORITY, "Biblioteca").await.expect("a code").code;
    Client::enrol(&format!("http://{}", running.address), &code)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kiosk_joins_sends_and_follows() {
    let (town, running) = served().await;
    let code = town.state.devices.make_code(AUTHORITY, "Biblioteca").await.expect("a code").code;
    let client = Client::enrol(&format!("http://{}", running.address), &code);
    let enrolment = &client.enrolment;
    let fingerprint = client.key.public().fingerprint();
    assert_eq!((enrolment.site.as_str(), &enrolment.fingerprint), ("Biblioteca", &fingerprint));
    assert_eq!(enrolment.sealing_keys, [town.state.opening_key.public().to_info()]);
    let public_key = client.key.public().to_base64();
    let again = json!({ "code": code, "public_key": public_key, "version": "0.1.0" });
    let used = client.call("POST", "/v1/enrol", "", again.to_string().as_bytes());
    assert_eq!(Client::problem(used), (403, "bad_code".into()));

    let envelope =
        |sequence, new| client.seal(sequence, &Submission::Ticket(new), town.state.opening_key.public());
    let all: CatalogueDelta = client.ask("GET", "/v1/catalogue", "cursor=", &Value::Null);
    assert_eq!(all.changes.len(), 9);

    let (first, second) = (new_ticket(), new_ticket());
    let codes = [first.code, second.code, new_ticket().code];
    let one = envelope(1, first);
    let path = format!("/v1/submissions/{}", one.header.id);
    let taken: SubmissionResult = client.ask("PUT", &path, "", &json!(one));
    assert!(matches!(taken.outcome, Outcome::Created { digest, .. } if digest == one.digest()));
    let mut broken = envelope(2, new_ticket());
    broken.ciphertext = "AAAA".into();
    let batch = json!([broken, one, envelope(3, second)]);
    let results: Vec<SubmissionResult> = client.ask("POST", "/v1/submissions", "", &batch);
    let outcomes: Vec<_> = results.iter().map(|result| &result.outcome).collect();
    assert!(
        matches!(outcomes[..], [Outcome::Refused { .. }, Outcome::Exists { .. }, Outcome::Created { .. }]),
        "{outcomes:?}"
    );

    let states: Vec<TicketState> = client.ask("POST", "/v1/tickets", "", &json!({ "codes": codes }));
    assert_eq!(states.iter().map(|state| state.code).collect::<Vec<_>>(), codes[..2]);
    let heartbeat = Heartbeat {
        version: "0.1.1".into(),
        waiting: 1,
        quarantined: 0,
        oldest: None,
        epoch: Uuid::from_u128(1),
        last_sequence: 4,
        printer: "ready".into(),
        clock: NOON.parse().expect("a time"),
    };
    let answer: HeartbeatAnswer = client.ask("POST", "/v1/heartbeat", "", &json!(heartbeat));
    assert_eq!((answer.missing, answer.clock.to_string().as_str()), (vec![2, 4], NOON));
    let kept = town.state.devices.list(AUTHORITY).await.expect("a list").remove(0);
    assert_eq!((kept.version.as_str(), kept.heartbeat.expect("a heartbeat").waiting), ("0.1.1", 1));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_not_a_kiosk_of_the_network_gets_nothing() {
    let (town, running) = served().await;
    let mut client = enrolled(&town, &running).await;
    let kiosk = client.enrolment.device.clone();
    let refused = |answer| Client::problem(answer);
    let changed = client.call_signed_for("POST", "/v1/tickets", "", b"{\"codes\":[]}", b"{\"codes\": []}");
    assert_eq!(refused(changed), (401, "bad_signature".into()));
    let plain = client.agent.get(format!("{}/v1/catalogue", client.base)).call().expect("an answer");
    assert_eq!(plain.status(), 401);
    let own = std::mem::replace(&mut client.key, DeviceKey::generate());
    assert_eq!(refused(client.call("GET", "/v1/catalogue", "", b"")), (401, "bad_signature".into()));
    client.key = own;
    client.enrolment.device = "k-nobody".into();
    assert_eq!(refused(client.call("GET", "/v1/catalogue", "", b"")), (401, "unknown_device".into()));
    client.enrolment.device.clone_from(&kiosk);
    assert_eq!(client.call("GET", "/v1/catalogue", "", b"").expect("an answer").0, 200);
    town.state.devices.revoke(AUTHORITY, &kiosk).await.expect("revoked");
    assert_eq!(refused(client.call("GET", "/v1/catalogue", "", b"")), (403, "revoked".into()));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_much_or_makes_no_sense_is_refused() {
    let (town, running) = served().await;
    let client = enrolled(&town, &running).await;
    let codes: Vec<_> = (0..101).map(|_| new_ticket().code).collect();
    let many = serde_json::to_vec(&json!({ "codes": codes })).expect("json");
    assert_eq!(Client::problem(client.call("POST", "/v1/tickets", "", &many)), (413, "too_large".into()));
    let envelope = client.seal(1, &Submission::Ticket(new_ticket()), town.state.opening_key.public());
    let batch = serde_json::to_vec(&vec![envelope.clone(); MAX_BATCH + 1]).expect("json");
    assert_eq!(
        Client::problem(client.call("POST", "/v1/submissions", "", &batch)),
        (413, "too_large".into())
    );
    let great = vec![b' '; MAX_BODY_BYTES + 1];
    assert_eq!(Client::problem(client.call("POST", "/v1/tickets", "", &great)), (413, "too_large".into()));
    assert_eq!(Client::problem(client.call("POST", "/v1/tickets", "", b"{")), (400, "bad_request".into()));
    let elsewhere = format!("/v1/submissions/{}", Uuid::new_v4());
    let body = serde_json::to_vec(&envelope).expect("json");
    assert_eq!(Client::problem(client.call("PUT", &elsewhere, "", &body)), (400, "bad_request".into()));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_lost_after_the_commit_does_not_make_a_second_ticket() {
    let mut town = Town::on_sqlite().await;
    let committed = Arc::new(AtomicUsize::new(0));
    let count = committed.clone();
    town.config.on_committed = Some(Arc::new(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        AfterCommit::DropConnection
    }));
    let running = Central::start(town.config.clone()).await.expect("a central");
    let client = enrolled(&town, &running).await;
    let envelope = client.seal(1, &Submission::Ticket(new_ticket()), town.state.opening_key.public());
    let path = format!("/v1/submissions/{}", envelope.header.id);
    let body = serde_json::to_vec(&envelope).expect("json");
    client.call("PUT", &path, "", &body).expect_err("no answer");
    let again: SubmissionResult = client.ask("PUT", &path, "", &json!(envelope));
    assert!(matches!(again.outcome, Outcome::Exists { .. }), "{again:?}");
    assert_eq!(committed.load(Ordering::SeqCst), 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_still_there_after_a_new_start() {
    let (town, running) = served().await;
    let (kiosk, key) = town.kiosk().await;
    let new = new_ticket();
    let envelope = town.envelope(&kiosk, &key, 1, &Submission::Ticket(new.clone()));
    assert!(matches!(running.state.intake.take(&kiosk, &envelope).await.outcome, Outcome::Created { .. }));
    running.stop().await;

    let (config, folder) = (town.config.clone(), town.folder);
    town.state.store.close().await.expect("closed");
    let opening_key = town.state.opening_key.public().to_info();
    // On a thread of its own, as in a program without a runtime.
    let blocking = std::thread::spawn(move || {
        let central = Central::start_on_thread(config).expect("a central");
        assert_eq!(central.state.opening_key.public().to_info(), opening_key);
        let taken = central.block_on(central.state.intake.take(&kiosk, &envelope));
        assert!(matches!(taken.outcome, Outcome::Exists { .. }));
        let states = central.block_on(central.state.tickets.states(AUTHORITY, &[new.code]));
        assert_eq!(states.expect("states").len(), 1);
        central.stop();
    });
    blocking.join().expect("no panic");
    drop(folder);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_taken_port_is_said_clearly() {
    let (town, running) = served().await;
    let mut config = town.config.clone();
    config.listen = running.address;
    let Err(error) = Central::start(config).await else { panic!("two centrals on one port") };
    assert!(matches!(error, StartError::AddressTaken { address } if address == running.address));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_is_described_and_every_answer_is_strict() {
    let (_town, running) = served().await;
    let base = format!("http://{}", running.address);
    let mut response = ureq::get(format!("{base}/openapi.json")).call().expect("a description");
    for header in ["content-security-policy", "x-content-type-options", "referrer-policy"] {
        assert!(response.headers().contains_key(header), "{header}");
    }
    let description: Value = response.body_mut().read_json().expect("json");
    let paths = description["paths"].as_object().expect("paths");
    for (path, method) in [
        ("/v1/enrol", "post"),
        ("/v1/catalogue", "get"),
        ("/v1/submissions/{id}", "put"),
        ("/v1/submissions", "post"),
        ("/v1/tickets", "post"),
        ("/v1/heartbeat", "post"),
    ] {
        assert!(paths[path][method]["responses"]["200"].is_object(), "{method} {path}");
    }
    assert_eq!(description["security"], json!([{ "signature": [] }]));
    assert_eq!(description["components"]["securitySchemes"]["signature"]["name"], "Signature");
    assert_eq!(paths["/v1/enrol"]["post"]["security"], json!([{}]));
    // Whatever a call refers to is described, too.
    let text = description.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().expect("a name");
        assert!(description["components"]["schemas"][name].is_object(), "{name}");
    }
    let health: Value =
        ureq::get(format!("{base}/health")).call().expect("health").body_mut().read_json().expect("json");
    assert_eq!(health, json!({ "status": "ok" }));
    running.stop().await;
}
