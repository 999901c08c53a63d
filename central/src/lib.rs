//! The desk behind the counter: the central CRM of the network.

pub mod knowledge;
