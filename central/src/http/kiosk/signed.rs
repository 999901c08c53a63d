//! A request that a kiosk of the network has signed, with its whole body.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequest, Query, Request},
    http::{HeaderMap, Uri},
};
use serde::de::DeserializeOwned;
use sportello_wire::{
    device::MAX_BODY_BYTES,
    signature::{self, SignedHeaders},
};

use super::problem::Refused;
use crate::{device::Kiosk, http::AppState};

/// A request that a kiosk of the network has signed.
pub(super) struct Signed {
    /// Who signed it.
    pub(super) kiosk: Kiosk,
    uri: Uri,
    body: Bytes,
}

impl Signed {
    /// Reads the body.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        parse(&self.body)
    }

    /// Reads the query.
    pub(super) fn query<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        Query::try_from_uri(&self.uri).map(|Query(query)| query).map_err(|_| Refused::BadRequest)
    }
}

impl FromRequest<AppState> for Signed {
    type Rejection = Refused;

    async fn from_request(request: Request<Body>, state: &AppState) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let headers = signed_headers(&parts.headers).ok_or(Refused::BadSignature)?;
        let device = signature::claimed_device(&headers.signature_input)
            .map_err(|_| Refused::BadSignature)?
            .to_owned();
        let kiosk = state.devices.get(&device).await?.ok_or(Refused::UnknownDevice)?;
        let body = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| Refused::TooLarge)?;
        let signed = signature::Request {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            body: &body,
        };
        signature::verify(signed, &headers, &kiosk.public_key).map_err(|_| Refused::BadSignature)?;
        if kiosk.is_revoked {
            return Err(Refused::Revoked);
        }
        state.devices.seen(&kiosk).await?;
        Ok(Self { kiosk, uri: parts.uri, body })
    }
}

/// Reads a body of JSON.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|_| Refused::BadRequest)
}

fn signed_headers(headers: &HeaderMap) -> Option<SignedHeaders> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::to_owned);
    Some(SignedHeaders {
        content_digest: text("content-digest")?,
        signature_input: text("signature-input")?,
        signature: text("signature")?,
    })
}
