//! A real central over real HTTP, with the demonstration's content, that a test can stop, start and disturb.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use sportello::sync::{HttpOptions, identity::Identity};
use sportello_central::{
    device::AfterCommit,
    http::AppState,
    knowledge::demonstration,
    start::{Central, Config, OnThread},
    ticket::{Action, Actor, Filter, Happening, Page, Ticket, TicketRow},
};
use sportello_wire::code::TicketCode;
use tempfile::TempDir;
use uuid::Uuid;

/// A town whose central is running, or not.
pub(crate) struct Town {
    folder: TempDir,
    central: Mutex<Option<OnThread>>,
    address: SocketAddr,
    /// So many answers to submissions are dropped after they were committed.
    dropped_answers: Arc<AtomicUsize>,
}

impl Town {
    /// Founds a town and opens its central.
    pub(crate) fn found() -> Self {
        let town = Self {
            folder: TempDir::new().unwrap(),
            central: Mutex::default(),
            address: free_address(),
            dropped_answers: Arc::default(),
        };
        town.open();
        let entries = demonstration::entries(jiff::Timestamp::now(), &town.url());
        let authority = town.authority();
        town.inside(async |state| state.catalogue.put(&authority, &entries).await.unwrap());
        town
    }

    /// Opens the central, at the address where it always is.
    pub(crate) fn open(&self) {
        let database = format!("sqlite:{}", self.folder.path().join("central.db").display());
        let mut config = Config::new(database, self.address);
        let left = self.dropped_answers.clone();
        config.on_committed = Some(Arc::new(move |_| {
            let take = |left: usize| left.checked_sub(1);
            match left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take) {
                Ok(_) => AfterCommit::DropConnection,
                Err(_) => AfterCommit::Answer,
            }
        }));
        let central = Central::start_on_thread(config).unwrap();
        *self.central.lock().unwrap_or_else(PoisonError::into_inner) = Some(central);
    }

    /// Closes the central: nobody answers there any more.
    pub(crate) fn close(&self) {
        if let Some(central) = self.central.lock().unwrap_or_else(PoisonError::into_inner).take() {
            central.stop();
        }
    }

    /// Lets the next answers get lost after the work was committed.
    pub(crate) fn drop_next_answers(&self, count: usize) {
        self.dropped_answers.store(count, Ordering::SeqCst);
    }

    pub(crate) fn answers_still_to_drop(&self) -> usize {
        self.dropped_answers.load(Ordering::SeqCst)
    }

    /// Where the central keeps its data.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    #[allow(clippy::unused_self, reason = "it is asked of a town")]
    pub(crate) fn authority(&self) -> String {
        demonstration::AUTHORITY.to_owned()
    }

    /// Enrols a kiosk with a one-time code, over HTTP.
    pub(crate) fn enrol(&self, folder: &Path) -> Identity {
        let authority = self.authority();
        let code =
            self.inside(async |state| state.devices.make_code(&authority, "Biblioteca").await.unwrap());
        Identity::enrol(folder, &self.url(), &HttpOptions::default(), &code.code, "test").unwrap()
    }

    /// All tickets.
    pub(crate) fn tickets(&self) -> Vec<TicketRow> {
        let (authority, all) = (self.authority(), Filter::default());
        self.inside(async |state| {
            let mut rows = Vec::new();
            for number in 1.. {
                let page = Page { number, size: 100 };
                let (part, _) = state.tickets.list(&authority, &all, page).await.unwrap();
                if part.is_empty() {
                    break;
                }
                rows.extend(part);
            }
            rows
        })
    }

    /// The ticket with this code, opened and folded at the central.
    pub(crate) fn ticket(&self, code: &TicketCode) -> Option<Ticket> {
        let authority = self.authority();
        self.inside(async |state| {
            let id = state.tickets.find(&authority, code).await.unwrap()?;
            state.tickets.get(&authority, id).await.unwrap()
        })
    }

    /// Everything that happened to a ticket, oldest first.
    pub(crate) fn history(&self, id: Uuid) -> Vec<Happening> {
        let authority = self.authority();
        let events = self.inside(async |state| state.tickets.history(&authority, id).await.unwrap());
        events.into_iter().map(|event| event.what).collect()
    }

    /// Somebody at the desk does something.
    pub(crate) fn act(&self, id: Uuid, action: Action) {
        let authority = self.authority();
        let actor = Actor::Staff("marta".to_owned());
        self.inside(async |state| state.tickets.act(&authority, id, actor, action).await.unwrap());
    }

    /// Does something with the central's parts, on its own runtime.
    fn inside<T>(&self, work: impl AsyncFnOnce(AppState) -> T) -> T {
        let central = self.central.lock().unwrap_or_else(PoisonError::into_inner);
        let central = central.as_ref().expect("the central is open");
        central.block_on(work(central.state.clone()))
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        self.close();
    }
}

fn free_address() -> SocketAddr {
    let free = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    free.local_addr().unwrap()
}
