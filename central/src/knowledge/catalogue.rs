//! The catalogue in the database: what can be looked up, and what changed since a cursor.
//!
//! Entries are kept whole, as the wire has them. A removed entry stays as a mark, so that kiosks
//! learn of it. How files become entries is decided in `import`.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use sportello_wire::catalogue::{CatalogueDelta, Change, Entry, EntryType};

use crate::{
    random::Random,
    store::{Row, Sql as _, Store, StoreError},
};

/// The most changes in one delta.
pub const MAX_CHANGES: usize = 500;

/// What a change of the catalogue did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changed {
    /// How many entries are new or different.
    pub put: usize,
    /// How many were there already, the same.
    pub same: usize,
}

/// The catalogue.
#[derive(Clone)]
pub struct Catalogue {
    store: Store,
    random: Arc<dyn Random>,
}

impl Catalogue {
    pub(crate) fn new(store: Store, random: Arc<dyn Random>) -> Self {
        Self { store, random }
    }

    /// Puts entries into an authority's catalogue, all or none. Only real changes reach the kiosks.
    pub async fn put(&self, authority: &str, entries: &[Entry]) -> Result<Changed, StoreError> {
        let instance = &self.new_instance();
        self.store
            .write(|transaction| async move {
                let mut changed = Changed::default();
                let mut revision = lock(&transaction, authority, instance).await?;
                for entry in entries {
                    let (entry_type, key) = entry.key();
                    let json = serde_json::to_string(entry)?;
                    let sql = "INSERT INTO catalogue_entry (authority, entry_type, entry_key, json, revision, removed) \
                               VALUES ($1, $2, $3, $4, $5, 0) \
                               ON CONFLICT (authority, entry_type, entry_key) DO UPDATE \
                               SET json = excluded.json, revision = excluded.revision, removed = 0 \
                               WHERE catalogue_entry.json <> excluded.json OR catalogue_entry.removed <> 0";
                    let values =
                        [authority.into(), entry_type.as_str().into(), key.into(), json.into(), (revision + 1).into()];
                    if transaction.run(sql, values).await? == 1 {
                        revision += 1;
                        changed.put += 1;
                    } else {
                        changed.same += 1;
                    }
                }
                set_revision(&transaction, authority, revision).await?;
                Ok(changed)
            })
            .await
    }

    /// Removes an entry; false if there was none.
    pub async fn remove(
        &self,
        authority: &str,
        entry_type: EntryType,
        key: &str,
    ) -> Result<bool, StoreError> {
        let instance = &self.new_instance();
        self.store
            .write(|transaction| async move {
                let revision = lock(&transaction, authority, instance).await? + 1;
                let sql = "UPDATE catalogue_entry SET removed = 1, revision = $4 \
                           WHERE authority = $1 AND entry_type = $2 AND entry_key = $3 AND removed = 0";
                let values = [authority.into(), entry_type.as_str().into(), key.into(), revision.into()];
                let removed = transaction.run(sql, values).await? == 1;
                if removed {
                    set_revision(&transaction, authority, revision).await?;
                }
                Ok(removed)
            })
            .await
    }

    /// What changed since the cursor, at most [`MAX_CHANGES`] at once. An unknown cursor, or "", starts anew.
    pub async fn delta(&self, authority: &str, cursor: &str) -> Result<CatalogueDelta, StoreError> {
        let read = self.store.read();
        let sql = "SELECT instance, revision FROM catalogue_state WHERE authority = $1";
        let Some(state) = read.one(sql, [authority.into()]).await? else {
            return Ok(CatalogueDelta {
                cursor: String::new(),
                reset: true,
                changes: Vec::new(),
                more: false,
            });
        };
        let (instance, newest): (String, i64) = (state.read("instance")?, state.read("revision")?);
        let since = cursor
            .rsplit_once(':')
            .filter(|(of, _)| *of == instance)
            .and_then(|(_, revision)| revision.parse::<i64>().ok())
            .filter(|revision| (0..=newest).contains(revision));
        let sql = format!(
            "SELECT entry_type, entry_key, json, revision, removed FROM catalogue_entry \
             WHERE authority = $1 AND revision > $2 ORDER BY revision LIMIT {}",
            MAX_CHANGES + 1
        );
        let mut rows = read.all(&sql, [authority.into(), since.unwrap_or(0).into()]).await?;
        let more = rows.len() > MAX_CHANGES;
        rows.truncate(MAX_CHANGES);
        let reached: i64 = rows.last().map_or(Ok(newest), |row| row.read("revision"))?;
        let changes = rows.iter().map(change).collect::<Result<_, _>>()?;
        Ok(CatalogueDelta { cursor: format!("{instance}:{reached}"), reset: since.is_none(), changes, more })
    }

