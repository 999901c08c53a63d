//! A screen without a display: Slint's software renderer into memory, touches and keys from a queue.
//!
//! It is the platform of the mirror. One window, one thread; other threads reach it by [`Remote`].

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::mpsc::{Receiver, Sender, channel},
    time::{Duration, Instant},
};

use slint::{
    PhysicalSize, PlatformError, Rgb8Pixel, SharedString,
    platform::{
        EventLoopProxy, Platform, PointerEventButton, WindowAdapter, WindowEvent,
        duration_until_next_timer_update,
        software_renderer::{MinimalSoftwareWindow, RepaintBufferType},
        update_timers_and_animations,
    },
};

use super::frame::{Frames, Rectangle};

/// How long to wait when no timer runs. Only a bound: a message ends the wait at once.
const MAX_WAIT: Duration = Duration::from_secs(1);
/// The time of one picture while something moves.
const FRAME: Duration = Duration::from_millis(16);

/// Something done to the screen from afar.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names say it; positions are in pixels")]
pub enum Input {
    Press { x: f32, y: f32 },
    Move { x: f32, y: f32 },
    Release { x: f32, y: f32 },
    Key(String),
}

enum Message {
    Input(Input),
    Call(Box<dyn FnOnce() + Send>),
    Quit,
}

/// Reaches the screen's thread from any other.
#[derive(Clone)]
pub struct Remote(Sender<Message>);

impl Remote {
    /// Does something to the screen. Nothing happens when the screen is gone.
    pub fn send(&self, input: Input) {
        let _ = self.0.send(Message::Input(input));
    }
}

impl EventLoopProxy for Remote {
    fn quit_event_loop(&self) -> Result<(), slint::EventLoopError> {
        self.0.send(Message::Quit).map_err(|_| slint::EventLoopError::EventLoopTerminated)
    }

    fn invoke_from_event_loop(&self, call: Box<dyn FnOnce() + Send>) -> Result<(), slint::EventLoopError> {
        self.0.send(Message::Call(call)).map_err(|_| slint::EventLoopError::EventLoopTerminated)
    }
}

/// Slint's platform for a screen that exists only as a picture.
pub struct HeadlessPlatform {
    window: Rc<MinimalSoftwareWindow>,
    pixels: RefCell<Vec<Rgb8Pixel>>,
    frames: Frames,
    sender: Sender<Message>,
    receiver: Receiver<Message>,
    started: Instant,
    pressed: Cell<bool>,
}

impl HeadlessPlatform {
    /// Makes a screen of this size in pixels.
    pub fn new(width: u32, height: u32) -> Self {
        let window = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
        window.set_size(PhysicalSize::new(width, height));
        let (sender, receiver) = channel();
        Self {
            window,
            pixels: RefCell::new(vec![Rgb8Pixel::new(0, 0, 0); width as usize * height as usize]),
            frames: Frames::new(width, height),
            sender,
            receiver,
            started: Instant::now(),
            pressed: Cell::new(false),
        }
    }

    /// The pictures.
    pub fn frames(&self) -> Frames {
        self.frames.clone()
    }

    /// The way in.
    pub fn remote(&self) -> Remote {
        Remote(self.sender.clone())
    }

    /// Does what was sent and draws what follows from it, without waiting for anything: for those who keep time
    /// themselves. The loop does the same, and waits in between. Says whether something was drawn.
    pub fn step(&self) -> bool {
        for message in self.receiver.try_iter() {
            self.handle(message);
        }
        self.show()
    }

    /// Lets time pass for timers and animations, and draws what has changed.
    fn show(&self) -> bool {
        update_timers_and_animations();
        self.draw()
    }

    fn draw(&self) -> bool {
        let (width, _) = self.frames.size();
        self.window.draw_if_needed(|renderer| {
            let mut pixels = self.pixels.borrow_mut();
            let region = renderer.render(&mut pixels, width as usize);
            let (origin, size) = (region.bounding_box_origin(), region.bounding_box_size());
            if size.width == 0 || size.height == 0 {
                return;
            }
            let changed = Rectangle {
                x: origin.x.max(0).unsigned_abs(),
                y: origin.y.max(0).unsigned_abs(),
                width: size.width,
                height: size.height,
            };
            self.frames.publish(&pixels, changed);
        })
    }

    /// Handles one message; false ends the loop.
    fn handle(&self, message: Message) -> bool {
        match message {
            Message::Quit => return false,
            Message::Call(call) => call(),
            Message::Input(input) => self.input(input),
        }
        true
    }

    /// Hands an event to the window. Slint fails here only when the window is gone; then nothing is to be done.
    fn dispatch(&self, event: WindowEvent) {
        let _ = self.window.dispatch_event_with_result(event);
    }

    fn input(&self, input: Input) {
        let button = PointerEventButton::Left;
        let position = |x, y| slint::LogicalPosition::new(x, y);
        match input {
            Input::Press { x, y } => {
                self.pressed.set(true);
                self.dispatch(WindowEvent::PointerMoved { position: position(x, y) });
                self.dispatch(WindowEvent::PointerPressed { position: position(x, y), button });
            }
            Input::Move { x, y } if self.pressed.get() => {
                self.dispatch(WindowEvent::PointerMoved { position: position(x, y) });
            }
            Input::Move { .. } => {}
            Input::Release { x, y } => {
                self.pressed.set(false);
                self.dispatch(WindowEvent::PointerReleased { position: position(x, y), button });
                // A finger that is lifted is nowhere: nothing stays hovered.
                self.dispatch(WindowEvent::PointerExited);
            }
            Input::Key(text) => {
                let text = SharedString::from(text);
                self.dispatch(WindowEvent::KeyPressed { text: text.clone() });
                self.dispatch(WindowEvent::KeyReleased { text });
            }
        }
    }
}

impl Platform for HeadlessPlatform {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(self.window.clone())
    }

    fn duration_since_start(&self) -> Duration {
        self.started.elapsed()
    }

    fn new_event_loop_proxy(&self) -> Option<Box<dyn EventLoopProxy>> {
        Some(Box::new(self.remote()))
    }

    fn run_event_loop(&self) -> Result<(), PlatformError> {
        loop {
            self.show();
            let wait = if self.window.has_active_animations() {
                FRAME
            } else {
                duration_until_next_timer_update().unwrap_or(MAX_WAIT).min(MAX_WAIT)
            };
            let first = self.receiver.recv_timeout(wait).ok();
            for message in first.into_iter().chain(self.receiver.try_iter()) {
                if !self.handle(message) {
                    return Ok(());
                }
            }
        }
    }
}
