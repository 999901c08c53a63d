//! How far the machine's clock can be trusted.

use std::path::Path;

use sportello_wire::envelope::ClockState;

/// What a time daemon leaves when it has set the clock (systemd-timesyncd), below the root folder.
const SYNCHRONISED_MARK: &str = "run/systemd/timesync/synchronized";
/// Where a clock chip shows.
const CLOCK_CHIPS: [&str; 2] = ["dev/rtc", "dev/rtc0"];

/// Says how far the clock can be trusted; `root` is `/` outside tests.
pub fn clock_state(root: &Path) -> ClockState {
    if root.join(SYNCHRONISED_MARK).exists() {
        ClockState::Synchronised
    } else if CLOCK_CHIPS.iter().any(|chip| root.join(chip).exists()) {
        ClockState::Hardware
    } else {
        ClockState::Guess
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_network_is_trusted_more_than_a_chip_and_a_chip_more_than_nothing() {
        let root = tempfile::tempdir().expect("a folder");
        let touch = |path: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, "").expect("a file");
        };
        assert_eq!(clock_state(root.path()), ClockState::Guess);
        touch("dev/rtc0");
        assert_eq!(clock_state(root.path()), ClockState::Hardware);
        touch("run/systemd/timesync/synchronized");
        assert_eq!(clock_state(root.path()), ClockState::Synchronised);
    }
}
