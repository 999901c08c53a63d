//! Which envelopes go when: backoff with full jitter, batches, and what an answer changes.
//!
//! It does no I/O, reads no clock and makes no randomness: time is a [`Duration`] since any fixed moment, by a
//! clock that never jumps, and randomness is a fraction from 0 to 1. What it forgets is in the store: after a
//! restart every waiting envelope is simply added again.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    time::Duration,
};

use sportello_wire::device::{MAX_BATCH, MAX_BODY_BYTES};
use uuid::Uuid;

/// The longest pause after a first failure; it doubles with each further one.
pub const BACKOFF_BASE: Duration = Duration::from_secs(2);
/// The longest pause after many failures.
pub const BACKOFF_CAP: Duration = Duration::from_mins(5);
/// The longest time for which a server is obeyed that asks to be left alone.
pub const RETRY_AFTER_CAP: Duration = Duration::from_hours(1);
/// What a batch's brackets, and the comma after each envelope, may take.
const BATCH_OVERHEAD_BYTES: usize = 16;

/// What the other side said of one envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It has arrived. The schedule forgets it.
    Delivered,
    /// It can never be taken. The schedule forgets it; the store keeps it in quarantine.
    Refused,
    /// Not this time.
    TryAgain,
}

/// Which envelopes go when.
#[derive(Debug)]
pub struct Schedule {
    items: BTreeMap<Uuid, Item>,
    /// What has been taken and not been answered yet.
    in_flight: Vec<Uuid>,
    batch_most: usize,
    /// The most envelopes of the next call: halved by each failure, so that in the end a call that is too long for
    /// a slow line, or one bad envelope, stands alone; doubled by each answer.
    batch_limit: usize,
    /// How many calls in a row have failed.
    failures: u32,
    /// Until when it waits by itself.
    paused_until: Duration,
    /// Until when the server has asked for silence.
    silent_until: Duration,
}

#[derive(Debug)]
struct Item {
    bytes: usize,
    order: i64,
    due: Duration,
    attempts: u32,
}

impl Schedule {
    /// Makes an empty schedule whose calls take at most `batch_most` envelopes, and never more than [`MAX_BATCH`].
    pub fn new(batch_most: usize) -> Self {
        let batch_most = batch_most.clamp(1, MAX_BATCH);
        Self {
            items: BTreeMap::new(),
            in_flight: Vec::new(),
            batch_most,
            batch_limit: batch_most,
            failures: 0,
            paused_until: Duration::ZERO,
            silent_until: Duration::ZERO,
        }
    }

    /// Adds an envelope that is to go at once. `order` puts older ones first; adding it again changes nothing.
    ///
    /// A new submission ends a pause, though not the server's silence: it comes at the pace of people.
    pub fn add(&mut self, id: Uuid, bytes: usize, order: i64, now: Duration) {
        if let Entry::Vacant(entry) = self.items.entry(id) {
            entry.insert(Item { bytes, order, due: now, attempts: 0 });
            self.paused_until = now;
        }
    }

    /// How many envelopes it knows of.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Takes what is to be sent now in one call: none while pausing, or while another call is on its way.
    pub fn take(&mut self, now: Duration) -> Vec<Uuid> {
        if now < self.open_at() || !self.in_flight.is_empty() {
            return Vec::new();
        }
        let mut due: Vec<(&Uuid, &Item)> = self.items.iter().filter(|(_, item)| item.due <= now).collect();
        // What has failed less goes first, so that a bad one waits for the others and not they for it.
        due.sort_by_key(|(_, item)| (item.attempts, item.order));
        let mut bytes = 0;
        let batch: Vec<Uuid> = due
            .into_iter()
            .enumerate()
            .take_while(|(count, (_, item))| {
                bytes += item.bytes + BATCH_OVERHEAD_BYTES;
                *count == 0 || (*count < self.batch_limit && bytes <= MAX_BODY_BYTES)
            })
            .map(|(_, (id, _))| *id)
            .collect();
        self.in_flight.clone_from(&batch);
        batch
    }

