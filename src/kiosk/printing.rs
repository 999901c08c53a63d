//! The printer's own thread: a touch never waits for paper.
//!
//! It reports the printer's status when it changes, and how each print ended. It does not know what is printed.

use std::{
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread,
    time::Duration,
};

use crate::chain;
use sportello_hardware::{
    printer::{Printer, PrinterStatus},
    raster::Raster,
};

/// How often the status is asked for while nothing is printed.
const POLL: Duration = Duration::from_secs(4);

/// What the printer's thread tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrinterReport {
    /// The status is another one.
    Status(PrinterStatus),
    /// A print ended.
    Ended {
        /// Whether the whole receipt came out.
        whole: bool,
    },
}

/// Takes what is to be printed.
#[derive(Clone)]
pub struct PrintDesk(Sender<Raster>);

impl PrintDesk {
    /// Starts the thread; it ends when the desk is dropped.
    pub fn start(mut printer: Box<dyn Printer>, report: impl Fn(PrinterReport) + Send + 'static) -> Self {
        let (sender, receiver) = channel::<Raster>();
        thread::spawn(move || {
            let mut last = None;
            let mut tell_status = |status: PrinterStatus| {
                if last != Some(status) {
                    tracing::info!(printer = status.as_str(), "the printer's status changed");
                    last = Some(status);
                    report(PrinterReport::Status(status));
                }
            };
            tell_status(printer.status());
            loop {
                match receiver.recv_timeout(POLL) {
                    Ok(raster) => {
                        let result = printer.print(&raster);
                        if let Err(error) = &result {
                            tracing::warn!(error = %chain(error), "a receipt was not printed whole");
                        }
                        tell_status(printer.status());
                        report(PrinterReport::Ended { whole: result.is_ok() });
                    }
                    Err(RecvTimeoutError::Timeout) => tell_status(printer.status()),
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        });
        Self(sender)
    }

    /// Prints; the report says how it ended. False if the printer's thread is gone.
    pub fn print(&self, raster: Raster) -> bool {
        self.0.send(raster).is_ok()
    }
}
