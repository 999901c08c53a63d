//! Sportello's kiosk: what a citizen touches.
//!
//! The parts that need no screen are always built; the face and the mirror belong to the feature `screen`, the town to
//! try it in to the feature `demonstration`.

pub mod catalogue;
pub mod clock;
pub mod config;
#[cfg(feature = "screen")]
pub mod connection;
#[cfg(feature = "demonstration")]
pub mod demonstration;
#[cfg(feature = "screen")]
pub mod doctor;
#[cfg(feature = "screen")]
pub mod face;
pub mod instance;
pub mod journey;
pub mod kiosk;
#[cfg(feature = "screen")]
pub mod mirror;
pub mod outbox;
pub mod receipt;
#[cfg(feature = "screen")]
pub mod run;
pub mod sync;
pub mod words;

pub use sportello_wire::chain;
