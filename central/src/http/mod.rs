//! What the central serves: one folder for each surface, and what they all have in common.

pub mod kiosk;
mod layers;
pub mod open311;
pub mod page;
pub mod public;
pub mod staff;
mod state;

use axum::{Json, Router, extract::DefaultBodyLimit, middleware, routing::get};
use serde_json::json;
use sportello_wire::device::MAX_BODY_BYTES;

pub use state::AppState;

/// Everything that the central serves. Each surface adds its own routes in one line.
pub fn router(state: AppState) -> Router {
    let (kiosk, description) = kiosk::router().split_for_parts();
    Router::new()
        .merge(kiosk)
        .merge(open311::router())
        .merge(public::router())
        .merge(staff::router())
        .route("/openapi.json", get(async || Json(description)))
        .route("/health", get(health))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(layers::security_headers))
        .layer(middleware::from_fn(layers::log))
        .with_state(state)
}

async fn health(
    axum::extract::State(state): axum::extract::State<AppState>,
) -> (axum::http::StatusCode, Json<serde_json::Value>) {
    match state.store.read().ping().await {
        Ok(()) => (axum::http::StatusCode::OK, Json(json!({ "status": "ok" }))),
        Err(_) => (axum::http::StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "no database" }))),
    }
}
