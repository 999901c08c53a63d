//! A contact as the desk shows it: enough to recognise, too little to note down.

use sportello_wire::submission::Contact;

/// Of a shorter number nothing is shown.
const MIN_SHOWN_DIGITS: usize = 8;

/// Writes the contact's parts with most of each hidden, or nothing if there is none.
pub(super) fn contact(contact: &Contact) -> Option<String> {
    let parts: Vec<String> = [name(&contact.name), phone(&contact.phone), email(&contact.email)]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn name(name: &str) -> String {
    name.trim().chars().next().map_or_else(String::new, |first| format!("{first}•••"))
}

fn phone(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    match (digits.get(..3), digits.get(digits.len().saturating_sub(2)..)) {
        _ if digits.is_empty() => String::new(),
        (Some(first), Some(last)) if digits.len() >= MIN_SHOWN_DIGITS => {
            format!("{first}\u{a0}•••\u{a0}•{last}")
        }
        _ => "•••".to_owned(),
    }
}

fn email(email: &str) -> String {
    match email.trim().split_once('@') {
        None if email.trim().is_empty() => String::new(),
        None => "•••".to_owned(),
        Some((who, domain)) => {
            let first = who.chars().next().map(String::from).unwrap_or_default();
            format!("{first}•••@{domain}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_of_each_part_is_hidden() {
        let full = Contact {
            name: "Marta Rossi".to_owned(),
            email: "marta.rossi@example.it".to_owned(),
            phone: "333 1234521".to_owned(),
        };
        assert_eq!(contact(&full).as_deref(), Some("M•••, 333\u{a0}•••\u{a0}•21, m•••@example.it"));
        assert_eq!(contact(&Contact::default()), None);
        let mut short = Contact::default();
        "112".clone_into(&mut short.phone);
        assert_eq!(contact(&short).as_deref(), Some("•••"));
    }
}
