//! The Open311 server over a real socket, on real databases.

mod independent_client;
mod list;
mod post;
mod reading;

use std::{net::SocketAddr, sync::Arc};

use sportello_central::{
    clock::Clock,
    http::open311::ApiKeys,
    start::{Central, Config, OnThread},
    ticket::{Channel, Opening, Ticket},
};
use sportello_wire::{
    catalogue::{Attribute, AttributeAnswer, Authority, Category, Entry, Office, PlaceRule, Street},
    code::TicketCode,
    submission::{Contact, Kind, NewTicket, Place},
    text::LocalisedText,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::town::SetClock;

/// Runs a test on SQLite and on PostgreSQL, each with a town of its own.
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[test]
                fn $name() {
                    super::$name(&crate::open311::Town::on_sqlite());
                }
            )+
        }
        mod postgres {
            $(
                #[test]
                #[cfg_attr(no_postgres, ignore = "skipped: PostgreSQL is not here")]
                fn $name() {
                    super::$name(&crate::open311::Town::on_postgres());
                }
            )+
        }
    };
}
use on_both_databases;

const AUTHORITY: &str = "comune.montefiorito.example";
const NOW: &str = "2026-11-22T08:00:00.750Z";

/// A central with a small catalogue, an API key and a clock at [`NOW`].
struct Town {
    central: Option<OnThread>,
    runtime: Runtime,
    clock: Arc<SetClock>,
    key: String,
    _folder: TempDir,
}

/// An answer with everything that a test looks at.
struct Answer {
    status: u16,
    content_type: String,
    body: String,
}

impl Answer {
    /// The body as JSON.
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl Town {
    fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite:{}", folder.path().join("central.db").display());
        Self::on(database, folder, runtime())
    }

    fn on_postgres() -> Self {
        let runtime = runtime();
        let database = runtime.block_on(crate::postgres::database());
        Self::on(database, tempfile::tempdir().unwrap(), runtime)
    }

    fn on(database: String, folder: TempDir, runtime: Runtime) -> Self {
        let clock = Arc::new(SetClock::new(NOW));
        let mut config = Config::new(database, SocketAddr::from(([127, 0, 0, 1], 0)));
        config.clock = clock.clone();
        config.opening_key = Some(folder.path().join("opening.key"));
        let central = Central::start_on_thread(config).unwrap();
        let mut town = Self { central: Some(central), runtime, clock, key: String::new(), _folder: folder };
        town.add_authority(AUTHORITY);
        town.key = town.runtime.block_on(town.keys().create(AUTHORITY, "App")).unwrap();
        town
    }

    fn central(&self) -> &OnThread {
        self.central.as_ref().unwrap()
    }

    fn keys(&self) -> &ApiKeys {
        &self.central().state.api_keys
    }

    fn add_authority(&self, code: &str) {
        let catalogue = &self.central().state.catalogue;
        self.runtime.block_on(catalogue.put(code, &entries(code))).unwrap();
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/open311/{path}", self.central().address)
    }

    fn get(&self, path: &str) -> Answer {
        read(agent().get(self.url(path)).call())
    }

    fn get_in(&self, path: &str, language: &str) -> Answer {
        read(agent().get(self.url(path)).header("accept-language", language).call())
    }

