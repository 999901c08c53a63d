//! Looking for the first request before a second is sent.
//!
//! A request of ours is known by the marker in its description. It is surely not there only if the server has
//! shown all its requests of the time, each with a description.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use sportello_wire::open311::{ServiceRequest, write_time};

use super::{CallError, Open311};

/// How far the times of a server may be off, zones mistaken included.
const MARGIN: SignedDuration = SignedDuration::from_hours(3);
const PAGE_SIZE: usize = 100;
/// The most pages that are read.
const MAX_PAGES: usize = 50;

/// Whether the first request arrived.
#[derive(Debug)]
pub(super) enum Finding {
    /// Here it is.
    Found(Box<ServiceRequest>),
    /// Surely not.
    Absent,
    /// It cannot be seen.
    Unsure,
}

/// Looks through the server's requests of this service since `sent_at`.
pub(super) fn look(
    server: &mut Open311,
    marker: &str,
    service: &str,
    sent_at: Timestamp,
) -> Result<Finding, CallError> {
    let start = write_time(sent_at.checked_sub(MARGIN).unwrap_or(sent_at));
    let (mut seen, mut hidden) = (BTreeSet::new(), false);
    for page in 1..=MAX_PAGES {
        let (page, page_size) = (page.to_string(), PAGE_SIZE.to_string());
        let query = [
            ("service_code", service),
            ("start_date", start.as_str()),
            ("page_size", page_size.as_str()),
            ("page", page.as_str()),
        ];
        let requests: Vec<ServiceRequest> = match server.get("/requests", &query) {
            // It answers, but does not tell.
            Err(CallError::Status { status: 400..=499, .. } | CallError::NotUnderstood) => {
                return Ok(Finding::Unsure);
            }
            other => other?,
        };
        let mut news = false;
        for request in requests {
            if request.description.contains(marker) {
                return Ok(Finding::Found(Box::new(request)));
            }
            hidden |= request.description.is_empty() && may_be_ours(&request, service, sent_at);
            news |= seen.insert(request.service_request_id);
        }
        // A server that knows no pages sends the same again.
        if !news {
            return Ok(if hidden { Finding::Unsure } else { Finding::Absent });
        }
    }
    Ok(Finding::Unsure)
}

fn may_be_ours(request: &ServiceRequest, service: &str, sent_at: Timestamp) -> bool {
    let same_service = request.service_code.is_empty() || request.service_code == service;
    let not_before = |time: Timestamp| time.duration_since(sent_at) >= -MARGIN;
    same_service && request.requested_datetime.is_none_or(not_before)
}
