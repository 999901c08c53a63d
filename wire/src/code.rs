//! The ticket code: what the citizen keeps.
//!
//! Twelve random characters of Crockford's base 32 (60 bits) and a check character, written
//! `XXXX-XXXX-XXXX-C`. The check is a Damm-like digit over GF(32): `c ← 2·c ⊕ d` for each
//! character, then `2·c`, with the polynomial x⁵+x²+1. It sees every single wrong character and every swap
//! of neighbours. The code says nothing about the ticket, the kiosk or the time.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::{PartialSchema, ToSchema};

/// Crockford's alphabet: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RANDOM_CHARS: usize = 12;
const ALL_CHARS: usize = RANDOM_CHARS + 1;

/// A ticket code that is known to be well formed. Kept without hyphens.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TicketCode([u8; ALL_CHARS]);

/// Why a text is no ticket code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It has too few or too many characters.
    #[error("a ticket code has 13 characters, this has {0}")]
    Length(usize),
    /// A character does not belong to the alphabet.
    #[error("a ticket code has no such character")]
    Character,
    /// The check character does not fit: something is mistyped.
    #[error("the ticket code's check character does not fit")]
    Check,
}

impl TicketCode {
    /// Makes a code from 60 random bits (the low bits of `random`).
    pub fn from_random(random: u64) -> Self {
        let mut values = [0_u8; RANDOM_CHARS];
        for (index, value) in values.iter_mut().enumerate() {
            *value = ((random >> (5 * index)) & 31) as u8;
        }
        let mut chars = [b'0'; ALL_CHARS];
        for (char, value) in chars.iter_mut().zip(values.iter().copied().chain([check(&values)])) {
            *char = symbol(value);
        }
        Self(chars)
    }

    /// Writes the code without hyphens.
    pub fn compact(&self) -> String {
        self.0.iter().map(|byte| char::from(*byte)).collect()
    }

    /// The groups as they are shown and spoken: three of four characters, and the check character.
    pub fn groups(&self) -> [String; 4] {
        let compact = self.compact();
        let group = |from: usize, to: usize| compact.get(from..to).unwrap_or_default().to_owned();
        [group(0, 4), group(4, 8), group(8, 12), group(12, 13)]
    }
}

fn symbol(value: u8) -> u8 {
    ALPHABET.get(usize::from(value & 31)).copied().unwrap_or(b'0')
}

/// Folds what people confuse (I and L are 1, O is 0) and returns the character's value.
fn value_of(char: char) -> Option<u8> {
    let folded = match char.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    };
    ALPHABET.iter().position(|symbol| char::from(*symbol) == folded).and_then(|at| u8::try_from(at).ok())
}

fn double(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 0b10_0000 == 0 { shifted } else { (shifted ^ 0b10_0101) & 31 }
}

fn check(values: &[u8]) -> u8 {
    double(values.iter().fold(0, |sum, value| double(sum) ^ value))
}

impl FromStr for TicketCode {
    type Err = CodeError;

    /// Reads a code as people type it: any case, with or without hyphens, dots and spaces, I, L and O folded.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        let mut values = Vec::with_capacity(ALL_CHARS);
        for char in text.chars().filter(|char| !matches!(char, '-' | ' ' | '.' | '·' | '\u{2011}')) {
            values.push(value_of(char).ok_or(CodeError::Character)?);
        }
        let Some((last, random)) = values.split_last().filter(|_| values.len() == ALL_CHARS) else {
            return Err(CodeError::Length(values.len()));
        };
        if check(random) != *last {
            return Err(CodeError::Check);
        }
        let mut chars = [b'0'; ALL_CHARS];
        for (char, value) in chars.iter_mut().zip(&values) {
            *char = symbol(*value);
        }
        Ok(Self(chars))
    }
}

impl fmt::Display for TicketCode {
    /// Writes `XXXX-XXXX-XXXX-C`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.groups().join("-"))
    }
}

impl fmt::Debug for TicketCode {
    /// Hides the code: whoever has it can follow the ticket, so it does not belong into a log.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TicketCode(…)")
    }
}

impl Serialize for TicketCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TicketCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl PartialSchema for TicketCode {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        String::schema()
    }
}

impl ToSchema for TicketCode {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rejected(chars: &[u8]) -> bool {
        String::from_utf8_lossy(chars).parse::<TicketCode>().is_err()
    }

    proptest! {
        #[test]
        fn a_code_reads_back_as_people_type_it(random: u64) {
            let code = TicketCode::from_random(random);
            prop_assert_eq!(code.to_string().parse(), Ok(code));
            let sloppy = code.compact().to_lowercase().replace('1', "l").replace('0', "o");
            prop_assert_eq!(sloppy.parse(), Ok(code));
        }

        #[test]
        fn every_wrong_character_and_every_swap_of_neighbours_is_seen(random: u64) {
            let code = TicketCode::from_random(random).0;
            for at in 0..ALL_CHARS {
                for other in ALPHABET.iter().filter(|other| **other != code[at]) {
                    let mut wrong = code;
                    wrong[at] = *other;
                    prop_assert!(rejected(&wrong));
                }
                if at + 1 < ALL_CHARS && code[at] != code[at + 1] {
                    let mut swapped = code;
                    swapped.swap(at, at + 1);
                    prop_assert!(rejected(&swapped));
                }
            }
        }
    }

    #[test]
    fn what_is_no_code_is_named() {
        assert_eq!("K7M4".parse::<TicketCode>(), Err(CodeError::Length(4)));
        assert_eq!("K7M4-92QX-TRAB-!".parse::<TicketCode>(), Err(CodeError::Character));
    }

    #[test]
    fn a_code_is_not_shown_in_a_log() {
        assert_eq!(format!("{:?}", TicketCode::from_random(7)), "TicketCode(…)");
    }
}
