//! The two panes: the list on one side, a ticket on the other; on a phone one after the other.

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;
use sportello_wire::{
    catalogue::{Article, Entry, EntryType},
    code::TicketCode,
    ticket::ProtocolNumber,
};

use super::{
    DeskError, StaffPages, frame,
    list::{List, Shown, View},
    sign_in::Kept,
    ticket_view::{TicketView, Told},
    to_sign_in, trouble,
};
use crate::{
    http::page::{
        self, Page, Strip,
        dates::Dates,
        language::Language,
        words::{Words, fill},
    },
    people::Session,
    ticket::{Event, Ticket, fold},
};

#[derive(Template)]
#[template(path = "staff/desk.html")]
struct DeskPage {
    page: Page,
    w: &'static Words,
    form_token: String,
    list: List,
    desk: Desk,
}

#[derive(Template)]
#[template(path = "staff/trouble.html")]
pub(super) struct TroublePage {
    pub(super) page: Page,
    pub(super) w: &'static Words,
    pub(super) strip: Strip,
}

/// The pane beside the list.
#[derive(Debug, Default)]
struct Desk {
    ticket: Option<TicketView>,
    /// Whether a ticket was asked for that is not there.
    missing: bool,
    strip: Option<Strip>,
    typed: Typed,
}

/// What somebody typed into the ticket's form, so that it is still there when something goes wrong.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    pub(super) words: String,
    pub(super) office: String,
    pub(super) note: String,
    /// Whether the part for passing on is open.
    pub(super) passing: bool,
}

/// Where somebody is: which list, which page of it, and what was just done.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Where {
    #[serde(default)]
    list: Option<View>,
    #[serde(default)]
    page: u32,
    #[serde(default)]
    done: String,
    #[serde(default)]
    article: String,
}

/// One ticket that is to be shown.
pub(super) struct Case<'a> {
    pub(super) ticket: &'a Ticket,
    pub(super) events: &'a [Event],
}

/// `GET /staff/`
pub(super) async fn list(
    pages: StaffPages,
    language: Language,
    headers: HeaderMap,
    Query(place): Query<Where>,
) -> Response {
    let shown = async {
        let Some(session) = pages.session(&headers).await? else { return Ok(to_sign_in(&headers)) };
        pages.show(language, &session, &place, None, StatusCode::OK, None, Typed::default()).await
    };
    shown.await.unwrap_or_else(|error: DeskError| trouble(language, &error))
}

/// `GET /staff/tickets/{code}`
pub(super) async fn ticket(
    pages: StaffPages,
    language: Language,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(place): Query<Where>,
) -> Response {
    let shown = async {
        let Some(session) = pages.session(&headers).await? else { return Ok(to_sign_in(&headers)) };
        let Some((ticket, events)) = pages.case(&code).await? else {
            return pages.missing(language, &session, &place).await;
        };
        let typed = pages.ready_answer(&place.article, &ticket).await?;
        let strip = pages.done(&place.done, &ticket, language).await?;
        let case = Case { ticket: &ticket, events: &events };
        pages.show(language, &session, &place, Some(case), StatusCode::OK, strip, typed).await
    };
    shown.await.unwrap_or_else(|error: DeskError| trouble(language, &error))
}

#[derive(Deserialize)]
pub(super) struct Searching {
    #[serde(default)]
    form_token: String,
    #[serde(default)]
    search: String,
}

/// `POST /staff/search`: keeps the words with the session, since they may be a name and an address is no place for one.
pub(super) async fn search(
    pages: StaffPages,
    headers: HeaderMap,
    language: Language,
    Form(searching): Form<Searching>,
) -> Response {
    let found = async {
        let Some(session) = pages.session(&headers).await? else { return Ok(to_sign_in(&headers)) };
        if !session.sent(&searching.form_token) {
            return Ok(Redirect::to("/staff/").into_response());
        }
        pages.people.keep_search(&session, &searching.search).await?;
        Ok(match pages.exactly(&searching.search).await? {
            Some(code) => Redirect::to(&format!("/staff/tickets/{code}?list=found")),
            None => Redirect::to("/staff/?list=found"),
        }
        .into_response())
    };
    found.await.unwrap_or_else(|error: DeskError| trouble(language, &error))
}

/// Shows a ticket with what had been written before the session ended.
pub(super) async fn restored(
    pages: &StaffPages,
    language: Language,
    session: &Session,
    kept: Kept,
) -> Result<Response, DeskError> {
    let place = Where::default();
    let Some((ticket, events)) = pages.case(&kept.ticket).await? else {
        return pages.missing(language, session, &place).await;
    };
    let strip = Some(Strip::notice(language.words().form_expired));
    let typed = Typed { words: kept.words, ..Typed::default() };
    let case = Case { ticket: &ticket, events: &events };
    pages.show(language, session, &place, Some(case), StatusCode::OK, strip, typed).await
}

impl StaffPages {
    /// The ticket with this code, however it is written, with all that happened to it.
    pub(super) async fn case(&self, code: &str) -> Result<Option<(Ticket, Vec<Event>)>, DeskError> {
        let Ok(code) = code.parse::<TicketCode>() else { return Ok(None) };
        let Some(id) = self.tickets.find(&self.authority, &code).await? else { return Ok(None) };
        let events = self.tickets.history(&self.authority, id).await?;
        let ticket = fold(&events).map_err(crate::ticket::TicketError::from)?;
        Ok(Some((ticket, events)))
    }

