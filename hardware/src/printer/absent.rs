//! A kiosk without a printer.

use super::{PrintError, Printer, PrinterStatus};
use crate::raster::Raster;

/// Says that there is no printer.
#[derive(Debug, Clone, Copy, Default)]
pub struct AbsentPrinter;

impl Printer for AbsentPrinter {
    fn status(&mut self) -> PrinterStatus {
        PrinterStatus::None
    }

    fn print(&mut self, _raster: &Raster) -> Result<(), PrintError> {
        Err(PrintError::NotReady { status: PrinterStatus::None })
    }
}
