//! Draws every page, without a display, into PNG files: `cargo run -p sportello-ui --example gallery -- FOLDER [NAME-PART…]`.
//!
//! With name parts only the pictures whose names contain all of them are drawn, e.g. `portrait home it`.

mod scenes;

use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType};
use slint::platform::{Platform, WindowAdapter};
use slint::{ComponentHandle, PhysicalSize, PlatformError, Rgb8Pixel, SharedPixelBuffer};
use sportello_ui::{AppWindow, Contrast, Shell, TextSize};
use std::error::Error;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

struct Headless {
    window: Rc<MinimalSoftwareWindow>,
    start: Instant,
}

impl Platform for Headless {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(self.window.clone())
    }

    fn duration_since_start(&self) -> Duration {
        self.start.elapsed()
    }
}

const SHAPES: &[(&str, u32, u32)] = &[
    ("portrait", 1080, 1920),
    ("landscape", 1280, 800),
    ("small-portrait", 720, 1280),
    ("small-landscape", 1280, 720),
];

const MANNERS: &[(&str, TextSize, Contrast)] = &[
    ("normal", TextSize::Normal, Contrast::Normal),
    ("large", TextSize::Large, Contrast::Normal),
    ("largest", TextSize::Largest, Contrast::Normal),
    ("dark", TextSize::Normal, Contrast::Dark),
    ("light", TextSize::Normal, Contrast::Light),
    ("largest-dark", TextSize::Largest, Contrast::Dark),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "gallery".to_owned());
    let parts: Vec<String> = arguments.collect();
    std::fs::create_dir_all(&folder)?;
    let window = MinimalSoftwareWindow::new(RepaintBufferType::NewBuffer);
    slint::platform::set_platform(Box::new(Headless { window: window.clone(), start: Instant::now() }))
        .map_err(|error| error.to_string())?;
    let app = AppWindow::new()?;
    sportello_ui::prepare_fonts();
    app.show()?;
    for language in ["it", "en"] {
        let _ = slint::select_bundled_translation(language);
        for (shape, width, height) in SHAPES {
            for (manner, size, contrast) in MANNERS {
                for (scene, prepare) in scenes::SCENES {
                    let name = format!("{scene}.{shape}.{manner}.{language}");
                    if !parts.iter().all(|part| name.split('.').any(|piece| piece == part)) {
                        continue;
                    }
                    window.set_size(PhysicalSize::new(*width, *height));
                    scenes::reset(&app, language);
                    app.global::<Shell>().set_text_size(*size);
                    app.global::<Shell>().set_contrast(*contrast);
                    prepare(&app);
                    let picture = draw(&window, *width, *height);
                    save(&Path::new(&folder).join(format!("{name}.png")), &picture)?;
                    println!("{name}");
                }
            }
        }
    }
    Ok(())
}

/// Draws until nothing changes any more: a page takes the focus when it appears, and that shows the keyboard.
fn draw(window: &MinimalSoftwareWindow, width: u32, height: u32) -> SharedPixelBuffer<Rgb8Pixel> {
    let mut picture = SharedPixelBuffer::<Rgb8Pixel>::new(width, height);
    for _ in 0..4 {
        slint::platform::update_timers_and_animations();
        window.request_redraw();
        window.draw_if_needed(|renderer| {
            renderer.render(picture.make_mut_slice(), width as usize);
        });
    }
    picture
}

fn save(path: &Path, picture: &SharedPixelBuffer<Rgb8Pixel>) -> Result<(), Box<dyn Error>> {
    let file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let mut encoder = png::Encoder::new(file, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(picture.as_bytes())?;
    Ok(())
}
