//! A panel for a machine that has none: whoever holds the handle is the person in front of it, and sees the light.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Panel, PanelEvent, PanelListener, PanelStatus, StatusLight};

/// A simulated panel.
#[derive(Debug)]
pub struct SimulatedPanel {
    control: SimulatedPanelControl,
}

impl SimulatedPanel {
    /// Makes a panel, and the handle to it.
    pub fn new(listener: PanelListener) -> (Self, SimulatedPanelControl) {
        let state = State { status: PanelStatus::Ready, light: None, somebody_is_there: false };
        let control = SimulatedPanelControl {
            state: Arc::new(Mutex::new(state)),
            listener: Arc::new(Listener(Mutex::new(listener))),
        };
        (Self { control: control.clone() }, control)
    }
}

impl Panel for SimulatedPanel {
    fn status(&mut self) -> PanelStatus {
        self.control.lock().status
    }

    fn set_light(&mut self, light: StatusLight) {
        let mut state = self.control.lock();
        if state.status == PanelStatus::Ready && state.light.replace(light) != Some(light) {
            tracing::debug!(?light, "panel");
        }
    }
}

/// The handle to a simulated panel. All clones are the same panel.
#[derive(Debug, Clone)]
pub struct SimulatedPanelControl {
    state: Arc<Mutex<State>>,
    listener: Arc<Listener>,
}

impl SimulatedPanelControl {
    /// Somebody comes, or everybody leaves. The listener hears it if it is a change.
    pub fn set_presence(&self, somebody_is_there: bool) {
        let mut state = self.lock();
        let changed = state.somebody_is_there != somebody_is_there;
        state.somebody_is_there = somebody_is_there;
        let works = state.status == PanelStatus::Ready;
        // The listener may well look at the light.
        drop(state);
        if changed && works {
            let event =
                if somebody_is_there { PanelEvent::PresenceDetected } else { PanelEvent::PresenceLost };
            self.listener.tell(event);
        }
    }

    /// What the light shows.
    pub fn light(&self) -> Option<StatusLight> {
        self.lock().light
    }

    /// Breaks it, or mends it. A broken one is dark and notices nobody.
    pub fn set_status(&self, status: PanelStatus) {
        let mut state = self.lock();
        state.status = status;
        if status != PanelStatus::Ready {
            state.light = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct State {
    status: PanelStatus,
    light: Option<StatusLight>,
    somebody_is_there: bool,
}

struct Listener(Mutex<PanelListener>);

impl Listener {
    fn tell(&self, event: PanelEvent) {
        let mut listener = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        listener(event);
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Listener")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::panel::PanelFault;

    fn panel() -> (SimulatedPanel, SimulatedPanelControl, mpsc::Receiver<PanelEvent>) {
        let (told, events) = mpsc::channel();
        let (panel, control) = SimulatedPanel::new(Box::new(move |event| told.send(event).unwrap()));
        (panel, control, events)
    }

    #[test]
    fn only_changes_of_presence_are_told() {
        let (_panel, control, events) = panel();
        for there in [false, true, true, false] {
            control.set_presence(there);
        }
        let told: Vec<_> = events.try_iter().collect();
        assert_eq!(told, [PanelEvent::PresenceDetected, PanelEvent::PresenceLost]);
    }

    #[test]
    fn the_light_shows_what_was_set_last_and_nothing_when_broken() {
        let (mut panel, control, events) = panel();
        assert_eq!(control.light(), None);
        panel.set_light(StatusLight::Busy);
        assert_eq!(control.light(), Some(StatusLight::Busy));
        control.set_status(PanelStatus::Fault(PanelFault::Unreachable));
        panel.set_light(StatusLight::Ready);
        control.set_presence(true);
        assert_eq!(control.light(), None);
        assert_eq!(panel.status(), PanelStatus::Fault(PanelFault::Unreachable));
        assert_eq!(events.try_iter().count(), 0);
    }
}
