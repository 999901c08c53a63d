//! What a kiosk remembers of a ticket, so that it can be followed without the network.
//!
//! A record is sealed under a key made from its ticket code, and filed under a name made from it: who has the
//! code reads the record, and a stolen disk without codes tells neither which tickets there are nor what the
//! offices answered. The code itself is written nowhere. Making the key is slow on purpose, so that trying
//! all 2⁶⁰ codes is hopeless.

use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit as _,
    aead::{Aead as _, array::Array},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sportello_wire::{code::TicketCode, submission::Kind, ticket::TicketState};
use zeroize::Zeroizing;

/// How often the code is hashed to make the key: some milliseconds on a small machine.
const STRETCH_ROUNDS: usize = 4_096;
const NONCE_BYTES: usize = 12;

/// What the kiosk knows of a ticket without asking.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownTicket {
    /// When it was submitted here, if it was.
    pub submitted_at: Option<Timestamp>,
    /// What it is, if known.
    pub kind: Option<Kind>,
    /// How many of its submissions still wait for delivery.
    pub waiting: u32,
    /// The last known state; none before the first answer.
    pub state: Option<TicketState>,
    /// When that state was learnt.
    pub state_at: Option<Timestamp>,
    /// Where a foreign Open311 server keeps it.
    pub remote: Option<RemoteTicket>,
}

/// Where a foreign Open311 server keeps a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteTicket {
    /// The code of its service there.
    pub service: String,
    /// What it is called there.
    pub reference: RemoteReference,
}

/// What a foreign Open311 server calls a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemoteReference {
    /// The server has given no number yet, only a token to ask with.
    Token(String),
    /// The server's number.
    Request(String),
    /// The server tells no number.
    Untold,
}

/// A record as it is written, inside the seal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) submitted_at: Option<Timestamp>,
    pub(super) kind: Option<Kind>,
    pub(super) state: Option<TicketState>,
    pub(super) state_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) remote: Option<RemoteTicket>,
}

/// What a ticket code opens: the name under which its record is filed, and the key that reads it.
pub(super) struct RecordKey {
    pub(super) name: [u8; 32],
    cipher: ChaCha20Poly1305,
}

impl RecordKey {
    pub(super) fn of(code: &TicketCode) -> Self {
        let label: [u8; 32] = Sha256::digest(b"sportello ticket record 1").into();
        let code = Zeroizing::new(code.compact());
        let mut root = Zeroizing::new(label);
        for _ in 0..STRETCH_ROUNDS {
            let digest = Sha256::new().chain_update(*root).chain_update(code.as_bytes());
            *root = digest.finalize().into();
        }
        let derive = |purpose: &[u8]| -> [u8; 32] {
            Sha256::new().chain_update(*root).chain_update(purpose).finalize().into()
        };
        Self { name: derive(b"name"), cipher: ChaCha20Poly1305::new(&Array(derive(b"seal"))) }
    }

    /// Seals a record; none only if it does not become JSON or the system has no randomness.
    pub(super) fn seal(&self, record: &Record) -> Option<Vec<u8>> {
        let plain = Zeroizing::new(serde_json::to_vec(record).ok()?);
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).ok()?;
        let sealed = self.cipher.encrypt(&Array(nonce), plain.as_slice()).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// Reads [`Self::seal`]; none if it is something else.
    pub(super) fn open(&self, sealed: &[u8]) -> Option<Record> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let plain = Zeroizing::new(self.cipher.decrypt(&Array(*nonce), sealed).ok()?);
        serde_json::from_slice(&plain).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_code_opens_its_record() {
        let (mine, other) = (TicketCode::from_random(1), TicketCode::from_random(2));
        let record = Record { kind: Some(Kind::Complaint), ..Record::default() };
        let sealed = RecordKey::of(&mine).seal(&record).expect("sealed");
        assert_eq!(RecordKey::of(&mine).open(&sealed), Some(record));
        assert_eq!(RecordKey::of(&other).open(&sealed), None);
        assert_ne!(RecordKey::of(&mine).name, RecordKey::of(&other).name);
        assert_eq!(RecordKey::of(&mine).open(b"short"), None);
    }
}
