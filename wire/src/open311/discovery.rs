//! Discovery: where a town's Open311 servers are, and what they speak.

use super::{
    Format, Record,
    reading::{Fields, FromTree},
    tree::{ToTree, Tree},
};

/// A discovery file (`…/discovery.xml`, `…/discovery.json`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovery {
    /// When it last changed; can be sorted.
    pub changeset: String,
    /// How to reach whoever runs the servers.
    pub contact: String,
    /// How to get an API key.
    pub key_service: String,
    /// The servers.
    pub endpoints: Vec<Endpoint>,
}

/// One server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// What it speaks: [`super::SPECIFICATION`].
    pub specification: String,
    /// The address before `/services.xml`, without a trailing slash.
    pub url: String,
    /// When its services last changed; can be sorted.
    pub changeset: String,
    /// Whether somebody acts on what is sent there.
    pub endpoint_type: EndpointType,
    /// The MIME types that it offers.
    pub formats: Vec<String>,
}

/// Whether somebody acts on what is sent to a server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum EndpointType {
    /// Somebody does.
    #[default]
    Production,
    /// Nobody does.
    Test,
}

impl EndpointType {
    /// The name in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Test => "test",
        }
    }
}

impl Discovery {
    /// The GeoReport v2 server to use: production before test.
    pub fn georeport(&self) -> Option<&Endpoint> {
        let speaks =
            |endpoint: &&Endpoint| endpoint.specification.to_ascii_lowercase().contains("georeport_v2");
        self.endpoints
            .iter()
            .filter(speaks)
            .min_by_key(|endpoint| endpoint.endpoint_type == EndpointType::Test)
    }
}

impl Endpoint {
    /// The format to ask for: JSON where it is offered, else XML, which everybody has to offer.
    pub fn format(&self) -> Format {
        let json = self.formats.iter().any(|format| format.contains("json"));
        if json { Format::Json } else { Format::Xml }
    }
}

impl Record for Discovery {
    const ELEMENT: &'static str = "discovery";
}

impl ToTree for Discovery {
    fn to_tree(&self) -> Tree {
        let endpoint_tree = |endpoint: &Endpoint| {
            let formats = endpoint.formats.iter().map(|format| Tree::text(format)).collect();
            Tree::Record(vec![
                ("specification", Tree::text(&endpoint.specification)),
                ("url", Tree::text(&endpoint.url)),
                ("changeset", Tree::text(&endpoint.changeset)),
                ("type", Tree::text(endpoint.endpoint_type.as_str())),
                ("formats", Tree::List("format", formats)),
            ])
        };
        Tree::Record(vec![
            ("changeset", Tree::text(&self.changeset)),
            ("contact", Tree::text(&self.contact)),
            ("key_service", Tree::text(&self.key_service)),
            ("endpoints", Tree::List("endpoint", self.endpoints.iter().map(endpoint_tree).collect())),
        ])
    }
}

impl FromTree for Discovery {
    fn from_fields(fields: &Fields<'_>) -> Option<Self> {
        let endpoints = fields.list("endpoints", "endpoint", |endpoint| {
            Some(Endpoint {
                specification: endpoint.text("specification"),
                url: endpoint.essential("url")?.trim_end_matches('/').to_owned(),
                changeset: endpoint.text("changeset"),
                endpoint_type: match endpoint.text("type").to_ascii_lowercase().as_str() {
                    "test" => EndpointType::Test,
                    _ => EndpointType::Production,
                },
                formats: endpoint.texts("formats", "format"),
            })
        });
        (!endpoints.is_empty()).then(|| Self {
            changeset: fields.text("changeset"),
            contact: fields.text("contact"),
            key_service: fields.text("key_service"),
            endpoints,
        })
    }
}
