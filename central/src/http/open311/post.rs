//! `POST requests`: reads the form, checks who sends it, and opens the ticket.
//!
//! The ticket and the note that this Idempotency-Key made it come in one transaction, so that neither exists without
//! the other and two repetitions at the same time make one ticket.

use axum::{
    RequestExt as _,
    body::Bytes,
    extract::{FromRequest as _, Multipart, Request},
    http::{HeaderMap, header},
};
use sea_orm::DatabaseTransaction;
use sportello_wire::{
    catalogue::{Entry, EntryType},
    code::TicketCode,
    open311::{NewRequest, Reference, RequestAnswer, write_list},
};
use uuid::Uuid;

use super::{
    Answer, Caller, create, jurisdiction_of,
    keys::digest,
    refusal::{Refusal, Refusals},
    services,
};
use crate::{
    http::AppState,
    store::Sql as _,
    ticket::{Channel, Opening, Ticket, TicketError, open_in},
};

/// The most characters of an Idempotency-Key.
const MAX_IDEMPOTENCY_KEY_CHARS: usize = 100;

/// Opens a ticket and answers its id, or answers what was answered before.
pub(super) async fn create(state: &AppState, caller: &Caller, request: Request) -> Answer {
    let idempotency_key = idempotency_key(request.headers())?;
    let request = read(request, &caller.pairs).await?;
    let authority = jurisdiction_of(state, &request.jurisdiction_id).await?;
    let api_key = check_key(state, &authority, &request.api_key).await?;
    if request.service_code.is_empty() {
        return Err(Refusal::NoService.into());
    }
    let directory = state.tickets.directory(&authority).await?;
    let leaves = services::leaves(&directory.categories);
    let category =
        leaves.into_iter().find(|leaf| leaf.code == request.service_code).ok_or(Refusal::UnknownService)?;
    let refusals = create::check(&request, category);
    if !refusals.is_empty() {
        return Err(Refusals(refusals));
    }
    let streets = state.catalogue.entries(&authority, EntryType::Street).await?;
    let streets = streets.into_iter().filter_map(|entry| match entry {
        Entry::Street(street) => Some(street.name),
        _ => None,
    });
    let place = create::place(&request, streets);
    let post = &Post {
        authority: &authority,
        api_key,
        idempotency_key,
        form_digest: digest(&request.to_form()),
        opening: Opening {
            id: new_id(state)?,
            ticket: create::ticket(&request, category, place, new_code(state)?, &caller.language),
            channel: Channel::Open311,
            site: String::new(),
            device: None,
            submitted_at: caller.now,
            clock: None,
            channel_fields: create::channel_fields(&request, category),
        },
    };
    let ticket = match state
        .store
        .write(|transaction| async move { post.commit(&transaction, caller.now).await })
        .await
    {
        Ok(Committed::New(ticket)) => *ticket,
        Ok(Committed::Before(id)) => {
            let before = state.tickets.get(&authority, id).await?;
            before.ok_or(Refusal::OurFault)?
        }
        Ok(Committed::Other) => return Err(Refusal::OtherUnderSameKey.into()),
        Err(error) => return Err(error.into()),
    };
    let public_url = directory.authority.map(|authority| authority.public_url).unwrap_or_default();
    let answer = RequestAnswer {
        reference: Reference::Request(ticket.id.to_string()),
        service_notice: notice(&ticket, &public_url, &caller.language),
        account_id: request.account_id,
    };
    Ok(write_list(&[answer], caller.format))
}

/// A checked request on its way into the database.
struct Post<'a> {
    authority: &'a str,
    api_key: String,
    idempotency_key: Option<String>,
    form_digest: String,
    opening: Opening,
}

/// What became of a request.
enum Committed {
    /// A new ticket.
    New(Box<Ticket>),
    /// This ticket, which it had made before.
    Before(Uuid),
    /// Nothing: its Idempotency-Key belongs to another form.
    Other,
}

