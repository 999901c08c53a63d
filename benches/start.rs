//! From the start of the program to its first picture, and the memory that it holds after 200 visits.
//!
//! Run it with `cargo bench --bench start`. The program runs in a process of its own and is watched through its mirror.
//! Every start but the first is one after a power cut. The memory is that of a kiosk whose central is elsewhere; the
//! mirror's pictures are in it.

#[allow(dead_code, reason = "each bench needs its own part of it")]
mod stage;
#[allow(dead_code, reason = "each bench needs its own part of it")]
mod table;
mod viewer;

use std::{fs, path::Path, time::Duration};

use jiff::Timestamp;
use sportello::{
    catalogue::Catalogue,
    run::Layout,
    sync::{HttpOptions, identity::Identity},
};
use sportello_central::{
    knowledge::demonstration,
    start::{Central, Config, OnThread},
};
use sportello_wire::catalogue::Entry;

use self::{
    stage::{Failure, HEIGHT, Stage, WIDTH},
    table::{Times, milliseconds},
    viewer::{Program, Viewer, decode},
};

const FRESH_STARTS: usize = 3;
const FURTHER_STARTS: usize = 10;
const START_GOAL_MS: f64 = 2000.0;
const VISITS: usize = 200;
const MEMORY_GOAL_MIB: f64 = 64.0;
/// What each visitor looks for.
const QUERY: &str = "identity card";
const ARTICLE: &str = "Electronic identity card";
/// When no picture has come for so long, the kiosk has nothing new to show.
const QUIET: Duration = Duration::from_secs(1);
/// The part of the picture that may differ: the time, "open until".
const MAY_DIFFER: f64 = 0.05;

fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    starts(folder.path())?;
    println!();
    visits(folder.path())
}

/// The demonstration town, as a newcomer starts it.
fn starts(folder: &Path) -> Result<(), Failure> {
    let (mut fresh, mut further) = (Times::default(), Times::default());
    let start = |data: &Path| {
        let program = Program::start(data, &["--central", "127.0.0.1:0"])?;
        program.first_picture(&mut Viewer::of(&program)?)
    };
    for number in 0..FRESH_STARTS {
        fresh.push(start(&folder.join(format!("fresh-{number}")))?);
    }
    for _ in 0..FURTHER_STARTS {
        further.push(start(&folder.join("fresh-0"))?);
    }
    table::print("start to first picture", [("a fresh town", &fresh), ("a later start", &further)]);
    let ratio = milliseconds(fresh.percentile(50)) / milliseconds(further.percentile(50));
    println!("fresh / later (p50): {ratio:.1}");
    table::goal("a later start, max", milliseconds(further.percentile(100)), START_GOAL_MS, "ms");
    Ok(())
}

/// A kiosk with its central elsewhere: visit after visit.
fn visits(folder: &Path) -> Result<(), Failure> {
    let script = Script::learn()?;
    let central = open_central(&folder.join("central.db"))?;
    let (data, url) = (folder.join("kiosk"), format!("http://{}", central.address));
    enrol(&central, &data, &url)?;
    let settings = folder.join("kiosk.toml");
    let languages = "[kiosk]\nsite = \"Biblioteca\"\nlanguages = [\"en\", \"it\"]\n";
    fs::write(&settings, format!("{languages}[central]\nkind = \"sportello\"\nurl = \"{url}\"\n"))?;
    let program = Program::start(&data, &["--config", &settings.display().to_string()])?;
    let mut viewer = Viewer::of(&program)?;
    program.first_picture(&mut viewer)?;
    println!("{:<40}{:>12}", "memory", "resident MiB");
    println!("{:<40}{:>12.1}", "at the first picture", program.resident_mib()?);
    wait_for_catalogue(&Layout::of(&data).catalogue, &mut viewer)?;
    for number in 1..=VISITS {
        for place in &script.to_article {
            viewer.touch(*place)?;
        }
        if number == 1 || number == VISITS {
            script.check(&program.screen()?)?;
        }
        for place in &script.to_welcome {
            viewer.touch(*place)?;
        }
        if [1, 10, 50, 100, VISITS].contains(&number) {
            println!("{:<40}{:>12.1}", format!("after visit {number}"), program.resident_mib()?);
        }
    }
    table::goal("memory after 200 visits", program.resident_mib()?, MEMORY_GOAL_MIB, "MiB");
    drop(program);
    central.stop();
    Ok(())
}

