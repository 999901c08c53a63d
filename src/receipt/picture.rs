//! Draws a receipt, dot by dot.
//!
//! The same receipt is always the same dots. Letters are black or white, never grey: a thermal printer knows no other.

use parley::{GlyphRun, Layout, PositionedLayoutItem};
use qrcodegen::{QrCode, QrCodeEcc};
use sportello_hardware::raster::Raster;
use swash::{
    FontRef, GlyphId,
    scale::{Render, Source},
    zeno::Format,
};

use super::{
    Fonts, Receipt,
    blocks::{Block, blocks},
};

/// The width of the picture: 72 mm at 203 dots to the inch, what the common 80 mm printers print.
pub const WIDTH_DOTS: u16 = 576;
const MARGIN_DOTS: u16 = 20;
/// From this much ink on (of 255) a dot is black.
const INK_THRESHOLD: u8 = 112;
const RULE_HEIGHT_DOTS: u16 = 2;
const DASH_DOTS: u16 = 10;
const DASH_GAP_DOTS: u16 = 7;
/// White modules around a QR code (ISO/IEC 18004).
const QUIET_ZONE_MODULES: u16 = 4;
/// A module of 6 dots is 0.75 mm: telephones read it at arm's length.
const MIN_MODULE_DOTS: u16 = 6;
/// How wide a QR code is made if its modules allow.
const QR_WIDTH_DOTS: u16 = 340;

/// Why a receipt cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The address of the public pages is too long for a QR code that fits on the paper.
    #[error("an address of {bytes} bytes does not fit into a QR code on the receipt")]
    AddressTooLong {
        /// The length of the whole address.
        bytes: usize,
    },
}

/// A part of the receipt that knows its height.
enum Placed {
    Text(Box<Layout<()>>),
    Space,
    Rule,
    Qr(QrCode, u16),
}

/// Draws a receipt, as high as what it says needs.
pub fn render(receipt: &Receipt, fonts: &mut Fonts) -> Result<Raster, RenderError> {
    let placed: Vec<(u16, Placed)> =
        blocks(receipt).into_iter().map(|block| place(block, fonts)).collect::<Result<_, _>>()?;
    let height = placed.iter().map(|(height, _)| height).sum();
    let mut raster = Raster::new(WIDTH_DOTS, height);
    let mut top = 0;
    for (height, part) in placed {
        match part {
            Placed::Text(layout) => draw_text(&layout, fonts, &mut raster, top),
            Placed::Space => {}
            Placed::Rule => draw_rule(&mut raster, top),
            Placed::Qr(code, module_dots) => draw_qr(&code, module_dots, &mut raster, top),
        }
        top += height;
    }
    Ok(raster)
}

/// Draws a QR code alone, with its quiet zone, for a screen; none if the text does not fit into one.
pub fn qr(text: &str, module_dots: u16) -> Option<Raster> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let width = (code.size() as u16 + 2 * QUIET_ZONE_MODULES) * module_dots;
    let mut raster = Raster::new(width, width);
    draw_qr(&code, module_dots, &mut raster, 0);
    Some(raster)
}

fn place(block: Block, fonts: &mut Fonts) -> Result<(u16, Placed), RenderError> {
    let width = f32::from(WIDTH_DOTS - 2 * MARGIN_DOTS);
    Ok(match block {
        Block::Text { text, style } => {
            let layout = if style.in_one_line {
                fonts.set_in_one_line(&text, style.size_dots, style.is_bold, width)
            } else {
                fonts.set(&text, style.size_dots, style.is_bold, width)
            };
            (layout.height().ceil() as u16, Placed::Text(Box::new(layout)))
        }
        Block::Space(height) => (height, Placed::Space),
        Block::Rule => (RULE_HEIGHT_DOTS, Placed::Rule),
        Block::Qr(text) => {
            let too_long = RenderError::AddressTooLong { bytes: text.len() };
            let Ok(code) = QrCode::encode_text(&text, QrCodeEcc::Medium) else { return Err(too_long) };
            let modules = code.size() as u16 + 2 * QUIET_ZONE_MODULES;
            let module_dots = (QR_WIDTH_DOTS / modules).max(MIN_MODULE_DOTS);
            if modules * module_dots > WIDTH_DOTS {
                return Err(too_long);
            }
            (modules * module_dots, Placed::Qr(code, module_dots))
        }
    })
}

fn draw_rule(raster: &mut Raster, top: u16) {
    for x in MARGIN_DOTS..WIDTH_DOTS - MARGIN_DOTS {
        if (x - MARGIN_DOTS) % (DASH_DOTS + DASH_GAP_DOTS) < DASH_DOTS {
            (0..RULE_HEIGHT_DOTS).for_each(|y| raster.blacken(x, top + y));
        }
    }
}

fn draw_qr(code: &QrCode, module_dots: u16, raster: &mut Raster, top: u16) {
    let modules = code.size() as u16;
    let left = (raster.width_dots() - modules * module_dots) / 2;
    let top = top + QUIET_ZONE_MODULES * module_dots;
    for y in 0..modules * module_dots {
        for x in 0..modules * module_dots {
            if code.get_module(i32::from(x / module_dots), i32::from(y / module_dots)) {
                raster.blacken(left + x, top + y);
            }
        }
    }
}

fn draw_text(layout: &Layout<()>, fonts: &mut Fonts, raster: &mut Raster, top: u16) {
    // The layout is as wide as its lines were allowed to be, which may be narrower than the paper.
    let left = (f32::from(WIDTH_DOTS) - layout.layout_max_advance()) / 2.0;
    for line in layout.lines() {
        for item in line.items() {
            if let PositionedLayoutItem::GlyphRun(run) = item {
                draw_run(&run, fonts, raster, (left, f32::from(top)));
            }
        }
    }
}

fn draw_run(run: &GlyphRun<'_, ()>, fonts: &mut Fonts, raster: &mut Raster, (left, top): (f32, f32)) {
    let font = run.run().font();
    let Some(font) = FontRef::from_index(font.data.as_ref(), font.index as usize) else { return };
    let mut scaler = fonts
        .glyphs
        .builder(font)
        .size(run.run().font_size())
        .hint(true)
        .normalized_coords(run.run().normalized_coords())
        .build();
    let sources = [Source::Outline];
    let mut render = Render::new(&sources);
    render.format(Format::Alpha);
    for glyph in run.positioned_glyphs() {
        let Some(image) = GlyphId::try_from(glyph.id).ok().and_then(|id| render.render(&mut scaler, id))
        else {
            continue;
        };
        let x = (left + glyph.x).round() as i32 + image.placement.left;
        let y = (top + glyph.y).round() as i32 - image.placement.top;
        let width = image.placement.width.max(1);
        for (at, ink) in (0_u32..).zip(&image.data) {
            let dot = (x + (at % width) as i32, y + (at / width) as i32);
            if let (INK_THRESHOLD.., (Ok(x), Ok(y))) = (*ink, (u16::try_from(dot.0), u16::try_from(dot.1))) {
                raster.blacken(x, y);
            }
        }
    }
}
