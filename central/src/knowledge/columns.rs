//! The flat columns of the CSV files, and how a cell becomes a field and back.
//!
//! A row becomes the same JSON object that a line of JSON Lines holds, so that both formats are
//! read by one set of rules.

use serde_json::{Map, Value, json};
use sportello_wire::catalogue::EntryType;

use super::week;

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    /// A text as it is.
    Text,
    /// One of several columns, one a language: `title.it`.
    Localised,
    /// A whole number.
    Number,
    /// Yes or no.
    YesNo,
    /// Words separated by commas.
    Words,
    /// Numbers separated by commas.
    Numbers,
    /// The usual week of opening hours.
    Week,
    /// The closed days of opening hours.
    Closed,
    /// A JSON value.
    Json,
}

type Column = (&'static str, Cell);

const AUTHORITY: &[Column] = &[
    ("code", Cell::Text),
    ("name", Cell::Localised),
    ("public_url", Cell::Text),
    ("time_zone", Cell::Text),
    ("term_days", Cell::Number),
    ("colour_hsb", Cell::Numbers),
    ("privacy_notice", Cell::Localised),
];
const CATEGORY: &[Column] = &[
    ("code", Cell::Text),
    ("parent", Cell::Text),
    ("name", Cell::Localised),
    ("description", Cell::Localised),
    ("keywords", Cell::Localised),
    ("kinds", Cell::Words),
    ("place", Cell::Text),
    ("term_days", Cell::Number),
    ("office", Cell::Text),
    ("attributes", Cell::Json),
    ("order", Cell::Number),
];
const OFFICE: &[Column] = &[
    ("code", Cell::Text),
    ("authority", Cell::Text),
    ("name", Cell::Localised),
    ("description", Cell::Localised),
    ("keywords", Cell::Localised),
    ("address", Cell::Text),
    ("floor", Cell::Localised),
    ("phone", Cell::Text),
    ("email", Cell::Text),
    ("hours", Cell::Week),
    ("closed", Cell::Closed),
    ("note", Cell::Localised),
    ("is_urp", Cell::YesNo),
];
const ARTICLE: &[Column] = &[
    ("id", Cell::Text),
    ("kind", Cell::Text),
    ("title", Cell::Localised),
    ("summary", Cell::Localised),
    ("body", Cell::Localised),
    ("keywords", Cell::Localised),
    ("category", Cell::Text),
    ("office", Cell::Text),
    ("checked_on", Cell::Text),
];
const NOTICE: &[Column] = &[
    ("id", Cell::Text),
    ("title", Cell::Localised),
    ("body", Cell::Localised),
    ("valid_from", Cell::Text),
    ("valid_to", Cell::Text),
    ("area", Cell::Text),
    ("important", Cell::YesNo),
];
const STREET: &[Column] = &[("name", Cell::Text), ("area", Cell::Text)];

/// What one column of a file's header stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    field: &'static str,
    cell: Cell,
    /// The language, for a localised column; else "".
    language: String,
}

/// Understands a header cell; the error is a plain reason.
pub(super) fn heading(of: EntryType, text: &str) -> Result<Heading, String> {
    let (name, language) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let Some((field, cell)) = columns(of).iter().find(|(field, _)| *field == name) else {
        let names: Vec<_> = columns(of).iter().map(|(field, _)| *field).collect();
        return Err(format!("there is no column `{name}`; there are {}", names.join(", ")));
    };
    let is_language =
        |tag: &str| tag.len() >= 2 && tag.chars().all(|char| char.is_ascii_alphanumeric() || char == '-');
    match (*cell == Cell::Localised, language) {
        (true, tag) if !is_language(tag) => Err(format!("column `{name}` needs a language: `{name}.it`")),
        (false, tag) if !tag.is_empty() => Err(format!("column `{name}` has no languages")),
        _ => Ok(Heading { field, cell: *cell, language: language.to_owned() }),
    }
}

/// The headings of an export: each localised column once for each of `languages`.
pub(super) fn headings(of: EntryType, languages: &[String]) -> Vec<Heading> {
    let plain = [String::new()];
    columns(of)
        .iter()
        .flat_map(|(field, cell)| {
            let languages = if *cell == Cell::Localised { languages } else { &plain };
            languages.iter().map(|language| Heading { field, cell: *cell, language: language.clone() })
        })
        .collect()
}

