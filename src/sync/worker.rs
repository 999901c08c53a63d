//! The thread's loop: one command or one due task at a time, commands first.
//!
//! When an envelope goes is decided by [`Schedule`]; how it travels, by the [`Remote`].

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use sportello_wire::{code::TicketCode, device::Heartbeat, envelope::Envelope};
use uuid::Uuid;

use super::{CallError, Command, Pace, Remote, Sync, SyncEvent, Trouble, central::Arrival};
use crate::{
    catalogue::Catalogue,
    outbox::{
        Outbox, OutboxError, QuarantineReason,
        schedule::{Schedule, Verdict},
    },
};

/// How often the outbox forgets what is old.
const TIDY_EVERY: Duration = Duration::from_hours(1);
/// How long after the last delivery the outbox is tidied: a moment at which nobody waits for the disk.
const TIDY_AFTER_DELIVERY: Duration = Duration::from_secs(10);

/// What is to be done when its time comes.
#[derive(Debug, Clone, Copy)]
enum Task {
    Deliver,
    Heartbeat,
    Catalogue,
    Tidy,
}

pub(super) struct Worker {
    remote: Remote,
    outbox: Outbox,
    catalogue: Catalogue,
    pace: Pace,
    random: Box<dyn FnMut() -> f64 + Send>,
    on_event: Box<dyn Fn(SyncEvent) + Send>,
    started: Instant,
    schedule: Schedule,
    /// Up to where the outbox has been read, and in which epoch.
    seen: Option<(Uuid, i64)>,
    heartbeat_at: Duration,
    catalogue_at: Duration,
    tidy_at: Duration,
    catalogue_changed: bool,
    printer: String,
    /// How the last call went; none before the first.
    reach: Option<Result<(), Trouble>>,
}

impl Worker {
    pub(super) fn new(sync: Sync) -> Self {
        let Sync { remote, outbox, catalogue, pace, random, on_event } = sync;
        Self {
            schedule: Schedule::new(remote.batch_limit()),
            remote,
            outbox,
            catalogue,
            pace,
            random,
            on_event,
            started: Instant::now(),
            seen: None,
            heartbeat_at: Duration::ZERO,
            catalogue_at: Duration::ZERO,
            tidy_at: TIDY_EVERY,
            catalogue_changed: false,
            printer: "none".into(),
            reach: None,
        }
    }

