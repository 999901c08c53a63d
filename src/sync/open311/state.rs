//! What a server tells of a request, as the state of a ticket.

use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use sportello_wire::{
    open311::{RequestAnswer, RequestStatus, Service, ServiceRequest},
    submission::{Kind, Submission},
    text::LocalisedText,
    ticket::{Handler, Status, Step, StepKind, TicketState},
};

use crate::outbox::KnownTicket;

/// Within how many days a ticket is answered, and where those days are counted.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) days: u16,
    pub(super) zone: &'a TimeZone,
}

/// The state after the server took a submission.
pub(super) fn of_answer(
    answer: &RequestAnswer,
    service: &Service,
    submission: &Submission,
    known: Option<&KnownTicket>,
    submitted_at: Timestamp,
    terms: Terms<'_>,
) -> TicketState {
    let mut state =
        beginning(submission, known, LocalisedText::italian(&service.service_name), submitted_at, terms);
    if !answer.service_notice.is_empty() {
        say(&mut state, submitted_at, &answer.service_notice);
    }
    state
}

/// The state of a submission that turned out to have arrived.
pub(super) fn of_request(
    request: &ServiceRequest,
    submission: &Submission,
    known: Option<&KnownTicket>,
    terms: Terms<'_>,
) -> TicketState {
    let submitted_at = known
        .and_then(|known| known.submitted_at)
        .or(request.requested_datetime)
        .unwrap_or(Timestamp::UNIX_EPOCH);
    let category = LocalisedText::italian(&request.service_name);
    let state = beginning(submission, known, category, submitted_at, terms);
    match submission {
        Submission::Ticket(_) => renewed(request, state),
        Submission::FollowUp(_) => state,
    }
}

/// The state with what the server tells now. What it says is added once.
pub(super) fn renewed(request: &ServiceRequest, mut state: TicketState) -> TicketState {
    let at = request.updated_datetime.or(request.requested_datetime).unwrap_or(state.submitted_at);
    if let Some(expected) = request.expected_datetime {
        state.due_on = expected.to_zoned(TimeZone::UTC).date();
    }
    let agency = request.agency_responsible.trim();
    if !agency.is_empty() && state.handler.as_ref().is_none_or(|handler| handler.office != agency) {
        let to = Handler {
            office: agency.to_owned(),
            name: LocalisedText::italian(agency),
            authority: LocalisedText::default(),
        };
        let what = if state.handler.is_none() {
            StepKind::Routed { to: to.clone() }
        } else {
            StepKind::PassedOn { to: to.clone(), note: String::new() }
        };
        state.steps.push(Step { at, what });
        state.handler = Some(to);
    }
    if !request.service_notice.is_empty() {
        say(&mut state, at, &request.service_notice);
    }
    match (request.status, state.status) {
        (RequestStatus::Closed, Status::Resolved) => {}
        (RequestStatus::Closed, _) => {
            state.status = Status::Resolved;
            let words = request.status_notes.clone();
            state.steps.push(Step { at, what: StepKind::Resolved { words } });
        }
        (RequestStatus::Open, Status::Resolved) => {
            state.status = Status::Received;
            state.steps.push(Step { at, what: StepKind::Reopened });
        }
        (RequestStatus::Open, _) if !request.status_notes.is_empty() => {
            state.status = Status::InProgress;
            say(&mut state, at, &request.status_notes);
        }
        (RequestStatus::Open, _) => {}
    }
    state
}

/// A new ticket's first state; for a follow-up, the ticket's with one step more.
fn beginning(
    submission: &Submission,
    known: Option<&KnownTicket>,
    category: LocalisedText,
    submitted_at: Timestamp,
    terms: Terms<'_>,
) -> TicketState {
    if let (Submission::FollowUp(_), Some(last)) = (submission, known.and_then(|known| known.state.clone())) {
        let mut state = last;
        state.steps.push(Step { at: submitted_at, what: StepKind::FollowedUp });
        return state;
    }
    let kind = match submission {
        Submission::Ticket(ticket) => ticket.kind,
        Submission::FollowUp(_) => known.and_then(|known| known.kind).unwrap_or(Kind::Report),
    };
    TicketState {
        code: *submission.code(),
        kind,
        category,
        status: Status::Received,
        submitted_at,
        due_on: due_on(submitted_at, terms),
        protocol: None,
        handler: None,
        steps: vec![Step { at: submitted_at, what: StepKind::Submitted { site: String::new() } }],
    }
}

fn due_on(submitted_at: Timestamp, terms: Terms<'_>) -> Date {
    let day = submitted_at.to_zoned(terms.zone.clone()).date();
    day.checked_add(Span::new().days(terms.days)).unwrap_or(day)
}

/// Adds what the server says to the citizen, unless it has said it before.
fn say(state: &mut TicketState, at: Timestamp, words: &str) {
    let what = StepKind::Answered { words: words.to_owned() };
    if !state.steps.iter().any(|step| step.what == what) {
        state.steps.push(Step { at, what });
    }
}
