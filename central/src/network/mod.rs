//! Who is competent: authorities, their offices, and the way of a ticket to its first office.
//!
//! It moves no ticket by itself; `ticket` records what is decided here, with the reason.

mod competence;
mod directory;
mod routing;

pub use competence::{Competence, Competences};
pub use directory::Directory;
pub use routing::{Routing, route};
