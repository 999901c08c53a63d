//! Which language a page speaks: the visitor's choice, else the browser's wish, else Italian.
//!
//! The choice is kept in a cookie that says nothing but the language. What is said is in `words`.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{cookies, words::Words};

/// The cookie that keeps the choice.
const COOKIE: &str = "language";
/// How long the choice is kept: a year, in seconds.
const KEPT_S: u32 = 31_536_000;

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// The language in which every town writes first.
    #[default]
    Italian,
    /// For those who read it more easily.
    English,
}

impl Language {
    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Italian => "it",
            Self::English => "en",
        }
    }

    /// The strings in this language.
    pub fn words(self) -> &'static Words {
        super::words::words(self)
    }

    /// Reads a BCP 47 tag by its primary part: `en-GB` is English.
    fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().trim();
        [Self::Italian, Self::English]
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// Picks the language from the cookie, else from `Accept-Language` (RFC 9110, 12.5.4).
    pub fn of(headers: &HeaderMap) -> Self {
        let wish = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        cookies::value(headers, COOKIE)
            .and_then(Self::from_tag)
            .or_else(|| wish.and_then(preferred))
            .unwrap_or_default()
    }
}

/// The wished-for language that we speak and that has the greatest weight; the first of equals.
fn preferred(accept_language: &str) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for range in accept_language.split(',') {
        let (tag, parameter) = range.split_once(';').unwrap_or((range, "q=1"));
        let weight = parameter.trim().strip_prefix("q=").and_then(|text| text.parse().ok()).unwrap_or(0.0);
        if let Some(language) = Language::from_tag(tag.trim())
            && weight > best.map_or(0.0, |(weight, _)| weight)
        {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

/// Turns `?lang=en` on any page into a kept choice, and goes back to the same page without it.
pub async fn switch(request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let chosen = query.split('&').find_map(|pair| pair.strip_prefix("lang=")).and_then(Language::from_tag);
    let Some(language) = chosen else { return next.run(request).await };
    let rest: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("lang=")).collect();
    // More than one leading slash would be read as another site's address.
    let path = format!("/{}", request.uri().path().trim_start_matches('/'));
    let target = if rest.is_empty() { path } else { format!("{path}?{}", rest.join("&")) };
    let cookie = format!("{COOKIE}={}; Path=/; Max-Age={KEPT_S}; SameSite=Lax", language.tag());
    match (HeaderValue::from_str(&target), HeaderValue::from_str(&cookie)) {
        (Ok(target), Ok(cookie)) => {
            (StatusCode::SEE_OTHER, [(header::LOCATION, target), (header::SET_COOKIE, cookie)])
                .into_response()
        }
        _ => next.run(request).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(accept_language: &'static str, cookie: &'static str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accept_language));
        headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
        Language::of(&headers)
    }

    #[test]
    fn the_choice_wins_over_the_browser_and_the_heaviest_wish_wins_in_it() {
        assert_eq!(asking("it", "language=en"), Language::English);
        assert_eq!(asking("fr, en-GB;q=0.8, it;q=0.5", ""), Language::English);
        assert_eq!(asking("en;q=0.2, it-IT;q=0.9", "session=x"), Language::Italian);
        assert_eq!(asking("en;q=0", ""), Language::Italian);
        assert_eq!(asking("zh", "language=xx"), Language::Italian);
    }
}
