//! The cable between the driver and the simulated machine.

use std::{
    collections::VecDeque,
    io::{self, ErrorKind, Write},
    sync::Arc,
    time::Duration,
};

use super::machine::Machine;
use crate::printer::transport::{ByteStream, Connector};

/// The way to a simulated machine.
#[derive(Debug, Clone)]
pub struct SimulatedCable {
    machine: Arc<Machine>,
}

impl SimulatedCable {
    pub(super) fn new(machine: Arc<Machine>) -> Self {
        Self { machine }
    }
}

impl Connector for SimulatedCable {
    type Stream = SimulatedConnection;

    fn connect(&self) -> io::Result<SimulatedConnection> {
        if self.machine.look(|state| state.unplugged) {
            return Err(ErrorKind::NotConnected.into());
        }
        Ok(SimulatedConnection {
            machine: Arc::clone(&self.machine),
            answers: VecDeque::new(),
            hung_up: false,
        })
    }

    fn may_be_one_way(&self) -> bool {
        true
    }
}

/// A connection to a simulated machine.
#[derive(Debug)]
pub struct SimulatedConnection {
    machine: Arc<Machine>,
    answers: VecDeque<u8>,
    hung_up: bool,
}

impl SimulatedConnection {
    fn check(&self) -> io::Result<()> {
        if self.hung_up || self.machine.look(|state| state.unplugged) {
            return Err(ErrorKind::BrokenPipe.into());
        }
        Ok(())
    }
}

impl ByteStream for SimulatedConnection {
    fn read_within(&mut self, buffer: &mut [u8], within: Duration) -> io::Result<usize> {
        if self.answers.is_empty() {
            self.check()?;
            self.answers = self.machine.listen();
            if self.answers.is_empty() {
                self.machine.wait_until(within, |state| !state.answers.is_empty() || state.unplugged);
                self.answers = self.machine.listen();
            }
        }
        let count = buffer.len().min(self.answers.len());
        for (place, byte) in buffer.iter_mut().zip(self.answers.drain(..count)) {
            *place = byte;
        }
        Ok(count)
    }
}

impl Write for SimulatedConnection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.check()?;
        self.hung_up = !self.machine.receive(bytes);
        self.check()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
