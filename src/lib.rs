//! Sportello's kiosk: what a citizen touches.
//!
//! The parts that need no screen are always built; the face and the mirror belong to the feature `screen`.

pub mod catalogue;
pub mod journey;
#[cfg(feature = "screen")]
pub mod mirror;
pub mod outbox;
pub mod receipt;
pub mod sync;
pub mod words;
