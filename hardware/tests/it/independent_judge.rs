//! Somebody else's ESC/POS renderer sees on our paper what we drew.

use escpost_profiles::resolver;
use escpost_render::RenderWarning;
use sportello_hardware::printer::{Printer, driver::EscPosPrinter, simulated::SimulatedPrinterControl};

use crate::bench::{LIMITS, picture};

/// A common printer with a head 576 dots wide, of which the renderer does not know that it cuts, and one that cuts.
const PROFILES: [(&str, bool); 2] = [("TM-T20II", false), ("REFERENCE", true)];

#[test]
fn an_independent_renderer_sees_the_picture_on_one_sheet_with_one_partial_cut() {
    let folder = tempfile::tempdir().unwrap();
    let control = SimulatedPrinterControl::new(folder.path());
    EscPosPrinter::new(control.cable(), LIMITS).print(&picture()).unwrap();
    let bytes = control.printed()[0].bytes().unwrap();
    let expected = picture();

    for (profile, cuts) in PROFILES {
        let rendered = escpost_render::render(&bytes, resolver::resolve(profile).unwrap()).unwrap();
        assert_eq!(rendered.sheets.len(), 1, "{profile}");
        let surface = &rendered.sheets[0].surface;
        assert!(surface.height() >= u32::from(expected.height_dots()));
        for y in 0..surface.height() {
            for x in 0..surface.width() {
                let ours = u16::try_from(y).is_ok_and(|y| expected.is_black(x as u16, y));
                assert_eq!(surface.is_printed(x, y), ours, "{profile} at {x}, {y}");
            }
        }
        if cuts {
            assert_eq!(rendered.warnings, []);
        } else {
            // One warning for one cut, and it was a partial one.
            let [RenderWarning::UncuttableCut { command, .. }] = rendered.warnings.as_slice() else {
                panic!("{:?}", rendered.warnings)
            };
            assert_eq!(*command, "GS V partial cut");
        }
    }
}