    /// Posts a form to `requests.json` with the town's key, and with `headers`.
    fn post(&self, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut request = agent().post(self.url("v2/requests.json"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let key = [("api_key", self.key.as_str())];
        read(request.send_form(key.into_iter().chain(form.iter().copied())))
    }

    /// Posts a form that has to be taken and returns the request's id.
    fn posted(&self, form: &[(&str, &str)]) -> String {
        let answer = self.post(form, &[]);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()[0]["service_request_id"].as_str().unwrap().to_owned()
    }

    /// Opens a ticket as a kiosk does.
    fn kiosk_ticket(&self, kind: Kind, category: &str, place: Place) -> Ticket {
        let code =
            TicketCode::from_random(u64::from_le_bytes(*Uuid::new_v4().as_bytes().first_chunk().unwrap()));
        let opening = Opening {
            id: Uuid::new_v4(),
            ticket: NewTicket {
                code,
                kind,
                words: "Parole private di Maria".into(),
                category: Some(category.into()),
                place,
                contact: Contact {
                    name: "Maria Verdi".into(),
                    email: "maria@example.it".into(),
                    phone: "0301234567".into(),
                },
                language: "it".into(),
                attributes: Vec::new(),
            },
            channel: Channel::Kiosk,
            site: "Biblioteca".into(),
            device: Some("kiosk-1".into()),
            submitted_at: self.clock.now(),
            clock: None,
            channel_fields: std::collections::BTreeMap::new(),
        };
        self.runtime.block_on(self.central().state.tickets.open(AUTHORITY, opening)).unwrap()
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        if let Some(central) = self.central.take() {
            central.stop();
        }
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::new_with_config(ureq::Agent::config_builder().http_status_as_error(false).build())
}

fn read(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let mut response = response.unwrap();
    let content_type = response.headers().get("content-type").and_then(|value| value.to_str().ok());
    Answer {
        status: response.status().as_u16(),
        content_type: content_type.unwrap_or_default().to_owned(),
        body: response.body_mut().read_to_string().unwrap(),
    }
}

/// Connections are given back by tasks of their own, which a runtime without threads would not do.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// Two groups with three leaves, two offices, a street.
fn entries(authority: &str) -> Vec<Entry> {
    let both = |italian: &str, english: &str| LocalisedText::both(italian, english);
    let category = |code: &str, name: LocalisedText, place, order| Category {
        code: code.into(),
        parent: code.split_once('.').map(|(parent, _)| parent.to_owned()),
        name,
        description: both("Che cosa va qui", "What belongs here"),
        keywords: both("asfalto, voragine", "asphalt, hole"),
        kinds: Vec::new(),
        place,
        term_days: Some(30),
        office: Some("strade".into()),
        attributes: Vec::new(),
        order,
    };
    let choice = |key: &str, name: &str| (key.to_owned(), LocalisedText::italian(name));
    let question = |code: &str, required, answer| Attribute {
        code: code.into(),
        question: both(&format!("Domanda {code}"), &format!("Question {code}")),
        required,
        answer,
    };
    let office = |code: &str, name: LocalisedText, is_urp| Office {
        code: code.into(),
        authority: authority.into(),
        name,
        description: LocalisedText::italian("Ufficio"),
        keywords: LocalisedText::default(),
        address: String::new(),
        floor: LocalisedText::default(),
        phone: String::new(),
        email: String::new(),
        hours: sportello_wire::hours::OpeningHours::default(),
        note: LocalisedText::default(),
        is_urp,
    };
    let lamp = category("strade.lampioni", both("Lampione", "Street lamp"), PlaceRule::Required, 2);
    let question_leaf = category("anagrafe.domande", both("Domande", "Questions"), PlaceRule::None, 1);
    vec![
        Entry::Authority(Authority {
            code: authority.into(),
            name: both("Comune di Montefiorito", "Town of Montefiorito"),
            public_url: "https://sportello.example.it".into(),
            time_zone: "Europe/Rome".into(),
            term_days: 30,
            colour_hsb: (200, 80, 50),
            privacy_notice: LocalisedText::italian("Informativa"),
        }),
        Entry::Office(office("strade", both("Ufficio strade", "Roads office"), false)),
        Entry::Office(office("urp", both("URP", "Front desk"), true)),
        Entry::Category(category(
            "strade",
            both("Strade & piazze", "Streets & squares"),
            PlaceRule::Optional,
            1,
        )),
        Entry::Category(category("anagrafe", both("Anagrafe", "Registry"), PlaceRule::Optional, 2)),
        Entry::Category(category("strade.buche", both("Buche", "Potholes"), PlaceRule::Required, 1)),
        Entry::Category(Category {
            attributes: vec![
                question("PALO", true, AttributeAnswer::Number),
                question(
                    "COLORE",
                    false,
                    AttributeAnswer::Choice {
                        values: vec![choice("b", "Bianco"), choice("g", "Giallo")],
                        many: true,
                    },
                ),
                question("NOTA", true, AttributeAnswer::Shown),
            ],
            ..lamp
        }),
        Entry::Category(Category { kinds: vec![Kind::Question], ..question_leaf }),
        Entry::Street(Street { name: "Via Roma".into(), area: "Centro".into() }),
    ]
}
