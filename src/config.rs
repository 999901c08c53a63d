//! One TOML file, read into what the program needs.
//!
//! Unknown keys are refused with their line; what contradicts itself is said before anything starts. Without a file the
//! kiosk is a demonstration town.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use sportello_hardware::config::{
    PanelConfig, PanelKind, PrinterConfig, PrinterKind, ScannerConfig, ScannerKind,
};

use crate::journey;

/// The file that is read when no other is named, if it is there.
pub const DEFAULT_PATH: &str = "/etc/sportello/kiosk.toml";
/// The languages in which every page exists.
pub const LANGUAGES: [&str; 2] = ["it", "en"];
/// The mirror's port.
pub const MIRROR_PORT: u16 = 7311;
/// The demonstration central's port.
pub const CENTRAL_PORT: u16 = 7310;
/// The least time that a citizen has to answer "are you still there?" (WCAG 2.2.1).
const MIN_WARNING_S: u64 = 20;

/// Why a configuration is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is not TOML, or has a key or a value that is not known. The source names the line.
    #[error("{path} is not understood")]
    Parse {
        /// Which.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: toml::de::Error,
    },
    /// A value makes no sense.
    #[error("{path}: {key} {reason}")]
    Value {
        /// The file.
        path: PathBuf,
        /// Which key.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// What the program needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it stands: "Biblioteca".
    pub site: String,
    /// The languages that are offered; the first is the one that greets.
    pub languages: Vec<String>,
    /// What is set of a visit.
    pub visit: journey::Settings,
    /// Where the kiosk's data lies; none for the user's data folder.
    pub data: Option<PathBuf>,
    /// To whom it belongs.
    pub central: Central,
    /// What it shows itself on.
    pub screen: Screen,
    /// The mirror.
    pub mirror: Mirror,
    /// The printer.
    pub printer: PrinterConfig,
    /// The panel.
    pub panel: PanelConfig,
    /// The scanner.
    pub scanner: ScannerConfig,
}

/// To whom a kiosk belongs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Central {
    /// A town of its own, on this machine only.
    Demonstration {
        /// Where its central listens; loopback only.
        #[serde(default = "demonstration_address")]
        listen: SocketAddr,
    },
    /// Our central.
    Sportello {
        /// Its address: `https://sportello.example.it`.
        url: String,
        /// The certificates that are trusted, as a PEM file; none for those of the public web.
        #[serde(default)]
        ca_file: Option<PathBuf>,
    },
    /// Any Open311 GeoReport v2 server.
    Open311(Open311Server),
}

/// A GeoReport v2 server, and what it does not tell of its town.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open311Server {
    /// The address before `/services.json`.
    pub url: String,
    /// The key that it asks for.
    #[serde(default)]
    pub api_key: String,
    /// The jurisdiction, if it serves several.
    #[serde(default)]
    pub jurisdiction: String,
    /// The certificates that are trusted, as a PEM file; none for those of the public web.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The town's full name: "Comune di Montefiorito".
    pub authority: String,
    /// The address of a page on which a ticket can be followed at `/t/CODE`; without it the QR holds the code alone.
    #[serde(default)]
    pub public_url: String,
    /// The IANA time zone.
    #[serde(default = "rome")]
    pub time_zone: String,
    /// The days within which a ticket is answered.
    #[serde(default = "default_term_days")]
    pub term_days: u16,
    /// The town's colour as hue 0–360, saturation 0–100, brightness 0–100.
    #[serde(default = "default_colour")]
    pub colour_hsb: (u16, u8, u8),
    /// What is done with a citizen's data (GDPR art. 13), in plain words.
    pub privacy_notice: String,
    /// The service for tickets without a category; without it those wait for a person.
    #[serde(default)]
    pub default_service: Option<String>,
    /// The address for tickets that have no place: the protocol cannot do without.
    #[serde(default)]
    pub fallback_address: String,
}

/// What the kiosk shows itself on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Screen {
    /// Which kind.
    pub kind: ScreenKind,
    /// The mirror's width in pixels.
    pub width: u32,
    /// The mirror's height in pixels.
    pub height: u32,
}

