//! A new request becomes a ticket: what is checked, and what goes where. Pure.
//!
//! A place is asked for where the category needs one. GeoReport asks for it always, which shuts out every
//! question and complaint (its best known shortcoming); a client that sends one always is served as well.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use sportello_wire::{
    catalogue::{Attribute, AttributeAnswer, Category, PlaceRule},
    code::TicketCode,
    open311::{MAX_DESCRIPTION_CHARS, NewRequest, read_time},
    submission::{Contact, Kind, MAX_FIELD_CHARS, NewTicket, Place},
};

use super::refusal::Refusal;

/// Checks a request for a service and says all that is wrong with it.
pub(super) fn check(request: &NewRequest, category: &Category) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let has_place =
        request.position.is_some() || !request.address_string.is_empty() || !request.address_id.is_empty();
    if category.place == PlaceRule::Required && !has_place {
        refusals.push(Refusal::NoLocation);
    }
    for (field, text, max_chars) in [
        ("description", &request.description, MAX_DESCRIPTION_CHARS),
        ("address_string", &request.address_string, MAX_FIELD_CHARS),
        ("address_id", &request.address_id, MAX_FIELD_CHARS),
        ("email", &request.email, MAX_FIELD_CHARS),
        ("phone", &request.phone, MAX_FIELD_CHARS),
        ("first_name + last_name", &full_name(request), MAX_FIELD_CHARS),
        ("device_id", &request.device_id, MAX_FIELD_CHARS),
        ("account_id", &request.account_id, MAX_FIELD_CHARS),
        ("media_url", &request.media_url, MAX_DESCRIPTION_CHARS),
    ] {
        if text.chars().count() > max_chars {
            refusals.push(Refusal::TooLong { field, max_chars });
        }
    }
    refusals.extend(category.attributes.iter().filter_map(|attribute| check_attribute(request, attribute)));
    refusals
}

fn check_attribute(request: &NewRequest, attribute: &Attribute) -> Option<Refusal> {
    let answers = request.attributes.iter().find(|answer| answer.code == attribute.code);
    let values = answers.map(|answer| answer.values.as_slice()).unwrap_or_default();
    let code = || attribute.code.clone();
    if values.is_empty() {
        let is_missing = attribute.required && attribute.answer != AttributeAnswer::Shown;
        return is_missing.then(|| Refusal::NoAnswer { attribute: code() });
    }
    let is_possible = match &attribute.answer {
        AttributeAnswer::Text => values.iter().all(|value| value.chars().count() <= MAX_DESCRIPTION_CHARS),
        AttributeAnswer::Number => values.iter().all(|value| value.parse().is_ok_and(f64::is_finite)),
        AttributeAnswer::DateTime => values.iter().all(|value| read_time(value, &TimeZone::UTC).is_some()),
        AttributeAnswer::Choice { values: known, .. } => {
            values.iter().all(|value| known.iter().any(|(key, _)| key == value))
        }
        AttributeAnswer::Shown => true,
    };
    let is_single =
        values.len() == 1 || matches!(attribute.answer, AttributeAnswer::Choice { many: true, .. });
    (!(is_possible && is_single)).then(|| Refusal::WrongAnswer { attribute: code() })
}

/// Makes the ticket of a request that was checked.
pub(super) fn ticket(
    request: &NewRequest,
    category: &Category,
    place: Place,
    code: TicketCode,
    language: &str,
) -> NewTicket {
    let is_known = |code: &str| category.attributes.iter().any(|attribute| attribute.code == code);
    let known = request.attributes.iter().filter(|answer| is_known(&answer.code));
    let attributes =
        known.flat_map(|answer| answer.values.iter().map(|value| (answer.code.clone(), value.clone())));
    NewTicket {
        code,
        kind: match category.kinds.first() {
            Some(first) if !category.kinds.contains(&Kind::Report) => *first,
            _ => Kind::Report,
        },
        words: request.description.clone(),
        category: Some(category.code.clone()),
        place,
        contact: Contact {
            name: full_name(request),
            email: request.email.clone(),
            phone: request.phone.clone(),
        },
        language: language.to_owned(),
        attributes: attributes.collect(),
    }
}

