//! Reads gettext .po files, strictly.
//!
//! Only what the kiosk needs: `msgctxt`, `msgid`, `msgstr`, strings over several lines, comments. Plural forms and
//! fuzzy entries are refused rather than guessed.

use std::collections::HashMap;

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct PoError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub reason: &'static str,
}

/// The translations of one file.
#[derive(Debug, Default)]
pub(super) struct Messages(HashMap<String, HashMap<String, String>>);

impl Messages {
    pub(super) fn get(&self, context: &str, message: &str) -> Option<&str> {
        self.0.get(context)?.get(message).map(String::as_str).filter(|translation| !translation.is_empty())
    }

    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = ((&str, &str), &str)> {
        self.0.iter().flat_map(|(context, messages)| {
            messages
                .iter()
                .map(|(message, translation)| ((context.as_str(), message.as_str()), translation.as_str()))
        })
    }

    #[cfg(test)]
    pub(super) fn keys(&self) -> impl Iterator<Item = (String, String)> {
        self.iter().map(|((context, message), _)| (context.to_owned(), message.to_owned()))
    }
}

/// Which string of an entry a line goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Context,
    Message,
    Translation,
}

#[derive(Default)]
struct Entry {
    context: Option<String>,
    message: Option<String>,
    translation: Option<String>,
}

/// Reads a whole file. The header, whose `msgid` is empty, is left out.
pub(super) fn read(file: &str) -> Result<Messages, PoError> {
    let mut messages = Messages::default();
    let mut entry = Entry::default();
    let mut part = None;
    let mut last_line = 0;
    for (number, line) in file.lines().enumerate() {
        let error = |reason| PoError { line: number + 1, reason };
        let line = line.trim();
        last_line = number + 1;
        if line.starts_with("#,") && line.contains("fuzzy") {
            return Err(error("a fuzzy translation has to be checked first"));
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (keyword, string) = line.split_at(line.find('"').ok_or(error("a string is missing"))?);
        let string = unquoted(string).ok_or(error("the string is not closed or has an unknown escape"))?;
        let begins = match keyword.trim() {
            "" => None,
            "msgctxt" => Some(Part::Context),
            "msgid" => Some(Part::Message),
            "msgstr" => Some(Part::Translation),
            _ => return Err(error("only msgctxt, msgid and msgstr are known")),
        };
        if let Some(begins) = begins {
            let starts_entry =
                begins == Part::Context || (begins == Part::Message && part != Some(Part::Context));
            if starts_entry && part.is_some() {
                messages.add(std::mem::take(&mut entry)).map_err(error)?;
            }
            part = Some(begins);
        }
        let target = match part.ok_or(error("a string belongs to nothing"))? {
            Part::Context => &mut entry.context,
            Part::Message => &mut entry.message,
            Part::Translation => &mut entry.translation,
        };
        match target {
            Some(_) if begins.is_some() => return Err(error("an entry has a part twice")),
            Some(known) => known.push_str(&string),
            None => *target = Some(string),
        }
    }
    if part.is_some() {
        messages.add(entry).map_err(|reason| PoError { line: last_line, reason })?;
    }
    Ok(messages)
}

impl Messages {
    fn add(&mut self, entry: Entry) -> Result<(), &'static str> {
        let Entry { context, message, translation } = entry;
        let message = message.ok_or("an entry has no msgid")?;
        let translation = translation.ok_or("an entry has no msgstr")?;
        if message.is_empty() {
            return Ok(());
        }
        let context = self.0.entry(context.unwrap_or_default()).or_default();
        if context.insert(message, translation).is_some() { Err("a msgid is there twice") } else { Ok(()) }
    }
}

fn unquoted(string: &str) -> Option<String> {
    let inner = string.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        text.push(match char {
            '"' => return None,
            '\\' => match chars.next()? {
                'n' => '\n',
                't' => '\t',
                escaped @ ('"' | '\\') => escaped,
                _ => return None,
            },
            other => other,
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_may_have_a_context_and_several_lines() {
        let file = "# By hand\nmsgid \"\"\nmsgstr \"\"\n\"Language: it\\n\"\n\nmsgctxt \"door\"\nmsgid \"Open\"\nmsgstr \"Aperta\"\n\
                    msgid \"Open\"\nmsgstr \"\"\n\"Ap\"\n\"ri \\\"ora\\\"\"\n";
        let messages = read(file).unwrap();
        assert_eq!(messages.get("door", "Open"), Some("Aperta"));
        assert_eq!(messages.get("", "Open"), Some("Apri \"ora\""));
        assert_eq!(messages.get("", ""), None, "the header is no sentence");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (file, line) in [
            ("msgid \"a\"\nmsgid \"b\"\nmsgstr \"c\"", 2),
            ("msgid \"a\"\nmsgstr \"b\"\nmsgid \"a\"\nmsgstr \"c\"\n", 4),
            ("msgid \"a\nmsgstr \"b\"", 1),
            ("\"a\"", 1),
            ("msgid \"a\"\nmsgid_plural \"b\"", 2),
            ("#, fuzzy\nmsgid \"a\"", 1),
            ("msgid \"a\"", 1),
            ("msgid \"a\"\nmsgstr \"b\"\nmsgstr \"c\"", 3),
            ("hello", 1),
        ] {
            assert_eq!(read(file).map(|_| ()).map_err(|error| error.line), Err(line), "{file}");
        }
    }
}
