//! Against foreign servers on real TCP, with the manners that real ones have.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use sportello_wire::{
    catalogue::{AttributeAnswer as Answerable, Change, Entry},
    envelope::ClockState,
    open311::{RequestStatus, write_list},
    submission::{FollowUp, NewTicket, Place},
    text::LocalisedText,
    ticket::{Status, StepKind},
};

use super::*;
use crate::{
    outbox::testing::{Kiosk, code, now, ticket},
    sync::{
        Remote, SyncEvent, Trouble,
        testing::{Observed, Received, Reply, Server},
    },
};

/// How a server behaves.
#[derive(Clone)]
struct Manners {
    format: Format,
    /// The status of a successful POST.
    created: u16,
    /// Whether it gives tokens and no ids.
    tokens: bool,
    /// Whether it shows descriptions.
    shows_words: bool,
    /// The most requests on a page, whatever is asked for.
    page_size: usize,
    services: &'static str,
}

const SERVICES: &str = r#"[
    {"service_code":"buche","service_name":"Buche","description":"Strade rovinate","metadata":"true",
     "type":"realtime","keywords":"asfalto, strada","group":"Strade"},
    {"service_code":7,"service_name":"Altro","metadata":false,"type":"realtime","keywords":"","group":""}]"#;
const DEFINITION: &str = r#"{"service_code":"buche","attributes":[
    {"variable":true,"code":"LARGA","datatype":"multivaluelist","required":"true","order":2,
     "description":"Quanto è larga?","values":[{"key":1,"name":"Poco"},{"key":2,"name":"Molto"}]},
    {"variable":false,"code":"NOTA","datatype":"string","required":true,"order":1,
     "description":"Per i pericoli chiami il 112"}]}"#;

impl Default for Manners {
    fn default() -> Self {
        Self {
            format: Format::Json,
            created: 201,
            tokens: false,
            shows_words: true,
            page_size: 1_000,
            services: SERVICES,
        }
    }
}

/// A GeoReport server, as small as can be.
struct Foreign {
    manners: Manners,
    requests: Vec<(NewRequest, ServiceRequest)>,
    spoil: Vec<Spoil>,
}

enum Spoil {
    /// The request is taken, and the answer is replaced.
    After(Reply),
    /// The request is not taken.
    Instead(Reply),
}

impl Foreign {
    fn answer(&mut self, received: &Received) -> Reply {
        let suffix = format!(".{}", self.manners.format.suffix());
        let Some(path) = received.path.strip_prefix("/api/v2").and_then(|path| path.strip_suffix(&suffix))
        else {
            return Reply::Answer(404, Vec::new(), b"<h1>Not Found</h1>".to_vec());
        };
        match (received.method.as_str(), path.trim_start_matches('/').split_once('/')) {
            ("GET", None) if path == "/services" => {
                Reply::Answer(200, Vec::new(), self.manners.services.into())
            }
            ("GET", Some(("services", _))) => Reply::Answer(200, Vec::new(), DEFINITION.into()),
            ("GET", Some(("tokens", token))) => {
                let service_request_id = token.strip_prefix("tok-").expect("a token").to_owned();
                self.write(200, &[TokenAnswer { service_request_id, token: token.into() }])
            }
            ("GET", Some(("requests", id))) => {
                let found: Vec<ServiceRequest> =
                    self.shown().into_iter().filter(|request| request.service_request_id == id).collect();
                self.write(200, &found)
            }
            ("GET", None) => self.list(&received.query),
            _ => self.create(&received.body),
        }
    }

    fn write<R: Listed>(&self, status: u16, records: &[R]) -> Reply {
        Reply::Answer(status, Vec::new(), write_list(records, self.manners.format).into())
    }

    fn shown(&self) -> Vec<ServiceRequest> {
        let mut requests: Vec<_> = self.requests.iter().map(|(_, shown)| shown.clone()).collect();
        for request in &mut requests {
            if !self.manners.shows_words {
                request.description.clear();
            }
        }
        requests
    }

    fn list(&self, query: &str) -> Reply {
        let field = |name: &str| {
            query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap_or("1")
        };
        assert!(field("start_date").contains('T'), "a window is asked for");
        let page: usize = field("page").parse().expect("a page");
        let size = self.manners.page_size;
        let found = self.shown().into_iter().filter(|request| request.service_code == field("service_code"));
        let found: Vec<_> = found.skip((page - 1) * size).take(size).collect();
        self.write(200, &found)
    }

