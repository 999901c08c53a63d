//! The classification as services: its leaves, with their further questions. Pure.
//!
//! GeoReport knows no language; the texts come in the one that `Accept-Language` asks for, else in Italian.

use std::collections::{BTreeMap, HashSet};

use sportello_wire::{
    catalogue::{self, AttributeAnswer, Category},
    open311::{Attribute, AttributeValue, DataType, Service, ServiceDefinition, ServiceType},
};

/// The categories that tickets carry: those below which there is none, in the order of the classification.
pub(super) fn leaves(categories: &BTreeMap<String, Category>) -> Vec<&Category> {
    let parents: HashSet<&str> =
        categories.values().filter_map(|category| category.parent.as_deref()).collect();
    let mut leaves: Vec<_> =
        categories.values().filter(|category| !parents.contains(category.code.as_str())).collect();
    leaves.sort_by_key(|category| {
        let parent = category.parent.as_ref().and_then(|parent| categories.get(parent));
        let parent = parent.map_or((category.order, &category.code), |parent| (parent.order, &parent.code));
        (parent, category.order, &category.code)
    });
    leaves
}

/// A leaf as a service.
pub(super) fn service(
    category: &Category,
    categories: &BTreeMap<String, Category>,
    language: &str,
) -> Service {
    let group = category.parent.as_ref().and_then(|parent| categories.get(parent));
    let keywords = category.keywords.get(language).split(',').map(str::trim).filter(|word| !word.is_empty());
    Service {
        service_code: category.code.clone(),
        service_name: category.name.get(language).to_owned(),
        description: category.description.get(language).to_owned(),
        metadata: !category.attributes.is_empty(),
        service_type: ServiceType::Realtime,
        keywords: keywords.map(ToOwned::to_owned).collect(),
        group: group.map(|group| group.name.get(language).to_owned()).unwrap_or_default(),
    }
}

/// A leaf's further questions; none is an empty list.
pub(super) fn definition(category: &Category, language: &str) -> ServiceDefinition {
    let attributes =
        (1..).zip(&category.attributes).map(|(order, question)| attribute(order, question, language));
    ServiceDefinition { service_code: category.code.clone(), attributes: attributes.collect() }
}

fn attribute(order: u32, question: &catalogue::Attribute, language: &str) -> Attribute {
    let (datatype, values) = match &question.answer {
        AttributeAnswer::Text => (DataType::Text, &[][..]),
        AttributeAnswer::Number => (DataType::Number, &[][..]),
        AttributeAnswer::DateTime => (DataType::DateTime, &[][..]),
        AttributeAnswer::Choice { values, many: false } => (DataType::SingleValueList, values.as_slice()),
        AttributeAnswer::Choice { values, many: true } => (DataType::MultiValueList, values.as_slice()),
        AttributeAnswer::Shown => (DataType::String, &[][..]),
    };
    let variable = question.answer != AttributeAnswer::Shown;
    let values = values.iter();
    Attribute {
        variable,
        code: question.code.clone(),
        datatype,
        // What is only shown cannot be answered, so it must not be asked for.
        required: question.required && variable,
        datatype_description: String::new(),
        order,
        description: question.question.get(language).to_owned(),
        values: values
            .map(|(key, name)| AttributeValue { key: key.clone(), name: name.get(language).to_owned() })
            .collect(),
    }
}