/// What a ticket has no field for, under GeoReport's names. Nothing that was sent is lost.
pub(super) fn channel_fields(request: &NewRequest, category: &Category) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    if let Some(position) = request.position {
        fields.insert("lat".to_owned(), position.lat.to_string());
        fields.insert("long".to_owned(), position.long.to_string());
    }
    for (name, value) in [
        ("address_id", &request.address_id),
        ("media_url", &request.media_url),
        ("device_id", &request.device_id),
        ("account_id", &request.account_id),
    ] {
        if !value.is_empty() {
            fields.insert(name.to_owned(), value.clone());
        }
    }
    for answer in &request.attributes {
        if !category.attributes.iter().any(|attribute| attribute.code == answer.code) {
            fields.insert(format!("attribute[{}]", answer.code), answer.values.join(", "));
        }
    }
    fields
}

/// Where it is: a street of the town if the address begins with one, so that the area's office gets it, else in
/// the sender's words.
pub(super) fn place(request: &NewRequest, streets: impl Iterator<Item = String>) -> Place {
    let address = &request.address_string;
    if address.is_empty() {
        let words = match request.position {
            Some(position) => format!("{}, {}", position.lat, position.long),
            None => request.address_id.clone(),
        };
        return if words.is_empty() { Place::Nowhere } else { Place::Described { words } };
    }
    let begun = streets.filter_map(|street| Some((rest_after(address, &street)?, street)));
    match begun.max_by_key(|(_, street)| street.len()) {
        Some((rest, street)) => {
            let is_number = |word: &str| word.starts_with(|char: char| char.is_ascii_digit());
            let (first, others) = rest.split_once([',', ' ']).unwrap_or((rest, ""));
            let (number, note) = if is_number(first) { (first, others) } else { ("", rest) };
            let note = note.trim_start_matches([',', ' ']);
            Place::Street { street, number: number.to_owned(), note: note.to_owned() }
        }
        None => Place::Described { words: address.clone() },
    }
}

/// What follows the street's name in an address that begins with it, in any case.
fn rest_after<'a>(address: &'a str, street: &str) -> Option<&'a str> {
    let mut rest = address.chars();
    for wanted in street.chars() {
        if !rest.next()?.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    let rest = rest.as_str();
    let ends = rest.chars().next().is_none_or(|next| !next.is_alphanumeric());
    ends.then(|| rest.trim_start_matches([',', ' ']).trim_end())
}

fn full_name(request: &NewRequest) -> String {
    format!("{} {}", request.first_name, request.last_name).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(address: &str) -> Place {
        let request = NewRequest { address_string: address.to_owned(), ..NewRequest::default() };
        place(&request, ["Via Roma", "Via Romagna", "Via Roma Vecchia"].map(str::to_owned).into_iter())
    }

    fn street(street: &str, number: &str, note: &str) -> Place {
        Place::Street { street: street.into(), number: number.into(), note: note.into() }
    }

    #[test]
    fn an_address_that_begins_with_a_street_of_the_town_is_that_street() {
        assert_eq!(
            placed("via roma, 12/B, davanti alla scuola"),
            street("Via Roma", "12/B", "davanti alla scuola")
        );
        assert_eq!(placed("Via Roma Vecchia 3"), street("Via Roma Vecchia", "3", ""));
        assert_eq!(placed("Via Romagna"), street("Via Romagna", "", ""));
        assert_eq!(placed("Via Roma angolo via Po"), street("Via Roma", "", "angolo via Po"));
    }

    #[test]
    fn any_other_place_stays_in_the_senders_words() {
        assert_eq!(placed("Via Romana 2"), Place::Described { words: "Via Romana 2".into() });
        assert_eq!(placed("vicino a via Roma"), Place::Described { words: "vicino a via Roma".into() });
        assert_eq!(placed(""), Place::Nowhere);
    }
}
