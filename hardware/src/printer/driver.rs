//! The driver for ESC/POS printers, whatever they are connected by.
//!
//! It opens a connection for each job and each question and closes it again: many printers accept only one at a time. It
//! repeats no job by itself: whether a second copy is wanted is for a person to say.

use std::{
    io,
    time::{Duration, Instant},
};

use super::{
    PrintError, Printer, PrinterFault, PrinterStatus, escpos,
    session::{AskError, Session},
    transport::{ByteStream, Connector},
};
use crate::raster::Raster;

/// How often a printer is asked how it is while it prints what it has.
const POLL: Duration = Duration::from_millis(250);

/// What the driver has to know of a printer.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The width of the print head in dots.
    pub paper_dots: u16,
    /// How long an answer may take.
    pub answer_timeout: Duration,
    /// How long it may take until all is printed that was sent.
    pub completion_timeout: Duration,
}

/// An ESC/POS printer.
pub struct EscPosPrinter<C> {
    connector: C,
    limits: Limits,
    answers: Answers,
    says_when_done: Option<bool>,
    /// How wide the bands were of a job that was cut off and from which the printer was not brought back yet.
    interrupted_bytes_per_row: Option<usize>,
    last: Option<PrinterStatus>,
}

/// What is known of a printer's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answers {
    Unknown,
    Yes,
    Never,
}

impl<C: Connector> EscPosPrinter<C> {
    /// Makes a driver. The device is not touched.
    pub fn new(connector: C, limits: Limits) -> Self {
        Self {
            connector,
            limits,
            answers: Answers::Unknown,
            says_when_done: None,
            interrupted_bytes_per_row: None,
            last: None,
        }
    }

    fn connect(&mut self) -> Option<Session<C::Stream>> {
        match self.connector.connect() {
            Ok(stream) => Some(Session::new(stream, self.limits.answer_timeout)),
            Err(error) => {
                // Another device may be plugged in next.
                self.answers = Answers::Unknown;
                self.says_when_done = None;
                tracing::debug!(%error, "no connection to the printer");
                None
            }
        }
    }

    fn ask<S: ByteStream>(&mut self, session: &mut Session<S>) -> PrinterStatus {
        if self.answers == Answers::Never {
            return PrinterStatus::Ready;
        }
        match session.ask_status() {
            Ok(status) => {
                self.answers = Answers::Yes;
                status
            }
            Err(AskError::Silent) if self.answers == Answers::Unknown && self.connector.may_be_one_way() => {
                tracing::info!("the printer never says how it is");
                self.answers = Answers::Never;
                PrinterStatus::Ready
            }
            Err(AskError::Silent | AskError::Lost(_)) => PrinterStatus::Offline,
            Err(AskError::Rubbish(_)) => PrinterStatus::Fault(PrinterFault::Unintelligible),
        }
    }

    fn note(&mut self, status: PrinterStatus) -> PrinterStatus {
        if self.last.replace(status) != Some(status) {
            tracing::info!(?status, "printer");
        }
        status
    }

    fn send_job<S: ByteStream>(
        &mut self,
        session: &mut Session<S>,
        raster: &Raster,
    ) -> Result<(), PrintError> {
        let interrupted = self.interrupted_bytes_per_row;
        self.interrupted_bytes_per_row = interrupted.max(Some(raster.bytes_per_row()));
        if let Some(bytes_per_row) = interrupted {
            let sent = session.send(&escpos::recover(bytes_per_row));
            self.check(session, sent)?;
        }
        let sent = session.send(&escpos::initialise());
        self.check(session, sent)?;
        for band in escpos::bands(raster) {
            let sent = session.send_band(&band);
            self.check(session, sent)?;
        }
        let sent = session.send(&escpos::feed_and_cut(escpos::FEED_BEFORE_CUT));
        self.check(session, sent)?;
        self.wait_until_done(session)
    }

    /// Goes on only if the bytes went out and the printer still prints.
    fn check<S: ByteStream>(
        &mut self,
        session: &mut Session<S>,
        sent: io::Result<()>,
    ) -> Result<(), PrintError> {
        let status = self.ask(session);
        match sent {
            Ok(()) if status.can_print() => Ok(()),
            Ok(()) => Err(PrintError::CutOff { status, source: None }),
            // A printer that took no more bytes is not ready, whatever it says.
            Err(error) => {
                let status = if status.can_print() { PrinterStatus::Offline } else { status };
                Err(PrintError::CutOff { status, source: Some(error) })
            }
        }
    }

    /// Bytes that were taken are not yet on paper: waits until the printer says that they are.
    fn wait_until_done<S: ByteStream>(&mut self, session: &mut Session<S>) -> Result<(), PrintError> {
        if self.answers != Answers::Yes || self.says_when_done == Some(false) {
            return Ok(());
        }
        let sent = session.ask_when_done();
        let begun = Instant::now();
        self.check(session, sent)?;
        loop {
            let left = self.limits.completion_timeout.saturating_sub(begun.elapsed());
            match session.is_done_within(left.min(POLL)) {
                Ok(true) => {
                    self.says_when_done = Some(true);
                    // A printer that reports trouble unasked can sound like one that is done.
                    return self.check(session, Ok(()));
                }
                Ok(false) if left.is_zero() => break,
                Ok(false) => self.check(session, Ok(()))?,
                Err(error) => {
                    return Err(PrintError::CutOff { status: PrinterStatus::Offline, source: Some(error) });
                }
            }
        }
        if self.says_when_done == Some(true) {
            return Err(PrintError::Unconfirmed { within: self.limits.completion_timeout });
        }
        tracing::info!("the printer does not say when it is done");
        self.says_when_done = Some(false);
        Ok(())
    }
}

impl<C: Connector> Printer for EscPosPrinter<C> {
    fn status(&mut self) -> PrinterStatus {
        let status = match self.connect() {
            Some(mut session) => self.ask(&mut session),
            None => PrinterStatus::Offline,
        };
        self.note(status)
    }

    fn print(&mut self, raster: &Raster) -> Result<(), PrintError> {
        let paper_dots = self.limits.paper_dots;
        if raster.width_dots() == 0 || raster.height_dots() == 0 || raster.width_dots() > paper_dots {
            return Err(PrintError::DoesNotFit { width_dots: raster.width_dots(), paper_dots });
        }
        let Some(mut session) = self.connect() else {
            return Err(PrintError::NotReady { status: self.note(PrinterStatus::Offline) });
        };
        let status = self.ask(&mut session);
        if !self.note(status).can_print() {
            return Err(PrintError::NotReady { status });
        }
        let printed = self.send_job(&mut session, raster);
        match &printed {
            Ok(()) => self.interrupted_bytes_per_row = None,
            Err(error) => {
                tracing::warn!(%error, "printer");
                // It may not hear it any more; then the next job finds it as it is, and recovers it.
                session.send(&escpos::forget_unprinted()).ok();
            }
        }
        if let Err(PrintError::CutOff { status, .. }) = &printed {
            self.note(*status);
        }
        printed
    }
}
