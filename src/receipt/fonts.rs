//! The fonts of a receipt and how a text is set with them.
//!
//! The embedded Noto Sans comes first on every machine, so that a receipt looks the same everywhere; what it has no
//! letters for is set in the system's fonts.

use std::{borrow::Cow, sync::Arc};

use parley::{
    Alignment, AlignmentOptions, FontContext, FontFamily, FontFamilyName, FontWeight, GenericFamily, Layout,
    LayoutContext, LineHeight, PositionedLayoutItem, StyleProperty,
    fontique::{Blob, FontInfoOverride},
};
use swash::scale::ScaleContext;

/// A name of its own, so that another version of the font on the system is not taken instead.
const FAMILY: &str = "Sportello Receipt";
const LINE_HEIGHT: f32 = 1.28;
/// The step in which a line is made narrower or a letter smaller while the best one is looked for.
const NARROWING_DOTS: f32 = 12.0;
const SHRINKING_DOTS: f32 = 1.0;
const SMALLEST_DOTS: f32 = 18.0;

/// The fonts, found once and kept: finding them takes longer than drawing a receipt.
pub struct Fonts {
    known: FontContext,
    layouts: LayoutContext<()>,
    pub(super) glyphs: ScaleContext,
}

impl Default for Fonts {
    fn default() -> Self {
        Self::new()
    }
}

impl Fonts {
    /// Takes the embedded fonts and finds those of the system.
    pub fn new() -> Self {
        let mut known = FontContext::new();
        for font in [notosans::REGULAR_TTF, notosans::BOLD_TTF] {
            let family = FontInfoOverride { family_name: Some(FAMILY), ..FontInfoOverride::default() };
            known.collection.register_fonts(Blob::new(Arc::new(font)), Some(family));
        }
        Self { known, layouts: LayoutContext::new(), glyphs: ScaleContext::new() }
    }

    /// Whether every letter of a text is in one of the fonts.
    pub fn covers(&mut self, text: &str) -> bool {
        let mut layout = self.layout(text, SMALLEST_DOTS, false);
        layout.break_all_lines(None);
        let runs = layout.lines().flat_map(|line| line.items().collect::<Vec<_>>());
        runs.filter_map(|item| if let PositionedLayoutItem::GlyphRun(run) = item { Some(run) } else { None })
            .all(|run| run.glyphs().all(|glyph| glyph.id != 0))
    }

    /// Sets a text in lines of about equal length, centred in this width.
    pub(super) fn set(&mut self, text: &str, size_dots: f32, is_bold: bool, width_dots: f32) -> Layout<()> {
        let mut layout = self.layout(text, size_dots, is_bold);
        layout.break_all_lines(Some(width_dots));
        let lines = layout.len();
        let mut narrower = width_dots;
        while lines > 1 && layout.len() == lines && layout.width() <= narrower {
            narrower -= NARROWING_DOTS;
            layout.break_all_lines(Some(narrower));
        }
        if lines > 1 {
            layout.break_all_lines(Some(narrower + NARROWING_DOTS));
        }
        layout.align(Alignment::Center, AlignmentOptions::default());
        layout
    }

    /// Sets a text in one line, smaller if it has to be.
    pub(super) fn set_in_one_line(
        &mut self,
        text: &str,
        size_dots: f32,
        is_bold: bool,
        width_dots: f32,
    ) -> Layout<()> {
        let mut size_dots = size_dots;
        loop {
            let mut layout = self.layout(text, size_dots, is_bold);
            layout.break_all_lines(None);
            if layout.width() <= width_dots || size_dots <= SMALLEST_DOTS {
                return self.set(text, size_dots, is_bold, width_dots);
            }
            size_dots -= SHRINKING_DOTS;
        }
    }

    fn layout(&mut self, text: &str, size_dots: f32, is_bold: bool) -> Layout<()> {
        let families =
            [FontFamilyName::Named(Cow::Borrowed(FAMILY)), FontFamilyName::Generic(GenericFamily::SansSerif)];
        let weight = if is_bold { FontWeight::BOLD } else { FontWeight::NORMAL };
        let mut builder = self.layouts.ranged_builder(&mut self.known, text, 1.0, true);
        builder.push_default(StyleProperty::FontFamily(FontFamily::List(Cow::Borrowed(&families))));
        builder.push_default(StyleProperty::FontSize(size_dots));
        builder.push_default(StyleProperty::FontWeight(weight));
        builder.push_default(StyleProperty::LineHeight(LineHeight::FontSizeRelative(LINE_HEIGHT)));
        builder.build(text)
    }
}
