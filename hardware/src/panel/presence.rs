//! When somebody has come and when everybody has left, out of a sensor that flickers.
//!
//! A pure state machine: time is given to it.

use std::time::Duration;

use super::PanelEvent;

/// Makes events out of what the sensor sees.
#[derive(Debug, Clone)]
pub struct PresenceFilter {
    debounce: Duration,
    hold: Duration,
    present: bool,
    differs_since: Option<Duration>,
}

impl PresenceFilter {
    /// Somebody has come when they are seen for `debounce`; everybody has left when nobody is seen for `hold`.
    ///
    /// A short `debounce` keeps passers-by from waking the screen; a long `hold` keeps somebody who stands still while reading.
    pub fn new(debounce: Duration, hold: Duration) -> Self {
        Self { debounce, hold, present: false, differs_since: None }
    }

    /// Takes what the sensor sees at `now`, a time since any fixed moment, never going back.
    pub fn sample(&mut self, seen: bool, now: Duration) -> Option<PanelEvent> {
        if seen == self.present {
            self.differs_since = None;
            return None;
        }
        let since = *self.differs_since.get_or_insert(now);
        let needed = if seen { self.debounce } else { self.hold };
        if now.saturating_sub(since) < needed {
            return None;
        }
        self.present = seen;
        self.differs_since = None;
        Some(if seen { PanelEvent::PresenceDetected } else { PanelEvent::PresenceLost })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn events(samples: &[(u64, bool)]) -> Vec<(u64, PanelEvent)> {
        let mut filter = PresenceFilter::new(Duration::from_millis(100), Duration::from_secs(1));
        samples
            .iter()
            .filter_map(|(at, seen)| {
                filter.sample(*seen, Duration::from_millis(*at)).map(|event| (*at, event))
            })
            .collect()
    }

    #[test]
    fn somebody_who_stays_is_noticed_and_missed_once() {
        let samples: Vec<_> = (0..30).map(|step| (step * 100, (5..10).contains(&step))).collect();
        assert_eq!(events(&samples), [(600, PanelEvent::PresenceDetected), (2000, PanelEvent::PresenceLost)]);
    }

    #[test]
    fn a_passer_by_wakes_nothing() {
        assert_eq!(
            events(&[(0, false), (10, true), (109, true), (110, false), (200, true), (299, true)]),
            []
        );
    }

    #[test]
    fn somebody_who_stands_still_for_a_moment_is_still_there() {
        let detected = (100, PanelEvent::PresenceDetected);
        assert_eq!(
            events(&[(0, true), (100, true), (200, false), (1199, false), (1199, true), (1300, false)]),
            [detected]
        );
    }

    proptest! {
        #[test]
        fn coming_and_leaving_take_turns(steps in proptest::collection::vec((0_u64..2000, any::<bool>()), 0..200)) {
            let mut now = 0;
            let samples: Vec<_> = steps.into_iter().map(|(step, seen)| { now += step; (now, seen) }).collect();
            let mut expected = PanelEvent::PresenceDetected;
            for (_, event) in events(&samples) {
                prop_assert_eq!(event, expected);
                expected = match event {
                    PanelEvent::PresenceDetected => PanelEvent::PresenceLost,
                    PanelEvent::PresenceLost => PanelEvent::PresenceDetected,
                };
            }
        }
    }
}
