//! The command line of the central: what can be typed. What it does is in `commands`.

mod commands;

use std::{io::IsTerminal as _, net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use sportello_central::{chain, people::Role, start::Config};
use tracing_subscriber::EnvFilter;

/// The desk behind the counter: one ticket shared by all offices, its pages and its APIs.
#[derive(Parser)]
#[command(name = "sportello-central", version, after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage.")]
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
        /// Where to listen. Put a proxy with TLS before it.
        #[arg(long, env = "SPORTELLO_LISTEN", default_value = "127.0.0.1:7310")]
        listen: SocketAddr,
    },
    /// Read catalogue files into the database: all of them, or, if one row is wrong, none.
    Import {
        #[command(flatten)]
        of: Of,
        /// Files named by what they hold (`articles.jsonl`, `streets.csv` …), or folders of them.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Write the whole catalogue into a folder, in the form that `import` reads.
    Export {
        #[command(flatten)]
        of: Of,
        /// The folder. Files of the same names are replaced.
        folder: PathBuf,
        /// Write comma-separated values instead of JSON Lines.
        #[arg(long)]
        csv: bool,
    },
    /// Print a code with which one kiosk can join the network within 15 minutes.
    EnrolCode {
        #[command(flatten)]
        of: Of,
        /// Where the kiosk stands: "Biblioteca".
        #[arg(long)]
        site: String,
    },
    /// The kiosks of the network.
    #[command(subcommand)]
    Kiosk(Kiosk),
    /// Which office is competent for a category in one area, where that is not the category's own.
    #[command(subcommand)]
    Competence(CompetenceCommand),
    /// The people who work at the desk.
    #[command(subcommand)]
    User(User),
    /// The keys with which others may open tickets through Open311.
    #[command(subcommand)]
    ApiKey(ApiKey),
}

#[derive(Subcommand)]
enum Kiosk {
    /// Print all, one a line: id, site, `valid` or `revoked`, when it called last, and of its last word on itself how
    /// many submissions wait and how many are in quarantine; separated by tabs.
    List {
        #[command(flatten)]
        of: Of,
    },
    /// Shut a kiosk out, from its next call on: a stolen one, or one that is no longer used.
    Revoke {
        #[command(flatten)]
        of: Of,
        /// Its id, as `kiosk list` prints it.
        id: String,
    },
}

#[derive(Subcommand)]
enum CompetenceCommand {
    /// Set it, in place of any other for the same category and area.
    Set {
        #[command(flatten)]
        of: Of,
        /// The category's code. It holds for the categories below it, too.
        #[arg(long)]
        category: String,
        /// The area, as the catalogue's streets name it.
        #[arg(long)]
        area: String,
        /// The office's code.
        #[arg(long)]
        office: String,
    },
    /// Remove it: the category's own office is competent again.
    Remove {
        #[command(flatten)]
        of: Of,
        /// The category's code.
        #[arg(long)]
        category: String,
        /// The area.
        #[arg(long)]
        area: String,
    },
    /// Print all, one a line: category, area and office, separated by tabs.
    List {
        #[command(flatten)]
        of: Of,
    },
}

#[derive(Subcommand)]
enum User {
    /// Add somebody. The password is read as one line from the standard input.
    Add {
        #[command(flatten)]
        of: Of,
        /// What is typed to sign in: lower-case letters, digits, `.`, `-` and `_`.
        #[arg(long)]
        login: String,
        /// The name as colleagues and citizens read it: "Marta R.".
        #[arg(long)]
        name: String,
        /// The office's code.
        #[arg(long)]
        office: String,
        /// `operator` works on the tickets of the own office, `administrator` on all.
        #[arg(long, default_value_t = Role::Operator)]
        role: Role,
    },
    /// Remove somebody and end the sessions. What was done stays in the history under the login.
    Remove {
        #[command(flatten)]
        of: Of,
        /// What is typed to sign in.
        login: String,
    },
}

#[derive(Subcommand)]
enum ApiKey {
    /// Make a key and print it. It cannot be read again later.
    Add {
        #[command(flatten)]
        of: Of,
        /// Whose it is.
        #[arg(long)]
        name: String,
    },
    /// Print all, one a line: digest, whose it is, `valid` or `revoked`, when it was made; separated by tabs.
    List {
        #[command(flatten)]
        of: Of,
    },
    /// Make a key invalid, from its next use on.
    Revoke {
        #[command(flatten)]
        of: Of,
        /// Its digest, as `api-key list` prints it.
        digest: String,
    },
}

/// Which database.
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

/// Which authority in which database.
#[derive(Args)]
struct Of {
    #[command(flatten)]
    data: Data,
    /// The authority's code, if there are several.
    #[arg(long, env = "SPORTELLO_AUTHORITY")]
    authority: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match commands::run(Cli::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sportello-central: {}", chain(&error));
            ExitCode::FAILURE
        }
    }
}
