//! The client of our central's device API ([`sportello_wire::device`]).
//!
//! Every call but the enrolment is signed. It says what the central answered and changes nothing on the kiosk.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use sportello_wire::{
    catalogue::CatalogueDelta,
    code::TicketCode,
    device::{
        EnrolRequest, Enrolment, Heartbeat, HeartbeatAnswer, Outcome, Problem, Refusal, SubmissionResult,
        TicketQuery,
    },
    envelope::Envelope,
    signature::{self, Request},
    ticket::TicketState,
};
use uuid::Uuid;

use super::{
    http::{Answer, CallError, Http, HttpError, HttpOptions},
    identity::{Identity, IdentityError},
};
use crate::outbox::QuarantineReason;

/// What became of one envelope.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Arrival {
    /// It is there, exactly as it was sent.
    Arrived(Box<TicketState>),
    /// It will never be taken.
    Refused(QuarantineReason),
    /// Not this time.
    Later,
}

/// The way to our central.
pub struct Central {
    http: Http,
    identity: Identity,
}

impl Central {
    /// Makes the way to the central at `url`; nothing is sent yet.
    pub fn new(url: &str, options: &HttpOptions, identity: Identity) -> Result<Self, HttpError> {
        Ok(Self { http: Http::new(url, options)?, identity })
    }

    pub(super) fn identity_mut(&mut self) -> &mut Identity {
        &mut self.identity
    }

    /// Asks for nothing, to see whether the central answers and knows this kiosk.
    pub fn greet(&self) -> Result<(), CallError> {
        let query = TicketQuery { codes: Vec::new() };
        understand::<Vec<TicketState>>(&self.call("POST", "/v1/tickets", "", &json(&query)?)?).map(drop)
    }

    /// Sends envelopes: one by `PUT`, several in a batch.
    pub(super) fn deliver(&self, envelopes: &[Envelope]) -> Result<Vec<(Uuid, Arrival)>, CallError> {
        let results = match envelopes {
            [] => return Ok(Vec::new()),
            [envelope] => {
                let path = format!("/v1/submissions/{}", envelope.header.id);
                let answer = self.call("PUT", &path, "", &json(envelope)?)?;
                vec![single_result(envelope.header.id, &answer)?]
            }
            several => {
                let answer = self.call("POST", "/v1/submissions", "", &json(several)?)?;
                understand::<Vec<SubmissionResult>>(&answer)?
            }
        };
        let arrival = |envelope: &Envelope| {
            let result = results.iter().find(|result| result.id == envelope.header.id)?;
            Some((envelope.header.id, judge(envelope, &result.outcome)))
        };
        Ok(envelopes.iter().filter_map(arrival).collect())
    }

    /// Asks for a ticket's state; none if the central knows no such code.
    pub(super) fn ticket(&self, code: &TicketCode) -> Result<Option<TicketState>, CallError> {
        let query = TicketQuery { codes: vec![*code] };
        let states: Vec<TicketState> = understand(&self.call("POST", "/v1/tickets", "", &json(&query)?)?)?;
        Ok(states.into_iter().find(|state| state.code == *code))
    }

    /// Asks for what changed in the catalogue since a cursor.
    pub(super) fn catalogue(&self, cursor: Option<&str>) -> Result<CatalogueDelta, CallError> {
        let query = cursor.map(|cursor| format!("cursor={}", percent_encode(cursor))).unwrap_or_default();
        understand(&self.call("GET", "/v1/catalogue", &query, &[])?)
    }

    /// Says how the kiosk is.
    pub(super) fn heartbeat(&self, heartbeat: &Heartbeat) -> Result<HeartbeatAnswer, CallError> {
        understand(&self.call("POST", "/v1/heartbeat", "", &json(heartbeat)?)?)
    }

    fn call(&self, method: &str, below: &str, query: &str, body: &[u8]) -> Result<Answer, CallError> {
        let path = self.http.path(below);
        let request = Request { method, path: &path, query, body };
        let created_s = Timestamp::now().as_second();
        let device = &self.identity.enrolment().device;
        let signed = signature::sign(request, device, self.identity.key(), created_s);
        let headers = [
            ("Content-Type", "application/json"),
            ("Content-Digest", signed.content_digest.as_str()),
            ("Signature-Input", signed.signature_input.as_str()),
            ("Signature", signed.signature.as_str()),
        ];
        self.http.call(method, &path, query, &headers, (method != "GET").then_some(body))
    }
}

/// Asks the central to enrol this kiosk.
pub(super) fn enrol(
    url: &str,
    options: &HttpOptions,
    request: &EnrolRequest,
) -> Result<Enrolment, IdentityError> {
    let http = Http::new(url, options).map_err(IdentityError::Http)?;
    let body = json(request).map_err(IdentityError::Call)?;
    let headers = [("Content-Type", "application/json")];
    http.call("POST", &http.path("/v1/enrol"), "", &headers, Some(&body))
        .and_then(|answer| understand(&answer))
        .map_err(IdentityError::Call)
}

/// Believes the central only about the very envelope that was sent.
fn judge(envelope: &Envelope, outcome: &Outcome) -> Arrival {
    match outcome {
        Outcome::Created { digest, ticket } | Outcome::Exists { digest, ticket } => {
            if *digest == envelope.digest() {
                Arrival::Arrived(ticket.clone())
            } else {
                tracing::error!(id = %envelope.header.id, "the central confirms another envelope");
                Arrival::Later
            }
        }
        Outcome::Refused { reason } => Arrival::Refused(QuarantineReason::Refused(*reason)),
        Outcome::TryAgain => Arrival::Later,
    }
}

/// A result comes with any status; a refusal of the whole call counts only where it names the envelope's own fault.
fn single_result(id: Uuid, answer: &Answer) -> Result<SubmissionResult, CallError> {
    if let Ok(result) = serde_json::from_slice::<SubmissionResult>(&answer.body)
        && result.id == id
    {
        return Ok(result);
    }
    if answer.status == 413 && problem(answer) == "too_large" {
        return Ok(SubmissionResult { id, outcome: Outcome::Refused { reason: Refusal::TooLarge } });
    }
    Err(understand::<SubmissionResult>(answer).err().unwrap_or(CallError::NotUnderstood))
}

fn understand<T: DeserializeOwned>(answer: &Answer) -> Result<T, CallError> {
    if !answer.is_success() {
        let (status, retry_after) = (answer.status, answer.retry_after);
        return Err(CallError::Status { status, problem: problem(answer), retry_after });
    }
    serde_json::from_slice(&answer.body).map_err(|_| CallError::NotUnderstood)
}

/// The central's stable word for a refusal of a whole call, or "".
fn problem(answer: &Answer) -> String {
    serde_json::from_slice::<Problem>(&answer.body).map(|problem| problem.problem).unwrap_or_default()
}

fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CallError> {
    serde_json::to_vec(value).map_err(|_| CallError::NotUnderstood)
}

/// Encodes everything but the unreserved characters of RFC 3986.
pub(super) fn percent_encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}
