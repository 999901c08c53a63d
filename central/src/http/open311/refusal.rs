//! Why a call is refused: the HTTP status that the text demands, and a sentence for the person who waits.
//!
//! 404 for what does not exist, 403 for the key, 400 for everything else, our own faults included
//! (GeoReport v2, Errors). Those have 500 as the code in the body, so that a client can tell them and try again.
//! No sentence repeats what was sent.

use axum::http::StatusCode;
use sportello_wire::{
    open311::{Error, FormError},
    text::LocalisedText,
};

use super::{MAX_POST_BYTES, query::MAX_IDS};
use crate::{random::RandomError, store::StoreError, ticket::TicketError};

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    UnknownCall,
    UnknownFormat,
    WrongMethod,
    UnknownJurisdiction,
    NoJurisdiction,
    UnknownService,
    NoService,
    UnknownRequest,
    UnknownToken,
    NoKey,
    WrongKey,
    NoLocation,
    TooLong { field: &'static str, max_chars: usize },
    NoAnswer { attribute: String },
    WrongAnswer { attribute: String },
    WrongTime { field: &'static str },
    WrongSpan,
    WrongStatus,
    WrongPage,
    TooManyIds,
    WrongForm(FormError),
    WrongBody,
    TooMuch,
    File,
    OtherUnderSameKey,
    WrongIdempotencyKey,
    OurFault,
}

impl Refusal {
    /// The HTTP status.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::UnknownCall
            | Self::UnknownJurisdiction
            | Self::UnknownService
            | Self::UnknownRequest
            | Self::UnknownToken => StatusCode::NOT_FOUND,
            Self::NoKey | Self::WrongKey => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The error as it is written in the body.
    pub(super) fn error(&self, language: &str) -> Error {
        let code = if *self == Self::OurFault { 500 } else { self.status().as_u16().into() };
        Error { code, description: self.sentence().get(language).to_owned() }
    }

    fn sentence(&self) -> LocalisedText {
        let both = |italian: &str, english: &str| LocalisedText::both(italian, english);
        match self {
            Self::UnknownCall => both("Questo indirizzo non esiste.", "There is no such address."),
            Self::UnknownFormat => {
                both("L'indirizzo deve finire con .xml o .json.", "The address has to end in .xml or .json.")
            }
            Self::WrongMethod => both(
                "Qui si può solo leggere con GET o, per le richieste, inviare con POST.",
                "Only GET, and POST for requests, are possible here.",
            ),
            Self::UnknownJurisdiction => both(
                "L'ente indicato con jurisdiction_id non è servito qui.",
                "The jurisdiction_id is not known here.",
            ),
            Self::NoJurisdiction => {
                both("Indicare l'ente con jurisdiction_id.", "The jurisdiction_id is needed.")
            }
            Self::UnknownService => {
                both("La categoria indicata con service_code non esiste.", "The service_code is not known.")
            }
            Self::NoService => both("Indicare la categoria con service_code.", "The service_code is needed."),
            Self::UnknownRequest => both(
                "La richiesta indicata non esiste o non è pubblica.",
                "There is no such request, or it is not public.",
            ),
            Self::UnknownToken => both("Il token indicato non esiste.", "There is no such token."),
            Self::NoKey => both("Manca la chiave api_key.", "The api_key is missing."),
            Self::WrongKey => both("La chiave api_key non è valida.", "The api_key is not valid."),
            Self::NoLocation => both(
                "Indicare il luogo: lat e long, oppure address_string, oppure address_id.",
                "A location is needed: lat and long, or address_string, or address_id.",
            ),
            Self::TooLong { field, max_chars } => both(
                &format!("{field} può avere al massimo {max_chars} caratteri."),
                &format!("{field} can have at most {max_chars} characters."),
            ),
            Self::NoAnswer { attribute } => both(
                &format!("Manca la risposta alla domanda attribute[{attribute}]."),
                &format!("The answer to attribute[{attribute}] is missing."),
            ),
            Self::WrongAnswer { attribute } => both(
                &format!("La risposta alla domanda attribute[{attribute}] non è tra quelle possibili."),
                &format!("The answer to attribute[{attribute}] is not possible."),
            ),
            Self::WrongTime { field } => both(
                &format!("{field} deve essere come 2026-01-31T12:00:00Z."),
                &format!("{field} has to be like 2026-01-31T12:00:00Z."),
            ),
            Self::WrongSpan => both(
                "Tra start_date e end_date ci possono essere al massimo 90 giorni.",
                "Between start_date and end_date there can be at most 90 days.",
            ),
            Self::WrongStatus => {
                both("status può essere open o closed.", "The status can be open or closed.")
            }
            Self::WrongPage => both(
                "page e page_size devono essere numeri interi.",
                "page and page_size have to be whole numbers.",
            ),
            Self::TooManyIds => both(
                &format!("Si possono chiedere al massimo {MAX_IDS} richieste insieme."),
                &format!("At most {MAX_IDS} requests can be asked for at once."),
            ),
            Self::WrongForm(FormError::Position) => both(
                "lat e long vanno indicati insieme, in gradi e con il punto decimale.",
                "lat and long have to be given together, in degrees with a decimal point.",
            ),
            Self::WrongForm(FormError::TooManyFields) => {
                both("Il modulo ha troppi campi.", "The form has too many fields.")
            }
            Self::WrongBody => both(
                "La richiesta deve essere un modulo (application/x-www-form-urlencoded).",
                "The request has to be a form (application/x-www-form-urlencoded).",
            ),
            Self::TooMuch => both(
                &format!("La richiesta può avere al massimo {} KB.", MAX_POST_BYTES / 1024),
                &format!("The request can have at most {} KB.", MAX_POST_BYTES / 1024),
            ),
            Self::File => both(
                "Non si possono inviare file: indicare l'indirizzo dell'immagine in media_url.",
                "Files cannot be sent: give the picture's address in media_url.",
            ),
            Self::OtherUnderSameKey => both(
                "Con questa Idempotency-Key è già arrivata una richiesta diversa.",
                "A different request came with this Idempotency-Key.",
            ),
            Self::WrongIdempotencyKey => both(
                "Idempotency-Key deve avere da 1 a 100 caratteri.",
                "The Idempotency-Key has to have 1 to 100 characters.",
            ),
            Self::OurFault => both(
                "Il servizio non è al momento disponibile. Riprovare più tardi.",
                "The service is not available now. Try again later.",
            ),
        }
    }
}

impl From<FormError> for Refusal {
    fn from(error: FormError) -> Self {
        Self::WrongForm(error)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        our_fault(&error)
    }
}

impl From<TicketError> for Refusal {
    fn from(error: TicketError) -> Self {
        our_fault(&error)
    }
}

impl From<RandomError> for Refusal {
    fn from(error: RandomError) -> Self {
        our_fault(&error)
    }
}

fn our_fault(error: &(dyn std::error::Error + 'static)) -> Refusal {
    tracing::error!(error = crate::chain(error), "an Open311 call could not be answered");
    Refusal::OurFault
}

/// All that is wrong with a call. The first one's status is the answer's.
#[derive(Debug)]
pub(super) struct Refusals(pub(super) Vec<Refusal>);

impl<R: Into<Refusal>> From<R> for Refusals {
    fn from(refusal: R) -> Self {
        Self(vec![refusal.into()])
    }
}
