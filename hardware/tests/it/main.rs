//! What every driver has to do, done by every driver against the same simulated machine, each over its own kind of line.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bench;
mod independent_judge;
mod layers;
mod printer_contract;
mod printer_lines;
mod serial_scanner;
