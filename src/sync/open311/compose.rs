//! A submission as a GeoReport request.

use sportello_wire::{
    keys::sha256_hex,
    open311::{Attribute, AttributeAnswer, DataType, NewRequest},
    submission::{Contact, Kind, NewTicket, Place, Submission},
};
use uuid::Uuid;

use super::Open311Config;
use crate::outbox::{KnownTicket, RemoteReference};

/// The text by which a request is found again: `[7F3A-91BC-22D0]`. It tells nothing of the ticket's code.
pub(super) fn marker(id: Uuid) -> String {
    let digest = sha256_hex(id.as_bytes()).to_uppercase();
    let group = |from: usize| digest.get(from..from + 4).unwrap_or_default();
    format!("[{}-{}-{}]", group(0), group(4), group(8))
}

/// What a request is made of besides the submission.
pub(super) struct Composer<'a> {
    pub(super) config: &'a Open311Config,
    pub(super) device: &'a str,
    pub(super) service: &'a str,
    pub(super) attributes: &'a [Attribute],
    pub(super) marker: &'a str,
}

impl Composer<'_> {
    /// The marker goes first: servers cut long descriptions at the end.
    pub(super) fn compose(&self, submission: &Submission, known: Option<&KnownTicket>) -> NewRequest {
        let mut request = NewRequest {
            api_key: self.config.api_key.clone(),
            jurisdiction_id: self.config.jurisdiction.clone(),
            service_code: self.service.to_owned(),
            device_id: self.device.to_owned(),
            ..NewRequest::default()
        };
        match submission {
            Submission::Ticket(ticket) => self.add_ticket(&mut request, ticket),
            Submission::FollowUp(follow_up) => {
                let reference = known.and_then(|known| known.remote.as_ref()).map(|remote| &remote.reference);
                let first = match reference {
                    Some(RemoteReference::Request(id)) => format!(" della richiesta {id}"),
                    _ => String::new(),
                };
                request.description = format!("{} Seguito{first}\n{}", self.marker, follow_up.words);
                request.address_string.clone_from(&self.config.fallback_address);
            }
        }
        request
    }

    fn add_ticket(&self, request: &mut NewRequest, ticket: &NewTicket) {
        request.description = format!("{} {}\n{}", self.marker, kind_name(ticket.kind), ticket.words);
        match &ticket.place {
            Place::Nowhere => request.address_string.clone_from(&self.config.fallback_address),
            Place::Street { street, number, note } => {
                format!("{street} {number}").trim_end().clone_into(&mut request.address_string);
                if !note.is_empty() {
                    request.description.push_str("\nLuogo: ");
                    request.description.push_str(note);
                }
            }
            Place::Described { words } => request.address_string.clone_from(words),
        }
        let Contact { name, email, phone } = &ticket.contact;
        let (first, last) = name.trim().rsplit_once(' ').unwrap_or((name.trim(), ""));
        first.trim_end().clone_into(&mut request.first_name);
        last.clone_into(&mut request.last_name);
        request.email.clone_from(email);
        request.phone.clone_from(phone);
        for (code, value) in &ticket.attributes {
            self.add_attribute(&mut request.attributes, code, value);
        }
    }

    fn add_attribute(&self, answers: &mut Vec<AttributeAnswer>, code: &str, value: &str) {
        if let Some(answer) = answers.iter_mut().find(|answer| answer.code == code) {
            answer.values.push(value.to_owned());
            answer.is_list = true;
            return;
        }
        let is_list = self
            .attributes
            .iter()
            .any(|known| known.code == code && known.datatype == DataType::MultiValueList);
        answers.push(AttributeAnswer { code: code.to_owned(), values: vec![value.to_owned()], is_list });
    }
}

/// In the language of those who read it at the server.
fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Report => "Segnalazione",
        Kind::Question => "Domanda",
        Kind::Complaint => "Reclamo",
        Kind::Proposal => "Proposta",
    }
}
