//! The discovery file: that there is a GeoReport v2 server here, and what it speaks. Pure.

use sportello_wire::{
    catalogue::Authority,
    open311::{Discovery, Endpoint, EndpointType, Format, SPECIFICATION},
};

/// When this server's side of the interface last changed.
const CHANGESET: &str = "2026-11-22 09:00";

/// The discovery file of the authorities that are served here.
pub(super) fn discovery(authorities: &[Authority], language: &str) -> Discovery {
    let names: Vec<&str> = authorities.iter().map(|authority| authority.name.get(language)).collect();
    let names = names.join(", ");
    let base = authorities.first().map(|authority| authority.public_url.as_str()).unwrap_or_default();
    Discovery {
        changeset: CHANGESET.to_owned(),
        contact: format!("{names}: {base}"),
        key_service: format!("API key (api_key): {names}, {base}"),
        endpoints: vec![Endpoint {
            specification: SPECIFICATION.to_owned(),
            url: format!("{base}/open311/v2"),
            changeset: CHANGESET.to_owned(),
            endpoint_type: EndpointType::Production,
            formats: [Format::Xml, Format::Json].map(|format| format.mime_type().to_owned()).into(),
        }],
    }
}
