//! A kiosk on a screen in memory, with the demonstration's content, that a bench touches by the names of its controls.
//!
//! The real journey, catalogue, outbox, face and renderer; only the loop is the bench's own, so that it can keep time.

use std::{
    cell::Cell,
    error::Error,
    path::Path,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use i_slint_core::{
    accessibility::AccessibleStringProperty, item_tree::ItemRc, lengths::LogicalPoint, window::WindowInner,
};
use jiff::Timestamp;
use slint::{
    ComponentHandle as _, PlatformError,
    platform::{EventLoopProxy, Platform, WindowAdapter},
};
use sportello::{
    catalogue::Catalogue,
    clock::SystemClock,
    face::Face,
    journey::Settings,
    kiosk::{Kiosk, Parts},
    mirror::{Frames, HeadlessPlatform, Input, Remote},
    outbox::{Options, Outbox, Sealer},
};
use sportello_central::knowledge::demonstration;
use sportello_hardware::{
    config::{PanelConfig, PrinterConfig},
    factory,
};
use sportello_wire::{
    catalogue::{CatalogueDelta, Change},
    envelope::ClockState,
    keys::{DeviceKey, OpeningKey},
};
use tempfile::TempDir;

use crate::table::processor_time;

pub(crate) const WIDTH: u32 = 1080;
pub(crate) const HEIGHT: u32 = 1920;
/// Between two touches: the same control takes a second touch only after 300 ms.
const BETWEEN_TOUCHES: Duration = Duration::from_millis(310);
/// A touch that still changes the picture after so many pictures has no end.
const MAX_PICTURES: usize = 20;

pub(crate) type Failure = Box<dyn Error>;

/// The kiosk and its screen.
pub(crate) struct Stage {
    screen: Rc<HeadlessPlatform>,
    remote: Remote,
    skipped: Rc<Cell<Duration>>,
    face: Rc<Face>,
    _folder: TempDir,
}

/// How long it took from a touch to its pictures.
#[derive(Clone, Copy, Default)]
pub(crate) struct Drawn {
    /// To the first picture, by the clock on the wall.
    pub(crate) first: Duration,
    /// To the one after which nothing changes any more.
    pub(crate) last: Duration,
    /// What the processor worked up to the last one.
    pub(crate) work: Duration,
    /// How many pictures that were.
    pub(crate) pictures: usize,
}

impl Stage {
    /// Puts a kiosk on the stage: in English, in which the controls' names are written.
    pub(crate) fn open() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let screen = Rc::new(HeadlessPlatform::new(WIDTH, HEIGHT));
        let skipped = Rc::new(Cell::default());
        slint::platform::set_platform(Box::new(Shared { screen: screen.clone(), skipped: skipped.clone() }))
            .map_err(|error| format!("the screen is there already: {error}"))?;
        let face = Face::new(kiosk(folder.path())?)?;
        face.window().show()?;
        let stage = Self { remote: screen.remote(), screen, skipped, face, _folder: folder };
        stage.settle();
        Ok(stage)
    }

    /// The pictures.
    pub(crate) fn frames(&self) -> Frames {
        self.screen.frames()
    }

    /// Touches the control whose name is, or begins with, this; the finger's way down and up is timed apart.
    pub(crate) fn touch(&self, name: &str) -> Result<(Drawn, Drawn), Failure> {
        let (x, y) = self.place(name)?;
        self.skipped.set(self.skipped.get() + BETWEEN_TOUCHES);
        self.settle();
        self.remote.send(Input::Press { x, y });
        let down = self.settle();
        self.remote.send(Input::Release { x, y });
        Ok((down, self.settle()))
    }

    /// Where the middle of the control is whose name is, or begins with, this.
    pub(crate) fn place(&self, name: &str) -> Result<(f32, f32), Failure> {
        let mut shown = Vec::new();
        let window = WindowInner::from_pub(self.face.window().window());
        collect(&ItemRc::new_root(window.component()), &mut shown);
        let found = shown
            .iter()
            .find(|(label, _)| label == name)
            .or_else(|| shown.iter().find(|(label, _)| label.starts_with(name)));
        found.map(|(_, place)| *place).ok_or_else(|| {
            let names: Vec<_> = shown.iter().map(|(label, _)| label.as_str()).collect();
            format!("nothing on the screen is called {name:?}; there are {names:?}").into()
        })
    }

    /// Draws until nothing changes.
    pub(crate) fn settle(&self) -> Drawn {
        let (start, start_of_work) = (Instant::now(), processor_time());
        let mut drawn = Drawn::default();
        while drawn.pictures < MAX_PICTURES && self.screen.step() {
            drawn.last = start.elapsed();
            drawn.work = processor_time().saturating_sub(start_of_work);
            if drawn.pictures == 0 {
                drawn.first = drawn.last;
            }
            drawn.pictures += 1;
        }
        drawn
    }
}

/// The names and middles of all controls that can be seen.
fn collect(item: &ItemRc, found: &mut Vec<(String, (f32, f32))>) {
    if item.is_accessible()
        && item.is_visible()
        && let Some(label) = item.accessible_string_property(AccessibleStringProperty::Label)
    {
        let area = item.geometry();
        let middle: LogicalPoint = item.map_to_window(area.center());
        found.push((label.to_string(), (middle.x, middle.y)));
    }
    let mut child = item.first_child();
    while let Some(at) = child {
        collect(&at, found);
        child = at.next_sibling();
    }
}

fn kiosk(folder: &Path) -> Result<Kiosk, Failure> {
    let catalogue = folder.join("catalogue.db");
    let entries = demonstration::entries(Timestamp::now(), "http://127.0.0.1:7310");
    Catalogue::open(&catalogue)?.apply(&CatalogueDelta {
        cursor: "1".to_owned(),
        reset: true,
        changes: entries.into_iter().map(|item| Change::Put { item }).collect(),
        more: false,
    })?;
    let options = Options { allow_volatile: true, ..Options::default() };
    let (outbox, _) = Outbox::open(&folder.join("outbox"), options, Timestamp::now())?;
    outbox.set_sealer(Sealer {
        authority: "bench".to_owned(),
        device: "bench".to_owned(),
        to: OpeningKey::generate().public().clone(),
        signer: Arc::new(DeviceKey::generate()),
    });
    let parts = Parts {
        settings: Settings { language: "en".to_owned(), ..Settings::default() },
        languages: ["en", "it"].map(str::to_owned).to_vec(),
        site: "Biblioteca".to_owned(),
        clock: Arc::new(SystemClock),
        open_catalogue: Box::new(move || Catalogue::open(&catalogue).ok()),
        outbox,
        printer: factory::printer(&PrinterConfig::default(), &folder.join("receipts")).0,
        panel: factory::panel(&PanelConfig::default(), Box::new(|_| ())).0,
        has_scanner: false,
        clock_state: Box::new(|| ClockState::Synchronised),
    };
    Ok(Kiosk::new(parts, Face::waker()))
}

/// Lets Slint own the screen, and the bench too; and time pass without waiting for it.
struct Shared {
    screen: Rc<HeadlessPlatform>,
    skipped: Rc<Cell<Duration>>,
}

impl Platform for Shared {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        self.screen.create_window_adapter()
    }

    fn duration_since_start(&self) -> Duration {
        self.screen.duration_since_start() + self.skipped.get()
    }

    fn new_event_loop_proxy(&self) -> Option<Box<dyn EventLoopProxy>> {
        self.screen.new_event_loop_proxy()
    }
}
