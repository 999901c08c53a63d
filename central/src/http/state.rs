//! What every handler has at hand. Clones are cheap.

use std::sync::Arc;

use sportello_wire::keys::OpeningKey;

use super::open311::ApiKeys;
use crate::{
    clock::Clock,
    device::{Devices, Intake, OnCommitted},
    knowledge::catalogue::Catalogue,
    network::Competences,
    people::People,
    random::Random,
    store::{Store, StoreError},
    ticket::Tickets,
};

/// What every handler has at hand.
#[derive(Clone)]
pub struct AppState {
    /// The database.
    pub store: Store,
    /// The tickets.
    pub tickets: Tickets,
    /// The catalogue.
    pub catalogue: Catalogue,
    /// The competences that depend on the area.
    pub competences: Competences,
    /// The kiosks.
    pub devices: Devices,
    /// The intake of submissions.
    pub intake: Intake,
    /// The keys of Open311 clients.
    pub api_keys: ApiKeys,
    /// The key that opens submissions.
    pub opening_key: Arc<OpeningKey>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub random: Arc<dyn Random>,
    pub(crate) on_committed: Option<OnCommitted>,
}

impl AppState {
    /// Puts the parts together.
    pub fn new(
        store: Store,
        opening_key: OpeningKey,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        let opening_key = Arc::new(opening_key);
        Self {
            tickets: Tickets::new(store.clone(), clock.clone()),
            catalogue: Catalogue::new(store.clone(), random.clone()),
            competences: Competences::new(store.clone()),
            devices: Devices::new(store.clone(), clock.clone(), random.clone()),
            intake: Intake::new(store.clone(), clock.clone(), opening_key.clone()),
            api_keys: ApiKeys::new(store.clone(), clock.clone(), random.clone()),
            on_committed: None,
            store,
            opening_key,
            clock,
            random,
        }
    }

    /// The people of an authority's desk.
    pub fn people(&self, authority: &str) -> People {
        People::new(self.store.clone(), authority, self.clock.clone(), self.random.clone())
    }

    /// The code of the authority that is meant when none is named: the only one here, or the first by code.
    /// None before anything was imported.
    pub async fn default_authority(&self) -> Result<Option<String>, StoreError> {
        Ok(self.catalogue.authorities().await?.into_iter().next())
    }
}
