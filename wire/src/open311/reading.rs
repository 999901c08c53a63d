//! Reading whatever a server sent: finding the records, and the fields in them.
//!
//! A record without its one essential field is passed over; every other field may be missing. What
//! a record means for a ticket is not decided here.

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::{Listed, Record, json, time, xml};

/// The most bytes of an answer that are read: a thousand requests of 4,000 characters fit.
pub const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// The most wrapper objects around a list that are opened.
const MAX_WRAPPERS: usize = 4;

/// Why an answer tells nothing.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is longer than [`MAX_ANSWER_BYTES`].
    #[error("the answer has {0} bytes, which is too many")]
    TooLong(usize),
    /// It starts like XML and is none.
    #[error("the answer is not XML")]
    Xml(#[source] roxmltree::Error),
    /// It is neither XML nor JSON.
    #[error("the answer is neither XML nor JSON")]
    Json(#[source] serde_json::Error),
    /// It has something, but nothing of what was asked for.
    #[error("the answer has no {0}")]
    Nothing(&'static str),
}

/// What can be found in a tree. It is visible only through [`Record`].
pub trait FromTree: Sized {
    /// Reads it, or none when its essential field is missing.
    fn from_fields(fields: &Fields<'_>) -> Option<Self>;
}

/// Reads a list of any length. Times without a zone are taken to be in `zone`.
///
/// Fails when there are items, but none of this kind: an error in the guise of a success.
pub fn read_list<R: Listed>(body: &[u8], zone: &TimeZone) -> Result<Vec<R>, ReadError> {
    let value = parse(body)?;
    let items = find_items(&value, &|item| read_record::<R>(item, zone).is_some(), R::LIST, R::ELEMENT, 0);
    let records: Vec<R> = items.iter().filter_map(|item| read_record(item, zone)).collect();
    if records.is_empty() && !items.is_empty() {
        return Err(ReadError::Nothing(R::ELEMENT));
    }
    Ok(records)
}

/// Reads one record; the first when a list came. Times without a zone are taken to be in `zone`.
pub fn read_one<R: Record>(body: &[u8], zone: &TimeZone) -> Result<R, ReadError> {
    let value = parse(body)?;
    let items = find_items(&value, &|item| read_record::<R>(item, zone).is_some(), R::ELEMENT, R::ELEMENT, 0);
    items.iter().find_map(|item| read_record(item, zone)).ok_or(ReadError::Nothing(R::ELEMENT))
}

fn read_record<R: Record>(value: &Value, zone: &TimeZone) -> Option<R> {
    R::from_fields(&Fields { map: value.as_object()?, zone })
}

/// Reads XML or JSON, whichever it is. What is not UTF-8 is taken as Latin-1, which old servers send.
pub(super) fn parse(body: &[u8]) -> Result<Value, ReadError> {
    if body.len() > MAX_ANSWER_BYTES {
        return Err(ReadError::TooLong(body.len()));
    }
    let text = match std::str::from_utf8(body) {
        Ok(text) => text.to_owned(),
        Err(_) => body.iter().copied().map(char::from).collect(),
    };
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        Ok(Value::Null)
    } else if text.starts_with('<') {
        xml::read(text).map_err(ReadError::Xml)
    } else {
        json::read(text).map_err(ReadError::Json)
    }
}

/// The items of a list, out of all wrappers.
fn find_items<'a>(
    value: &'a Value,
    is_record: &dyn Fn(&Value) -> bool,
    list: &str,
    element: &str,
    depth: usize,
) -> Vec<&'a Value> {
    match value {
        Value::Array(items) => items.iter().filter(|item| !item.is_null()).collect(),
        Value::Object(map) if !map.is_empty() && !is_record(value) && depth < MAX_WRAPPERS => {
            let named = map.get(list).or_else(|| map.get(element));
            let inner = named.or_else(|| map.values().find(|inner| inner.is_array() || inner.is_object()));
            inner.map_or_else(|| vec![value], |inner| find_items(inner, is_record, list, element, depth + 1))
        }
        Value::Object(map) if !map.is_empty() => vec![value],
        _ => Vec::new(),
    }
}

/// The fields of one record.
pub struct Fields<'a> {
    map: &'a Map<String, Value>,
    zone: &'a TimeZone,
}

impl Fields<'_> {
    /// A field's text without surrounding blanks, or "".
    pub(super) fn text(&self, name: &str) -> String {
        self.map.get(name).map(text_of).unwrap_or_default()
    }

    /// A field's text, or none when there is none.
    pub(super) fn essential(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Whether the field is there, be it empty.
    pub(super) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// Whether a field says yes; `otherwise` when it says nothing.
    pub(super) fn flag(&self, name: &str, otherwise: bool) -> bool {
        match self.text(name).to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "y" | "t" => true,
            "false" | "0" | "no" | "n" | "f" => false,
            _ => otherwise,
        }
    }

    /// A field's finite number.
    pub(super) fn decimal(&self, name: &str) -> Option<f64> {
        self.text(name).parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// A field's whole number.
    pub(super) fn whole(&self, name: &str) -> Option<u32> {
        self.text(name).parse().ok()
    }

    /// A field's moment.
    pub(super) fn time(&self, name: &str) -> Option<jiff::Timestamp> {
        time::read_time(&self.text(name), self.zone)
    }

    /// The records in a list field.
    pub(super) fn list<T>(
        &self,
        name: &str,
        element: &str,
        read: impl Fn(&Fields<'_>) -> Option<T>,
    ) -> Vec<T> {
        self.items(name, element)
            .into_iter()
            .filter_map(|item| read(&Fields { map: item.as_object()?, zone: self.zone }))
            .collect()
    }

    /// The texts in a list field.
    pub(super) fn texts(&self, name: &str, element: &str) -> Vec<String> {
        self.items(name, element).into_iter().map(text_of).filter(|text| !text.is_empty()).collect()
    }

    fn items(&self, name: &str, element: &str) -> Vec<&Value> {
        let list = match self.map.get(name) {
            Some(Value::Object(map)) => map.get(element).or_else(|| self.map.get(name)),
            other => other,
        };
        match list {
            Some(Value::Array(items)) => items.iter().collect(),
            None | Some(Value::Null) => Vec::new(),
            Some(single) => vec![single],
        }
    }
}

/// The text of any value; of a nested one, all its texts one after the other.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) => join(items.iter()),
        Value::Object(map) => join(map.values()),
    }
}

fn join<'a>(values: impl Iterator<Item = &'a Value>) -> String {
    values.map(text_of).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}
