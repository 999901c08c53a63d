//! The client of any Open311 GeoReport v2 server: a town keeps the CRM that it has.
//!
//! The server's services become the categories, tickets become service requests, their status is followed. The
//! protocol knows no repeated requests, so a lost answer is the dangerous thing: that sending begins is noted
//! on disk before, and before anything is sent again the first one is looked for ([`first`]). Here the kiosk
//! itself opens what it sealed, because the foreign server cannot: a weaker promise than with our central
//! ([`super::identity`]). The protocol has no follow-ups either: one becomes a request that names the first.

mod compose;
mod first;
mod services;
mod state;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use sportello_wire::{
    catalogue::{Authority, CatalogueDelta},
    code::TicketCode,
    envelope::Envelope,
    keys::OpeningKey,
    open311::{
        Attribute, Error, Format, Listed, NewRequest, Reference, RequestAnswer, Service, ServiceRequest,
        ServiceType, TokenAnswer, read_errors, read_list,
    },
    submission::Submission,
    ticket::TicketState,
};
use uuid::Uuid;

use super::{
    CallError,
    central::{Arrival, percent_encode},
    http::{Answer, Http, HttpError, HttpOptions},
    identity::OwnKeys,
};
use crate::outbox::{
    KnownTicket, Outbox, OutboxError, QuarantineReason, RemoteReference, RemoteTicket, Sent,
};
use first::Finding;

/// How long after sending a request has to show among the server's, if it arrived.
const GRACE_REALTIME: Duration = Duration::from_mins(1);
/// The same for a service whose requests are handed on later.
const GRACE_BATCH: Duration = Duration::from_hours(24);
/// How long it is tried to find out whether a request arrived, before a person has to.
const UNSURE_FOR: Duration = Duration::from_hours(24);

/// Which server, and how it is spoken to.
#[derive(Debug, Clone)]
pub struct Open311Config {
    /// The address below which `services.json` lies, without a trailing slash.
    pub url: String,
    /// The sender's key, or "".
    pub api_key: String,
    /// Which town, where the server has several, or "".
    pub jurisdiction: String,
    /// The service for tickets without a category; none to leave those to a person.
    pub default_service: Option<String>,
    /// The address for tickets that have no place, which the protocol cannot do without; or "".
    pub fallback_address: String,
    /// What the catalogue says of the body: name, time zone, term, privacy notice.
    pub authority: Authority,
}

/// The way to a foreign Open311 server.
pub struct Open311 {
    http: Http,
    config: Open311Config,
    opening: Arc<OpeningKey>,
    device: String,
    outbox: Outbox,
    zone: TimeZone,
    /// JSON until the server turns out to have only XML.
    format: Format,
    /// The server's services; none before they were first fetched.
    services: Option<Vec<Service>>,
    definitions: BTreeMap<String, Vec<Attribute>>,
    /// The server's clock, and when it was read.
    server_clock: Option<(Timestamp, Instant)>,
    grace_realtime: Duration,
}

impl Open311 {
    /// Makes the way to the server; nothing is sent yet.
    pub fn new(
        config: Open311Config,
        options: &HttpOptions,
        keys: &OwnKeys,
        outbox: Outbox,
    ) -> Result<Self, HttpError> {
        Ok(Self {
            http: Http::new(&config.url, options)?,
            zone: TimeZone::get(&config.authority.time_zone).unwrap_or(TimeZone::UTC),
            config,
            opening: Arc::clone(&keys.opening),
            device: keys.device.public().fingerprint(),
            outbox,
            format: Format::Json,
            services: None,
            definitions: BTreeMap::new(),
            server_clock: None,
            grace_realtime: GRACE_REALTIME,
        })
    }

    /// Sends one envelope's content, unless it has already arrived.
    pub(super) fn deliver(&mut self, envelope: &Envelope) -> Result<Arrival, CallError> {
        let Ok(submission) = envelope.open(&self.opening) else {
            return Ok(Arrival::Refused(QuarantineReason::Damaged));
        };
        let known = self.outbox.known_ticket(submission.code()).map_err(kiosk)?;
        if self.services.is_none() {
            self.fetch_services()?;
        }
        let Some(service) = self.service_of(&submission, known.as_ref()) else {
            let original_waits = known.is_some_and(|known| known.state.is_none());
            let is_follow_up = matches!(submission, Submission::FollowUp(_));
            return Ok(if is_follow_up && original_waits {
                Arrival::Later
            } else {
                Arrival::Refused(QuarantineReason::RefusedByServer)
            });
        };
        let attributes = self.definition(&service)?;
        let id = envelope.header.id;
        let request = compose::Composer {
            config: &self.config,
            device: &self.device,
            service: &service.service_code,
            attributes: &attributes,
            marker: &compose::marker(id),
        }
        .compose(&submission, known.as_ref());

        let before = self.outbox.sent(id).map_err(kiosk)?;
        let next = match before {
            None => Next::Send,
            Some(sent) => self.after_unknown_end(id, &service, sent)?,
        };
        let (reference, state) = match next {
            Next::Settled(arrival) => return Ok(arrival),
            Next::Arrived(found) => {
                let state = state::of_request(&found, &submission, known.as_ref(), self.terms());
                (RemoteReference::Request(found.service_request_id), state)
            }
            Next::Send => match self.send(id, before, &request)? {
                Err(arrival) => return Ok(arrival),
                Ok(answer) => {
                    let at = envelope.header.submitted_at;
                    let known = known.as_ref();
                    let state = state::of_answer(&answer, &service, &submission, known, at, self.terms());
                    (reference(answer.reference), state)
                }
            },
        };
        if matches!(submission, Submission::Ticket(_)) {
            let remote = RemoteTicket { service: service.service_code, reference };
            self.outbox.save_remote(submission.code(), &remote, Timestamp::now()).map_err(kiosk)?;
        }
        Ok(Arrival::Arrived(Box::new(state)))
    }

