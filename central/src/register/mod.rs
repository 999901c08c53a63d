//! The yearly register: protocol numbers without a gap (D.P.R. 445/2000, art. 53 and 57).
//!
//! One register per authority and calendar year. A number is given in the transaction that makes
//! the ticket, so that neither exists without the other.
//!
//! **The date.** The register carries the date of *submission*, not of arrival (L. 241/1990, art. 18-bis:
//! the date of registration cannot differ from the one on which the citizen actually presented it).
//! The year is the calendar year of that date in the authority's time zone.
//!
//! **At the year's end.** A ticket that was submitted at an offline kiosk on 31 December and arrives in
//! January gets the next number of the *old* year's register, which is never closed to such tickets;
//! numbers already given stay as they are. Its time of arrival is kept beside it.
//!
//! **Clocks that cannot be right.** A submission is never refused for its time. A time after the arrival,
//! or more than [`OLDEST_SUBMISSION_DAYS`] before it, cannot be right: then the arrival counts, and what
//! the kiosk said is kept in the ticket. A kiosk that says itself that it only guesses the time
//! ([`ClockState::Guess`]: neither the network nor a clock chip has set it) is believed for
//! [`OLDEST_GUESS_HOURS`] only, because such a clock stands still while the kiosk is without power.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use sea_orm::DatabaseTransaction;
use sportello_wire::{envelope::ClockState, ticket::ProtocolNumber};
use uuid::Uuid;

use crate::store::{Sql as _, StoreError};

/// How long a kiosk may have been offline before its clock is believed to be wrong instead.
pub const OLDEST_SUBMISSION_DAYS: i64 = 400;
/// The same for a kiosk that only guesses the time.
pub const OLDEST_GUESS_HOURS: i64 = 24;

/// The time that counts as the submission's, given what the channel says, how far its clock could be trusted (if
/// known), and when it arrived.
pub fn counted_time(claimed: Timestamp, clock: Option<ClockState>, received: Timestamp) -> Timestamp {
    let oldest = SignedDuration::from_hours(match clock {
        Some(ClockState::Guess) => OLDEST_GUESS_HOURS,
        Some(ClockState::Synchronised | ClockState::Hardware) | None => 24 * OLDEST_SUBMISSION_DAYS,
    });
    let is_credible = claimed <= received && received.duration_since(claimed) <= oldest;
    if is_credible { claimed } else { received }
}

/// Gives the next number of the register to a ticket.
pub(crate) async fn register(
    transaction: &DatabaseTransaction,
    authority: &str,
    ticket: Uuid,
    submitted_at: Timestamp,
    registered_at: Timestamp,
    zone: &TimeZone,
) -> Result<ProtocolNumber, StoreError> {
    let year = submitted_at.to_zoned(zone.clone()).year();
    // The counter's row is locked until the transaction ends, so numbers are given one after the other.
    let counted = transaction
        .one(
            "INSERT INTO register_counter (authority, year, last_number) VALUES ($1, $2, 1) \
             ON CONFLICT (authority, year) DO UPDATE SET last_number = register_counter.last_number + 1 \
             RETURNING last_number",
            [authority.into(), i64::from(year).into()],
        )
        .await?;
    let number: u32 =
        counted.ok_or(StoreError::Unreadable { what: "register counter" })?.number("last_number")?;
    transaction
        .run(
            "INSERT INTO register_entry (authority, year, number, ticket, submitted_at_ms, registered_at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            [
                authority.into(),
                i64::from(year).into(),
                i64::from(number).into(),
                ticket.to_string().into(),
                submitted_at.as_millisecond().into(),
                registered_at.as_millisecond().into(),
            ],
        )
        .await?;
    Ok(ProtocolNumber { year, number })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    #[test]
    fn the_kiosks_time_counts_unless_it_cannot_be_right() {
        let received = at("2026-06-15T10:00:00Z");
        for (claimed, counted) in [
            ("2026-06-15T10:00:00Z", "2026-06-15T10:00:00Z"),
            ("2025-12-31T23:59:59Z", "2025-12-31T23:59:59Z"),
            ("2025-05-11T10:00:00Z", "2025-05-11T10:00:00Z"),
            ("2025-05-11T09:59:59Z", "2026-06-15T10:00:00Z"),
            ("1970-01-01T00:00:00Z", "2026-06-15T10:00:00Z"),
            ("2026-06-15T10:00:01Z", "2026-06-15T10:00:00Z"),
        ] {
            for clock in [None, Some(ClockState::Synchronised), Some(ClockState::Hardware)] {
                assert_eq!(counted_time(at(claimed), clock, received), at(counted), "{claimed} {clock:?}");
            }
        }
    }

    #[test]
    fn a_guessed_time_counts_for_a_day_only() {
        let received = at("2026-06-15T10:00:00Z");
        for (claimed, counted) in [
            ("2026-06-15T09:59:00Z", "2026-06-15T09:59:00Z"),
            ("2026-06-14T10:00:00Z", "2026-06-14T10:00:00Z"),
            ("2026-06-14T09:59:59Z", "2026-06-15T10:00:00Z"),
            ("2026-06-15T10:00:01Z", "2026-06-15T10:00:00Z"),
        ] {
            assert_eq!(
                counted_time(at(claimed), Some(ClockState::Guess), received),
                at(counted),
                "{claimed}"
            );
        }
    }
}
