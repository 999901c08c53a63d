//! The one place where a configuration becomes devices.
//!
//! Nothing here fails: a device that is not there says so by its status. Without configuration all devices are simulated.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{
    panel::{
        LampPins, Panel, PanelListener, PanelStatus, RppalPanel,
        absent::AbsentPanel,
        presence::PresenceFilter,
        simulated::{SimulatedPanel, SimulatedPanelControl},
    },
    printer::{
        Printer,
        absent::AbsentPrinter,
        driver::{EscPosPrinter, Limits},
        simulated::SimulatedPrinterControl,
        transport::{Connector, DEFAULT_PORT, DeviceFile, Tcp},
    },
    scanner::{
        ScanListener, Scanner,
        absent::AbsentScanner,
        serial::{SerialLine, SerialScanner},
        simulated::{SimulatedScanner, SimulatedScannerControl},
    },
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

/// How a panel is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PanelKind {
    /// Not at all.
    #[default]
    Simulated,
    /// At the pins of a Raspberry Pi.
    Gpio,
    /// There is none.
    None,
}

/// The panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PanelConfig {
    /// How it is connected.
    pub kind: PanelKind,
    /// `gpio`: the sensor's pin, by Broadcom's number. Without it there is no sensor.
    pub presence_pin: Option<u8>,
    /// `gpio`: the pin of the lamp "ready". Without it there is no such lamp; so with the next two.
    pub ready_pin: Option<u8>,
    /// `gpio`: the pin of the lamp "busy".
    pub busy_pin: Option<u8>,
    /// `gpio`: the pin of the lamp "needs help".
    pub needs_help_pin: Option<u8>,
    /// `gpio`: how long somebody has to be seen to have come, in milliseconds.
    pub debounce_ms: u64,
    /// `gpio`: how long nobody has to be seen to have left, in milliseconds.
    pub hold_ms: u64,
}

impl Default for PanelConfig {
    fn default() -> Self {
        Self {
            kind: PanelKind::default(),
            presence_pin: None,
            ready_pin: None,
            busy_pin: None,
            needs_help_pin: None,
            debounce_ms: 300,
            hold_ms: 15_000,
        }
    }
}

/// Makes the panel, and if it is simulated the handle to it. The listener hears of people until the panel is dropped.
pub fn panel(
    config: &PanelConfig,
    listener: PanelListener,
) -> (Box<dyn Panel>, Option<SimulatedPanelControl>) {
    match config.kind {
        PanelKind::Simulated => {
            let (panel, control) = SimulatedPanel::new(listener);
            (Box::new(panel), Some(control))
        }
        PanelKind::Gpio => {
            let lamps = LampPins {
                ready: config.ready_pin,
                busy: config.busy_pin,
                needs_help: config.needs_help_pin,
            };
            let debounce = Duration::from_millis(config.debounce_ms);
            let filter = PresenceFilter::new(debounce, Duration::from_millis(config.hold_ms));
            match RppalPanel::open(config.presence_pin, lamps, filter, listener) {
                Ok(panel) => (Box::new(panel), None),
                Err(status) => (Box::new(AbsentPanel::new(status)), None),
            }
        }
        PanelKind::None => (Box::new(AbsentPanel::new(PanelStatus::NotFitted)), None),
    }
}

/// How a scanner is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScannerKind {
    /// Not at all.
    #[default]
    Simulated,
    /// By a serial line, mostly one over USB.
    Serial,
    /// There is none.
    None,
}

/// The scanner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScannerConfig {
    /// How it is connected.
    pub kind: ScannerKind,
    /// `serial`: the device file.
    pub path: PathBuf,
    /// `serial`: the speed.
    pub baud_rate: u32,
    /// `serial`: how long nothing comes after a scan that has no other end, in milliseconds.
    pub gap_ms: u64,
    /// `serial`: how long to wait before a scanner that is not there is looked for again, in milliseconds.
    pub retry_ms: u64,
}

impl Default for ScannerConfig {
    fn default() -> Self {
        Self {
            kind: ScannerKind::default(),
            path: "/dev/ttyACM0".into(),
            baud_rate: 115_200,
            gap_ms: 100,
            retry_ms: 3_000,
        }
    }
}

/// Makes the scanner, and if it is simulated the handle to it. The listener hears the scans until the scanner is dropped.
pub fn scanner(
    config: &ScannerConfig,
    listener: ScanListener,
) -> (Box<dyn Scanner>, Option<SimulatedScannerControl>) {
    match config.kind {
        ScannerKind::Simulated => {
            let (scanner, control) = SimulatedScanner::new(listener);
            (Box::new(scanner), Some(control))
        }
        ScannerKind::Serial => {
            let line = SerialLine {
                path: config.path.clone(),
                baud_rate: config.baud_rate,
                gap: Duration::from_millis(config.gap_ms),
                retry_after: Duration::from_millis(config.retry_ms),
            };
            match SerialScanner::begin(line, listener) {
                Ok(scanner) => (Box::new(scanner), None),
                Err(error) => {
                    tracing::warn!(%error, "no scanner");
                    (Box::new(AbsentScanner), None)
                }
            }
        }
        ScannerKind::None => (Box::new(AbsentScanner), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{panel::StatusLight, printer::PrinterStatus, raster::Raster, scanner::ScannerStatus};

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
    fn without_configuration_panel_and_scanner_are_simulated() {
        let (mut panel, control) = panel(&PanelConfig::default(), Box::new(|_| ()));
        panel.set_light(StatusLight::NeedsHelp);
        assert_eq!(control.unwrap().light(), Some(StatusLight::NeedsHelp));

        let (heard, scans) = std::sync::mpsc::channel();
        let (_scanner, control) =
            scanner(&ScannerConfig::default(), Box::new(move |scan| heard.send(scan).unwrap()));
        control.unwrap().scan("code");
        assert_eq!(scans.try_recv().unwrap(), "code");
    }

    #[test]
    fn devices_that_are_not_there_are_made_without_an_error_and_say_so() {
        for kind in [PanelKind::Gpio, PanelKind::None] {
            // This passes on a Raspberry Pi as well: pin 200 is nowhere.
            let config = PanelConfig { kind, ready_pin: Some(200), ..PanelConfig::default() };
            let (mut panel, _) = panel(&config, Box::new(|_| ()));
            panel.set_light(StatusLight::Ready);
            assert_ne!(panel.status(), PanelStatus::Ready);
        }
        for (kind, status) in
            [(ScannerKind::Serial, ScannerStatus::Offline), (ScannerKind::None, ScannerStatus::NotFitted)]
        {
            let config = ScannerConfig { kind, path: "/nonexistent".into(), ..ScannerConfig::default() };
            assert_eq!(scanner(&config, Box::new(|_| ())).0.status(), status);
        }
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
        toml::from_str::<PanelConfig>("pin = 4").unwrap_err();
        toml::from_str::<ScannerConfig>("baud = 9600").unwrap_err();
    }
}
