//! Starting and stopping a central, inside any program or as its own.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use tokio::{net::TcpListener, runtime::Handle, sync::oneshot, task::JoinHandle};

use crate::{
    clock::{Clock, SystemClock},
    device::OnCommitted,
    http::{self, AppState},
    key_file::{self, KeyFileError},
    random::{Random, SystemRandom},
    store::{Store, StoreError},
};

/// How long requests that are being answered may still take when the central stops.
const STOP_TIMEOUT_MS: u64 = 5_000;

/// What a central needs to know.
#[derive(Clone)]
pub struct Config {
    /// `sqlite:PATH` or `postgres://…`.
    pub database: String,
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The file of the key that opens submissions; none for `sportello-opening.key` beside the SQLite file,
    /// or in the working folder with PostgreSQL.
    pub opening_key: Option<PathBuf>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub random: Arc<dyn Random>,
    #[doc(hidden)]
    pub on_committed: Option<OnCommitted>,
}

impl Config {
    /// The usual clock, randomness and key file.
    pub fn new(database: impl Into<String>, listen: SocketAddr) -> Self {
        Self {
            database: database.into(),
            listen,
            opening_key: None,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            on_committed: None,
        }
    }

    fn key_path(&self) -> PathBuf {
        const NAME: &str = "sportello-opening.key";
        self.opening_key.clone().unwrap_or_else(|| {
            let path = self.database.strip_prefix("sqlite:").unwrap_or_default();
            Path::new(path.strip_prefix("//").unwrap_or(path)).with_file_name(NAME)
        })
    }
}

/// Why a central does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken.
    #[error("{address} is taken by another program")]
    AddressTaken {
        /// Which address.
        address: SocketAddr,
    },
    /// It cannot listen there.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The database.
    #[error("the database does not start")]
    Store(#[from] StoreError),
    /// The key that opens submissions.
    #[error("there is no key to open submissions with")]
    Key(#[from] KeyFileError),
    /// No thread or no runtime.
    #[error("no thread can be started")]
    Thread(#[source] io::Error),
}

/// The central.
pub struct Central;

impl Central {
    /// Opens the database and the key, without serving anything.
    pub async fn open(config: &Config) -> Result<AppState, StartError> {
        let store = Store::open(&config.database, config.random.clone()).await?;
        let opening_key = key_file::open(&config.key_path())?;
        let mut state = AppState::new(store, opening_key, config.clock.clone(), config.random.clone());
        state.on_committed.clone_from(&config.on_committed);
        Ok(state)
    }

    /// Starts to serve on the current tokio runtime.
    pub async fn start(config: Config) -> Result<Running, StartError> {
        // The port comes first: a second central on the same data must not touch it.
        let address = config.listen;
        let listener = TcpListener::bind(address).await.map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => StartError::AddressTaken { address },
            _ => StartError::Listen { address, source },
        })?;
        let address = listener.local_addr().map_err(|source| StartError::Listen { address, source })?;
        let state = Self::open(&config).await?;
        // The public pages slow down whoever guesses codes, so they have to know who asks.
        let service = http::router(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            let stopping = async {
                // An error means that the handle was dropped, which stops it as well.
                let _ = stopped.await;
            };
            if let Err(error) = axum::serve(listener, service).with_graceful_shutdown(stopping).await {
                tracing::error!(%error, "the central stopped serving");
            }
        });
        tracing::info!(%address, "the central listens");
        Ok(Running { address, state, stop, serving })
    }

    /// Starts to serve on a thread and a runtime of its own, for programs without one.
    pub fn start_on_thread(config: Config) -> Result<OnThread, StartError> {
        let (stop, stopped) = oneshot::channel::<()>();
        let (report, started) = std::sync::mpsc::channel();
        let serve = move || {
            let runtime =
                match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
                    Ok(runtime) => runtime,
                    Err(error) => return drop(report.send(Err(StartError::Thread(error)))),
                };
            runtime.block_on(async move {
                match Self::start(config).await {
                    Err(error) => drop(report.send(Err(error))),
                    Ok(running) => {
                        let _ = report.send(Ok((running.address, running.state.clone(), Handle::current())));
                        let _ = stopped.await;
                        running.stop().await;
                    }
                }
            });
        };
        let thread =
            thread::Builder::new().name("central".to_owned()).spawn(serve).map_err(StartError::Thread)?;
        let (address, state, runtime) = started
            .recv()
            .map_err(|_| StartError::Thread(io::Error::other("the thread ended before it had started")))??;
        Ok(OnThread { address, state, runtime, stop, thread })
    }
}

/// A central that serves. It stops when this is dropped; [`Running::stop`] waits for it.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its parts, for those who embed it.
    pub state: AppState,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Running {
    /// Answers what is being answered, closes the database, and returns.
    pub async fn stop(mut self) {
        let _ = self.stop.send(());
        let in_time = tokio::time::timeout(Duration::from_millis(STOP_TIMEOUT_MS), &mut self.serving).await;
        if in_time.is_err() {
            self.serving.abort();
        }
        if let Err(error) = self.state.store.close().await {
            tracing::error!(error = crate::chain(&error), "the database did not close");
        }
    }
}

/// A central that serves on a thread of its own.
pub struct OnThread {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its parts, to be used in [`OnThread::block_on`] or on any tokio runtime.
    pub state: AppState,
    runtime: Handle,
    stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<()>,
}

impl OnThread {
    /// Does something with the central's parts and waits for it. Not to be called on a tokio runtime.
    pub fn block_on<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }

    /// As [`Running::stop`], blocking.
    pub fn stop(self) {
        let _ = self.stop.send(());
        if self.thread.join().is_err() {
            tracing::error!("the central's thread ended by a panic");
        }
    }
}