    /// Asks how a ticket stands; what the server does not tell stays as it was known.
    pub(super) fn ticket(&mut self, code: &TicketCode) -> Result<Option<TicketState>, CallError> {
        let Some(known) = self.outbox.known_ticket(code).map_err(kiosk)? else { return Ok(None) };
        let (Some(remote), Some(last)) = (known.remote, known.state) else { return Ok(None) };
        let id = match remote.reference {
            RemoteReference::Untold => return Ok(Some(last)),
            RemoteReference::Request(id) => id,
            RemoteReference::Token(token) => match self.resolve(&token)? {
                None => return Ok(Some(last)),
                Some(id) => {
                    let reference = RemoteReference::Request(id.clone());
                    let remote = RemoteTicket { service: remote.service, reference };
                    self.outbox.save_remote(code, &remote, Timestamp::now()).map_err(kiosk)?;
                    id
                }
            },
        };
        let found: Vec<ServiceRequest> = match self.get(&format!("/requests/{}", percent_encode(&id)), &[]) {
            // Some servers do not show a request before somebody has looked at it.
            Err(CallError::Status { status: 404 | 410, .. }) => return Ok(Some(last)),
            other => other?,
        };
        let found = found.into_iter().find(|request| request.service_request_id == id);
        Ok(Some(found.map_or(last.clone(), |request| state::renewed(&request, last))))
    }

    /// Makes a catalogue of the server's services. The cursor is a digest: equal, nothing has changed.
    pub(super) fn catalogue(&mut self, cursor: Option<&str>) -> Result<CatalogueDelta, CallError> {
        self.definitions.clear();
        self.fetch_services()?;
        let services = self.services.clone().unwrap_or_default();
        for service in &services {
            self.definition(service)?;
        }
        Ok(services::delta(&self.config, &services, &self.definitions, cursor))
    }

    fn fetch_services(&mut self) -> Result<(), CallError> {
        let services: Vec<Service> = match self.get("/services", &[]) {
            Err(CallError::Status { status: 400..=499, .. } | CallError::NotUnderstood)
                if self.format == Format::Json =>
            {
                self.format = Format::Xml;
                let services = self.get("/services", &[]);
                if services.is_err() {
                    self.format = Format::Json;
                }
                services?
            }
            other => other?,
        };
        self.services = Some(services);
        Ok(())
    }

    /// A service's further questions. A server that cannot tell them has none.
    fn definition(&mut self, service: &Service) -> Result<Vec<Attribute>, CallError> {
        if !service.metadata {
            return Ok(Vec::new());
        }
        if let Some(known) = self.definitions.get(&service.service_code) {
            return Ok(known.clone());
        }
        let path = format!("/services/{}", percent_encode(&service.service_code));
        let answer = self.call("GET", &path, &[], None)?;
        let attributes = services::attributes(&answer, &self.zone);
        self.definitions.insert(service.service_code.clone(), attributes.clone());
        Ok(attributes)
    }

    /// The service to which a submission goes; none if there is none.
    fn service_of(&self, submission: &Submission, known: Option<&KnownTicket>) -> Option<Service> {
        let code = match submission {
            Submission::Ticket(ticket) => {
                ticket.category.clone().or_else(|| self.config.default_service.clone())
            }
            Submission::FollowUp(_) => known?.remote.as_ref().map(|remote| remote.service.clone()),
        }?;
        let offered = self.services.iter().flatten().find(|service| service.service_code == code);
        // A service may have gone since; the server says what it thinks of that.
        Some(offered.cloned().unwrap_or(Service {
            service_name: code.clone(),
            service_code: code,
            description: String::new(),
            metadata: false,
            service_type: ServiceType::Realtime,
            keywords: Vec::new(),
            group: String::new(),
        }))
    }

    /// What to do with a submission of which it is not known whether it arrived.
    fn after_unknown_end(&mut self, id: Uuid, service: &Service, sent: Sent) -> Result<Next, CallError> {
        let grace = match service.service_type {
            ServiceType::Realtime => self.grace_realtime,
            ServiceType::Batch => GRACE_BATCH,
            // Its requests are never shown.
            ServiceType::Blackbox => return Ok(Next::Settled(Arrival::Refused(QuarantineReason::Uncertain))),
        };
        let finding = first::look(self, &compose::marker(id), &service.service_code, sent.first)?;
        let waited = self.server_now().duration_since(sent.last);
        let waited = Duration::try_from(waited).unwrap_or_default();
        Ok(match finding {
            Finding::Found(request) => Next::Arrived(request),
            Finding::Absent if waited >= grace => Next::Send,
            Finding::Unsure if waited >= UNSURE_FOR => {
                Next::Settled(Arrival::Refused(QuarantineReason::Uncertain))
            }
            Finding::Absent | Finding::Unsure => Next::Settled(Arrival::Later),
        })
    }

