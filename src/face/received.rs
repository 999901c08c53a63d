//! The page "received": the code, the receipt as it prints, the QR.

use slint::{Global as _, Image, Rgb8Pixel, SharedPixelBuffer};
use sportello_hardware::{printer::PrinterStatus, raster::Raster};
use sportello_ui as ui;

use super::{Handle, on, rows::fixed, rows::text, writing};
use crate::{
    journey::{Event, Print},
    kiosk::Kiosk,
    receipt::{self, Receipt},
    words::Words,
};

/// How many dots of the QR picture one module takes.
const DOTS_PER_MODULE: u16 = 12;

#[derive(Default)]
pub(super) struct Memory {
    shown: Option<Receipt>,
}

pub(super) fn connect(window: &ui::AppWindow, handle: &Handle) {
    let received = ui::ReceivedAdapter::get(window);
    on!(handle, received.on_print, |_kiosk| Event::Print);
    on!(handle, received.on_show_on_phone, |_kiosk, large| Event::ShowOnPhone(large));
    on!(handle, received.on_done, |_kiosk| Event::Done);
    on!(handle, received.on_follow_now, |_kiosk| Event::FollowNow);
}

pub(super) fn show(window: &ui::AppWindow, kiosk: &mut Kiosk, memory: &mut Memory) {
    let page = ui::ReceivedAdapter::get(window);
    page.set_printer(print_state(kiosk));
    let (Some(receipt), Some(received)) = (kiosk.receipt(), kiosk.state().received.clone()) else { return };
    page.set_kind(writing::ui_kind(received.kind));
    page.set_follow_up(received.follow_up);
    page.set_on_phone(received.on_phone);
    if memory.shown.as_ref() == Some(&receipt) {
        return;
    }
    page.set_code_groups(fixed(received.code.groups().iter().map(text).collect()));
    page.set_answer_by(text(Words::of(&receipt.language).date(receipt.due_on)));
    page.set_qr(
        receipt::qr(&receipt.follow_url(), DOTS_PER_MODULE).as_ref().map(picture).unwrap_or_default(),
    );
    if let Some(raster) = kiosk.rendered_receipt() {
        page.set_receipt(picture(&raster));
    }
    memory.shown = Some(receipt);
}

/// Forgets the last citizen's code and receipt.
pub(super) fn wipe(window: &ui::AppWindow, memory: &mut Memory) {
    if memory.shown.take().is_some() {
        let page = ui::ReceivedAdapter::get(window);
        page.set_code_groups(fixed(Vec::new()));
        page.set_answer_by(text(""));
        page.set_receipt(Image::default());
        page.set_qr(Image::default());
    }
}

/// What the printer can do, and how the print stands, as one thing to say.
pub(super) fn print_state(kiosk: &Kiosk) -> ui::PrintState {
    match (kiosk.state().print, kiosk.printer()) {
        (Print::Printing, _) => ui::PrintState::Printing,
        (Print::Printed, _) => ui::PrintState::Printed,
        (_, PrinterStatus::None) => ui::PrintState::None,
        (_, PrinterStatus::PaperOut) => ui::PrintState::PaperOut,
        (_, PrinterStatus::CoverOpen) => ui::PrintState::CoverOpen,
        (Print::Idle, PrinterStatus::Ready | PrinterStatus::PaperLow) => ui::PrintState::Ready,
        (Print::Failed, _) | (Print::Idle, PrinterStatus::Offline | PrinterStatus::Fault(_)) => {
            ui::PrintState::NotWorking
        }
    }
}

/// The dots as a picture: black on white.
fn picture(raster: &Raster) -> Image {
    let (width, height) = (raster.width_dots(), raster.height_dots());
    let mut pixels = SharedPixelBuffer::<Rgb8Pixel>::new(u32::from(width), u32::from(height));
    let dots = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    for (pixel, (x, y)) in pixels.make_mut_slice().iter_mut().zip(dots) {
        let level = if raster.is_black(x, y) { 0 } else { 255 };
        *pixel = Rgb8Pixel::new(level, level, level);
    }
    Image::from_rgb8(pixels)
}
