//! Looks at a sensor again and again, on a thread of its own.

use std::{
    io,
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread,
    time::{Duration, Instant},
};

use super::{PanelListener, presence::PresenceFilter};

/// How often the sensor is looked at: quicker than a person, slower than costs anything.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A running watch. It ends when it is dropped.
#[derive(Debug)]
pub struct Watch {
    _end: Sender<()>,
}

impl Watch {
    /// Begins to look, and tells the listener what follows.
    pub fn begin(
        mut somebody_is_seen: impl FnMut() -> bool + Send + 'static,
        mut filter: PresenceFilter,
        mut listener: PanelListener,
    ) -> io::Result<Self> {
        let (end, ended) = mpsc::channel();
        thread::Builder::new().name("presence".to_owned()).spawn(move || {
            let begun = Instant::now();
            while ended.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                if let Some(event) = filter.sample(somebody_is_seen(), begun.elapsed()) {
                    tracing::debug!(?event, "panel");
                    listener(event);
                }
            }
        })?;
        Ok(Self { _end: end })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    use super::*;
    use crate::panel::PanelEvent;

    #[test]
    fn the_listener_hears_who_comes_and_leaves_until_the_watch_is_dropped() {
        let seen = Arc::new(AtomicBool::new(true));
        let (told, events) = mpsc::channel();
        let watch = Watch::begin(
            {
                let seen = Arc::clone(&seen);
                move || seen.load(Ordering::Relaxed)
            },
            PresenceFilter::new(Duration::ZERO, Duration::ZERO),
            Box::new(move |event| told.send(event).unwrap()),
        )
        .unwrap();
        let patience = Duration::from_secs(10);
        assert_eq!(events.recv_timeout(patience), Ok(PanelEvent::PresenceDetected));
        seen.store(false, Ordering::Relaxed);
        assert_eq!(events.recv_timeout(patience), Ok(PanelEvent::PresenceLost));
        drop(watch);
        assert_eq!(events.recv_timeout(patience), Err(RecvTimeoutError::Disconnected));
    }
}
