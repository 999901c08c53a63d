//! What goes into the outbox and what it tells.

use std::sync::Arc;

use jiff::Timestamp;
use sportello_wire::{
    code::TicketCode,
    keys::{DeviceKey, SealingKey},
    submission::SubmissionKind,
};
use uuid::Uuid;

use super::error::QuarantineReason;

/// The most envelopes that may wait: some years of one kiosk, and about 0.4 GB.
pub const MAX_WAITING: u64 = 100_000;
/// The least free space with which submissions are still taken.
const MIN_FREE_BYTES: u64 = 16 * 1024 * 1024;
/// For how many days a delivered submission's trace and a ticket's record are kept.
pub const RETENTION_DAYS: i64 = 180;

/// To whom submissions are sealed, and as whom they are signed.
#[derive(Clone)]
pub struct Sealer {
    /// The authority's code.
    pub authority: String,
    /// The kiosk's id.
    pub device: String,
    /// The key of the one who may read.
    pub to: SealingKey,
    /// The kiosk's own key.
    pub signer: Arc<DeviceKey>,
}

/// How much the outbox takes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most envelopes that may wait.
    pub max_waiting: u64,
    /// The least free space in bytes.
    pub min_free_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_waiting: MAX_WAITING, min_free_bytes: MIN_FREE_BYTES }
    }
}

/// How the outbox is opened.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How much it takes.
    pub limits: Limits,
    /// Whether a folder in memory will do (the demonstration).
    pub allow_volatile: bool,
    /// The mount table's text; none reads [`super::MOUNTS`].
    pub mounts: Option<String>,
}

/// A submission is on disk: from here on it cannot be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The submission.
    pub id: Uuid,
    /// The ticket that it makes or belongs to.
    pub code: TicketCode,
    /// Its place in the queue's epoch.
    pub sequence: u64,
    /// When it was submitted, in whole milliseconds.
    pub submitted_at: Timestamp,
}

/// An envelope that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Its place: ever growing, new after a requeue.
    pub place: i64,
    /// The submission.
    pub id: Uuid,
    /// Its place in its epoch.
    pub sequence: u64,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// The envelope's size as JSON.
    pub bytes: usize,
}

/// A submission that was not taken and waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quarantined {
    /// The submission.
    pub id: Uuid,
    /// Its place in its epoch.
    pub sequence: u64,
    /// What it is.
    pub kind: SubmissionKind,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// Why it stands here.
    pub reason: QuarantineReason,
    /// Since when.
    pub since: Timestamp,
}

/// How the queue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// How many envelopes wait.
    pub waiting: u64,
    /// How many stand in quarantine.
    pub quarantined: u64,
    /// When the oldest waiting one was submitted.
    pub oldest: Option<Timestamp>,
    /// The queue's epoch.
    pub epoch: Uuid,
    /// The last sequence number given out.
    pub last_sequence: u64,
}

/// When sending began whose end is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// The first time.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
}
