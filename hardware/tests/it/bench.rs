//! A driver, and a machine at the other end of its line.

use std::{
    any::Any,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use serialport::{SerialPort, TTYPort};
use sportello_hardware::{
    printer::{
        Printer,
        driver::{EscPosPrinter, Limits},
        simulated::{SimulatedPrinterControl, peer, peer::SimulatedPeer},
        transport::{DeviceFile, Tcp},
    },
    raster::Raster,
};
use tempfile::TempDir;

/// Long enough for a machine that is busy with other tests.
pub(crate) const LIMITS: Limits = Limits {
    paper_dots: 576,
    answer_timeout: Duration::from_secs(10),
    completion_timeout: Duration::from_secs(30),
};
/// For answers that never come.
pub(crate) const HASTY: Limits = Limits { answer_timeout: Duration::from_secs(2), ..LIMITS };
pub(crate) const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// A driver connected to a simulated machine. A driver to come needs one function that makes this.
pub(crate) struct Bench {
    pub(crate) printer: Box<dyn Printer>,
    pub(crate) control: SimulatedPrinterControl,
    _folder: TempDir,
    _line: Box<dyn Any>,
}

impl Bench {
    pub(crate) fn cable(limits: Limits) -> Self {
        Self::build(|control| (Box::new(EscPosPrinter::new(control.cable(), limits)), Box::new(())))
    }

    pub(crate) fn network(limits: Limits) -> Self {
        Self::build(|control| {
            let peer = SimulatedPeer::listen(control.clone(), "127.0.0.1:0").unwrap();
            let tcp = Tcp::new("127.0.0.1", peer.address().port(), WRITE_TIMEOUT, WRITE_TIMEOUT);
            (Box::new(EscPosPrinter::new(tcp, limits)), Box::new(peer))
        })
    }

    pub(crate) fn device(limits: Limits) -> Self {
        Self::build(|control| {
            let (mut machine_end, driver_end) = TTYPort::pair().unwrap();
            machine_end.set_timeout(Duration::from_millis(10)).unwrap();
            let path = driver_end.name().unwrap();
            let driver = EscPosPrinter::new(DeviceFile::new(path.as_ref(), WRITE_TIMEOUT), limits);
            let ended = Arc::new(AtomicBool::new(false));
            let line = Line { ended: Arc::clone(&ended), _driver_end: driver_end };
            let control = control.clone();
            thread::spawn(move || {
                while !ended.load(Ordering::Relaxed) {
                    if peer::serve(&control, &mut machine_end, &ended).is_err() {
                        break;
                    }
                    thread::yield_now();
                }
            });
            (Box::new(driver), Box::new(line))
        })
    }

    fn build(connect: impl FnOnce(&SimulatedPrinterControl) -> (Box<dyn Printer>, Box<dyn Any>)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let control = SimulatedPrinterControl::new(&folder.path().join("printed"));
        let (printer, line) = connect(&control);
        Self { printer, control, _folder: folder, _line: line }
    }

    /// The bytes of what was printed, job by job.
    pub(crate) fn printed(&self) -> Vec<Vec<u8>> {
        self.control.printed().iter().map(|job| job.bytes().unwrap()).collect()
    }
}

/// Keeps the driver's end open, so that the line keeps its raw mode between two connections.
struct Line {
    ended: Arc<AtomicBool>,
    _driver_end: TTYPort,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

/// A picture of several bands with black in all of its corners.
pub(crate) fn picture() -> Raster {
    let mut raster = Raster::new(576, 600);
    for y in 0..600 {
        for x in 0..576 {
            let edge = x == 0 || y == 0 || x == 575 || y == 599;
            if edge || (x / 24 + y / 24) % 2 == 0 && (x * 7 + y * 13) % 11 < 4 {
                raster.blacken(x, y);
            }
        }
    }
    raster
}
