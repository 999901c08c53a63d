//! The public pages: follow a ticket by its code, on a phone.
//!
//! There is nothing to sign in to, and nothing personal to be seen: whoever has the code sees how far the ticket is.
//! Writing to the office happens at a kiosk.

mod client;
mod misses;
mod view;

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Router,
    extract::{FromRequestParts, Path, Query},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    middleware,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use serde::Deserialize;
use sportello_wire::code::TicketCode;

use crate::{
    clock::Clock,
    http::{
        AppState,
        page::{
            self, Page, Town, assets,
            dates::Dates,
            language::{self, Language},
            words::{Words, fill},
        },
    },
    ticket::{TicketError, Tickets},
};

use client::Client;
use view::TicketView;

pub use misses::{FORGOTTEN_AFTER_S, FREE_MISSES, LONGEST_WAIT_S};
pub(crate) use view::kind;

/// The routes: `/`, `/t`, `/t/{code}`, `/assets/…`, and the page for every address that leads nowhere.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/", get(start))
        .route("/t", get(look_for))
        .route("/t/", get(look_for))
        .route("/t/{code}", get(ticket))
        .fallback(nothing_here)
        .layer(Extension(Arc::<misses::Clients>::default()))
        .layer(middleware::from_fn(language::switch))
        .layer(middleware::from_fn(page::headers))
        .route("/assets/town.css", get(town_style))
        .route("/assets/{name}", get(asset))
}

/// What the public pages of one authority are made from.
struct PublicPages {
    tickets: Tickets,
    authority: String,
    clock: Arc<dyn Clock>,
}

impl FromRequestParts<AppState> for PublicPages {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let authority = state.default_authority().await;
        let authority = authority.map_err(|error| trouble(Language::of(&parts.headers), &error.into()))?;
        Ok(Self {
            tickets: state.tickets.clone(),
            authority: authority.unwrap_or_default(),
            clock: state.clock.clone(),
        })
    }
}

impl PublicPages {
    async fn town(&self) -> Result<Town, TicketError> {
        Ok(Town::of(self.tickets.directory(&self.authority).await?.authority.as_ref()))
    }
}

#[derive(Template)]
#[template(path = "public/start.html")]
struct StartPage {
    page: Page,
    w: &'static Words,
    typed: String,
    wrong: bool,
}

#[derive(Template)]
#[template(path = "public/ticket.html")]
struct TicketPage {
    page: Page,
    w: &'static Words,
    ticket: TicketView,
}

#[derive(Template)]
#[template(path = "public/unknown.html")]
struct UnknownPage {
    page: Page,
    w: &'static Words,
    code: String,
    typed: String,
    wrong: bool,
}

#[derive(Template)]
#[template(path = "public/message.html")]
struct MessagePage {
    page: Page,
    w: &'static Words,
    headline: &'static str,
    lead: String,
    with_form: bool,
    typed: String,
    wrong: bool,
}

/// What a citizen typed.
#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    code: String,
}

async fn start(pages: PublicPages, language: Language) -> Response {
    start_page(&pages, language, StatusCode::OK, String::new())
        .await
        .unwrap_or_else(|error| trouble(language, &error))
}

async fn look_for(pages: PublicPages, language: Language, Query(Typed { code }): Query<Typed>) -> Response {
    match code.parse::<TicketCode>() {
        Ok(code) => Redirect::to(&format!("/t/{code}")).into_response(),
        Err(_) => start_page(&pages, language, StatusCode::UNPROCESSABLE_ENTITY, code)
            .await
            .unwrap_or_else(|error| trouble(language, &error)),
    }
}

async fn ticket(
    pages: PublicPages,
    language: Language,
    client: Client,
    Extension(clients): Extension<Arc<misses::Clients>>,
    Path(typed): Path<String>,
) -> Response {
    follow(&pages, language, client, &clients, typed).await.unwrap_or_else(|error| trouble(language, &error))
}

async fn follow(
    pages: &PublicPages,
    language: Language,
    Client(client): Client,
    clients: &misses::Clients,
    typed: String,
) -> Result<Response, TicketError> {
    let Ok(code) = typed.parse::<TicketCode>() else {
        return start_page(pages, language, StatusCode::NOT_FOUND, typed).await;
    };
    if code.to_string() != typed {
        return Ok(Redirect::to(&format!("/t/{code}")).into_response());
    }
    let w = language.words();
    let now = pages.clock.now();
    if let Some(wait_s) = clients.wait_s(client, now) {
        return Ok(slow_down(Page::new(language, w.slow_title, &pages.town().await?), w, wait_s));
    }
    let directory = pages.tickets.directory(&pages.authority).await?;
    let town = Town::of(directory.authority.as_ref());
    let Some(state) = pages.tickets.states(&pages.authority, &[code]).await?.pop() else {
        clients.missed(client, now);
        let page = Page::new(language, w.unknown_title, &town);
        let page = UnknownPage { page, w, code: code.to_string(), typed: String::new(), wrong: false };
        return Ok(page::render(StatusCode::NOT_FOUND, &page));
    };
    let ticket = view::view(&state, language, &Dates::new(language, town.zone.clone(), now));
    let page = Page::new(language, ticket.headline, &town);
    Ok(page::render(StatusCode::OK, &TicketPage { page, w, ticket }))
}

async fn start_page(
    pages: &PublicPages,
    language: Language,
    status: StatusCode,
    typed: String,
) -> Result<Response, TicketError> {
    let w = language.words();
    let page = Page::new(language, w.start_title, &pages.town().await?);
    Ok(page::render(status, &StartPage { page, w, wrong: status != StatusCode::OK, typed }))
}

fn slow_down(page: Page, w: &'static Words, wait_s: i64) -> Response {
    let lead = fill(w.slow_lead, &[wait_s.to_string()]);
    let message = MessagePage {
        page,
        w,
        headline: w.slow_title,
        lead,
        with_form: false,
        typed: String::new(),
        wrong: false,
    };
    let mut response = page::render(StatusCode::TOO_MANY_REQUESTS, &message);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
    response
}

async fn nothing_here(pages: PublicPages, language: Language) -> Response {
    let w = language.words();
    match pages.town().await {
        Ok(town) => {
            let page = MessagePage {
                page: Page::new(language, w.page_missing_title, &town),
                w,
                headline: w.page_missing_title,
                lead: w.page_missing.to_owned(),
                with_form: true,
                typed: String::new(),
                wrong: false,
            };
            page::render(StatusCode::NOT_FOUND, &page)
        }
        Err(error) => trouble(language, &error),
    }
}

/// The page for everything that should not happen. It needs no database.
fn trouble(language: Language, error: &TicketError) -> Response {
    tracing::error!(%error, source = ?std::error::Error::source(error), "a public page could not be made");
    let w = language.words();
    let page = MessagePage {
        page: Page::new(language, w.trouble_title, &Town::of(None)),
        w,
        headline: w.trouble_title,
        lead: w.trouble.to_owned(),
        with_form: false,
        typed: String::new(),
        wrong: false,
    };
    page::render(StatusCode::INTERNAL_SERVER_ERROR, &page)
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    assets::file(&name, &headers)
}

async fn town_style(pages: PublicPages, headers: HeaderMap) -> Response {
    match pages.town().await {
        Ok(town) => assets::town_style(&town, &headers),
        Err(_) => assets::town_style(&Town::of(None), &headers),
    }
}
