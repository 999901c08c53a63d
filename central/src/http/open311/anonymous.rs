//! Takes out of a text what leads to a person, before it is published. Pure.
//!
//! It finds e-mail addresses, telephone and other long numbers, and Italian tax codes, which is what people put into
//! descriptions by habit. It does not find names: who reads a published text may have to.

/// What stands in the place of what was taken out.
const GONE: &str = "[…]";
/// From how many digits on a number may be a telephone number or an account.
const MIN_DIGITS: usize = 6;
/// The length of an Italian tax code.
const TAX_CODE_CHARS: usize = 16;

/// Returns the text without what leads to a person.
pub(super) fn anonymous(text: &str) -> String {
    text.split_inclusive('\n').map(anonymous_line).collect()
}

fn anonymous_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    // A number may be written in groups, so blanks inside one do not end it.
    let mut number = String::new();
    for word in line.split_inclusive(char::is_whitespace) {
        if is_number_part(word) {
            number.push_str(word);
            continue;
        }
        push_number(&mut out, &std::mem::take(&mut number));
        if is_personal(word.trim()) { replace(&mut out, word) } else { out.push_str(word) }
    }
    push_number(&mut out, &number);
    out
}

fn is_number_part(word: &str) -> bool {
    let word = word.trim().trim_matches(|char: char| matches!(char, ',' | ';' | ':' | '!' | '?'));
    word.chars().any(|char| char.is_ascii_digit())
        && word.chars().all(|char| char.is_ascii_digit() || matches!(char, '+' | '-' | '/' | '.' | '(' | ')'))
}

fn push_number(out: &mut String, number: &str) {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    // A date has eight digits and leads to nobody.
    if digits < MIN_DIGITS || is_date(number.trim()) { out.push_str(number) } else { replace(out, number) }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.trim_end_matches(['.', ',', ';']).split(['/', '-', '.']).collect();
    matches!(parts.as_slice(), [a, b, c] if b.len() <= 2 && matches!((a.len(), c.len()), (1..=2, 2 | 4) | (4, 1..=2)))
}

/// Whether it is how a client marks its own requests, to find them again: `[7F3A-91BC-22D0]`.
fn is_marker(word: &str) -> bool {
    let inner = word.strip_prefix('[').and_then(|word| word.strip_suffix(']'));
    let is_group = |group: &str| group.len() == 4 && group.bytes().all(|byte| byte.is_ascii_hexdigit());
    inner.is_some_and(|inner| inner.contains('-') && inner.split('-').all(is_group))
}

fn is_personal(word: &str) -> bool {
    if is_marker(word) {
        return false;
    }
    let is_address = word.split_once('@').is_some_and(|(_, domain)| domain.contains('.'));
    let plain: String = word.chars().filter(|char| char.is_alphanumeric()).collect();
    let digits = plain.chars().filter(char::is_ascii_digit).count();
    let is_tax_code = plain.chars().count() == TAX_CODE_CHARS && digits >= MIN_DIGITS;
    is_address || is_tax_code || digits > MIN_DIGITS
}

/// Writes the sign in the place of a word, and keeps the blanks after it.
fn replace(out: &mut String, word: &str) {
    out.push_str(GONE);
    out.push_str(word.get(word.trim_end().len()..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_to_a_person_is_taken_out() {
        for (text, expected) in [
            ("Chiamatemi al 333 12 34 567, grazie", "Chiamatemi al […] grazie"),
            ("Tel. +39-030.123456\nSaluti", "Tel. […]\nSaluti"),
            ("scrivere a mario.rossi@example.it!", "scrivere a […]"),
            ("sono RSSMRA80A01B157X di via Roma", "sono […] di via Roma"),
            ("tel:3331234567", "[…]"),
            ("IT60X0542811101000000123456", "[…]"),
        ] {
            assert_eq!(anonymous(text), expected);
        }
    }

    #[test]
    fn what_tells_of_the_matter_stays() {
        for text in [
            "",
            "Buca larga 40 cm davanti al n. 12, dal 21/11/2026.",
            "Il lampione 1234 è spento dal 2026-11-21;\nanche il 1235\n",
            "Tra le 18.30 e le 19.00 @ piazza Duomo",
            "[7034-9111-2200] Segnalazione",
        ] {
            assert_eq!(anonymous(text), text);
        }
    }
}
