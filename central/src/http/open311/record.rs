//! A ticket as everybody may see it. Pure.
//!
//! Listed are tickets that came through Open311 and, from every other channel, reports only: what is
//! broken in the town is everybody's matter, a question or a complaint is its citizen's. Whoever
//! writes at a kiosk does not write for publication, so of those tickets only category, dates, state,
//! office and the street are told: no words, no note, no description of a place, and no house number, which with
//! the street may name the citizen's own door. What came through Open311 was
//! meant for it, so its description is told as well, after [`anonymous`](super::anonymous).

use jiff::{Timestamp, civil, tz::TimeZone};
use sportello_wire::{
    open311::{Position, RequestStatus, ServiceRequest},
    submission::Place,
    text::LocalisedText,
    ticket::Status,
};
use uuid::Uuid;

use super::anonymous::anonymous;
use crate::{
    network::Directory,
    ticket::{Channel, Opened},
};

/// What is read of a ticket to be listed.
pub(super) struct Listed {
    pub(super) id: Uuid,
    pub(super) category: String,
    pub(super) office: String,
    pub(super) status: Status,
    pub(super) changed_at: Timestamp,
    pub(super) opened: Opened,
}

/// The public record of a ticket.
pub(super) fn record(ticket: &Listed, directory: &Directory, language: &str) -> ServiceRequest {
    let opened = &ticket.opened;
    let is_public = opened.channel == Channel::Open311;
    let field = |name: &str| match opened.channel_fields.get(name) {
        Some(value) if is_public => value.clone(),
        _ => String::new(),
    };
    let degrees = |name: &str| field(name).parse::<f64>().ok();
    let category = directory.categories.get(&ticket.category);
    ServiceRequest {
        service_request_id: ticket.id.to_string(),
        status: if ticket.status.is_open() { RequestStatus::Open } else { RequestStatus::Closed },
        status_notes: status_notes(ticket.status).get(language).to_owned(),
        service_name: category.map_or(&*ticket.category, |category| category.name.get(language)).to_owned(),
        service_code: ticket.category.clone(),
        description: if is_public { anonymous(&opened.ticket.words) } else { String::new() },
        agency_responsible: agency(&ticket.office, directory, language),
        service_notice: String::new(),
        requested_datetime: Some(opened.submitted_at),
        updated_datetime: Some(ticket.changed_at),
        expected_datetime: end_of(opened.due_on, &directory.zone()),
        address: address(&opened.ticket.place, is_public),
        address_id: field("address_id"),
        zipcode: String::new(),
        position: degrees("lat").zip(degrees("long")).and_then(|(lat, long)| Position::new(lat, long)),
        media_url: field("media_url"),
    }
}

fn address(place: &Place, is_public: bool) -> String {
    match place {
        Place::Street { street, number, .. } if is_public => {
            format!("{street} {number}").trim_end().to_owned()
        }
        Place::Street { street, .. } => street.clone(),
        Place::Described { words } if is_public => anonymous(words),
        Place::Described { .. } | Place::Nowhere => String::new(),
    }
}

fn agency(office: &str, directory: &Directory, language: &str) -> String {
    if office.is_empty() {
        return String::new();
    }
    let handler = directory.handler(office);
    let (name, body) = (handler.name.get(language), handler.authority.get(language));
    if body.is_empty() { name.to_owned() } else { format!("{name}, {body}") }
}

/// The last second of a day.
fn end_of(day: civil::Date, zone: &TimeZone) -> Option<Timestamp> {
    day.at(23, 59, 59, 0).to_zoned(zone.clone()).ok().map(|moment| moment.timestamp())
}

/// What the two states of GeoReport do not say.
fn status_notes(status: Status) -> LocalisedText {
    match status {
        Status::Received => LocalisedText::both("Ricevuta", "Received"),
        Status::InProgress => LocalisedText::both("In lavorazione", "In progress"),
        Status::WaitingForCitizen => LocalisedText::both(
            "In attesa di informazioni dal cittadino",
            "Waiting for information from the citizen",
        ),
        Status::Resolved => LocalisedText::both("Conclusa", "Resolved"),
    }
}
