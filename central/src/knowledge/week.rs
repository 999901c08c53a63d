//! Opening hours as one line of text: `Mo-Fr 08:30-12:30; Tu,Th 15:00-17:30`.
//!
//! It only reads and writes; whether spans overlap is checked with everything else of an office.

use jiff::civil::{Date, Time};
use sportello_wire::hours::{ClosedDay, OpenSpan};

const DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const DAYS_ITALIAN: [&str; 7] = ["Lu", "Ma", "Me", "Gi", "Ve", "Sa", "Do"];

/// Reads a week; the spans come sorted by weekday and time. The error is a plain reason.
pub(super) fn read(text: &str) -> Result<Vec<OpenSpan>, String> {
    let mut week = Vec::new();
    for part in parts(text) {
        let (days, times) = part
            .split_once(char::is_whitespace)
            .ok_or_else(|| format!("`{part}`: days, a space, then times"))?;
        let days = read_days(days)?;
        for times in times.split(',') {
            let (from, to) = times.split_once('-').ok_or_else(|| format!("`{times}`: write 08:30-12:30"))?;
            let (from, to) = (read_time(from)?, read_time(to)?);
            week.extend(days.iter().map(|weekday| OpenSpan { weekday: *weekday, from, to }));
        }
    }
    week.sort_by_key(|span| (span.weekday, span.from));
    Ok(week)
}

/// Writes a week so that [`read`] gives the same spans, sorted.
pub(super) fn write(week: &[OpenSpan]) -> String {
    let mut groups: Vec<((Time, Time), Vec<i8>)> = Vec::new();
    let mut sorted = week.to_vec();
    sorted.sort_by_key(|span| (span.weekday, span.from));
    for span in sorted {
        let times = (span.from, span.to);
        match groups.iter_mut().find(|(known, _)| *known == times) {
            Some((_, days)) => days.push(span.weekday),
            None => groups.push((times, vec![span.weekday])),
        }
    }
    let group = |((from, to), days): &((Time, Time), Vec<i8>)| {
        format!("{} {}-{}", write_days(days), from.strftime("%H:%M"), to.strftime("%H:%M"))
    };
    groups.iter().map(group).collect::<Vec<_>>().join("; ")
}

/// Reads closed days: `2026-12-08 Immacolata; 2026-12-25 Natale`.
pub(super) fn read_closed(text: &str) -> Result<Vec<ClosedDay>, String> {
    parts(text)
        .map(|part| {
            let (on, reason) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
            let on: Date = on.parse().map_err(|_| format!("`{on}` is no date; write 2026-12-25"))?;
            Ok(ClosedDay { on, reason: reason.trim().to_owned() })
        })
        .collect()
}

/// Writes closed days so that [`read_closed`] gives the same.
pub(super) fn write_closed(closed: &[ClosedDay]) -> String {
    let day = |day: &ClosedDay| format!("{} {}", day.on, day.reason).trim_end().to_owned();
    closed.iter().map(day).collect::<Vec<_>>().join("; ")
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty())
}

fn read_days(text: &str) -> Result<Vec<i8>, String> {
    let mut days = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (read_day(first)?, read_day(last)?);
        if first > last {
            return Err(format!("`{part}`: the week goes from Monday to Sunday"));
        }
        days.extend(first..=last);
    }
    Ok(days)
}

fn read_day(text: &str) -> Result<i8, String> {
    [DAYS, DAYS_ITALIAN]
        .iter()
        .find_map(|names| names.iter().position(|name| name.eq_ignore_ascii_case(text)))
        .and_then(|at| i8::try_from(at + 1).ok())
        .ok_or_else(|| format!("`{text}` is no weekday; write Mo, Tu, We, Th, Fr, Sa or Su"))
}

fn read_time(text: &str) -> Result<Time, String> {
    let text = text.trim();
    let wrong = || format!("`{text}` is no time; write 08:30");
    let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
    let (hour, minute) = (hour.parse().map_err(|_| wrong())?, minute.parse().map_err(|_| wrong())?);
    Time::new(hour, minute, 0, 0).map_err(|_| wrong())
}

fn write_days(days: &[i8]) -> String {
    let mut runs: Vec<(i8, i8)> = Vec::new();
    for day in days {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *day => *last = *day,
            _ => runs.push((*day, *day)),
        }
    }
    let name = |day: i8| usize::try_from(day - 1).ok().and_then(|at| DAYS.get(at)).copied().unwrap_or("?");
    let run = |(first, last): &(i8, i8)| {
        if first == last { name(*first).to_owned() } else { format!("{}-{}", name(*first), name(*last)) }
    };
    runs.iter().map(run).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_is_written_as_it_was_read() {
        let text = "Mo-Fr 08:30-12:30; Tu,Th 15:00-17:30; Sa 09:00-12:00";
        let week = read(text).unwrap();
        assert_eq!(week.len(), 8);
        assert_eq!(write(&week), text);
    }

    #[test]
    fn italian_days_and_several_spans_after_one_day_are_understood() {
        let week = read("Lu,Gi 8:30-12:30,15:00-17:00").unwrap();
        assert_eq!(write(&week), "Mo,Th 08:30-12:30; Mo,Th 15:00-17:00");
    }

    #[test]
    fn what_is_wrong_is_said_in_plain_words() {
        assert_eq!(
            read("Xy 08:30-12:30").unwrap_err(),
            "`Xy` is no weekday; write Mo, Tu, We, Th, Fr, Sa or Su"
        );
        assert_eq!(read("Mo 08:30-25:00").unwrap_err(), "`25:00` is no time; write 08:30");
        assert_eq!(read("Fr-Mo 08:30-12:00").unwrap_err(), "`Fr-Mo`: the week goes from Monday to Sunday");
        assert_eq!(read_closed("8 dicembre").unwrap_err(), "`8` is no date; write 2026-12-25");
    }

    #[test]
    fn closed_days_keep_their_reasons() {
        let text = "2026-12-08 Immacolata; 2026-12-25 Natale; 2027-01-02";
        assert_eq!(write_closed(&read_closed(text).unwrap()), text);
    }
}
