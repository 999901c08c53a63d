//! To whom the kiosk belongs: what the configuration and the data folder say about the other side.
//!
//! It speaks to nobody but the demonstration's own central; everything else is `sync`'s.

use std::path::Path;

#[cfg(feature = "demonstration")]
use crate::demonstration::{self, DemonstrationError, Town};
use sportello_wire::{catalogue::Authority, text::LocalisedText};

use crate::{
    config::{Central, Config, Open311Server},
    outbox::{Outbox, Sealer},
    run::Layout,
    sync::{
        HttpError, HttpOptions, Remote, central,
        identity::{Identity, IdentityError, OwnKeys},
        open311::{Open311, Open311Config},
    },
};

/// Why the other side cannot be prepared.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// Who the kiosk is cannot be read.
    #[error("the kiosk's identity cannot be read")]
    Identity(#[from] IdentityError),
    /// The address is none, or its certificates cannot be read.
    #[error("the central's address cannot be used")]
    Http(#[from] HttpError),
    /// The demonstration's central.
    #[cfg(feature = "demonstration")]
    #[error("the demonstration town cannot start")]
    Demonstration(#[from] DemonstrationError),
    /// The program was built without the demonstration.
    #[cfg(not(feature = "demonstration"))]
    #[error("this program has no demonstration town: name the central in the configuration file")]
    NoDemonstration,
}

/// The other side, prepared.
pub struct Connection {
    /// To whom to speak; none before the kiosk is enrolled.
    pub remote: Option<Remote>,
    /// How to seal and sign; none before the kiosk is enrolled.
    pub sealer: Option<Sealer>,
    /// Where the kiosk stands, as the central knows it.
    pub site: String,
    /// What can be opened: (name, address).
    pub places: Vec<(&'static str, String)>,
    /// The demonstration's central, which ends with this.
    #[cfg(feature = "demonstration")]
    pub town: Option<Town>,
}

/// Prepares the other side. No network is needed, except for the demonstration's own loopback.
pub async fn prepare(
    config: &Config,
    layout: &Layout,
    outbox: &Outbox,
) -> Result<Connection, ConnectionError> {
    match &config.central {
        #[cfg(feature = "demonstration")]
        Central::Demonstration { listen } => {
            let town = demonstration::start(&layout.root, *listen, &config.site).await?;
            let identity = town.identity.clone();
            let mut connection = enrolled(&town.url, &HttpOptions::default(), Some(identity))?;
            connection.places = town.places();
            connection.town = Some(town);
            Ok(connection)
        }
        #[cfg(not(feature = "demonstration"))]
        Central::Demonstration { .. } => Err(ConnectionError::NoDemonstration),
        Central::Sportello { url, ca_file } => {
            let options = HttpOptions { ca_file: ca_file.clone(), ..HttpOptions::default() };
            let identity = Identity::load(&layout.root)?;
            if identity.is_none() {
                tracing::error!("the kiosk is not enrolled: run `sportello enrol CODE`");
            }
            enrolled(url, &options, identity)
        }
        Central::Open311(server) => open311(server, &layout.root, outbox),
    }
}

fn enrolled(
    url: &str,
    options: &HttpOptions,
    identity: Option<Identity>,
) -> Result<Connection, ConnectionError> {
    let sealer = identity.as_ref().map(Identity::sealer);
    let site = identity.as_ref().map(|identity| identity.enrolment().site.clone()).unwrap_or_default();
    let remote = identity
        .map(|identity| central::Central::new(url, options, identity).map(Box::new).map(Remote::Central))
        .transpose()?;
    Ok(Connection {
        remote,
        sealer,
        site,
        places: Vec::new(),
        #[cfg(feature = "demonstration")]
        town: None,
    })
}

fn open311(server: &Open311Server, folder: &Path, outbox: &Outbox) -> Result<Connection, ConnectionError> {
    let keys = OwnKeys::load_or_make(folder)?;
    let options = HttpOptions { ca_file: server.ca_file.clone(), ..HttpOptions::default() };
    let sealer = keys.sealer(&server.jurisdiction);
    let config = Open311Config {
        url: server.url.trim_end_matches('/').to_owned(),
        api_key: server.api_key.clone(),
        jurisdiction: server.jurisdiction.clone(),
        default_service: server.default_service.clone(),
        fallback_address: server.fallback_address.clone(),
        authority: Authority {
            code: server.jurisdiction.clone(),
            name: LocalisedText::italian(&server.authority),
            public_url: server.public_url.clone(),
            time_zone: server.time_zone.clone(),
            term_days: server.term_days,
            colour_hsb: server.colour_hsb,
            privacy_notice: LocalisedText::italian(&server.privacy_notice),
        },
    };
    let remote = Open311::new(config, &options, &keys, outbox.clone())?;
    let mut connection = enrolled(&server.url, &options, None)?;
    connection.remote = Some(Remote::Open311(Box::new(remote)));
    connection.sealer = Some(sealer);
    Ok(connection)
}
