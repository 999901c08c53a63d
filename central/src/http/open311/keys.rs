//! API keys: who may open tickets. A key is told once and known here only by its digest.
//!
//! A key has 160 random bits, so a plain SHA-256 is as good as a slow hash and lets it be found by an index.

use std::{fmt::Write as _, sync::Arc};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::{
    clock::Clock,
    random::{Random, RandomError},
    store::{Sql as _, Store, StoreError},
};

/// What a key begins with, so that people and secret scanners know it when they see it.
const PREFIX: &str = "sportello_";
const RANDOM_BYTES: usize = 20;

/// Why a key cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database does not play along.
    #[error("the API keys cannot be read or written")]
    Store(#[from] StoreError),
    /// There is no randomness for it.
    #[error("an API key needs randomness")]
    Random(#[from] RandomError),
}

/// A key as it is listed: never the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// SHA-256 of the key, hexadecimal; names it when it is revoked.
    pub digest: String,
    /// Whose it is.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether it is no longer valid.
    pub is_revoked: bool,
}

/// The API keys of all authorities.
#[derive(Clone)]
pub struct ApiKeys {
    store: Store,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl ApiKeys {
    /// The keys in this database.
    pub fn new(store: Store, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { store, clock, random }
    }

    /// Makes a key for `name` and returns it. It cannot be read again later.
    pub async fn create(&self, authority: &str, name: &str) -> Result<String, KeyError> {
        let mut random = [0; RANDOM_BYTES];
        self.random.fill(&mut random)?;
        let key = format!("{PREFIX}{}", hexadecimal(&random));
        let created_at_ms = self.clock.now().as_millisecond();
        let sql = "INSERT INTO api_key (authority, digest, name, created_at_ms) VALUES ($1, $2, $3, $4)";
        let digest = digest(&key);
        let digest = digest.as_str();
        self.store
            .write(|transaction| async move {
                let values = [authority.into(), digest.into(), name.into(), created_at_ms.into()];
                transaction.run(sql, values).await
            })
            .await?;
        Ok(key)
    }

    /// Makes a key invalid; false if there is no such valid key.
    pub async fn revoke(&self, authority: &str, digest: &str) -> Result<bool, KeyError> {
        let now_ms = self.clock.now().as_millisecond();
        let sql = "UPDATE api_key SET revoked_at_ms = $3 \
                   WHERE authority = $1 AND digest = $2 AND revoked_at_ms IS NULL";
        let touched = self
            .store
            .write(|transaction| async move {
                transaction.run(sql, [authority.into(), digest.into(), now_ms.into()]).await
            })
            .await?;
        Ok(touched == 1)
    }

    /// All keys of an authority, oldest first.
    pub async fn list(&self, authority: &str) -> Result<Vec<ApiKey>, KeyError> {
        let sql = "SELECT digest, name, created_at_ms, revoked_at_ms FROM api_key WHERE authority = $1 \
                   ORDER BY created_at_ms, digest";
        let rows = self.store.read().all(sql, [authority.into()]).await?;
        let key = |row: &crate::store::Row| {
            Ok(ApiKey {
                digest: row.read("digest")?,
                name: row.read("name")?,
                created_at: row.time("created_at_ms")?,
                is_revoked: row.read::<Option<i64>>("revoked_at_ms")?.is_some(),
            })
        };
        rows.iter().map(key).collect()
    }

    /// The digest of a valid key, or none.
    pub(super) async fn check(&self, authority: &str, key: &str) -> Result<Option<String>, StoreError> {
        let digest = digest(key);
        let sql = "SELECT digest FROM api_key WHERE authority = $1 AND digest = $2 AND revoked_at_ms IS NULL";
        let row = self.store.read().one(sql, [authority.into(), digest.clone().into()]).await?;
        Ok(row.map(|_| digest))
    }
}

/// SHA-256 in hexadecimal digits.
pub(super) fn digest(text: &str) -> String {
    hexadecimal(&Sha256::digest(text.as_bytes()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing into a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}
