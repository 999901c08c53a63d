//! Makes scans out of the bytes that a scanner sends.
//!
//! A pure state machine: time is given to it. A scan that is damaged, too long or not printable is dropped whole: half of a
//! code is no code.

use std::time::Duration;

use super::MAX_SCAN_CHARACTERS;

/// What many scanners put before a scan to tell the kind of code: `]`, a letter, a digit or letter (ISO/IEC 15424, "AIM").
const SYMBOLOGY_PREFIX_BYTES: usize = 3;

/// Assembles scans.
#[derive(Debug, Clone)]
pub struct Assembler {
    gap: Duration,
    bytes: Vec<u8>,
    /// Whether the scan that is coming is dropped already.
    spoilt: bool,
    last_byte_at: Duration,
}

impl Assembler {
    /// A scan ends with CR or LF, or when nothing follows for `gap`.
    pub fn new(gap: Duration) -> Self {
        Self { gap, bytes: Vec::new(), spoilt: false, last_byte_at: Duration::ZERO }
    }

    /// Takes what came at `now`, a time since any fixed moment, never going back. Gives the scans that end with it.
    pub fn receive(&mut self, bytes: &[u8], now: Duration) -> Vec<String> {
        let mut scans: Vec<String> = self.idle(now).into_iter().collect();
        for byte in bytes {
            self.last_byte_at = now;
            match byte {
                b'\r' | b'\n' => scans.extend(self.end()),
                b' '..=b'~' if self.bytes.len() < MAX_SCAN_CHARACTERS + SYMBOLOGY_PREFIX_BYTES => {
                    self.bytes.push(*byte);
                }
                _ => self.spoilt = true,
            }
        }
        scans
    }

    /// Nothing came until `now`. Gives the scan that ends with that.
    pub fn idle(&mut self, now: Duration) -> Option<String> {
        if now.saturating_sub(self.last_byte_at) < self.gap { None } else { self.end() }
    }

    fn end(&mut self) -> Option<String> {
        let bytes = std::mem::take(&mut self.bytes);
        let spoilt = std::mem::take(&mut self.spoilt);
        let text = match bytes.as_slice() {
            [b']', letter, modifier, rest @ ..]
                if letter.is_ascii_alphabetic() && modifier.is_ascii_alphanumeric() =>
            {
                rest
            }
            all => all,
        };
        if spoilt || text.len() > MAX_SCAN_CHARACTERS {
            tracing::debug!("a scan was dropped");
            return None;
        }
        String::from_utf8(text.to_vec()).ok().filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GAP: Duration = Duration::from_millis(50);

    fn scans(bytes: &[u8]) -> Vec<String> {
        let mut assembler = Assembler::new(GAP);
        let mut scans = assembler.receive(bytes, Duration::ZERO);
        scans.extend(assembler.idle(GAP));
        scans
    }

    #[test]
    fn a_scan_ends_with_a_line_end_of_any_kind() {
        assert_eq!(scans(b"one\rtwo\nthree\r\n\r\n"), ["one", "two", "three"]);
    }

    #[test]
    fn a_scan_without_an_end_ends_with_a_gap() {
        let mut assembler = Assembler::new(GAP);
        assert_eq!(assembler.receive(b"AB", Duration::from_millis(100)), Vec::<String>::new());
        assert_eq!(assembler.receive(b"CD", Duration::from_millis(149)), Vec::<String>::new());
        assert_eq!(assembler.idle(Duration::from_millis(198)), None);
        assert_eq!(assembler.idle(Duration::from_millis(199)), Some("ABCD".to_owned()));
        assert_eq!(assembler.idle(Duration::from_millis(999)), None);
    }

    #[test]
    fn what_comes_after_an_unnoticed_gap_is_another_scan() {
        let mut assembler = Assembler::new(GAP);
        assembler.receive(b"AB", Duration::ZERO);
        assert_eq!(assembler.receive(b"CD\r", Duration::from_secs(1)), ["AB", "CD"]);
    }

    #[test]
    fn the_symbology_prefix_is_taken_off_and_only_that() {
        assert_eq!(
            scans(b"]Q1https://example.org\r]C0RSS\r]\r]]]x\r]Q\ra]Q1b\r"),
            ["https://example.org", "RSS", "]", "]]]x", "]Q", "a]Q1b"]
        );
    }

    #[test]
    fn the_longest_scan_passes_with_and_without_prefix_and_a_longer_one_is_dropped_whole() {
        let longest = "x".repeat(MAX_SCAN_CHARACTERS);
        assert_eq!(scans(longest.as_bytes()), [longest.as_str()]);
        assert_eq!(scans(format!("]Q1{longest}").as_bytes()), [longest.as_str()]);
        assert_eq!(scans(format!("{longest}x\rnext\r").as_bytes()), ["next"]);
        assert_eq!(scans(format!("{longest}{longest}\rnext\r").as_bytes()), ["next"]);
    }

    #[test]
    fn a_scan_with_anything_unprintable_is_dropped_whole() {
        for bad in [&b"a\0b"[..], b"a\tb", b"\x1b[31m", "perch\u{e9}".as_bytes(), b"\x7f", b"\xff"] {
            assert_eq!(scans(&[bad, b"\rnext\r"].concat()), ["next"], "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_but_short_printable_text_ever_comes_out(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            for scan in scans(&bytes) {
                prop_assert!(!scan.is_empty() && scan.len() <= MAX_SCAN_CHARACTERS);
                prop_assert!(scan.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            }
        }
    }
}
