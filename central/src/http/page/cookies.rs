//! Reading the cookies of a request. Writing them is one line where they are needed.

use axum::http::{HeaderMap, header};

/// Returns the value of the cookie `name`, if the request carries it.
pub fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}
