//! Sync against the real central over real HTTP, which is killed at the worst moments.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use sportello_central::{
    device::AfterCommit,
    start::{Central as Desk, Config, OnThread},
};
use sportello_wire::{
    catalogue::{Authority, Category, Entry, Office, PlaceRule},
    envelope::ClockState,
    hours::OpeningHours,
    submission::{FollowUp, Submission},
    text::LocalisedText,
    ticket::StepKind,
};
use uuid::Uuid;

use super::{central::Central, identity::Identity, testing::Observed, *};
use crate::outbox::testing::{Kiosk, code, now, ticket};

const AUTHORITY: &str = "comune.example.it";

fn entries() -> Vec<Entry> {
    let text = LocalisedText::italian;
    vec![
        Entry::Authority(Authority {
            code: AUTHORITY.into(),
            name: text("Comune di Esempio"),
            public_url: "https://sportello.example.it".into(),
            time_zone: "Europe/Rome".into(),
            term_days: 30,
            colour_hsb: (210, 100, 80),
            privacy_notice: text("I dati servono solo a rispondere."),
        }),
        Entry::Office(Office {
            code: "urp".into(),
            authority: AUTHORITY.into(),
            name: text("URP"),
            description: text("Informa e ascolta."),
            keywords: LocalisedText::default(),
            address: String::new(),
            floor: LocalisedText::default(),
            phone: String::new(),
            email: String::new(),
            hours: OpeningHours::default(),
            note: LocalisedText::default(),
            is_urp: true,
        }),
        Entry::Category(Category {
            code: "strade.buche".into(),
            parent: None,
            name: text("Buche"),
            description: LocalisedText::default(),
            keywords: LocalisedText::default(),
            kinds: Vec::new(),
            place: PlaceRule::Optional,
            term_days: None,
            office: Some("urp".into()),
            attributes: Vec::new(),
            order: 0,
        }),
    ]
}

/// Starts the desk on its data; it loses the answers of the first `lost` submissions that it commits.
fn start(folder: &Path, port: u16, lost: usize) -> OnThread {
    let database = format!("sqlite:{}", folder.join("central.db").display());
    let mut config = Config::new(database, SocketAddr::from(([127, 0, 0, 1], port)));
    let left = Arc::new(AtomicUsize::new(lost));
    config.on_committed = Some(Arc::new(move |_| {
        let lose = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if lose { AfterCommit::DropConnection } else { AfterCommit::Answer }
    }));
    Desk::start_on_thread(config).expect("a central")
}

/// Enrols the kiosk and returns the way to the desk.
fn enrol(kiosk: &Kiosk, desk: &OnThread) -> Remote {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let enrol_code = runtime.block_on(async {
        desk.state.catalogue.put(AUTHORITY, &entries()).await.expect("a catalogue");
        desk.state.devices.make_code(AUTHORITY, "Biblioteca").await.expect("a code").code
    });
    let (url, options) = (format!("http://{}", desk.address), HttpOptions::default());
    let identity = Identity::enrol(kiosk.folder.path(), &url, &options, &enrol_code, "1").expect("enrolled");
    kiosk.outbox.set_sealer(identity.sealer());
    Remote::Central(Box::new(Central::new(&url, &options, identity).expect("an address")))
}

fn submit(kiosk: &Kiosk, number: u64) {
    let id = Uuid::from_u128(u128::from(number));
    kiosk.outbox.submit(id, &ticket(number), now(), ClockState::Guess).expect("accepted");
}

#[test]
fn every_ticket_arrives_once_at_a_desk_that_loses_answers_and_is_restarted() {
    const COUNT: u64 = 130;
    let (kiosk, folder) = (Kiosk::new(), tempfile::tempdir().expect("a folder"));
    let desk = start(folder.path(), 0, 7);
    let (port, remote) = (desk.address.port(), enrol(&kiosk, &desk));
    (1..=COUNT / 2).for_each(|number| submit(&kiosk, number));
    let observed = Observed::start(&kiosk, remote);
    observed.wait_for(&SyncEvent::CatalogueChanged);

    let mut delivered = 0;
    let mut count = |least: u64| {
        observed.wait(|event| {
            delivered += u64::from(matches!(event, SyncEvent::Delivered { .. }));
            (delivered >= least).then_some(())
        });
    };
    count(1);
    desk.stop();
    (COUNT / 2 + 1..=COUNT).for_each(|number| submit(&kiosk, number));
    observed.handle.wake();
    let _desk = start(folder.path(), port, 3);
    count(COUNT);

    let tally = kiosk.outbox.tally().expect("a tally");
    assert_eq!((tally.waiting, tally.quarantined), (0, 0));
    let numbers: BTreeSet<u32> = (1..=COUNT)
        .map(|number| {
            let known = kiosk.outbox.known_ticket(&code(number)).expect("read").expect("known");
            known.state.and_then(|state| state.protocol).expect("a protocol number").number
        })
        .collect();
    assert_eq!(
        numbers,
        (1..=COUNT as u32).collect(),
        "each has a number, and none is used twice or left out"
    );
}

#[test]
fn a_follow_up_finds_its_ticket_and_the_ticket_can_be_followed() {
    let (kiosk, folder) = (Kiosk::new(), tempfile::tempdir().expect("a folder"));
    let desk = start(folder.path(), 0, 0);
    let remote = enrol(&kiosk, &desk);
    submit(&kiosk, 1);
    let follow_up = FollowUp { code: code(1), words: "È ancora lì".into(), language: "it".into() };
    let id = Uuid::from_u128(2);
    kiosk.outbox.submit(id, &Submission::FollowUp(follow_up), now(), ClockState::Guess).expect("accepted");
    let observed = Observed::start(&kiosk, remote);
    observed.wait(|event| matches!(event, SyncEvent::Delivered { id: of, .. } if *of == id).then_some(()));
    observed.handle.refresh_ticket(code(1));
    let state = observed.wait(|event| match event {
        SyncEvent::TicketState(_, result) => Some(result.clone()),
        _ => None,
    });
    let state = state.expect("an answer").expect("a ticket");
    assert!(state.steps.iter().any(|step| step.what == StepKind::FollowedUp));
    assert!(state.protocol.is_some());
    desk.stop();
}