impl Post<'_> {
    async fn commit(
        &self,
        transaction: &DatabaseTransaction,
        now: jiff::Timestamp,
    ) -> Result<Committed, TicketError> {
        if let Some(key) = &self.idempotency_key {
            // The row comes first: it keeps a repetition that arrives at the same time waiting.
            let sql = "INSERT INTO open311_post (authority, api_key, idempotency_key, form_digest, ticket, received_at_ms) \
                       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
            let values = [
                self.authority.into(),
                self.api_key.as_str().into(),
                key.as_str().into(),
                self.form_digest.as_str().into(),
                self.opening.id.to_string().into(),
                now.as_millisecond().into(),
            ];
            if transaction.run(sql, values).await? == 0 {
                return self.before(transaction, key).await;
            }
        }
        let ticket = open_in(transaction, self.authority, &self.opening, now).await?;
        Ok(Committed::New(Box::new(ticket)))
    }

    async fn before(&self, transaction: &DatabaseTransaction, key: &str) -> Result<Committed, TicketError> {
        let sql = "SELECT form_digest, ticket FROM open311_post \
                   WHERE authority = $1 AND api_key = $2 AND idempotency_key = $3";
        let values = [self.authority.into(), self.api_key.as_str().into(), key.into()];
        let Some(row) = transaction.one(sql, values).await? else { return Ok(Committed::Other) };
        let form_digest: String = row.read("form_digest")?;
        if form_digest == self.form_digest {
            Ok(Committed::Before(row.parse("ticket")?))
        } else {
            Ok(Committed::Other)
        }
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    // The draft of the header field has it quoted; most clients send it bare.
    let key = value.to_str().map_err(|_| Refusal::WrongIdempotencyKey)?.trim().trim_matches('"');
    let is_right = !key.is_empty() && key.len() <= MAX_IDEMPOTENCY_KEY_CHARS;
    if is_right { Ok(Some(key.to_owned())) } else { Err(Refusal::WrongIdempotencyKey) }
}

/// Reads the form; what is in the query as well counts where the form does not say otherwise.
async fn read(request: Request, query: &[(String, String)]) -> Result<NewRequest, Refusal> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type =
        content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let fields = match content_type.as_str() {
        "" | "application/x-www-form-urlencoded" => {
            let body: Bytes = request.extract().await.map_err(|_| Refusal::TooMuch)?;
            form_urlencoded::parse(&body).into_owned().collect()
        }
        "multipart/form-data" => multipart(request).await?,
        _ => return Err(Refusal::WrongBody),
    };
    Ok(NewRequest::from_fields(query.iter().cloned().chain(fields))?)
}

async fn multipart(request: Request) -> Result<Vec<(String, String)>, Refusal> {
    let refuse = |error: axum::extract::multipart::MultipartError| match error.status() {
        axum::http::StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooMuch,
        _ => Refusal::WrongBody,
    };
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| Refusal::WrongBody)?;
    let mut fields = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(refuse)? {
        if part.file_name().is_some_and(|name| !name.is_empty()) {
            return Err(Refusal::File);
        }
        let name = part.name().unwrap_or_default().to_owned();
        fields.push((name, part.text().await.map_err(refuse)?));
    }
    Ok(fields)
}

async fn check_key(state: &AppState, authority: &str, key: &str) -> Result<String, Refusal> {
    if key.is_empty() {
        return Err(Refusal::NoKey);
    }
    state.api_keys.check(authority, key).await?.ok_or(Refusal::WrongKey)
}

fn new_id(state: &AppState) -> Result<Uuid, Refusal> {
    let mut bytes = [0; 16];
    state.random.fill(&mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

fn new_code(state: &AppState) -> Result<TicketCode, Refusal> {
    let mut bytes = [0; 8];
    state.random.fill(&mut bytes)?;
    Ok(TicketCode::from_random(u64::from_le_bytes(bytes)))
}

/// What the sender is told. It is the only place where the code is told.
fn notice(ticket: &Ticket, public_url: &str, language: &str) -> String {
    let (code, due_on) = (ticket.opened.ticket.code, ticket.opened.due_on);
    let due_on = due_on.strftime("%d/%m/%Y");
    let notice = sportello_wire::text::LocalisedText::both(
        format!("Codice pratica: {code}. Seguila su {public_url}/t/{code} . Risposta entro il {due_on}."),
        format!("Ticket code: {code}. Follow it at {public_url}/t/{code} . Answer by {due_on}."),
    );
    notice.get(language).to_owned()
}
