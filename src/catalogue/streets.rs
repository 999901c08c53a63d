//! Finds a street while its name is typed.
//!
//! A town has some hundreds of streets: they are kept in memory and compared one by one.

use sportello_wire::catalogue::Street;

use super::{text::words, typo};

pub(super) struct Streets(Vec<(Street, Vec<String>)>);

/// How well a name fits what was typed; the smallest is the best.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    typos: usize,
    /// How far into the name the first typed word is found, the kind of street ("via") not counted.
    position: usize,
    words: usize,
}

impl Streets {
    pub(super) fn new(mut streets: Vec<Street>) -> Self {
        streets.sort_by(|one, other| one.name.cmp(&other.name));
        let folded = |name: &str| words(name).into_iter().map(|word| word.folded).collect();
        Self(
            streets
                .into_iter()
                .map(|street| {
                    let words = folded(&street.name);
                    (street, words)
                })
                .collect(),
        )
    }

    /// The streets that fit, the best first; typos are looked for only if nothing fits as it was typed.
    pub(super) fn find(&self, typed: &str, limit: usize) -> Vec<Street> {
        let typed: Vec<String> = words(typed).into_iter().map(|word| word.folded).collect();
        let mut found: Vec<(Rank, &Street)> =
            self.0.iter().filter_map(|(street, name)| Some((rank(&typed, name)?, street))).collect();
        if found.iter().any(|(rank, _)| rank.typos == 0) {
            found.retain(|(rank, _)| rank.typos == 0);
        }
        found.sort_by(|one, other| one.0.cmp(&other.0));
        found.into_iter().take(limit).map(|(_, street)| street.clone()).collect()
    }
}

/// How well a name fits; none if one of the typed words is nowhere in it.
fn rank(typed: &[String], name: &[String]) -> Option<Rank> {
    let mut rank = Rank { typos: 0, position: usize::MAX, words: name.len() };
    for word in typed {
        let (typos, position) = name
            .iter()
            .enumerate()
            .filter_map(|(position, other)| Some((typos(word, other)?, position)))
            .min()?;
        rank.typos += typos;
        rank.position = rank.position.min(position.saturating_sub(1));
    }
    Some(rank)
}

/// How many typos lie between the typed letters and the word or its beginning; none if too many.
fn typos(typed: &str, word: &str) -> Option<usize> {
    if word.starts_with(typed) {
        return Some(0);
    }
    let typed: Vec<char> = typed.chars().collect();
    let allowed = typo::allowed(typed.len());
    let (whole, beginning) = typo::distances(&typed, word, allowed);
    Some(whole.min(beginning)).filter(|distance| *distance <= allowed && allowed > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(typed: &str) -> Vec<String> {
        let names = [
            "Via Dante Alighieri",
            "Piazza della Libertà",
            "Viale Libertà",
            "Via Alighiero Noschese",
            "Via Roma",
        ];
        let street = |name: &&str| Street { name: (*name).to_owned(), area: "centro".to_owned() };
        let streets = Streets::new(names.iter().map(street).collect());
        streets.find(typed, 3).into_iter().map(|street| street.name).collect()
    }

    #[test]
    fn any_word_of_the_name_finds_the_street() {
        assert_eq!(find("dante"), ["Via Dante Alighieri"]);
        assert_eq!(find("alighieri dante"), ["Via Dante Alighieri"]);
        assert_eq!(find("via dan"), ["Via Dante Alighieri"]);
    }

    #[test]
    fn accents_and_case_do_not_matter() {
        assert_eq!(find("LIBERTA"), ["Viale Libertà", "Piazza della Libertà"]);
    }

    #[test]
    fn a_small_typo_is_forgiven_but_only_if_nothing_else_fits() {
        assert_eq!(find("dnate"), ["Via Dante Alighieri"]);
        assert_eq!(find("alighiero"), ["Via Alighiero Noschese"]);
        assert_eq!(find("xyz"), Vec::<String>::new());
    }

    #[test]
    fn nothing_typed_lists_the_first_streets() {
        assert_eq!(find("").len(), 3);
    }
}