impl Default for Screen {
    fn default() -> Self {
        Self { kind: ScreenKind::Auto, width: 1080, height: 1920 }
    }
}

/// Which kind of screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum ScreenKind {
    /// A window if there is a display, else the mirror.
    Auto,
    /// A window.
    Window,
    /// The mirror only.
    Mirror,
    /// The whole screen, without a window system.
    Kms,
}

/// Where the mirror listens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mirror {
    /// The address.
    pub listen: SocketAddr,
    /// What a viewer has to know; needed beyond loopback.
    pub token: Option<String>,
}

impl Default for Mirror {
    fn default() -> Self {
        Self { listen: loopback(MIRROR_PORT), token: None }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    kiosk: RawKiosk,
    central: Central,
    #[serde(default)]
    screen: Screen,
    #[serde(default)]
    mirror: Mirror,
    printer: Option<PrinterConfig>,
    panel: Option<PanelConfig>,
    scanner: Option<ScannerConfig>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawKiosk {
    site: String,
    data: Option<PathBuf>,
    languages: Vec<String>,
    idle_s: u64,
    warning_s: u64,
    sleep_s: Option<u64>,
}

impl Default for RawKiosk {
    fn default() -> Self {
        Self {
            site: String::new(),
            data: None,
            languages: LANGUAGES.map(str::to_owned).to_vec(),
            idle_s: 75,
            warning_s: 30,
            sleep_s: None,
        }
    }
}

impl Config {
    /// The demonstration town.
    pub fn demonstration() -> Self {
        let raw = Raw {
            kiosk: RawKiosk { site: "Biblioteca".to_owned(), ..RawKiosk::default() },
            central: Central::Demonstration { listen: demonstration_address() },
            screen: Screen::default(),
            mirror: Mirror::default(),
            printer: None,
            panel: None,
            scanner: None,
        };
        Self::from_raw(raw)
    }

    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let read = |source| ConfigError::Read { path: path.to_owned(), source };
        Self::parse(&std::fs::read_to_string(path).map_err(read)?, path)
    }

    /// Reads a text; `path` is for messages.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let raw: Raw =
            toml::from_str(text).map_err(|source| ConfigError::Parse { path: path.to_owned(), source })?;
        check(&raw).map_err(|(key, reason)| ConfigError::Value { path: path.to_owned(), key, reason })?;
        Ok(Self::from_raw(raw))
    }

    fn from_raw(raw: Raw) -> Self {
        let is_demonstration = matches!(raw.central, Central::Demonstration { .. });
        let visit = journey::Settings {
            language: raw.kiosk.languages.first().cloned().unwrap_or_else(|| LANGUAGES[0].to_owned()),
            idle_after: Duration::from_secs(raw.kiosk.idle_s),
            warning: Duration::from_secs(raw.kiosk.warning_s),
            sleep_after: raw.kiosk.sleep_s.map(Duration::from_secs),
            ..journey::Settings::default()
        };
        Self {
            site: raw.kiosk.site,
            languages: raw.kiosk.languages,
            visit,
            data: raw.kiosk.data,
            central: raw.central,
            screen: raw.screen,
            mirror: raw.mirror,
            // A town's kiosk has what is named; only the demonstration plays that it has everything.
            printer: raw.printer.unwrap_or(PrinterConfig {
                kind: if is_demonstration { PrinterKind::Simulated } else { PrinterKind::None },
                ..PrinterConfig::default()
            }),
            panel: raw.panel.unwrap_or(PanelConfig {
                kind: if is_demonstration { PanelKind::Simulated } else { PanelKind::None },
                ..PanelConfig::default()
            }),
            scanner: raw.scanner.unwrap_or(ScannerConfig {
                kind: if is_demonstration { ScannerKind::Simulated } else { ScannerKind::None },
                ..ScannerConfig::default()
            }),
        }
    }
}

