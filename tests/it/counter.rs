//! A citizen before the real interface: touches what can be seen, types with the keys on the screen, reads.
//!
//! Everything is real but the display and the finger: the pages are laid out and drawn, a touch is dispatched at its place
//! in the window, and the kiosk behind it speaks to a central over HTTP.

use std::{
    fs::File,
    io::BufWriter,
    path::Path,
    rc::Rc,
    sync::mpsc::Receiver,
    time::{Duration, Instant},
};

use i_slint_backend_testing::{
    AccessibleRole, ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions, mock_elapsed_time,
};
use slint::{
    ComponentHandle as _, LogicalPosition, PhysicalSize,
    platform::{PointerEventButton, WindowEvent},
};
use sportello::{face::Face, journey::Page, outbox::Outbox};
use sportello_hardware::{
    panel::simulated::SimulatedPanelControl, printer::simulated::SimulatedPrinterControl,
};
use sportello_ui::AppWindow;

use crate::{
    kiosk::{PATIENCE, StandingClock, TestKiosk},
    town::Town,
};

/// The panel for which the pages are drawn.
const SIZE: PhysicalSize = PhysicalSize { width: 1080, height: 1920 };
/// How long a finger stays.
const FINGER: Duration = Duration::from_millis(60);
/// Between two touches; within 300 ms the second one of the same thing would not count.
const PAUSE: Duration = Duration::from_millis(350);
/// How often a citizen goes on below until something must have come into sight.
const MAX_SCROLLS: usize = 6;

/// A kiosk with its screen, and the citizen before it.
pub(crate) struct Counter {
    pub(crate) face: Rc<Face>,
    pub(crate) outbox: Outbox,
    pub(crate) printer: SimulatedPrinterControl,
    pub(crate) panel: SimulatedPanelControl,
    pub(crate) clock: StandingClock,
    woken: Receiver<()>,
}

impl Counter {
    /// Sets up an enrolled kiosk in `folder` and waits until it has the town's catalogue.
    pub(crate) fn open(town: &Town, folder: &Path) -> Self {
        let platform = TestingBackend::new(TestingBackendOptions {
            mock_time: true,
            threading: false,
            renderer_name: Some("software".into()),
        });
        // Where tests run one after the other they share a thread, and its platform.
        let _ = slint::platform::set_platform(Box::new(platform));
        let identity = town.enrol(folder);
        let kiosk = TestKiosk::start(folder, Some(&identity));
        kiosk.connect(&town.url(), &identity);
        let TestKiosk { kiosk, outbox, printer, panel, clock, woken, .. } = kiosk;
        let face = Face::new(kiosk).unwrap();
        face.window().show().unwrap();
        let mut counter = Self { face, outbox, printer, panel, clock, woken };
        counter.resize(SIZE.width, SIZE.height);
        counter.until("the catalogue has come", |counter| {
            let kiosk = counter.face.kiosk().borrow();
            kiosk.authority().is_some()
                && kiosk.catalogue().is_some_and(|it| !it.offices().unwrap().is_empty())
        });
        counter
    }

