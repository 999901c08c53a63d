//! Enrolment: a kiosk joins the network with a code that works once.
//!
//! A code is ten characters of Crockford's base 32. The first three find it, the other seven (35 bits)
//! prove it and are only kept as a digest, so that wrong tries can be counted for each code.

use jiff::SignedDuration;
use sportello_wire::{
    device::EnrolRequest,
    keys::{DevicePublicKey, sha256_hex},
};

use super::kiosk::{Devices, Kiosk};
use crate::{
    random::{RandomError, base32},
    store::{FromStore, Sql as _, StoreError},
};

/// How long a code works.
pub const CODE_LIFETIME_MINUTES: i64 = 15;
/// After how many wrong tries a code works no more.
pub const MAX_FAILURES: i64 = 5;
const CODE_CHARS: usize = 10;
const SELECTOR_CHARS: usize = 3;
const ID_CHARS: usize = 12;
const MAX_VERSION_CHARS: usize = 40;

/// A code for the staff to carry to the kiosk.
#[derive(Debug, Clone)]
pub struct EnrolCode {
    /// The ten characters, in two groups: `7K2M4-9QXTR`.
    pub code: String,
    /// Until when it works.
    pub expires_at: jiff::Timestamp,
}

/// Why a kiosk does not join.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The code is wrong, used, too old, or was tried too often. Which one is not told.
    #[error("the code does not work")]
    Code,
    /// What was sent as public key is none.
    #[error("the public key is none")]
    PublicKey,
    /// No randomness.
    #[error("no code can be made")]
    Random(#[from] RandomError),
    /// The database does not play along.
    #[error("the kiosk cannot be kept")]
    Store(#[from] StoreError),
}

impl FromStore for EnrolError {
    fn store_error(&self) -> Option<&StoreError> {
        if let Self::Store(error) = self { Some(error) } else { None }
    }
}

impl Devices {
    /// Makes a code with which one kiosk can join at this site.
    pub async fn make_code(&self, authority: &str, site: &str) -> Result<EnrolCode, EnrolError> {
        let code = base32(&*self.random, CODE_CHARS)?;
        let (selector, secret) = code.split_at(SELECTOR_CHARS);
        let expires_at = self.clock.now() + SignedDuration::from_mins(CODE_LIFETIME_MINUTES);
        // A code that happens to be found by the same characters gives way to the new one.
        let sql = "INSERT INTO enrol_code (authority, selector, digest, site, expires_at_ms, failures) \
                   VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (authority, selector) DO UPDATE \
                   SET digest = excluded.digest, site = excluded.site, \
                   expires_at_ms = excluded.expires_at_ms, failures = 0";
        let digest = &digest(authority, secret);
        self.store
            .write(|transaction| async move {
                let values = [
                    authority.into(),
                    selector.into(),
                    digest.as_str().into(),
                    site.into(),
                    expires_at.as_millisecond().into(),
                ];
                transaction.run(sql, values).await.map(drop)
            })
            .await?;
        let (first, second) = code.split_at(CODE_CHARS / 2);
        Ok(EnrolCode { code: format!("{first}-{second}"), expires_at })
    }

    /// Takes a kiosk into the network, if its code works.
    pub async fn enrol(&self, request: &EnrolRequest) -> Result<Kiosk, EnrolError> {
        let public_key =
            DevicePublicKey::from_base64(&request.public_key).map_err(|_| EnrolError::PublicKey)?;
        let code = typed(&request.code);
        let Some((selector, secret)) = code.split_at_checked(SELECTOR_CHARS) else {
            return Err(EnrolError::Code);
        };
        let id = &format!("k-{}", base32(&*self.random, ID_CHARS)?.to_lowercase());
        let now = self.clock.now();
        let version = &request.version.chars().take(MAX_VERSION_CHARS).collect::<String>();

        let joined = self
            .store
            .write(|transaction| async move {
                let Some((authority, site)) = use_code(&transaction, selector, secret, now).await? else {
                    return Ok(None);
                };
                let kiosk = Kiosk {
                    authority,
                    id: id.clone(),
                    site,
                    public_key,
                    fingerprint: public_key.fingerprint(),
                    version: version.clone(),
                    enrolled_at: now,
                    is_revoked: false,
                    last_seen: now,
                    heartbeat: None,
                };
                let sql = "INSERT INTO kiosk (authority, id, site, public_key, fingerprint, version, \
                           enrolled_at_ms, last_seen_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)";
                let values = [
                    kiosk.authority.as_str().into(),
                    kiosk.id.as_str().into(),
                    kiosk.site.as_str().into(),
                    public_key.to_base64().into(),
                    kiosk.fingerprint.as_str().into(),
                    kiosk.version.as_str().into(),
                    now.as_millisecond().into(),
                ];
                transaction.run(sql, values).await?;
                Ok::<_, StoreError>(Some(kiosk))
            })
            .await?;
        joined.ok_or(EnrolError::Code)
    }
}

/// Uses a code up and returns its authority and site; counts a wrong try.
async fn use_code(
    transaction: &sea_orm::DatabaseTransaction,
    selector: &str,
    secret: &str,
    now: jiff::Timestamp,
) -> Result<Option<(String, String)>, StoreError> {
    // Counting before comparing locks the rows, so that parallel tries cannot get more than their number.
    let sql = "UPDATE enrol_code SET failures = failures + 1 \
               WHERE selector = $1 AND failures < $2 AND expires_at_ms > $3 \
               RETURNING authority, digest, site";
    let rows =
        transaction.all(sql, [selector.into(), MAX_FAILURES.into(), now.as_millisecond().into()]).await?;
    for row in rows {
        let (authority, kept): (String, String) = (row.read("authority")?, row.read("digest")?);
        if kept == digest(&authority, secret) {
            let used = "DELETE FROM enrol_code WHERE authority = $1 AND selector = $2";
            transaction.run(used, [authority.as_str().into(), selector.into()]).await?;
            return Ok(Some((authority, row.read("site")?)));
        }
    }
    Ok(None)
}

/// The code as it was made, from what somebody typed.
fn typed(text: &str) -> String {
    let folded = text.chars().filter(|char| !matches!(char, '-' | ' ' | '.')).map(|char| {
        match char.to_ascii_uppercase() {
            'I' | 'L' => '1',
            'O' => '0',
            other => other,
        }
    });
    folded.collect()
}

fn digest(authority: &str, secret: &str) -> String {
    sha256_hex(format!("sportello enrolment\n{authority}\n{secret}").as_bytes())
}