    pub(super) fn run(mut self, inbox: &Receiver<Command>) {
        self.collect();
        loop {
            let (at, task) = self.next_task();
            match inbox.recv_timeout(at.saturating_sub(self.now())) {
                Ok(Command::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(Command::Wake) => self.collect(),
                Ok(Command::RefreshTicket(code)) => self.refresh_ticket(code),
                Ok(Command::RefreshCatalogue) => self.catalogue_at = self.now(),
                Ok(Command::Printer(word)) => self.printer = word,
                Err(RecvTimeoutError::Timeout) => match task {
                    Task::Deliver => self.deliver(),
                    Task::Heartbeat => self.heartbeat(),
                    Task::Catalogue => self.refresh_catalogue(),
                    Task::Tidy => self.tidy(),
                },
            }
        }
    }

    fn next_task(&self) -> (Duration, Task) {
        let delivery = self.schedule.next_at().map(|at| (at, Task::Deliver));
        let mut next = delivery.unwrap_or((self.tidy_at, Task::Tidy));
        for task in [
            (self.heartbeat_at, Task::Heartbeat),
            (self.catalogue_at, Task::Catalogue),
            (self.tidy_at, Task::Tidy),
        ] {
            if task.0 < next.0 {
                next = task;
            }
        }
        next
    }

    /// Reads what is new in the outbox; all of it, if the queue had to be made anew.
    fn collect(&mut self) {
        if let Err(error) = self.try_collect() {
            tracing::error!(%error, "the outbox cannot be read");
        }
    }

    fn try_collect(&mut self) -> Result<(), OutboxError> {
        let epoch = self.outbox.epoch()?;
        let after = self.seen.filter(|(seen_in, _)| *seen_in == epoch).map_or(0, |(_, place)| place);
        let waiting = self.outbox.waiting(after)?;
        self.seen = Some((epoch, waiting.last().map_or(after, |last| last.place)));
        let now = self.now();
        for envelope in waiting {
            self.schedule.add(envelope.id, envelope.bytes, envelope.place, now);
        }
        Ok(())
    }

    fn deliver(&mut self) {
        let now = self.now();
        let batch = self.schedule.take(now);
        let (envelopes, mut verdicts) = self.read(batch);
        if !envelopes.is_empty() {
            let result = self.remote.deliver(&envelopes);
            self.note(&result);
            match result {
                Ok(arrivals) => {
                    verdicts.extend(arrivals.into_iter().map(|(id, arrival)| (id, self.settle(id, arrival))));
                }
                Err(error) => {
                    let (now, random) = (self.now(), (self.random)());
                    self.schedule.failed(error.retry_after(), now, random);
                    return;
                }
            }
        }
        let now = self.now();
        self.schedule.answered(&verdicts, now, &mut self.random);
        if self.schedule.is_empty() {
            self.tidy_at = self.tidy_at.min(now + TIDY_AFTER_DELIVERY);
        }
    }

    /// Reads envelopes from the outbox; what cannot be sent at all is settled here.
    fn read(&mut self, batch: Vec<Uuid>) -> (Vec<Envelope>, Vec<(Uuid, Verdict)>) {
        let (mut envelopes, mut verdicts) = (Vec::new(), Vec::new());
        for id in batch {
            match self.outbox.envelope(id) {
                Ok(Some(envelope)) => envelopes.push(envelope),
                // Somebody else has settled it.
                Ok(None) => verdicts.push((id, Verdict::Delivered)),
                Err(OutboxError::Damaged) => {
                    verdicts.push((id, self.settle(id, Arrival::Refused(QuarantineReason::Damaged))));
                }
                Err(error) => tracing::error!(%error, %id, "an envelope cannot be read"),
            }
        }
        (envelopes, verdicts)
    }

    /// Writes down what became of an envelope; until that is on the disk, it counts as not settled.
    fn settle(&mut self, id: Uuid, arrival: Arrival) -> Verdict {
        let now = Timestamp::now();
        let (written, verdict, event) = match arrival {
            Arrival::Later => return Verdict::TryAgain,
            Arrival::Arrived(state) => {
                let written = self.outbox.delivered(id, &state, now);
                (written, Verdict::Delivered, SyncEvent::Delivered { id, state })
            }
            Arrival::Refused(reason) => {
                tracing::warn!(%id, reason = reason.as_str(), "a submission is in quarantine");
                let written = self.outbox.quarantine(id, reason, now);
                (written, Verdict::Refused, SyncEvent::Quarantined { id, reason })
            }
        };
        match written {
            Ok(()) => {
                (self.on_event)(event);
                verdict
            }
            Err(error) => {
                tracing::error!(%error, %id, "the outbox cannot note what became of a submission");
                Verdict::TryAgain
            }
        }
    }

    fn refresh_ticket(&mut self, code: TicketCode) {
        let result = self.remote.ticket(&code);
        self.note(&result);
        let result = match result {
            Ok(state) => {
                if let Some(state) = &state
                    && let Err(error) = self.outbox.save_state(state, Timestamp::now())
                {
                    tracing::error!(%error, "the outbox cannot keep a ticket's state");
                }
                Ok(state.map(Box::new))
            }
            Err(error) => Err(trouble(&error)),
        };
        (self.on_event)(SyncEvent::TicketState(code, result));
    }

    fn refresh_catalogue(&mut self) {
        let cursor = self.catalogue.cursor().unwrap_or_else(|error| {
            tracing::error!(%error, "the catalogue cannot be read");
            None
        });
        let result = self.remote.catalogue(cursor.as_deref());
        self.note(&result);
        let Ok(delta) = result else {
            self.catalogue_at = self.soon(self.pace.after_failure);
            return;
        };
        let goes_on = delta.more && cursor.as_ref() != Some(&delta.cursor);
        self.catalogue_at = if goes_on { self.now() } else { self.soon(self.pace.catalogue) };
        if cursor.as_ref() == Some(&delta.cursor) && delta.changes.is_empty() && !delta.reset {
            return;
        }
        if let Err(error) = self.catalogue.apply(&delta) {
            tracing::error!(%error, "the catalogue cannot be refreshed");
            self.catalogue_at = self.soon(self.pace.after_failure);
            return;
        }
        self.catalogue_changed |= delta.reset || !delta.changes.is_empty();
        if self.catalogue_changed && !delta.more {
            self.catalogue_changed = false;
            (self.on_event)(SyncEvent::CatalogueChanged);
        }
    }

    fn heartbeat(&mut self) {
        self.heartbeat_at = self.soon(self.pace.heartbeat);
        let tally = match self.outbox.tally() {
            Ok(tally) => tally,
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be read");
                return;
            }
        };
        let result = self.remote.heartbeat(&Heartbeat {
            version: env!("CARGO_PKG_VERSION").into(),
            waiting: tally.waiting,
            quarantined: tally.quarantined,
            oldest: tally.oldest,
            epoch: tally.epoch,
            last_sequence: tally.last_sequence,
            printer: self.printer.clone(),
            clock: Timestamp::now(),
        });
        if !matches!(result, Ok(None)) {
            self.note(&result);
        }
        match result {
            Ok(Some(answer)) => {
                if !answer.missing.is_empty() {
                    tracing::warn!(count = answer.missing.len(), "the central misses submissions");
                }
                match self.remote.renew_sealing_keys(&answer.sealing_keys) {
                    Ok(Some(sealer)) => self.outbox.set_sealer(sealer),
                    Ok(None) => {}
                    Err(error) => tracing::error!(%error, "the central's new keys cannot be used"),
                }
            }
            Ok(None) => {}
            Err(_) => self.heartbeat_at = self.soon(self.pace.after_failure),
        }
    }

