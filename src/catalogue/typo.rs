//! How far a typed word is from a real one.
//!
//! It knows no words: which ones are compared is the caller's.

/// Shorter words are not corrected: too many real words lie one letter away.
const MIN_CHARS_ONE_TYPO: usize = 4;
/// Words of this length may have two typos.
const MIN_CHARS_TWO_TYPOS: usize = 8;

/// How many edits are forgiven in a word of so many characters.
pub(super) fn allowed(chars: usize) -> usize {
    match chars {
        ..MIN_CHARS_ONE_TYPO => 0,
        MIN_CHARS_ONE_TYPO..MIN_CHARS_TWO_TYPOS => 1,
        _ => 2,
    }
}

/// The edits (a letter missing, added, wrong, or two neighbours swapped) from the typed letters to the whole word,
/// and to the nearest of its beginnings.
pub(super) fn distances(typed: &[char], word: &str, allowed: usize) -> (usize, usize) {
    let width = typed.len() + 1;
    let mut before_last = vec![usize::MAX; width];
    let mut last: Vec<usize> = (0..width).collect();
    let mut beginning = typed.len();
    let mut previous = None;
    for (row, char) in word.chars().enumerate() {
        let mut current = Vec::with_capacity(width);
        current.push(row + 1);
        for (column, typed_char) in typed.iter().enumerate() {
            let at = |cells: &[usize], column: usize| cells.get(column).copied().unwrap_or(usize::MAX);
            let mut cost = (at(&last, column) + usize::from(*typed_char != char))
                .min(at(&last, column + 1) + 1)
                .min(at(&current, column) + 1);
            let is_swap = column > 0 && typed.get(column - 1) == Some(&char) && previous == Some(*typed_char);
            if is_swap {
                cost = cost.min(at(&before_last, column - 1).saturating_add(1));
            }
            current.push(cost);
        }
        if current.iter().min().is_none_or(|least| *least > allowed) {
            return (usize::MAX, beginning);
        }
        beginning = beginning.min(current.last().copied().unwrap_or(usize::MAX));
        previous = Some(char);
        before_last = std::mem::replace(&mut last, current);
    }
    (last.last().copied().unwrap_or(usize::MAX), beginning)
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
    fn the_beginning_of_a_longer_word_counts_as_far_as_it_was_typed() {
        assert_eq!(distance("identt", "identita"), (2, 1));
        assert_eq!(distance("carta", "carta"), (0, 0));
    }
}
