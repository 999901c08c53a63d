//! The kiosks of the network: who they are, and when they were heard of last.

use std::sync::Arc;

use jiff::Timestamp;
use sportello_wire::{
    device::Heartbeat,
    keys::{DevicePublicKey, KeyError},
};
use uuid::Uuid;

use crate::{
    clock::Clock,
    random::Random,
    store::{Row, Sql as _, Store, StoreError},
};

/// How exactly it is known when a kiosk was seen last, so that not every call writes.
const SEEN_STEP_S: i64 = 60;
/// The most missing sequence numbers that are named at once.
const MAX_MISSING: usize = 100;

/// A kiosk of the network.
#[derive(Debug, Clone)]
pub struct Kiosk {
    /// The authority's code.
    pub authority: String,
    /// The kiosk's id, the key id of its signatures.
    pub id: String,
    /// Where it stands.
    pub site: String,
    /// Its public key.
    pub public_key: DevicePublicKey,
    /// The key's fingerprint.
    pub fingerprint: String,
    /// The version of its software, as far as known.
    pub version: String,
    /// When it joined.
    pub enrolled_at: Timestamp,
    /// Whether it no longer belongs to the network.
    pub is_revoked: bool,
    /// When it called last, to the minute.
    pub last_seen: Timestamp,
    /// What it said of itself last.
    pub heartbeat: Option<Heartbeat>,
}

/// All kiosks.
#[derive(Clone)]
pub struct Devices {
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
}

impl Devices {
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { store, clock, random }
    }

    /// The kiosk with this id.
    pub async fn get(&self, id: &str) -> Result<Option<Kiosk>, StoreError> {
        let sql = "SELECT * FROM kiosk WHERE id = $1";
        self.store.read().one(sql, [id.into()]).await?.map(|row| kiosk(&row)).transpose()
    }

    /// All kiosks of an authority, by site.
    pub async fn list(&self, authority: &str) -> Result<Vec<Kiosk>, StoreError> {
        let sql = "SELECT * FROM kiosk WHERE authority = $1 ORDER BY site, id";
        self.store.read().all(sql, [authority.into()]).await?.iter().map(kiosk).collect()
    }

    /// Shuts a kiosk out, from its next request on; false if there is none.
    pub async fn revoke(&self, authority: &str, id: &str) -> Result<bool, StoreError> {
        let sql =
            "UPDATE kiosk SET revoked_at_ms = $3 WHERE authority = $1 AND id = $2 AND revoked_at_ms IS NULL";
        let now_ms = self.clock.now().as_millisecond();
        self.store
            .write(|transaction| async move {
                Ok(transaction.run(sql, [authority.into(), id.into(), now_ms.into()]).await? == 1)
            })
            .await
    }

    /// Keeps that a kiosk called, to the minute.
    pub async fn seen(&self, kiosk: &Kiosk) -> Result<(), StoreError> {
        let now = self.clock.now();
        if now.duration_since(kiosk.last_seen).as_secs().abs() < SEEN_STEP_S {
            return Ok(());
        }
        let sql = "UPDATE kiosk SET last_seen_ms = $3 WHERE authority = $1 AND id = $2";
        self.store
            .write(|transaction| async move {
                let values =
                    [kiosk.authority.as_str().into(), kiosk.id.as_str().into(), now.as_millisecond().into()];
                transaction.run(sql, values).await.map(drop)
            })
            .await
    }

    /// Keeps what a kiosk says of itself, and names the submissions of its queue that never arrived.
    pub async fn heard(&self, kiosk: &Kiosk, heartbeat: &Heartbeat) -> Result<Vec<u64>, StoreError> {
        let sql = "UPDATE kiosk SET version = $3, last_seen_ms = $4, heartbeat_at_ms = $4, heartbeat = $5 \
                   WHERE authority = $1 AND id = $2";
        let (now_ms, json) = (self.clock.now().as_millisecond(), &serde_json::to_string(heartbeat)?);
        self.store
            .write(|transaction| async move {
                let values = [
                    kiosk.authority.as_str().into(),
                    kiosk.id.as_str().into(),
                    heartbeat.version.as_str().into(),
                    now_ms.into(),
                    json.as_str().into(),
                ];
                transaction.run(sql, values).await.map(drop)
            })
            .await?;
        self.missing(kiosk, heartbeat.epoch, heartbeat.last_sequence).await
    }

    /// The sequence numbers of a queue up to `last` that never arrived, at most 100.
    pub async fn missing(&self, kiosk: &Kiosk, epoch: Uuid, last: u64) -> Result<Vec<u64>, StoreError> {
        let sql = "SELECT sequence FROM submission WHERE authority = $1 AND device = $2 AND epoch = $3 \
                   UNION SELECT sequence FROM refusal WHERE authority = $1 AND device = $2 AND epoch = $3 \
                   ORDER BY sequence";
        let values = [kiosk.authority.as_str().into(), kiosk.id.as_str().into(), epoch.to_string().into()];
        let rows = self.store.read().all(sql, values).await?;
        let arrived = rows.iter().map(|row| row.number("sequence")).collect::<Result<Vec<u64>, _>>()?;
        Ok(gaps(&arrived, last))
    }
}

/// The numbers from 1 to `last` that are not in `arrived`, which is sorted; at most [`MAX_MISSING`].
fn gaps(arrived: &[u64], last: u64) -> Vec<u64> {
    let mut missing = Vec::new();
    let mut expected = 1;
    for number in arrived.iter().copied().filter(|number| *number <= last).chain([last.saturating_add(1)]) {
        let room = MAX_MISSING - missing.len();
        missing.extend((expected..number).take(room));
        expected = number.saturating_add(1);
    }
    missing
}

fn kiosk(row: &Row) -> Result<Kiosk, StoreError> {
    let public_key: String = row.read("public_key")?;
    let heartbeat: Option<String> = row.read("heartbeat")?;
    let revoked_at_ms: Option<i64> = row.read("revoked_at_ms")?;
    Ok(Kiosk {
        authority: row.read("authority")?,
        id: row.read("id")?,
        site: row.read("site")?,
        public_key: DevicePublicKey::from_base64(&public_key)
            .map_err(|KeyError| StoreError::Unreadable { what: "public key" })?,
        fingerprint: row.read("fingerprint")?,
        version: row.read("version")?,
        enrolled_at: row.time("enrolled_at_ms")?,
        is_revoked: revoked_at_ms.is_some(),
        last_seen: row.time("last_seen_ms")?,
        heartbeat: heartbeat.map(|json| serde_json::from_str(&json)).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_arrived_is_named_and_no_more_than_a_hundred() {
        assert_eq!(gaps(&[1, 2, 3], 3), Vec::<u64>::new());
        assert_eq!(gaps(&[2, 5], 6), [1, 3, 4, 6]);
        assert_eq!(gaps(&[1, 9], 2), [2]);
        assert_eq!(gaps(&[], 0), Vec::<u64>::new());
        assert_eq!(gaps(&[3], u64::MAX).len(), MAX_MISSING);
    }
}
