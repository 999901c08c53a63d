//! The current picture of the screen, and what changed since a viewer last looked.
//!
//! The thread that draws publishes; any number of viewers read. A slow viewer skips pictures and never holds up the screen.

use std::{
    collections::VecDeque,
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use slint::Rgb8Pixel;
use tokio::sync::watch;

/// So many changes are remembered; a viewer that is further behind gets the whole picture.
const REMEMBERED_CHANGES: usize = 64;

/// A part of the screen in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Rectangle {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

impl Rectangle {
    /// The smallest rectangle around both.
    fn around(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let right = (self.x + self.width).max(other.x + other.width);
        let bottom = (self.y + self.height).max(other.y + other.height);
        Self { x, y, width: right - x, height: bottom - y }
    }
}

/// The current picture, shared between the thread that draws and those that look.
#[derive(Clone)]
pub struct Frames {
    picture: Arc<Mutex<Picture>>,
    version: watch::Sender<u64>,
}

struct Picture {
    width: u32,
    height: u32,
    /// Row by row.
    pixels: Vec<Rgb8Pixel>,
    version: u64,
    changes: VecDeque<(u64, Rectangle)>,
}

impl Frames {
    /// Makes a black picture of this size in pixels.
    pub fn new(width: u32, height: u32) -> Self {
        let pixels = vec![Rgb8Pixel::new(0, 0, 0); width as usize * height as usize];
        let picture = Picture { width, height, pixels, version: 0, changes: VecDeque::new() };
        Self { picture: Arc::new(Mutex::new(picture)), version: watch::Sender::new(0) }
    }

    /// Takes over what changed of a whole new picture of the same size. Only that is copied.
    pub fn publish(&self, pixels: &[Rgb8Pixel], changed: Rectangle) {
        let version = {
            let mut picture = self.lock();
            for row in picture.rows(changed) {
                let (Some(target), Some(source)) = (picture.pixels.get_mut(row.clone()), pixels.get(row))
                else {
                    break;
                };
                target.copy_from_slice(source);
            }
            picture.version += 1;
            let version = picture.version;
            picture.changes.push_back((version, changed));
            if picture.changes.len() > REMEMBERED_CHANGES {
                picture.changes.pop_front();
            }
            version
        };
        self.version.send_replace(version);
    }

    /// Tells when the version changes. Wait for it to differ from the one that was seen.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// What changed since `seen` as a PNG, with its place and the version that it brings to; none if nothing did.
    pub fn changed_since(&self, seen: Option<u64>) -> Option<(u64, Rectangle, Vec<u8>)> {
        // Whoever draws waits no longer than it takes to copy.
        let (version, area, pixels) = {
            let picture = self.lock();
            let area = picture.area_since(seen)?;
            (picture.version, area, picture.cut(area))
        };
        encode_png(&pixels, area.width, area.height).map(|png| (version, area, png))
    }

    /// The whole picture as a PNG; none before anything was drawn.
    pub fn png(&self) -> Option<Vec<u8>> {
        if self.lock().version == 0 {
            return None;
        }
        self.changed_since(None).map(|(_, _, png)| png)
    }

    /// The width and the height in pixels.
    pub fn size(&self) -> (u32, u32) {
        let picture = self.lock();
        (picture.width, picture.height)
    }

    fn lock(&self) -> MutexGuard<'_, Picture> {
        self.picture.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Picture {
    fn whole(&self) -> Rectangle {
        Rectangle { x: 0, y: 0, width: self.width, height: self.height }
    }

    fn area_since(&self, seen: Option<u64>) -> Option<Rectangle> {
        let Some(seen) = seen else { return Some(self.whole()) };
        if seen == self.version {
            return None;
        }
        if self.changes.front().is_none_or(|(oldest, _)| *oldest > seen + 1) {
            return Some(self.whole());
        }
        let newer = self.changes.iter().filter(|(version, _)| *version > seen);
        newer.map(|(_, area)| *area).reduce(Rectangle::around)
    }

    /// Where the rows of a part lie among the pixels.
    fn rows(&self, area: Rectangle) -> impl Iterator<Item = Range<usize>> + use<> {
        let (stride, length) = (self.width as usize, area.width as usize);
        let first = area.y as usize * stride + area.x as usize;
        (0..area.height as usize).map(move |row| first + row * stride..first + row * stride + length)
    }

    fn cut(&self, area: Rectangle) -> Vec<Rgb8Pixel> {
        let mut pixels = Vec::with_capacity(area.width as usize * area.height as usize);
        for row in self.rows(area) {
            pixels.extend_from_slice(self.pixels.get(row).unwrap_or_default());
        }
        pixels
    }
}

fn encode_png(pixels: &[Rgb8Pixel], width: u32, height: u32) -> Option<Vec<u8>> {
    let bytes: Vec<u8> = pixels.iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&bytes).ok()?;
    writer.finish().ok()?;
    Some(png)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn white(frames: &Frames, area: Rectangle) {
        let (width, height) = frames.size();
        frames.publish(&vec![Rgb8Pixel::new(255, 255, 255); (width * height) as usize], area);
    }

    fn area(x: u32, y: u32, width: u32, height: u32) -> Rectangle {
        Rectangle { x, y, width, height }
    }

    #[test]
    fn a_viewer_gets_what_changed_since_it_looked_and_nothing_twice() {
        let frames = Frames::new(20, 10);
        let (seen, whole, _) = frames.changed_since(None).expect("the first picture");
        assert_eq!(whole, area(0, 0, 20, 10));
        assert!(frames.changed_since(Some(seen)).is_none());
        white(&frames, area(2, 2, 3, 3));
        white(&frames, area(8, 1, 2, 2));
        let (now, changed, _) = frames.changed_since(Some(seen)).expect("a change");
        assert_eq!(changed, area(2, 1, 8, 4));
        assert!(frames.changed_since(Some(now)).is_none());
    }

    #[test]
    fn a_viewer_that_is_too_far_behind_gets_the_whole_picture() {
        let frames = Frames::new(20, 10);
        for _ in 0..=REMEMBERED_CHANGES {
            white(&frames, area(1, 1, 1, 1));
        }
        assert_eq!(frames.changed_since(Some(0)).map(|(_, area, _)| area), Some(area(0, 0, 20, 10)));
        assert_eq!(frames.changed_since(Some(1)).map(|(_, area, _)| area), Some(area(1, 1, 1, 1)));
    }

    #[test]
    fn only_the_changed_part_is_taken_over() {
        let frames = Frames::new(4, 1);
        white(&frames, area(1, 0, 2, 1));
        let red: Vec<u8> = frames.lock().pixels.iter().map(|pixel| pixel.r).collect();
        assert_eq!(red, [0, 255, 255, 0]);
    }
}
