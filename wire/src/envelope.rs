//! The envelope: a submission sealed for the central and signed by the kiosk.
//!
//! Sealing is HPKE in base mode (RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305) with the header
//! as associated data. Signing is ECDSA P-256 over header, encapsulated key and ciphertext, so that the sender
//! can be proven without opening. After sealing, the kiosk itself cannot read the words again.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use hpke::{
    Deserializable as _, OpModeR, OpModeS, Serializable as _, aead::ChaCha20Poly1305, kdf::HkdfSha256,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    keys::{DeviceKey, DevicePublicKey, OpeningKey, SealingKem, SealingKey, hex},
    submission::{Submission, SubmissionKind},
};

/// The version of the envelope's format. A change of the cipher suite changes it too.
pub const ENVELOPE_VERSION: u8 = 1;
/// The most bytes of a sealed submission's ciphertext.
pub const MAX_CIPHERTEXT_BYTES: usize = 64 * 1024;

const INFO: &[u8] = b"sportello envelope 1";

/// How far the kiosk's clock could be trusted when it wrote the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// Set from the network.
    Synchronised,
    /// From a clock chip.
    Hardware,
    /// Not known to be right.
    Guess,
}

impl ClockState {
    fn tag(self) -> u8 {
        match self {
            Self::Synchronised => 0,
            Self::Hardware => 1,
            Self::Guess => 2,
        }
    }
}

/// What everybody may see of an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Header {
    /// [`ENVELOPE_VERSION`].
    pub version: u8,
    /// To which key it is sealed.
    pub sealing_key: String,
    /// The authority's code.
    pub authority: String,
    /// The kiosk's id.
    pub device: String,
    /// The queue's epoch: a new one if the queue had to be made anew.
    pub epoch: Uuid,
    /// The place in the queue: 1, 2, 3 … without a gap within an epoch.
    pub sequence: u64,
    /// The submission's id. One id, one submission.
    pub id: Uuid,
    /// What is inside.
    pub kind: SubmissionKind,
    /// When the citizen submitted it, by the kiosk's clock.
    #[schema(value_type = String, format = DateTime)]
    pub submitted_at: Timestamp,
    /// How far that clock could be trusted.
    pub clock: ClockState,
}

impl Header {
    /// The header as bytes that cannot be read in two ways: every field with its length before it.
    fn canonical(&self) -> Vec<u8> {
        let kind = match self.kind {
            SubmissionKind::Ticket => 1_u8,
            SubmissionKind::FollowUp => 2,
        };
        let mut bytes = vec![self.version, kind, self.clock.tag()];
        bytes.extend_from_slice(self.epoch.as_bytes());
        bytes.extend_from_slice(&self.sequence.to_be_bytes());
        bytes.extend_from_slice(self.id.as_bytes());
        bytes.extend_from_slice(&self.submitted_at.as_nanosecond().to_be_bytes());
        for text in [&self.sealing_key, &self.authority, &self.device] {
            bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }
}

/// A submission sealed for the central and signed by the kiosk. The byte fields are base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Envelope {
    /// What everybody may see.
    pub header: Header,
    /// HPKE's encapsulated key.
    pub encapsulated_key: String,
    /// The sealed submission.
    pub ciphertext: String,
    /// The kiosk's signature, 64 bytes r‖s.
    pub signature: String,
}

/// Why a submission could not be sealed, or an envelope not be opened.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// The submission does not become JSON, or what was inside is not a known submission.
    #[error("the content is not a submission")]
    Content(#[source] serde_json::Error),
    /// HPKE refuses: wrong key, or something was changed.
    #[error("the envelope cannot be sealed or opened with this key")]
    Hpke,
    /// A field is not base64, or the ciphertext is too long.
    #[error("the envelope is malformed")]
    Malformed,
    /// It is not signed by this kiosk.
    #[error("the envelope's signature does not fit")]
    Signature,
    /// The header names another kind than what is inside.
    #[error("the envelope holds something else than it says")]
    Mismatch,
}

impl Envelope {
    /// Seals and signs a submission. `header.version`, `.sealing_key` and `.kind` are set from the arguments.
    pub fn seal(
        mut header: Header,
        submission: &Submission,
        to: &SealingKey,
        signer: &DeviceKey,
    ) -> Result<Self, EnvelopeError> {
        header.version = ENVELOPE_VERSION;
        to.id().clone_into(&mut header.sealing_key);
        header.kind = submission.kind();
        let plain = Zeroizing::new(serde_json::to_vec(submission).map_err(EnvelopeError::Content)?);
        let (key, ciphertext) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, SealingKem>(
            &OpModeS::Base,
            &to.public,
            INFO,
            &plain,
            &header.canonical(),
        )
        .map_err(|_| EnvelopeError::Hpke)?;
        let key = key.to_bytes();
        let signature = signer.sign(&signed_bytes(&header, &key, &ciphertext));
        Ok(Self {
            header,
            encapsulated_key: BASE64.encode(key),
            ciphertext: BASE64.encode(ciphertext),
            signature: BASE64.encode(signature),
        })
    }

