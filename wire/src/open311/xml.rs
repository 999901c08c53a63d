//! XML: what has to be escaped, and how an answer becomes the same value as if it were JSON.
//!
//! Names are compared without namespace, attributes are ignored, and document types are refused:
//! nobody needs them here, and entities can be made to explode.

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Map, Value};

/// What precedes the root element. The text demands the encoding.
pub(super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// The deepest nesting that is read; GeoReport v2 needs six levels.
const MAX_DEPTH: usize = 32;
/// The most nodes that are read: a thousand requests of twenty fields, several times over.
const MAX_NODES: u32 = 500_000;

/// Appends a text with all that XML reserves escaped, and without what XML 1.0 forbids.
pub(super) fn push_escaped(out: &mut String, text: &str) {
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // A reader would turn a bare carriage return into a line feed.
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(char),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => out.push(other),
        }
    }
}

/// Reads a document. The root's name is not told: real servers use various ones.
pub(super) fn read(text: &str) -> Result<Value, roxmltree::Error> {
    let options = ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options)?;
    Ok(value_of(document.root_element(), 0))
}

fn value_of(element: Node<'_, '_>, depth: usize) -> Value {
    let mut parts = Map::new();
    if depth < MAX_DEPTH {
        for child in element.children().filter(Node::is_element) {
            let part = value_of(child, depth + 1);
            match parts.get_mut(child.tag_name().name()) {
                Some(Value::Array(same)) => same.push(part),
                Some(first) => *first = Value::Array(vec![first.take(), part]),
                None => {
                    parts.insert(child.tag_name().name().to_owned(), part);
                }
            }
        }
    }
    if !parts.is_empty() {
        return Value::Object(parts);
    }
    let text: String = element.children().filter(Node::is_text).filter_map(|node| node.text()).collect();
    if text.trim().is_empty() { Value::Null } else { Value::String(text) }
}
