//! What differs between the lines by which a printer is connected.

use std::{fs, io::Read, thread, time::Duration};

use rustix::fs::{CWD, FileType, Mode};
use sportello_hardware::printer::{
    PrintError, Printer, PrinterStatus,
    driver::{EscPosPrinter, Limits},
    escpos,
    simulated::{Manners, Mishap},
    transport::{DeviceFile, Tcp},
};

use crate::bench::{Bench, HASTY, LIMITS, WRITE_TIMEOUT, picture};

#[test]
fn a_connection_that_breaks_midway_is_a_cut_off_job_and_the_next_one_is_whole() {
    for make in [Bench::cable, Bench::network] {
        let mut bench = make(LIMITS);
        bench.control.trouble_after_bytes(30_000, Mishap::HangsUp);
        let printed = bench.printer.print(&picture());
        assert!(
            matches!(printed, Err(PrintError::CutOff { status: PrinterStatus::Offline, .. })),
            "{printed:?}"
        );
        bench.printer.print(&picture()).unwrap();
        assert_eq!(bench.printed().last(), Some(&escpos::job(&picture())));
    }
}

#[test]
fn a_network_printer_that_says_nothing_is_offline() {
    let mut bench = Bench::network(HASTY);
    bench.control.set_manners(Manners::Mute);
    assert_eq!(bench.printer.status(), PrinterStatus::Offline);
}

#[test]
fn a_device_that_never_speaks_is_waited_for_once_and_prints() {
    let patient = Limits { answer_timeout: Duration::from_secs(3), ..LIMITS };
    let mut bench = Bench::device(patient);
    bench.control.set_manners(Manners::Mute);
    assert_eq!(bench.printer.status(), PrinterStatus::Ready);
    let begun = std::time::Instant::now();
    bench.printer.print(&picture()).unwrap();
    assert_eq!(bench.printer.status(), PrinterStatus::Ready);
    assert!(begun.elapsed() < patient.answer_timeout, "it was asked again");
    assert!(bench.control.wait_for_jobs(1, Duration::from_secs(10)));
    assert_eq!(bench.printed(), [escpos::job(&picture())]);
}

#[test]
fn nobody_at_the_address_is_offline() {
    let free_port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let tcp = Tcp::new("127.0.0.1", free_port, WRITE_TIMEOUT, WRITE_TIMEOUT);
    assert_eq!(EscPosPrinter::new(tcp, LIMITS).status(), PrinterStatus::Offline);
}

#[test]
fn a_file_that_is_not_there_is_offline_and_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lp0");
    assert_eq!(
        EscPosPrinter::new(DeviceFile::new(&path, WRITE_TIMEOUT), LIMITS).status(),
        PrinterStatus::Offline
    );
    assert!(!path.exists());
}

#[test]
fn a_plain_file_takes_the_job_behind_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spool");
    fs::write(&path, "before").unwrap();
    let limits = Limits { answer_timeout: Duration::from_millis(10), ..LIMITS };
    let mut printer = EscPosPrinter::new(DeviceFile::new(&path, WRITE_TIMEOUT), limits);
    assert_eq!(printer.status(), PrinterStatus::Ready);
    printer.print(&picture()).unwrap();
    let written = fs::read(&path).unwrap();
    assert!(written.starts_with(b"before") && written.ends_with(&escpos::job(&picture())));
}

#[test]
fn a_pipe_takes_the_job_and_a_pipe_that_nobody_empties_is_a_cut_off_job() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    rustix::fs::mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let short = Duration::from_millis(50);
    let limits = Limits { answer_timeout: short, ..LIMITS };
    let mut printer = EscPosPrinter::new(DeviceFile::new(&path, short), limits);
    assert_eq!(printer.status(), PrinterStatus::Offline, "nobody reads it");

    // Opened both ways, so that it stays open between two connections.
    let mut end = fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
    // A pipe holds 64 KiB, two pictures are more.
    printer.print(&picture()).unwrap();
    let full = printer.print(&picture());
    let Err(PrintError::CutOff { status: PrinterStatus::Offline, source: Some(_) }) = full else {
        panic!("{full:?}")
    };

    let job = escpos::job(&picture());
    let reader = thread::spawn(move || {
        let mut seen = Vec::new();
        while !seen.ends_with(&job) {
            let mut buffer = [0; 4096];
            let count = end.read(&mut buffer).unwrap();
            seen.extend(&buffer[..count]);
        }
    });
    while printer.print(&picture()).is_err() {}
    reader.join().unwrap();
}
