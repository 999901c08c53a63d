//! The desk: the pages for the people who work in the offices.
//!
//! Plain forms that work without JavaScript. What may be done with a ticket is decided in `ticket`, who somebody is
//! in `people`; here it becomes pages and sentences.

mod answers;
mod desk;
mod list;
mod masked;
mod sign_in;
mod similar;
mod ticket_view;
mod title;
mod work;

use std::sync::Arc;

use axum::{
    Router,
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, request::Parts},
    middleware,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};

use crate::{
    clock::Clock,
    http::{
        AppState,
        page::{self, Badge, Page, Town, cookies, language, language::Language},
    },
    knowledge::catalogue::Catalogue,
    network::Directory,
    people::{People, PeopleError, Session},
    store::StoreError,
    ticket::{TicketError, Tickets},
};

use sign_in::SESSION_COOKIE;

/// The routes, all under `/staff/`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/staff", get(async || Redirect::permanent("/staff/")))
        .route("/staff/", get(desk::list))
        .route("/staff/sign-in", get(sign_in::form).post(sign_in::enter))
        .route("/staff/sign-out", post(sign_in::leave))
        .route("/staff/search", post(desk::search))
        .route("/staff/tickets/{code}", get(desk::ticket).post(work::work))
        .layer(middleware::from_fn(language::switch))
        .layer(middleware::from_fn(page::headers))
}

/// What the desk of one authority is made from.
struct StaffPages {
    tickets: Tickets,
    catalogue: Catalogue,
    people: People,
    authority: String,
    clock: Arc<dyn Clock>,
}

impl FromRequestParts<AppState> for StaffPages {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let authority = state.default_authority().await;
        let authority = authority.map_err(|error| trouble(Language::of(&parts.headers), &error.into()))?;
        let authority = authority.unwrap_or_default();
        Ok(Self {
            tickets: state.tickets.clone(),
            catalogue: state.catalogue.clone(),
            people: state.people(&authority),
            authority,
            clock: state.clock.clone(),
        })
    }
}

/// Why a page of the desk cannot be made.
#[derive(Debug, thiserror::Error)]
enum DeskError {
    #[error("the tickets cannot be asked for")]
    Tickets(#[from] TicketError),
    #[error("the people cannot be asked for")]
    People(#[from] PeopleError),
    #[error("the catalogue cannot be read")]
    Catalogue(#[from] StoreError),
}

impl StaffPages {
    async fn town(&self) -> Result<Town, DeskError> {
        Ok(Town::of(self.tickets.directory(&self.authority).await?.authority.as_ref()))
    }

    /// The session that the request's cookie belongs to.
    async fn session(&self, headers: &HeaderMap) -> Result<Option<Session>, PeopleError> {
        match cookies::value(headers, SESSION_COOKIE) {
            Some(token) => self.people.session(token).await,
            None => Ok(None),
        }
    }
}

/// To the page on which one signs in, which says why if there was a session before.
fn to_sign_in(headers: &HeaderMap) -> Response {
    let had_one = cookies::value(headers, SESSION_COOKIE).is_some_and(|token| !token.is_empty());
    Redirect::to(if had_one { "/staff/sign-in?why=again" } else { "/staff/sign-in" }).into_response()
}

/// The frame of a page for somebody who has signed in.
fn frame(language: Language, title: impl Into<String>, directory: &Directory, session: &Session) -> Page {
    let mut page = Page::new(language, title, &Town::of(directory.authority.as_ref()));
    page.badge = Some(Badge {
        office: directory.handler(&session.person.office).name.get(language.tag()).to_owned(),
        name: session.person.name.clone(),
        form_token: session.form_token.clone(),
    });
    page
}

/// The page for everything that should not happen.
fn trouble(language: Language, error: &DeskError) -> Response {
    tracing::error!(%error, source = ?std::error::Error::source(error), "a page of the desk could not be made");
    let w = language.words();
    let strip = page::Strip::problem(format!("{} {}", w.trouble_title, w.trouble));
    let page = Page::new(language, w.trouble_title, &Town::of(None));
    page::render(StatusCode::INTERNAL_SERVER_ERROR, &desk::TroublePage { page, w, strip })
}
