//! Sync against a small central on real TCP that is told to misbehave.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};

use jiff::Timestamp;
use sportello_wire::{
    catalogue::{CatalogueDelta, Change, Entry, EntryType, Street},
    device::{
        Enrolment, HeartbeatAnswer, Outcome, Problem, Refusal, SealingKeyInfo, SubmissionResult, TicketQuery,
    },
    envelope::{ClockState, Envelope},
    keys::{DevicePublicKey, OpeningKey},
    signature::{self, SignedHeaders},
    submission::Submission,
};
use uuid::Uuid;

use super::{
    central::Central,
    identity::Identity,
    testing::{Observed, Received, Reply, Server},
    *,
};
use crate::outbox::{
    Obstacle,
    testing::{Kiosk, code, now, state, ticket},
};

/// What a central has to do so that a kiosk can work with it.
#[derive(Default)]
struct TestCentral {
    device: Option<DevicePublicKey>,
    sealing_keys: Vec<SealingKeyInfo>,
    envelopes: BTreeMap<Uuid, Envelope>,
    /// Submissions that it never takes.
    refuse: Vec<Uuid>,
    deltas: Vec<CatalogueDelta>,
    /// What is done to the next answers of submissions, before the usual ones.
    spoil: Vec<Spoil>,
}

enum Spoil {
    /// The work is done, and the answer is replaced.
    After(Reply),
    /// The work is not done.
    Instead(Reply),
    /// Everything is confirmed under a wrong digest.
    WrongDigest,
}

impl TestCentral {
    fn answer(&mut self, request: &Received) -> Reply {
        if request.path == "/v1/enrol" {
            return self.enrol(request);
        }
        let header = |name: &str| request.headers.get(name).cloned().unwrap_or_default();
        let headers = SignedHeaders {
            content_digest: header("content-digest"),
            signature_input: header("signature-input"),
            signature: header("signature"),
        };
        let signed = signature::Request {
            method: &request.method,
            path: &request.path,
            query: &request.query,
            body: &request.body,
        };
        let known = self.device.expect("an enrolled kiosk");
        if signature::verify(signed, &headers, &known).is_err() {
            return Reply::json(401, &Problem { problem: "bad_signature".into() });
        }
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/v1/catalogue") if self.deltas.is_empty() => Reply::status(500),
            ("GET", "/v1/catalogue") => Reply::json(200, &self.deltas.remove(0)),
            ("POST", "/v1/heartbeat") => Reply::json(
                200,
                &HeartbeatAnswer {
                    clock: Timestamp::now(),
                    sealing_keys: self.sealing_keys.clone(),
                    missing: Vec::new(),
                },
            ),
            ("POST", "/v1/tickets") => {
                let query: TicketQuery = serde_json::from_slice(&request.body).expect("a query");
                let known: Vec<_> =
                    (1..=3).map(state).filter(|one| query.codes.contains(&one.code)).collect();
                Reply::json(200, &known)
            }
            ("POST", "/v1/submissions") => self.submissions(request),
            ("PUT", path) if path.starts_with("/v1/submissions/") => self.submissions(request),
            _ => Reply::status(404),
        }
    }

    fn enrol(&mut self, request: &Received) -> Reply {
        let request: sportello_wire::device::EnrolRequest =
            serde_json::from_slice(&request.body).expect("a request");
        if request.code != "GOOD-CODE" {
            return Reply::json(403, &Problem { problem: "bad_code".into() });
        }
        let key = DevicePublicKey::from_base64(&request.public_key).expect("a key");
        self.device = Some(key);
        Reply::json(
            200,
            &Enrolment {
                device: "kiosk-1".into(),
                authority: "comune.example.it".into(),
                site: "Biblioteca".into(),
                sealing_keys: self.sealing_keys.clone(),
                fingerprint: key.fingerprint(),
            },
        )
    }

    fn submissions(&mut self, request: &Received) -> Reply {
        let spoil = if self.spoil.is_empty() { None } else { Some(self.spoil.remove(0)) };
        if let Some(Spoil::Instead(reply)) = spoil {
            return reply;
        }
        let single = request.method == "PUT";
        let envelopes: Vec<Envelope> = if single {
            vec![serde_json::from_slice(&request.body).expect("an envelope")]
        } else {
            serde_json::from_slice(&request.body).expect("envelopes")
        };
        let mut results: Vec<SubmissionResult> =
            envelopes.into_iter().map(|envelope| self.take(envelope)).collect();
        if let Some(Spoil::WrongDigest) = spoil {
            for result in &mut results {
                if let Outcome::Created { digest, .. } | Outcome::Exists { digest, .. } = &mut result.outcome
                {
                    *digest = "0".repeat(64);
                }
            }
        }
        match spoil {
            Some(Spoil::After(reply)) => reply,
            _ if single => Reply::json(200, &results[0]),
            _ => Reply::json(200, &results),
        }
    }

    fn take(&mut self, envelope: Envelope) -> SubmissionResult {
        let id = envelope.header.id;
        let ticket = Box::new(state(envelope.header.sequence));
        let digest = envelope.digest();
        let outcome = if self.refuse.contains(&id) {
            Outcome::Refused { reason: Refusal::UnknownContent }
        } else if self.envelopes.insert(id, envelope).is_some() {
            Outcome::Exists { digest, ticket }
        } else {
            Outcome::Created { digest, ticket }
        };
        SubmissionResult { id, outcome }
    }
}

