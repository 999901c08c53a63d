//! One HTTP call to one server: the request, the whole answer, and what kept it from coming.
//!
//! It neither retries nor follows redirects, and knows nothing of what is said. Nothing of bodies or
//! addresses beyond the server's own gets into an error.

use std::{path::PathBuf, time::Duration};

use jiff::{Timestamp, fmt::rfc2822};
use ureq::{
    Agent,
    http::{HeaderMap, Request, Uri, header},
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
};

use crate::outbox::OutboxError;

/// The longest answer that is read, in bytes.
const MAX_ANSWER_BYTES: u64 = 16 * 1024 * 1024;
/// The longest redirect-free call, from the first packet to the last byte.
const CALL_TIMEOUT: Duration = Duration::from_mins(1);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How calls are made.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// The certificates that are trusted, as a PEM file; none for those of the public web.
    pub ca_file: Option<PathBuf>,
    /// How long a call may take.
    pub timeout: Duration,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self { ca_file: None, timeout: CALL_TIMEOUT }
    }
}

/// Why no calls can be made at all.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The server's address is not of the form `https://host/path`.
    #[error("{0} is not an address of the form https://host/path")]
    Address(String),
    /// The file of trusted certificates cannot be read.
    #[error("{path} cannot be read")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file of trusted certificates has none.
    #[error("{0} holds no certificate")]
    NoCertificate(PathBuf),
}

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// There was no connection: surely nothing has arrived.
    #[error("the server cannot be reached")]
    NotConnected(#[source] Box<ureq::Error>),
    /// The connection broke, or took too long: what was sent may have arrived.
    #[error("the server did not answer to the end")]
    CutOff(#[source] Box<ureq::Error>),
    /// The server answered with an error.
    #[error("the server answered {status} {problem}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// The server's own word for it, or "".
        problem: String,
        /// When to come again, if it said so.
        retry_after: Option<Duration>,
    },
    /// The server answered, but not what was asked.
    #[error("the server's answer cannot be understood")]
    NotUnderstood,
    /// What is to be said could not be read or noted on the kiosk.
    #[error("the kiosk's own disk fails")]
    Kiosk(#[source] Box<OutboxError>),
}

impl CallError {
    /// When the server said to come again.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// A server's answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) retry_after: Option<Duration>,
    /// The server's clock.
    pub(super) date: Option<Timestamp>,
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// The way to one server.
pub(super) struct Http {
    agent: Agent,
    /// `https://host:port`
    origin: String,
    /// The path under which everything lies: `/api`, or "".
    prefix: String,
}

impl Http {
    pub(super) fn new(base_url: &str, options: &HttpOptions) -> Result<Self, HttpError> {
        let bad = || HttpError::Address(base_url.to_owned());
        let uri: Uri = base_url.trim().parse().map_err(|_| bad())?;
        let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(bad());
        };
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(options.timeout))
            .timeout_connect(Some(CONNECT_TIMEOUT.min(options.timeout)))
            // A connection that went stale while idle looks like a request cut off midway.
            .max_idle_connections(0)
            .user_agent(concat!("sportello/", env!("CARGO_PKG_VERSION")));
        if is_loopback(authority.host()) {
            config = config.proxy(None);
        }
        if let Some(path) = &options.ca_file {
            config = config.tls_config(trusting(path)?);
        }
        Ok(Self {
            agent: config.build().new_agent(),
            origin: format!("{scheme}://{authority}"),
            prefix: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    /// The whole path of a call below the server's base address.
    pub(super) fn path(&self, below: &str) -> String {
        format!("{}{below}", self.prefix)
    }

    /// Makes a call; `path` is whole ([`Self::path`]), `query` without `?`.
    pub(super) fn call(
        &self,
        method: &str,
        path: &str,
        query: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer, CallError> {
        let mark = if query.is_empty() { "" } else { "?" };
        let mut request =
            Request::builder().method(method).uri(format!("{}{path}{mark}{query}", self.origin));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(body) => request.body(body).map_err(ureq::Error::Http).and_then(|call| self.agent.run(call)),
            None => request.body(()).map_err(ureq::Error::Http).and_then(|call| self.agent.run(call)),
        };
        let mut response = response.map_err(classify)?;
        let retry_after = retry_after(response.headers());
        let date = text(response.headers(), header::DATE.as_str()).and_then(http_date);
        let read = response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
        let body = read.map_err(|error| CallError::CutOff(Box::new(error)))?;
        Ok(Answer { status: response.status().as_u16(), body, retry_after, date })
    }
}

/// Whether the failure surely came before anything could have been sent. TLS may also fail midway.
fn classify(error: ureq::Error) -> CallError {
    use std::io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable};
    use ureq::{Error, Timeout};
    let before = match &error {
        Error::HostNotFound
        | Error::ConnectionFailed
        | Error::BadUri(_)
        | Error::Http(_)
        | Error::Timeout(Timeout::Resolve | Timeout::Connect) => true,
        Error::Io(error) => {
            matches!(error.kind(), ConnectionRefused | HostUnreachable | NetworkUnreachable)
        }
        _ => false,
    };
    if before { CallError::NotConnected(Box::new(error)) } else { CallError::CutOff(Box::new(error)) }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn trusting(path: &PathBuf) -> Result<TlsConfig, HttpError> {
    let pem = std::fs::read(path).map_err(|source| HttpError::CaFile { path: path.clone(), source })?;
    let certificates: Vec<Certificate<'static>> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(HttpError::NoCertificate(path.clone()));
    }
    Ok(TlsConfig::builder().root_certs(RootCerts::new_with_certs(&certificates)).build())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Reads `Retry-After`: seconds, or a moment, which is measured against the server's own clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, header::RETRY_AFTER.as_str())?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = http_date(text(headers, header::DATE.as_str())?)?;
    Duration::try_from(http_date(value)?.duration_since(now)).ok()
}

/// Reads `Sun, 22 Nov 2026 08:30:00 GMT`.
fn http_date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_when_to_come_again_in_seconds_or_by_its_own_clock() {
        let headers = |pairs: &[(&'static str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| {
                (
                    header::HeaderName::from_static(name),
                    header::HeaderValue::from_str(value).expect("a value"),
                )
            });
            retry_after(&pairs.collect())
        };
        assert_eq!(headers(&[("retry-after", " 120")]), Some(Duration::from_mins(2)));
        let date = ("date", "Sun, 22 Nov 2026 08:30:00 GMT");
        let at = |time| ("retry-after", time);
        assert_eq!(headers(&[date, at("Sun, 22 Nov 2026 08:31:30 GMT")]), Some(Duration::from_secs(90)));
        assert_eq!(headers(&[date, at("Sun, 22 Nov 2026 08:29:00 GMT")]), None);
        assert_eq!(headers(&[at("soon")]), None);
    }

    #[test]
    fn an_address_that_is_none_is_named() {
        for address in ["", "comune.example.it", "ftp://comune.example.it", "http://"] {
            assert!(matches!(Http::new(address, &HttpOptions::default()), Err(HttpError::Address(_))));
        }
        let http = Http::new("https://comune.example.it:8443/sportello/", &HttpOptions::default());
        assert_eq!(http.expect("an address").path("/v1/enrol"), "/sportello/v1/enrol");
    }
}
