//! The simulated machine: what it is given, what it answers, and what can happen to it.
//!
//! It behaves as the reference says of a real one: questions are answered as they come, everything else in its turn, and
//! nothing is printed while the paper is out, the cover is open or something is stuck.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::paper::{self, PrintedJob};
use crate::printer::{
    interpreter::{Command, Interpreter, RealTimeCommand, RealTimeScanner},
    status::{
        COVER_OPEN, CUTTER_ERROR, ERROR_OCCURRED, FIXED_BITS, MECHANICAL_ERROR, OFFLINE, PAPER_END,
        PAPER_NEAR_END, Question, STOPPED_BY_PAPER_END, UNRECOVERABLE_ERROR,
    },
};

/// The most bytes that it keeps while it cannot print. What comes then is lost, as on a real one.
const BUFFER_BYTES: usize = 64 * 1024;
/// What it says when it talks rubbish.
const RUBBISH: u8 = 0xE5;

/// What a talkative one says when it goes offline: the first byte says so, and the next three look like "done".
const UNASKED_REPORT: [u8; 4] = [0x18, 0x00, 0x0C, 0x00];

/// What can happen to a printer in the middle of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// The paper is stuck.
    Jam,
    /// The cutter is stuck.
    CutterStuck,
    /// The paper ends.
    PaperEnds,
    /// Somebody opens the cover.
    CoverOpened,
    /// It breaks the connection, once.
    HangsUp,
    /// It takes everything, does nothing and says nothing.
    Stalls,
    /// It breaks.
    Breaks,
}

/// How a printer answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Manners {
    /// It answers all questions.
    #[default]
    Complete,
    /// It does not know how to say that it is done.
    NeverSaysDone,
    /// It has never learnt to speak.
    Mute,
    /// It answers, and also reports trouble unasked (automatic status back, `GS a`).
    Talkative,
    /// It answers what nobody understands.
    Rubbish,
}

#[derive(Debug)]
pub(super) struct Machine {
    state: Mutex<State>,
    changed: Condvar,
}

impl Machine {
    pub(super) fn new(folder: &Path) -> Self {
        Self { state: Mutex::new(State::new(folder)), changed: Condvar::new() }
    }

    pub(super) fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let result = change(&mut state);
        if state.pace.is_none() {
            state.print(usize::MAX);
        }
        self.changed.notify_all();
        result
    }

    /// Gives bytes to the machine. Says whether the connection is still there.
    pub(super) fn receive(&self, bytes: &[u8]) -> bool {
        self.change(|state| state.receive(bytes));
        !self.change(|state| std::mem::take(&mut state.hung_up))
    }

    /// Lets a slow machine print on for a moment. Gives what it has to say.
    pub(super) fn listen(&self) -> VecDeque<u8> {
        self.change(|state| {
            state.print(state.pace.unwrap_or(usize::MAX));
            std::mem::take(&mut state.answers)
        })
    }

    pub(super) fn wait_until(&self, within: Duration, mut condition: impl FnMut(&State) -> bool) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), within, |state| !condition(state));
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) paper_out: bool,
    pub(super) paper_low: bool,
    pub(super) cover_open: bool,
    pub(super) unplugged: bool,
    pub(super) pace: Option<usize>,
    pub(super) trouble: Option<(usize, Mishap)>,
    pub(super) manners: Manners,
    pub(super) printed: Vec<PrintedJob>,
    pub(super) answers: VecDeque<u8>,
    error: u8,
    stalled: bool,
    hung_up: bool,
    folder: PathBuf,
    scanner: RealTimeScanner,
    interpreter: Interpreter,
    buffer: VecDeque<u8>,
    job: Vec<u8>,
    strip: Vec<Vec<u8>>,
}

impl State {
    fn new(folder: &Path) -> Self {
        Self {
            paper_out: false,
            paper_low: false,
            cover_open: false,
            unplugged: false,
            pace: None,
            trouble: None,
            manners: Manners::default(),
            printed: Vec::new(),
            answers: VecDeque::new(),
            error: 0,
            stalled: false,
            hung_up: false,
            folder: folder.to_owned(),
            scanner: RealTimeScanner::default(),
            interpreter: Interpreter::default(),
            buffer: VecDeque::new(),
            job: Vec::new(),
            strip: Vec::new(),
        }
    }

    /// Off and on again, with the paper straight.
    pub(super) fn repair(&mut self) {
        (self.error, self.stalled, self.trouble) = (0, false, None);
        self.forget_unprinted();
        self.job.clear();
        self.strip.clear();
    }

