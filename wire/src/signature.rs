//! Signed requests: one fixed profile of RFC 9421 (HTTP Message Signatures).
//!
//! Covered are `@method`, `@path`, `@query`, `content-digest` (RFC 9530, SHA-256), with the
//! parameters `created`, `keyid` (the kiosk's id) and `alg="ecdsa-p256-sha256"`, under the label `sportello`. Requests
//! carry no freshness window: every call is idempotent, and a kiosk's clock may be wrong.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use sha2::{Digest as _, Sha256};

use crate::keys::{DeviceKey, DevicePublicKey};

/// The headers that make a request a signed one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHeaders {
    /// The value of `Content-Digest`.
    pub content_digest: String,
    /// The value of `Signature-Input`.
    pub signature_input: String,
    /// The value of `Signature`.
    pub signature: String,
}

/// What is signed of a request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method in upper case.
    pub method: &'a str,
    /// The path, percent-encoded as sent.
    pub path: &'a str,
    /// The query without `?`, or "".
    pub query: &'a str,
    /// The whole body.
    pub body: &'a [u8],
}

/// Why a request is not taken as signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A header is missing, or not of this profile.
    #[error("the request is not signed in the expected way")]
    Malformed,
    /// The body is not what was signed.
    #[error("the request's body is not what was signed")]
    Digest,
    /// The key did not make the signature.
    #[error("the request's signature does not fit")]
    Signature,
}

/// Signs a request as `device` at `created_s` (seconds since 1970).
pub fn sign(request: Request<'_>, device: &str, key: &DeviceKey, created_s: i64) -> SignedHeaders {
    let content_digest = content_digest(request.body);
    let parameters = format!(
        "(\"@method\" \"@path\" \"@query\" \"content-digest\");created={created_s};keyid=\"{device}\";alg=\"ecdsa-p256-sha256\""
    );
    let signature = key.sign(base(request, &content_digest, &parameters).as_bytes());
    SignedHeaders {
        content_digest,
        signature_input: format!("sportello={parameters}"),
        signature: format!("sportello=:{}:", BASE64.encode(signature)),
    }
}

/// The kiosk that says it signed: `keyid` of a `Signature-Input` value. It is not verified yet.
pub fn claimed_device(signature_input: &str) -> Result<&str, SignatureError> {
    let (_, after) = signature_input.split_once(";keyid=\"").ok_or(SignatureError::Malformed)?;
    let (device, _) = after.split_once('"').ok_or(SignatureError::Malformed)?;
    Ok(device)
}

/// Checks that the request was signed in this profile by the key.
pub fn verify(
    request: Request<'_>,
    headers: &SignedHeaders,
    key: &DevicePublicKey,
) -> Result<(), SignatureError> {
    let parameters = headers.signature_input.strip_prefix("sportello=").ok_or(SignatureError::Malformed)?;
    if !parameters.starts_with("(\"@method\" \"@path\" \"@query\" \"content-digest\");created=")
        || !parameters.ends_with(";alg=\"ecdsa-p256-sha256\"")
    {
        return Err(SignatureError::Malformed);
    }
    if headers.content_digest != content_digest(request.body) {
        return Err(SignatureError::Digest);
    }
    let signature = headers
        .signature
        .strip_prefix("sportello=:")
        .and_then(|rest| rest.strip_suffix(':'))
        .and_then(|text| BASE64.decode(text).ok())
        .ok_or(SignatureError::Malformed)?;
    if key.verify(base(request, &headers.content_digest, parameters).as_bytes(), &signature) {
        Ok(())
    } else {
        Err(SignatureError::Signature)
    }
}

fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", BASE64.encode(Sha256::digest(body)))
}

/// The signature base of RFC 9421, section 2.5.
fn base(request: Request<'_>, content_digest: &str, parameters: &str) -> String {
    let Request { method, path, query, .. } = request;
    format!(
        "\"@method\": {method}\n\"@path\": {path}\n\"@query\": ?{query}\n\"content-digest\": {content_digest}\n\"@signature-params\": {parameters}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: Request<'static> =
        Request { method: "PUT", path: "/v1/submissions/1", query: "", body: b"{}" };

    #[test]
    fn a_signed_request_is_taken_and_any_change_of_it_is_not() {
        let key = DeviceKey::generate();
        let headers = sign(REQUEST, "kiosk-1", &key, 1_700_000_000);
        assert_eq!(claimed_device(&headers.signature_input), Ok("kiosk-1"));
        assert_eq!(verify(REQUEST, &headers, &key.public()), Ok(()));
        for (changed, error) in [
            (Request { method: "POST", ..REQUEST }, SignatureError::Signature),
            (Request { path: "/v1/submissions/2", ..REQUEST }, SignatureError::Signature),
            (Request { query: "a=b", ..REQUEST }, SignatureError::Signature),
            (Request { body: b"[]", ..REQUEST }, SignatureError::Digest),
        ] {
            assert_eq!(verify(changed, &headers, &key.public()), Err(error));
        }
        let stranger = DeviceKey::generate().public();
        assert_eq!(verify(REQUEST, &headers, &stranger), Err(SignatureError::Signature));
    }

    #[test]
    fn a_signature_that_covers_less_is_not_taken() {
        let key = DeviceKey::generate();
        let mut headers = sign(REQUEST, "kiosk-1", &key, 1);
        headers.signature_input = headers.signature_input.replace(" \"@query\"", "");
        assert_eq!(verify(REQUEST, &headers, &key.public()), Err(SignatureError::Malformed));
    }
}