type Place = (f32, f32);

/// Where a visitor touches, and what is seen half-way.
struct Script {
    to_article: Vec<Place>,
    article: Vec<u8>,
    to_welcome: Vec<Place>,
}

impl Script {
    /// Learns it on a kiosk in this process, where controls are found by their names.
    fn learn() -> Result<Self, Failure> {
        let stage = Stage::open()?;
        let letters = QUERY.chars().map(|letter| if letter == ' ' { "Space".into() } else { letter.into() });
        let names: Vec<String> =
            ["English".to_owned(), "Search".to_owned()].into_iter().chain(letters).collect();
        let to_article = names
            .iter()
            .map(String::as_str)
            .chain([ARTICLE])
            .map(|name| learn(&stage, name))
            .collect::<Result<_, _>>()?;
        let article = decode(&stage.frames().png().ok_or("no picture")?)?;
        let to_welcome = ["Back", "End the visit", "Goodbye"]
            .map(|name| learn(&stage, name))
            .into_iter()
            .collect::<Result<_, _>>()?;
        Ok(Self { to_article, article, to_welcome })
    }

    /// Whether the article is what is seen.
    fn check(&self, seen: &[u8]) -> Result<(), Failure> {
        let different = seen.iter().zip(&self.article).filter(|(seen, learnt)| seen != learnt).count();
        let part = different as f64 / f64::from(WIDTH * HEIGHT * 3);
        if seen.len() == self.article.len() && part < MAY_DIFFER {
            return Ok(());
        }
        Err(format!("the visitor does not see the article: {:.0} % differs", part * 100.0).into())
    }
}

fn learn(stage: &Stage, name: &str) -> Result<Place, Failure> {
    let place = stage.place(name)?;
    stage.touch(name)?;
    Ok(place)
}

fn open_central(database: &Path) -> Result<OnThread, Failure> {
    let database = format!("sqlite:{}", database.display());
    let central = Central::start_on_thread(Config::new(database, "127.0.0.1:0".parse()?))?;
    let entries = demonstration::entries(Timestamp::now(), &format!("http://{}", central.address));
    central.block_on(central.state.catalogue.put(&authority(&entries)?, &entries))?;
    Ok(central)
}

fn authority(entries: &[Entry]) -> Result<String, Failure> {
    let code =
        |entry: &Entry| if let Entry::Authority(town) = entry { Some(town.code.clone()) } else { None };
    Ok(entries.iter().find_map(code).ok_or("a town without an authority")?)
}

fn enrol(central: &OnThread, data: &Path, url: &str) -> Result<(), Failure> {
    fs::create_dir_all(data)?;
    let entries = demonstration::entries(Timestamp::now(), url);
    let code = central.block_on(central.state.devices.make_code(&authority(&entries)?, "Biblioteca"))?.code;
    Identity::enrol(data, url, &HttpOptions::default(), &code, env!("CARGO_PKG_VERSION"))?;
    Ok(())
}

/// The visitors come when the kiosk has something to tell. It shows the town's name then: a new picture.
fn wait_for_catalogue(path: &Path, viewer: &mut Viewer) -> Result<(), Failure> {
    loop {
        let known = Catalogue::open(path).ok().and_then(|catalogue| catalogue.authority().ok().flatten());
        if known.is_some() && viewer.picture(QUIET)?.is_none() {
            return Ok(());
        }
    }
}
