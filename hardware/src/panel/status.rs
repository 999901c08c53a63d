//! How a panel is, and why it cannot be used.

/// How the panel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelStatus {
    /// It works.
    Ready,
    /// There is none: nothing shines, and nobody is noticed before they touch the screen.
    NotFitted,
    /// There is one that cannot be used.
    Fault(PanelFault),
}

/// Why a panel cannot be used. It is set right by those who set up the kiosk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelFault {
    /// The kiosk may not use the pins.
    NoPermission,
    /// A pin is named twice, or used by another program.
    PinInUse,
    /// A pin is named that this machine does not have.
    NoSuchPin,
    /// The pins cannot be reached.
    Unreachable,
}
