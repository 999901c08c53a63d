//! The style sheet, the icons and the keyboard letters, from memory.
//!
//! They are checked again at each visit by their digest, so that a new version is seen at once.

use std::fmt::Write as _;

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest as _, Sha256};

use super::{Town, colour};

const STYLE: &str = include_str!("../../../assets/sportello.css");
const ICONS: &str = include_str!("../../../assets/icons.svg");
const SHIELD: &str = include_str!("../../../assets/shield.svg");
const KEYS: &str = include_str!("../../../assets/keys.js");

/// Serves one of the fixed files by its name.
pub fn file(name: &str, request: &HeaderMap) -> Response {
    match name {
        "sportello.css" => serve("text/css; charset=utf-8", STYLE, request),
        "icons.svg" => serve("image/svg+xml", ICONS, request),
        "shield.svg" => serve("image/svg+xml", SHIELD, request),
        "keys.js" => serve("text/javascript; charset=utf-8", KEYS, request),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Serves the style sheet that gives the pages their town's colour.
pub fn town_style(town: &Town, request: &HeaderMap) -> Response {
    let (main, deep, pale) = colour::of_town(town.colour_hsb);
    let style = format!(":root{{--main:{main};--main-deep:{deep};--main-pale:{pale}}}\n");
    serve("text/css; charset=utf-8", &style, request)
}

fn serve(media_type: &'static str, body: &str, request: &HeaderMap) -> Response {
    let tag = tag(body);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::ETAG, tag.clone()),
    ];
    let known = request.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag);
    if known {
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        (headers, body.to_owned()).into_response()
    }
}

fn tag(body: &str) -> HeaderValue {
    let digest = Sha256::digest(body.as_bytes());
    let mut text = String::from("\"");
    for byte in digest.iter().take(12) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.push('"');
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("\"\""))
}
