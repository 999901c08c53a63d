//! A scanner at a serial line, mostly USB with its own serial interface (CDC).
//!
//! That mode is to be preferred to a scanner that types like a keyboard: no keyboard layout can spoil what it reads.

use std::{
    io::{self, ErrorKind, Read},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError},
    },
    thread,
    time::{Duration, Instant},
};

use serialport::SerialPort;

use super::{ScanListener, Scanner, ScannerStatus, assembler::Assembler};

/// The longest that reading waits before the end of a scan, or of the scanner, is looked for.
const LONGEST_READ: Duration = Duration::from_millis(50);

/// Where a scanner is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialLine {
    /// The device file, best by `/dev/serial/by-id/`.
    pub path: PathBuf,
    /// The speed; USB does not care.
    pub baud_rate: u32,
    /// How long nothing comes after a scan that has no other end.
    pub gap: Duration,
    /// How long to wait before a scanner that is not there is looked for again.
    pub retry_after: Duration,
}

/// A scanner at a serial line.
#[derive(Debug)]
pub struct SerialScanner {
    online: Arc<AtomicBool>,
    _end: Sender<()>,
}

impl SerialScanner {
    /// Begins to read, on a thread of its own, and looks for the scanner again whenever it is gone.
    pub fn begin(line: SerialLine, listener: ScanListener) -> io::Result<Self> {
        let (end, ended) = mpsc::channel();
        let online = Arc::new(AtomicBool::new(false));
        let reader = Reader { line, online: Arc::clone(&online), ended, listener };
        thread::Builder::new().name("scanner".to_owned()).spawn(move || reader.run())?;
        Ok(Self { online, _end: end })
    }
}

impl Scanner for SerialScanner {
    fn status(&mut self) -> ScannerStatus {
        if self.online.load(Ordering::Relaxed) { ScannerStatus::Ready } else { ScannerStatus::Offline }
    }
}

struct Reader {
    line: SerialLine,
    online: Arc<AtomicBool>,
    ended: Receiver<()>,
    listener: ScanListener,
}

impl Reader {
    fn run(mut self) {
        loop {
            let port = serialport::new(self.line.path.to_string_lossy(), self.line.baud_rate)
                .timeout(self.line.gap.min(LONGEST_READ))
                .open();
            match port {
                Ok(port) => {
                    tracing::info!("scanner online");
                    self.online.store(true, Ordering::Relaxed);
                    let lost = self.read(port);
                    self.online.store(false, Ordering::Relaxed);
                    tracing::info!(error = lost.err().map(tracing::field::display), "scanner offline");
                }
                Err(error) => tracing::debug!(%error, "no scanner"),
            }
            if self.ended.recv_timeout(self.line.retry_after) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    }

    /// Reads until the line is lost or nobody wants to hear any more.
    fn read(&mut self, mut port: Box<dyn SerialPort>) -> io::Result<()> {
        let begun = Instant::now();
        let mut assembler = Assembler::new(self.line.gap);
        let mut buffer = [0; 512];
        while self.ended.try_recv() == Err(TryRecvError::Empty) {
            let scans = match port.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => assembler.receive(buffer.get(..count).unwrap_or_default(), begun.elapsed()),
                Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::Interrupted) => {
                    assembler.idle(begun.elapsed()).into_iter().collect()
                }
                Err(error) => return Err(error),
            };
            scans.into_iter().for_each(&mut self.listener);
        }
        Ok(())
    }
}
