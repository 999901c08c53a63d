//! A scanner at a real serial line, as far as the operating system can tell.

use std::{fs, io::Write, os::unix::fs::symlink, path::Path, sync::mpsc, time::Duration};

use serialport::{SerialPort, TTYPort};
use sportello_hardware::scanner::{
    Scanner, ScannerStatus,
    serial::{SerialLine, SerialScanner},
};

const PATIENCE: Duration = Duration::from_secs(10);

fn scanner_at(path: &Path) -> (SerialScanner, mpsc::Receiver<String>) {
    let line = SerialLine {
        path: path.to_owned(),
        baud_rate: 115_200,
        gap: Duration::from_millis(50),
        retry_after: Duration::from_millis(10),
    };
    let (told, scans) = mpsc::channel();
    (SerialScanner::begin(line, Box::new(move |scan| told.send(scan).unwrap())).unwrap(), scans)
}

/// A line of which the far end is plugged in under a name that stays.
fn plug_in(path: &Path) -> (TTYPort, TTYPort) {
    let (far, near) = TTYPort::pair().unwrap();
    fs::remove_file(path).ok();
    symlink(near.name().unwrap(), path).unwrap();
    (far, near)
}

fn wait_for(scanner: &mut SerialScanner, status: ScannerStatus) {
    let begun = std::time::Instant::now();
    while scanner.status() != status {
        assert!(begun.elapsed() < PATIENCE, "never {status:?}");
        std::thread::yield_now();
    }
}

#[test]
fn scans_come_with_and_without_a_line_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scanner");
    let (mut far, _near) = plug_in(&path);
    let (mut scanner, scans) = scanner_at(&path);
    wait_for(&mut scanner, ScannerStatus::Ready);
    far.write_all(b"]Q1hello world\r\n").unwrap();
    assert_eq!(scans.recv_timeout(PATIENCE).unwrap(), "hello world");
    far.write_all(b"no end").unwrap();
    assert_eq!(scans.recv_timeout(PATIENCE).unwrap(), "no end");
    far.write_all(b"bad\x07\rgood\r").unwrap();
    assert_eq!(scans.recv_timeout(PATIENCE).unwrap(), "good");
    drop(scanner);
    assert_eq!(scans.recv_timeout(PATIENCE), Err(mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn a_scanner_that_is_not_there_is_offline_and_is_found_when_it_comes_and_comes_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scanner");
    let (mut scanner, scans) = scanner_at(&path);
    assert_eq!(scanner.status(), ScannerStatus::Offline);
    for code in ["first", "second"] {
        let (mut far, near) = plug_in(&path);
        wait_for(&mut scanner, ScannerStatus::Ready);
        far.write_all(format!("{code}\r").as_bytes()).unwrap();
        assert_eq!(scans.recv_timeout(PATIENCE).unwrap(), code);
        drop((far, near));
        wait_for(&mut scanner, ScannerStatus::Offline);
    }
}
