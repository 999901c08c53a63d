//! Opening hours: when an office is open, and what to say about it now.
//!
//! It reads no clock: the caller gives the local date and time.

use jiff::civil::{Date, DateTime, Time, Weekday};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One span of one weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenSpan {
    /// The weekday, 1 = Monday … 7 = Sunday (ISO 8601).
    pub weekday: i8,
    /// When it opens, local time.
    #[schema(value_type = String)]
    pub from: Time,
    /// When it closes, local time; later than `from`.
    #[schema(value_type = String)]
    pub to: Time,
}

/// A day on which an office is closed although its weekday is an open one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClosedDay {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub on: Date,
    /// Why, or "".
    pub reason: String,
}

/// When an office is open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpeningHours {
    /// The spans of a usual week. None at all means: no hours are known.
    pub week: Vec<OpenSpan>,
    /// The exceptions.
    #[serde(default)]
    pub closed: Vec<ClosedDay>,
}

/// What can be said about an office now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenNow {
    /// Open until then, today.
    OpenUntil(Time),
    /// Closed; opens then.
    OpensAt(DateTime),
    /// Closed, and nothing is known of the next 14 days.
    Closed,
    /// No hours are known.
    Unknown,
}

/// How far ahead the next opening is looked for.
const LOOK_AHEAD_DAYS: i32 = 14;

impl OpeningHours {
    /// Says whether it is open at `now` (local time), and until when or from when.
    pub fn at(&self, now: DateTime) -> OpenNow {
        if self.week.is_empty() {
            return OpenNow::Unknown;
        }
        let mut day = now.date();
        for _ in 0..=LOOK_AHEAD_DAYS {
            for span in self.on(day) {
                if day > now.date() || now.time() < span.from {
                    return OpenNow::OpensAt(day.to_datetime(span.from));
                }
                if now.time() < span.to {
                    return OpenNow::OpenUntil(span.to);
                }
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        OpenNow::Closed
    }

    /// The spans of one day in order, none if it is closed.
    pub fn on(&self, day: Date) -> Vec<OpenSpan> {
        if self.closed.iter().any(|closed| closed.on == day) {
            return Vec::new();
        }
        self.on_weekday(day.weekday())
    }

    /// The usual spans of a weekday in order.
    pub fn on_weekday(&self, weekday: Weekday) -> Vec<OpenSpan> {
        let number = weekday.to_monday_one_offset();
        let mut spans: Vec<_> = self.week.iter().filter(|span| span.weekday == number).copied().collect();
        spans.sort_by_key(|span| span.from);
        spans
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    fn mornings() -> OpeningHours {
        let span = |weekday| OpenSpan { weekday, from: time(8, 30, 0, 0), to: time(12, 30, 0, 0) };
        OpeningHours { week: (1..=5).map(span).collect(), closed: Vec::new() }
    }

    #[test]
    fn an_office_is_open_from_the_first_minute_and_closed_at_the_last() {
        let monday = date(2026, 11, 23);
        let hours = mornings();
        assert_eq!(hours.at(monday.at(8, 30, 0, 0)), OpenNow::OpenUntil(time(12, 30, 0, 0)));
        assert_eq!(hours.at(monday.at(8, 29, 59, 0)), OpenNow::OpensAt(monday.at(8, 30, 0, 0)));
        assert_eq!(hours.at(monday.at(12, 30, 0, 0)), OpenNow::OpensAt(date(2026, 11, 24).at(8, 30, 0, 0)));
    }

    #[test]
    fn a_holiday_moves_the_next_opening_on() {
        let mut hours = mornings();
        hours.closed.push(ClosedDay { on: date(2026, 12, 8), reason: "Immacolata".into() });
        let evening = date(2026, 12, 7).at(18, 0, 0, 0);
        assert_eq!(hours.at(evening), OpenNow::OpensAt(date(2026, 12, 9).at(8, 30, 0, 0)));
    }

    #[test]
    fn without_hours_nothing_is_claimed() {
        assert_eq!(OpeningHours::default().at(date(2026, 1, 1).at(9, 0, 0, 0)), OpenNow::Unknown);
    }
}
