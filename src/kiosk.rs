//! The shell: runs the journey's effects, and hands its state to the face.
//!
//! Everything that takes time happens on other threads and comes back through the inbox; whatever is done here is done
//! within a touch. It does not know Slint: a test can be its face.

pub mod lookups;
pub mod printing;

use std::sync::{
    Arc,
    mpsc::{Receiver, Sender, channel},
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use sportello_hardware::{
    panel::{Panel, PanelEvent, StatusLight},
    printer::{Printer, PrinterStatus},
};
use sportello_wire::{
    catalogue::Authority,
    code::TicketCode,
    envelope::ClockState,
    submission::{Kind, Submission},
    text::LocalisedText,
    ticket::{Status, Step, StepKind, TicketState},
};
use uuid::Uuid;

use self::{
    lookups::Lookups,
    printing::{PrintDesk, PrinterReport},
};
use crate::{
    catalogue::Catalogue,
    chain,
    clock::Clock,
    journey::{Answer, ChosenCategory, Effect, Event, Journey, Page, Print, Problem, Settings, State},
    outbox::{KnownTicket, Obstacle, Outbox, OutboxError},
    receipt::{Fonts, Receipt},
    sync::{SyncEvent, SyncHandle},
};

/// The term when no catalogue has come yet (L. 241/1990, art. 2).
const DEFAULT_TERM_DAYS: u16 = 30;

/// How far up the classification a term is looked for.
const MAX_CATEGORY_DEPTH: usize = 8;
/// The time zone before a catalogue has come.
const DEFAULT_ZONE: &str = "Europe/Rome";

/// What a kiosk is made of.
pub struct Parts {
    /// What the town set of a visit.
    pub settings: Settings,
    /// The languages that are offered, BCP 47.
    pub languages: Vec<String>,
    /// Where it stands: "Biblioteca".
    pub site: String,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Opens the catalogue; again after each change, because another connection writes it.
    pub open_catalogue: Box<dyn Fn() -> Option<Catalogue>>,
    /// The queue.
    pub outbox: Outbox,
    /// The printer.
    pub printer: Box<dyn Printer>,
    /// The panel.
    pub panel: Box<dyn Panel>,
    /// Whether a scanner is fitted.
    pub has_scanner: bool,
    /// Says how far the machine's clock can be trusted.
    pub clock_state: Box<dyn Fn() -> ClockState>,
}

/// Something that other threads tell the shell.
pub enum Message {
    /// The network's side.
    Sync(SyncEvent),
    /// The printer's side.
    Printer(PrinterReport),
    /// Something was scanned.
    Scan(String),
    /// The presence sensor.
    Panel(PanelEvent),
    /// The network's side is there.
    Connected(SyncHandle),
}

/// Reaches the shell from any thread, and wakes it.
#[derive(Clone)]
pub struct Inbox {
    sender: Sender<Message>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Inbox {
    /// Tells the shell something.
    pub fn tell(&self, message: Message) {
        if self.sender.send(message).is_ok() {
            (self.wake)();
        }
    }
}

/// A kiosk.
pub struct Kiosk {
    journey: Journey,
    clock: Arc<dyn Clock>,
    languages: Vec<String>,
    site: String,
    open_catalogue: Box<dyn Fn() -> Option<Catalogue>>,
    catalogue: Option<Catalogue>,
    authority: Option<Authority>,
    zone: TimeZone,
    lookups: Lookups,
    outbox: Outbox,
    sync: Option<SyncHandle>,
    desk: PrintDesk,
    printer: PrinterStatus,
    panel: Box<dyn Panel>,
    light: Option<StatusLight>,
    has_scanner: bool,
    clock_state: Box<dyn Fn() -> ClockState>,
    network_away: bool,
    needs_a_person: bool,
    fonts: Fonts,
    inbox: Inbox,
    messages: Receiver<Message>,
}

impl Kiosk {
    /// Puts a kiosk together. `wake` is called from other threads when [`Self::poll`] has something to do.
    pub fn new(parts: Parts, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let (sender, messages) = channel();
        let inbox = Inbox { sender, wake: Arc::new(wake) };
        let reports = inbox.clone();
        let desk = PrintDesk::start(parts.printer, move |report| reports.tell(Message::Printer(report)));
        let mut kiosk = Self {
            journey: Journey::new(parts.settings, parts.clock.now()),
            clock: parts.clock,
            languages: parts.languages,
            site: parts.site,
            open_catalogue: parts.open_catalogue,
            catalogue: None,
            authority: None,
            zone: TimeZone::get(DEFAULT_ZONE).unwrap_or(TimeZone::UTC),
            lookups: Lookups::default(),
            outbox: parts.outbox,
            sync: None,
            desk,
            printer: PrinterStatus::None,
            panel: parts.panel,
            light: None,
            has_scanner: parts.has_scanner,
            clock_state: parts.clock_state,
            network_away: false,
            needs_a_person: false,
            fonts: Fonts::new(),
            inbox,
            messages,
        };
        kiosk.read_catalogue();
        kiosk.needs_a_person = kiosk.outbox.tally().is_ok_and(|tally| tally.quarantined > 0);
        kiosk
    }

    /// The way in for other threads.
    pub fn inbox(&self) -> Inbox {
        self.inbox.clone()
    }

    /// Lets something happen, and does what follows from it.
    pub fn happen(&mut self, event: Event) {
        let effects = self.journey.handle(event, self.clock.now());
        for effect in effects {
            self.run(effect);
        }
        self.follow_up();
    }

    /// Takes what other threads told, and lets time pass.
    pub fn poll(&mut self) {
        while let Ok(message) = self.messages.try_recv() {
            self.take(message);
        }
        if self.sync.as_ref().is_some_and(|sync| !sync.is_running()) {
            tracing::error!("nothing is delivered any more: the network's side has ended");
            (self.sync, self.network_away, self.needs_a_person) = (None, true, true);
        }
        self.happen(Event::Tick);
    }

    fn run(&mut self, effect: Effect) {
        match effect {
            Effect::Submit { id, submission } => self.submit(id, &submission),
            Effect::Ask(code) => self.ask(code),
            Effect::Print => self.print(),
            Effect::Wipe => self.lookups = Lookups::default(),
        }
    }

    fn submit(&mut self, id: Uuid, submission: &Submission) {
        let event = match self.outbox.submit(id, submission, self.clock.now(), (self.clock_state)()) {
            Ok(accepted) => {
                if let Some(sync) = &self.sync {
                    sync.wake();
                }
                Event::Kept { id, submitted_at: accepted.submitted_at }
            }
            Err(error) => {
                tracing::error!(error = %chain(&error), "a submission was not kept");
                Event::NotKept { id, problem: problem_of(&error) }
            }
        };
        self.happen(event);
    }

    fn ask(&mut self, code: TicketCode) {
        match self.outbox.known_ticket(&code) {
            Ok(Some(known)) => {
                let (state, at) = self.remembered(code, known);
                self.happen(Event::Known(code, Answer::Remembered(Box::new(state), at)));
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(error = %chain(&error), "the kiosk's own record cannot be read"),
        }
        match &self.sync {
            Some(sync) => sync.refresh_ticket(code),
            None => self.happen(Event::Known(code, Answer::Unreachable)),
        }
    }

    /// What the kiosk itself knows of a ticket that was opened here.
    fn remembered(&self, code: TicketCode, known: KnownTicket) -> (TicketState, Timestamp) {
        let now = self.clock.now();
        let submitted_at = known.submitted_at.unwrap_or(now);
        let state = known.state.unwrap_or_else(|| TicketState {
            code,
            kind: known.kind.unwrap_or(Kind::Report),
            category: LocalisedText::default(),
            status: Status::Received,
            submitted_at,
            due_on: self.due_on(None, submitted_at),
            protocol: None,
            handler: None,
            steps: vec![Step { at: submitted_at, what: StepKind::Submitted { site: self.site.clone() } }],
        });
        (state, known.state_at.unwrap_or(submitted_at))
    }

    fn print(&mut self) {
        if !self.rendered_receipt().is_some_and(|raster| self.desk.print(raster)) {
            self.happen(Event::PrintEnded { whole: false });
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Printer(PrinterReport::Status(status)) => {
                self.printer = status;
                if let Some(sync) = &self.sync {
                    sync.set_printer(status.as_str());
                }
            }
            Message::Connected(sync) => {
                sync.set_printer(self.printer.as_str());
                // Something may have been submitted between its first look at the outbox and now.
                sync.wake();
                self.sync = Some(sync);
            }
            Message::Printer(PrinterReport::Ended { whole }) => self.happen(Event::PrintEnded { whole }),
            Message::Panel(PanelEvent::PresenceDetected) => self.happen(Event::Presence),
            Message::Panel(PanelEvent::PresenceLost) => {}
            Message::Scan(text) => {
                if let Some(code) = scanned_code(&text) {
                    self.happen(Event::Scanned(code));
                }
            }
            Message::Sync(event) => self.take_sync(event),
        }
    }

    fn take_sync(&mut self, event: SyncEvent) {
        match event {
            SyncEvent::Reached => self.network_away = false,
            SyncEvent::Unreachable(_) => self.network_away = true,
            SyncEvent::CatalogueChanged => self.read_catalogue(),
            SyncEvent::TicketState(code, answer) => {
                let answer = match answer {
                    Ok(Some(state)) => Answer::Fresh(state),
                    Ok(None) => Answer::Unknown,
                    Err(_) => Answer::Unreachable,
                };
                self.happen(Event::Known(code, answer));
            }
            SyncEvent::Delivered { state, .. } => {
                let code = state.code;
                self.happen(Event::Known(code, Answer::Fresh(state)));
            }
            // It waits for somebody who looks after the kiosk: the light calls them.
            SyncEvent::Quarantined { .. } => self.needs_a_person = true,
        }
    }

    fn read_catalogue(&mut self) {
        // The open one follows what another connection writes. Opening checks the whole file, which a touch must not
        // wait for, so it is done only while there is none.
        if self.catalogue.is_none() {
            self.catalogue = (self.open_catalogue)();
        }
        self.lookups = Lookups::default();
        self.authority = self.catalogue.as_ref().and_then(|catalogue| catalogue.authority().ok().flatten());
        if let Some(authority) = &self.authority {
            self.zone = TimeZone::get(&authority.time_zone).unwrap_or_else(|_| self.zone.clone());
        }
    }

    /// What follows from the new state: lookups and the light.
    fn follow_up(&mut self) {
        if let Some(catalogue) = &self.catalogue
            && let Err(error) = self.lookups.update(self.journey.state(), catalogue, self.clock.now())
        {
            tracing::warn!(error = %chain(&error), "the catalogue cannot be read");
        }
        let light = if self.needs_a_person || self.outbox.can_accept().is_err() || !self.printer_is_well() {
            StatusLight::NeedsHelp
        } else if matches!(self.state().page(), Page::Welcome) {
            StatusLight::Ready
        } else {
            StatusLight::Busy
        };
        if self.light != Some(light) {
            self.light = Some(light);
            self.panel.set_light(light);
        }
    }

    fn printer_is_well(&self) -> bool {
        matches!(self.printer, PrinterStatus::None | PrinterStatus::Ready | PrinterStatus::PaperLow)
    }
}

/// What the face may read.
impl Kiosk {
    /// The visit.
    pub fn state(&self) -> &State {
        self.journey.state()
    }

    /// What the catalogue says to the page.
    pub fn lookups(&self) -> &Lookups {
        &self.lookups
    }

    /// The catalogue, if one has come.
    pub fn catalogue(&self) -> Option<&Catalogue> {
        self.catalogue.as_ref()
    }

    /// The body to which the kiosk belongs, if its catalogue has come.
    pub fn authority(&self) -> Option<&Authority> {
        self.authority.as_ref()
    }

    /// The town's time zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Where it stands.
    pub fn site(&self) -> &str {
        &self.site
    }

    /// The languages that are offered.
    pub fn languages(&self) -> &[String] {
        &self.languages
    }

    /// How the printer is.
    pub fn printer(&self) -> PrinterStatus {
        self.printer
    }

    /// Whether a scanner is fitted.
    pub fn has_scanner(&self) -> bool {
        self.has_scanner
    }

    /// Whether the central could not be reached lately.
    pub fn network_away(&self) -> bool {
        self.network_away
    }

    /// Whether a submission would be kept now. To be asked before the citizen types.
    pub fn can_accept(&self) -> bool {
        self.outbox.can_accept().is_ok()
    }

    /// The category with this code, as the steps need it.
    pub fn chosen_category(&self, code: &str) -> Option<ChosenCategory> {
        let category = self.catalogue.as_ref()?.category(code).ok().flatten()?;
        Some(ChosenCategory { code: category.code, place: category.place, questions: category.attributes })
    }

    /// The day by which a ticket submitted then is answered.
    pub fn due_on(&self, category: Option<&str>, submitted_at: Timestamp) -> Date {
        let town = self.authority.as_ref().map_or(DEFAULT_TERM_DAYS, |authority| authority.term_days);
        let own = category.and_then(|code| self.term_of(code));
        let day = submitted_at.to_zoned(self.zone.clone()).date();
        let days = i64::from(own.unwrap_or(town));
        day.checked_add(jiff::Span::new().days(days)).unwrap_or(day)
    }

    /// The term of a category, or of the nearest one above it that has one: as the central counts.
    fn term_of(&self, code: &str) -> Option<u16> {
        let catalogue = self.catalogue.as_ref()?;
        let mut code = code.to_owned();
        for _ in 0..MAX_CATEGORY_DEPTH {
            let category = catalogue.category(&code).ok().flatten()?;
            if category.term_days.is_some() {
                return category.term_days;
            }
            code = category.parent?;
        }
        None
    }

    /// The receipt of what was received, or of the ticket that is followed.
    pub fn receipt(&self) -> Option<Receipt> {
        let state = self.state();
        let authority = self.authority.as_ref();
        let received = state.received.as_ref().filter(|_| *state.page() == Page::Received);
        let followed = state.follow.state.as_ref();
        let (code, kind, submitted_at) = match (received, followed) {
            // What was added to a ticket has no receipt of its own: the ticket's is given again.
            (Some(received), Some(ticket)) if received.follow_up => {
                (received.code, ticket.kind, ticket.submitted_at)
            }
            (Some(received), _) => (received.code, received.kind, received.submitted_at),
            (None, Some(ticket)) => (ticket.code, ticket.kind, ticket.submitted_at),
            (None, None) => return None,
        };
        let ticket = received
            .and_then(|received| received.ticket.as_ref())
            .or_else(|| followed.filter(|ticket| ticket.code == code));
        let chosen = received.and_then(|received| received.category.as_deref());
        let category = chosen.and_then(|code| self.catalogue.as_ref()?.category(code).ok().flatten());
        let office = category
            .as_ref()
            .and_then(|category| self.catalogue.as_ref()?.office(category.office.as_deref()?).ok().flatten());
        Some(Receipt {
            authority: authority.map(|authority| authority.name.clone()).unwrap_or_default(),
            site: self.site.clone(),
            kind,
            category: category
                .map(|category| category.name)
                .or_else(|| ticket.map(|ticket| ticket.category.clone()))
                .unwrap_or_default(),
            submitted_at: submitted_at.to_zoned(self.zone.clone()),
            code,
            protocol: ticket.and_then(|ticket| ticket.protocol),
            due_on: ticket.map_or_else(|| self.due_on(chosen, submitted_at), |ticket| ticket.due_on),
            handler: ticket
                .and_then(|ticket| Some(ticket.handler.as_ref()?.name.clone()))
                .or_else(|| office.map(|office| office.name)),
            public_url: authority.map(|authority| authority.public_url.clone()).unwrap_or_default(),
            language: state.language.clone(),
        })
    }

    /// Renders the receipt for the screen: the same dots as on paper.
    pub fn rendered_receipt(&mut self) -> Option<sportello_hardware::raster::Raster> {
        let receipt = self.receipt()?;
        crate::receipt::render(&receipt, &mut self.fonts)
            .inspect_err(|error| tracing::error!(error = %chain(error), "the receipt cannot be drawn"))
            .ok()
    }

    /// Whether a print is running.
    pub fn is_printing(&self) -> bool {
        self.state().print == Print::Printing
    }
}

fn problem_of(error: &OutboxError) -> Problem {
    match error {
        OutboxError::Obstacle(Obstacle::QueueFull) => Problem::QueueFull,
        OutboxError::Obstacle(Obstacle::NotEnrolled | Obstacle::VolatileFolder) => Problem::CannotAcceptNow,
        OutboxError::TooLong { field: "words", .. } => Problem::WordsTooLong,
        OutboxError::TooLong { field: "place", .. } => Problem::PlaceTooLong,
        OutboxError::TooLong { .. } => Problem::ContactTooLong,
        _ => Problem::NotKept,
    }
}

/// Reads one of our codes, or the address on a receipt. Anything else that is scanned means nothing.
fn scanned_code(text: &str) -> Option<TicketCode> {
    let code = match text.split_once("://") {
        Some((_, address)) => address.rsplit_once("/t/")?.1,
        None => text,
    };
    code.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_codes_and_our_receipts_addresses_are_understood() {
        let code = TicketCode::from_random(12);
        assert_eq!(scanned_code(&code.to_string()), Some(code));
        assert_eq!(scanned_code(&format!("https://sportello.example.it/t/{code}")), Some(code));
        for other in ["https://example.it/", "https://example.it/t/", "RSSMRA85T10A562S", "\u{1b}[A", ""] {
            assert_eq!(scanned_code(other), None, "{other}");
        }
    }
}
