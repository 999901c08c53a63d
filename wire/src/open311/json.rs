//! JSON as real servers write it.
//!
//! Numbers are read as the text that they are: an id longer than any number type stays whole, and
//! `001`, which is no JSON although GeoReport's own examples print it, stays `001`.

use serde_json::Value;

/// Reads a document with every number as a string.
pub(super) fn read(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(&quote_numbers(text))
}

/// Puts every number that is not inside a string between quotes.
fn quote_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut in_string = false;
    let mut escaped = false;
    let mut in_number = false;
    for char in text.chars() {
        let belongs = !in_string
            && if in_number {
                matches!(char, '0'..='9' | '+' | '-' | '.' | 'e' | 'E')
            } else {
                matches!(char, '0'..='9' | '-')
            };
        if belongs != in_number {
            out.push('"');
            in_number = belongs;
        }
        if in_string {
            in_string = escaped || char != '"';
            escaped = !escaped && char == '\\';
        } else {
            in_string = char == '"';
        }
        out.push(char);
    }
    if in_number {
        out.push('"');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_every_digit_and_texts_stay_untouched() {
        let read =
            read(r#"{"a":001,"b":[123456789012345678901234567890,-1.50e3],"c":"12 \"3\" \\","d":true}"#);
        assert_eq!(
            read.unwrap(),
            serde_json::json!({"a": "001", "b": ["123456789012345678901234567890", "-1.50e3"],
                "c": "12 \"3\" \\", "d": true})
        );
    }
}
