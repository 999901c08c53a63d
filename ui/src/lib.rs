//! The kiosk's screen: pages, components, tokens and their translations, compiled from `app.slint`.
//!
//! Shows what it is told through the globals of `api.slint` and tells what was touched. Knows no citizen's journey, no device and
//! no network.

mod fonts;

pub use fonts::prepare_fonts;
pub use screen::*;

/// What the Slint compiler wrote.
#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    unreachable_pub,
    unused_qualifications,
    reason = "generated code follows its generator's rules"
)]
mod screen {
    slint::include_modules!();
}
