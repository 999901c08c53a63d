//! The few ESC/POS commands that put a picture on paper, as bytes.
//!
//! Text, bar codes and code pages are not here: a picture prints every script, and the screen shows the same picture.
//! Source: Epson's ESC/POS reference, by the names of the commands.

use crate::raster::Raster;

/// The most rows in one band: small enough that the printer is asked how it is every few centimetres.
pub const MAX_BAND_ROWS: usize = 256;
/// How far the paper is fed behind the cutting position, in the printer's vertical motion units (3 mm at 203 dpi).
pub const FEED_BEFORE_CUT: u8 = 24;

/// A whole job: initialised, printed, cut.
pub fn job(raster: &Raster) -> Vec<u8> {
    let mut bytes = initialise().to_vec();
    bytes.extend(bands(raster).flatten());
    bytes.extend(feed_and_cut(FEED_BEFORE_CUT));
    bytes
}

/// `ESC @`: forgets all settings.
pub fn initialise() -> [u8; 2] {
    [0x1B, b'@']
}

/// `GS v 0`: the picture, in bands of at most [`MAX_BAND_ROWS`] rows.
pub fn bands(raster: &Raster) -> impl Iterator<Item = Vec<u8>> {
    // A u16 of dots is at most 8192 bytes, so both counts fit in two bytes.
    let bytes_per_row = raster.bytes_per_row() as u16;
    let rows: Vec<&[u8]> = raster.rows().collect();
    let mut first = 0;
    std::iter::from_fn(move || {
        let band = rows.get(first..rows.len().min(first + MAX_BAND_ROWS)).filter(|band| !band.is_empty())?;
        first += band.len();
        let mut bytes = vec![0x1D, b'v', b'0', 0];
        bytes.extend(bytes_per_row.to_le_bytes());
        bytes.extend((band.len() as u16).to_le_bytes());
        bytes.extend(band.iter().copied().flatten());
        Some(bytes)
    })
}

/// `GS V 66 n`: feeds to the cutting position and `motion_units` further, then cuts all but one point.
pub fn feed_and_cut(motion_units: u8) -> [u8; 4] {
    [0x1D, b'V', 66, motion_units]
}

/// `GS r 1`: asks for the paper sensors when all that was sent before has been printed.
///
/// Unlike the status of [`super::status`] this is answered in its turn, so that the answer means "done".
pub fn ask_when_done() -> [u8; 3] {
    [0x1D, b'r', 1]
}

/// Whether a byte can be the answer to [`ask_when_done`] (`0xx0xxxx`).
pub fn is_done_answer(byte: u8) -> bool {
    byte & 0b1001_0000 == 0
}

/// `DLE DC4 8`: forgets what was received and not printed, at once, even in the middle of a picture.
pub fn forget_unprinted() -> [u8; 10] {
    [0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8]
}

/// What brings a printer back that may still wait for the rest of a band `bytes_per_row` wide.
///
/// Zeros complete the band if there is one, and mean nothing if there is none. Then what had come out is cut off, so that
/// nobody finds the beginning of another's receipt above his own.
pub fn recover(bytes_per_row: usize) -> Vec<u8> {
    let mut bytes = vec![0; bytes_per_row * MAX_BAND_ROWS];
    bytes.extend(initialise());
    bytes.extend(feed_and_cut(0));
    bytes
}

/// How often a printer takes a part of these bytes for a question about its status, though they are a picture.
///
/// Real-time commands are obeyed wherever they are found, and the answers then come unasked.
pub fn answers_provoked(bytes: &[u8]) -> usize {
    bytes.windows(3).filter(|window| matches!(window, [0x10, 0x04, 1..=4])).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_job_is_these_bytes() {
        let mut raster = Raster::new(9, 2);
        raster.blacken(0, 0);
        raster.blacken(8, 1);
        assert_eq!(
            job(&raster),
            [
                0x1B, 0x40, // initialise
                0x1D, 0x76, 0x30, 0, 2, 0, 2, 0, 0x80, 0, 0, 0x80, // the picture
                0x1D, 0x56, 0x42, 24, // feed and cut
            ]
        );
    }

    #[test]
    fn bands_are_at_most_256_rows_and_lose_none() {
        for (height, expected) in
            [(0, vec![]), (256, vec![256]), (257, vec![256, 1]), (600, vec![256, 256, 88])]
        {
            let rows: Vec<usize> = bands(&Raster::new(576, height))
                .map(|band| {
                    assert_eq!(&band[..6], [0x1D, b'v', b'0', 0, 72, 0]);
                    let rows = usize::from(u16::from_le_bytes([band[6], band[7]]));
                    assert_eq!(band.len(), 8 + rows * 72);
                    rows
                })
                .collect();
            assert_eq!(rows, expected, "{height} rows");
        }
    }

    #[test]
    fn an_answer_in_its_turn_is_never_taken_for_a_real_time_one() {
        for byte in 0..=u8::MAX {
            let real_time = super::super::status::Answer::try_from(byte).is_ok();
            assert!(!(real_time && is_done_answer(byte)), "{byte:#04x}");
        }
        assert!(is_done_answer(0x00) && is_done_answer(0x03) && is_done_answer(0x0F));
    }

    #[test]
    fn a_picture_that_looks_like_a_question_is_noticed() {
        assert_eq!(answers_provoked(&[0, 0x10, 0x04, 0x02, 0, 0x10, 0x10, 0x04, 0x04]), 2);
        assert_eq!(answers_provoked(&[0x10, 0x04, 0x05, 0x10, 0x05, 0x01, 0x10, 0x04, 0x00]), 0);
    }
}