    fn tidy(&mut self) {
        self.tidy_at = self.now() + TIDY_EVERY;
        if let Err(error) = self.outbox.tidy(Timestamp::now()) {
            tracing::error!(%error, "the outbox cannot be tidied");
        }
        // The command line may have put something back into the queue.
        self.collect();
    }

    /// Tells when the other side comes or goes.
    fn note<T>(&mut self, result: &Result<T, CallError>) {
        let reach = result.as_ref().map(|_| ()).map_err(trouble);
        if self.reach == Some(reach) {
            return;
        }
        self.reach = Some(reach);
        if let Err(error) = result {
            tracing::warn!(%error, "out of reach");
            (self.on_event)(SyncEvent::Unreachable(trouble(error)));
        } else {
            tracing::info!("in reach");
            // Kiosks notice it at different moments, so they do not all come at once.
            let now = self.now();
            self.schedule.resume(now);
            (self.on_event)(SyncEvent::Reached);
        }
    }

    /// After about this time: between three quarters and five quarters of it, so that kiosks spread.
    fn soon(&mut self, after: Duration) -> Duration {
        self.now() + after.mul_f64(0.75 + (self.random)() / 2.0)
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }
}

fn trouble(error: &CallError) -> Trouble {
    match error {
        CallError::NotConnected(_) | CallError::CutOff(_) => Trouble::Network,
        CallError::Status { status: 401 | 403, .. } => Trouble::NotAdmitted,
        CallError::Status { .. } | CallError::NotUnderstood => Trouble::Server,
        CallError::Kiosk(_) => Trouble::Kiosk,
    }
}
