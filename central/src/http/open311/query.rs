//! What `GET requests` selects: the filters of its query, with their limits. Pure.
//!
//! Ids override all else. Without them the span of days has 90 at most and the last 90 by default.
//! Pages are as other servers have them: the first is 1, 0 means 1, a page has 1,000 requests at most and by default.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use sportello_wire::open311::{MAX_REQUESTS, MAX_SPAN_DAYS, read_time};

use super::refusal::Refusal;

/// The most ids in one query.
pub(super) const MAX_IDS: usize = 100;
/// The last page that is looked for; what lies beyond is empty.
const MAX_PAGE: u64 = 1_000_000;

/// What is selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selection {
    /// Which requests.
    pub(super) which: Which,
    /// How many to pass over.
    pub(super) offset: u64,
    /// How many at most.
    pub(super) limit: u64,
}

/// Which requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Which {
    /// These.
    Ids(Vec<String>),
    /// Those made between two moments, both included.
    Made {
        /// The first moment.
        from: Timestamp,
        /// The last moment.
        to: Timestamp,
        /// The services; empty means all.
        services: Vec<String>,
        /// Open ones only, closed ones only, or both.
        open: Option<bool>,
    },
}

impl Selection {
    /// Reads the query. Times without a zone are the authority's; a parameter that comes twice is one list.
    pub(super) fn parse(
        pairs: &[(String, String)],
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Self, Refusal> {
        let ids = list(pairs, "service_request_id");
        if ids.len() > MAX_IDS {
            return Err(Refusal::TooManyIds);
        }
        let which = if ids.is_empty() { made(pairs, now, zone)? } else { Which::Ids(ids) };
        let limit =
            number(pairs, "page_size")?.filter(|size| *size > 0).unwrap_or(u64::MAX).min(MAX_REQUESTS as u64);
        let page = number(pairs, "page")?.unwrap_or(1).clamp(1, MAX_PAGE);
        Ok(Self { which, offset: (page - 1) * limit, limit })
    }
}

fn made(pairs: &[(String, String)], now: Timestamp, zone: &TimeZone) -> Result<Which, Refusal> {
    let longest = SignedDuration::from_hours(24 * i64::from(MAX_SPAN_DAYS));
    let out_of_range = |_| Refusal::WrongSpan;
    let (from, to) = match (time(pairs, "start_date", zone)?, time(pairs, "end_date", zone)?) {
        (Some(from), Some(to)) => (from, to),
        (Some(from), None) => (from, from.checked_add(longest).map_err(out_of_range)?),
        (None, to) => {
            let to = to.unwrap_or(now);
            (to.checked_sub(longest).map_err(out_of_range)?, to)
        }
    };
    if to < from || to.duration_since(from) > longest {
        return Err(Refusal::WrongSpan);
    }
    let (mut open, mut closed) = (false, false);
    for status in list(pairs, "status") {
        match status.to_ascii_lowercase().as_str() {
            "open" => open = true,
            "closed" => closed = true,
            _ => return Err(Refusal::WrongStatus),
        }
    }
    let open = (open != closed).then_some(open);
    Ok(Which::Made { from, to, services: list(pairs, "service_code"), open })
}

/// All parts of a comma list. "Optional" means that empty is the same as absent.
fn list(pairs: &[(String, String)], name: &str) -> Vec<String> {
    let values = pairs.iter().filter(|(key, _)| key == name).flat_map(|(_, value)| value.split(','));
    values.map(str::trim).filter(|part| !part.is_empty()).map(ToOwned::to_owned).collect()
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let value = pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
    value.filter(|value| !value.is_empty())
}

fn number(pairs: &[(String, String)], name: &str) -> Result<Option<u64>, Refusal> {
    first(pairs, name).map(str::parse).transpose().map_err(|_| Refusal::WrongPage)
}

fn time(
    pairs: &[(String, String)],
    field: &'static str,
    zone: &TimeZone,
) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = first(pairs, field) else { return Ok(None) };
    // A plus sign that was not escaped arrives as a blank: `T12:00:00 01:00`.
    let mended = match text.rsplit_once(' ') {
        Some((moment, offset)) if moment.contains('T') => format!("{moment}+{offset}"),
        _ => text.to_owned(),
    };
    read_time(&mended, zone).map(Some).ok_or(Refusal::WrongTime { field })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-22T08:00:00Z";

