//! The receipt printer: one contract, and the drivers that keep it.
//!
//! Every call blocks until it has an answer, at most as long as the configured time limits: call it off the screen's thread.

pub mod absent;
pub mod driver;
pub mod escpos;
mod interpreter;
mod session;
pub mod simulated;
pub mod status;
pub mod transport;

use std::{io, time::Duration};

use crate::raster::Raster;
pub use status::{PrinterFault, PrinterStatus};

/// Puts pictures on paper.
pub trait Printer: Send {
    /// Asks the device how it is. A device that is not there is [`PrinterStatus::Offline`].
    fn status(&mut self) -> PrinterStatus;

    /// Prints a picture and cuts the paper behind it. `Ok` means that the whole of it is on paper, as far as the device can tell.
    fn print(&mut self, raster: &Raster) -> Result<(), PrintError>;
}

/// Why a picture is not on paper, or not wholly.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// Nothing was sent.
    #[error("the printer cannot print now: {}", status.as_str())]
    NotReady {
        /// What the printer said.
        status: PrinterStatus,
    },
    /// Printing began and ended too early: some of the picture may be on paper.
    #[error("the print was cut off: {}", status.as_str())]
    CutOff {
        /// What the printer said afterwards.
        status: PrinterStatus,
        /// What went wrong on the way to it, if that was it.
        #[source]
        source: Option<io::Error>,
    },
    /// All was sent, but a printer that usually says when it is done did not say so.
    #[error("the printer did not say within {} s that it is done", within.as_secs())]
    Unconfirmed {
        /// How long was waited.
        within: Duration,
    },
    /// The picture is empty, or wider than the print head. Nothing was sent.
    #[error("a picture {width_dots} dots wide does not fit on {paper_dots}, or is empty")]
    DoesNotFit {
        /// The picture's width.
        width_dots: u16,
        /// The print head's width.
        paper_dots: u16,
    },
}
