//! How far a typed word is from a real one.
//!
//! It knows no words: which ones are compared is the caller's.

/// Shorter words are not corrected: too many real words lie one letter away.
const MIN_CHARS_ONE_TYPO: usize = 4;
/// Words of this length may have two typos.
const MIN_CHARS_TWO_TYPOS: usize = 8;

/// Longer words are not corrected: no word of a town's pages is that long.
const MAX_CHARS: usize = 32;

/// One row of the table of distances, a cell for each typed letter and one before the first.
type Row = [u8; MAX_CHARS + 1];

/// How many edits are forgiven in a word of so many characters.
pub(super) fn allowed(chars: usize) -> usize {
    match chars {
        ..MIN_CHARS_ONE_TYPO => 0,
        MIN_CHARS_ONE_TYPO..MIN_CHARS_TWO_TYPOS => 1,
        _ => 2,
    }
}

/// The edits (a letter missing, added, wrong, or two neighbours swapped) from the typed letters to the whole word,
/// and to the nearest of its beginnings. Beyond `allowed` the exact number is not found out.
///
/// This is the optimal string alignment distance, row by row. The rows are arrays of bytes: a mistyped word is compared
/// with thousands of others at each letter.
pub(super) fn distances(typed: &[char], word: &str, allowed: usize) -> (usize, usize) {
    if typed.len() > MAX_CHARS {
        return (usize::MAX, usize::MAX);
    }
    let mut before_last: Row = [u8::MAX; MAX_CHARS + 1];
    let mut last: Row = std::array::from_fn(|column| column as u8);
    let mut beginning = typed.len();
    let mut previous = None;
    for (row, char) in word.chars().enumerate() {
        let first = u8::try_from(row + 1).unwrap_or(u8::MAX);
        let mut current: Row = [first; MAX_CHARS + 1];
        let mut least = first;
        let mut left = first;
        let mut typed_before = None;
        for (column, ((typed_char, diagonal_and_above), cell)) in
            typed.iter().zip(last.windows(2)).zip(current.iter_mut().skip(1)).enumerate()
        {
            let [diagonal, above] = diagonal_and_above else { continue };
            let mut cost = diagonal
                .saturating_add(u8::from(*typed_char != char))
                .min(above.saturating_add(1))
                .min(left.saturating_add(1));
            if column > 0 && typed_before == Some(char) && previous == Some(*typed_char) {
                let swapped = before_last.get(column - 1).copied().unwrap_or(u8::MAX);
                cost = cost.min(swapped.saturating_add(1));
            }
            *cell = cost;
            left = cost;
            least = least.min(cost);
            typed_before = Some(*typed_char);
        }
        if usize::from(least) > allowed {
            return (usize::MAX, beginning);
        }
        beginning = beginning.min(usize::from(left));
        previous = Some(char);
        before_last = std::mem::replace(&mut last, current);
    }
    (last.get(typed.len()).copied().map_or(usize::MAX, usize::from), beginning)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(typed: &str, word: &str) -> (usize, usize) {
        distances(&typed.chars().collect::<Vec<_>>(), word, 9)
    }

    #[test]
    fn one_slip_of_the_finger_is_one_edit() {
        assert_eq!(distance("identta", "identita").0, 1, "a letter missing");
        assert_eq!(distance("anagraffe", "anagrafe").0, 1, "a letter too many");
        assert_eq!(distance("pagare", "pegare").0, 1, "a wrong letter");
        assert_eq!(distance("residneza", "residenza").0, 1, "two letters swapped");
    }

    #[test]
    fn all_words_of_few_letters_are_as_far_apart_as_an_independent_measure_says() {
        let words: Vec<String> = (0..81_u32)
            .map(|number| {
                (0..4).map(|place| ['a', 'b', 'c'][(number / 3_u32.pow(place) % 3) as usize]).collect()
            })
            .flat_map(|word: String| [word[..3].to_owned(), word])
            .collect();
        for typed in &words {
            for word in &words {
                assert_eq!(distance(typed, word).0, strsim::osa_distance(typed, word), "{typed} {word}");
            }
        }
    }

    #[test]
    fn a_word_longer_than_any_is_far_from_all() {
        assert_eq!(distance(&"a".repeat(MAX_CHARS + 1), "a").0, usize::MAX);
    }

    #[test]
    fn the_beginning_of_a_longer_word_counts_as_far_as_it_was_typed() {
        assert_eq!(distance("identt", "identita"), (2, 1));
        assert_eq!(distance("carta", "carta"), (0, 0));
    }
}
