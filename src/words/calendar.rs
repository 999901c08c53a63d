//! Dates, times and opening hours as people say them.
//!
//! It reads no clock: what "today" is, is given.

use jiff::civil::{Date, DateTime, Time};
use sportello_wire::hours::OpenNow;

use super::{Words, fill};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const SHORT_MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The contexts under which the tables are translated: "May" is both a month and its short form.
const MONTH: &str = "month";
const SHORT_MONTH: &str = "short month";
const WEEKDAY: &str = "weekday";

/// From a week on, the weekday alone does not say which day is meant.
const DAYS_SAID_BY_NAME: i32 = 6;

#[cfg(test)]
pub(super) fn tables() -> impl Iterator<Item = (&'static str, &'static str)> {
    let with = |context: &'static str, table: &'static [&'static str]| {
        table.iter().map(move |name| (context, *name))
    };
    with(MONTH, &MONTHS).chain(with(SHORT_MONTH, &SHORT_MONTHS)).chain(with(WEEKDAY, &WEEKDAYS))
}

impl Words {
    /// "22 dicembre 2026".
    pub fn date(self, date: Date) -> String {
        fill(self.say("{0} {1} {2}"), &[&self.day_number(date), self.month(date), &date.year().to_string()])
    }

    /// "22 dicembre".
    pub fn day(self, date: Date) -> String {
        fill(self.say("{0} {1}"), &[&self.day_number(date), self.month(date)])
    }

    /// "domenica 22 novembre".
    pub fn weekday_and_day(self, date: Date) -> String {
        fill(self.say_in("weekday and day", "{0} {1}"), &[self.weekday(date), &self.day(date)])
    }

    /// "domenica".
    pub fn weekday(self, date: Date) -> &'static str {
        let number = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
        self.find(WEEKDAY, WEEKDAYS.get(number).copied().unwrap_or_default())
    }

    /// "entro il 22 dicembre"; with the year if that is not the year of `today`.
    pub fn by_day(self, date: Date, today: Date) -> String {
        let day = if date.year() == today.year() { self.day(date) } else { self.date(date) };
        if begins_with_vowel(date) {
            fill(self.say_in("before a vowel", "by {}"), &[&day])
        } else {
            fill(self.say("by {}"), &[&day])
        }
    }

    /// "22/12/2026".
    pub fn date_in_digits(self, date: Date) -> String {
        let [day, month] = [date.day(), date.month()].map(|number| format!("{number:02}"));
        fill(self.say("{0}/{1}/{2}"), &[&day, &month, &date.year().to_string()])
    }

    /// "8:30".
    pub fn time(self, time: Time) -> String {
        format!("{}:{:02}", time.hour(), time.minute())
    }

    /// "alle 8:30".
    pub fn at_time(self, time: Time) -> String {
        let sentence = if time.hour() == 1 { self.say_in("one o'clock", "at {}") } else { self.say("at {}") };
        fill(sentence, &[&self.time(time)])
    }

    /// "aperto ora, fino alle 12:30", "apre domani alle 8:30"; "" if no hours are known.
    pub fn open_now(self, open: OpenNow, now: DateTime) -> String {
        match open {
            OpenNow::OpenUntil(time) if time.hour() == 1 => {
                fill(self.say_in("one o'clock", "open now, until {}"), &[&self.time(time)])
            }
            OpenNow::OpenUntil(time) => fill(self.say("open now, until {}"), &[&self.time(time)]),
            OpenNow::OpensAt(at) => fill(
                self.say("opens {0} {1}"),
                &[&self.near_day(at.date(), now.date()), &self.at_time(at.time())],
            ),
            OpenNow::Closed => self.say("closed").to_owned(),
            OpenNow::Unknown => String::new(),
        }
    }

    /// "oggi alle 10:43", "ieri alle 18:05", "22 nov · 10:43", "22 nov 2025 · 10:43".
    pub fn moment(self, at: DateTime, now: DateTime) -> String {
        let days_ago = days_between(at.date(), now.date());
        if days_ago == 0 {
            return fill(self.say("today {}"), &[&self.at_time(at.time())]);
        }
        if days_ago == 1 {
            return fill(self.say("yesterday {}"), &[&self.at_time(at.time())]);
        }
        let (date, time) = (at.date(), self.time(at.time()));
        let month = usize::try_from(date.month() - 1).unwrap_or_default();
        let month = self.find(SHORT_MONTH, SHORT_MONTHS.get(month).copied().unwrap_or_default());
        if date.year() == now.year() {
            fill(self.say("{0} {1} · {2}"), &[&date.day().to_string(), month, &time])
        } else {
            fill(
                self.say("{0} {1} {2} · {3}"),
                &[&date.day().to_string(), month, &date.year().to_string(), &time],
            )
        }
    }

    /// "oggi", "domani", "lunedì", or "lunedì 30 novembre".
    fn near_day(self, date: Date, today: Date) -> String {
        match days_between(today, date) {
            0 => self.say("today").to_owned(),
            1 => self.say("tomorrow").to_owned(),
            2..=DAYS_SAID_BY_NAME => self.weekday_in_sentence(date),
            _ => fill(self.say("on {}"), &[&self.weekday_and_day(date)]),
        }
    }

    fn weekday_in_sentence(self, date: Date) -> String {
        fill(self.say("on {}"), &[self.weekday(date)])
    }

    fn month(self, date: Date) -> &'static str {
        let number = usize::try_from(date.month() - 1).unwrap_or_default();
        self.find(MONTH, MONTHS.get(number).copied().unwrap_or_default())
    }

    fn day_number(self, date: Date) -> String {
        if date.day() == 1 { self.say_in("day", "1").to_owned() } else { date.day().to_string() }
    }
}

