//! A town to try everything in: an embedded central with sample content, everything on loopback and in one data folder.
//!
//! It uses the central as a stranger would: the kiosk is enrolled with a one-time code over HTTP. Its passwords
//! are known to everybody, so it never listens beyond this machine.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use sportello_central::{
    device::EnrolError,
    http::open311::{ApiKeys, KeyError},
    knowledge::demonstration,
    people::{PeopleError, Person, Role},
    start::{Central, Config, Running, StartError},
    store::StoreError,
};
use sportello_wire::catalogue::{Entry, EntryType};

use crate::sync::{
    HttpOptions,
    identity::{Identity, IdentityError},
};

const DATABASE_FILE: &str = "central.db";
const API_KEY_FILE: &str = "open311.key";
/// The demonstration's clerk.
pub const LOGIN: &str = "marta";
/// Her password, known to everybody.
pub const PASSWORD: &str = "benvenuti a Montefiorito";

/// Why the demonstration town does not start.
#[derive(Debug, thiserror::Error)]
pub enum DemonstrationError {
    /// Its central does not start.
    #[error("its central does not start")]
    Start(#[from] StartError),
    /// Its database.
    #[error("its database cannot be used")]
    Store(#[from] StoreError),
    /// Its clerk.
    #[error("its clerk cannot be added")]
    People(#[from] PeopleError),
    /// Its key for Open311.
    #[error("its key for Open311 cannot be made")]
    ApiKey(#[from] KeyError),
    /// Its code for the kiosk.
    #[error("its code for the kiosk cannot be made")]
    Code(#[from] EnrolError),
    /// The kiosk could not join.
    #[error("the kiosk cannot be enrolled")]
    Identity(#[from] IdentityError),
    /// A file.
    #[error("{path} cannot be read or written")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A task was stopped.
    #[error("it was stopped while it started")]
    Stopped,
}

/// A demonstration town that is running. It ends when this is dropped.
pub struct Town {
    /// Its address.
    pub url: String,
    /// Who the kiosk is there.
    pub identity: Identity,
    api_key: String,
    /// Its central.
    pub running: Running,
}

impl Town {
    /// What can be opened.
    pub fn places(&self) -> Vec<(&'static str, String)> {
        let url = &self.url;
        vec![
            ("Staff page", format!("{url}/staff  (login {LOGIN}, password \"{PASSWORD}\")")),
            ("Public page", format!("{url}/")),
            ("Open311", format!("{url}/open311/v2/services.json  (api_key {})", self.api_key)),
        ]
    }
}

/// Starts the town; on the first start fills it.
pub async fn start(folder: &Path, listen: SocketAddr, site: &str) -> Result<Town, DemonstrationError> {
    let database = format!("sqlite:{}", folder.join(DATABASE_FILE).display());
    let running = Central::start(Config::new(database, listen)).await?;
    let url = format!("http://{}", running.address);
    let authority = fill(&running, &url).await?;
    let api_key = api_key(&running, &authority, folder).await?;
    let identity = enrol(&running, &authority, folder, &url, site).await?;
    Ok(Town { url, identity, api_key, running })
}

/// Puts the content in. Later starts renew only what depends on today and on the address.
async fn fill(running: &Running, url: &str) -> Result<String, DemonstrationError> {
    let state = &running.state;
    let entries = demonstration::entries(state.clock.now(), url);
    let authority = entries.iter().find_map(|entry| match entry {
        Entry::Authority(authority) => Some(authority.code.clone()),
        _ => None,
    });
    let authority = authority.unwrap_or_default();
    let is_new = state.default_authority().await?.is_none();
    let wanted = |entry: &Entry| is_new || matches!(entry.key().0, EntryType::Authority | EntryType::Notice);
    let entries: Vec<Entry> = entries.into_iter().filter(wanted).collect();
    state.catalogue.put(&authority, &entries).await?;
    let people = state.people(&authority);
    if people.find(LOGIN).await?.is_none() {
        let marta = Person {
            login: LOGIN.to_owned(),
            name: "Marta R.".to_owned(),
            office: "urp".to_owned(),
            role: Role::Administrator,
        };
        people.add(&marta, PASSWORD).await?;
    }
    Ok(authority)
}

/// The key under which anybody here may use Open311. The database has only its digest, so it is kept beside it.
async fn api_key(running: &Running, authority: &str, folder: &Path) -> Result<String, DemonstrationError> {
    let path = folder.join(API_KEY_FILE);
    if let Ok(key) = fs::read_to_string(&path) {
        return Ok(key.trim().to_owned());
    }
    let state = &running.state;
    let keys = ApiKeys::new(state.store.clone(), state.clock.clone(), state.random.clone());
    let key = keys.create(authority, "demonstration").await?;
    fs::write(&path, &key).map_err(|source| DemonstrationError::File { path, source })?;
    Ok(key)
}

async fn enrol(
    running: &Running,
    authority: &str,
    folder: &Path,
    url: &str,
    site: &str,
) -> Result<Identity, DemonstrationError> {
    if let Some(identity) = Identity::load(folder)? {
        return Ok(identity);
    }
    let code = running.state.devices.make_code(authority, site).await?.code;
    let (folder, url) = (folder.to_owned(), url.to_owned());
    let enrol =
        move || Identity::enrol(&folder, &url, &HttpOptions::default(), &code, env!("CARGO_PKG_VERSION"));
    let identity = tokio::task::spawn_blocking(enrol).await.map_err(|_| DemonstrationError::Stopped)??;
    Ok(identity)
}