    /// When there may be something to send; none when nothing waits.
    pub fn next_at(&self) -> Option<Duration> {
        let first = self.items.values().map(|item| item.due).min()?;
        Some(first.max(self.open_at()))
    }

    /// The call was answered for each envelope. Those that the answer leaves out will be tried again.
    pub fn answered(&mut self, verdicts: &[(Uuid, Verdict)], now: Duration, mut random: impl FnMut() -> f64) {
        self.failures = 0;
        self.batch_limit = (self.batch_limit * 2).min(self.batch_most);
        for id in std::mem::take(&mut self.in_flight) {
            let verdict = verdicts.iter().find(|(of, _)| *of == id);
            match verdict.map_or(Verdict::TryAgain, |(_, verdict)| *verdict) {
                Verdict::Delivered | Verdict::Refused => {
                    self.items.remove(&id);
                }
                Verdict::TryAgain => {
                    if let Some(item) = self.items.get_mut(&id) {
                        item.due = now + pause(item.attempts, random());
                        item.attempts = item.attempts.saturating_add(1);
                    }
                }
            }
        }
    }

    /// The call failed as a whole: nobody answered, or with no results (5xx, 429, garbage).
    pub fn failed(&mut self, retry_after: Option<Duration>, now: Duration, random: f64) {
        self.paused_until = now + pause(self.failures, random);
        self.silent_until = now + retry_after.unwrap_or_default().min(RETRY_AFTER_CAP);
        self.failures = self.failures.saturating_add(1);
        self.batch_limit = (self.in_flight.len() / 2).max(1);
        for id in std::mem::take(&mut self.in_flight) {
            if let Some(item) = self.items.get_mut(&id) {
                item.attempts = item.attempts.saturating_add(1);
            }
        }
    }

    /// Somebody is there again: what waits may go at once.
    pub fn resume(&mut self, now: Duration) {
        self.failures = 0;
        self.paused_until = now;
    }

    fn open_at(&self) -> Duration {
        self.paused_until.max(self.silent_until)
    }
}