/// Whether the spoken day begins with a vowel in languages where that changes the word before it: "l'8", "l'11".
fn begins_with_vowel(date: Date) -> bool {
    matches!(date.day(), 8 | 11)
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, datetime, time};

    use super::*;

    fn both(say: impl Fn(Words) -> String) -> [String; 2] {
        ["it", "en"].map(|language| say(Words::of(language)))
    }

    #[test]
    fn dates_are_said_as_people_say_them() {
        let day = date(2026, 12, 22);
        assert_eq!(both(|words| words.date(day)), ["22 dicembre 2026", "22 December 2026"]);
        assert_eq!(
            both(|words| words.by_day(day, date(2026, 11, 22))),
            ["entro il 22 dicembre", "by 22 December"]
        );
        let sunday = date(2026, 11, 22);
        assert_eq!(
            both(|words| words.weekday_and_day(sunday)),
            ["domenica 22 novembre", "Sunday 22 November"]
        );
        assert_eq!(both(|words| words.date_in_digits(date(2026, 2, 3))), ["03/02/2026", "03/02/2026"]);
    }

    #[test]
    fn italian_articles_fit_the_spoken_number() {
        let italian = Words::of("it");
        let today = date(2026, 11, 22);
        assert_eq!(italian.by_day(date(2026, 12, 8), today), "entro l’8 dicembre");
        assert_eq!(italian.by_day(date(2027, 1, 11), today), "entro l’11 gennaio 2027");
        assert_eq!(italian.by_day(date(2026, 12, 1), today), "entro il 1º dicembre");
        assert_eq!(italian.at_time(time(1, 5, 0, 0)), "all’1:05");
    }

    #[test]
    fn an_open_office_says_until_when_and_a_closed_one_from_when() {
        let now = datetime(2026, 11, 22, 10, 42, 0, 0);
        let say = |open| both(|words| words.open_now(open, now));
        assert_eq!(
            say(OpenNow::OpenUntil(time(12, 30, 0, 0))),
            ["aperto ora, fino alle 12:30", "open now, until 12:30"]
        );
        let opens = |day, hour| say(OpenNow::OpensAt(date(2026, 11, day).at(hour, 30, 0, 0)));
        assert_eq!(opens(22, 14), ["apre oggi alle 14:30", "opens today at 14:30"]);
        assert_eq!(opens(23, 8), ["apre domani alle 8:30", "opens tomorrow at 8:30"]);
        assert_eq!(opens(26, 8), ["apre giovedì alle 8:30", "opens on Thursday at 8:30"]);
        assert_eq!(
            opens(30, 8),
            ["apre lunedì 30 novembre alle 8:30", "opens on Monday 30 November at 8:30"]
        );
        assert_eq!(say(OpenNow::Closed), ["chiuso", "closed"]);
        assert_eq!(say(OpenNow::Unknown), ["", ""]);
    }

    #[test]
    fn a_moment_is_said_the_nearer_the_shorter() {
        let now = datetime(2026, 11, 22, 18, 0, 0, 0);
        let moment = |at: DateTime| both(|words| words.moment(at, now));
        assert_eq!(moment(datetime(2026, 11, 22, 10, 43, 0, 0)), ["oggi alle 10:43", "today at 10:43"]);
        assert_eq!(moment(datetime(2026, 11, 21, 9, 5, 0, 0)), ["ieri alle 9:05", "yesterday at 9:05"]);
        assert_eq!(moment(datetime(2026, 9, 3, 9, 5, 0, 0)), ["3 set · 9:05", "3 Sep · 9:05"]);
        assert_eq!(moment(datetime(2025, 5, 3, 9, 5, 0, 0)), ["3 mag 2025 · 9:05", "3 May 2025 · 9:05"]);
    }
}
