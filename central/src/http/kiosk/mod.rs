//! The device API (`/v1`): what kiosks call. Its messages are in `sportello_wire::device`.

mod problem;
mod signed;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
};
use serde::Deserialize;
use sportello_wire::{
    catalogue::CatalogueDelta,
    device::{
        EnrolRequest, Enrolment, Heartbeat, HeartbeatAnswer, MAX_BATCH, MAX_QUERY, Outcome, Problem,
        SubmissionResult, TicketQuery,
    },
    envelope::Envelope,
    ticket::TicketState,
};
use utoipa::{
    IntoParams, Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use self::{
    problem::Refused,
    signed::{Signed, parse},
};
use super::AppState;
use crate::device::AfterCommit;

#[derive(OpenApi)]
#[openapi(
    info(title = "Sportello: device API", description = "What kiosks call."),
    security(("signature" = [])),
    modifiers(&Signature)
)]
struct Description;

/// How calls are signed.
struct Signature;

impl Modify for Signature {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let how = "Every call but the enrolment is signed: one profile of RFC 9421 (HTTP Message Signatures) over \
                   `@method`, `@path`, `@query` and `content-digest` (SHA-256), with the label `sportello`, \
                   `alg=\"ecdsa-p256-sha256\"` and the kiosk's id as `keyid`. The headers are `Content-Digest`, \
                   `Signature-Input` and `Signature`.";
        let scheme = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description("Signature", how)));
        description.components.get_or_insert_default().add_security_scheme("signature", scheme);
    }
}

/// The routes with their description.
pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(enrol))
        .routes(routes!(catalogue))
        .routes(routes!(put_submission))
        .routes(routes!(post_submissions))
        .routes(routes!(tickets))
        .routes(routes!(heartbeat))
}

/// A kiosk joins the network with a one-time code.
#[utoipa::path(post, path = "/v1/enrol", security(()), request_body = EnrolRequest,
    responses((status = 200, body = Enrolment), (status = 403, description = "`bad_code`", body = Problem)))]
async fn enrol(State(state): State<AppState>, body: Bytes) -> Result<Json<Enrolment>, Refused> {
    let request: EnrolRequest = parse(&body)?;
    let kiosk = state.devices.enrol(&request).await?;
    tracing::info!(device = kiosk.id, site = kiosk.site, fingerprint = kiosk.fingerprint, "a kiosk joined");
    Ok(Json(Enrolment {
        device: kiosk.id,
        authority: kiosk.authority,
        site: kiosk.site,
        sealing_keys: vec![state.opening_key.public().to_info()],
        fingerprint: kiosk.fingerprint,
    }))
}

/// Where to go on in the catalogue.
#[derive(Deserialize, IntoParams)]
struct CatalogueQuery {
    /// The cursor of the last answer; "" to begin.
    #[serde(default)]
    cursor: String,
}

/// What changed in the catalogue since a cursor, at most 500 changes.
#[utoipa::path(get, path = "/v1/catalogue", params(CatalogueQuery),
    responses((status = 200, body = CatalogueDelta), (status = 401, body = Problem)))]
async fn catalogue(State(state): State<AppState>, signed: Signed) -> Result<Json<CatalogueDelta>, Refused> {
    let query: CatalogueQuery = signed.query()?;
    Ok(Json(state.catalogue.delta(&signed.kiosk.authority, &query.cursor).await?))
}

/// Takes one submission. To send it again is safe: the answer is the same.
#[utoipa::path(put, path = "/v1/submissions/{id}", request_body = Envelope,
    params(("id" = Uuid, Path, description = "The submission's id, as in the envelope.")),
    responses((status = 200, body = SubmissionResult), (status = 401, body = Problem)))]
async fn put_submission(
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    signed: Signed,
) -> Result<Json<SubmissionResult>, Refused> {
    let envelope: Envelope = signed.json()?;
    if envelope.header.id != id {
        return Err(Refused::BadRequest);
    }
    Ok(Json(take(&state, &signed, &envelope).await))
}

/// Takes up to 100 submissions. One that is refused does not stop the others.
#[utoipa::path(post, path = "/v1/submissions", request_body = Vec<Envelope>,
    responses((status = 200, body = Vec<SubmissionResult>), (status = 401, body = Problem)))]
async fn post_submissions(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<Vec<SubmissionResult>>, Refused> {
    let envelopes: Vec<Envelope> = signed.json()?;
    if envelopes.len() > MAX_BATCH {
        return Err(Refused::TooLarge);
    }
    let mut results = Vec::with_capacity(envelopes.len());
    for envelope in &envelopes {
        results.push(take(&state, &signed, envelope).await);
    }
    Ok(Json(results))
}

async fn take(state: &AppState, signed: &Signed, envelope: &Envelope) -> SubmissionResult {
    let result = state.intake.take(&signed.kiosk, envelope).await;
    if matches!(result.outcome, Outcome::Created { .. })
        && let Some(ask) = &state.on_committed
        && ask(result.id) == AfterCommit::DropConnection
    {
        // The connection's task ends here without an answer; nothing else is touched and nothing is printed.
        std::panic::resume_unwind(Box::new("the answer is lost"));
    }
    result
}

/// The state of up to 100 tickets by their codes.
#[utoipa::path(post, path = "/v1/tickets", request_body = TicketQuery,
    responses((status = 200, body = Vec<TicketState>), (status = 401, body = Problem)))]
async fn tickets(State(state): State<AppState>, signed: Signed) -> Result<Json<Vec<TicketState>>, Refused> {
    let query: TicketQuery = signed.json()?;
    if query.codes.len() > MAX_QUERY {
        return Err(Refused::TooLarge);
    }
    Ok(Json(state.tickets.states(&signed.kiosk.authority, &query.codes).await?))
}

/// A kiosk says how it is.
#[utoipa::path(post, path = "/v1/heartbeat", request_body = Heartbeat,
    responses((status = 200, body = HeartbeatAnswer), (status = 401, body = Problem)))]
async fn heartbeat(State(state): State<AppState>, signed: Signed) -> Result<Json<HeartbeatAnswer>, Refused> {
    let heartbeat: Heartbeat = signed.json()?;
    let missing = state.devices.heard(&signed.kiosk, &heartbeat).await?;
    let sealing_keys = vec![state.opening_key.public().to_info()];
    Ok(Json(HeartbeatAnswer { clock: state.clock.now(), sealing_keys, missing }))
}
