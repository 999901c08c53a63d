//! A server's services and their further questions, as the kiosk's categories.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use sportello_wire::{
    catalogue::{Attribute as Question, AttributeAnswer, CatalogueDelta, Category, Change, Entry, PlaceRule},
    keys::sha256_hex,
    open311::{Attribute, DataType, Service, ServiceDefinition, read_one},
    text::LocalisedText,
};

use super::{Answer, Open311Config};

/// Reads a service definition; what cannot be understood has no questions.
pub(super) fn attributes(answer: &Answer, zone: &TimeZone) -> Vec<Attribute> {
    if !answer.is_success() {
        return Vec::new();
    }
    read_one::<ServiceDefinition>(&answer.body, zone)
        .map(|definition| definition.attributes)
        .unwrap_or_default()
}

/// The whole catalogue of a server, unless the kiosk has just this.
pub(super) fn delta(
    config: &Open311Config,
    services: &[Service],
    definitions: &BTreeMap<String, Vec<Attribute>>,
    known_cursor: Option<&str>,
) -> CatalogueDelta {
    let entries = entries(config, services, definitions);
    let cursor = sha256_hex(&serde_json::to_vec(&entries).unwrap_or_default());
    let reset = known_cursor != Some(cursor.as_str());
    let changes = entries.into_iter().filter(|_| reset).map(|item| Change::Put { item }).collect();
    CatalogueDelta { cursor, reset, changes, more: false }
}

fn entries(
    config: &Open311Config,
    services: &[Service],
    definitions: &BTreeMap<String, Vec<Attribute>>,
) -> Vec<Entry> {
    let mut entries = vec![Entry::Authority(config.authority.clone())];
    let codes: BTreeSet<&str> = services.iter().map(|service| service.service_code.as_str()).collect();
    let mut groups = BTreeMap::new();
    for service in services {
        if !service.group.is_empty() && !groups.contains_key(&service.group) {
            let mut code = format!("gruppo-{}", slug(&service.group));
            while codes.contains(code.as_str()) || groups.values().any(|other| *other == code) {
                code.push('-');
            }
            let order = groups.len() as i32;
            entries.push(Entry::Category(category(&code, &service.group, order)));
            groups.insert(service.group.clone(), code);
        }
    }
    for (order, service) in services.iter().enumerate() {
        let place =
            if config.fallback_address.is_empty() { PlaceRule::Required } else { PlaceRule::Optional };
        let attributes = definitions.get(&service.service_code).map(Vec::as_slice).unwrap_or_default();
        entries.push(Entry::Category(Category {
            parent: groups.get(&service.group).cloned(),
            description: text(&service.description),
            keywords: text(&service.keywords.join(", ")),
            place,
            attributes: attributes.iter().map(question).collect(),
            ..category(&service.service_code, &service.service_name, order as i32)
        }));
    }
    entries
}

fn category(code: &str, name: &str, order: i32) -> Category {
    Category {
        code: code.to_owned(),
        parent: None,
        name: text(name),
        description: LocalisedText::default(),
        keywords: LocalisedText::default(),
        kinds: Vec::new(),
        place: PlaceRule::Optional,
        term_days: None,
        office: None,
        attributes: Vec::new(),
        order,
    }
}

fn question(attribute: &Attribute) -> Question {
    let choice = |many| AttributeAnswer::Choice {
        values: attribute.values.iter().map(|value| (value.key.clone(), text(&value.name))).collect(),
        many,
    };
    let answer = match attribute.datatype {
        _ if !attribute.variable => AttributeAnswer::Shown,
        DataType::String | DataType::Text => AttributeAnswer::Text,
        DataType::Number => AttributeAnswer::Number,
        DataType::DateTime => AttributeAnswer::DateTime,
        DataType::SingleValueList => choice(false),
        DataType::MultiValueList => choice(true),
    };
    Question {
        code: attribute.code.clone(),
        question: text(&attribute.description),
        required: attribute.required && attribute.variable,
        answer,
    }
}

/// The protocol does not tell languages; a town's server speaks the town's.
fn text(text: &str) -> LocalisedText {
    if text.is_empty() { LocalisedText::default() } else { LocalisedText::italian(text) }
}

fn slug(text: &str) -> String {
    text.chars().map(|char| if char.is_alphanumeric() { char.to_ascii_lowercase() } else { '-' }).collect()
}
