//! Open311 GeoReport v2, the types of both sides: strict in what is written, liberal in what is read.
//!
//! Writing follows the text (<http://wiki.open311.org/GeoReport_v2>) to the letter, in XML and in
//! JSON by the Spark convention: ids and codes are always strings, lists are always lists, times always
//! carry their zone and never a fraction. Reading takes what real servers send: numbers for
//! strings (even `001`, which the text itself prints), one object for a list, wrappers, missing and unknown
//! fields, either format whatever the content type says. No I/O, no clock: those are the client's and the server's.

mod discovery;
mod error;
mod form;
mod json;
mod reading;
mod request;
mod service;
mod time;
mod tree;
mod xml;

pub use discovery::{Discovery, Endpoint, EndpointType};
pub use error::{Error, read_errors};
pub use form::{AttributeAnswer, FormError, MAX_FORM_FIELDS, NewRequest};
pub use reading::{MAX_ANSWER_BYTES, ReadError, read_list, read_one};
pub use request::{Position, Reference, RequestAnswer, RequestStatus, ServiceRequest, TokenAnswer};
pub use service::{Attribute, AttributeValue, DataType, Service, ServiceDefinition, ServiceType};
pub use time::{read_time, write_time};
pub use tree::{write_list, write_one};

/// The specification's name, as discovery files give it.
pub const SPECIFICATION: &str = "http://wiki.open311.org/GeoReport_v2";
/// The most characters of a description (GeoReport v2, POST Service Request).
pub const MAX_DESCRIPTION_CHARS: usize = crate::submission::MAX_WORDS_CHARS;
/// The most requests that one answer lists (GeoReport v2, Response Volume).
pub const MAX_REQUESTS: usize = 1_000;
/// The longest span of days that one query covers (GeoReport v2, GET Service Requests).
pub const MAX_SPAN_DAYS: i32 = 90;

/// How a document is written. It is chosen by the suffix of the URL, never by `Accept`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// `.xml`, which every server has to offer.
    Xml,
    /// `.json`, offered when discovery says so.
    Json,
}

impl Format {
    /// The format of a URL's suffix (without the dot), or none.
    pub fn from_suffix(suffix: &str) -> Option<Self> {
        match suffix {
            "xml" => Some(Self::Xml),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// The URL's suffix, without the dot.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Xml => "xml",
            Self::Json => "json",
        }
    }

    /// The MIME type, as discovery files list it.
    pub fn mime_type(self) -> &'static str {
        match self {
            Self::Xml => "text/xml",
            Self::Json => "application/json",
        }
    }

    /// The value of the `Content-Type` header.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Xml => "text/xml; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// Something of GeoReport v2 that can be written and read. Only this module's types are.
pub trait Record: Sized + tree::ToTree + reading::FromTree {
    /// The name of its XML element.
    const ELEMENT: &'static str;
}

/// A record that is always sent in a list, even when it is alone.
pub trait Listed: Record {
    /// The name of the list's root element.
    const LIST: &'static str;
}

#[cfg(test)]
mod tests;
