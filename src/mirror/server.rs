//! The mirror's web side: a page, the current picture, and a socket for changes and touches.
//!
//! Whoever reaches it can do what somebody before the kiosk can, and sees what is typed. So it answers only to
//! its own page (same origin, known host names), and needs a token when it listens beyond loopback.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{
        Query, State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;

use super::{
    frame::Frames,
    platform::{Input, Remote},
};

const PAGE: &str = include_str!("page.html");
const SCRIPT: &str = include_str!("page.js");
/// The most bytes of one message from a viewer.
const MAX_MESSAGE_BYTES: usize = 1024;
/// The shortest token that is taken.
pub const MIN_TOKEN_CHARS: usize = 16;

/// Where the mirror listens.
#[derive(Debug, Clone)]
pub struct MirrorConfig {
    /// The address.
    pub listen: SocketAddr,
    /// What a viewer has to know (`?token=`); needed beyond loopback.
    pub token: Option<String>,
}

/// Why the mirror cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// Somebody else listens there.
    #[error("{0} is taken by another program: let the mirror listen elsewhere (--mirror, or mirror.listen)")]
    AddressTaken(SocketAddr),
    /// The address is not this machine's, or may not be used.
    #[error("the mirror cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The address can be reached from other machines and no token is set.
    #[error("the mirror listens beyond this machine on {0} and needs a token of at least 16 characters")]
    TokenNeeded(SocketAddr),
}

/// A mirror that is being served.
#[derive(Debug)]
pub struct Mirror {
    /// Where it really listens.
    pub address: SocketAddr,
}

#[derive(Clone)]
struct Shared {
    frames: Frames,
    remote: Remote,
    token: Option<Arc<str>>,
}

/// Serves the mirror until the runtime ends.
pub async fn serve(config: MirrorConfig, frames: Frames, remote: Remote) -> Result<Mirror, MirrorError> {
    let long_enough = config.token.as_ref().is_some_and(|token| token.chars().count() >= MIN_TOKEN_CHARS);
    if !config.listen.ip().is_loopback() && !long_enough {
        return Err(MirrorError::TokenNeeded(config.listen));
    }
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AddrInUse => MirrorError::AddressTaken(config.listen),
        _ => MirrorError::Listen { address: config.listen, source },
    };
    let listener = tokio::net::TcpListener::bind(config.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let shared = Shared { frames, remote, token: config.token.map(Arc::from) };
    let router = Router::new()
        .route("/", get(page))
        .route("/mirror.js", get(script))
        .route("/screen.png", get(picture))
        .route("/socket", get(socket))
        .with_state(shared);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the mirror ended");
        }
    });
    Ok(Mirror { address })
}

#[derive(Deserialize)]
struct Access {
    token: Option<String>,
}

impl Shared {
    /// Lets in who knows the token; without a token, who names this machine (a page elsewhere cannot, even by
    /// pointing its own name at loopback) and comes from the mirror's own page.
    fn admits(&self, access: &Access, headers: &HeaderMap) -> Result<(), StatusCode> {
        let header = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
        let host = header(header::HOST).unwrap_or_default();
        if let Some(origin) = header(header::ORIGIN)
            && origin.split_once("://").map(|(_, origin_host)| origin_host) != Some(host)
        {
            return Err(StatusCode::FORBIDDEN);
        }
        let admitted = match &self.token {
            Some(token) => access.token.as_deref().is_some_and(|given| same(given, token)),
            None => is_this_machine(host),
        };
        if admitted { Ok(()) } else { Err(StatusCode::FORBIDDEN) }
    }
}

/// Compares without telling by the time taken how much fits.
fn same(given: &str, expected: &str) -> bool {
    given.len() == expected.len()
        && given.bytes().zip(expected.bytes()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

fn is_this_machine(host: &str) -> bool {
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    matches!(name.map_or(host, |(name, _)| name), "localhost" | "127.0.0.1" | "[::1]")
}

async fn page(
    State(shared): State<Shared>,
    Query(access): Query<Access>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    shared.admits(&access, &headers)?;
    let policy = "default-src 'self'; img-src 'self' blob:; style-src 'self' 'unsafe-inline'";
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Html(PAGE)).into_response())
}

async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], SCRIPT)
}

async fn picture(
    State(shared): State<Shared>,
    Query(access): Query<Access>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    shared.admits(&access, &headers)?;
    let frames = shared.frames;
    let png = tokio::task::spawn_blocking(move || frames.png()).await.ok().flatten();
    let png = png.ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "no-store")], png).into_response())
}

async fn socket(
    State(shared): State<Shared>,
    Query(access): Query<Access>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    shared.admits(&access, &headers)?;
    Ok(upgrade.max_message_size(MAX_MESSAGE_BYTES).on_upgrade(move |socket| watch(socket, shared)))
}

/// What a viewer says. `Shown` asks for the next change: a slow viewer is never flooded.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
enum Said {
    Shown,
    Press { x: f32, y: f32 },
    Move { x: f32, y: f32 },
    Release { x: f32, y: f32 },
    Key { text: String },
}

async fn watch(mut socket: WebSocket, shared: Shared) {
    let mut version = shared.frames.watch();
    let (mut seen, mut ready) = (None, true);
    loop {
        if ready {
            let frames = shared.frames.clone();
            let changed =
                tokio::task::spawn_blocking(move || frames.changed_since(seen)).await.ok().flatten();
            if let Some((now, area, png)) = changed {
                let mut bytes = Vec::with_capacity(8 + png.len());
                for value in [area.x, area.y, area.width, area.height] {
                    bytes.extend_from_slice(&u16::try_from(value).unwrap_or(u16::MAX).to_be_bytes());
                }
                bytes.extend_from_slice(&png);
                if socket.send(Message::Binary(bytes.into())).await.is_err() {
                    return;
                }
                (seen, ready) = (Some(now), false);
            }
        }
        tokio::select! {
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                    Ok(Said::Shown) => ready = true,
                    Ok(Said::Press { x, y }) => shared.remote.send(Input::Press { x, y }),
                    Ok(Said::Move { x, y }) => shared.remote.send(Input::Move { x, y }),
                    Ok(Said::Release { x, y }) => shared.remote.send(Input::Release { x, y }),
                    Ok(Said::Key { text }) => shared.remote.send(Input::Key(text)),
                    Err(_) => return,
                },
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
            newer = version.wait_for(|version| Some(*version) != seen), if ready => if newer.is_err() { return },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_this_machine() {
        for host in ["localhost:7311", "127.0.0.1:7311", "127.0.0.1", "[::1]:7311"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in
            ["", "example.org", "localhost.example.org:7311", "127.0.0.1.example.org", "10.0.0.1:7311"]
        {
            assert!(!is_this_machine(host), "{host}");
        }
    }

    #[test]
    fn a_token_fits_only_if_it_is_the_same() {
        assert!(same("abc", "abc"));
        assert!(!same("abd", "abc"));
        assert!(!same("ab", "abc"));
    }
}
