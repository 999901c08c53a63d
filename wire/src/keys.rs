//! The two kinds of key: a kiosk signs with ECDSA P-256, the central opens with X25519.
//!
//! P-256 because a Raspberry Pi's firmware can hold such a key (`rpi-fw-crypto`). Keys are made
//! here and turned into bytes here; where they are kept is decided by those who own the files.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use hpke::{Deserializable as _, Kem as _, Serializable as _, kem::X25519HkdfSha256};
use p256::{
    ecdsa::{
        Signature, SigningKey, VerifyingKey,
        signature::{Signer as _, Verifier as _},
    },
    elliptic_curve::Generate as _,
};
use sha2::{Digest as _, Sha256};

use crate::device::SealingKeyInfo;

pub(crate) type SealingKem = X25519HkdfSha256;
type SealingPublic = <SealingKem as hpke::Kem>::PublicKey;
type SealingPrivate = <SealingKem as hpke::Kem>::PrivateKey;

/// Why bytes are no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are no key")]
pub struct KeyError;

/// The lower-case hex digits of a SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A kiosk's private key.
pub struct DeviceKey(SigningKey);

impl DeviceKey {
    /// Makes a new key from the operating system's randomness.
    pub fn generate() -> Self {
        Self(SigningKey::generate())
    }

    /// The 32 bytes of the private scalar.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes().into()
    }

    /// Reads the 32 bytes of a private scalar.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        SigningKey::from_slice(bytes).map(Self).map_err(|_| KeyError)
    }

    /// The public key.
    pub fn public(&self) -> DevicePublicKey {
        DevicePublicKey(*self.0.verifying_key())
    }

    /// Signs with ECDSA P-256 and SHA-256; the 64 bytes r‖s.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let signature: Signature = self.0.sign(message);
        signature.to_bytes().into()
    }
}

/// A kiosk's public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DevicePublicKey(VerifyingKey);

impl DevicePublicKey {
    /// The uncompressed SEC1 point in base64, as the device API sends it.
    pub fn to_base64(&self) -> String {
        BASE64.encode(self.0.to_sec1_point(false).as_bytes())
    }

    /// Reads [`Self::to_base64`].
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        let bytes = BASE64.decode(text).map_err(|_| KeyError)?;
        VerifyingKey::from_sec1_bytes(&bytes).map(Self).map_err(|_| KeyError)
    }

    /// Whether the key made this signature (64 bytes r‖s) of the message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }

    /// Eight hex digits in two groups, to be compared on two screens.
    pub fn fingerprint(&self) -> String {
        let digest = sha256_hex(self.0.to_sec1_point(false).as_bytes()).to_uppercase();
        let group = |from: usize| digest.get(from..from + 4).unwrap_or_default().to_owned();
        format!("{}-{}", group(0), group(4))
    }
}

/// The central's private key, which opens envelopes.
pub struct OpeningKey {
    pub(crate) private: SealingPrivate,
    public: SealingKey,
}

impl OpeningKey {
    /// Makes a new key from the operating system's randomness.
    pub fn generate() -> Self {
        let (private, public) = SealingKem::gen_keypair();
        Self { private, public: SealingKey::new(public) }
    }

    /// The 32 bytes of the private key.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.private.to_bytes().into()
    }

    /// Reads the 32 bytes of a private key.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let private = SealingPrivate::from_bytes(bytes).map_err(|_| KeyError)?;
        let public = SealingKey::new(SealingKem::sk_to_pk(&private));
        Ok(Self { private, public })
    }

    /// The public key, to which kiosks seal.
    pub fn public(&self) -> &SealingKey {
        &self.public
    }
}

/// The central's public key, to which kiosks seal.
#[derive(Clone)]
pub struct SealingKey {
    pub(crate) public: SealingPublic,
    id: String,
}

impl SealingKey {
    fn new(public: SealingPublic) -> Self {
        let mut id = sha256_hex(&public.to_bytes());
        id.truncate(16);
        Self { public, id }
    }

    /// The key's id: the first 16 hex digits of its SHA-256.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// As the device API sends it.
    pub fn to_info(&self) -> SealingKeyInfo {
        SealingKeyInfo { id: self.id.clone(), public_key: BASE64.encode(self.public.to_bytes()) }
    }

    /// Reads [`Self::to_info`]. The id has to belong to the key.
    pub fn from_info(info: &SealingKeyInfo) -> Result<Self, KeyError> {
        let bytes = BASE64.decode(&info.public_key).map_err(|_| KeyError)?;
        let key = Self::new(SealingPublic::from_bytes(&bytes).map_err(|_| KeyError)?);
        if key.id == info.id { Ok(key) } else { Err(KeyError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_a_round_through_bytes() {
        let device = DeviceKey::generate();
        let same = DeviceKey::from_bytes(&device.to_bytes()).expect("bytes of a key");
        let public = DevicePublicKey::from_base64(&device.public().to_base64()).expect("a public key");
        assert!(public.verify(b"words", &same.sign(b"words")));
        assert!(!public.verify(b"other words", &same.sign(b"words")));

        let opening = OpeningKey::generate();
        let again = OpeningKey::from_bytes(&opening.to_bytes()).expect("bytes of a key");
        assert_eq!(again.public().to_info(), opening.public().to_info());
    }

    #[test]
    fn a_sealing_key_under_a_wrong_id_is_refused() {
        let mut info = OpeningKey::generate().public().to_info();
        info.id = "0".repeat(16);
        assert!(SealingKey::from_info(&info).is_err());
    }
}
