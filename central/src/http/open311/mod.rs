//! Open311 GeoReport v2 at `/open311/v2/`, and its discovery file at `/open311/discovery.xml` and `.json`.
//!
//! | call | path | key |
//! | --- | --- | --- |
//! | service list | `GET services.{xml,json}` | no |
//! | service definition | `GET services/{code}.{xml,json}` | no |
//! | new request | `POST requests.{xml,json}` | `api_key` |
//! | request of a token | `GET tokens/{token}.{xml,json}` | no |
//! | requests | `GET requests.{xml,json}` | no |
//! | one request | `GET requests/{id}.{xml,json}` | no |
//!
//! **Ids.** `service_request_id` is the ticket's internal id (a UUID), not its code. Whoever has the code follows
//! the ticket and writes to it, and this list is open to everybody; a code is told once, to the sender of a
//! new request, in `service_notice`.
//!
//! **Publication.** Words written at a kiosk (or at a desk, on the telephone) are never published: of those tickets
//! only reports are listed, with category, dates, state, office and street, without the house number. A description is told only of what came
//! through Open311, without addresses and numbers that lead to a person. Questions and complaints from elsewhere are not listed.
//!
//! **Repetitions.** GeoReport knows none, so that a lost answer makes a second ticket. Here a client may send
//! `Idempotency-Key` (1 to 100 characters; a UUID is best): the same key with the same form is answered with the
//! same request, with another form refused. The key is also the request's token: `tokens/{key}` tells whether it has
//! arrived. This server gives every request its id at once and hands out no other tokens.
//!
//! **Beyond the text.** `page` and `page_size` (1,000 at most); texts in the language of `Accept-Language`; `multipart/form-data` is
//! taken as well, without files; the key may be in the query. It deliberately offers no updates, no media upload and
//! no extended states: of these there is no common form.

mod anonymous;
mod call;
mod create;
mod discovery;
mod keys;
mod post;
mod query;
mod record;
mod refusal;
mod requests;
mod services;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
};
use jiff::Timestamp;
use sportello_wire::{
    catalogue::{Authority, Entry, EntryType},
    open311::{Format, TokenAnswer, write_list, write_one},
};

pub use keys::{ApiKey, ApiKeys, KeyError};

use self::{
    call::Call,
    query::{Selection, Which},
    refusal::{Refusal, Refusals},
};
use super::AppState;
use crate::{network::Directory, store::StoreError};

/// The most bytes of a new request: every field at its longest, percent-encoded.
pub const MAX_POST_BYTES: usize = 256 * 1024;

/// The routes of this surface.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/open311/v2/{*path}", any(answer))
        .route("/open311/{file}", any(discover))
        .layer(DefaultBodyLimit::max(MAX_POST_BYTES))
}

/// What every call needs to know.
struct Caller {
    format: Format,
    language: String,
    pairs: Vec<(String, String)>,
    now: Timestamp,
}

/// What is answered: a written document, or why not.
type Answer = Result<String, Refusals>;

async fn answer(State(state): State<AppState>, path: Option<Path<String>>, request: Request) -> Response {
    let language = language(request.headers());
    let path = path.map(|Path(path)| path).unwrap_or_default();
    match Call::parse(&path) {
        Ok((call, format)) => {
            let pairs = pairs(request.uri().query());
            let caller = Caller { format, language, pairs, now: state.clock.now() };
            let document = document(&state, call, &caller, request).await;
            respond(document, format, &caller.language)
        }
        Err((refusal, format)) => respond(Err(refusal.into()), format, &language),
    }
}

async fn discover(State(state): State<AppState>, Path(file): Path<String>, request: Request) -> Response {
    let language = language(request.headers());
    let format = file.strip_prefix("discovery.").and_then(Format::from_suffix);
    let document = match format {
        None => Err(Refusal::UnknownCall.into()),
        Some(_) if !is_reading(request.method()) => Err(Refusal::WrongMethod.into()),
        Some(format) => authorities(&state)
            .await
            .map(|authorities| write_one(&discovery::discovery(&authorities, &language), format))
            .map_err(Refusals::from),
    };
    respond(document, format.unwrap_or(Format::Xml), &language)
}

