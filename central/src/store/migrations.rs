//! The numbered migrations, each applied once and in one transaction.
//!
//! There is no way back: a database of a later version is refused, not changed.

use sea_orm::ConnectionTrait as _;

use super::{Sql as _, Store, StoreError};

/// Name and SQL, in order; the number is the place in the list. A published one is never changed.
const MIGRATIONS: &[(&str, &str)] = &[
    ("0001_base", include_str!("migrations/0001_base.sql")),
    ("0002_open311", include_str!("migrations/0002_open311.sql")),
    ("0003_people", include_str!("migrations/0003_people.sql")),
];

pub(super) async fn apply(store: &Store) -> Result<(), StoreError> {
    let table = "CREATE TABLE IF NOT EXISTS schema_migration (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)";
    if store.read().run(table, []).await.is_err() {
        // Of two servers that make the same table at once, PostgreSQL refuses one; then it is there already.
        store.read().run(table, []).await?;
    }
    let newest =
        store.read().one("SELECT COALESCE(MAX(version), 0) AS version FROM schema_migration", []).await?;
    let newest: i64 = newest.map_or(Ok(0), |row| row.read("version"))?;
    if usize::try_from(newest).is_ok_and(|newest| newest > MIGRATIONS.len()) {
        return Err(StoreError::Later { version: newest });
    }
    for (version, (name, sql)) in (1_i64..).zip(MIGRATIONS) {
        let applied = store
            .write(|transaction| async move {
                // The row comes first: it keeps a second server that starts at the same time waiting.
                let sql_row =
                    "INSERT INTO schema_migration (version, name) VALUES ($1, $2) ON CONFLICT DO NOTHING";
                let is_new = transaction.run(sql_row, [version.into(), (*name).into()]).await? == 1;
                if is_new {
                    transaction.execute_unprepared(sql).await?;
                }
                Ok::<_, StoreError>(is_new)
            })
            .await
            .map_err(|source| StoreError::Migration { name, source: Box::new(source) })?;
        if applied {
            tracing::info!(migration = name, "the database was brought up to date");
        }
    }
    Ok(())
}
