//! Errors: a list of codes and sentences that are meant for the person who waits.

use jiff::tz::TimeZone;
use serde_json::Value;

use super::{
    Listed, Record,
    reading::{Fields, FromTree, parse, read_list, text_of},
    tree::{ToTree, Tree},
};

/// The most characters that are kept of an error which is no GeoReport error.
const MAX_FOREIGN_CHARS: usize = 300;

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The HTTP status, or something finer; 0 when none was sent.
    pub code: u32,
    /// What the person is told.
    pub description: String,
}

impl Record for Error {
    const ELEMENT: &'static str = "error";
}

impl Listed for Error {
    const LIST: &'static str = "errors";
}

impl ToTree for Error {
    fn to_tree(&self) -> Tree {
        Tree::Record(vec![("code", Tree::Whole(self.code)), ("description", Tree::text(&self.description))])
    }
}

impl FromTree for Error {
    fn from_fields(fields: &Fields<'_>) -> Option<Self> {
        let description = ["description", "message", "error_description"];
        let description = description.into_iter().find_map(|name| fields.essential(name));
        let code = fields.whole("code").or_else(|| fields.whole("status"));
        (description.is_some() || code.is_some())
            .then(|| Self { code: code.unwrap_or_default(), description: description.unwrap_or_default() })
    }
}

/// Reads the errors of a refusal. What is no GeoReport error becomes one, shortened; nothing gives none.
pub fn read_errors(body: &[u8]) -> Vec<Error> {
    if let Ok(errors) = read_list(body, &TimeZone::UTC)
        && !errors.is_empty()
    {
        return errors;
    }
    let foreign = match parse(body) {
        Ok(value) => text_of(&value),
        // A page of HTML tells a person nothing.
        Err(_) if body.trim_ascii_start().starts_with(b"<") => String::new(),
        Err(_) => text_of(&Value::from(String::from_utf8_lossy(body))),
    };
    let description: String = foreign.chars().take(MAX_FOREIGN_CHARS).collect();
    if description.is_empty() { Vec::new() } else { vec![Error { code: 0, description }] }
}
