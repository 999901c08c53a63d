//! A real kiosk without a screen: journey, outbox, sync, printer; whoever tests it is its face.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
        mpsc::{Receiver, channel},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use sportello::{
    catalogue::Catalogue,
    clock::Clock,
    journey::{Event, Field, Page, Settings},
    kiosk::{Kiosk, Message, Parts},
    outbox::{Options, Outbox},
    sync::{HttpOptions, Pace, Remote, Sync, central::Central, identity::Identity},
};
use sportello_hardware::{
    panel::simulated::{SimulatedPanel, SimulatedPanelControl},
    printer::{
        driver::{EscPosPrinter, Limits},
        simulated::SimulatedPrinterControl,
    },
};
use sportello_wire::{code::TicketCode, envelope::ClockState, submission::Kind};
use uuid::Uuid;

/// How long a state may take to come. Only a bound against hanging for ever.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A clock that stands still until it is told to go on.
#[derive(Clone)]
pub(crate) struct StandingClock(Arc<AtomicI64>);

impl StandingClock {
    fn at_this_moment() -> Self {
        Self(Arc::new(AtomicI64::new(Timestamp::now().as_millisecond())))
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// A kiosk in a folder, with the handles of its simulated devices.
pub(crate) struct TestKiosk {
    pub(crate) kiosk: Kiosk,
    pub(crate) outbox: Outbox,
    pub(crate) printer: SimulatedPrinterControl,
    pub(crate) panel: SimulatedPanelControl,
    pub(crate) woken: Receiver<()>,
    pub(crate) clock: StandingClock,
    catalogue: PathBuf,
}

impl TestKiosk {
    /// Starts a kiosk that keeps everything in `folder`, as `identity` if it is enrolled.
    pub(crate) fn start(folder: &Path, identity: Option<&Identity>) -> Self {
        let options = Options { allow_volatile: true, ..Options::default() };
        let (outbox, _) = Outbox::open(&folder.join("outbox"), options, Timestamp::now()).unwrap();
        if let Some(identity) = identity {
            outbox.set_sealer(identity.sealer());
        }
        let printer = SimulatedPrinterControl::new(&folder.join("receipts"));
        let (panel_side, panel) = SimulatedPanel::new(Box::new(|_| {}));
        let clock = StandingClock::at_this_moment();
        let catalogue = folder.join("catalogue.db");
        let opened = catalogue.clone();
        let limits = Limits {
            paper_dots: 576,
            answer_timeout: Duration::from_secs(2),
            completion_timeout: Duration::from_secs(10),
        };
        let parts = Parts {
            settings: Settings::default(),
            languages: vec!["it".to_owned(), "en".to_owned()],
            site: "Biblioteca".to_owned(),
            clock: Arc::new(clock.clone()),
            open_catalogue: Box::new(move || Catalogue::open(&opened).ok()),
            outbox: outbox.clone(),
            printer: Box::new(EscPosPrinter::new(printer.cable(), limits)),
            panel: Box::new(panel_side),
            has_scanner: false,
            clock_state: Box::new(|| ClockState::Guess),
        };
        let (wake, woken) = channel();
        let kiosk = Kiosk::new(parts, move || {
            let _ = wake.send(());
        });
        Self { kiosk, outbox, printer, panel, woken, clock, catalogue }
    }

    /// Starts to deliver and to ask.
    pub(crate) fn connect(&self, url: &str, identity: &Identity) {
        let options = HttpOptions { timeout: Duration::from_secs(5), ..HttpOptions::default() };
        let central = Central::new(url, &options, identity.clone()).unwrap();
        let inbox = self.kiosk.inbox();
        let events = self.kiosk.inbox();
        let sync = Sync {
            remote: Remote::Central(Box::new(central)),
            outbox: self.outbox.clone(),
            catalogue: Catalogue::open(&self.catalogue).unwrap(),
            pace: Pace { after_failure: Duration::from_millis(50), ..Pace::default() },
            random: Box::new(|| 0.01),
            on_event: Box::new(move |event| events.tell(Message::Sync(event))),
        };
        inbox.tell(Message::Connected(sync.start().unwrap()));
    }

    /// Polls until something holds.
    pub(crate) fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        loop {
            self.kiosk.poll();
            if holds(self) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "it did not come: {what}");
            let _ = self.woken.recv_timeout(Duration::from_millis(50));
        }
    }

    /// Waits until everything that was kept has arrived.
    pub(crate) fn until_delivered(&mut self) {
        self.until("nothing waits any more", |kiosk| kiosk.outbox.tally().unwrap().waiting == 0);
    }

    /// Does what a citizen does to open a ticket, up to *send*, and returns the code.
    pub(crate) fn write_and_send(&mut self, words: &str) -> TicketCode {
        let code = TicketCode::from_random(Uuid::new_v4().as_u128() as u64);
        let kiosk = &mut self.kiosk;
        kiosk.happen(Event::Begin);
        kiosk.happen(Event::Write { can_accept: kiosk.can_accept() });
        kiosk.happen(Event::ChooseKind(Kind::Report));
        kiosk.happen(Event::Typed(Field::Words, words.to_owned()));
        kiosk.happen(Event::Next);
        kiosk.happen(Event::ChooseCategory(None));
        kiosk.happen(Event::Next);
        kiosk.happen(Event::NoPlace);
        kiosk.happen(Event::Next);
        assert_eq!(kiosk.state().page(), &Page::Review);
        kiosk.happen(Event::Send { id: Uuid::now_v7(), code });
        code
    }
}
