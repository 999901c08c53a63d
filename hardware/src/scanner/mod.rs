//! The scanner: reads a code that is held in front of it, and hands on the text.
//!
//! What the text means is not known here.

pub mod absent;
pub mod assembler;
pub mod serial;
pub mod simulated;

/// The most characters of a scan.
pub const MAX_SCAN_CHARACTERS: usize = 256;

/// Who is told. It is called from another thread, and has to return soon.
pub type ScanListener = Box<dyn FnMut(String) + Send>;

/// How the scanner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScannerStatus {
    /// It scans.
    Ready,
    /// It is unplugged or cannot be opened. It is looked for again and again.
    Offline,
    /// There is none: codes are typed.
    NotFitted,
}

/// A scanner. Its scans go to the [`ScanListener`] that it was made with, until it is dropped: printable ASCII, at most
/// [`MAX_SCAN_CHARACTERS`].
pub trait Scanner: Send {
    /// How it is.
    fn status(&mut self) -> ScannerStatus;
}