    fn receive(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.stalled || self.hung_up {
                return;
            }
            if self.buffer.len() < BUFFER_BYTES {
                self.buffer.push_back(*byte);
            }
            if self.pace.is_none() {
                self.print(usize::MAX);
            }
            match self.scanner.take(*byte) {
                Some(RealTimeCommand::Ask(question)) => self.answer(self.status_byte(question)),
                Some(RealTimeCommand::ForgetUnprinted) => self.forget_unprinted(),
                None => {}
            }
        }
    }

    fn suffer(&mut self, mishap: Mishap) {
        match mishap {
            Mishap::Jam => self.error |= MECHANICAL_ERROR,
            Mishap::CutterStuck => self.error |= CUTTER_ERROR,
            Mishap::Breaks => self.error |= UNRECOVERABLE_ERROR,
            Mishap::PaperEnds => self.paper_out = true,
            Mishap::CoverOpened => self.cover_open = true,
            Mishap::Stalls => self.stalled = true,
            Mishap::HangsUp => self.hung_up = true,
        }
        if self.manners == Manners::Talkative {
            self.answers.extend(UNASKED_REPORT);
        }
    }

    fn forget_unprinted(&mut self) {
        self.buffer.clear();
        self.interpreter = Interpreter::default();
    }

    fn is_online(&self) -> bool {
        !self.paper_out && !self.cover_open && self.error == 0
    }

    fn status_byte(&self, question: Question) -> u8 {
        let bits = |condition: bool, bits: u8| if condition { bits } else { 0 };
        let (_, fixed) = FIXED_BITS;
        fixed
            | match question {
                Question::Printer => bits(!self.is_online(), OFFLINE),
                Question::Offline => {
                    bits(self.cover_open, COVER_OPEN)
                        | bits(self.paper_out, STOPPED_BY_PAPER_END)
                        | bits(self.error != 0, ERROR_OCCURRED)
                }
                Question::Error => self.error,
                Question::Paper => {
                    bits(self.paper_out, PAPER_END) | bits(self.paper_low || self.paper_out, PAPER_NEAR_END)
                }
            }
    }

    fn answer(&mut self, byte: u8) {
        match self.manners {
            Manners::Mute => {}
            Manners::Rubbish => self.answers.push_back(RUBBISH),
            Manners::Complete | Manners::Talkative | Manners::NeverSaysDone => self.answers.push_back(byte),
        }
    }

    /// Takes at most so many bytes out of the buffer and obeys them, as long as nothing stands against it.
    fn print(&mut self, at_most: usize) {
        for _ in 0..at_most {
            if self.buffer.is_empty() || !self.is_online() || self.stalled || self.hung_up {
                return;
            }
            if let Some((left, mishap)) = self.trouble {
                self.trouble = left.checked_sub(1).map(|left| (left, mishap));
                if self.trouble.is_none() {
                    self.suffer(mishap);
                    continue;
                }
            }
            let completed = self.buffer.pop_front().and_then(|byte| self.interpreter.take(byte));
            if let Some((command, bytes)) = completed {
                self.obey(command, &bytes);
            }
        }
    }

    fn obey(&mut self, command: Command, bytes: &[u8]) {
        match command {
            Command::AlreadyObeyed | Command::Padding => return,
            Command::AskWhenDone => {
                if self.manners != Manners::NeverSaysDone {
                    self.answer(if self.paper_low { 0x03 } else { 0 });
                }
                return;
            }
            _ => self.job.extend(bytes),
        }
        match command {
            Command::Picture { bytes_per_row, rows } if bytes_per_row > 0 => {
                self.strip.extend(rows.chunks(bytes_per_row).map(<[u8]>::to_vec));
            }
            Command::Feed { dots } if !self.strip.is_empty() => {
                self.strip.extend(std::iter::repeat_n(Vec::new(), usize::from(dots)));
            }
            Command::Cut => self.cut(),
            _ => {}
        }
    }

    fn cut(&mut self) {
        let (job, strip) = (std::mem::take(&mut self.job), std::mem::take(&mut self.strip));
        if strip.is_empty() {
            return;
        }
        match paper::save(&self.folder, &job, &strip) {
            Ok(printed) => self.printed.push(printed),
            Err(error) => {
                // Where nothing can be written nothing is printed, and whoever asks has to hear it.
                tracing::warn!(%error, folder = %self.folder.display(), "the simulated printer cannot write");
                self.error |= UNRECOVERABLE_ERROR;
            }
        }
    }
}
