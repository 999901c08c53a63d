//! The only part that touches the network: delivers the outbox, refreshes the catalogue, asks for a ticket's state.
//!
//! It runs on a thread of its own, so that no touch ever waits for it: it is told things through a
//! [`SyncHandle`] and tells things through a callback. It speaks either to our central ([`central`]) or to any
//! Open311 GeoReport v2 server ([`open311`]). What a citizen sees of all this is not decided here.

pub mod central;
mod clock;
mod files;
mod http;
pub mod identity;
pub mod open311;
#[cfg(all(test, feature = "demonstration"))]
mod real_central;
mod remote;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod worker;

use std::{
    sync::mpsc::{Sender, channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use sportello_wire::{code::TicketCode, ticket::TicketState};
use uuid::Uuid;

pub use clock::clock_state;
pub use http::{CallError, HttpError, HttpOptions};
pub use remote::Remote;

use crate::{
    catalogue::Catalogue,
    outbox::{Outbox, QuarantineReason},
};

/// What the thread tells.
#[derive(Debug, Clone, PartialEq)]
pub enum SyncEvent {
    /// The other side answers (again). Told when it changes, and once at the start.
    Reached,
    /// The other side cannot be used. Told when it or its reason changes.
    Unreachable(Trouble),
    /// A submission has arrived.
    Delivered {
        /// The submission.
        id: Uuid,
        /// Its ticket as it stands now.
        state: Box<TicketState>,
    },
    /// A submission was not taken and waits for a person.
    Quarantined {
        /// The submission.
        id: Uuid,
        /// Why.
        reason: QuarantineReason,
    },
    /// What [`SyncHandle::refresh_ticket`] brought: the state, none for an unknown code, or why it cannot be told.
    TicketState(TicketCode, Result<Option<Box<TicketState>>, Trouble>),
    /// There is something new to look up.
    CatalogueChanged,
}

/// Why the other side cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nobody answers.
    #[error("nobody answers")]
    Network,
    /// Somebody answers, but not as expected.
    #[error("the server has a problem")]
    Server,
    /// The kiosk is not known there, or not any more.
    #[error("the server does not admit this kiosk")]
    NotAdmitted,
    /// The kiosk's own disk fails.
    #[error("the kiosk's own disk fails")]
    Kiosk,
}

/// How often things are done.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How often the kiosk says how it is.
    pub heartbeat: Duration,
    /// How often it asks for a newer catalogue.
    pub catalogue: Duration,
    /// How soon it asks again after a failure.
    pub after_failure: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_mins(5),
            catalogue: Duration::from_mins(15),
            after_failure: Duration::from_mins(1),
        }
    }
}

/// What the thread works with.
pub struct Sync {
    /// To whom it speaks.
    pub remote: Remote,
    /// What is to be delivered.
    pub outbox: Outbox,
    /// What is to be kept fresh. It may be open elsewhere as well.
    pub catalogue: Catalogue,
    /// How often.
    pub pace: Pace,
    /// Fractions from 0 to 1; [`system_random`] outside tests.
    pub random: Box<dyn FnMut() -> f64 + Send>,
    /// Is told what happens, on the thread. It must return soon.
    pub on_event: Box<dyn Fn(SyncEvent) + Send>,
}

/// What the thread is told.
enum Command {
    Wake,
    RefreshTicket(TicketCode),
    RefreshCatalogue,
    Printer(String),
    Stop,
}

impl Sync {
    /// Starts the thread.
    pub fn start(self) -> std::io::Result<SyncHandle> {
        let (commands, inbox) = channel();
        let thread = thread::Builder::new()
            .name("sync".into())
            .spawn(move || worker::Worker::new(self).run(&inbox))?;
        Ok(SyncHandle { commands, thread: Some(thread) })
    }
}

/// The way to the thread. Dropping it stops the thread after the call that it is in.
pub struct SyncHandle {
    commands: Sender<Command>,
    thread: Option<JoinHandle<()>>,
}

impl SyncHandle {
    /// There is something new in the outbox.
    pub fn wake(&self) {
        self.tell(Command::Wake);
    }

    /// Asks for a ticket's state; the answer is a [`SyncEvent::TicketState`].
    pub fn refresh_ticket(&self, code: TicketCode) {
        self.tell(Command::RefreshTicket(code));
    }

    /// Asks for a newer catalogue now.
    pub fn refresh_catalogue(&self) {
        self.tell(Command::RefreshCatalogue);
    }

    /// Says how the printer is, in the word of [`sportello_wire::device::Heartbeat::printer`].
    pub fn set_printer(&self, word: impl Into<String>) {
        self.tell(Command::Printer(word.into()));
    }

    /// Whether the thread runs. It ends by itself only if it panics.
    pub fn is_running(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Stops the thread and waits for it: as long as one call to the other side takes, at most.
    pub fn stop(mut self) {
        self.tell(Command::Stop);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been reported where it happened.
            let _ = thread.join();
        }
    }

    fn tell(&self, command: Command) {
        // Nobody listens only when the thread has ended, and then nothing is left to be told.
        let _ = self.commands.send(command);
    }
}

impl Drop for SyncHandle {
    fn drop(&mut self) {
        self.tell(Command::Stop);
    }
}

/// A random fraction from 0 to 1 from the operating system; a half if it has none.
pub fn system_random() -> f64 {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_or(0.5, |()| f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}
