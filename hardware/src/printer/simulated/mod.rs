//! A printer for a machine that has none: it takes the same bytes as a real one and "prints" into a folder.
//!
//! The driver in front of it is the real one; only the cable is simulated. The same machine can be put behind a socket or a
//! serial line ([`peer`]).

mod cable;
mod machine;
mod paper;
pub mod peer;

use std::{path::Path, sync::Arc, time::Duration};

pub use cable::SimulatedCable;
pub use machine::{Manners, Mishap};
pub use paper::PrintedJob;

use machine::Machine;

/// The simulated machine, to be watched and troubled. All clones are the same machine.
#[derive(Debug, Clone)]
pub struct SimulatedPrinterControl {
    machine: Arc<Machine>,
}

impl SimulatedPrinterControl {
    /// A machine that prints into a folder, which is made with the first job.
    pub fn new(folder: &Path) -> Self {
        Self { machine: Arc::new(Machine::new(folder)) }
    }

    /// The cable to it, for the driver.
    pub fn cable(&self) -> SimulatedCable {
        SimulatedCable::new(Arc::clone(&self.machine))
    }

    /// Takes the paper out, or puts new paper in.
    pub fn set_paper_out(&self, out: bool) {
        self.machine.change(|state| state.paper_out = out);
    }

    /// Lets the paper run low.
    pub fn set_paper_low(&self, low: bool) {
        self.machine.change(|state| state.paper_low = low);
    }

    /// Opens or closes the cover.
    pub fn set_cover_open(&self, open: bool) {
        self.machine.change(|state| state.cover_open = open);
    }

    /// Pulls the cable.
    pub fn unplug(&self) {
        self.machine.change(|state| state.unplugged = true);
    }

    /// Plugs the cable in again.
    pub fn plug_in(&self) {
        self.machine.change(|state| state.unplugged = false);
    }

    /// Lets it print only so many bytes whenever its line is looked at: a real one takes bytes quicker than it prints them.
    pub fn set_pace(&self, bytes: Option<usize>) {
        self.machine.change(|state| state.pace = bytes);
    }

    /// Jams when it has printed so many more bytes.
    pub fn jam_after_bytes(&self, bytes: usize) {
        self.trouble_after_bytes(bytes, Mishap::Jam);
    }

    /// Something happens when it has printed so many more bytes, questions included.
    pub fn trouble_after_bytes(&self, bytes: usize, mishap: Mishap) {
        self.machine.change(|state| state.trouble = Some((bytes, mishap)));
    }

    /// Somebody opens it, takes out what is stuck, switches it off and on.
    pub fn repair(&self) {
        self.machine.change(machine::State::repair);
    }

    /// How it answers.
    pub fn set_manners(&self, manners: Manners) {
        self.machine.change(|state| state.manners = manners);
    }

    /// What was printed and cut, oldest first.
    pub fn printed(&self) -> Vec<PrintedJob> {
        self.machine.look(|state| state.printed.clone())
    }

    /// Waits until so many jobs are printed. Says whether they are.
    pub fn wait_for_jobs(&self, count: usize, within: Duration) -> bool {
        self.machine.wait_until(within, |state| state.printed.len() >= count)
    }
}