async fn document(state: &AppState, call: Call, caller: &Caller, request: Request) -> Answer {
    if call == Call::Requests && request.method() == Method::POST {
        return post::create(state, caller, request).await;
    }
    if !is_reading(request.method()) {
        return Err(Refusal::WrongMethod.into());
    }
    let jurisdiction = caller.pairs.iter().find(|(name, _)| name == "jurisdiction_id");
    let authority = jurisdiction_of(state, jurisdiction.map_or("", |(_, value)| value)).await?;
    let directory = state.tickets.directory(&authority).await?;
    Ok(read(state, call, caller, &authority, &directory).await?)
}

async fn read(
    state: &AppState,
    call: Call,
    caller: &Caller,
    authority: &str,
    directory: &Directory,
) -> Result<String, Refusal> {
    let Caller { format, language, .. } = caller;
    let leaves = || services::leaves(&directory.categories);
    let selection = match call {
        Call::Services => {
            let leaves = leaves().into_iter();
            let services: Vec<_> =
                leaves.map(|leaf| services::service(leaf, &directory.categories, language)).collect();
            return Ok(write_list(&services, *format));
        }
        Call::Definition(code) => {
            let leaf = leaves().into_iter().find(|leaf| leaf.code == code).ok_or(Refusal::UnknownService)?;
            return Ok(write_one(&services::definition(leaf, language), *format));
        }
        Call::Token(token) => {
            let id =
                requests::of_token(&state.store, authority, &token).await?.ok_or(Refusal::UnknownToken)?;
            return Ok(write_list(&[TokenAnswer { service_request_id: id.to_string(), token }], *format));
        }
        Call::Request(id) => Selection { which: Which::Ids(vec![id]), offset: 0, limit: 1 },
        Call::Requests => {
            let selection = Selection::parse(&caller.pairs, caller.now, &directory.zone())?;
            return listed(state, authority, directory, &selection, caller).await;
        }
    };
    let tickets = requests::select(&state.store, authority, &selection).await?;
    let ticket = tickets.first().ok_or(Refusal::UnknownRequest)?;
    Ok(write_list(&[record::record(ticket, directory, language)], *format))
}

async fn listed(
    state: &AppState,
    authority: &str,
    directory: &Directory,
    selection: &Selection,
    caller: &Caller,
) -> Result<String, Refusal> {
    let tickets = requests::select(&state.store, authority, selection).await?;
    let records: Vec<_> =
        tickets.iter().map(|ticket| record::record(ticket, directory, &caller.language)).collect();
    Ok(write_list(&records, caller.format))
}

/// The authority that is meant. Where there is only one, it need not be named.
async fn jurisdiction_of(state: &AppState, jurisdiction_id: &str) -> Result<String, Refusal> {
    let mut authorities = state.catalogue.authorities().await?;
    match jurisdiction_id.trim() {
        "" if authorities.len() > 1 => Err(Refusal::NoJurisdiction),
        "" => authorities.pop().ok_or(Refusal::UnknownJurisdiction),
        named => authorities.into_iter().find(|code| code == named).ok_or(Refusal::UnknownJurisdiction),
    }
}

async fn authorities(state: &AppState) -> Result<Vec<Authority>, StoreError> {
    let mut authorities = Vec::new();
    for code in state.catalogue.authorities().await? {
        if let Some(Entry::Authority(authority)) =
            state.catalogue.entry(&code, EntryType::Authority, &code).await?
        {
            authorities.push(authority);
        }
    }
    Ok(authorities)
}

fn is_reading(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

/// The first language of `Accept-Language`, without its region; Italian when there is none.
fn language(headers: &HeaderMap) -> String {
    let wished =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = wished.split([',', ';', '-']).next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_tag = (2..=3).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_tag { first } else { sportello_wire::text::BASE_LANGUAGE.to_owned() }
}

fn respond(answer: Answer, format: Format, language: &str) -> Response {
    let (status, body) = match answer {
        Ok(body) => (StatusCode::OK, body),
        Err(Refusals(refusals)) => {
            let status = refusals.first().map_or(StatusCode::BAD_REQUEST, Refusal::status);
            let errors: Vec<_> = refusals.iter().map(|refusal| refusal.error(language)).collect();
            (status, write_list(&errors, format))
        }
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.content_type())),
        (header::VARY, HeaderValue::from_static("Accept-Language")),
        // What is here is public, and pages of other sites may show it.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    (status, headers, body).into_response()
}