/// Full jitter: anything from nothing to the limit, which doubles with each failure.
fn pause(failures: u32, random: f64) -> Duration {
    let limit = BACKOFF_BASE.saturating_mul(2_u32.saturating_pow(failures)).min(BACKOFF_CAP);
    limit.mul_f64(random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    const NOW: Duration = Duration::from_secs(1_000);

    fn id(number: usize) -> Uuid {
        Uuid::from_u128(number as u128)
    }

    fn with(count: usize, bytes: usize) -> Schedule {
        let mut schedule = Schedule::new(MAX_BATCH);
        for number in 0..count {
            schedule.add(id(number), bytes, number as i64, NOW);
        }
        schedule
    }

    #[test]
    fn a_batch_has_at_most_a_hundred_envelopes_and_one_mebibyte() {
        assert_eq!(with(250, 2_000).take(NOW).len(), MAX_BATCH);
        let batch = with(250, 60_000).take(NOW);
        assert!(batch.len() * 60_000 <= MAX_BODY_BYTES && (batch.len() + 2) * 60_000 > MAX_BODY_BYTES);
        assert_eq!(with(2, 2 * MAX_BODY_BYTES).take(NOW).len(), 1, "a giant goes alone, but it goes");
    }

    #[test]
    fn the_pause_grows_to_five_minutes_and_is_spread_over_all_of_it() {
        for (failures, limit_s) in [(0, 2), (1, 4), (5, 64), (8, 300), (4_000_000_000, 300)] {
            assert_eq!(pause(failures, 1.0), Duration::from_secs(limit_s));
            assert_eq!(pause(failures, 0.5), Duration::from_secs(limit_s) / 2);
            assert_eq!(pause(failures, 0.0), Duration::ZERO);
        }
    }

    #[test]
    fn a_server_that_asks_to_be_left_alone_is_left_alone() {
        let mut schedule = with(1, 10);
        schedule.take(NOW);
        schedule.failed(Some(Duration::from_mins(2)), NOW, 0.5);
        assert_eq!(schedule.next_at(), Some(NOW + Duration::from_mins(2)));
        schedule.add(id(7), 10, 7, NOW);
        assert!(schedule.take(NOW + Duration::from_secs(119)).is_empty(), "not even for a new one");
        schedule.take(NOW + Duration::from_mins(2));
        schedule.failed(Some(Duration::from_secs(1_000_000)), NOW, 0.5);
        assert_eq!(schedule.next_at(), Some(NOW + RETRY_AFTER_CAP));
    }

    #[test]
    fn a_new_submission_is_tried_at_once_even_while_others_wait_for_the_network() {
        let mut schedule = with(1, 10);
        for _ in 0..8 {
            let now = schedule.next_at().expect("waiting");
            schedule.take(now);
            schedule.failed(None, now, 1.0);
        }
        let now = schedule.next_at().expect("waiting").saturating_sub(Duration::from_secs(200));
        assert!(schedule.take(now).is_empty());
        schedule.add(id(1), 10, 1, now);
        assert_eq!(schedule.take(now), [id(1)]);
    }

    #[test]
    fn calls_shrink_until_one_passes_on_a_slow_line_and_grow_again() {
        const PASSES: usize = 7;
        let mut schedule = with(100, 10);
        let mut sizes = Vec::new();
        while let Some(now) = schedule.next_at() {
            let batch = schedule.take(now);
            sizes.push(batch.len());
            if batch.len() > PASSES {
                schedule.failed(None, now, 1.0);
            } else {
                let verdicts: Vec<_> = batch.iter().map(|id| (*id, Verdict::Delivered)).collect();
                schedule.answered(&verdicts, now, || 1.0);
            }
        }
        assert_eq!(sizes[..8], [100, 50, 25, 12, 6, 12, 6, 12]);
        assert!(sizes.len() < 50);
    }

    #[test]
    fn an_envelope_that_breaks_every_call_does_not_hold_up_its_neighbours() {
        let mut schedule = with(5, 10);
        let mut arrived = BTreeSet::new();
        let mut now = NOW;
        for _ in 0..20 {
            now = schedule.next_at().expect("the bad one waits for ever").max(now);
            let batch = schedule.take(now);
            if batch.contains(&id(2)) {
                schedule.failed(None, now, 1.0);
            } else {
                let verdicts: Vec<_> = batch.iter().map(|id| (*id, Verdict::Delivered)).collect();
                arrived.extend(batch);
                schedule.answered(&verdicts, now, || 1.0);
            }
        }
        assert_eq!(arrived, BTreeSet::from([id(0), id(1), id(3), id(4)]));
        assert_eq!(schedule.len(), 1);
    }

    #[test]
    fn only_one_call_is_on_its_way_at_a_time() {
        let mut schedule = with(150, 10);
        assert_eq!(schedule.take(NOW).len(), 100);
        assert!(schedule.take(NOW).is_empty());
    }

    #[test]
    fn an_answer_that_leaves_some_out_loses_none_of_them() {
        let mut schedule = with(3, 10);
        schedule.take(NOW);
        schedule.answered(&[(id(1), Verdict::Delivered), (id(77), Verdict::Delivered)], NOW, || 0.0);
        assert_eq!(schedule.take(NOW), [id(0), id(2)]);
    }

    /// What the network and the central do with one call.
    #[derive(Debug, Clone)]
    enum Fate {
        RequestLost,
        AnswerLost,
        ServerError(Option<u64>),
        /// How each envelope is answered, by turns; `None` leaves it out.
        Answered(Vec<Option<Verdict>>),
        Restart,
    }

    fn fate() -> impl Strategy<Value = Fate> {
        let verdict = prop_oneof![
            4 => Just(Some(Verdict::Delivered)),
            1 => Just(Some(Verdict::Refused)),
            1 => Just(Some(Verdict::TryAgain)),
            1 => Just(None),
        ];
        prop_oneof![
            Just(Fate::RequestLost),
            Just(Fate::AnswerLost),
            proptest::option::of(0_u64..10_000).prop_map(Fate::ServerError),
            proptest::collection::vec(verdict, 1..5).prop_map(Fate::Answered),
            Just(Fate::Restart),
        ]
    }

    /// The central and the store, as simple as they can be.
    #[derive(Default)]
    struct World {
        waiting: BTreeMap<Uuid, usize>,
        delivered: BTreeSet<Uuid>,
        quarantined: BTreeSet<Uuid>,
        /// Tickets at the central: one id, one ticket. Those that it refuses never become one.
        tickets: BTreeSet<Uuid>,
        refused: BTreeSet<Uuid>,
    }

    impl World {
        fn step(&mut self, schedule: &mut Schedule, fate: &Fate, now: Duration, random: f64) {
            if matches!(fate, Fate::Restart) {
                *schedule = Schedule::new(MAX_BATCH);
                for (number, (id, bytes)) in self.waiting.iter().enumerate() {
                    schedule.add(*id, *bytes, number as i64, now);
                }
                return;
            }
            let batch = schedule.take(now);
            assert!(batch.len() <= MAX_BATCH);
            for id in &batch {
                assert!(self.waiting.contains_key(id), "sent after it was settled");
            }
            match fate {
                _ if batch.is_empty() => {}
                Fate::RequestLost | Fate::Restart => schedule.failed(None, now, random),
                Fate::AnswerLost => {
                    self.tickets.extend(batch.iter().filter(|id| !self.refused.contains(id)));
                    schedule.failed(None, now, random);
                }
                Fate::ServerError(after_s) => {
                    let after = after_s.map(Duration::from_secs);
                    schedule.failed(after, now, random);
                }
                Fate::Answered(answers) => {
                    let mut verdicts = Vec::new();
                    for (id, answer) in batch.iter().zip(answers.iter().cycle()) {
                        let Some(verdict) = *answer else { continue };
                        // A central does not change its mind about one id.
                        let verdict = match verdict {
                            Verdict::Refused if self.tickets.contains(id) => Verdict::Delivered,
                            Verdict::Delivered if self.refused.contains(id) => Verdict::Refused,
                            other => other,
                        };
                        match verdict {
                            Verdict::Delivered => {
                                self.tickets.insert(*id);
                                assert!(self.delivered.insert(*id), "delivered twice");
                                self.waiting.remove(id);
                            }
                            Verdict::Refused => {
                                self.refused.insert(*id);
                                assert!(self.quarantined.insert(*id), "quarantined twice");
                                self.waiting.remove(id);
                            }
                            Verdict::TryAgain => {}
                        }
                        verdicts.push((*id, verdict));
                    }
                    schedule.answered(&verdicts, now, || random);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_the_network_does_every_submission_ends_delivered_or_quarantined(
            sizes in proptest::collection::vec(1_usize..400_000, 1..40),
            fates in proptest::collection::vec((fate(), 0.0..=1.0_f64), 0..80),
        ) {
            let (mut world, mut schedule, mut now) = (World::default(), Schedule::new(MAX_BATCH), NOW);
            for (number, bytes) in sizes.iter().enumerate() {
                world.waiting.insert(id(number), *bytes);
                schedule.add(id(number), *bytes, number as i64, now);
            }
            for (fate, random) in &fates {
                world.step(&mut schedule, fate, now, *random);
                prop_assert_eq!(schedule.len(), world.waiting.len());
                if let Some(next) = schedule.next_at() {
                    prop_assert!(next <= now + RETRY_AFTER_CAP, "it would wait for ever");
                    now = now.max(next);
                }
            }
            // In the end the network is well again.
            let well = Fate::Answered(vec![Some(Verdict::Delivered)]);
            for _ in 0..2 * sizes.len() {
                let Some(next) = schedule.next_at() else { break };
                now = now.max(next);
                world.step(&mut schedule, &well, now, 0.5);
            }
            prop_assert!(world.waiting.is_empty());
            prop_assert_eq!(world.delivered.len() + world.quarantined.len(), sizes.len());
            prop_assert_eq!(&world.tickets, &world.delivered);
        }
    }
}
