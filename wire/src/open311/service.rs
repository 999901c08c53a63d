//! Services (what a town takes requests for) and their definitions (what it asks besides).

use super::{
    Listed, Record,
    reading::{Fields, FromTree},
    tree::{ToTree, Tree},
};

/// A kind of request that a server takes: an element of `GET services`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Service {
    /// The code. It is a text, even where servers send numbers.
    pub service_code: String,
    /// The name for people.
    pub service_name: String,
    /// What belongs here, or "".
    pub description: String,
    /// Whether it has a [`ServiceDefinition`] with further questions.
    pub metadata: bool,
    /// When its requests get their id.
    pub service_type: ServiceType,
    /// Words by which it is found; none contains a comma.
    pub keywords: Vec<String>,
    /// The name under which services are grouped, or "".
    pub group: String,
}

/// When a request gets its id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ServiceType {
    /// At once.
    #[default]
    Realtime,
    /// Later; the answer has a token to ask with.
    Batch,
    /// Never.
    Blackbox,
}

impl ServiceType {
    /// The name in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Realtime => "realtime",
            Self::Batch => "batch",
            Self::Blackbox => "blackbox",
        }
    }
}

impl Record for Service {
    const ELEMENT: &'static str = "service";
}

impl Listed for Service {
    const LIST: &'static str = "services";
}

impl ToTree for Service {
    fn to_tree(&self) -> Tree {
        Tree::Record(vec![
            ("service_code", Tree::text(&self.service_code)),
            ("service_name", Tree::text(&self.service_name)),
            ("description", Tree::text(&self.description)),
            ("metadata", Tree::Bool(self.metadata)),
            ("type", Tree::text(self.service_type.as_str())),
            ("keywords", Tree::text(&self.keywords.join(", "))),
            ("group", Tree::text(&self.group)),
        ])
    }
}

impl FromTree for Service {
    fn from_fields(fields: &Fields<'_>) -> Option<Self> {
        Some(Self {
            service_code: fields.essential("service_code")?,
            service_name: fields.text("service_name"),
            description: fields.text("description"),
            metadata: fields.flag("metadata", false),
            service_type: match fields.text("type").to_ascii_lowercase().as_str() {
                "batch" => ServiceType::Batch,
                "blackbox" => ServiceType::Blackbox,
                _ => ServiceType::Realtime,
            },
            keywords: (fields.text("keywords").split(','))
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .map(ToOwned::to_owned)
                .collect(),
            group: fields.text("group"),
        })
    }
}

/// The further questions of a service: `GET services/{code}`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceDefinition {
    /// The service's code.
    pub service_code: String,
    /// The questions, in the order of [`Attribute::order`].
    pub attributes: Vec<Attribute>,
}

/// A further question of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Whether it is to be answered; otherwise its description is only shown.
    pub variable: bool,
    /// The code under which the answer is sent.
    pub code: String,
    /// What can be answered.
    pub datatype: DataType,
    /// Whether an answer is needed.
    pub required: bool,
    /// What helps to answer, or "".
    pub datatype_description: String,
    /// Its place among the questions: 1 is first.
    pub order: u32,
    /// The question.
    pub description: String,
    /// What can be chosen, for the two lists.
    pub values: Vec<AttributeValue>,
}

/// One thing that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeValue {
    /// What is sent.
    pub key: String,
    /// What people read.
    pub name: String,
}

/// What can be answered to an attribute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum DataType {
    /// A line of text.
    #[default]
    String,
    /// A number.
    Number,
    /// An ISO 8601 date and time.
    DateTime,
    /// Text with line breaks.
    Text,
    /// One of the values.
    SingleValueList,
    /// Some of the values.
    MultiValueList,
}

impl DataType {
    /// All types.
    pub const ALL: [Self; 6] =
        [Self::String, Self::Number, Self::DateTime, Self::Text, Self::SingleValueList, Self::MultiValueList];

    /// The name in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::DateTime => "datetime",
            Self::Text => "text",
            Self::SingleValueList => "singlevaluelist",
            Self::MultiValueList => "multivaluelist",
        }
    }
}

impl Record for ServiceDefinition {
    const ELEMENT: &'static str = "service_definition";
}

impl ToTree for ServiceDefinition {
    fn to_tree(&self) -> Tree {
        let attributes = self.attributes.iter().map(Attribute::to_tree).collect();
        Tree::Record(vec![
            ("service_code", Tree::text(&self.service_code)),
            ("attributes", Tree::List("attribute", attributes)),
        ])
    }
}

impl FromTree for ServiceDefinition {
    fn from_fields(fields: &Fields<'_>) -> Option<Self> {
        let mut attributes = fields.list("attributes", "attribute", Attribute::from_fields);
        attributes.sort_by_key(|attribute| attribute.order);
        let service_code = fields.text("service_code");
        // Some servers leave the code out here: it was in the question.
        (!service_code.is_empty() || !attributes.is_empty()).then_some(Self { service_code, attributes })
    }
}

impl Attribute {
    fn to_tree(&self) -> Tree {
        let value_tree = |value: &AttributeValue| {
            Tree::Record(vec![("key", Tree::text(&value.key)), ("name", Tree::text(&value.name))])
        };
        Tree::Record(vec![
            ("variable", Tree::Bool(self.variable)),
            ("code", Tree::text(&self.code)),
            ("datatype", Tree::text(self.datatype.as_str())),
            ("required", Tree::Bool(self.required)),
            ("datatype_description", Tree::text(&self.datatype_description)),
            ("order", Tree::Whole(self.order)),
            ("description", Tree::text(&self.description)),
            ("values", Tree::List("value", self.values.iter().map(value_tree).collect())),
        ])
    }

    fn from_fields(fields: &Fields<'_>) -> Option<Self> {
        let datatype = fields.text("datatype").to_ascii_lowercase();
        Some(Self {
            variable: fields.flag("variable", true),
            code: fields.essential("code")?,
            datatype: (DataType::ALL.into_iter())
                .find(|known| known.as_str() == datatype)
                .unwrap_or_default(),
            required: fields.flag("required", false),
            datatype_description: fields.text("datatype_description"),
            order: fields.whole("order").unwrap_or_default(),
            description: fields.text("description"),
            values: fields.list("values", "value", |value| {
                let key = value.essential("key")?;
                let name = value.essential("name").unwrap_or_else(|| key.clone());
                Some(AttributeValue { key, name })
            }),
        })
    }
}