impl Heading {
    /// The header cell.
    pub(super) fn text(&self) -> String {
        if self.language.is_empty() {
            self.field.to_owned()
        } else {
            format!("{}.{}", self.field, self.language)
        }
    }

    /// Adds what a cell says to a record. An empty cell says nothing. The error is a plain reason.
    pub(super) fn read(&self, cell: &str, record: &mut Map<String, Value>) -> Result<(), String> {
        let cell = cell.trim();
        if cell.is_empty() {
            return Ok(());
        }
        let value = self.value(cell).map_err(|reason| format!("{}: {reason}", self.text()))?;
        let below = match self.cell {
            Cell::Localised => Some((self.field, self.language.as_str())),
            Cell::Week => Some(("hours", "week")),
            Cell::Closed => Some(("hours", "closed")),
            _ => None,
        };
        let Some((field, key)) = below else {
            record.insert(self.field.to_owned(), value);
            return Ok(());
        };
        let empty = if field == "hours" { json!({"week": [], "closed": []}) } else { json!({}) };
        if let Value::Object(object) = record.entry(field).or_insert(empty) {
            object.insert(key.to_owned(), value);
        }
        Ok(())
    }

    fn value(&self, cell: &str) -> Result<Value, String> {
        let no = |what: &str| format!("`{cell}` is no {what}");
        Ok(match self.cell {
            Cell::Text | Cell::Localised => Value::from(cell),
            Cell::Number => Value::from(cell.parse::<i64>().map_err(|_| no("whole number"))?),
            Cell::YesNo => match cell.to_lowercase().as_str() {
                "true" | "yes" | "sì" | "si" | "vero" | "1" => Value::Bool(true),
                "false" | "no" | "falso" | "0" => Value::Bool(false),
                _ => return Err(no("`true` or `false`")),
            },
            Cell::Words => cell.split(',').map(|word| Value::from(word.trim())).collect(),
            Cell::Numbers => {
                let numbers: Result<Vec<i64>, _> =
                    cell.split(',').map(|number| number.trim().parse()).collect();
                Value::from(numbers.map_err(|_| no("list of numbers"))?)
            }
            Cell::Week => serde_json::to_value(week::read(cell)?).map_err(|error| error.to_string())?,
            Cell::Closed => {
                serde_json::to_value(week::read_closed(cell)?).map_err(|error| error.to_string())?
            }
            Cell::Json => serde_json::from_str(cell).map_err(|_| no("JSON"))?,
        })
    }

    /// The cell that says what a record's field holds.
    pub(super) fn write(&self, record: &Value) -> Result<String, serde_json::Error> {
        let field = record.get(self.field);
        let hours = record.get("hours").cloned().unwrap_or_default();
        Ok(match self.cell {
            Cell::Localised => field.and_then(|text| text.get(&self.language)).map(plain).unwrap_or_default(),
            Cell::Week => week::write(&serde_json::from_value::<Vec<_>>(hours["week"].clone())?),
            Cell::Closed => week::write_closed(&serde_json::from_value::<Vec<_>>(hours["closed"].clone())?),
            Cell::Json => match field {
                Some(Value::Array(values)) if !values.is_empty() => serde_json::to_string(values)?,
                _ => String::new(),
            },
            _ => field.map(plain).unwrap_or_default(),
        })
    }
}

/// Writes a value without quotes; a list with commas between.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn columns(of: EntryType) -> &'static [Column] {
    match of {
        EntryType::Authority => AUTHORITY,
        EntryType::Category => CATEGORY,
        EntryType::Office => OFFICE,
        EntryType::Article => ARTICLE,
        EntryType::Notice => NOTICE,
        EntryType::Street => STREET,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_column_is_answered_with_the_known_ones() {
        let reason = heading(EntryType::Street, "zona").unwrap_err();
        assert_eq!(reason, "there is no column `zona`; there are name, area");
    }

    #[test]
    fn a_text_column_needs_its_language_and_a_plain_one_has_none() {
        assert!(heading(EntryType::Article, "title").unwrap_err().contains("title.it"));
        assert!(heading(EntryType::Article, "id.it").is_err());
        assert_eq!(heading(EntryType::Article, " title.it ").unwrap().text(), "title.it");
    }

    #[test]
    fn a_cell_that_is_no_number_is_named() {
        let heading = heading(EntryType::Category, "term_days").unwrap();
        let reason = heading.read("un mese", &mut Map::new()).unwrap_err();
        assert_eq!(reason, "term_days: `un mese` is no whole number");
    }
}
