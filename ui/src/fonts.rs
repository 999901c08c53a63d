//! The typeface that the program carries with it.
//!
//! It covers Latin, Greek and Cyrillic. Other scripts come from the machine's own Noto families.

use slint::fontique_011::{fontique, shared_collection};
use std::sync::Arc;

/// Makes "Noto Sans" known, regular and bold, whatever the machine has installed. So a bare machine shows text, and a picture of
/// the screen is the same everywhere. Call it once a Slint platform exists: after the first window was made.
pub fn prepare_fonts() {
    let mut collection = shared_collection();
    for font in [notosans::REGULAR_TTF, notosans::BOLD_TTF] {
        collection.register_fonts(fontique::Blob::new(Arc::new(font)), None);
    }
}
