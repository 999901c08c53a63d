//! A kiosk without a scanner.

use super::{Scanner, ScannerStatus};

/// Says that there is no scanner.
#[derive(Debug, Clone, Copy, Default)]
pub struct AbsentScanner;

impl Scanner for AbsentScanner {
    fn status(&mut self) -> ScannerStatus {
        ScannerStatus::NotFitted
    }
}
