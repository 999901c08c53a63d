//! The command line of the central.

use std::{io::IsTerminal as _, net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use sportello_central::{
    chain,
    device::EnrolError,
    http::AppState,
    knowledge::{self, ExportError, Format, ImportErrors, catalogue::Changed},
    start::{Central, Config, StartError},
    store::StoreError,
};
use sportello_wire::catalogue::Entry;

/// The desk behind the counter: one ticket shared by all offices, its pages and its APIs.
#[derive(Parser)]
#[command(name = "sportello-central", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the staff pages, the public pages, the device API and Open311.
    Serve {
        #[command(flatten)]
        data: Data,
        /// Where to listen.
        #[arg(long, env = "SPORTELLO_LISTEN", default_value = "127.0.0.1:7310")]
        listen: SocketAddr,
    },
    /// Read catalogue files into the database: all of them, or, if one row is wrong, none.
    Import {
        #[command(flatten)]
        data: Data,
        /// Files named by what they hold (`articles.jsonl`, `streets.csv` …), or folders of them.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The authority's code, if the files name none or several.
        #[arg(long)]
        authority: Option<String>,
    },
    /// Write the whole catalogue into a folder, in the form that `import` reads.
    Export {
        #[command(flatten)]
        data: Data,
        /// The folder. Files of the same names are replaced.
        folder: PathBuf,
        /// Write comma-separated values instead of JSON Lines.
        #[arg(long)]
        csv: bool,
        /// The authority's code, if there are several.
        #[arg(long)]
        authority: Option<String>,
    },
    /// Print a code with which one kiosk can join the network within 15 minutes.
    EnrolCode {
        #[command(flatten)]
        data: Data,
        /// Where the kiosk stands: "Biblioteca".
        #[arg(long)]
        site: String,
        /// The authority's code, if there are several.
        #[arg(long)]
        authority: Option<String>,
    },
}

#[derive(Args)]
struct Data {
    /// The database: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    #[arg(long, env = "SPORTELLO_DATABASE", default_value = "sqlite:sportello.db", hide_env_values = true)]
    database: String,
    /// The file of the key that opens submissions. Made if it is not there; keep a copy in a safe place.
    #[arg(long, env = "SPORTELLO_OPENING_KEY")]
    opening_key: Option<PathBuf>,
}

impl Data {
    fn config(self, listen: SocketAddr) -> Config {
        Config { opening_key: self.opening_key, ..Config::new(self.database, listen) }
    }
}

/// Why a command fails.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    #[error("the central does not start")]
    Start(#[from] StartError),
    #[error("the catalogue cannot be read")]
    Store(#[from] StoreError),
    #[error("there is no code")]
    Enrol(#[from] EnrolError),
    #[error("there is no authority yet: import one first, or name it with --authority")]
    NoAuthority,
    #[error(transparent)]
    Import(#[from] ImportErrors),
    #[error("the catalogue cannot be written")]
    Export(#[from] ExportError),
    #[error("the signal to stop cannot be awaited")]
    Signal(#[source] std::io::Error),
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,sqlx=warn")),
        )
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match run(Cli::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sportello-central: {}", chain(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), CommandError> {
    // The commands that serve nothing listen nowhere.
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
    match command {
        Command::Serve { data, listen } => {
            let running = Central::start(data.config(listen)).await?;
            println!("http://{}/", running.address);
            stop_signal().await.map_err(CommandError::Signal)?;
            running.stop().await;
        }
        Command::Import { data, files, authority } => {
            let state = Central::open(&data.config(nowhere)).await?;
            let (authority, changed) = import(&state, &files, authority).await?;
            println!("{authority}: {} new or different, {} as before", changed.put, changed.same);
        }
        Command::Export { data, folder, csv, authority } => {
            let state = Central::open(&data.config(nowhere)).await?;
            let authority = this_or_only(authority, &state).await?;
            let entries = state.catalogue.all(&authority).await?;
            let format = if csv { Format::Csv } else { Format::JsonLines };
            knowledge::write_folder(&entries, &folder, format)?;
            println!("{authority}: {} entries in {}", entries.len(), folder.display());
        }
        Command::EnrolCode { data, site, authority } => {
            let state = Central::open(&data.config(nowhere)).await?;
            let authority = this_or_only(authority, &state).await?;
            let code = state.devices.make_code(&authority, &site).await?;
            println!("{}", code.code);
        }
    }
    Ok(())
}

async fn this_or_only(authority: Option<String>, state: &AppState) -> Result<String, CommandError> {
    match authority {
        Some(authority) => Ok(authority),
        None => state.default_authority().await?.ok_or(CommandError::NoAuthority),
    }
}

/// Imports into the authority that is named, else into the only one of the files, else into the only one here.
async fn import(
    state: &AppState,
    files: &[PathBuf],
    authority: Option<String>,
) -> Result<(String, Changed), CommandError> {
    let here = match &authority {
        Some(authority) => Some(authority.clone()),
        None => state.default_authority().await?,
    };
    let known = match &here {
        Some(here) => state.catalogue.all(here).await?,
        None => Vec::new(),
    };
    let entries = knowledge::read_files_onto(files, &known)?;
    let mut named = entries.iter().filter_map(|entry| match entry {
        Entry::Authority(authority) => Some(authority.code.clone()),
        _ => None,
    });
    let only = named.next().filter(|_| named.next().is_none());
    let authority = authority.or(only).or(here).ok_or(CommandError::NoAuthority)?;
    let changed = state.catalogue.put(&authority, &entries).await?;
    Ok((authority, changed))
}

/// Waits for Ctrl-C, or for the service manager's SIGTERM.
async fn stop_signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            signal = tokio::signal::ctrl_c() => signal,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
