//! Every page, with contents, is drawn; whatever can be touched has a name that can be spoken, is large enough, and lies on the
//! screen.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test a panic is the report")]

#[path = "../examples/gallery/scenes.rs"]
mod scenes;

use i_slint_backend_testing::{
    AccessibleRole, ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions, mock_elapsed_time,
};
use slint::{ComponentHandle, PhysicalSize};
use sportello_ui::{AppWindow, Contrast, Shell, TextSize};
use std::time::Duration;

/// 15 mm on the panel for which the pages are drawn (141 dpi), less half a dot for rounding.
const TOUCH: f32 = 83.0;
/// 12 mm: a key of the on-screen keyboard.
const KEY: f32 = 67.0;

fn window() -> AppWindow {
    slint::platform::set_platform(Box::new(TestingBackend::new(TestingBackendOptions {
        mock_time: true,
        threading: false,
        renderer_name: Some("software".into()),
    })))
    .unwrap();
    let app = AppWindow::new().unwrap();
    sportello_ui::prepare_fonts();
    app.show().unwrap();
    app
}

/// Shows a scene and lets it come to rest: a field takes the focus, the keyboard comes.
fn show(app: &AppWindow, size: (u32, u32), language: &str, prepare: fn(&AppWindow)) {
    app.window().set_size(PhysicalSize::new(size.0, size.1));
    let _ = slint::select_bundled_translation(language);
    scenes::reset(app, language);
    mock_elapsed_time(Duration::from_millis(20));
    prepare(app);
    for _ in 0..3 {
        let _ = touchable(app);
        mock_elapsed_time(Duration::from_millis(20));
    }
}

fn touchable(app: &AppWindow) -> Vec<ElementHandle> {
    ElementQuery::from_root(app)
        .match_predicate(|element| {
            matches!(element.accessible_role(), Some(AccessibleRole::Button | AccessibleRole::TextInput))
        })
        .find_all()
}

fn is_key(element: &ElementHandle) -> bool {
    element.bases().is_some_and(|mut bases| bases.any(|base| base == "KeyButton"))
        || element.type_name().is_some_and(|name| name == "KeyButton")
}

/// One test, because a process has one Slint platform and every test its own thread.
#[test]
fn what_can_be_touched_is_named_and_large_enough_on_every_page() {
    let app = window();
    let mut faults = Vec::new();
    for size in [(1080, 1920), (1280, 800)] {
        for (name, prepare) in scenes::SCENES {
            show(&app, size, "it", *prepare);
            let elements = touchable(&app);
            // Nothing is to be touched when a visit has ended.
            assert!(!elements.is_empty() || *name == "goodbye", "{name}: nothing to touch");
            for element in elements {
                let label = element.accessible_label().unwrap_or_default();
                let place = format!("{name} at {size:?}: «{label}» ({:?})", element.id());
                let least = if is_key(&element) { KEY } else { TOUCH };
                let found = element.size();
                let left = element.absolute_position().x;
                if label.is_empty() {
                    faults.push(format!("{place} has no name to speak"));
                }
                if found.height < least {
                    faults.push(format!("{place} is {} high", found.height));
                }
                if !is_key(&element) && found.width < least {
                    faults.push(format!("{place} is {} wide", found.width));
                }
                if left < -1.0 || left + found.width > size.0 as f32 + 1.0 {
                    faults.push(format!("{place} goes beyond the edge"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    every_page_is_drawn_in_every_manner(&app);
}

fn every_page_is_drawn_in_every_manner(app: &AppWindow) {
    for (text_size, contrast) in [(TextSize::Normal, Contrast::Normal), (TextSize::Largest, Contrast::Dark)] {
        for (name, prepare) in scenes::SCENES {
            show(app, (720, 1280), "en", *prepare);
            app.global::<Shell>().set_text_size(text_size);
            app.global::<Shell>().set_contrast(contrast);
            let picture = app.window().take_snapshot().unwrap();
            let first = picture.as_slice()[0];
            assert!(picture.as_slice().iter().any(|pixel| *pixel != first), "{name}: the picture is empty");
        }
    }
}
