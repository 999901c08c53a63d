//! The only part that knows Slint's pages: one adapter per page between journey and ui/.
//!
//! A touch becomes an event; the state becomes properties. It decides nothing: what a page needs
//! to know it reads from the kiosk, and only for the page that is shown.

mod entry;
mod following;
mod home;
mod looking_up;
mod received;
mod rows;
mod shell;
mod writing;

use std::{
    cell::RefCell,
    rc::{Rc, Weak},
    time::Duration,
};

use slint::{PlatformError, Timer, TimerMode};
use sportello_ui as ui;

use crate::{
    journey::{Event, Page},
    kiosk::Kiosk,
};

/// How often time passes for the journey: idle warnings count in seconds.
const TICK: Duration = Duration::from_millis(500);

/// Connects a callback of a page to the event that it means.
macro_rules! on {
    ($handle:expr, $adapter:ident.$callback:ident, |$kiosk:ident $(, $argument:ident)*| $event:expr) => {{
        let handle = $handle.clone();
        $adapter.$callback(move |$($argument),*| handle.happen(|$kiosk: &mut crate::kiosk::Kiosk| $event));
    }};
}
use on;

thread_local! {
    /// The face of this thread, for those who wake it.
    static CURRENT: RefCell<Weak<Face>> = const { RefCell::new(Weak::new()) };
}

/// The kiosk's screen.
pub struct Face {
    window: ui::AppWindow,
    kiosk: RefCell<Kiosk>,
    memory: RefCell<Memory>,
    timer: Timer,
}

/// What was shown last, so that only what changed is set again.
#[derive(Default)]
struct Memory {
    shell: shell::Memory,
    home: home::Memory,
    looking_up: looking_up::Memory,
    entry: entry::Memory,
    writing: writing::Memory,
    received: received::Memory,
    following: following::Memory,
}

/// Reaches the face from a callback without keeping it alive.
#[derive(Clone)]
struct Handle(Weak<Face>);

impl Handle {
    fn happen(&self, event: impl FnOnce(&mut Kiosk) -> Event) {
        if let Some(face) = self.0.upgrade() {
            {
                let mut kiosk = face.kiosk.borrow_mut();
                let event = event(&mut kiosk);
                kiosk.happen(event);
            }
            face.show();
        }
    }
}

impl Face {
    /// Makes the screen for a kiosk. A Slint platform has to be set, or one is chosen by Slint.
    pub fn new(kiosk: Kiosk) -> Result<Rc<Self>, PlatformError> {
        let window = ui::AppWindow::new()?;
        ui::prepare_fonts();
        let face = Rc::new(Self {
            window,
            kiosk: RefCell::new(kiosk),
            memory: RefCell::default(),
            timer: Timer::default(),
        });
        let handle = Handle(Rc::downgrade(&face));
        shell::connect(&face.window, &handle);
        home::connect(&face.window, &handle);
        looking_up::connect(&face.window, &handle);
        entry::connect(&face.window, &handle);
        writing::connect(&face.window, &handle);
        received::connect(&face.window, &handle);
        following::connect(&face.window, &handle);
        let weak = Rc::downgrade(&face);
        face.timer.start(TimerMode::Repeated, TICK, move || {
            if let Some(face) = weak.upgrade() {
                face.poll();
            }
        });
        CURRENT.set(Rc::downgrade(&face));
        face.poll();
        Ok(face)
    }

    /// Wakes the face that lives on the screen's thread, from any other.
    pub fn waker() -> impl Fn() + Send + Sync + 'static {
        || {
            // Before the loop runs, and after it has ended, there is nothing to wake.
            let _ = slint::invoke_from_event_loop(|| {
                if let Some(face) = CURRENT.with_borrow(Weak::upgrade) {
                    face.poll();
                }
            });
        }
    }

    /// The window.
    pub fn window(&self) -> &ui::AppWindow {
        &self.window
    }

    /// The kiosk, to look at or to connect something to.
    pub fn kiosk(&self) -> &RefCell<Kiosk> {
        &self.kiosk
    }

    /// Takes what other threads told, lets time pass, and shows what follows.
    pub fn poll(&self) {
        self.kiosk.borrow_mut().poll();
        self.show();
    }

    /// Shows the state as it is.
    fn show(&self) {
        let mut memory = self.memory.borrow_mut();
        let kiosk = &mut *self.kiosk.borrow_mut();
        let window = &self.window;
        // First what the page shows, then the page, so that no page is seen with the last one's content.
        match kiosk.state().page() {
            Page::Home => home::show(window, kiosk, &mut memory.home),
            Page::Help => home::show_help(window, kiosk),
            Page::LookUp => looking_up::show(window, kiosk, &mut memory.looking_up),
            Page::Entry(..) => entry::show(window, kiosk, &mut memory.entry),
            Page::Kind | Page::Words | Page::Category | Page::Place | Page::Contact | Page::Review => {
                writing::show(window, kiosk, &mut memory.writing);
            }
            Page::Received => received::show(window, kiosk, &mut memory.received),
            Page::FollowCode | Page::FollowState | Page::FollowWrite => {
                following::show(window, kiosk, &mut memory.following);
            }
            Page::Welcome | Page::Goodbye => {
                // Nothing of the last visit stays in a property.
                writing::wipe(window, &mut memory.writing);
                looking_up::wipe(window, &mut memory.looking_up);
                entry::wipe(window, &mut memory.entry);
                following::wipe(window, &mut memory.following);
                received::wipe(window, &mut memory.received);
            }
            Page::Language | Page::Legibility => {}
        }
        shell::show(window, kiosk, &mut memory.shell);
    }
}
