//! The town's colour, made dark enough to be read: a town gives hue, saturation and brightness (Modello Comuni).

/// White text on the colour, and the colour as text on white, need this contrast (WCAG 2.2, 1.4.3).
const CONTRAST: f64 = 4.5;
/// The deeper one is read on a pale ground of the same hue as well.
const DEEP_CONTRAST: f64 = 6.5;

/// Returns the main colour, a deeper one for text, and a pale one for grounds, as `#rrggbb`.
pub(super) fn of_town((hue, saturation, brightness): (u16, u8, u8)) -> (String, String, String) {
    let main = darkened(hue, saturation, brightness, CONTRAST);
    let deep = darkened(hue, saturation, brightness, DEEP_CONTRAST);
    let pale = rgb(hue, saturation.min(9), 98);
    (hexadecimal(main), hexadecimal(deep), hexadecimal(pale))
}

/// The colour, or the brightest one of its hue and saturation that has the contrast to white.
fn darkened(hue: u16, saturation: u8, brightness: u8, contrast: f64) -> [u8; 3] {
    let mut brightness = brightness.min(100);
    loop {
        let colour = rgb(hue, saturation, brightness);
        if brightness == 0 || 1.05 / (luminance(colour) + 0.05) >= contrast {
            return colour;
        }
        brightness -= 1;
    }
}

fn rgb(hue: u16, saturation: u8, brightness: u8) -> [u8; 3] {
    let (saturation, value) = (f64::from(saturation.min(100)) / 100.0, f64::from(brightness) / 100.0);
    [5.0, 3.0, 1.0].map(|offset| {
        let sector = (offset + f64::from(hue % 360) / 60.0) % 6.0;
        let part = value - value * saturation * sector.min(4.0 - sector).clamp(0.0, 1.0);
        (part * 255.0).round() as u8
    })
}

/// The relative luminance (WCAG 2.2).
fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn hexadecimal([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_readable_colour_stays_as_the_town_gave_it() {
        assert_eq!(of_town((210, 100, 80)).0, "#0066cc");
        assert_eq!(of_town((160, 100, 48)).0, "#007a52");
    }

    #[test]
    fn any_other_is_darkened_until_it_can_be_read() {
        for hue in (0..360).step_by(15) {
            for (saturation, brightness) in [(100, 100), (60, 95), (0, 100)] {
                let main = darkened(hue, saturation, brightness, CONTRAST);
                assert!(1.05 / (luminance(main) + 0.05) >= CONTRAST, "{hue} {saturation} {brightness}");
            }
        }
    }
}
