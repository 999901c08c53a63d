//! What is there, what is not, and what follows from it.
//!
//! It looks and changes nothing but a test file that it deletes. It can run beside a running kiosk.

use std::{fs, io::Write as _, path::Path, time::Instant};

use sportello_hardware::printer::PrinterStatus;

use crate::{
    catalogue::Catalogue,
    config::{Central, Config, ScreenKind},
    outbox::{MOUNTS, Persistence, SQLITE_VERSION_NEEDED, persistence},
    receipt::Fonts,
    run::Layout,
    sync::{HttpOptions, central, clock_state, identity::Identity},
};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Fine,
    /// It works with less.
    Missing,
    /// It does not work.
    Broken,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub what: &'static str,
    /// How bad.
    pub level: Level,
    /// What is there.
    pub found: String,
    /// What follows from it, or "".
    pub follows: String,
}

impl Finding {
    fn new(what: &'static str, level: Level, found: impl Into<String>, follows: impl Into<String>) -> Self {
        Self { what, level, found: found.into(), follows: follows.into() }
    }

    fn fine(what: &'static str, found: impl Into<String>) -> Self {
        Self::new(what, Level::Fine, found, "")
    }
}

/// Looks at everything.
pub fn examine(config: &Config, folder: &Path) -> Vec<Finding> {
    let layout = Layout::of(folder);
    let mut findings = vec![display(config)];
    findings.extend(config.languages.iter().map(|language| fonts(language)));
    findings.push(printer(config, &layout));
    findings.push(data_folder(folder, config));
    findings.push(sqlite());
    findings.push(catalogue(&layout));
    findings.push(clock());
    findings.push(central(config, folder));
    findings
}

fn display(config: &Config) -> Finding {
    let display = ["WAYLAND_DISPLAY", "DISPLAY"].into_iter().find(|name| std::env::var_os(name).is_some());
    let mirror = format!("http://{}/", config.mirror.listen);
    match (config.screen.kind, display) {
        (ScreenKind::Mirror, _) => Finding::fine("display", format!("the mirror, {mirror}")),
        (ScreenKind::Kms, _) if cfg!(feature = "kms") => Finding::fine("display", "the whole screen (KMS)"),
        (ScreenKind::Kms, _) => Finding::new(
            "display",
            Level::Broken,
            "this program was built without KMS",
            "the kiosk does not start: install the package for the device, or set screen.kind",
        ),
        (_, Some(name)) => Finding::fine("display", format!("a window ({name} is set)")),
        (ScreenKind::Auto, None) => {
            Finding::new("display", Level::Missing, "none", format!("the kiosk is shown at {mirror}"))
        }
        (ScreenKind::Window, None) => Finding::new(
            "display",
            Level::Broken,
            "none",
            "the kiosk does not start: set screen.kind to \"auto\"",
        ),
    }
}

fn fonts(language: &str) -> Finding {
    let sample = match language {
        "it" => "Àèéìòù «perché» · €",
        _ => "‘Received.’ – “thank you” · €",
    };
    if Fonts::new().covers(sample) {
        Finding::fine("fonts", format!("{language}: every letter"))
    } else {
        let found = format!("{language}: letters are missing");
        Finding::new(
            "fonts",
            Level::Broken,
            found,
            "pages in this language have gaps: install the Noto fonts",
        )
    }
}

fn printer(config: &Config, layout: &Layout) -> Finding {
    let (mut printer, simulated) = sportello_hardware::factory::printer(&config.printer, &layout.receipts);
    let status = printer.status();
    let follows = "receipts are shown as QR code and can be photographed";
    match status {
        PrinterStatus::Ready if simulated.is_some() => {
            Finding::fine("printer", format!("simulated, receipts land in {}", layout.receipts.display()))
        }
        PrinterStatus::Ready => Finding::fine("printer", "ready"),
        PrinterStatus::PaperLow => {
            Finding::new("printer", Level::Missing, "paper is low", "bring a new roll soon")
        }
        PrinterStatus::None => Finding::new("printer", Level::Missing, "none is configured", follows),
        other => Finding::new("printer", Level::Broken, other.as_str(), follows),
    }
}

