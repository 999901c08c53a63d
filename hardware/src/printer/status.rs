//! What a printer says about itself: the real-time status of ESC/POS (`DLE EOT n`), as bytes and in one word.
//!
//! It does not talk to the printer. Source: Epson's ESC/POS reference, `DLE EOT`.

/// How the printer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrinterStatus {
    /// It prints.
    Ready,
    /// It prints, but not for long.
    PaperLow,
    /// There is no paper.
    PaperOut,
    /// Its cover is open.
    CoverOpen,
    /// It is switched off, unplugged, or does not answer.
    Offline,
    /// It needs somebody who looks after it.
    Fault(PrinterFault),
    /// This kiosk has no printer.
    None,
}

/// What is wrong with a printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrinterFault {
    /// Its mechanics are stuck: a jam, mostly.
    Mechanical,
    /// Its cutter is stuck.
    Cutter,
    /// The print head is too hot. It recovers by itself.
    Overheated,
    /// It says that it is broken.
    Broken,
    /// Its answers make no sense: another device, another speed, another protocol.
    Unintelligible,
}

impl PrinterStatus {
    /// One stable word: `ready`, `paper_low`, `paper_out`, `cover_open`, `offline`, `fault`, `none`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::PaperLow => "paper_low",
            Self::PaperOut => "paper_out",
            Self::CoverOpen => "cover_open",
            Self::Offline => "offline",
            Self::Fault(_) => "fault",
            Self::None => "none",
        }
    }

    /// Whether a job can be begun.
    pub fn can_print(self) -> bool {
        matches!(self, Self::Ready | Self::PaperLow)
    }
}

/// The four questions that make up a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// `n` = 1: is it online?
    Printer,
    /// `n` = 2: why is it offline?
    Offline,
    /// `n` = 3: which error?
    Error,
    /// `n` = 4: is there paper?
    Paper,
}

impl Question {
    /// All of them, in the order in which [`summarise`] wants the answers.
    pub const ALL: [Self; 4] = [Self::Printer, Self::Offline, Self::Error, Self::Paper];

    /// The bytes that ask it.
    pub fn request(self) -> [u8; 3] {
        let n = match self {
            Self::Printer => 1,
            Self::Offline => 2,
            Self::Error => 3,
            Self::Paper => 4,
        };
        [0x10, 0x04, n]
    }
}

/// A byte that is no answer to any [`Question`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{byte:#04x} is no status byte")]
pub struct NotAStatus {
    /// The byte.
    pub byte: u8,
}

/// A byte of which the fixed bits (`0xx1xx10`) are as they must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer(u8);

/// The bits that are always the same in an answer, and their values.
pub(super) const FIXED_BITS: (u8, u8) = (0b1001_0011, 0b0001_0010);

pub(super) const OFFLINE: u8 = 0x08;
pub(super) const COVER_OPEN: u8 = 0x04;
pub(super) const STOPPED_BY_PAPER_END: u8 = 0x20;
pub(super) const ERROR_OCCURRED: u8 = 0x40;
pub(super) const MECHANICAL_ERROR: u8 = 0x04;
pub(super) const CUTTER_ERROR: u8 = 0x08;
pub(super) const UNRECOVERABLE_ERROR: u8 = 0x20;
pub(super) const OVERHEATED: u8 = 0x40;
pub(super) const PAPER_NEAR_END: u8 = 0x0C;
pub(super) const PAPER_END: u8 = 0x60;

impl TryFrom<u8> for Answer {
    type Error = NotAStatus;

    fn try_from(byte: u8) -> Result<Self, NotAStatus> {
        let (mask, value) = FIXED_BITS;
        if byte & mask == value { Ok(Self(byte)) } else { Err(NotAStatus { byte }) }
    }
}

impl Answer {
    fn has(self, bits: u8) -> bool {
        self.0 & bits != 0
    }
}

/// Says in one word what the answers to [`Question::ALL`] mean: first what a person can mend, then what is broken.
pub fn summarise([printer, offline, error, paper]: [Answer; 4]) -> PrinterStatus {
    if offline.has(COVER_OPEN) {
        PrinterStatus::CoverOpen
    } else if paper.has(PAPER_END) || offline.has(STOPPED_BY_PAPER_END) {
        PrinterStatus::PaperOut
    } else if error.has(UNRECOVERABLE_ERROR) {
        PrinterStatus::Fault(PrinterFault::Broken)
    } else if error.has(CUTTER_ERROR) {
        PrinterStatus::Fault(PrinterFault::Cutter)
    } else if error.has(OVERHEATED) {
        PrinterStatus::Fault(PrinterFault::Overheated)
    } else if error.has(MECHANICAL_ERROR) || offline.has(ERROR_OCCURRED) {
        PrinterStatus::Fault(PrinterFault::Mechanical)
    } else if printer.has(OFFLINE) {
        PrinterStatus::Offline
    } else if paper.has(PAPER_NEAR_END) {
        PrinterStatus::PaperLow
    } else {
        PrinterStatus::Ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(bytes: [u8; 4]) -> PrinterStatus {
        summarise(bytes.map(|byte| Answer::try_from(byte).unwrap()))
    }

    #[test]
    fn only_the_16_bytes_of_the_pattern_are_answers() {
        let answers: Vec<u8> = (0..=u8::MAX).filter(|byte| Answer::try_from(*byte).is_ok()).collect();
        assert_eq!(answers.len(), 16);
        assert!(answers.iter().all(|byte| format!("{byte:08b}").ends_with("10") && byte & 0x90 == 0x10));
        for rubbish in [0x00, 0x10, 0x11, 0x13, 0x92, 0xFF, b'A'] {
            assert_eq!(Answer::try_from(rubbish), Err(NotAStatus { byte: rubbish }));
        }
    }

    #[test]
    fn each_condition_has_its_word() {
        for (bytes, word) in [
            ([0x12, 0x12, 0x12, 0x12], "ready"),
            ([0x12, 0x12, 0x12, 0x1E], "paper_low"),
            ([0x1A, 0x32, 0x12, 0x7E], "paper_out"),
            ([0x1A, 0x16, 0x12, 0x12], "cover_open"),
            ([0x1A, 0x12, 0x12, 0x12], "offline"),
            ([0x1A, 0x52, 0x16, 0x12], "fault"),
        ] {
            assert_eq!(summary(bytes).as_str(), word, "{bytes:02x?}");
        }
    }

    #[test]
    fn an_open_cover_is_said_before_the_missing_paper_behind_it() {
        assert_eq!(summary([0x1A, 0x36, 0x12, 0x7E]), PrinterStatus::CoverOpen);
    }

    #[test]
    fn faults_are_told_apart() {
        for (error, fault) in [
            (0x16, PrinterFault::Mechanical),
            (0x1A, PrinterFault::Cutter),
            (0x32, PrinterFault::Broken),
            (0x52, PrinterFault::Overheated),
        ] {
            assert_eq!(summary([0x1A, 0x52, error, 0x12]), PrinterStatus::Fault(fault));
        }
    }

    #[test]
    fn only_a_printer_with_paper_can_print() {
        use PrinterStatus::{CoverOpen, Fault, None, Offline, PaperLow, PaperOut, Ready};
        assert!([Ready, PaperLow].iter().all(|status| status.can_print()));
        assert!(
            [PaperOut, CoverOpen, Offline, Fault(PrinterFault::Cutter), None]
                .iter()
                .all(|status| !status.can_print())
        );
    }
}
