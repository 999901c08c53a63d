//! From a touch to the finished picture, 1080×1920, drawn by the software renderer.
//!
//! Run it with `cargo bench --bench frame`. The real kiosk with the demonstration's content is touched through whole
//! visits. A picture is finished when nothing changes any more. "Work" is the processor's time, the same on a busy
//! machine; "wait" is by the clock on the wall. The goal is a 99th percentile of the work below one picture of a screen
//! with 60 Hz.

#[allow(dead_code, reason = "each bench needs its own part of it")]
mod stage;
#[allow(dead_code, reason = "each bench needs its own part of it")]
mod table;

use std::hint::black_box;

use self::{
    stage::{Drawn, Failure, HEIGHT, Stage, WIDTH},
    table::{Times, milliseconds, processor_time},
};

const ROUNDS: usize = 20;
const GOAL_MS: f64 = 16.7;
/// What is looked for.
const QUERY: &str = "identity card";
/// What is written.
const WORDS: &str = "the street lamp is out";
/// Where it is.
const STREET: &str = "dante";

/// What was measured, by what was done.
#[derive(Default)]
struct Sheet {
    rows: Vec<(&'static str, Times)>,
    work: Times,
    wait: Times,
    first: Times,
    most_pictures: usize,
}

impl Sheet {
    fn note(&mut self, what: &'static str, drawn: Drawn) {
        self.first.push(drawn.first);
        self.work.push(drawn.work);
        self.wait.push(drawn.last);
        self.most_pictures = self.most_pictures.max(drawn.pictures);
        if let Some((_, times)) = self.rows.iter_mut().find(|(name, _)| *name == what) {
            times.push(drawn.work);
        } else {
            self.rows.push((what, [drawn.work].into_iter().collect()));
        }
    }
}

fn main() -> Result<(), Failure> {
    let stage = Stage::open()?;
    // The first visit fills what later ones share: glyphs, prepared statements.
    visit(&stage, &mut Sheet::default())?;
    let mut sheet = Sheet::default();
    for _ in 0..ROUNDS {
        visit(&stage, &mut sheet)?;
    }
    let copied = copy_pictures();
    table::print(
        "touch to finished picture",
        sheet.rows.iter().map(|(name, times)| (*name, times)).chain([
            ("every touch, work", &sheet.work),
            ("every touch, wait", &sheet.wait),
            ("every touch, wait for its first picture", &sheet.first),
            ("copying one whole picture, work", &copied),
        ]),
    );
    let ratio = milliseconds(sheet.work.percentile(50)) / milliseconds(copied.percentile(50));
    println!("\nevery touch / copying a picture (p50): {ratio:.1}");
    println!("most pictures after one touch: {}", sheet.most_pictures);
    table::goal(
        "touch to finished picture, work, p99",
        milliseconds(sheet.work.percentile(99)),
        GOAL_MS,
        "ms",
    );
    Ok(())
}

/// One visit: something is looked up, a ticket is written up to the last page, and wiped.
fn visit(stage: &Stage, sheet: &mut Sheet) -> Result<(), Failure> {
    go(stage, sheet, "welcome → home", "English")?;
    go(stage, sheet, "home → look up", "Search")?;
    write(stage, sheet, "a letter → results", QUERY)?;
    go(stage, sheet, "look up → article", "Electronic identity card")?;
    go(stage, sheet, "article → look up", "Back")?;
    go(stage, sheet, "look up → home", "Back")?;
    go(stage, sheet, "home → what kind", "Report or ask")?;
    go(stage, sheet, "what kind → words", "Report a problem")?;
    write(stage, sheet, "a letter → words, answers", WORDS)?;
    go(stage, sheet, "words → category", "Next")?;
    go(stage, sheet, "a category is chosen", "Street light out")?;
    go(stage, sheet, "category → place", "Next")?;
    write(stage, sheet, "a letter → streets", STREET)?;
    go(stage, sheet, "place → contact", "Next")?;
    go(stage, sheet, "contact → review", "Go on without")?;
    go(stage, sheet, "review → really end?", "End the visit")?;
    go(stage, sheet, "really end? → goodbye", "Wipe and end")?;
    let (down, _) = stage.touch("Goodbye")?;
    sheet.note("goodbye → welcome", down);
    Ok(())
}

/// Touches a control, which acts when the finger is lifted.
fn go(stage: &Stage, sheet: &mut Sheet, what: &'static str, name: &str) -> Result<(), Failure> {
    let (down, up) = stage.touch(name)?;
    sheet.note("a control shows the touch", down);
    sheet.note(what, up);
    Ok(())
}

/// Types on the keyboard on the screen, whose keys act when the finger comes down.
fn write(stage: &Stage, sheet: &mut Sheet, what: &'static str, text: &str) -> Result<(), Failure> {
    for letter in text.chars() {
        let key = if letter == ' ' { "Space".to_owned() } else { letter.to_string() };
        let (down, _) = stage.touch(&key)?;
        sheet.note(what, down);
    }
    Ok(())
}

/// What a machine needs at the least for a whole picture: the measure of all above.
fn copy_pictures() -> Times {
    let source = vec![slint::Rgb8Pixel::new(1, 2, 3); (WIDTH * HEIGHT) as usize];
    let mut target = source.clone();
    let copy = |_| {
        let start = processor_time();
        target.copy_from_slice(black_box(&source));
        black_box(&mut target);
        processor_time().saturating_sub(start)
    };
    (0..200).map(copy).collect()
}
