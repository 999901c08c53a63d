//! Times: written as the W3C note has them, read with or without a zone.

use jiff::{Timestamp, civil, tz::TimeZone};

/// Writes `2026-11-22T07:33:07Z`. A fraction of a second is cut off: servers have refused it.
pub fn write_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Reads a moment; without a zone it is taken to be in `zone`, a date as its first moment.
pub fn read_time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let without_zone: civil::DateTime = text.parse().ok()?;
    Some(without_zone.to_zoned(zone.clone()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        read_time(text, &TimeZone::get("Europe/Rome").unwrap()).map(write_time)
    }

    #[test]
    fn times_with_a_zone_keep_their_moment() {
        for text in ["2010-04-14T06:37:38-08:00", "2010-04-14T14:37:38Z", "2010-04-14T06:37:38.250-0800"] {
            assert_eq!(read(text).as_deref(), Some("2010-04-14T14:37:38Z"), "{text}");
        }
    }

    #[test]
    fn times_without_a_zone_are_the_towns_in_summer_and_in_winter() {
        assert_eq!(read("2026-07-01T12:00:00").as_deref(), Some("2026-07-01T10:00:00Z"));
        assert_eq!(read("2026-01-01 12:00").as_deref(), Some("2026-01-01T11:00:00Z"));
        assert_eq!(read("2026-01-01").as_deref(), Some("2025-12-31T23:00:00Z"));
        assert_eq!(read("yesterday"), None);
    }
}
