//! How a visit ends: by the button, or by itself when nobody is there; and how the screen sleeps.
//!
//! Every page ends the same way: a warning that a single touch takes away (WCAG 2.2.1), then the wipe.

use jiff::Timestamp;

use super::{Effect, Journey, Layer, Page, State};

impl Journey {
    pub(super) fn tick(&mut self, now: Timestamp) -> Vec<Effect> {
        // A clock that is set back must not leave a citizen's words on the screen for ever.
        if now < self.state.last_touch {
            self.state.last_touch = now;
        }
        let idle = now.duration_since(self.state.last_touch).unsigned_abs();
        if let Some(Layer::StillThere { until }) = self.state.layer {
            let latest = now.saturating_add(self.settings.warning).unwrap_or(now);
            let until = until.min(latest);
            self.state.layer = Some(Layer::StillThere { until });
            return if now >= until { self.wipe(Page::Welcome, now) } else { Vec::new() };
        }
        match self.state.page() {
            Page::Welcome => {
                self.state.asleep |= self.settings.sleep_after.is_some_and(|after| idle >= after);
            }
            Page::Goodbye if idle >= self.settings.goodbye => return self.wipe(Page::Welcome, now),
            Page::Goodbye => {}
            _ if idle >= self.settings.idle_after => {
                let until = now.saturating_add(self.settings.warning).unwrap_or(now);
                self.state.layer = Some(Layer::StillThere { until });
            }
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn wake(&mut self, now: Timestamp) {
        if std::mem::take(&mut self.state.asleep) {
            self.state.last_touch = now;
        }
    }

    /// Ends at once, or asks if something that was typed would be lost.
    pub(super) fn end(&mut self, now: Timestamp) -> Vec<Effect> {
        if self.state.draft.is_worth_asking() || !self.state.follow.words.0.is_empty() {
            self.state.layer = Some(Layer::ConfirmEnd);
            return Vec::new();
        }
        self.goodbye(now)
    }

    pub(super) fn goodbye(&mut self, now: Timestamp) -> Vec<Effect> {
        self.wipe(Page::Goodbye, now)
    }

    /// Forgets everything; only the goodbye still speaks the visit's language.
    pub(super) fn wipe(&mut self, then: Page, now: Timestamp) -> Vec<Effect> {
        let fresh = State::fresh(&self.settings, now);
        let last = std::mem::replace(&mut self.state, fresh);
        if then == Page::Goodbye {
            self.state.language.clone_from(&last.language);
            self.state.text_size = last.text_size;
            self.state.contrast = last.contrast;
        }
        self.state.pages = vec![then];
        vec![Effect::Wipe]
    }
}
