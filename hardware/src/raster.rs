//! A picture of black and white dots, as a thermal printer prints it.
//!
//! It knows neither what is on it nor how it is sent.

/// A one-bit picture, row by row from the top, each row padded to whole bytes, 1 = black, most significant bit left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    width_dots: u16,
    height_dots: u16,
    bytes: Vec<u8>,
}

impl Raster {
    /// Makes a white picture.
    pub fn new(width_dots: u16, height_dots: u16) -> Self {
        let bytes = vec![0; usize::from(width_dots).div_ceil(8) * usize::from(height_dots)];
        Self { width_dots, height_dots, bytes }
    }

    /// The width in dots.
    pub fn width_dots(&self) -> u16 {
        self.width_dots
    }

    /// The height in dots.
    pub fn height_dots(&self) -> u16 {
        self.height_dots
    }

    /// The bytes of one row.
    pub fn bytes_per_row(&self) -> usize {
        usize::from(self.width_dots).div_ceil(8)
    }

    /// All rows, from the top.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.bytes.chunks_exact(self.bytes_per_row().max(1))
    }

    /// Makes a dot black. Outside of the picture nothing happens.
    pub fn blacken(&mut self, x: u16, y: u16) {
        if x < self.width_dots {
            let at = usize::from(y) * self.bytes_per_row() + usize::from(x / 8);
            if let Some(byte) = self.bytes.get_mut(at) {
                *byte |= 0x80 >> (x % 8);
            }
        }
    }

    /// Whether a dot is black. Outside of the picture all is white.
    pub fn is_black(&self, x: u16, y: u16) -> bool {
        let at = usize::from(y) * self.bytes_per_row() + usize::from(x / 8);
        x < self.width_dots && self.bytes.get(at).is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_blackened_dot_is_black_and_outside_nothing_is() {
        let mut raster = Raster::new(10, 2);
        raster.blacken(9, 1);
        raster.blacken(10, 0);
        raster.blacken(0, 2);
        let black: Vec<_> = (0..12)
            .flat_map(|x| (0..4).map(move |y| (x, y)))
            .filter(|(x, y)| raster.is_black(*x, *y))
            .collect();
        assert_eq!(black, [(9, 1)]);
        assert_eq!(raster.rows().collect::<Vec<_>>(), [[0, 0], [0, 0x40]]);
    }
}
