//! A small town with a central of its own: an authority, three offices, some categories and streets.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use jiff::Timestamp;
use sportello_central::{
    clock::Clock,
    device::Kiosk,
    http::AppState,
    start::{Central, Config},
    ticket::{Channel, Opening},
};
use sportello_wire::{
    catalogue::{Authority, Category, Entry, Office, PlaceRule, Street},
    code::TicketCode,
    device::EnrolRequest,
    envelope::{ClockState, Envelope, Header},
    hours::OpeningHours,
    keys::DeviceKey,
    submission::{Contact, Kind, NewTicket, Place, Submission, SubmissionKind},
    text::LocalisedText,
};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) const AUTHORITY: &str = "comune.example.it";
pub(crate) const NOON: &str = "2026-06-15T10:00:00Z";

/// A clock that stands still until it is set.
pub(crate) struct SetClock(Mutex<Timestamp>);

impl SetClock {
    pub(crate) fn new(at: &str) -> Self {
        Self(Mutex::new(at.parse().expect("a time")))
    }

    pub(crate) fn set(&self, at: &str) {
        *self.0.lock().expect("the clock") = at.parse().expect("a time");
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("the clock")
    }
}

pub(crate) struct Town {
    pub(crate) state: AppState,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) config: Config,
    pub(crate) folder: TempDir,
}

impl Town {
    pub(crate) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = format!("sqlite:{}", folder.path().join("central.db").display());
        Self::on(database, folder).await
    }

    pub(crate) async fn on_postgres() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::on(crate::postgres::database().await, folder).await
    }

    async fn on(database: String, folder: TempDir) -> Self {
        let clock = Arc::new(SetClock::new(NOON));
        let mut config = Config::new(database, SocketAddr::from(([127, 0, 0, 1], 0)));
        config.clock = clock.clone();
        config.opening_key = Some(folder.path().join("opening.key"));
        let state = Central::open(&config).await.expect("a central");
        state.catalogue.put(AUTHORITY, &entries()).await.expect("a catalogue");
        Self { state, clock, config, folder }
    }

    /// A kiosk in the library, with its key.
    pub(crate) async fn kiosk(&self) -> (Kiosk, DeviceKey) {
        let key = DeviceKey::generate();
        let code = self.state.devices.make_code(AUTHORITY, "Biblioteca").await.expect("a code").code;
        let request = EnrolRequest { code, public_key: key.public().to_base64(), version: "0.1.0".into() };
        (self.state.devices.enrol(&request).await.expect("a kiosk"), key)
    }

    /// Seals and signs a submission as the kiosk would.
    pub(crate) fn envelope(
        &self,
        kiosk: &Kiosk,
        key: &DeviceKey,
        sequence: u64,
        submission: &Submission,
    ) -> Envelope {
        let header = Header {
            version: 0,
            sealing_key: String::new(),
            authority: kiosk.authority.clone(),
            device: kiosk.id.clone(),
            epoch: Uuid::from_u128(1),
            sequence,
            id: Uuid::new_v4(),
            kind: SubmissionKind::Ticket,
            submitted_at: self.clock.now(),
            clock: ClockState::Synchronised,
        };
        Envelope::seal(header, submission, self.state.opening_key.public(), key).expect("sealed")
    }
}

/// A ticket about a hole in the road.
pub(crate) fn new_ticket() -> NewTicket {
    NewTicket {
        code: TicketCode::from_random(Uuid::new_v4().as_u128() as u64),
        kind: Kind::Report,
        words: "Una buca profonda davanti alla scuola".into(),
        category: Some("strade.buche".into()),
        place: Place::Street { street: "Via Dante".into(), number: "4".into(), note: String::new() },
        contact: Contact { name: "Ada Neri".into(), email: "ada@example.it".into(), phone: String::new() },
        language: "it".into(),
        attributes: Vec::new(),
    }
}

/// A ticket that somebody brings to a desk at this time.
pub(crate) fn opening(ticket: NewTicket, submitted_at: &str) -> Opening {
    Opening {
        id: Uuid::new_v4(),
        ticket,
        channel: Channel::Desk,
        site: String::new(),
        device: None,
        submitted_at: submitted_at.parse().expect("a time"),
        clock: None,
        channel_fields: BTreeMap::new(),
    }
}

pub(crate) fn street(name: &str, area: &str) -> Entry {
    Entry::Street(Street { name: name.into(), area: area.into() })
}

fn entries() -> Vec<Entry> {
    vec![
        Entry::Authority(Authority {
            code: AUTHORITY.into(),
            name: LocalisedText::italian("Comune di Esempio"),
            public_url: "https://sportello.example.it".into(),
            time_zone: "Europe/Rome".into(),
            term_days: 30,
            colour_hsb: (210, 100, 80),
            privacy_notice: LocalisedText::italian("I dati servono solo a rispondere."),
        }),
        office("urp", "URP", true),
        office("strade", "Ufficio strade", false),
        office("centro", "Ufficio del centro", false),
        category("strade", None, Some("strade"), None),
        category("strade.buche", Some("strade"), None, Some(10)),
        category("altro", None, None, None),
        street("Via Dante", "Centro"),
        street("Via Po", "Nord"),
    ]
}

fn office(code: &str, name: &str, is_urp: bool) -> Entry {
    Entry::Office(Office {
        code: code.into(),
        authority: AUTHORITY.into(),
        name: LocalisedText::both(name, format!("{name} (en)")),
        description: LocalisedText::default(),
        keywords: LocalisedText::default(),
        address: String::new(),
        floor: LocalisedText::default(),
        phone: String::new(),
        email: String::new(),
        hours: OpeningHours::default(),
        note: LocalisedText::default(),
        is_urp,
    })
}

fn category(code: &str, parent: Option<&str>, office: Option<&str>, term_days: Option<u16>) -> Entry {
    Entry::Category(Category {
        code: code.into(),
        parent: parent.map(Into::into),
        name: LocalisedText::italian(code),
        description: LocalisedText::default(),
        keywords: LocalisedText::default(),
        kinds: Vec::new(),
        place: PlaceRule::Optional,
        term_days,
        office: office.map(Into::into),
        attributes: Vec::new(),
        order: 0,
    })
}
