//! The devices' part of the kiosk's configuration.
//!
//! Every key has a default with which the kiosk runs on any computer; an unknown key is refused.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::printer::transport::DEFAULT_PORT;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = toml::from_str::<PrinterConfig>("kind = 'tcp'\nprot = 9100").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("prot"), "{error}");
        toml::from_str::<PanelConfig>("pin = 4").unwrap_err();
        toml::from_str::<ScannerConfig>("baud = 9600").unwrap_err();
    }
}
