//! Dates and times as people say them: "oggi 10:43", "fra 3 giorni", "22 dicembre".
//!
//! It reads no clock: now and the time zone are given.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    language::Language,
    words::{Words, fill},
};

/// How many days before its date a ticket counts as due soon.
pub const SOON_DAYS: i32 = 7;

/// How near a due date is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// There is time.
    Calm,
    /// It is due within [`SOON_DAYS`].
    Soon,
    /// It is overdue.
    Late,
}

/// Says dates in one language, seen from one moment in one time zone.
#[derive(Debug, Clone)]
pub struct Dates {
    words: &'static Words,
    zone: TimeZone,
    today: Date,
}

impl Dates {
    /// Looks from `now` in `zone`.
    pub fn new(language: Language, zone: TimeZone, now: Timestamp) -> Self {
        let today = now.to_zoned(zone.clone()).date();
        Self { words: language.words(), zone, today }
    }

    /// The day on which a moment falls.
    pub fn day_of(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// "22 dicembre", with the year when it is another one.
    pub fn day(&self, date: Date) -> String {
        let month = month(&self.words.months, date);
        if date.year() == self.today.year() {
            fill(self.words.date, &[date.day().to_string().as_str(), month])
        } else {
            let (day, year) = (date.day().to_string(), date.year().to_string());
            fill(self.words.date_with_year, &[day.as_str(), month, year.as_str()])
        }
    }

    /// "22 dic", with the year when it is another one.
    pub fn short_day(&self, date: Date) -> String {
        let short = fill(
            self.words.date_short,
            &[date.day().to_string().as_str(), month(&self.words.months_short, date)],
        );
        if date.year() == self.today.year() { short } else { format!("{short} {}", date.year()) }
    }

    /// "10:43".
    pub fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M").to_string()
    }

    /// "22 nov · 10:43".
    pub fn moment(&self, at: Timestamp) -> String {
        fill(self.words.moment, &[self.short_day(self.day_of(at)), self.time(at)])
    }

    /// "oggi 10:43", "ieri 09:10", "19 nov": as exact as it matters in a list.
    pub fn recent(&self, at: Timestamp) -> String {
        let date = self.day_of(at);
        match self.days_until(date) {
            0 => fill(self.words.today_at, &[self.time(at)]),
            -1 => fill(self.words.yesterday_at, &[self.time(at)]),
            _ => self.short_day(date),
        }
    }

    /// "oggi 10:43", "ieri 09:10", "19 nov · 10:43": always with the time.
    pub fn exact(&self, at: Timestamp) -> String {
        if self.days_until(self.day_of(at)) < -1 { self.moment(at) } else { self.recent(at) }
    }

    /// The day of today.
    pub fn today(&self) -> Date {
        self.today
    }

    /// "fra 27 giorni", "domani", "in ritardo di 3 giorni".
    pub fn until(&self, due: Date) -> String {
        match self.days_until(due) {
            0 => self.words.today.to_owned(),
            1 => self.words.tomorrow.to_owned(),
            -1 => self.words.late_by_one.to_owned(),
            days if days < 0 => fill(self.words.late_by, &[(-days).to_string()]),
            days => fill(self.words.in_days, &[days.to_string()]),
        }
    }

    /// "Mancano 27 giorni"; for today and afterwards the same as [`Dates::until`].
    pub fn left(&self, due: Date) -> String {
        match self.days_until(due) {
            1 => self.words.one_day_left.to_owned(),
            days if days > 1 => fill(self.words.days_left, &[days.to_string()]),
            _ => self.until(due),
        }
    }

    /// How near `due` is.
    pub fn urgency(&self, due: Date) -> Urgency {
        match self.days_until(due) {
            days if days < 0 => Urgency::Late,
            days if days <= SOON_DAYS => Urgency::Soon,
            _ => Urgency::Calm,
        }
    }

    fn days_until(&self, date: Date) -> i32 {
        (date - self.today).get_days()
    }
}

fn month(names: &[&'static str; 12], date: Date) -> &'static str {
    usize::try_from(date.month() - 1).ok().and_then(|at| names.get(at)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn seen_from(now: &str, language: Language) -> Dates {
        let zone = TimeZone::get("Europe/Rome").expect("the bundled time zones have it");
        Dates::new(language, zone, now.parse().expect("a timestamp"))
    }

    #[test]
    fn days_are_said_in_the_time_zone_of_the_town() {
        let dates = seen_from("2026-11-22T23:30:00Z", Language::Italian);
        assert_eq!(dates.recent("2026-11-22T23:10:00Z".parse().expect("a timestamp")), "oggi 00:10");
        assert_eq!(dates.recent("2026-11-22T22:10:00Z".parse().expect("a timestamp")), "ieri 23:10");
        assert_eq!(dates.recent("2026-11-19T09:00:00Z".parse().expect("a timestamp")), "19 nov");
        assert_eq!(dates.moment("2025-12-31T11:00:00Z".parse().expect("a timestamp")), "31 dic 2025 · 12:00");
    }

    #[test]
    fn a_due_date_is_said_with_what_it_means_today() {
        let dates = seen_from("2026-11-22T10:00:00Z", Language::Italian);
        let says = |month, day| {
            let due = date(2026, month, day);
            (dates.until(due), dates.urgency(due))
        };
        assert_eq!(says(12, 22), ("fra 30 giorni".to_owned(), Urgency::Calm));
        assert_eq!(says(11, 29), ("fra 7 giorni".to_owned(), Urgency::Soon));
        assert_eq!(says(11, 23), ("domani".to_owned(), Urgency::Soon));
        assert_eq!(says(11, 22), ("oggi".to_owned(), Urgency::Soon));
        assert_eq!(says(11, 21), ("in ritardo di un giorno".to_owned(), Urgency::Late));
        assert_eq!(says(11, 12), ("in ritardo di 10 giorni".to_owned(), Urgency::Late));
        assert_eq!(dates.day(date(2027, 1, 5)), "5 gennaio 2027");
    }

    #[test]
    fn english_says_it_too() {
        let dates = seen_from("2026-11-22T10:00:00Z", Language::English);
        assert_eq!(dates.until(date(2026, 11, 20)), "2 days late");
        assert_eq!(dates.left(date(2026, 12, 22)), "30 days left");
        assert_eq!(dates.day(date(2026, 12, 22)), "22 December");
    }
}
