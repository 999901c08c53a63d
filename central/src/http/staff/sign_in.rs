//! Signing in and out.
//!
//! If the session ended while somebody was writing, what was written travels through the form and is there again
//! afterwards.

use askama::Template;
use axum::{
    Form,
    extract::Query,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;

use super::{DeskError, StaffPages, desk, trouble};
use crate::{
    http::page::{
        self, Page, Strip, Town, cookies,
        language::Language,
        words::{Words, fill},
    },
    people::{SignInError, form_token},
};

/// The cookie with the session's token.
pub(super) const SESSION_COOKIE: &str = "sportello_session";
/// The cookie that belongs to the form in which one signs in.
const VISIT_COOKIE: &str = "sportello_visit";

#[derive(Template)]
#[template(path = "staff/sign_in.html")]
struct SignInPage {
    page: Page,
    w: &'static Words,
    strip: Option<Strip>,
    form_token: String,
    login: String,
    kept: Option<Kept>,
}

/// What somebody had written for a ticket when the session ended.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// The ticket's code.
    pub(super) ticket: String,
    /// What was written.
    pub(super) words: String,
}

#[derive(Deserialize)]
pub(super) struct Why {
    #[serde(default)]
    why: String,
}

#[derive(Deserialize)]
pub(super) struct Entering {
    #[serde(default)]
    form_token: String,
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    ticket: String,
    #[serde(default)]
    words: String,
}

/// `GET /staff/sign-in`
pub(super) async fn form(
    pages: StaffPages,
    language: Language,
    headers: HeaderMap,
    Query(Why { why }): Query<Why>,
) -> Response {
    let w = language.words();
    let strip = match why.as_str() {
        "again" => Some(Strip::notice(w.sign_in_again)),
        "out" => Some(Strip::good(w.signed_out)),
        _ => None,
    };
    ask(&pages, language, &headers, StatusCode::OK, strip, String::new(), None).await
}

/// Shows the form again for somebody whose session ended while writing.
pub(super) async fn interrupted(
    pages: &StaffPages,
    language: Language,
    headers: &HeaderMap,
    kept: Kept,
) -> Response {
    let strip = Some(Strip::notice(language.words().sign_in_again));
    let kept = Some(kept).filter(|kept| !kept.words.trim().is_empty());
    ask(pages, language, headers, StatusCode::UNAUTHORIZED, strip, String::new(), kept).await
}

/// `POST /staff/sign-in`
pub(super) async fn enter(
    pages: StaffPages,
    language: Language,
    headers: HeaderMap,
    Form(entering): Form<Entering>,
) -> Response {
    let w = language.words();
    let kept = Kept { ticket: entering.ticket, words: entering.words };
    let kept = Some(kept).filter(|kept| !kept.words.is_empty());
    let visit = cookies::value(&headers, VISIT_COOKIE);
    if visit.is_none_or(|visit| form_token(visit) != entering.form_token) {
        let strip = Some(Strip::notice(w.form_expired));
        return ask(&pages, language, &headers, StatusCode::FORBIDDEN, strip, entering.login, kept).await;
    }
    let (status, strip) = match pages.people.sign_in(&entering.login, &entering.password).await {
        Ok(signed_in) => return welcome(&pages, language, &signed_in.token, kept).await,
        Err(SignInError::Wrong) => (StatusCode::UNAUTHORIZED, Strip::problem(w.sign_in_wrong)),
        Err(SignInError::Locked { wait_s }) => {
            let words = fill(w.sign_in_locked, &[wait_s.to_string()]);
            (StatusCode::TOO_MANY_REQUESTS, Strip::problem(words))
        }
        Err(SignInError::People(error)) => return trouble(language, &error.into()),
    };
    ask(&pages, language, &headers, status, Some(strip), entering.login, kept).await
}

#[derive(Deserialize)]
pub(super) struct Leaving {
    #[serde(default)]
    form_token: String,
}

/// `POST /staff/sign-out`
pub(super) async fn leave(
    pages: StaffPages,
    language: Language,
    headers: HeaderMap,
    Form(leaving): Form<Leaving>,
) -> Response {
    let session = match pages.session(&headers).await {
        Ok(session) => session,
        Err(error) => return trouble(language, &error.into()),
    };
    if let Some(session) = session {
        if !session.sent(&leaving.form_token) {
            return Redirect::to("/staff/").into_response();
        }
        if let Err(error) = pages.people.sign_out(&session).await {
            return trouble(language, &error.into());
        }
    }
    let mut response = Redirect::to("/staff/sign-in?why=out").into_response();
    match pages.town().await {
        Ok(town) => set_cookie(&mut response, SESSION_COOKIE, "", &town, "; Max-Age=0"),
        Err(error) => return trouble(language, &error),
    }
    response
}

/// Into the desk, or back to what was being written.
async fn welcome(pages: &StaffPages, language: Language, token: &str, kept: Option<Kept>) -> Response {
    let town = match pages.town().await {
        Ok(town) => town,
        Err(error) => return trouble(language, &error),
    };
    let response = match kept {
        None => Ok(Redirect::to("/staff/").into_response()),
        Some(kept) => match pages.people.session(token).await {
            Ok(Some(session)) => desk::restored(pages, language, &session, kept).await,
            Ok(None) => Ok(Redirect::to("/staff/").into_response()),
            Err(error) => Err(error.into()),
        },
    };
    let mut response = response.unwrap_or_else(|error: DeskError| trouble(language, &error));
    set_cookie(&mut response, SESSION_COOKIE, token, &town, "");
    response
}

async fn ask(
    pages: &StaffPages,
    language: Language,
    headers: &HeaderMap,
    status: StatusCode,
    strip: Option<Strip>,
    login: String,
    kept: Option<Kept>,
) -> Response {
    let town = match pages.town().await {
        Ok(town) => town,
        Err(error) => return trouble(language, &error),
    };
    let (visit, is_new) = match cookies::value(headers, VISIT_COOKIE) {
        Some(visit) if visit.len() == 64 => (visit.to_owned(), false),
        _ => match pages.people.new_token() {
            Ok(visit) => (visit, true),
            Err(error) => return trouble(language, &error.into()),
        },
    };
    let w = language.words();
    let page = Page::new(language, w.sign_in, &town);
    let page = SignInPage { page, w, strip, form_token: form_token(&visit), login, kept };
    let mut response = page::render(status, &page);
    if is_new {
        set_cookie(&mut response, VISIT_COOKIE, &visit, &town, "");
    }
    response
}

fn set_cookie(response: &mut Response, name: &str, value: &str, town: &Town, more: &str) {
    let secure = if town.is_secure { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
