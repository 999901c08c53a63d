//! A document before it is written: one tree, two notations (the Spark convention).
//!
//! XML has no lists, so each list's items have a name there which JSON does not show. What is empty
//! is `null` in JSON and an empty element in XML, never left out, as in the text's examples.

use std::fmt::Write as _;

use super::{Format, Listed, Record, xml};

/// A part of a document.
pub enum Tree {
    /// Nothing is known.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number: an order or an error code.
    Whole(u32),
    /// A finite decimal number: a latitude or longitude.
    Decimal(f64),
    /// A text.
    Text(String),
    /// A list and the name of its items in XML.
    List(&'static str, Vec<Tree>),
    /// Named parts in the order in which they are written.
    Record(Vec<(&'static str, Tree)>),
}

/// What can become a tree. It is visible only through [`Record`].
pub trait ToTree {
    /// The tree that stands for it.
    fn to_tree(&self) -> Tree;
}

/// Writes a list as a whole document.
pub fn write_list<R: Listed>(records: &[R], format: Format) -> String {
    let items = records.iter().map(ToTree::to_tree).collect();
    write(R::LIST, &Tree::List(R::ELEMENT, items), format)
}

/// Writes one record as a whole document.
pub fn write_one<R: Record>(record: &R, format: Format) -> String {
    write(R::ELEMENT, &record.to_tree(), format)
}

fn write(root: &str, tree: &Tree, format: Format) -> String {
    let mut out = String::new();
    match format {
        Format::Json => write_json(&mut out, tree),
        Format::Xml => {
            out.push_str(xml::DECLARATION);
            write_xml(&mut out, root, tree);
        }
    }
    out
}

impl Tree {
    /// A text, or nothing when it is empty.
    pub(super) fn text(text: &str) -> Self {
        if text.is_empty() { Self::Null } else { Self::Text(text.to_owned()) }
    }

    /// A decimal number, or nothing when there is none or it is not finite.
    pub(super) fn decimal(number: Option<f64>) -> Self {
        number.filter(|number| number.is_finite()).map_or(Self::Null, Self::Decimal)
    }

    /// The text of a leaf; none of a list or a record.
    fn leaf(&self) -> Option<String> {
        match self {
            Self::Null => Some(String::new()),
            Self::Bool(value) => Some(value.to_string()),
            Self::Whole(number) => Some(number.to_string()),
            Self::Decimal(number) => Some(number.to_string()),
            Self::Text(text) => Some(text.clone()),
            Self::List(..) | Self::Record(_) => None,
        }
    }
}

fn write_json(out: &mut String, tree: &Tree) {
    match tree {
        Tree::Null => out.push_str("null"),
        Tree::Text(text) => push_json_string(out, text),
        Tree::List(_, items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_json(out, item);
            }
            out.push(']');
        }
        Tree::Record(parts) => {
            out.push('{');
            for (index, (name, part)) in parts.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_json_string(out, name);
                out.push(':');
                write_json(out, part);
            }
            out.push('}');
        }
        leaf => out.push_str(&leaf.leaf().unwrap_or_default()),
    }
}

fn push_json_string(out: &mut String, text: &str) {
    // Writing into a String cannot fail.
    let _ = write!(out, "{}", serde_json::Value::from(text));
}

fn write_xml(out: &mut String, name: &str, tree: &Tree) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    match tree {
        Tree::List(item_name, items) => items.iter().for_each(|item| write_xml(out, item_name, item)),
        Tree::Record(parts) => parts.iter().for_each(|(part_name, part)| write_xml(out, part_name, part)),
        leaf => xml::push_escaped(out, &leaf.leaf().unwrap_or_default()),
    }
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}