    fn create(&mut self, body: &[u8]) -> Reply {
        let spoil = if self.spoil.is_empty() { None } else { Some(self.spoil.remove(0)) };
        if let Some(Spoil::Instead(reply)) = spoil {
            return reply;
        }
        let request = NewRequest::from_form(body).expect("a form");
        if request.api_key != "segreto" {
            return self.write(403, &[Error { code: 403, description: "chiave".into() }]);
        }
        self.add(request);
        if let Some(Spoil::After(reply)) = spoil {
            return reply;
        }
        let id = self.requests.len();
        if self.manners.tokens {
            let reference = Reference::Token(format!("tok-{id}"));
            let notice = String::new();
            let answer = RequestAnswer { reference, service_notice: notice, account_id: String::new() };
            return self.write(self.manners.created, &[answer]);
        }
        // Not as the text has it: one object, and a number.
        let body = match self.manners.format {
            Format::Json => {
                format!(r#"{{"service_request_id":{id},"service_notice":"Grazie","account_id":null}}"#)
            }
            Format::Xml => format!(
                "<service_requests><request><service_request_id>{id}</service_request_id>\
                 <service_notice>Grazie</service_notice></request></service_requests>"
            ),
        };
        Reply::Answer(self.manners.created, Vec::new(), body.into())
    }

    fn add(&mut self, request: NewRequest) {
        let shown = ServiceRequest {
            service_request_id: (self.requests.len() + 1).to_string(),
            service_code: request.service_code.clone(),
            service_name: "Buche".into(),
            description: request.description.clone(),
            requested_datetime: Some(Timestamp::now()),
            ..ServiceRequest::default()
        };
        self.requests.push((request, shown));
    }
}

/// A kiosk whose town keeps a CRM of its own.
struct Scene {
    kiosk: Kiosk,
    foreign: Arc<Mutex<Foreign>>,
    web: Server,
    keys: OwnKeys,
}

impl Scene {
    fn new(manners: Manners) -> Self {
        let kiosk = Kiosk::new();
        let keys = OwnKeys::load_or_make(kiosk.folder.path()).expect("keys");
        kiosk.outbox.set_sealer(keys.sealer("comune.example.it"));
        let foreign = Arc::new(Mutex::new(Foreign { manners, requests: Vec::new(), spoil: Vec::new() }));
        let shared = Arc::clone(&foreign);
        let web = Server::start(move |received| shared.lock().expect("a server").answer(received));
        Self { kiosk, foreign, web, keys }
    }

    fn config(&self) -> Open311Config {
        Open311Config {
            url: format!("{}/api/v2", self.web.url),
            api_key: "segreto".into(),
            jurisdiction: "comune.example.it".into(),
            default_service: Some("7".into()),
            fallback_address: "Piazza del Comune 1".into(),
            authority: Authority {
                code: "comune.example.it".into(),
                name: LocalisedText::italian("Comune di Esempio"),
                public_url: "https://comune.example.it".into(),
                time_zone: "Europe/Rome".into(),
                term_days: 30,
                colour_hsb: (210, 100, 80),
                privacy_notice: LocalisedText::default(),
            },
        }
    }

    fn server(&self) -> Open311 {
        self.server_with(self.config())
    }

    fn server_with(&self, config: Open311Config) -> Open311 {
        let options = HttpOptions { timeout: Duration::from_millis(700), ..HttpOptions::default() };
        Open311::new(config, &options, &self.keys, self.kiosk.outbox.clone()).expect("an address")
    }

    /// A server whose requests show at once if they have arrived.
    fn quick_server(&self) -> Open311 {
        Open311 { grace_realtime: Duration::ZERO, ..self.server() }
    }

    fn submit(&self, number: u64, change: impl FnOnce(&mut NewTicket)) -> Uuid {
        let mut submission = ticket(number);
        if let Submission::Ticket(ticket) = &mut submission {
            ticket.category = Some("buche".into());
            change(ticket);
        }
        let id = Uuid::from_u128(u128::from(number));
        self.kiosk.outbox.submit(id, &submission, now(), ClockState::Guess).expect("accepted");
        id
    }

    fn envelope(&self, id: Uuid) -> Envelope {
        self.kiosk.outbox.envelope(id).expect("readable").expect("waits")
    }

    fn spoil(&self, spoil: Vec<Spoil>) {
        self.foreign.lock().expect("a server").spoil = spoil;
    }

    fn requests(&self) -> Vec<NewRequest> {
        let foreign = self.foreign.lock().expect("a server");
        foreign.requests.iter().map(|(request, _)| request.clone()).collect()
    }

