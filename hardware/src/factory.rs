//! The one place where a configuration becomes devices.
//!
//! Nothing here fails: a device that is not there says so by its status. Without configuration all devices are simulated.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::printer::{
    Printer,
    absent::AbsentPrinter,
    driver::{EscPosPrinter, Limits},
    simulated::SimulatedPrinterControl,
    transport::{Connector, DEFAULT_PORT, DeviceFile, Tcp},
};

/// How a printer is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrinterKind {
    /// Not at all: it "prints" into a folder.
    #[default]
    Simulated,
    /// Over the network.
    Tcp,
    /// By a device file: USB, a serial line that is set up already.
    DeviceFile,
    /// There is none.
    None,
}

/// The printer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrinterConfig {
    /// How it is connected.
    pub kind: PrinterKind,
    /// `simulated`: where it "prints". Without it, the folder that the kiosk gives.
    pub folder: Option<PathBuf>,
    /// `tcp`: its name or address.
    pub host: String,
    /// `tcp`: its port.
    pub port: u16,
    /// `device_file`: its path.
    pub path: PathBuf,
    /// The width of its print head in dots.
    pub paper_dots: u16,
    /// How long connecting may take, in milliseconds.
    pub connect_timeout_ms: u64,
    /// How long it may take nothing, in milliseconds.
    pub write_timeout_ms: u64,
    /// How long an answer may take, in milliseconds.
    pub answer_timeout_ms: u64,
    /// How long it may print what it was sent, in milliseconds.
    pub completion_timeout_ms: u64,
}

impl Default for PrinterConfig {
    fn default() -> Self {
        Self {
            kind: PrinterKind::default(),
            folder: None,
            host: "127.0.0.1".to_owned(),
            port: DEFAULT_PORT,
            path: "/dev/usb/lp0".into(),
            paper_dots: 576,
            connect_timeout_ms: 2_000,
            write_timeout_ms: 5_000,
            answer_timeout_ms: 1_000,
            completion_timeout_ms: 10_000,
        }
    }
}

/// Makes the printer, and if it is simulated the handle to it. The printer is not touched yet.
///
/// `folder` is where a simulated one prints if the configuration says nothing else.
pub fn printer(config: &PrinterConfig, folder: &Path) -> (Box<dyn Printer>, Option<SimulatedPrinterControl>) {
    let write_timeout = Duration::from_millis(config.write_timeout_ms);
    match config.kind {
        PrinterKind::Simulated => {
            let control = SimulatedPrinterControl::new(config.folder.as_deref().unwrap_or(folder));
            (escpos_printer(control.cable(), config), Some(control))
        }
        PrinterKind::Tcp => {
            let connect_timeout = Duration::from_millis(config.connect_timeout_ms);
            let tcp = Tcp::new(&config.host, config.port, connect_timeout, write_timeout);
            (escpos_printer(tcp, config), None)
        }
        PrinterKind::DeviceFile => {
            (escpos_printer(DeviceFile::new(&config.path, write_timeout), config), None)
        }
        PrinterKind::None => (Box::new(AbsentPrinter), None),
    }
}

fn escpos_printer<C: Connector + 'static>(connector: C, config: &PrinterConfig) -> Box<dyn Printer> {
    let limits = Limits {
        paper_dots: config.paper_dots,
        answer_timeout: Duration::from_millis(config.answer_timeout_ms),
        completion_timeout: Duration::from_millis(config.completion_timeout_ms),
    };
    Box::new(EscPosPrinter::new(connector, limits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{printer::PrinterStatus, raster::Raster};

    fn printer_of(config: &str) -> (Box<dyn Printer>, Option<SimulatedPrinterControl>) {
        printer(&toml::from_str(config).unwrap(), Path::new("/nonexistent"))
    }

    #[test]
    fn without_configuration_the_printer_is_simulated_and_prints_into_the_kiosks_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (mut printer, control) = printer(&PrinterConfig::default(), folder.path());
        assert_eq!(printer.status(), PrinterStatus::Ready);
        printer.print(&Raster::new(576, 8)).unwrap();
        let printed = control.unwrap().printed();
        assert_eq!(printed[0].picture_path, folder.path().join("0001.png"));
        assert!(printed[0].picture_path.is_file());
    }

    #[test]
    fn devices_that_are_not_there_are_made_without_an_error_and_say_so() {
        assert_eq!(printer_of("kind = 'none'").0.status(), PrinterStatus::None);
        assert_eq!(
            printer_of("kind = 'device_file'\npath = '/nonexistent/lp0'").0.status(),
            PrinterStatus::Offline
        );
        assert_eq!(printer_of("kind = 'tcp'\nport = 1").0.status(), PrinterStatus::Offline);
    }

    #[test]
    fn a_simulated_printer_that_cannot_write_does_not_say_that_it_printed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (mut printer, _) = printer(&PrinterConfig::default(), file.path());
        printer.print(&Raster::new(576, 8)).unwrap_err();
        assert_eq!(printer.status().as_str(), "fault");
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = toml::from_str::<PrinterConfig>("kind = 'tcp'\nprot = 9100").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("prot"), "{error}");
    }
}
