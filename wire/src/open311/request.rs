//! Service requests: what a server tells of them, what it answers to a new one, and to a token.

use jiff::Timestamp;

use super::{
    Listed, Record,
    reading::{Fields, FromTree},
    time::write_time,
    tree::{ToTree, Tree},
};

/// The element and the list of all three answers.
const ELEMENT: &str = "request";
const LIST: &str = "service_requests";

/// States beyond the text's two that mean that nothing more will happen (FixMyStreet's extension).
const CLOSED_STATES: [&str; 8] = [
    "closed",
    "fixed",
    "resolved",
    "duplicate",
    "not_councils_responsibility",
    "no_further_action",
    "internal_referral",
    "completed",
];

/// A request as a server tells it: an element of `GET requests` and `GET requests/{id}`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceRequest {
    /// The id. It is a text, even where servers send numbers.
    pub service_request_id: String,
    /// Where it stands.
    pub status: RequestStatus,
    /// Why it stands there, or "".
    pub status_notes: String,
    /// The service's name.
    pub service_name: String,
    /// The service's code.
    pub service_code: String,
    /// What was reported, or "".
    pub description: String,
    /// Who has it, or "".
    pub agency_responsible: String,
    /// What will be done, or "".
    pub service_notice: String,
    /// When it was made. Written without a fraction of a second.
    pub requested_datetime: Option<Timestamp>,
    /// When it last changed.
    pub updated_datetime: Option<Timestamp>,
    /// By when it is expected to be done.
    pub expected_datetime: Option<Timestamp>,
    /// Where it is, or "".
    pub address: String,
    /// The address's id in the town's own register, or "".
    pub address_id: String,
    /// The postal code, or "".
    pub zipcode: String,
    /// Where it is on the map.
    pub position: Option<Position>,
    /// A picture's address, or "".
    pub media_url: String,
}

/// A place on the map, WGS 84, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Latitude: −90 to 90.
    pub lat: f64,
    /// Longitude: −180 to 180.
    pub long: f64,
}

impl Position {
    /// A position that is on the Earth, or none.
    pub fn new(lat: f64, long: f64) -> Option<Self> {
        ((-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&long)).then_some(Self { lat, long })
    }
}

/// Where a request stands. GeoReport v2 knows no more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum RequestStatus {
    /// It has been reported. What cannot be understood is taken as open.
    #[default]
    Open,
    /// It has been resolved.
    Closed,
}

impl RequestStatus {
    /// The name in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

impl Record for ServiceRequest {
    const ELEMENT: &'static str = ELEMENT;
}

impl Listed for ServiceRequest {
    const LIST: &'static str = LIST;
}

impl ToTree for ServiceRequest {
    fn to_tree(&self) -> Tree {
        let time = |time: Option<Timestamp>| time.map_or(Tree::Null, |time| Tree::Text(write_time(time)));
        Tree::Record(vec![
            ("service_request_id", Tree::text(&self.service_request_id)),
            ("status", Tree::text(self.status.as_str())),
            ("status_notes", Tree::text(&self.status_notes)),
            ("service_name", Tree::text(&self.service_name)),
            ("service_code", Tree::text(&self.service_code)),
            ("description", Tree::text(&self.description)),
            ("agency_responsible", Tree::text(&self.agency_responsible)),
            ("service_notice", Tree::text(&self.service_notice)),
            ("requested_datetime", time(self.requested_datetime)),
            ("updated_datetime", time(self.updated_datetime)),
            ("expected_datetime", time(self.expected_datetime)),
            ("address", Tree::text(&self.address)),
            ("address_id", Tree::text(&self.address_id)),
            ("zipcode", Tree::text(&self.zipcode)),
            ("lat", Tree::decimal(self.position.map(|position| position.lat))),
            ("long", Tree::decimal(self.position.map(|position| position.long))),
            ("media_url", Tree::text(&self.media_url)),
        ])
    }
}

impl FromTree for ServiceRequest {
    fn from_fields(fields: &Fields<'_>) -> Option<Self> {
        let status = fields.text("status").to_ascii_lowercase().replace([' ', '-'], "_");
        let closed = CLOSED_STATES.contains(&status.as_str());
        Some(Self {
            service_request_id: fields.essential("service_request_id")?,
            status: if closed { RequestStatus::Closed } else { RequestStatus::Open },
            status_notes: fields.text("status_notes"),
            service_name: fields.text("service_name"),
            service_code: fields.text("service_code"),
            description: fields.text("description"),
            agency_responsible: fields.text("agency_responsible"),
            service_notice: fields.text("service_notice"),
            requested_datetime: fields.time("requested_datetime"),
            updated_datetime: fields.time("updated_datetime"),
            expected_datetime: fields.time("expected_datetime"),
            address: fields.text("address"),
            address_id: fields.text("address_id"),
            zipcode: fields.text("zipcode"),
            position: (fields.decimal("lat").zip(fields.decimal("long")))
                .and_then(|(lat, long)| Position::new(lat, long)),
            media_url: fields.text("media_url"),
        })
    }
}

/// What a server calls a new request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// Its id.
    Request(String),
    /// A token that will become an id (`GET tokens/{token}`).
    Token(String),
    /// Nothing: the server took it and tells no more (`blackbox`).
    None,
}