    fn parse(query: &[(&str, &str)]) -> Result<Selection, Refusal> {
        let pairs: Vec<_> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Selection::parse(&pairs, at(NOW), &TimeZone::get("Europe/Rome").unwrap())
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn span(query: &[(&str, &str)]) -> Result<(Timestamp, Timestamp), Refusal> {
        match parse(query)?.which {
            Which::Made { from, to, .. } => Ok((from, to)),
            Which::Ids(_) => panic!("no span"),
        }
    }

    #[test]
    fn the_span_is_the_last_90_days_unless_said_otherwise_and_never_longer() {
        assert_eq!(span(&[]), Ok((at("2026-08-24T08:00:00Z"), at(NOW))));
        assert_eq!(span(&[("start_date", ""), ("end_date", " ")]), span(&[]));
        assert_eq!(
            span(&[("start_date", "2026-01-01T00:00:00Z")]),
            Ok((at("2026-01-01T00:00:00Z"), at("2026-04-01T00:00:00Z")))
        );
        assert_eq!(
            span(&[("end_date", "2026-04-01T00:00:00Z")]),
            Ok((at("2026-01-01T00:00:00Z"), at("2026-04-01T00:00:00Z")))
        );
        let exactly = [("start_date", "2026-01-01T00:00:00Z"), ("end_date", "2026-04-01T00:00:00Z")];
        assert!(span(&exactly).is_ok());
        let longer = [("start_date", "2026-01-01T00:00:00Z"), ("end_date", "2026-04-01T00:00:01Z")];
        assert_eq!(span(&longer), Err(Refusal::WrongSpan));
        let backwards = [("start_date", "2026-01-02T00:00:00Z"), ("end_date", "2026-01-01T00:00:00Z")];
        assert_eq!(span(&backwards), Err(Refusal::WrongSpan));
        assert_eq!(span(&[("end_date", "-009999-02-01T00:00:00Z")]), Err(Refusal::WrongSpan));
    }

    #[test]
    fn times_are_taken_with_a_lost_plus_sign_and_without_a_zone() {
        let start = |text| span(&[("start_date", text)]).map(|(from, _)| from);
        assert_eq!(start("2026-07-01T12:00:00 02:00"), Ok(at("2026-07-01T10:00:00Z")));
        assert_eq!(start("2026-07-01T12:00:00"), Ok(at("2026-07-01T10:00:00Z")));
        assert_eq!(start("2026-07-01"), Ok(at("2026-06-30T22:00:00Z")));
        assert_eq!(start("yesterday"), Err(Refusal::WrongTime { field: "start_date" }));
    }

    #[test]
    fn ids_override_even_what_is_wrong_besides() {
        let selection =
            parse(&[("service_request_id", "a, b,,c"), ("status", "lost"), ("start_date", "x")]).unwrap();
        assert_eq!(selection.which, Which::Ids(vec!["a".into(), "b".into(), "c".into()]));
        let many = vec!["a"; MAX_IDS + 1].join(",");
        assert_eq!(parse(&[("service_request_id", &many)]), Err(Refusal::TooManyIds));
    }

    #[test]
    fn services_and_states_are_lists() {
        let filter = |query: &[(&str, &str)]| match parse(query).unwrap().which {
            Which::Made { services, open, .. } => (services, open),
            Which::Ids(_) => panic!("no filter"),
        };
        assert_eq!(filter(&[("service_code", "a,b"), ("service_code", "c")]).0, ["a", "b", "c"]);
        assert_eq!(filter(&[("status", "open")]).1, Some(true));
        assert_eq!(filter(&[("status", "CLOSED")]).1, Some(false));
        assert_eq!(filter(&[("status", "open,closed")]).1, None);
        assert_eq!(parse(&[("status", "lost")]), Err(Refusal::WrongStatus));
    }

    #[test]
    fn pages_begin_with_one_and_have_a_limit() {
        let page = |query: &[(&str, &str)]| parse(query).map(|selection| (selection.offset, selection.limit));
        assert_eq!(page(&[]), Ok((0, 1_000)));
        assert_eq!(page(&[("page", "0"), ("page_size", "20")]), Ok((0, 20)));
        assert_eq!(page(&[("page", "1"), ("page_size", "20")]), Ok((0, 20)));
        assert_eq!(page(&[("page", "3"), ("page_size", "20")]), Ok((40, 20)));
        assert_eq!(page(&[("page_size", "5000")]), Ok((0, 1_000)));
        assert_eq!(page(&[("page", "18446744073709551615")]).unwrap().1, 1_000);
        assert_eq!(page(&[("page", "two")]), Err(Refusal::WrongPage));
    }
}
