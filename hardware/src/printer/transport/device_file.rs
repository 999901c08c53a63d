//! A printer behind a file: `/dev/usb/lp0`, a serial device that is set up already, a named pipe, a plain file.
//!
//! No call blocks for longer than it is told, whatever the driver behind the file does. Only a device is read from: a pipe
//! would give back our own bytes. A file that is not there is not made.

use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::{FileTypeExt, OpenOptionsExt},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
};

use super::{ByteStream, Connector};

/// How long to wait before asking again a device that says "there is something" and then gives nothing.
const EMPTY_READ_PAUSE: Duration = Duration::from_millis(5);

/// A printer behind a file.
#[derive(Debug, Clone)]
pub struct DeviceFile {
    path: PathBuf,
    write_timeout: Duration,
}

impl DeviceFile {
    /// Names the file; nothing is opened.
    pub fn new(path: &Path, write_timeout: Duration) -> Self {
        Self { path: path.to_owned(), write_timeout }
    }
}

impl Connector for DeviceFile {
    type Stream = OpenDevice;

    fn connect(&self) -> io::Result<OpenDevice> {
        let answers = std::fs::metadata(&self.path)?.file_type().is_char_device();
        let file = OpenOptions::new()
            .read(answers)
            .append(true)
            .custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed())
            .open(&self.path)?;
        Ok(OpenDevice { file, answers, write_timeout: self.write_timeout })
    }

    fn may_be_one_way(&self) -> bool {
        true
    }
}

/// An open file with a printer behind it.
#[derive(Debug)]
pub struct OpenDevice {
    file: File,
    answers: bool,
    write_timeout: Duration,
}

impl OpenDevice {
    fn wait_for(&self, what: PollFlags, within: Duration) -> io::Result<bool> {
        let timeout = Timespec::try_from(within).map_err(|_| io::Error::from(ErrorKind::InvalidInput))?;
        Ok(poll(&mut [PollFd::new(&self.file, what)], Some(&timeout))? > 0)
    }
}

impl ByteStream for OpenDevice {
    fn read_within(&mut self, buffer: &mut [u8], within: Duration) -> io::Result<usize> {
        if !self.answers {
            return Ok(0);
        }
        let begun = Instant::now();
        loop {
            let left = within.saturating_sub(begun.elapsed());
            if self.wait_for(PollFlags::IN, left)? {
                match self.file.read(buffer) {
                    // The USB printer driver hands over empty packets as they come.
                    Ok(0) => thread::sleep(EMPTY_READ_PAUSE.min(left)),
                    Err(error) if is_not_yet(&error) => thread::sleep(EMPTY_READ_PAUSE.min(left)),
                    other => return other,
                }
            }
            if begun.elapsed() >= within {
                return Ok(0);
            }
        }
    }
}

impl Write for OpenDevice {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let begun = Instant::now();
        loop {
            match self.file.write(bytes) {
                Err(error) if is_not_yet(&error) => {}
                other => return other,
            }
            let left = self.write_timeout.saturating_sub(begun.elapsed());
            if left.is_zero() || !self.wait_for(PollFlags::OUT, left)? {
                return Err(ErrorKind::TimedOut.into());
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn is_not_yet(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