/// The answer to `POST requests`: an id or a token, never both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestAnswer {
    /// What the request is called.
    pub reference: Reference,
    /// What will be done, or "".
    pub service_notice: String,
    /// The sender's account, or "".
    pub account_id: String,
}

impl Record for RequestAnswer {
    const ELEMENT: &'static str = ELEMENT;
}

impl Listed for RequestAnswer {
    const LIST: &'static str = LIST;
}

impl ToTree for RequestAnswer {
    fn to_tree(&self) -> Tree {
        let mut parts = match &self.reference {
            Reference::Request(id) => vec![("service_request_id", Tree::text(id))],
            Reference::Token(token) => vec![("token", Tree::text(token))],
            Reference::None => Vec::new(),
        };
        parts.push(("service_notice", Tree::text(&self.service_notice)));
        parts.push(("account_id", Tree::text(&self.account_id)));
        Tree::Record(parts)
    }
}

impl FromTree for RequestAnswer {
    /// The id wins where a server sends both. Neither is an answer only where a notice or an account says so.
    fn from_fields(fields: &Fields<'_>) -> Option<Self> {
        let reference = (fields.essential("service_request_id").map(Reference::Request))
            .or_else(|| fields.essential("token").map(Reference::Token))
            .unwrap_or(Reference::None);
        let told =
            fields.has("service_notice") || fields.has("account_id") || fields.has("service_request_id");
        (reference != Reference::None || told).then(|| Self {
            reference,
            service_notice: fields.text("service_notice"),
            account_id: fields.text("account_id"),
        })
    }
}

/// The answer to `GET tokens/{token}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenAnswer {
    /// The request's id, or "" when it has none yet.
    pub service_request_id: String,
    /// The token.
    pub token: String,
}

impl Record for TokenAnswer {
    const ELEMENT: &'static str = ELEMENT;
}

impl Listed for TokenAnswer {
    const LIST: &'static str = LIST;
}

impl ToTree for TokenAnswer {
    fn to_tree(&self) -> Tree {
        Tree::Record(vec![
            ("service_request_id", Tree::text(&self.service_request_id)),
            ("token", Tree::text(&self.token)),
        ])
    }
}

impl FromTree for TokenAnswer {
    fn from_fields(fields: &Fields<'_>) -> Option<Self> {
        let answer =
            Self { service_request_id: fields.text("service_request_id"), token: fields.text("token") };
        (!answer.service_request_id.is_empty() || !answer.token.is_empty()).then_some(answer)
    }
}
