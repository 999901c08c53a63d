//! A kiosk without a panel, or with one that cannot be used.

use super::{Panel, PanelStatus, StatusLight};

/// Shows nothing, notices nobody, and says why.
#[derive(Debug, Clone, Copy)]
pub struct AbsentPanel {
    status: PanelStatus,
}

impl AbsentPanel {
    /// Makes a panel that says this of itself.
    pub fn new(status: PanelStatus) -> Self {
        Self { status }
    }
}

impl Panel for AbsentPanel {
    fn status(&mut self) -> PanelStatus {
        self.status
    }

    fn set_light(&mut self, _light: StatusLight) {}
}
