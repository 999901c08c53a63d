//! A kiosk as the central sees it: it joins, signs, seals and asks over real HTTP.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sportello_wire::{
    device::{EnrolRequest, Enrolment},
    envelope::{ClockState, Envelope, Header},
    keys::{DeviceKey, SealingKey},
    signature::{Request, sign},
    submission::{Submission, SubmissionKind},
};
use ureq::{Agent, http};
use uuid::Uuid;

/// What came back: the status and the body.
pub(crate) type Answer = Result<(u16, Vec<u8>), ureq::Error>;

/// A kiosk that talks to a central.
pub(crate) struct Client {
    pub(crate) agent: Agent,
    pub(crate) base: String,
    pub(crate) enrolment: Enrolment,
    pub(crate) key: DeviceKey,
}

impl Client {
    /// Joins the network with this code.
    pub(crate) fn enrol(base: &str, code: &str) -> Self {
        let agent = Agent::config_builder().http_status_as_error(false).build().new_agent();
        let key = DeviceKey::generate();
        let public_key = key.public().to_base64();
        let request = EnrolRequest { code: code.to_owned(), public_key, version: "0.1.0".into() };
        let mut answer = agent.post(format!("{base}/v1/enrol")).send_json(&request).expect("an answer");
        let enrolment = answer.body_mut().read_json().expect("an enrolment");
        Self { agent, base: base.to_owned(), enrolment, key }
    }

    /// Seals and signs a submission.
    pub(crate) fn seal(&self, sequence: u64, submission: &Submission, to: &SealingKey) -> Envelope {
        let header = Header {
            version: 0,
            sealing_key: String::new(),
            authority: self.enrolment.authority.clone(),
            device: self.enrolment.device.clone(),
            epoch: Uuid::from_u128(1),
            sequence,
            id: Uuid::new_v4(),
            kind: SubmissionKind::Ticket,
            submitted_at: Timestamp::now(),
            clock: ClockState::Synchronised,
        };
        Envelope::seal(header, submission, to, &self.key).expect("sealed")
    }

    /// Sends a signed request.
    pub(crate) fn call(&self, method: &str, path: &str, query: &str, body: &[u8]) -> Answer {
        self.call_signed_for(method, path, query, body, body)
    }

    /// Sends `body` with the signature of another one.
    pub(crate) fn call_signed_for(
        &self,
        method: &str,
        path: &str,
        query: &str,
        body: &[u8],
        signed: &[u8],
    ) -> Answer {
        let headers = sign(
            Request { method, path, query, body: signed },
            &self.enrolment.device,
            &self.key,
            1_781_517_600,
        );
        let separator = if query.is_empty() { "" } else { "?" };
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}{separator}{query}", self.base))
            .header("content-digest", headers.content_digest)
            .header("signature-input", headers.signature_input)
            .header("signature", headers.signature)
            .body(body)
            .expect("a request");
        let mut response = self.agent.run(request)?;
        let body = response.body_mut().read_to_vec()?;
        Ok((response.status().as_u16(), body))
    }

    /// Sends a signed request that has to succeed.
    pub(crate) fn ask<T: DeserializeOwned>(&self, method: &str, path: &str, query: &str, body: &Value) -> T {
        let body = if body.is_null() { Vec::new() } else { serde_json::to_vec(body).expect("json") };
        let (status, answer) = self.call(method, path, query, &body).expect("an answer");
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
        serde_json::from_slice(&answer).expect("the expected answer")
    }

    /// The status and the word of a refusal.
    pub(crate) fn problem(answer: Answer) -> (u16, String) {
        let (status, body) = answer.expect("an answer");
        let body: Value = serde_json::from_slice(&body).expect("a problem");
        (status, body["problem"].as_str().expect("a word").to_owned())
    }
}
