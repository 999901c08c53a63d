//! A scanner for a machine that has none: whoever holds the handle holds the codes in front of it.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{ScanListener, Scanner, ScannerStatus, assembler::Assembler};

/// A simulated scanner.
#[derive(Debug)]
pub struct SimulatedScanner {
    control: SimulatedScannerControl,
}

impl SimulatedScanner {
    /// Makes a scanner, and the handle to it.
    pub fn new(listener: ScanListener) -> (Self, SimulatedScannerControl) {
        let state = Arc::new(Mutex::new(State { plugged_in: true, listener }));
        let control = SimulatedScannerControl { state };
        (Self { control: control.clone() }, control)
    }
}

impl Scanner for SimulatedScanner {
    fn status(&mut self) -> ScannerStatus {
        if self.control.lock().plugged_in { ScannerStatus::Ready } else { ScannerStatus::Offline }
    }
}

/// The handle to a simulated scanner. All clones are the same scanner.
#[derive(Clone)]
pub struct SimulatedScannerControl {
    state: Arc<Mutex<State>>,
}

impl SimulatedScannerControl {
    /// Holds a code in front of it. What the listener hears is what a real one would let it hear.
    ///
    /// The listener must not use this handle.
    pub fn scan(&self, code: &str) {
        let mut state = self.lock();
        if state.plugged_in {
            let mut assembler = Assembler::new(Duration::MAX);
            let scans = assembler.receive(format!("{code}\r").as_bytes(), Duration::ZERO);
            scans.into_iter().for_each(&mut state.listener);
        }
    }

    /// Pulls the cable, or plugs it in again.
    pub fn set_plugged_in(&self, plugged_in: bool) {
        self.lock().plugged_in = plugged_in;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SimulatedScannerControl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SimulatedScannerControl").finish_non_exhaustive()
    }
}

struct State {
    plugged_in: bool,
    listener: ScanListener,
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_code_held_in_front_of_it_is_heard_as_from_a_real_one_and_only_when_plugged_in() {
        let (told, scans) = mpsc::channel();
        let (mut scanner, control) = SimulatedScanner::new(Box::new(move |scan| told.send(scan).unwrap()));
        control.scan("]Q1first");
        control.scan("né carne né pesce");
        control.set_plugged_in(false);
        assert_eq!(scanner.status(), ScannerStatus::Offline);
        control.scan("second");
        control.set_plugged_in(true);
        assert_eq!(scanner.status(), ScannerStatus::Ready);
        control.scan("third");
        assert_eq!(scans.try_iter().collect::<Vec<_>>(), ["first", "third"]);
    }
}
