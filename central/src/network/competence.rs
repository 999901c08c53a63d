//! Which office is competent for a category in one area, where that is not the category's own office.

use sea_orm::ConnectionTrait;

use crate::store::{Sql as _, Store, StoreError};

/// A competence that depends on the area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Competence {
    /// The category's code. It holds for the categories below it, too.
    pub category: String,
    /// The area, as the catalogue's streets name it.
    pub area: String,
    /// The office's code.
    pub office: String,
}

/// The competences that depend on the area.
#[derive(Clone)]
pub struct Competences {
    store: Store,
}

impl Competences {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Sets one, in place of any other for the same category and area.
    pub async fn put(&self, authority: &str, competence: &Competence) -> Result<(), StoreError> {
        let sql = "INSERT INTO competence (authority, category, area, office) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (authority, category, area) DO UPDATE SET office = excluded.office";
        self.store
            .write(|transaction| async move {
                let Competence { category, area, office } = competence;
                let values = [authority, category, area, office].map(Into::into);
                transaction.run(sql, values).await.map(drop)
            })
            .await
    }

    /// Removes the one for this category and area.
    pub async fn remove(&self, authority: &str, category: &str, area: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM competence WHERE authority = $1 AND category = $2 AND area = $3";
        self.store
            .write(|transaction| async move {
                transaction.run(sql, [authority, category, area].map(Into::into)).await.map(drop)
            })
            .await
    }

    /// All of an authority, by category and area.
    pub async fn all(&self, authority: &str) -> Result<Vec<Competence>, StoreError> {
        read(self.store.read(), authority).await
    }
}

pub(super) async fn read<C: ConnectionTrait>(on: &C, authority: &str) -> Result<Vec<Competence>, StoreError> {
    let sql = "SELECT category, area, office FROM competence WHERE authority = $1 ORDER BY category, area";
    let rows = on.all(sql, [authority.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(Competence {
                category: row.read("category")?,
                area: row.read("area")?,
                office: row.read("office")?,
            })
        })
        .collect()
}
