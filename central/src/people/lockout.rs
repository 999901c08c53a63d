//! How long one has to wait after wrong passwords: the rule only, without clock and database.

/// How many wrong passwords are free.
pub const FREE_ATTEMPTS: u32 = 5;
/// How long the wait after the last free attempt is, in seconds.
pub const FIRST_WAIT_S: u32 = 15;
/// How long the longest wait is, in seconds.
pub const LONGEST_WAIT_S: u32 = 900;
/// After this long without a wrong password the count starts anew: a day.
pub(super) const FORGOTTEN_AFTER_MS: i64 = 86_400_000;

/// How long to wait after `failures` wrong passwords, in seconds: nothing before the last free one, then 15, 30,
/// 60 … up to the longest.
pub(super) fn wait_s(failures: u32) -> u32 {
    let Some(doublings) = failures.checked_sub(FREE_ATTEMPTS) else { return 0 };
    2_u32.saturating_pow(doublings).saturating_mul(FIRST_WAIT_S).min(LONGEST_WAIT_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_wrong_password_costs_fifteen_seconds_and_each_further_one_doubles_it() {
        let waits: Vec<u32> = (0..13).map(wait_s).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900]);
        assert_eq!(wait_s(u32::MAX), LONGEST_WAIT_S);
    }
}