fn data_folder(folder: &Path, config: &Config) -> Finding {
    let name = folder.display().to_string();
    if let Err(error) = fs::create_dir_all(folder) {
        let found = format!("{name}: {error}");
        return Finding::new("data folder", Level::Broken, found, "the kiosk does not start");
    }
    let mounts = fs::read_to_string(MOUNTS).unwrap_or_default();
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    if let Persistence::Volatile { kind } = persistence(&mounts, &real) {
        let found = format!("{name} lies on {kind} and is gone after a restart");
        return if matches!(config.central, Central::Demonstration { .. }) {
            Finding::new("data folder", Level::Missing, found, "fine for a demonstration, not for a town")
        } else {
            Finding::new("data folder", Level::Broken, found, "the kiosk takes no submissions")
        };
    }
    match flush(folder) {
        Ok(milliseconds) => {
            Finding::fine("data folder", format!("{name}, a flush takes {milliseconds:.1} ms"))
        }
        Err(error) => {
            Finding::new("data folder", Level::Broken, format!("{name}: {error}"), "the kiosk does not start")
        }
    }
}

/// Writes a small file and flushes it to the disk, as every submission does.
fn flush(folder: &Path) -> std::io::Result<f64> {
    let path = folder.join("flush-test");
    let began = Instant::now();
    let mut file = fs::File::create(&path)?;
    file.write_all(&[0; 4096])?;
    file.sync_all()?;
    let took = began.elapsed().as_secs_f64() * 1000.0;
    fs::remove_file(&path)?;
    Ok(took)
}

fn sqlite() -> Finding {
    let version = rusqlite::version_number();
    if version >= SQLITE_VERSION_NEEDED {
        Finding::fine(
            "database",
            format!("SQLite {}, write-ahead log, every commit flushed", rusqlite::version()),
        )
    } else {
        let found = format!("SQLite {} can damage its log", rusqlite::version());
        Finding::new(
            "database",
            Level::Broken,
            found,
            "the kiosk does not start: install the packaged program",
        )
    }
}

fn catalogue(layout: &Layout) -> Finding {
    let authority = if layout.catalogue.exists() {
        Catalogue::open(&layout.catalogue).ok().and_then(|c| c.authority().ok())
    } else {
        None
    };
    match authority.flatten() {
        Some(authority) => Finding::fine("catalogue", format!("of {}", authority.code)),
        None => Finding::new(
            "catalogue",
            Level::Missing,
            "none yet",
            "it comes when the central is reached first",
        ),
    }
}

fn clock() -> Finding {
    use sportello_wire::envelope::ClockState;
    match clock_state(Path::new("/")) {
        ClockState::Synchronised => Finding::fine("clock", "synchronised"),
        ClockState::Hardware => {
            Finding::new("clock", Level::Missing, "from its own chip", "dates may be off a little")
        }
        ClockState::Guess => Finding::new(
            "clock",
            Level::Missing,
            "not known to be right",
            "the time of a submission is noted as a guess until the network sets it",
        ),
    }
}

fn central(config: &Config, folder: &Path) -> Finding {
    let Central::Sportello { url, ca_file } = &config.central else {
        return Finding::fine(
            "central",
            match &config.central {
                Central::Open311(server) => format!("an Open311 server, {}", server.url),
                _ => "the demonstration's own".to_owned(),
            },
        );
    };
    let options = HttpOptions { ca_file: ca_file.clone(), ..HttpOptions::default() };
    match Identity::load(folder) {
        Ok(Some(identity)) => match central::Central::new(url, &options, identity) {
            Ok(central) => match central.greet() {
                Ok(()) => Finding::fine("central", format!("{url} answers and knows this kiosk")),
                Err(error) => Finding::new(
                    "central",
                    Level::Missing,
                    crate::chain(&error),
                    "submissions wait here, safe, until it answers",
                ),
            },
            Err(error) => {
                Finding::new("central", Level::Broken, crate::chain(&error), "nothing can be delivered")
            }
        },
        Ok(None) => Finding::new(
            "central",
            Level::Broken,
            "this kiosk is not enrolled",
            "it takes no submissions: run `sportello enrol CODE`",
        ),
        Err(error) => Finding::new("central", Level::Broken, crate::chain(&error), "it takes no submissions"),
    }
}
