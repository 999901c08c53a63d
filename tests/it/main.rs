//! The whole system: a citizen's touch → pixels, paper, ticket; with real parts, and with the central and the
//! kiosk dying in the middle.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test a panic is the report")]

mod central_away;
mod counter;
mod house;
mod kiosk;
mod mirror;
mod paper;
mod power;
mod story;
mod thief;
mod town;