    /// Renders both panes.
    #[allow(clippy::too_many_arguments, reason = "each is one thing that the page shows")]
    pub(super) async fn show(
        &self,
        language: Language,
        session: &Session,
        place: &Where,
        case: Option<Case<'_>>,
        status: StatusCode,
        strip: Option<Strip>,
        typed: Typed,
    ) -> Result<Response, DeskError> {
        let desk = Desk { strip, typed, ..Desk::default() };
        self.panes(language, session, place, case, status, desk).await
    }

    /// Says that there is no such ticket.
    pub(super) async fn missing(
        &self,
        language: Language,
        session: &Session,
        place: &Where,
    ) -> Result<Response, DeskError> {
        let desk = Desk { missing: true, ..Desk::default() };
        self.panes(language, session, place, None, StatusCode::NOT_FOUND, desk).await
    }

    async fn panes(
        &self,
        language: Language,
        session: &Session,
        place: &Where,
        case: Option<Case<'_>>,
        status: StatusCode,
        mut desk: Desk,
    ) -> Result<Response, DeskError> {
        let w = language.words();
        let directory = self.tickets.directory(&self.authority).await?;
        let names = self.people.names().await?;
        let dates = Dates::new(language, directory.zone(), self.clock.now());
        let shown = Shown {
            view: place.list,
            page: place.page,
            current: case.as_ref().map(|case| case.ticket.opened.ticket.code),
            session,
            language,
            directory: &directory,
            names: &names,
            dates: &dates,
        };
        let list = self.list_of(&shown).await?;
        if let Some(Case { ticket, events }) = case {
            let articles = self.articles().await?;
            let told = Told {
                ticket,
                events,
                articles: &articles,
                directory: &directory,
                names: &names,
                person: &session.person,
                language,
                dates: &dates,
            };
            desk.ticket = Some(told.view());
        }
        let title = desk.ticket.as_ref().map_or(w.tickets, |ticket| ticket.title.as_str()).to_owned();
        let mut page = frame(language, title, &directory, session);
        page.switch = format!("?list={}&lang={}", list.key, w.other_language_tag);
        let page = DeskPage { page, w, form_token: session.form_token.clone(), list, desk };
        Ok(page::render(status, &page))
    }

    async fn articles(&self) -> Result<Vec<Article>, DeskError> {
        let entries = self.catalogue.entries(&self.authority, EntryType::Article).await?;
        Ok(entries
            .into_iter()
            .filter_map(|entry| match entry {
                Entry::Article(article) => Some(article),
                _ => None,
            })
            .collect())
    }

    /// The text of the article that was chosen, for a browser without JavaScript.
    async fn ready_answer(&self, article: &str, ticket: &Ticket) -> Result<Typed, DeskError> {
        if article.is_empty() {
            return Ok(Typed::default());
        }
        let words = match self.catalogue.entry(&self.authority, EntryType::Article, article).await? {
            Some(Entry::Article(article)) => article.summary.get(&ticket.opened.ticket.language).to_owned(),
            _ => String::new(),
        };
        Ok(Typed { words, ..Typed::default() })
    }

    /// The sentence after something was done.
    async fn done(
        &self,
        done: &str,
        ticket: &Ticket,
        language: Language,
    ) -> Result<Option<Strip>, DeskError> {
        let w = language.words();
        let words = match done {
            "take" => w.done_taken.to_owned(),
            "answer" => w.done_answered.to_owned(),
            "ask" => w.done_asked.to_owned(),
            "resolve" => w.done_resolved.to_owned(),
            "reopen" => w.done_reopened.to_owned(),
            "pass_on" => {
                let directory = self.tickets.directory(&self.authority).await?;
                let office = directory.handler(ticket.office.as_deref().unwrap_or_default());
                fill(w.done_passed, &[office.name.get(language.tag())])
            }
            _ => return Ok(None),
        };
        Ok(Some(Strip::good(words)))
    }

    /// The ticket that a search names exactly, by its code or its protocol number.
    async fn exactly(&self, search: &str) -> Result<Option<TicketCode>, DeskError> {
        let search = search.trim();
        if let Ok(code) = search.parse::<TicketCode>() {
            return Ok(self.tickets.find(&self.authority, &code).await?.map(|_| code));
        }
        let Some((number, year)) = search.split_once('/') else { return Ok(None) };
        let (Ok(number), Ok(year)) = (number.trim().parse(), year.trim().parse()) else { return Ok(None) };
        let number = ProtocolNumber { year, number };
        let Some(id) = self.tickets.find_by_number(&self.authority, number).await? else { return Ok(None) };
        Ok(self.tickets.get(&self.authority, id).await?.map(|ticket| ticket.opened.ticket.code))
    }
}

impl Where {
    /// The address of a ticket in the same list.
    pub(super) fn address(&self, code: &TicketCode, done: &str) -> String {
        let list = self.list.unwrap_or(View::Office).key();
        format!("/staff/tickets/{code}?list={list}&done={done}")
    }
}
