//! What the commands do. Errors are printed by `main`, once.

use std::{io, net::SocketAddr, path::PathBuf};

use sportello_central::{
    device::EnrolError,
    http::{AppState, open311::KeyError},
    knowledge::{self, ExportError, Format, ImportErrors, catalogue::Changed},
    network::Competence,
    people::{PeopleError, Person},
    start::{Central, StartError},
    store::StoreError,
};
use sportello_wire::catalogue::{Entry, EntryType};

use crate::{ApiKey, Command, CompetenceCommand, Kiosk, Of, User};

/// The commands that serve nothing listen nowhere.
const NOWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// Why a command fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The database, the key or the port.
    #[error("the central does not start")]
    Start(#[from] StartError),
    /// The database.
    #[error("the database cannot be read or written")]
    Store(#[from] StoreError),
    /// What was to be imported.
    #[error(transparent)]
    Import(#[from] ImportErrors),
    /// The folder to export to.
    #[error("the catalogue cannot be written")]
    Export(#[from] ExportError),
    /// The enrolment code.
    #[error("there is no code")]
    Enrol(#[from] EnrolError),
    /// The people.
    #[error("the people of the desk stay as they were")]
    People(#[from] PeopleError),
    /// The keys.
    #[error("nothing can be done with the API keys")]
    ApiKey(#[from] KeyError),
    /// No authority.
    #[error("there is no authority yet: import one first, or name it with --authority")]
    NoAuthority,
    /// Something is not in the catalogue.
    #[error("there is no {} `{code}`", what.as_str())]
    Unknown {
        /// What.
        what: EntryType,
        /// Its code.
        code: String,
    },
    /// Nothing that could be revoked. What was typed is not repeated: it may be the key itself.
    #[error("there is no valid {what} like this: see `list`")]
    NotValid {
        /// What.
        what: &'static str,
    },
    /// Nobody to remove.
    #[error("nobody has this login")]
    Nobody,
    /// Nothing to read a password from.
    #[error("the password cannot be read")]
    Password(#[source] io::Error),
    /// The signals.
    #[error("the signal to stop cannot be awaited")]
    Signal(#[source] io::Error),
}

/// Does what the command says.
pub(crate) async fn run(command: Command) -> Result<(), CommandError> {
    match command {
        Command::Serve { data, listen } => {
            // Awaited from the beginning, so that a signal during the start is not lost.
            let stop = StopSignal::expect().map_err(CommandError::Signal)?;
            let running = Central::start(data.config(listen)).await?;
            println!("http://{}/", running.address);
            stop.given().await.map_err(CommandError::Signal)?;
            running.stop().await;
        }
        Command::Import { of, files } => {
            let state = Central::open(&of.data.config(NOWHERE)).await?;
            let (authority, changed) = import(&state, &files, of.authority).await?;
            println!("{authority}: {} new or different, {} as before", changed.put, changed.same);
        }
        Command::Export { of, folder, csv } => {
            let (state, authority) = open(of).await?;
            let entries = state.catalogue.all(&authority).await?;
            let format = if csv { Format::Csv } else { Format::JsonLines };
            knowledge::write_folder(&entries, &folder, format)?;
            println!("{authority}: {} entries in {}", entries.len(), folder.display());
        }
        Command::EnrolCode { of, site } => {
            let (state, authority) = open(of).await?;
            println!("{}", state.devices.make_code(&authority, &site).await?.code);
        }
        Command::Competence(command) => competence(command).await?,
        Command::User(User::Add { of, login, name, office, role }) => {
            let (state, authority) = open(of).await?;
            known(&state, &authority, EntryType::Office, &office).await?;
            let mut password = String::new();
            io::stdin().read_line(&mut password).map_err(CommandError::Password)?;
            let person = Person { login, name, office, role };
            state.people(&authority).add(&person, password.trim_end_matches(['\r', '\n'])).await?;
        }
        Command::Kiosk(command) => kiosk(command).await?,
        Command::User(User::Remove { of, login }) => {
            let (state, authority) = open(of).await?;
            if !state.people(&authority).remove(&login).await? {
                return Err(CommandError::Nobody);
            }
        }
        Command::ApiKey(command) => api_key(command).await?,
    }
    Ok(())
}

/// Opens the database and finds the authority that is meant.
async fn open(of: Of) -> Result<(AppState, String), CommandError> {
    let state = Central::open(&of.data.config(NOWHERE)).await?;
    let authority = match of.authority {
        Some(authority) => authority,
        None => state.default_authority().await?.ok_or(CommandError::NoAuthority)?,
    };
    Ok((state, authority))
}

async fn competence(command: CompetenceCommand) -> Result<(), CommandError> {
    match command {
        CompetenceCommand::Set { of, category, area, office } => {
            let (state, authority) = open(of).await?;
            known(&state, &authority, EntryType::Category, &category).await?;
            known(&state, &authority, EntryType::Office, &office).await?;
            state.competences.put(&authority, &Competence { category, area, office }).await?;
        }
        CompetenceCommand::Remove { of, category, area } => {
            let (state, authority) = open(of).await?;
            state.competences.remove(&authority, &category, &area).await?;
        }
        CompetenceCommand::List { of } => {
            let (state, authority) = open(of).await?;
            for Competence { category, area, office } in state.competences.all(&authority).await? {
                println!("{category}\t{area}\t{office}");
            }
        }
    }
    Ok(())
}

async fn kiosk(command: Kiosk) -> Result<(), CommandError> {
    match command {
        Kiosk::List { of } => {
            let (state, authority) = open(of).await?;
            for kiosk in state.devices.list(&authority).await? {
                let validity = validity(kiosk.is_revoked);
                let (waiting, quarantined) = match &kiosk.heartbeat {
                    Some(said) => (said.waiting.to_string(), said.quarantined.to_string()),
                    None => ("?".to_owned(), "?".to_owned()),
                };
                println!(
                    "{}\t{}\t{validity}\t{:.0}\t{waiting}\t{quarantined}",
                    kiosk.id, kiosk.site, kiosk.last_seen
                );
            }
        }
        Kiosk::Revoke { of, id } => {
            let (state, authority) = open(of).await?;
            if !state.devices.revoke(&authority, &id).await? {
                return Err(CommandError::NotValid { what: "kiosk" });
            }
        }
    }
    Ok(())
}

async fn api_key(command: ApiKey) -> Result<(), CommandError> {
    match command {
        ApiKey::Add { of, name } => {
            let (state, authority) = open(of).await?;
            println!("{}", state.api_keys.create(&authority, &name).await?);
        }
        ApiKey::List { of } => {
            let (state, authority) = open(of).await?;
            for key in state.api_keys.list(&authority).await? {
                println!("{}\t{}\t{}\t{:.0}", key.digest, key.name, validity(key.is_revoked), key.created_at);
            }
        }
        ApiKey::Revoke { of, digest } => {
            let (state, authority) = open(of).await?;
            if !state.api_keys.revoke(&authority, &digest).await? {
                return Err(CommandError::NotValid { what: "API key" });
            }
        }
    }
    Ok(())
}

fn validity(is_revoked: bool) -> &'static str {
    if is_revoked { "revoked" } else { "valid" }
}

/// Refuses what is not in the catalogue.
async fn known(state: &AppState, authority: &str, what: EntryType, code: &str) -> Result<(), CommandError> {
    match state.catalogue.entry(authority, what, code).await? {
        Some(_) => Ok(()),
        None => Err(CommandError::Unknown { what, code: code.to_owned() }),
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

/// Ctrl-C, or the service manager's SIGTERM.
#[cfg(unix)]
struct StopSignal {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignal {
    fn expect() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn given(mut self) -> io::Result<()> {
        tokio::select! {
            _ = self.interrupt.recv() => Ok(()),
            _ = self.terminate.recv() => Ok(()),
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
struct StopSignal;

#[cfg(not(unix))]
impl StopSignal {
    fn expect() -> io::Result<Self> {
        Ok(Self)
    }

    async fn given(self) -> io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}