    fn set(&self, change: impl FnOnce(&mut ServiceRequest)) {
        change(&mut self.foreign.lock().expect("a server").requests[0].1);
    }

    fn posts(&self) -> usize {
        self.web.requests("POST", "/api").len()
    }
}

fn delivered(id: Uuid) -> impl FnMut(&SyncEvent) -> Option<()> {
    move |event| matches!(event, SyncEvent::Delivered { id: of, .. } if *of == id).then_some(())
}

#[test]
fn the_servers_services_become_categories_with_their_questions() {
    let scene = Scene::new(Manners::default());
    let mut server = scene.server();
    let delta = server.catalogue(None).expect("a catalogue");
    let categories: Vec<_> = (delta.changes.iter())
        .filter_map(|change| match change {
            Change::Put { item: Entry::Category(category) } => Some(category),
            _ => None,
        })
        .collect();
    let codes: Vec<_> = categories.iter().map(|category| category.code.as_str()).collect();
    assert_eq!(codes, ["gruppo-strade", "buche", "7"]);
    assert_eq!(categories[1].parent.as_deref(), Some("gruppo-strade"));
    assert_eq!(categories[1].keywords.get("it"), "asfalto, strada");
    let [note, wide] = categories[1].attributes.as_slice() else { panic!("two questions") };
    assert_eq!((&note.answer, note.required), (&Answerable::Shown, false));
    let Answerable::Choice { values, many: true } = &wide.answer else { panic!("a choice") };
    assert_eq!(values[1], ("2".into(), LocalisedText::italian("Molto")));

    let again = server.catalogue(Some(&delta.cursor)).expect("a catalogue");
    assert_eq!((again.reset, again.changes.len()), (false, 0));
}

#[test]
fn a_ticket_becomes_a_request_with_all_that_the_citizen_gave() {
    let scene = Scene::new(Manners::default());
    let id = scene.submit(1, |ticket| {
        ticket.contact.name = "Anna Maria Rossi".into();
        ticket.attributes = vec![("LARGA".into(), "1".into())];
    });
    let observed = Observed::start(&scene.kiosk, Remote::Open311(Box::new(scene.server())));
    observed.wait(delivered(id));
    let [request] = scene.requests().try_into().expect("one request");
    let Submission::Ticket(sent) = ticket(1) else { panic!("a ticket") };
    assert!(request.description.contains(&sent.words));
    assert!(request.description.contains("canarino-luogo"));
    assert!(!request.description.contains(&sent.code.to_string()));
    assert_eq!(request.address_string, "Via Dante 4");
    assert_eq!((request.first_name.as_str(), request.last_name.as_str()), ("Anna Maria", "Rossi"));
    assert_eq!(request.email, sent.contact.email);
    let body = String::from_utf8(scene.web.requests("POST", "/api")[0].body.clone()).expect("text");
    assert!(body.contains("attribute%5BLARGA%5D%5B%5D=1"), "a list stays one with a single value");
    let known = scene.kiosk.outbox.known_ticket(&code(1)).expect("read").expect("known");
    let state = known.state.expect("a state");
    assert_eq!(state.due_on.to_string(), "2026-12-22");
    assert_eq!(state.steps[1].what, StepKind::Answered { words: "Grazie".into() });
}

#[test]
fn a_server_that_speaks_only_xml_and_answers_200_is_understood_from_beginning_to_end() {
    let services = r#"<?xml version="1.0" encoding="utf-8"?><services><service>
        <service_code>buche</service_code><service_name>Buche</service_name><metadata>false</metadata>
        <type>realtime</type><keywords/><group>Strade</group></service></services>"#;
    let scene = Scene::new(Manners { format: Format::Xml, created: 200, services, ..Manners::default() });
    let id = scene.submit(1, |_| {});
    let observed = Observed::start(&scene.kiosk, Remote::Open311(Box::new(scene.server())));
    observed.wait(delivered(id));
    scene.set(|request| {
        request.status = RequestStatus::Closed;
        request.status_notes = "Riparata".into();
        request.agency_responsible = "Lavori pubblici".into();
    });
    observed.handle.refresh_ticket(code(1));
    let state = observed.wait(|event| match event {
        SyncEvent::TicketState(_, Ok(Some(state))) => Some(state.clone()),
        _ => None,
    });
    assert_eq!(state.status, Status::Resolved);
    assert_eq!(state.handler.expect("a handler").name.get("it"), "Lavori pubblici");
    assert!(matches!(&state.steps[3].what, StepKind::Resolved { words } if words == "Riparata"));
}

#[test]
fn an_answer_that_is_lost_in_any_way_does_not_make_a_second_request() {
    let scene = Scene::new(Manners::default());
    for (number, reply) in [
        Reply::HangUp,
        Reply::Silence,
        Reply::status(500),
        Reply::Answer(200, Vec::new(), b"<html>login</html>".to_vec()),
        Reply::Answer(200, Vec::new(), Vec::new()),
        Reply::Answer(302, vec![("location", "/".into())], Vec::new()),
        Reply::Raw(b"HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n[{".to_vec()),
    ]
    .into_iter()
    .enumerate()
    {
        scene.spoil(vec![Spoil::After(reply)]);
        let id = scene.submit(number as u64 + 1, |_| {});
        // A new one each time, as after a power cut: what it knows is on the disk.
        assert!(scene.quick_server().deliver(&scene.envelope(id)).is_err());
        let arrival = scene.quick_server().deliver(&scene.envelope(id)).expect("found");
        assert!(matches!(arrival, Arrival::Arrived(_)));
        assert_eq!((scene.requests().len(), scene.posts()), (number + 1, number + 1));
        let remote = scene.kiosk.outbox.known_ticket(&code(number as u64 + 1)).expect("read").expect("known");
        let reference = RemoteReference::Request((number + 1).to_string());
        assert_eq!(remote.remote, Some(RemoteTicket { service: "buche".into(), reference }));
    }
}

#[test]
fn a_request_that_surely_did_not_arrive_is_sent_again_but_not_before_it_had_time_to_show() {
    let scene = Scene::new(Manners::default());
    scene.spoil(vec![Spoil::Instead(Reply::HangUp)]);
    let id = scene.submit(1, |_| {});
    assert!(scene.server().deliver(&scene.envelope(id)).is_err());
    assert_eq!(scene.server().deliver(&scene.envelope(id)).expect("looked"), Arrival::Later);
    assert_eq!(scene.posts(), 1);
    let arrival = scene.quick_server().deliver(&scene.envelope(id)).expect("sent");
    assert!(matches!(arrival, Arrival::Arrived(_)));
    assert_eq!((scene.posts(), scene.requests().len()), (2, 1));
}

#[test]
fn a_server_that_nobody_can_connect_to_needs_no_looking_afterwards() {
    let scene = Scene::new(Manners::default());
    let id = scene.submit(1, |_| {});
    let mut server = scene.server();
    server.fetch_services().expect("services");
    let envelope = scene.envelope(id);
    drop(scene.web);
    assert!(server.deliver(&envelope).is_err());
    assert_eq!(scene.kiosk.outbox.sent(id).expect("read"), None);
}

#[test]
fn where_the_server_hides_what_was_written_nothing_is_sent_twice_and_a_person_decides() {
    let scene = Scene::new(Manners { shows_words: false, ..Manners::default() });
    scene.spoil(vec![Spoil::After(Reply::HangUp)]);
    let id = scene.submit(1, |_| {});
    let mut server = scene.quick_server();
    assert!(server.deliver(&scene.envelope(id)).is_err());
    assert_eq!(server.deliver(&scene.envelope(id)).expect("looked"), Arrival::Later);

    let long_ago = Timestamp::now() - SignedDuration::from_hours(25);
    let sent = Sent { first: long_ago, last: long_ago };
    scene.kiosk.outbox.set_sent(id, Some(sent)).expect("noted");
    let arrival = server.deliver(&scene.envelope(id)).expect("looked");
    assert_eq!(arrival, Arrival::Refused(QuarantineReason::Uncertain));
    assert_eq!(scene.posts(), 1);
}

#[test]
fn the_first_request_is_found_on_a_later_page() {
    let scene = Scene::new(Manners { page_size: 2, ..Manners::default() });
    for _ in 0..5 {
        let other =
            NewRequest { service_code: "buche".into(), description: "x".into(), ..Default::default() };
        scene.foreign.lock().expect("a server").add(other);
    }
    scene.spoil(vec![Spoil::After(Reply::HangUp)]);
    let id = scene.submit(1, |_| {});
    assert!(scene.quick_server().deliver(&scene.envelope(id)).is_err());
    let arrival = scene.quick_server().deliver(&scene.envelope(id)).expect("found");
    assert!(matches!(arrival, Arrival::Arrived(_)));
    assert_eq!(scene.posts(), 1);
}

#[test]
fn a_token_becomes_a_number_when_the_ticket_is_followed() {
    let scene = Scene::new(Manners { tokens: true, ..Manners::default() });
    let id = scene.submit(1, |_| {});
    let mut server = scene.server();
    let Arrival::Arrived(state) = server.deliver(&scene.envelope(id)).expect("sent") else { panic!("sent") };
    scene.kiosk.outbox.delivered(id, &state, now()).expect("noted");
    scene.set(|request| request.status_notes = "Mandiamo qualcuno".into());
    let state = server.ticket(&code(1)).expect("asked").expect("known");
    assert_eq!(state.status, Status::InProgress);
    assert_eq!(server.ticket(&code(2)).expect("asked"), None);
    let known = scene.kiosk.outbox.known_ticket(&code(1)).expect("read").expect("known");
    let reference = RemoteReference::Request("1".into());
    assert_eq!(known.remote, Some(RemoteTicket { service: "buche".into(), reference }));
}

#[test]
fn only_the_servers_own_refusal_leads_to_quarantine() {
    let scene = Scene::new(Manners::default());
    let refusal = Reply::Answer(400, Vec::new(), br#"[{"code":400,"description":"manca LARGA"}]"#.to_vec());
    let proxy = Reply::Answer(400, Vec::new(), b"<html>Bad Request</html>".to_vec());
    scene.spoil(vec![Spoil::Instead(refusal), Spoil::Instead(proxy)]);
    let (first, second) = (scene.submit(1, |_| {}), scene.submit(2, |_| {}));
    let mut server = scene.quick_server();
    let arrival = server.deliver(&scene.envelope(first)).expect("answered");
    assert_eq!(arrival, Arrival::Refused(QuarantineReason::RefusedByServer));
    assert!(server.deliver(&scene.envelope(second)).is_err());
    assert!(matches!(server.deliver(&scene.envelope(second)).expect("sent"), Arrival::Arrived(_)));
}

#[test]
fn a_wrong_key_is_named_and_nothing_is_lost() {
    let scene = Scene::new(Manners::default());
    scene.submit(1, |_| {});
    let config = Open311Config { api_key: "altro".into(), ..scene.config() };
    let observed = Observed::start(&scene.kiosk, Remote::Open311(Box::new(scene.server_with(config))));
    observed.wait_for(&SyncEvent::Unreachable(Trouble::NotAdmitted));
    observed.handle.stop();
    assert_eq!(scene.kiosk.outbox.tally().expect("a tally").waiting, 1);
}

#[test]
fn a_ticket_without_category_or_place_takes_the_towns_defaults_or_waits_for_a_person() {
    let scene = Scene::new(Manners::default());
    let anything = |ticket: &mut NewTicket| (ticket.category, ticket.place) = (None, Place::Nowhere);
    let id = scene.submit(1, anything);
    assert!(matches!(scene.server().deliver(&scene.envelope(id)).expect("sent"), Arrival::Arrived(_)));
    let [request] = scene.requests().try_into().expect("one request");
    assert_eq!(
        (request.service_code.as_str(), request.address_string.as_str()),
        ("7", "Piazza del Comune 1")
    );

    let config = Open311Config { default_service: None, ..scene.config() };
    let id = scene.submit(2, anything);
    let arrival = scene.server_with(config).deliver(&scene.envelope(id)).expect("judged");
    assert_eq!(arrival, Arrival::Refused(QuarantineReason::RefusedByServer));
}

#[test]
fn a_follow_up_becomes_a_request_that_names_the_first_and_waits_for_it() {
    let scene = Scene::new(Manners::default());
    let first = scene.submit(1, |_| {});
    let words = "È ancora lì".to_owned();
    let follow_up = FollowUp { code: code(1), words: words.clone(), language: "it".into() };
    let second = Uuid::from_u128(2);
    let submission = Submission::FollowUp(follow_up);
    scene.kiosk.outbox.submit(second, &submission, now(), ClockState::Guess).expect("accepted");
    let mut server = scene.server();
    assert_eq!(server.deliver(&scene.envelope(second)).expect("judged"), Arrival::Later);

    for id in [first, second] {
        let Arrival::Arrived(state) = server.deliver(&scene.envelope(id)).expect("sent") else {
            panic!("it did not arrive")
        };
        scene.kiosk.outbox.delivered(id, &state, now()).expect("noted");
    }
    let requests = scene.requests();
    assert_eq!(requests[1].service_code, "buche");
    assert!(requests[1].description.contains("richiesta 1") && requests[1].description.contains(&words));
    let known = scene.kiosk.outbox.known_ticket(&code(1)).expect("read").expect("known");
    assert_eq!(known.state.expect("a state").steps.last().expect("a step").what, StepKind::FollowedUp);
}