    /// All entries, by type and key.
    pub async fn all(&self, authority: &str) -> Result<Vec<Entry>, StoreError> {
        let sql = "SELECT json FROM catalogue_entry WHERE authority = $1 AND removed = 0 ORDER BY entry_type, entry_key";
        let rows = self.store.read().all(sql, [authority.into()]).await?;
        rows.iter().map(|row| row.json("json")).collect()
    }

    /// All entries of one type, by key.
    pub async fn entries(&self, authority: &str, entry_type: EntryType) -> Result<Vec<Entry>, StoreError> {
        entries(self.store.read(), authority, entry_type).await
    }

    /// One entry.
    pub async fn entry(
        &self,
        authority: &str,
        entry_type: EntryType,
        key: &str,
    ) -> Result<Option<Entry>, StoreError> {
        let sql = "SELECT json FROM catalogue_entry \
                   WHERE authority = $1 AND entry_type = $2 AND entry_key = $3 AND removed = 0";
        let row =
            self.store.read().one(sql, [authority.into(), entry_type.as_str().into(), key.into()]).await?;
        row.map(|row| row.json("json")).transpose()
    }

    /// The codes of all authorities that have a catalogue here.
    pub async fn authorities(&self) -> Result<Vec<String>, StoreError> {
        let rows =
            self.store.read().all("SELECT authority FROM catalogue_state ORDER BY authority", []).await?;
        rows.iter().map(|row| row.read("authority")).collect()
    }

    /// Tells this database from another one with the same name. Without randomness it is told by nothing,
    /// which only means that kiosks would not notice an exchanged database.
    fn new_instance(&self) -> String {
        let mut bytes = [0; 16];
        let _ = self.random.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid().simple().to_string()
    }
}

/// All entries of one type, by key.
pub(crate) async fn entries<C: ConnectionTrait>(
    on: &C,
    authority: &str,
    entry_type: EntryType,
) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT json FROM catalogue_entry WHERE authority = $1 AND entry_type = $2 AND removed = 0 \
               ORDER BY entry_key";
    let rows = on.all(sql, [authority.into(), entry_type.as_str().into()]).await?;
    rows.iter().map(|row| row.json("json")).collect()
}

/// Whether there is such an entry.
pub(crate) async fn exists<C: ConnectionTrait>(
    on: &C,
    authority: &str,
    entry_type: EntryType,
    key: &str,
) -> Result<bool, StoreError> {
    let sql = "SELECT 1 AS found FROM catalogue_entry \
               WHERE authority = $1 AND entry_type = $2 AND entry_key = $3 AND removed = 0";
    Ok(on.one(sql, [authority.into(), entry_type.as_str().into(), key.into()]).await?.is_some())
}

/// The area in which a street lies; none if the catalogue does not know the street.
pub(crate) async fn area_of<C: ConnectionTrait>(
    on: &C,
    authority: &str,
    street: &str,
) -> Result<Option<String>, StoreError> {
    let sql = "SELECT json FROM catalogue_entry \
               WHERE authority = $1 AND entry_type = 'street' AND entry_key = $2 AND removed = 0";
    let Some(row) = on.one(sql, [authority.into(), street.into()]).await? else { return Ok(None) };
    Ok(match row.json("json")? {
        Entry::Street(street) => Some(street.area),
        _ => None,
    })
}

/// Takes the authority's revision for this transaction alone, and returns it.
async fn lock(transaction: &DatabaseTransaction, authority: &str, instance: &str) -> Result<i64, StoreError> {
    let sql = "INSERT INTO catalogue_state (authority, instance, revision) VALUES ($1, $2, 0) \
               ON CONFLICT (authority) DO UPDATE SET revision = catalogue_state.revision RETURNING revision";
    let row = transaction.one(sql, [authority.into(), instance.into()]).await?;
    row.ok_or(StoreError::Unreadable { what: "catalogue revision" })?.read("revision")
}

async fn set_revision(
    transaction: &DatabaseTransaction,
    authority: &str,
    revision: i64,
) -> Result<(), StoreError> {
    let sql = "UPDATE catalogue_state SET revision = $2 WHERE authority = $1";
    transaction.run(sql, [authority.into(), revision.into()]).await.map(drop)
}

fn change(row: &Row) -> Result<Change, StoreError> {
    let item: Entry = row.json("json")?;
    let removed: i64 = row.read("removed")?;
    Ok(if removed == 0 {
        Change::Put { item }
    } else {
        let (entry_type, key) = item.key();
        Change::Remove { entry_type, key: key.to_owned() }
    })
}