/// A kiosk that is enrolled at a central over real HTTP.
struct Scene {
    kiosk: Kiosk,
    central: Arc<Mutex<TestCentral>>,
    server: Server,
    identity: Identity,
}

impl Scene {
    fn new() -> Self {
        let mut kiosk = Kiosk::new();
        let central = Arc::new(Mutex::new(TestCentral {
            sealing_keys: vec![kiosk.central.public().to_info()],
            ..TestCentral::default()
        }));
        let server = serve("127.0.0.1:0", &central);
        let identity =
            Identity::enrol(kiosk.folder.path(), &server.url, &HttpOptions::default(), " GOOD-CODE", "1")
                .expect("enrolled");
        kiosk.outbox.set_sealer(identity.sealer());
        kiosk.device = identity.sealer().signer;
        Self { kiosk, central, server, identity }
    }

    fn remote(&self) -> Remote {
        let options = HttpOptions { timeout: Duration::from_millis(700), ..HttpOptions::default() };
        Remote::Central(Box::new(
            Central::new(&self.server.url, &options, self.identity.clone()).expect("an address"),
        ))
    }

    fn submit(&self, number: u64) -> Uuid {
        let id = Uuid::from_u128(u128::from(number));
        self.kiosk.outbox.submit(id, &ticket(number), now(), ClockState::Guess).expect("accepted");
        id
    }

    fn spoil(&self, spoil: Vec<Spoil>) {
        self.central.lock().expect("a central").spoil = spoil;
    }

    fn arrived(&self) -> Vec<Submission> {
        let central = self.central.lock().expect("a central");
        let open = |envelope: &Envelope| {
            envelope.verify(&self.kiosk.device.public()).expect("signed");
            envelope.open(&self.kiosk.central).expect("opened")
        };
        central.envelopes.values().map(open).collect()
    }
}

fn serve(address: &str, central: &Arc<Mutex<TestCentral>>) -> Server {
    let central = Arc::clone(central);
    Server::start_at(address, move |request| central.lock().expect("a central").answer(request))
}

fn delivered(id: Uuid) -> impl FnMut(&SyncEvent) -> Option<()> {
    move |event| matches!(event, SyncEvent::Delivered { id: of, .. } if *of == id).then_some(())
}

#[test]
fn a_submission_travels_to_the_central_and_its_ticket_is_known_afterwards() {
    let scene = Scene::new();
    let observed = Observed::start(&scene.kiosk, scene.remote());
    observed.wait_for(&SyncEvent::Reached);
    let id = scene.submit(1);
    observed.handle.wake();
    observed.wait(delivered(id));
    assert_eq!(scene.arrived(), [ticket(1)]);
    let known = scene.kiosk.outbox.known_ticket(&code(1)).expect("read").expect("known");
    assert_eq!((known.waiting, known.state), (0, Some(state(1))));
}

#[test]
fn whatever_goes_wrong_on_the_way_the_ticket_arrives_once() {
    let scene = Scene::new();
    let garbage = || Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"id\":".to_vec());
    let html = || Reply::Answer(200, Vec::new(), b"<html>Wi-Fi login</html>".to_vec());
    scene.spoil(vec![
        Spoil::After(Reply::HangUp),
        Spoil::After(garbage()),
        Spoil::Instead(Reply::HangUp),
        Spoil::Instead(Reply::status(500)),
        Spoil::Instead(Reply::status(404)),
        Spoil::Instead(Reply::status(413)),
        Spoil::Instead(html()),
        Spoil::Instead(Reply::Raw(b"SSH-2.0-OpenSSH\r\n".to_vec())),
        Spoil::After(Reply::Silence),
        Spoil::WrongDigest,
        Spoil::After(Reply::status(502)),
    ]);
    let id = scene.submit(1);
    let observed = Observed::start(&scene.kiosk, scene.remote());
    observed.wait(delivered(id));
    assert_eq!(scene.arrived(), [ticket(1)]);
    assert_eq!(scene.server.requests("PUT", "/v1/submissions/").len(), 12);
    assert_eq!(scene.kiosk.outbox.tally().expect("a tally").quarantined, 0);
}

