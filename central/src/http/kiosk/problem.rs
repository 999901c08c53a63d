//! Why a whole call of the device API is refused, as status and as one stable word.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use sportello_wire::device::Problem;

use crate::{device::EnrolError, store::StoreError, ticket::TicketError};

/// How long a kiosk should wait when the central cannot work.
const RETRY_AFTER_S: &str = "30";

/// Why a whole call is refused.
#[derive(Debug)]
pub(super) enum Refused {
    UnknownDevice,
    Revoked,
    BadSignature,
    BadCode,
    TooLarge,
    BadRequest,
    Unavailable,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, problem) = match self {
            Self::UnknownDevice => (StatusCode::UNAUTHORIZED, "unknown_device"),
            Self::Revoked => (StatusCode::FORBIDDEN, "revoked"),
            Self::BadSignature => (StatusCode::UNAUTHORIZED, "bad_signature"),
            Self::BadCode => (StatusCode::FORBIDDEN, "bad_code"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::BadRequest => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        };
        let mut response = (status, Json(Problem { problem: problem.to_owned() })).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, header::HeaderValue::from_static(RETRY_AFTER_S));
        }
        response
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = crate::chain(&error), "a kiosk's call failed");
        Self::Unavailable
    }
}

impl From<TicketError> for Refused {
    fn from(error: TicketError) -> Self {
        tracing::error!(error = crate::chain(&error), "a kiosk's call failed");
        Self::Unavailable
    }
}

impl From<EnrolError> for Refused {
    fn from(error: EnrolError) -> Self {
        match error {
            EnrolError::Code => Self::BadCode,
            EnrolError::PublicKey => Self::BadRequest,
            EnrolError::Random(_) => Self::Unavailable,
            EnrolError::Store(error) => error.into(),
        }
    }
}