type Wrong = (&'static str, String);

fn check(raw: &Raw) -> Result<(), Wrong> {
    let wrong = |key, reason: &str| Err((key, reason.to_owned()));
    if raw.kiosk.warning_s < MIN_WARNING_S {
        return wrong("kiosk.warning_s", "must leave a citizen at least 20 seconds to answer");
    }
    if raw.kiosk.idle_s < MIN_WARNING_S {
        return wrong("kiosk.idle_s", "must be at least 20");
    }
    if raw.kiosk.languages.is_empty() {
        return wrong("kiosk.languages", "must name at least one language");
    }
    if let Some(unknown) = raw.kiosk.languages.iter().find(|tag| !LANGUAGES.contains(&tag.as_str())) {
        return Err(("kiosk.languages", format!("names {unknown:?}, but the pages exist in {LANGUAGES:?}")));
    }
    if !(320..=7680).contains(&raw.screen.width) || !(320..=7680).contains(&raw.screen.height) {
        return wrong("screen.width, screen.height", "must be between 320 and 7680 pixels");
    }
    match &raw.central {
        Central::Demonstration { listen } if !listen.ip().is_loopback() => wrong(
            "central.listen",
            "must be on loopback: the demonstration's passwords are known to everybody",
        ),
        Central::Sportello { url, .. } | Central::Open311(Open311Server { url, .. })
            if !is_web_address(url) =>
        {
            wrong("central.url", "must begin with https:// (or http:// on loopback)")
        }
        Central::Open311(server) if jiff::tz::TimeZone::get(&server.time_zone).is_err() => {
            Err(("central.time_zone", format!("{:?} is no time zone", server.time_zone)))
        }
        _ => Ok(()),
    }
}

/// Personal data is sealed for our central, but codes and states are not: only loopback may do without TLS.
fn is_web_address(url: &str) -> bool {
    let host = |rest: &str| rest.split(['/', ':']).next().unwrap_or_default().to_owned();
    match url.split_once("://") {
        Some(("https", rest)) => !host(rest).is_empty(),
        Some(("http", rest)) => matches!(host(rest).as_str(), "127.0.0.1" | "localhost"),
        _ => false,
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

fn demonstration_address() -> SocketAddr {
    loopback(CENTRAL_PORT)
}

fn default_term_days() -> u16 {
    30
}

fn default_colour() -> (u16, u8, u8) {
    (210, 100, 80)
}

fn rome() -> String {
    "Europe/Rome".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("kiosk.toml")).map_err(|error| crate::chain(&error))
    }

    const LEAST: &str = "[central]\nkind = \"sportello\"\nurl = \"https://sportello.example.it\"\n";

    #[test]
    fn the_least_that_is_needed_is_the_central() {
        let config = parse(LEAST).unwrap();
        assert_eq!(config.languages, ["it", "en"]);
        assert!(parse("").unwrap_err().contains("central"));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = parse(&format!("{LEAST}\n[kiosk]\nsite = \"Biblioteca\"\nidel_s = 60\n")).unwrap_err();
        assert!(error.contains("line 7") && error.contains("idel_s"), "{error}");
        for section in ["printer", "panel", "scanner", "screen", "mirror"] {
            let error = parse(&format!("{LEAST}[{section}]\nwrong = 1\n")).unwrap_err();
            assert!(error.contains("line 5"), "{section}: {error}");
        }
        assert!(parse(&format!("{LEAST}wrong = 1\n")).is_err());
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (text, key) in [
            ("[kiosk]\nwarning_s = 5\n", "kiosk.warning_s"),
            ("[kiosk]\nidle_s = 5\n", "kiosk.idle_s"),
            ("[kiosk]\nlanguages = []\n", "kiosk.languages"),
            ("[kiosk]\nlanguages = [\"xx\"]\n", "kiosk.languages"),
            ("[screen]\nwidth = 10\n", "screen.width"),
        ] {
            let error = parse(&format!("{LEAST}{text}")).unwrap_err();
            assert!(error.contains(key), "{error}");
        }
    }

    #[test]
    fn a_town_has_no_simulated_devices_unless_it_names_them() {
        let config = parse(LEAST).unwrap();
        assert_eq!(config.printer.kind, PrinterKind::None);
        assert_eq!((config.panel.kind, config.scanner.kind), (PanelKind::None, ScannerKind::None));
        assert_eq!(Config::demonstration().printer.kind, PrinterKind::Simulated);
    }

    #[test]
    fn without_tls_only_this_machine_is_spoken_to() {
        for url in ["https://a.example", "http://127.0.0.1:7310", "http://localhost/x"] {
            assert!(is_web_address(url), "{url}");
        }
        for url in ["http://a.example", "http://127.0.0.1.example.org", "ftp://a", "a.example", "https://"] {
            assert!(!is_web_address(url), "{url}");
        }
    }

    /// The examples that are delivered with the program.
    const EXAMPLE: &str = include_str!("../deploy/kiosk.toml");
    const OPEN311_EXAMPLE: &str = include_str!("../deploy/kiosk-open311.toml");

    /// The example with every setting that is commented out taken in: `#key = value`, and no blank after the `#`.
    fn with_everything(example: &str) -> String {
        let is_setting = |line: &&str| !line.starts_with("# ");
        let lines = example.lines().filter(is_setting);
        lines.map(|line| line.strip_prefix('#').unwrap_or(line)).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_example_is_taken_as_it_is_and_with_everything_in_it() {
        let config = parse(EXAMPLE).unwrap();
        assert!(matches!(config.central, Central::Sportello { ca_file: None, .. }));
        let full = parse(&with_everything(EXAMPLE)).unwrap();
        assert_eq!(full.visit.sleep_after, Some(Duration::from_mins(10)));
        assert!(full.panel.presence_pin.is_some() && full.mirror.token.is_some());
        assert!(matches!(full.central, Central::Sportello { ca_file: Some(_), .. }));
    }

    #[test]
    fn the_example_for_open311_is_taken_and_shows_the_defaults() {
        let server = |text: &str| match parse(text).unwrap().central {
            Central::Open311(server) => server,
            other => panic!("{other:?}"),
        };
        let (least, full) = (server(OPEN311_EXAMPLE), server(&with_everything(OPEN311_EXAMPLE)));
        assert!(full.default_service.is_some() && full.ca_file.is_some());
        for example in [&full.jurisdiction, &full.fallback_address, &full.public_url] {
            assert!(!example.is_empty());
        }
        assert_eq!(
            (full.time_zone, full.term_days, full.colour_hsb),
            (least.time_zone, least.term_days, least.colour_hsb)
        );
    }

    #[test]
    fn the_example_shows_the_defaults_and_every_key_of_the_devices() {
        let (least, full) = (parse(LEAST).unwrap(), parse(&with_everything(EXAMPLE)).unwrap());
        assert_eq!(
            (full.visit.idle_after, full.visit.warning),
            (least.visit.idle_after, least.visit.warning)
        );
        assert_eq!((full.site, full.languages), (least.site, least.languages));
        assert_eq!(full.screen, least.screen);
        assert_eq!(full.mirror.listen, least.mirror.listen);
        let (panel, default) = (&full.panel, PanelConfig::default());
        assert_eq!((panel.debounce_ms, panel.hold_ms), (default.debounce_ms, default.hold_ms));
        let shown: toml::Table = toml::from_str(&with_everything(EXAMPLE)).unwrap();
        for (section, known) in [
            ("printer", toml::Table::try_from(&full.printer).unwrap()),
            ("panel", toml::Table::try_from(panel).unwrap()),
            ("scanner", toml::Table::try_from(&full.scanner).unwrap()),
        ] {
            assert_eq!(shown[section].as_table(), Some(&known), "{section} shows every key");
        }
        let printer = PrinterConfig { folder: None, kind: least.printer.kind, ..full.printer };
        assert_eq!(printer, least.printer);
        assert_eq!(ScannerConfig { kind: least.scanner.kind, ..full.scanner }, least.scanner);
    }
}
