//! What is done with a ticket: one form, one action, then a redirect.
//!
//! Whatever goes wrong, the page comes back as the ticket is now, with a sentence and with all that was typed.

use axum::{
    Form,
    extract::{Path, Query},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;
use sportello_wire::submission::MAX_WORDS_CHARS;

use super::{
    DeskError, StaffPages,
    desk::{Case, Typed, Where},
    sign_in::{self, Kept},
    ticket_view::standing,
    trouble,
};
use crate::{
    http::page::{Strip, language::Language, words::fill},
    people::{Person, Session},
    ticket::{Action, Actor, Ticket, TicketError, WorkflowError},
};

#[derive(Deserialize)]
pub(super) struct Work {
    #[serde(default)]
    form_token: String,
    /// The ticket's last event as the person saw it.
    #[serde(default)]
    seen: u32,
    #[serde(default)]
    action: String,
    #[serde(default)]
    words: String,
    #[serde(default)]
    office: String,
    #[serde(default)]
    note: String,
}

/// `POST /staff/tickets/{code}`
pub(super) async fn work(
    pages: StaffPages,
    language: Language,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(place): Query<Where>,
    Form(mut work): Form<Work>,
) -> Response {
    // Browsers send line ends of their own; a line is a line.
    work.words = work.words.replace("\r\n", "\n");
    let done = async {
        let Some(session) = pages.session(&headers).await? else {
            let kept = Kept { ticket: code.clone(), words: work.words };
            return Ok(sign_in::interrupted(&pages, language, &headers, kept).await);
        };
        pages.work(language, &session, &place, &code, work).await
    };
    done.await.unwrap_or_else(|error: DeskError| trouble(language, &error))
}

/// Why nothing was done, as far as a person can do something about it.
enum Refused {
    FormExpired,
    OtherOffice,
    NoWords,
    TooManyWords,
    NoOffice,
    ChangedMeanwhile,
    NotNow,
}

impl StaffPages {
    async fn work(
        &self,
        language: Language,
        session: &Session,
        place: &Where,
        code: &str,
        work: Work,
    ) -> Result<Response, DeskError> {
        let Some((ticket, _)) = self.case(code).await? else {
            return self.missing(language, session, place).await;
        };
        let refused = match self.attempt(session, &ticket, &work).await? {
            Ok(()) => {
                let address = place.address(&ticket.opened.ticket.code, &work.action);
                return Ok(Redirect::to(&address).into_response());
            }
            Err(refused) => refused,
        };
        // It is read again, since it may be another than before.
        let Some((ticket, events)) = self.case(code).await? else {
            return self.missing(language, session, place).await;
        };
        let (status, strip) = self.explain(&refused, &ticket, language).await?;
        let passing = work.action == "pass_on";
        let typed = Typed { words: work.words, office: work.office, note: work.note, passing };
        let case = Case { ticket: &ticket, events: &events };
        self.show(language, session, place, Some(case), status, Some(strip), typed).await
    }

    async fn attempt(
        &self,
        session: &Session,
        ticket: &Ticket,
        work: &Work,
    ) -> Result<Result<(), Refused>, DeskError> {
        if !session.sent(&work.form_token) {
            return Ok(Err(Refused::FormExpired));
        }
        // The version is compared first: what it says is the reason for everything that follows from a change.
        if work.seen != ticket.last_sequence {
            return Ok(Err(Refused::ChangedMeanwhile));
        }
        let person = &session.person;
        if !person.may_work_for(ticket.office.as_deref().unwrap_or_default()) {
            return Ok(Err(Refused::OtherOffice));
        }
        let actions = match actions(ticket, work, person) {
            Ok(actions) => actions,
            Err(refused) => return Ok(Err(refused)),
        };
        let actor = Actor::Staff(person.login.clone());
        match self.tickets.act_on_seen(&self.authority, ticket.id, work.seen, &actor, &actions).await {
            Ok(_) => Ok(Ok(())),
            Err(TicketError::ChangedMeanwhile) => Ok(Err(Refused::ChangedMeanwhile)),
            Err(TicketError::UnknownOffice | TicketError::Workflow(WorkflowError::SameOffice)) => {
                Ok(Err(Refused::NoOffice))
            }
            Err(TicketError::Workflow(WorkflowError::NoWords)) => Ok(Err(Refused::NoWords)),
            Err(TicketError::Workflow(WorkflowError::TooManyWords)) => Ok(Err(Refused::TooManyWords)),
            Err(TicketError::Workflow(_)) => Ok(Err(Refused::NotNow)),
            Err(error) => Err(error.into()),
        }
    }

    async fn explain(
        &self,
        refused: &Refused,
        ticket: &Ticket,
        language: Language,
    ) -> Result<(StatusCode, Strip), DeskError> {
        let w = language.words();
        Ok(match refused {
            Refused::FormExpired => (StatusCode::FORBIDDEN, Strip::notice(w.form_expired)),
            Refused::OtherOffice => {
                let directory = self.tickets.directory(&self.authority).await?;
                let office = directory.handler(ticket.office.as_deref().unwrap_or_default());
                let words = fill(w.not_your_office, &[office.name.get(language.tag())]);
                (StatusCode::FORBIDDEN, Strip::problem(words))
            }
            Refused::NoWords => (StatusCode::UNPROCESSABLE_ENTITY, Strip::problem(w.words_missing)),
            Refused::TooManyWords => {
                let words = fill(w.words_too_long, &[MAX_WORDS_CHARS.to_string()]);
                (StatusCode::UNPROCESSABLE_ENTITY, Strip::problem(words))
            }
            Refused::NoOffice => (StatusCode::UNPROCESSABLE_ENTITY, Strip::problem(w.office_missing)),
            Refused::ChangedMeanwhile => (StatusCode::CONFLICT, Strip::notice(w.changed_meanwhile)),
            Refused::NotNow => {
                let (state, _, _) = standing(ticket.status, w);
                (StatusCode::CONFLICT, Strip::problem(fill(w.not_in_this_state, &[state])))
            }
        })
    }
}

/// What is to be done, in order. Answering a ticket that nobody has takes it on first.
fn actions(ticket: &Ticket, work: &Work, person: &Person) -> Result<Vec<Action>, Refused> {
    let words = || work.words.trim().to_owned();
    let take = || Action::Take { by: person.login.clone(), office: office_of(ticket, person) };
    let action = match work.action.as_str() {
        "take" => return Ok(vec![take()]),
        "pass_on" if work.office.is_empty() => return Err(Refused::NoOffice),
        "pass_on" => {
            return Ok(vec![Action::PassOn { to: work.office.clone(), note: work.note.trim().to_owned() }]);
        }
        "reopen" => return Ok(vec![Action::Reopen { reason: words() }]),
        "answer" => Action::Answer { words: words() },
        "ask" => Action::Ask { words: words() },
        "resolve" => Action::Resolve { words: words() },
        _ => return Err(Refused::NotNow),
    };
    Ok(if ticket.taken_by.is_none() { vec![take(), action] } else { vec![action] })
}

/// A ticket stays with the office that has it, even when an administrator takes it.
fn office_of(ticket: &Ticket, person: &Person) -> String {
    ticket.office.clone().unwrap_or_else(|| person.office.clone())
}
