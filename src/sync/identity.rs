//! Who this kiosk is: its own key, and what the central told it when it was enrolled.
//!
//! Both are files in the data folder that only the owner may read. A kiosk that speaks to a foreign Open311
//! server is enrolled nowhere: it makes itself a key to seal to, and so it can also open what it sealed. A thief
//! of such a kiosk can read what had not been delivered yet; of a kiosk of our central he cannot.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use sportello_wire::{
    device::{EnrolRequest, Enrolment, SealingKeyInfo},
    keys::{DeviceKey, KeyError, OpeningKey, SealingKey},
};

use super::{
    central, files,
    http::{CallError, HttpError, HttpOptions},
};
use crate::outbox::Sealer;

const DEVICE_KEY_FILE: &str = "device.key";
const OPENING_KEY_FILE: &str = "opening.key";
const ENROLMENT_FILE: &str = "enrolment.json";

/// Why the kiosk does not know who it is.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file cannot be read or written.
    #[error("{path} cannot be read or written")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file holds something else than was written.
    #[error("{0} is damaged")]
    Damaged(PathBuf),
    /// There is an enrolment, but the key that belongs to it is gone.
    #[error("the kiosk's key is missing: enrol the kiosk again")]
    KeyMissing,
    /// The central's address is none.
    #[error("the central's address cannot be used")]
    Http(#[source] HttpError),
    /// The central did not enrol the kiosk.
    #[error("the central did not enrol the kiosk")]
    Call(#[source] CallError),
    /// The central sent no key to seal to, or one that is none.
    #[error("the central sent no usable key to seal to")]
    SealingKey(#[source] KeyError),
}

/// An enrolled kiosk.
#[derive(Clone)]
pub struct Identity {
    enrolment: Enrolment,
    sealing: SealingKey,
    key: Arc<DeviceKey>,
    folder: PathBuf,
}

impl Identity {
    /// Reads who the kiosk is; none if it was never enrolled.
    pub fn load(folder: &Path) -> Result<Option<Self>, IdentityError> {
        let path = folder.join(ENROLMENT_FILE);
        let Some(json) = read(&path)? else { return Ok(None) };
        let enrolment = serde_json::from_slice(&json).map_err(|_| IdentityError::Damaged(path))?;
        let key = load_key(folder)?.ok_or(IdentityError::KeyMissing)?;
        Self::new(enrolment, key, folder).map(Some)
    }

    /// Enrols the kiosk at the central with a one-time code, and remembers it.
    ///
    /// The kiosk's key is on the disk before anything is asked, and is kept: a code whose answer was lost is used
    /// up, and a new one enrols the same kiosk.
    pub fn enrol(
        folder: &Path,
        central_url: &str,
        options: &HttpOptions,
        code: &str,
        version: &str,
    ) -> Result<Self, IdentityError> {
        let key = device_key(folder)?;
        let request = EnrolRequest {
            code: code.trim().to_owned(),
            public_key: key.public().to_base64(),
            version: version.to_owned(),
        };
        let enrolment = central::enrol(central_url, options, &request)?;
        let identity = Self::new(enrolment, key, folder)?;
        identity.save()?;
        Ok(identity)
    }

    fn new(enrolment: Enrolment, key: DeviceKey, folder: &Path) -> Result<Self, IdentityError> {
        let sealing = first_key(&enrolment.sealing_keys)?;
        Ok(Self { enrolment, sealing, key: Arc::new(key), folder: folder.to_owned() })
    }

    /// What the central told.
    pub fn enrolment(&self) -> &Enrolment {
        &self.enrolment
    }

    /// How the outbox is to seal and sign.
    pub fn sealer(&self) -> Sealer {
        Sealer {
            authority: self.enrolment.authority.clone(),
            device: self.enrolment.device.clone(),
            to: self.sealing.clone(),
            signer: Arc::clone(&self.key),
        }
    }

    /// The kiosk's own key.
    pub(super) fn key(&self) -> &DeviceKey {
        &self.key
    }

    /// Takes the keys that the central names from now on; says whether anything changed.
    pub(super) fn renew_sealing_keys(&mut self, keys: &[SealingKeyInfo]) -> Result<bool, IdentityError> {
        if keys.is_empty() || keys == self.enrolment.sealing_keys {
            return Ok(false);
        }
        self.sealing = first_key(keys)?;
        self.enrolment.sealing_keys = keys.to_vec();
        self.save()?;
        Ok(true)
    }

    fn save(&self) -> Result<(), IdentityError> {
        let path = self.folder.join(ENROLMENT_FILE);
        let json =
            serde_json::to_vec_pretty(&self.enrolment).map_err(|_| IdentityError::Damaged(path.clone()))?;
        write(&path, &json)
    }
}

/// The keys of a kiosk that is enrolled nowhere, made when they are first asked for.
pub struct OwnKeys {
    /// Signs.
    pub device: Arc<DeviceKey>,
    /// Opens what was sealed here.
    pub opening: Arc<OpeningKey>,
}

impl OwnKeys {
    /// Reads the keys, or makes them.
    pub fn load_or_make(folder: &Path) -> Result<Self, IdentityError> {
        let device = Arc::new(device_key(folder)?);
        let path = folder.join(OPENING_KEY_FILE);
        let opening = if let Some(bytes) = read(&path)? {
            OpeningKey::from_bytes(&bytes).map_err(|_| IdentityError::Damaged(path))?
        } else {
            let key = OpeningKey::generate();
            write(&path, &key.to_bytes())?;
            key
        };
        Ok(Self { device, opening: Arc::new(opening) })
    }

    /// How the outbox is to seal and sign; `authority` is the server's jurisdiction.
    pub fn sealer(&self, authority: &str) -> Sealer {
        Sealer {
            authority: authority.to_owned(),
            device: self.device.public().fingerprint(),
            to: self.opening.public().clone(),
            signer: Arc::clone(&self.device),
        }
    }
}

fn first_key(keys: &[SealingKeyInfo]) -> Result<SealingKey, IdentityError> {
    let first = keys.first().ok_or(IdentityError::SealingKey(KeyError))?;
    SealingKey::from_info(first).map_err(IdentityError::SealingKey)
}

fn load_key(folder: &Path) -> Result<Option<DeviceKey>, IdentityError> {
    let path = folder.join(DEVICE_KEY_FILE);
    let Some(bytes) = read(&path)? else { return Ok(None) };
    DeviceKey::from_bytes(&bytes).map(Some).map_err(|_| IdentityError::Damaged(path))
}

fn device_key(folder: &Path) -> Result<DeviceKey, IdentityError> {
    if let Some(key) = load_key(folder)? {
        return Ok(key);
    }
    let key = DeviceKey::generate();
    std::fs::create_dir_all(folder)
        .map_err(|source| IdentityError::File { path: folder.to_owned(), source })?;
    write(&folder.join(DEVICE_KEY_FILE), &key.to_bytes())?;
    Ok(key)
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, IdentityError> {
    files::read(path).map_err(|source| IdentityError::File { path: path.to_owned(), source })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), IdentityError> {
    files::write_private(path, bytes).map_err(|source| IdentityError::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enrolment(keys: Vec<SealingKeyInfo>) -> Enrolment {
        Enrolment {
            device: "kiosk-1".into(),
            authority: "comune.example.it".into(),
            site: "Biblioteca".into(),
            sealing_keys: keys,
            fingerprint: "ABCD-0123".into(),
        }
    }

    #[test]
    fn a_kiosk_is_the_same_after_it_starts_again_and_only_its_owner_reads_the_files() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(Identity::load(folder.path()).expect("readable").is_none());
        let key = device_key(folder.path()).expect("a key");
        let central = OpeningKey::generate();
        let mut identity =
            Identity::new(enrolment(vec![central.public().to_info()]), key, folder.path()).expect("valid");
        identity.save().expect("saved");
        let next = OpeningKey::generate().public().to_info();
        assert!(identity.renew_sealing_keys(std::slice::from_ref(&next)).expect("saved"));
        assert!(!identity.renew_sealing_keys(&[]).expect("nothing to do"));

        let again = Identity::load(folder.path()).expect("readable").expect("enrolled");
        assert_eq!(again.sealer().to.id(), next.id);
        assert_eq!(again.key().public(), identity.key().public());
        #[cfg(unix)]
        for file in [DEVICE_KEY_FILE, ENROLMENT_FILE] {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(folder.path().join(file)).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_or_missing_key_is_named_and_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = device_key(folder.path()).expect("a key");
        let keys = vec![OpeningKey::generate().public().to_info()];
        Identity::new(enrolment(keys), key, folder.path()).expect("valid").save().expect("saved");
        std::fs::write(folder.path().join(DEVICE_KEY_FILE), b"short").expect("written");
        assert!(matches!(Identity::load(folder.path()), Err(IdentityError::Damaged(_))));
        std::fs::remove_file(folder.path().join(DEVICE_KEY_FILE)).expect("removed");
        assert!(matches!(Identity::load(folder.path()), Err(IdentityError::KeyMissing)));
    }

    #[test]
    fn a_kiosk_of_its_own_keeps_its_keys() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = OwnKeys::load_or_make(folder.path()).expect("keys");
        let again = OwnKeys::load_or_make(folder.path()).expect("keys");
        assert_eq!(first.opening.to_bytes(), again.opening.to_bytes());
        assert_eq!(first.device.to_bytes(), again.device.to_bytes());
    }
}