    /// Sends a request, having noted that it begins.
    fn send(
        &mut self,
        id: Uuid,
        before: Option<Sent>,
        request: &NewRequest,
    ) -> Result<Result<RequestAnswer, Arrival>, CallError> {
        let now = self.server_now();
        let sent = Sent { first: before.map_or(now, |before| before.first), last: now };
        self.outbox.set_sent(id, Some(sent)).map_err(kiosk)?;
        let outbox = self.outbox.clone();
        let nothing_arrived = || outbox.set_sent(id, before).map_err(kiosk);
        let answer = match self.call("POST", "/requests", &[], Some(request.to_form().as_bytes())) {
            Ok(answer) => answer,
            Err(error) => {
                if matches!(error, CallError::NotConnected(_)) {
                    nothing_arrived()?;
                }
                return Err(error);
            }
        };
        if answer.is_success()
            && let Ok(answers) = read_list::<RequestAnswer>(&answer.body, &self.zone)
            && let Some(answer) = answers.into_iter().next()
        {
            return Ok(Ok(answer));
        }
        // Only an error in the protocol's own form is the server's word; a page of HTML may be anybody's.
        let coded = |error: &Error| error.code >= 400;
        let refused = read_errors(&answer.body).iter().any(coded);
        match answer.status {
            401 | 403 | 429 => nothing_arrived()?,
            200..=299 | 400..=499 if refused => {
                nothing_arrived()?;
                return Ok(Err(Arrival::Refused(QuarantineReason::RefusedByServer)));
            }
            _ => {}
        }
        Err(if answer.is_success() { CallError::NotUnderstood } else { status(&answer) })
    }

    /// What a token has become; none if nothing yet.
    fn resolve(&mut self, token: &str) -> Result<Option<String>, CallError> {
        let answers: Vec<TokenAnswer> = match self.get(&format!("/tokens/{}", percent_encode(token)), &[]) {
            Err(CallError::Status { status: 404, .. } | CallError::NotUnderstood) => return Ok(None),
            other => other?,
        };
        Ok(answers.into_iter().map(|answer| answer.service_request_id).find(|id| !id.is_empty()))
    }

    fn get<R: Listed>(&mut self, below: &str, query: &[(&str, &str)]) -> Result<Vec<R>, CallError> {
        let answer = self.call("GET", below, query, None)?;
        if !answer.is_success() {
            return Err(status(&answer));
        }
        read_list(&answer.body, &self.zone).map_err(|_| CallError::NotUnderstood)
    }

    fn call(
        &mut self,
        method: &str,
        below: &str,
        query: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer, CallError> {
        let path = self.http.path(&format!("{below}.{}", self.format.suffix()));
        let town = ("jurisdiction_id", self.config.jurisdiction.as_str());
        let town = (body.is_none() && !town.1.is_empty()).then_some(town);
        let query: Vec<String> = query
            .iter()
            .copied()
            .chain(town)
            .map(|(name, value)| format!("{name}={}", percent_encode(value)))
            .collect();
        let headers = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")];
        let headers = if body.is_some() { headers.as_slice() } else { &[] };
        let answer = self.http.call(method, &path, &query.join("&"), headers, body)?;
        if let Some(date) = answer.date {
            self.server_clock = Some((date, Instant::now()));
        }
        Ok(answer)
    }

    /// The server's clock, which does not jump when the kiosk's is set; the kiosk's own if the server tells none.
    fn server_now(&self) -> Timestamp {
        let by_server = self.server_clock.and_then(|(date, read_at)| {
            date.checked_add(SignedDuration::try_from(read_at.elapsed()).ok()?).ok()
        });
        by_server.unwrap_or_else(Timestamp::now)
    }

    fn terms(&self) -> state::Terms<'_> {
        state::Terms { days: self.config.authority.term_days, zone: &self.zone }
    }
}

/// What to do with a submission.
enum Next {
    /// Send it: surely it has not arrived.
    Send,
    /// Nothing: it has arrived, as this request.
    Arrived(Box<ServiceRequest>),
    /// Nothing now.
    Settled(Arrival),
}

fn reference(reference: Reference) -> RemoteReference {
    match reference {
        Reference::Request(id) => RemoteReference::Request(id),
        Reference::Token(token) => RemoteReference::Token(token),
        Reference::None => RemoteReference::Untold,
    }
}

fn status(answer: &Answer) -> CallError {
    CallError::Status { status: answer.status, problem: String::new(), retry_after: answer.retry_after }
}

fn kiosk(error: OutboxError) -> CallError {
    CallError::Kiosk(Box::new(error))
}
