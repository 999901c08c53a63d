//! What is around the screen: a sensor that notices somebody in front of it, and a light that shows from afar how the kiosk is.
//!
//! The sensor sees that somebody is there, never who.

pub mod absent;
pub mod presence;
mod rppal_pins;
pub mod simulated;
pub mod status;
pub mod watch;

pub use rppal_pins::{LampPins, RppalPanel};
pub use status::{PanelFault, PanelStatus};

/// What the panel tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelEvent {
    /// Somebody came.
    PresenceDetected,
    /// Nobody has been there for a while.
    PresenceLost,
}

/// Who is told. It is called from another thread, and has to return soon.
pub type PanelListener = Box<dyn FnMut(PanelEvent) + Send>;

/// What the light shows: one lamp each, so that its place says it and not its colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusLight {
    /// Come and use it.
    Ready,
    /// Somebody is using it.
    Busy,
    /// Somebody has to look after it.
    NeedsHelp,
}

/// A panel. Its events go to the [`PanelListener`] that it was made with, until it is dropped.
pub trait Panel: Send {
    /// How it is.
    fn status(&mut self) -> PanelStatus;

    /// Shows one state. Where there is no light, nothing happens.
    fn set_light(&mut self, light: StatusLight);
}
