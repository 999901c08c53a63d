//! What the benches print: one table of distributions, and whether the goal is met.

use std::time::Duration;

const NAME_WIDTH: usize = 40;

/// The times that one thing took.
#[derive(Default, Clone)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Duration> {
        self.0.iter().copied()
    }

    /// The least time that so many percent did not exceed (nearest rank).
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(at).copied().unwrap_or_default()
    }
}

impl FromIterator<Duration> for Times {
    fn from_iter<I: IntoIterator<Item = Duration>>(times: I) -> Self {
        Self(times.into_iter().collect())
    }
}

/// How long the processor has worked for this thread: what something takes on a machine that does nothing else.
pub(crate) fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Prints one line for each thing.
pub(crate) fn print<'a>(what: &str, rows: impl IntoIterator<Item = (&'a str, &'a Times)>) {
    println!(
        "{what:<NAME_WIDTH$}{:>7}{:>10}{:>10}{:>10}{:>10}",
        "times", "p50 ms", "p95 ms", "p99 ms", "max ms"
    );
    for (name, times) in rows {
        let [p50, p95, p99, max] = [50, 95, 99, 100].map(|percent| milliseconds(times.percentile(percent)));
        println!("{name:<NAME_WIDTH$}{:>7}{p50:>10.2}{p95:>10.2}{p99:>10.2}{max:>10.2}", times.0.len());
    }
}

/// Says whether what was measured stays below the goal.
pub(crate) fn goal(what: &str, measured: f64, below: f64, unit: &str) {
    let verdict = if measured < below { "holds" } else { "MISSED" };
    println!("goal: {what} < {below} {unit}: {measured:.1} {unit}, {verdict}");
}
