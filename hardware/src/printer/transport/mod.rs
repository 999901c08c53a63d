//! How bytes get to a printer and back.
//!
//! A transport knows nothing of what the bytes mean.

mod device_file;
mod tcp;

use std::{
    io::{self, Write},
    time::Duration,
};

pub use device_file::DeviceFile;
pub use tcp::Tcp;

/// The port on which network printers listen by custom.
pub const DEFAULT_PORT: u16 = 9100;

/// Opens connections to one device.
pub trait Connector: Send {
    /// An open connection.
    type Stream: ByteStream;

    /// Opens a connection. It closes when it is dropped.
    fn connect(&self) -> io::Result<Self::Stream>;

    /// Whether a device may be reached this way that can print but never answers.
    fn may_be_one_way(&self) -> bool;
}

/// An open connection to a device. Writing ends with an error when the device takes nothing for too long.
pub trait ByteStream: Write + Send {
    /// Reads what is there, waiting for it at most for `within`. `Ok(0)` means that nothing came; a closed connection is an error.
    fn read_within(&mut self, buffer: &mut [u8], within: Duration) -> io::Result<usize>;
}
