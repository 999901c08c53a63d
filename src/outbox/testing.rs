//! What the tests of outbox and sync share: a kiosk's outbox in a folder of its own, and things to submit.

use std::{path::Path, sync::Arc};

use jiff::Timestamp;
use sportello_wire::{
    code::TicketCode,
    keys::{DeviceKey, OpeningKey},
    submission::{Contact, Kind, NewTicket, Place, Submission},
    text::LocalisedText,
    ticket::{ProtocolNumber, Status, TicketState},
};

use super::{Options, Outbox, Sealer};

/// Words that must never be found on the disk.
pub(crate) const CANARIES: [&str; 4] =
    ["canarino-parole", "canarino-luogo", "canarino@example.org", "canarino-nome"];

/// An outbox with the keys of both sides.
pub(crate) struct Kiosk {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) outbox: Outbox,
    pub(crate) device: Arc<DeviceKey>,
    pub(crate) central: Arc<OpeningKey>,
}

impl Kiosk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (device, central) = (Arc::new(DeviceKey::generate()), Arc::new(OpeningKey::generate()));
        let outbox = open(folder.path());
        let kiosk = Self { folder, outbox, device, central };
        kiosk.outbox.set_sealer(kiosk.sealer());
        kiosk
    }

    pub(crate) fn sealer(&self) -> Sealer {
        Sealer {
            authority: "comune.example.it".into(),
            device: "kiosk-1".into(),
            to: self.central.public().clone(),
            signer: Arc::clone(&self.device),
        }
    }
}

pub(crate) fn options() -> Options {
    Options { allow_volatile: true, ..Options::default() }
}

pub(crate) fn open(folder: &Path) -> Outbox {
    Outbox::open(folder, options(), now()).expect("an outbox").0
}

pub(crate) fn now() -> Timestamp {
    "2026-11-22T08:30:00.123Z".parse().expect("a time")
}

pub(crate) fn code(number: u64) -> TicketCode {
    TicketCode::from_random(number)
}

pub(crate) fn ticket(number: u64) -> Submission {
    let [words, note, email, name] = CANARIES.map(str::to_owned);
    Submission::Ticket(NewTicket {
        code: code(number),
        kind: Kind::Report,
        words,
        category: Some("strade.buche".into()),
        place: Place::Street { street: "Via Dante".into(), number: "4".into(), note },
        contact: Contact { name, email, phone: String::new() },
        language: "it".into(),
        attributes: Vec::new(),
    })
}

pub(crate) fn state(number: u64) -> TicketState {
    TicketState {
        code: code(number),
        kind: Kind::Report,
        category: LocalisedText::italian("Buche"),
        status: Status::Received,
        submitted_at: now(),
        due_on: "2026-12-22".parse().expect("a date"),
        protocol: Some(ProtocolNumber { year: 2026, number: 4127 }),
        handler: None,
        steps: Vec::new(),
    }
}
