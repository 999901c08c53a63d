//! The messages of the device API (`/v1`): enrolment, submissions, ticket states, heartbeat.
//!
//! | call | request | answer |
//! | --- | --- | --- |
//! | `POST /v1/enrol` | [`EnrolRequest`] | [`Enrolment`] |
//! | `GET /v1/catalogue?cursor=` | - | [`crate::catalogue::CatalogueDelta`] |
//! | `PUT /v1/submissions/{id}` | [`crate::envelope::Envelope`] | [`SubmissionResult`] |
//! | `POST /v1/submissions` | list of envelopes, at most [`MAX_BATCH`] | list of [`SubmissionResult`] |
//! | `POST /v1/tickets` | [`TicketQuery`] | list of [`crate::ticket::TicketState`] |
//! | `POST /v1/heartbeat` | [`Heartbeat`] | [`HeartbeatAnswer`] |
//!
//! Every call but the enrolment is signed ([`crate::signature`]). How they are sent is not decided here.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{code::TicketCode, ticket::TicketState};

/// The most envelopes in one batch.
pub const MAX_BATCH: usize = 100;
/// The most bytes of one request's body.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;
/// The most codes in one [`TicketQuery`].
pub const MAX_QUERY: usize = 100;

/// A kiosk asks to belong to the network.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnrolRequest {
    /// The one-time code that the staff was given.
    pub code: String,
    /// The kiosk's public key: P-256, SEC1 uncompressed point, base64.
    pub public_key: String,
    /// The version of the kiosk's software.
    pub version: String,
}

/// A kiosk belongs to the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Enrolment {
    /// The kiosk's id, the key id of its signatures.
    pub device: String,
    /// The authority's code.
    pub authority: String,
    /// The site where it stands: "Biblioteca".
    pub site: String,
    /// To which keys submissions may be sealed; the first is the one to use.
    pub sealing_keys: Vec<SealingKeyInfo>,
    /// The fingerprint of the kiosk's key, to be compared on both screens.
    pub fingerprint: String,
}

/// A key to which submissions are sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SealingKeyInfo {
    /// The key's id: the first 16 hex digits of its SHA-256.
    pub id: String,
    /// The X25519 public key, base64.
    pub public_key: String,
}

/// What became of one submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SubmissionResult {
    /// The submission.
    pub id: Uuid,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// It was taken now.
    Created {
        /// The SHA-256 of the envelope that was taken, hex; the kiosk forgets the envelope only if it agrees.
        digest: String,
        /// The ticket as it stands after it.
        ticket: Box<TicketState>,
    },
    /// It had been taken before, the same envelope.
    Exists {
        /// As in `Created`.
        digest: String,
        /// The ticket as it stands now.
        ticket: Box<TicketState>,
    },
    /// It can never be taken as it is. The kiosk keeps it in quarantine.
    Refused {
        /// Why, for those who look after the kiosk.
        reason: Refusal,
    },
    /// It could not be taken this time.
    TryAgain,
}

/// Why a submission can never be taken as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The envelope is signed by nobody known, or not by the sender.
    BadSignature,
    /// No key of the central opens it.
    CannotOpen,
    /// What is inside is not a submission that this central knows.
    UnknownContent,
    /// A limit is passed.
    TooLarge,
    /// Another submission has this id.
    IdTaken,
    /// The code belongs to another ticket, or to none.
    WrongCode,
}

/// Asks for the state of tickets.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TicketQuery {
    /// The codes. Unknown ones are left out of the answer.
    pub codes: Vec<TicketCode>,
}

/// A kiosk says how it is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Heartbeat {
    /// The version of its software.
    pub version: String,
    /// How many envelopes wait.
    pub waiting: u64,
    /// How many are in quarantine.
    pub quarantined: u64,
    /// The time of the oldest waiting one.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub oldest: Option<Timestamp>,
    /// The queue's epoch; changes if the queue had to be made anew.
    pub epoch: Uuid,
    /// The last sequence number given out in this epoch.
    pub last_sequence: u64,
    /// The printer in one word: `ready`, `paper_low`, `paper_out`, `cover_open`, `offline`, `fault`, `none`.
    pub printer: String,
    /// The kiosk's clock.
    #[schema(value_type = String, format = DateTime)]
    pub clock: Timestamp,
}

/// What the central says to a heartbeat.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HeartbeatAnswer {
    /// The central's clock.
    #[schema(value_type = String, format = DateTime)]
    pub clock: Timestamp,
    /// The keys to seal to from now on.
    pub sealing_keys: Vec<SealingKeyInfo>,
    /// Sequence numbers of this epoch that never arrived, at most 100.
    pub missing: Vec<u64>,
}

/// What every surface of the device API answers when it refuses a whole call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// A stable word: `unknown_device`, `revoked`, `bad_signature`, `bad_code`, `too_large`, `bad_request`, `unavailable`.
    pub problem: String,
}
