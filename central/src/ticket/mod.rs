//! Tickets: one citizen's matter, one for the whole network, whoever handles it.
//!
//! A ticket is the fold of its events and changes in no other way. Who is competent is decided in
//! `network`, the number in `register`; what a page looks like is decided in `http`.

mod event;
mod fold;
mod journal;
mod list;
mod service;
mod state;
mod workflow;

pub use event::{Actor, Channel, Event, Happening, Opened};
pub use fold::{FoldError, Ticket, fold};
pub use list::{Filter, MAX_PAGE_SIZE, Page, TicketRow};
pub use service::{Opening, TicketError, Tickets};
pub(crate) use service::{act_in, id_of, open_in, state_in};
pub use state::state;
pub use workflow::{Action, WorkflowError, decide};
