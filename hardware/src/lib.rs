//! Printer, panel and scanner of a kiosk, each real and simulated behind one small contract.
//!
//! It knows no citizen, no ticket and no screen. A missing or broken device is a status here, never an error at start.

pub mod config;
pub mod factory;
pub mod panel;
pub mod printer;
pub mod raster;
pub mod scanner;