#[test]
fn a_connection_cut_while_sending_is_tried_again() {
    let scene = Scene::new();
    scene.server.cutting.store(true, Ordering::SeqCst);
    let id = scene.submit(1);
    let observed = Observed::start(&scene.kiosk, scene.remote());
    observed.wait_for(&SyncEvent::Unreachable(Trouble::Network));
    scene.server.cutting.store(false, Ordering::SeqCst);
    observed.wait(delivered(id));
    assert_eq!(scene.arrived(), [ticket(1)]);
}

#[test]
fn a_central_that_was_away_gets_everything_when_it_is_back() {
    let Scene { kiosk, central, server, identity } = Scene::new();
    let address = server.address().to_owned();
    drop(server);
    let options = HttpOptions::default();
    let remote = Remote::Central(Box::new(
        Central::new(&format!("http://{address}"), &options, identity).expect("ok"),
    ));
    let observed = Observed::start(&kiosk, remote);
    observed.wait_for(&SyncEvent::Unreachable(Trouble::Network));
    for number in 1..=3 {
        let id = Uuid::from_u128(u128::from(number));
        kiosk.outbox.submit(id, &ticket(number), now(), ClockState::Guess).expect("accepted");
        observed.handle.wake();
    }
    let _server = serve(&address, &central);
    let mut left = 3;
    observed.wait(|event| {
        left -= i32::from(matches!(event, SyncEvent::Delivered { .. }));
        (left == 0).then_some(())
    });
    assert_eq!(central.lock().expect("a central").envelopes.len(), 3);
}

#[test]
fn in_a_batch_one_that_is_refused_does_not_hold_up_the_others() {
    let scene = Scene::new();
    let [first, bad, last] = [1, 2, 3].map(|number| scene.submit(number));
    scene.central.lock().expect("a central").refuse = vec![bad];
    let observed = Observed::start(&scene.kiosk, scene.remote());
    let reason = QuarantineReason::Refused(Refusal::UnknownContent);
    let mut seen = Vec::new();
    observed.wait(|event| {
        match event {
            SyncEvent::Delivered { id, .. } => seen.push((*id, true)),
            SyncEvent::Quarantined { id, reason: why } if *why == reason => seen.push((*id, false)),
            _ => {}
        }
        (seen.len() == 3).then_some(())
    });
    assert_eq!(seen, [(first, true), (bad, false), (last, true)]);
    assert_eq!(scene.server.requests("POST", "/v1/submissions").len(), 1);

    scene.central.lock().expect("a central").refuse.clear();
    scene.kiosk.outbox.requeue(bad).expect("requeued");
    observed.handle.wake();
    observed.wait(delivered(bad));
}

#[test]
fn a_central_that_is_too_busy_is_left_alone_as_long_as_it_asks() {
    let scene = Scene::new();
    let busy = Reply::Answer(429, vec![("retry-after", "1".into())], Vec::new());
    scene.spoil(vec![Spoil::Instead(busy)]);
    let id = scene.submit(1);
    let observed = Observed::start(&scene.kiosk, scene.remote());
    observed.wait(delivered(id));
    let calls = scene.server.requests("PUT", "/v1/submissions/");
    assert!(calls[1].at - calls[0].at >= Duration::from_secs(1));
}

#[test]
fn a_kiosk_that_was_revoked_keeps_everything() {
    let scene = Scene::new();
    scene.central.lock().expect("a central").device =
        Some(sportello_wire::keys::DeviceKey::generate().public());
    scene.submit(1);
    let observed = Observed::start(&scene.kiosk, scene.remote());
    observed.wait_for(&SyncEvent::Unreachable(Trouble::NotAdmitted));
    observed.handle.stop();
    let tally = scene.kiosk.outbox.tally().expect("a tally");
    assert_eq!((tally.waiting, tally.quarantined), (1, 0));
}