    /// Puts another screen there, of this size in pixels.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        self.window().window().set_size(PhysicalSize::new(width, height));
        mock_elapsed_time(PAUSE);
    }

    /// The page on which the visit is.
    pub(crate) fn page(&self) -> Page {
        self.face.kiosk().borrow().state().page().clone()
    }

    /// Touches the control with this name, or whose name begins with this title.
    pub(crate) fn touch(&self, label: &str) {
        for _ in 0..MAX_SCROLLS {
            // What is scrolled out of sight is not there for whoever looks.
            if let Some(found) = self.control(label).filter(|found| self.is_in_sight(found, label)) {
                assert_ne!(found.accessible_enabled(), Some(false), "{label:?} cannot be touched now");
                return self.press(&found);
            }
            let down = self.control("Continua sotto").or_else(|| self.control("It goes on below"));
            self.press(&down.unwrap_or_else(|| {
                self.picture("not-found");
                panic!("on {:?} nothing is called {label:?}: {:#?}", self.page(), self.texts())
            }));
        }
        self.picture("not-found");
        panic!("{label:?} never came into sight");
    }

    /// Types with the keys on the screen, into the field that has the focus.
    pub(crate) fn type_on_keyboard(&self, words: &str) {
        for letter in words.chars() {
            if letter.is_uppercase() && self.key(&letter.to_string()).is_none() {
                self.press_key(&["Maiuscola", "Capital letter"]);
            }
            match letter {
                ' ' => self.press_key(&["Spazio", "Space"]),
                letter => self.press_key(&[&letter.to_string()]),
            }
        }
    }

    /// Whether something on the screen says this.
    pub(crate) fn sees(&self, text: &str) -> bool {
        self.texts().iter().any(|shown| shown.contains(text))
    }

    /// Asserts that something on the screen says this.
    #[track_caller]
    pub(crate) fn reads(&self, text: &str) {
        assert!(self.sees(text), "{text:?} is not on {:?}: {:#?}", self.page(), self.texts());
    }

    /// Everything that any element of the window says.
    pub(crate) fn texts(&self) -> Vec<String> {
        let elements = ElementQuery::from_root(self.window()).match_descendants().find_all();
        let said = elements.iter().flat_map(|element| {
            [
                element.accessible_label(),
                element.accessible_value(),
                element.accessible_description(),
                element.accessible_placeholder_text(),
            ]
        });
        said.flatten().map(String::from).filter(|text| !text.is_empty()).collect()
    }

    /// Waits until something holds.
    pub(crate) fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        loop {
            self.face.poll();
            mock_elapsed_time(FINGER);
            if holds(self) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "it did not come: {what}; {:#?}", self.texts());
            let _ = self.woken.recv_timeout(Duration::from_millis(50));
        }
    }

    /// Waits until everything that was kept has arrived.
    pub(crate) fn until_delivered(&mut self) {
        self.until("nothing waits any more", |counter| counter.outbox.tally().unwrap().waiting == 0);
    }

    /// Lets time pass without a touch.
    pub(crate) fn wait(&self, time: Duration) {
        self.clock.pass(time);
        self.face.poll();
        mock_elapsed_time(PAUSE);
    }

    /// Keeps what the screen shows as a picture, for whoever looks after a test.
    pub(crate) fn picture(&self, name: &str) {
        let pixels = self.window().window().take_snapshot().unwrap();
        let first = pixels.as_slice()[0];
        assert!(pixels.as_slice().iter().any(|pixel| *pixel != first), "{name}: the screen is blank");
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
        let file = BufWriter::new(File::create(path).unwrap());
        let mut encoder = png::Encoder::new(file, pixels.width(), pixels.height());
        encoder.set_color(png::ColorType::Rgba);
        encoder.write_header().unwrap().write_image_data(pixels.as_bytes()).unwrap();
    }

    pub(crate) fn window(&self) -> &AppWindow {
        self.face.window()
    }

    fn control(&self, label: &str) -> Option<ElementHandle> {
        let (name, beginning) = (label.to_owned(), format!("{label}. "));
        ElementQuery::from_root(self.window())
            .match_predicate(move |element| {
                matches!(element.accessible_role(), Some(AccessibleRole::Button | AccessibleRole::TextInput))
                    && element
                        .accessible_label()
                        .is_some_and(|it| it == name.as_str() || it.starts_with(&beginning))
                    && !is_key(element)
            })
            .find_first()
    }

    fn key(&self, label: &str) -> Option<ElementHandle> {
        let name = label.to_owned();
        ElementQuery::from_root(self.window())
            .match_inherits("KeyButton")
            .match_predicate(move |element| element.accessible_label().is_some_and(|it| it == name.as_str()))
            .find_first()
    }

    fn press_key(&self, names: &[&str]) {
        let found = names.iter().find_map(|name| self.key(name));
        self.press(
            &found.unwrap_or_else(|| panic!("no key {names:?} on {:?}: {:#?}", self.page(), self.texts())),
        );
    }

    /// Whether the middle of an element lies within the window and within every view that can be scrolled around it.
    fn is_in_sight(&self, element: &ElementHandle, label: &str) -> bool {
        let middle = middle(element);
        let views = ElementQuery::from_root(self.window()).match_inherits("Flickable").find_all();
        let name = label.to_owned();
        let mut around = views.into_iter().filter(|view| {
            let name = name.clone();
            let inside = view.query_descendants().match_predicate(move |inside| {
                inside.accessible_label().is_some_and(|it| it.starts_with(name.as_str()))
            });
            inside.find_first().is_some()
        });
        let size = self.window().window().size();
        let (width, height) = (size.width as f32, size.height as f32);
        (0.0..width).contains(&middle.x)
            && (0.0..height).contains(&middle.y)
            && around.all(|view| {
                let (corner, size) = (view.absolute_position(), view.size());
                (corner.y..corner.y + size.height).contains(&middle.y)
            })
    }

    /// A finger comes down in the middle of an element and is lifted.
    fn press(&self, element: &ElementHandle) {
        let (position, button) = (middle(element), PointerEventButton::Left);
        let window = self.window().window();
        window.dispatch_event(WindowEvent::PointerPressed { position, button });
        mock_elapsed_time(FINGER);
        window.dispatch_event(WindowEvent::PointerReleased { position, button });
        window.dispatch_event(WindowEvent::PointerExited);
        mock_elapsed_time(PAUSE);
    }
}

fn middle(element: &ElementHandle) -> LogicalPosition {
    let (corner, size) = (element.absolute_position(), element.size());
    LogicalPosition::new(corner.x + size.width / 2.0, corner.y + size.height / 2.0)
}

fn is_key(element: &ElementHandle) -> bool {
    element.bases().is_some_and(|mut bases| bases.any(|base| base == "KeyButton"))
        || element.type_name().is_some_and(|name| name == "KeyButton")
}
