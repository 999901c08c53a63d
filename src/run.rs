//! Puts a kiosk together from its configuration and runs it until it is closed.
//!
//! The one place that knows all parts. What can be missing (network, printer, panel) is a status and never
//! keeps it from starting; what must not be missing (the data folder, the ports) is an error that says what to do.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use slint::ComponentHandle as _;
use sportello_hardware::{config::ScannerKind, factory, panel::PanelListener, scanner::Scanner};

use crate::{
    catalogue::{Catalogue, CatalogueError},
    chain,
    clock::SystemClock,
    config::{Central, Config, ScreenKind},
    connection::{self, Connection, ConnectionError},
    face::Face,
    instance::{DataFolder, DataFolderError},
    kiosk::{Inbox, Kiosk, Message, Parts},
    mirror::{HeadlessPlatform, MirrorConfig, MirrorError},
    outbox::{Options, Outbox, OutboxError},
    sync::{Pace, Remote, Sync, clock_state},
};

/// The files of the kiosk in its data folder.
const CATALOGUE_FILE: &str = "catalogue.db";
const OUTBOX_FOLDER: &str = "outbox";
const RECEIPTS_FOLDER: &str = "receipts";

/// Why a kiosk does not start.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The data folder.
    #[error("the kiosk cannot start without its data folder")]
    DataFolder(#[from] DataFolderError),
    /// The outbox.
    #[error("the kiosk cannot start without its outbox")]
    Outbox(#[from] OutboxError),
    /// The catalogue cannot even be made anew: the disk fails, and nothing could be delivered either.
    #[error("the kiosk cannot start without its catalogue")]
    Catalogue(#[from] CatalogueError),
    /// The other side is misconfigured, or the demonstration's central does not start.
    #[error("the kiosk cannot start as it is configured")]
    Connection(#[from] ConnectionError),
    /// The mirror.
    #[error("the mirror cannot be served")]
    Mirror(#[from] MirrorError),
    /// The screen.
    #[error("the screen cannot be used")]
    Screen(#[from] slint::PlatformError),
    /// No threads.
    #[error("no thread can be started")]
    Threads(#[source] std::io::Error),
}

/// Where the parts of a data folder lie.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The folder itself.
    pub root: PathBuf,
    /// The outbox's folder.
    pub outbox: PathBuf,
    /// The catalogue's file.
    pub catalogue: PathBuf,
    /// Where simulated receipts land.
    pub receipts: PathBuf,
}

impl Layout {
    /// The layout of a data folder.
    pub fn of(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            outbox: root.join(OUTBOX_FOLDER),
            catalogue: root.join(CATALOGUE_FILE),
            receipts: root.join(RECEIPTS_FOLDER),
        }
    }
}

/// Runs the kiosk. Returns when its window is closed or the program is told to end.
pub fn run(config: &Config, folder: &Path) -> Result<(), RunError> {
    let data = DataFolder::take(folder)?;
    let layout = Layout::of(data.path());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        // Pictures for viewers are made on these; more threads would only keep more memory.
        .max_blocking_threads(2)
        .enable_all()
        .build()
        .map_err(RunError::Threads)?;
    let screen = choose_screen(config)?;
    if let Some(platform) = &screen {
        // Before the first picture: whoever waits for the mirror waits for this line.
        let listen = MirrorConfig { listen: config.mirror.listen, token: config.mirror.token.clone() };
        let (frames, remote) = (platform.frames(), platform.remote());
        let mirror = runtime.block_on(crate::mirror::serve(listen, frames, remote))?;
        announce("Kiosk screen", &format!("http://{}/", mirror.address));
    } else {
        announce("Kiosk screen", "the window that opens now");
    }
    if let Some(platform) = screen {
        slint::platform::set_platform(Box::new(platform))
            .map_err(|error| slint::PlatformError::Other(format!("the screen was chosen twice: {error}")))?;
    }
    let (outbox, recovery) = Outbox::open(&layout.outbox, outbox_options(config), Timestamp::now())?;
    if let Some(recovery) = recovery {
        tracing::error!(?recovery, "the outbox was damaged; what could be read was saved");
    }
    let mut connection = runtime.block_on(connection::prepare(config, &layout, &outbox))?;
    if let Some(sealer) = connection.sealer.clone() {
        outbox.set_sealer(sealer);
    }
    for (what, place) in &connection.places {
        announce(what, place);
    }
    announce("Receipts", &layout.receipts.display().to_string());
    let face = Face::new(make_kiosk(config, &layout, &outbox, &connection))?;
    let inbox = face.kiosk().borrow().inbox();
    let _scanner = start_scanner(config, &inbox);
    if let Some(remote) = connection.remote.take() {
        start_sync(remote, &layout, outbox, &inbox)?;
    }
    end_on_signal(&runtime);
    if config.screen.kind == ScreenKind::Kms {
        face.window().window().set_fullscreen(true);
    }
    face.window().run()?;
    Ok(())
}

fn outbox_options(config: &Config) -> Options {
    // The demonstration is tried in containers and on sticks, whose folders are gone tomorrow: it may.
    let allow_volatile = matches!(config.central, Central::Demonstration { .. });
    Options { allow_volatile, ..Options::default() }
}

/// The mirror's platform, or none where Slint found a display.
fn choose_screen(config: &Config) -> Result<Option<HeadlessPlatform>, RunError> {
    let headless = || Some(HeadlessPlatform::new(config.screen.width, config.screen.height));
    let select = |backend: &str| slint::BackendSelector::new().backend_name(backend.into()).select();
    let has_display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    match config.screen.kind {
        ScreenKind::Mirror => Ok(headless()),
        ScreenKind::Auto if !has_display => Ok(headless()),
        ScreenKind::Auto => match select("winit") {
            Ok(()) => Ok(None),
            Err(error) => {
                tracing::warn!(%error, "the display cannot be used, the mirror takes its place");
                Ok(headless())
            }
        },
        ScreenKind::Window => select("winit").map(|()| None).map_err(RunError::from),
        ScreenKind::Kms => select("linuxkms").map(|()| None).map_err(RunError::from),
    }
}

fn make_kiosk(config: &Config, layout: &Layout, outbox: &Outbox, connection: &Connection) -> Kiosk {
    let (printer, _simulated) = factory::printer(&config.printer, &layout.receipts);
    let catalogue = layout.catalogue.clone();
    let open_catalogue = move || {
        Catalogue::open(&catalogue)
            .inspect_err(|error| tracing::error!(error = %chain(error), "the catalogue cannot be opened"))
            .ok()
    };
    let site = if config.site.is_empty() { connection.site.clone() } else { config.site.clone() };
    let presence = PresenceDoor::default();
    let (panel, _simulated) = factory::panel(&config.panel, presence.listener());
    let kiosk = Kiosk::new(
        Parts {
            settings: config.visit.clone(),
            languages: config.languages.clone(),
            site,
            clock: Arc::new(SystemClock),
            open_catalogue: Box::new(open_catalogue),
            outbox: outbox.clone(),
            printer,
            panel,
            // Nobody holds anything before a simulated one.
            has_scanner: config.scanner.kind == ScannerKind::Serial,
            clock_state: Box::new(|| clock_state(Path::new("/"))),
        },
        Face::waker(),
    );
    presence.open(kiosk.inbox());
    kiosk
}

/// Lets the panel speak to a kiosk that is made after it.
#[derive(Clone, Default)]
struct PresenceDoor(Arc<std::sync::OnceLock<Inbox>>);

impl PresenceDoor {
    fn listener(&self) -> PanelListener {
        let door = self.0.clone();
        Box::new(move |event| {
            if let Some(inbox) = door.get() {
                inbox.tell(Message::Panel(event));
            }
        })
    }

    fn open(&self, inbox: Inbox) {
        // It is opened once: the kiosk is made once.
        let _ = self.0.set(inbox);
    }
}

fn start_scanner(config: &Config, inbox: &Inbox) -> Box<dyn Scanner> {
    let inbox = inbox.clone();
    factory::scanner(&config.scanner, Box::new(move |text| inbox.tell(Message::Scan(text)))).0
}

/// Starts the network's side.
fn start_sync(remote: Remote, layout: &Layout, outbox: Outbox, inbox: &Inbox) -> Result<(), RunError> {
    let catalogue = Catalogue::open(&layout.catalogue)?;
    let events = inbox.clone();
    let sync = Sync {
        remote,
        outbox,
        catalogue,
        pace: Pace::default(),
        random: Box::new(crate::sync::system_random),
        on_event: Box::new(move |event| events.tell(Message::Sync(event))),
    };
    let handle = sync.start().map_err(RunError::Threads)?;
    inbox.tell(Message::Connected(handle));
    Ok(())
}

fn end_on_signal(runtime: &tokio::runtime::Runtime) {
    runtime.spawn(async {
        let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(terminate) => terminate,
            Err(error) => return tracing::warn!(%error, "no signal can end the kiosk in order"),
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        // The loop has ended already if this fails.
        let _ = slint::quit_event_loop();
    });
}

/// One line for each thing that can be opened.
fn announce(what: &str, place: &str) {
    use std::io::Write as _;
    // Whoever started the kiosk may have stopped reading; that is no reason to stop.
    let _ = writeln!(std::io::stdout(), "{what:<16} {place}");
}
