//! The one place where a configuration becomes devices.
//!
//! Nothing here fails: a device that is not there says so by its status. Without configuration all devices are simulated.

use std::{path::Path, time::Duration};

use crate::{
    config::{PanelConfig, PanelKind, PrinterConfig, PrinterKind, ScannerConfig, ScannerKind},
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
        transport::{Connector, DeviceFile, Tcp},
    },
    scanner::{
        ScanListener, Scanner,
        absent::AbsentScanner,
        serial::{SerialLine, SerialScanner},
        simulated::{SimulatedScanner, SimulatedScannerControl},
    },
};

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
}