    /// Checks that this kiosk signed it.
    pub fn verify(&self, signer: &DevicePublicKey) -> Result<(), EnvelopeError> {
        let (key, ciphertext) = self.parts()?;
        let signature = BASE64.decode(&self.signature).map_err(|_| EnvelopeError::Malformed)?;
        if signer.verify(&signed_bytes(&self.header, &key, &ciphertext), &signature) {
            Ok(())
        } else {
            Err(EnvelopeError::Signature)
        }
    }

    /// Opens it. [`Self::verify`] is to be called before.
    pub fn open(&self, with: &OpeningKey) -> Result<Submission, EnvelopeError> {
        let (key, ciphertext) = self.parts()?;
        let key =
            <SealingKem as hpke::Kem>::EncappedKey::from_bytes(&key).map_err(|_| EnvelopeError::Malformed)?;
        let plain = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, SealingKem>(
            &OpModeR::Base,
            &with.private,
            &key,
            INFO,
            &ciphertext,
            &self.header.canonical(),
        )
        .map(Zeroizing::new)
        .map_err(|_| EnvelopeError::Hpke)?;
        let submission: Submission = serde_json::from_slice(&plain).map_err(EnvelopeError::Content)?;
        if submission.kind() == self.header.kind { Ok(submission) } else { Err(EnvelopeError::Mismatch) }
    }

    /// The SHA-256 of header and ciphertext, hex: what the central confirms and the kiosk compares.
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(self.header.canonical());
        digest.update(self.encapsulated_key.as_bytes());
        digest.update(self.ciphertext.as_bytes());
        hex(&digest.finalize())
    }

    fn parts(&self) -> Result<(Vec<u8>, Vec<u8>), EnvelopeError> {
        if self.ciphertext.len() > MAX_CIPHERTEXT_BYTES.div_ceil(3) * 4 {
            return Err(EnvelopeError::Malformed);
        }
        let decode = |text: &str| BASE64.decode(text).map_err(|_| EnvelopeError::Malformed);
        Ok((decode(&self.encapsulated_key)?, decode(&self.ciphertext)?))
    }
}

fn signed_bytes(header: &Header, key: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    let mut bytes = header.canonical();
    bytes.extend_from_slice(&(key.len() as u64).to_be_bytes());
    bytes.extend_from_slice(key);
    bytes.extend_from_slice(ciphertext);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{code::TicketCode, submission::FollowUp};

    fn header() -> Header {
        Header {
            version: 0,
            sealing_key: String::new(),
            authority: "comune.example.it".into(),
            device: "kiosk-1".into(),
            epoch: Uuid::from_u128(1),
            sequence: 1,
            id: Uuid::from_u128(2),
            kind: SubmissionKind::Ticket,
            submitted_at: Timestamp::UNIX_EPOCH,
            clock: ClockState::Guess,
        }
    }

    fn submission() -> Submission {
        let code = TicketCode::from_random(1);
        Submission::FollowUp(FollowUp { code, words: "parole riservate".into(), language: "it".into() })
    }

    #[test]
    fn only_the_central_reads_what_was_sealed_and_everybody_sees_who_sealed_it() {
        let (device, central) = (DeviceKey::generate(), OpeningKey::generate());
        let envelope = Envelope::seal(header(), &submission(), central.public(), &device).expect("sealed");
        assert!(!serde_json::to_string(&envelope).expect("json").contains("riservate"));
        envelope.verify(&device.public()).expect("signed by the kiosk");
        assert!(envelope.verify(&DeviceKey::generate().public()).is_err());
        assert_eq!(envelope.open(&central).expect("opened"), submission());
        assert!(matches!(envelope.open(&OpeningKey::generate()), Err(EnvelopeError::Hpke)));
    }

    #[test]
    fn a_changed_header_neither_verifies_nor_opens() {
        let (device, central) = (DeviceKey::generate(), OpeningKey::generate());
        let mut envelope =
            Envelope::seal(header(), &submission(), central.public(), &device).expect("sealed");
        envelope.header.sequence = 2;
        assert!(matches!(envelope.verify(&device.public()), Err(EnvelopeError::Signature)));
        assert!(matches!(envelope.open(&central), Err(EnvelopeError::Hpke)));
    }
}