#[test]
fn the_catalogue_comes_in_parts_and_goes_on_where_it_was() {
    let scene = Scene::new();
    let street = |name: &str| Entry::Street(Street { name: name.into(), area: "centro".into() });
    let delta =
        |cursor: &str, reset, changes, more| CatalogueDelta { cursor: cursor.into(), reset, changes, more };
    scene.central.lock().expect("a central").deltas = vec![
        delta("a b&c", true, vec![Change::Put { item: street("Via Dante") }], true),
        delta("2", false, vec![Change::Put { item: street("Via Verdi") }], false),
        delta(
            "3",
            false,
            vec![Change::Remove { entry_type: EntryType::Street, key: "Via Dante".into() }],
            false,
        ),
    ];
    let observed = Observed::start(&scene.kiosk, scene.remote());
    observed.wait_for(&SyncEvent::CatalogueChanged);
    observed.handle.refresh_catalogue();
    observed.wait_for(&SyncEvent::CatalogueChanged);
    let asked: Vec<String> =
        scene.server.requests("GET", "/v1/catalogue").into_iter().map(|request| request.query).collect();
    assert_eq!(asked[..3], ["", "cursor=a%20b%26c", "cursor=2"]);
    let catalogue = Catalogue::open(&scene.kiosk.folder.path().join("catalogue.db")).expect("a catalogue");
    let streets: Vec<String> =
        catalogue.streets("via", 9).expect("streets").into_iter().map(|street| street.name).collect();
    assert_eq!(streets, ["Via Verdi"]);
}

#[test]
fn a_central_that_never_comes_to_an_end_is_not_asked_for_ever() {
    let scene = Scene::new();
    let stuck = CatalogueDelta { cursor: "1".into(), reset: false, changes: Vec::new(), more: true };
    scene.central.lock().expect("a central").deltas = vec![stuck; 50];
    let observed = Observed::start(&scene.kiosk, scene.remote());
    observed.wait_for(&SyncEvent::Reached);
    let id = scene.submit(1);
    observed.handle.wake();
    observed.wait(delivered(id));
    assert!(observed.handle.is_running());
    observed.handle.stop();
    assert!(scene.server.requests("GET", "/v1/catalogue").len() <= 2);
}

#[test]
fn a_ticket_is_followed_and_an_unknown_code_or_a_silent_central_is_told_apart() {
    let scene = Scene::new();
    let observed = Observed::start(&scene.kiosk, scene.remote());
    let follow = |number: u64| {
        observed.handle.refresh_ticket(code(number));
        observed.wait(|event| match event {
            SyncEvent::TicketState(of, result) if *of == code(number) => Some(result.clone()),
            _ => None,
        })
    };
    assert_eq!(follow(2), Ok(Some(Box::new(state(2)))));
    assert_eq!(follow(9), Ok(None));
    scene.server.cutting.store(true, Ordering::SeqCst);
    assert_eq!(follow(3), Err(Trouble::Network));
    let known = scene.kiosk.outbox.known_ticket(&code(2)).expect("read").expect("kept for later");
    assert_eq!(known.state, Some(state(2)));
}

#[test]
fn when_the_central_changes_its_key_the_next_submission_is_sealed_to_the_new_one() {
    let scene = Scene::new();
    let next = OpeningKey::generate();
    scene.central.lock().expect("a central").sealing_keys = vec![next.public().to_info()];
    let observed = Observed::start(&scene.kiosk, scene.remote());
    observed.wait_for(&SyncEvent::Reached);
    // The key comes with the first heartbeat, right after which the catalogue is asked for.
    observed.wait_for(&SyncEvent::Unreachable(Trouble::Server));
    let id = scene.submit(1);
    let envelope = scene.kiosk.outbox.envelope(id).expect("readable").expect("waits");
    assert_eq!(envelope.open(&next).expect("opened"), ticket(1));
    let again = Identity::load(scene.kiosk.folder.path()).expect("readable").expect("enrolled");
    assert_eq!(again.sealer().to.id(), next.public().id());
}

#[test]
fn a_wrong_enrolment_code_leaves_the_kiosk_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let central = Arc::new(Mutex::new(TestCentral::default()));
    let server = serve("127.0.0.1:0", &central);
    let options = HttpOptions::default();
    let refused = Identity::enrol(folder.path(), &server.url, &options, "BAD-CODE", "1");
    let Err(identity::IdentityError::Call(CallError::Status { status: 403, problem, .. })) = refused else {
        panic!("it was enrolled");
    };
    assert_eq!(problem, "bad_code");
    assert!(Identity::load(folder.path()).expect("readable").is_none());
    let (outbox, _) =
        Outbox::open(folder.path(), crate::outbox::testing::options(), now()).expect("an outbox");
    assert_eq!(outbox.can_accept(), Err(Obstacle::NotEnrolled));
}
