//! One conversation with an ESC/POS printer over one open connection: says, asks, waits for "done".
//!
//! It tells the two kinds of answers apart by their fixed bits. What follows from an answer is decided by the driver.

use std::{
    io,
    time::{Duration, Instant},
};

use super::{
    PrinterStatus, escpos,
    status::{Answer, NotAStatus, Question, summarise},
    transport::ByteStream,
};

/// How long nothing has to come until answers that nobody asked for are believed to be over.
const QUIET: Duration = Duration::from_millis(100);
/// The most unasked bytes that are thrown away at a time; a device that says more is not a printer.
const MAX_UNASKED_BYTES: usize = 4096;

/// Why there is no status.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    #[error("the printer does not answer")]
    Silent,
    #[error("the printer's answer makes no sense")]
    Rubbish(#[source] NotAStatus),
    #[error("the connection to the printer is lost")]
    Lost(#[from] io::Error),
}

/// An open conversation.
pub(super) struct Session<S> {
    stream: S,
    answer_timeout: Duration,
    waits_for_done: bool,
    done: bool,
}

impl<S: ByteStream> Session<S> {
    pub(super) fn new(stream: S, answer_timeout: Duration) -> Self {
        Self { stream, answer_timeout, waits_for_done: false, done: false }
    }

    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.flush()
    }

    /// Asks the four questions and sums up the answers.
    ///
    /// What a printer says unasked can come between question and answer: then all is asked once more, when it is quiet, so
    /// that no late answer is taken for that to another question.
    pub(super) fn ask_status(&mut self) -> Result<PrinterStatus, AskError> {
        self.discard_unasked(Duration::ZERO)?;
        match self.ask_all() {
            Err(AskError::Rubbish(_)) => {
                self.discard_unasked(QUIET)?;
                self.ask_all()
            }
            answered => answered,
        }
    }

    /// Sends a part of a picture, and takes away the answers to the questions that the printer believes to see in it. A
    /// printer that does not look for questions in pictures costs the wait for the first.
    pub(super) fn send_band(&mut self, band: &[u8]) -> io::Result<()> {
        self.send(band)?;
        for _ in 0..escpos::answers_provoked(band) {
            if self.hear(self.answer_timeout)? == Heard::Nothing {
                break;
            }
        }
        Ok(())
    }

    /// Asks to be told when all is printed that was sent.
    pub(super) fn ask_when_done(&mut self) -> io::Result<()> {
        self.waits_for_done = true;
        self.done = false;
        self.send(&escpos::ask_when_done())
    }

    /// Waits for the answer to [`Self::ask_when_done`]. What else comes meanwhile is nothing that was asked for.
    pub(super) fn is_done_within(&mut self, within: Duration) -> io::Result<bool> {
        let begun = Instant::now();
        while !self.done {
            let left = within.saturating_sub(begun.elapsed());
            if self.hear(left)? == Heard::Nothing && begun.elapsed() >= within {
                break;
            }
        }
        Ok(self.done)
    }

    fn ask_all(&mut self) -> Result<PrinterStatus, AskError> {
        let [printer, offline, error, paper] = Question::ALL;
        Ok(summarise([self.ask(printer)?, self.ask(offline)?, self.ask(error)?, self.ask(paper)?]))
    }

    fn ask(&mut self, question: Question) -> Result<Answer, AskError> {
        self.send(&question.request())?;
        let begun = Instant::now();
        loop {
            let left = self.answer_timeout.saturating_sub(begun.elapsed());
            match self.hear(left)? {
                Heard::Byte(byte) => return Answer::try_from(byte).map_err(AskError::Rubbish),
                Heard::Nothing if begun.elapsed() >= self.answer_timeout => return Err(AskError::Silent),
                Heard::Nothing | Heard::Done => {}
            }
        }
    }

    fn discard_unasked(&mut self, until_quiet_for: Duration) -> io::Result<()> {
        let mut discarded = 0;
        while discarded < MAX_UNASKED_BYTES && self.hear(until_quiet_for)? != Heard::Nothing {
            discarded += 1;
        }
        Ok(())
    }

    fn hear(&mut self, within: Duration) -> io::Result<Heard> {
        let mut byte = [0];
        if self.stream.read_within(&mut byte, within)? == 0 {
            return Ok(Heard::Nothing);
        }
        let [byte] = byte;
        // It may come between the answers to other questions.
        if self.waits_for_done && escpos::is_done_answer(byte) {
            self.waits_for_done = false;
            self.done = true;
            return Ok(Heard::Done);
        }
        Ok(Heard::Byte(byte))
    }
}

/// What came from the printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    Nothing,
    Done,
    Byte(u8),
}
