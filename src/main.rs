//! The command line of the kiosk. All it does is done by the library.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use jiff::Timestamp;
use sportello::{
    chain,
    config::{self, Central, Config, ScreenKind},
    doctor::{self, Level},
    instance,
    outbox::{Options, Outbox},
    run::{self, Layout},
    sync::{HttpOptions, identity::Identity},
};
use uuid::Uuid;

/// Sportello: a citizens' counter for a touchscreen.
///
/// Without configuration it runs a demonstration town on this machine.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The configuration file [default: /etc/sportello/kiosk.toml if it is there].
    #[arg(long, global = true, env = "SPORTELLO_CONFIG")]
    config: Option<PathBuf>,
    /// The folder for all that the kiosk keeps [default: the user's data folder].
    #[arg(long, global = true, env = "SPORTELLO_DATA")]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the kiosk (this is what happens without a command).
    Run(RunArguments),
    /// Enrols this kiosk at its central with a one-time code.
    Enrol {
        /// The code that the central's staff was given.
        code: String,
    },
    /// Tells what is there, what is not, and what follows from it.
    Doctor,
    /// Looks after the queue of submissions, while the kiosk is stopped.
    #[command(subcommand)]
    Outbox(OutboxCommand),
}

#[derive(clap::Args, Default)]
struct RunArguments {
    /// What to show it on.
    #[arg(long, env = "SPORTELLO_SCREEN")]
    screen: Option<ScreenKind>,
    /// Where the mirror listens.
    #[arg(long, env = "SPORTELLO_MIRROR")]
    mirror: Option<std::net::SocketAddr>,
    /// Where the demonstration's central listens.
    #[arg(long, env = "SPORTELLO_CENTRAL")]
    central: Option<std::net::SocketAddr>,
}

#[derive(Subcommand)]
enum OutboxCommand {
    /// Lists what waits and what stands in quarantine.
    List,
    /// Lets a submission out of quarantine, to be sent again.
    Requeue {
        /// The submission's id, as listed.
        id: Uuid,
    },
}

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_env("SPORTELLO_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
    match begin(arguments()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("sportello: {}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

/// What was typed; without a command as if `run` had been, so that its variables count as well.
fn arguments() -> Arguments {
    let arguments = Arguments::parse();
    if arguments.command.is_some() {
        return arguments;
    }
    Arguments::parse_from(std::env::args_os().chain([OsString::from("run")]))
}

fn begin(arguments: Arguments) -> Result<ExitCode, Failure> {
    let mut config = read_config(arguments.config.as_deref())?;
    let folder = match arguments.data.or_else(|| config.data.clone()) {
        Some(folder) => folder,
        None => instance::default_folder()?,
    };
    match arguments.command.unwrap_or(Command::Run(RunArguments::default())) {
        Command::Run(options) => {
            apply(&options, &mut config);
            run::run(&config, &folder)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Enrol { code } => enrol(&config, &folder, &code),
        Command::Doctor => Ok(report(&doctor::examine(&config, &folder))),
        Command::Outbox(command) => outbox(&folder, &command),
    }
}

fn read_config(path: Option<&Path>) -> Result<Config, config::ConfigError> {
    match path {
        Some(path) => Config::read(path),
        None if Path::new(config::DEFAULT_PATH).exists() => Config::read(Path::new(config::DEFAULT_PATH)),
        None => Ok(Config::demonstration()),
    }
}

fn apply(options: &RunArguments, config: &mut Config) {
    if let Some(screen) = options.screen {
        config.screen.kind = screen;
    }
    if let Some(mirror) = options.mirror {
        config.mirror.listen = mirror;
    }
    if let (Some(address), Central::Demonstration { listen }) = (options.central, &mut config.central) {
        *listen = address;
    }
}

fn enrol(config: &Config, folder: &Path, code: &str) -> Result<ExitCode, Failure> {
    let Central::Sportello { url, ca_file } = &config.central else {
        return Err(
            "only a kiosk of a Sportello central is enrolled: set central.kind = \"sportello\"".into()
        );
    };
    let _data = instance::DataFolder::take(folder)?;
    let options = HttpOptions { ca_file: ca_file.clone(), ..HttpOptions::default() };
    let identity = Identity::enrol(folder, url, &options, code, env!("CARGO_PKG_VERSION"))?;
    let enrolment = identity.enrolment();
    println!("Enrolled as {} for {}, site {}.", enrolment.device, enrolment.authority, enrolment.site);
    println!("Fingerprint {}: compare it with the one that the central shows.", enrolment.fingerprint);
    Ok(ExitCode::SUCCESS)
}

fn report(findings: &[doctor::Finding]) -> ExitCode {
    for finding in findings {
        let mark = match finding.level {
            Level::Fine => "ok     ",
            Level::Missing => "missing",
            Level::Broken => "BROKEN ",
        };
        println!("{mark}  {:<12} {}", finding.what, finding.found);
        if !finding.follows.is_empty() {
            println!("{:22} → {}", "", finding.follows);
        }
    }
    let is_broken = findings.iter().any(|finding| finding.level == Level::Broken);
    if is_broken { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn outbox(folder: &Path, command: &OutboxCommand) -> Result<ExitCode, Failure> {
    // Opening it may mend it, which must not happen under a running kiosk.
    let _data = instance::DataFolder::take(folder)?;
    let options = Options { allow_volatile: true, ..Options::default() };
    let (outbox, _) = Outbox::open(&Layout::of(folder).outbox, options, Timestamp::now())?;
    match command {
        OutboxCommand::List => {
            let tally = outbox.tally()?;
            println!(
                "{} waiting, {} in quarantine, last number {}",
                tally.waiting, tally.quarantined, tally.last_sequence
            );
            if let Some(oldest) = tally.oldest {
                println!("oldest since {oldest}");
            }
            for item in outbox.quarantined()? {
                println!(
                    "{}  no. {}  since {}  {}",
                    item.id,
                    item.sequence,
                    item.since,
                    item.reason.as_str()
                );
            }
        }
        OutboxCommand::Requeue { id } => {
            outbox.requeue(*id)?;
            println!("{id} will be sent again.");
        }
    }
    Ok(ExitCode::SUCCESS)
}
