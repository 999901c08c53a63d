//! Who asks: the address of the browser, for limits only. It is never logged.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};

/// The address of the browser that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Client(pub(super) IpAddr);

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
        Ok(client(peer, &parts.headers))
    }
}

/// A proxy on the same machine says for whom it asks, and is believed; nobody else is. Its own entry is the last.
/// Without a known peer everybody counts as one.
fn client(peer: Option<IpAddr>, headers: &HeaderMap) -> Client {
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    if !peer.is_loopback() {
        return Client(peer);
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
    let asked_for = forwarded
        .and_then(|value| value.to_str().ok())
        .and_then(|list| list.rsplit(',').next())
        .and_then(|address| address.trim().parse().ok());
    Client(asked_for.unwrap_or(peer))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_proxy_on_the_same_machine_says_for_whom_it_asks() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static("203.0.113.9, 198.51.100.4"));
        let seen = |peer: &str| client(peer.parse().ok(), &headers).0.to_string();
        assert_eq!(seen("127.0.0.1"), "198.51.100.4");
        assert_eq!(seen("192.0.2.1"), "192.0.2.1");
        assert_eq!(client("127.0.0.1".parse().ok(), &HeaderMap::new()).0.to_string(), "127.0.0.1");
    }
}
