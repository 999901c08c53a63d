//! What a citizen and those who look after the kiosk may count on, whatever the printer is connected by.

use std::time::Duration;

use sportello_hardware::{
    printer::{
        PrintError, PrinterFault, PrinterStatus,
        driver::Limits,
        escpos,
        simulated::{Manners, Mishap},
    },
    raster::Raster,
};

use crate::bench::{Bench, HASTY, LIMITS, picture};

/// Runs every promise on one kind of line.
macro_rules! printer_contract {
    ($($line:ident),*) => {$(
        mod $line {
            use super::*;

            const MAKE: fn(Limits) -> Bench = Bench::$line;

            #[test]
            fn a_picture_is_printed_as_it_is_and_cut_once() { super::a_picture_is_printed_as_it_is_and_cut_once(MAKE) }
            #[test]
            fn each_trouble_has_its_word_and_prints_nothing() { super::each_trouble_has_its_word_and_prints_nothing(MAKE) }
            #[test]
            fn little_paper_is_still_paper() { super::little_paper_is_still_paper(MAKE) }
            #[test]
            fn a_job_cut_off_anywhere_is_never_a_success() { super::a_job_cut_off_anywhere_is_never_a_success(MAKE) }
            #[test]
            fn what_a_slow_printer_has_not_printed_yet_is_not_a_success() { super::what_a_slow_printer_has_not_printed_yet_is_not_a_success(MAKE) }
            #[test]
            fn a_printer_that_stalls_is_never_a_success() { super::a_printer_that_stalls_is_never_a_success(MAKE) }
            #[test]
            fn the_job_after_a_cut_off_one_is_whole_and_alone() { super::the_job_after_a_cut_off_one_is_whole_and_alone(MAKE) }
            #[test]
            fn a_picture_that_looks_like_a_question_is_a_picture() { super::a_picture_that_looks_like_a_question_is_a_picture(MAKE) }
            #[test]
            fn trouble_reported_unasked_is_not_taken_for_success() { super::trouble_reported_unasked_is_not_taken_for_success(MAKE) }
            #[test]
            fn an_answer_without_sense_is_a_fault() { super::an_answer_without_sense_is_a_fault(MAKE) }
            #[test]
            fn a_printer_that_never_says_done_is_believed_by_its_status() { super::a_printer_that_never_says_done_is_believed_by_its_status(MAKE) }
            #[test]
            fn an_unplugged_printer_is_offline_and_comes_back() { super::an_unplugged_printer_is_offline_and_comes_back(MAKE) }
            #[test]
            fn what_does_not_fit_is_refused_before_anything_is_sent() { super::what_does_not_fit_is_refused_before_anything_is_sent(MAKE) }
        }
    )*};
}

printer_contract!(cable, network, device);

fn a_picture_is_printed_as_it_is_and_cut_once(make: fn(Limits) -> Bench) {
    let mut bench = make(LIMITS);
    assert_eq!(bench.printer.status(), PrinterStatus::Ready);
    bench.printer.print(&picture()).unwrap();
    bench.printer.print(&picture()).unwrap();
    assert_eq!(bench.printed(), [escpos::job(&picture()), escpos::job(&picture())]);
}

fn each_trouble_has_its_word_and_prints_nothing(make: fn(Limits) -> Bench) {
    let mut bench = make(LIMITS);
    let control = bench.control.clone();
    for (set, expected) in [
        (Box::new(|on| control.set_paper_out(on)) as Box<dyn Fn(bool)>, PrinterStatus::PaperOut),
        (Box::new(|on| control.set_cover_open(on)), PrinterStatus::CoverOpen),
    ] {
        set(true);
        assert_eq!(bench.printer.status(), expected);
        let refused = bench.printer.print(&picture());
        assert!(matches!(refused, Err(PrintError::NotReady { status }) if status == expected), "{refused:?}");
        set(false);
        assert_eq!(bench.printer.status(), PrinterStatus::Ready);
    }
    for (mishap, fault) in [
        (Mishap::Jam, PrinterFault::Mechanical),
        (Mishap::CutterStuck, PrinterFault::Cutter),
        (Mishap::Breaks, PrinterFault::Broken),
    ] {
        control.trouble_after_bytes(0, mishap);
        assert_eq!(bench.printer.status(), PrinterStatus::Fault(fault));
        control.repair();
    }
    assert_eq!(bench.printed(), Vec::<Vec<u8>>::new());
}

fn little_paper_is_still_paper(make: fn(Limits) -> Bench) {
    let mut bench = make(LIMITS);
    bench.control.set_paper_low(true);
    assert_eq!(bench.printer.status(), PrinterStatus::PaperLow);
    bench.printer.print(&picture()).unwrap();
    assert_eq!(bench.printed(), [escpos::job(&picture())]);
}

fn a_job_cut_off_anywhere_is_never_a_success(make: fn(Limits) -> Bench) {
    let length = escpos::job(&picture()).len();
    for (mishap, expected) in [
        (Mishap::PaperEnds, PrinterStatus::PaperOut),
        (Mishap::CoverOpened, PrinterStatus::CoverOpen),
        (Mishap::Jam, PrinterStatus::Fault(PrinterFault::Mechanical)),
    ] {
        // After the first questions, in the first band, in the middle, just before the cut.
        for bytes in [13, 40, length / 2, length - 2] {
            let mut bench = make(LIMITS);
            assert_eq!(bench.printer.status(), PrinterStatus::Ready);
            bench.control.trouble_after_bytes(bytes, mishap);
            let printed = bench.printer.print(&picture());
            assert!(
                matches!(printed, Err(PrintError::CutOff { status, .. }) if status == expected),
                "{mishap:?} after {bytes} of {length} bytes: {printed:?}"
            );
            assert_eq!(bench.printed(), Vec::<Vec<u8>>::new());
        }
    }
}

fn what_a_slow_printer_has_not_printed_yet_is_not_a_success(make: fn(Limits) -> Bench) {
    for manners in [Manners::Complete, Manners::Talkative] {
        let mut bench = make(LIMITS);
        bench.control.set_manners(manners);
        bench.control.set_pace(Some(1200));
        bench.printer.print(&picture()).unwrap();
        assert_eq!(bench.printed(), [escpos::job(&picture())]);
        // The paper ends when everything has long been taken.
        bench.control.trouble_after_bytes(43_000, Mishap::PaperEnds);
        let printed = bench.printer.print(&picture());
        assert!(
            matches!(printed, Err(PrintError::CutOff { status: PrinterStatus::PaperOut, .. })),
            "{manners:?}: {printed:?}"
        );
        assert_eq!(bench.printed().len(), 1);
    }
}

fn a_printer_that_stalls_is_never_a_success(make: fn(Limits) -> Bench) {
    let mut bench = make(HASTY);
    assert_eq!(bench.printer.status(), PrinterStatus::Ready);
    // All was sent but the last two bytes, with the questions in between.
    bench.control.trouble_after_bytes(escpos::job(&picture()).len() + 58, Mishap::Stalls);
    let printed = bench.printer.print(&picture());
    assert!(matches!(printed, Err(PrintError::CutOff { status: PrinterStatus::Offline, .. })), "{printed:?}");
    bench.control.repair();
    bench.printer.print(&picture()).unwrap();
    assert_eq!(bench.printed(), [escpos::job(&picture())]);
}

fn the_job_after_a_cut_off_one_is_whole_and_alone(make: fn(Limits) -> Bench) {
    let mut bench = make(LIMITS);
    bench.control.trouble_after_bytes(30_000, Mishap::PaperEnds);
    bench.printer.print(&picture()).unwrap_err();
    assert_eq!(bench.printer.status(), PrinterStatus::PaperOut);
    bench.control.set_paper_out(false);
    bench.printer.print(&picture()).unwrap();
    let printed = bench.printed();
    assert_eq!(printed.last(), Some(&escpos::job(&picture())));
    // The first band had come out; the second, begun and not printed, never does.
    assert_eq!(printed.len(), 2);
    assert!((18_432..36_864).contains(&printed[0].len()), "{}", printed[0].len());
}

fn a_picture_that_looks_like_a_question_is_a_picture(make: fn(Limits) -> Bench) {
    let mut raster = Raster::new(576, 300);
    for y in (0..300).step_by(3) {
        // 0x10, 0x04, 0x04: is there paper?
        for x in [3, 13, 21] {
            raster.blacken(x, y);
        }
    }
    let mut bench = make(LIMITS);
    // The answer "a little" to that question would mean "offline" to another.
    bench.control.set_paper_low(true);
    bench.printer.print(&raster).unwrap();
    assert_eq!(bench.printed(), [escpos::job(&raster)]);
    assert_eq!(bench.printer.status(), PrinterStatus::PaperLow);
}

fn trouble_reported_unasked_is_not_taken_for_success(make: fn(Limits) -> Bench) {
    let length = escpos::job(&picture()).len();
    let mut bench = make(LIMITS);
    bench.control.set_manners(Manners::Talkative);
    bench.printer.print(&picture()).unwrap();
    // In the picture, in the questions between the last band and the cut, and after the cut.
    for bytes in [1000, length / 2, length + 40, length + 50, length + 60] {
        bench.control.trouble_after_bytes(bytes, Mishap::PaperEnds);
        let printed = bench.printer.print(&picture());
        assert!(
            matches!(printed, Err(PrintError::CutOff { status: PrinterStatus::PaperOut, .. })),
            "after {bytes} of {length} bytes: {printed:?}"
        );
        bench.control.set_paper_out(false);
    }
}

fn an_answer_without_sense_is_a_fault(make: fn(Limits) -> Bench) {
    let mut bench = make(LIMITS);
    bench.control.set_manners(Manners::Rubbish);
    let expected = PrinterStatus::Fault(PrinterFault::Unintelligible);
    assert_eq!(bench.printer.status(), expected);
    let refused = bench.printer.print(&picture());
    assert!(matches!(refused, Err(PrintError::NotReady { status }) if status == expected), "{refused:?}");
}

fn a_printer_that_never_says_done_is_believed_by_its_status(make: fn(Limits) -> Bench) {
    let mut bench = make(Limits { completion_timeout: Duration::from_millis(300), ..LIMITS });
    bench.control.set_manners(Manners::NeverSaysDone);
    bench.printer.print(&picture()).unwrap();
    assert_eq!(bench.printed(), [escpos::job(&picture())]);
    bench.control.trouble_after_bytes(escpos::job(&picture()).len(), Mishap::Jam);
    bench.printer.print(&picture()).unwrap_err();
}

fn an_unplugged_printer_is_offline_and_comes_back(make: fn(Limits) -> Bench) {
    let mut bench = make(HASTY);
    assert_eq!(bench.printer.status(), PrinterStatus::Ready);
    bench.control.unplug();
    assert_eq!(bench.printer.status(), PrinterStatus::Offline);
    let refused = bench.printer.print(&picture());
    assert!(matches!(refused, Err(PrintError::NotReady { status: PrinterStatus::Offline })), "{refused:?}");
    bench.control.plug_in();
    assert!((0..20).any(|_| bench.printer.status() == PrinterStatus::Ready));
    bench.printer.print(&picture()).unwrap();
}

fn what_does_not_fit_is_refused_before_anything_is_sent(make: fn(Limits) -> Bench) {
    let mut bench = make(LIMITS);
    for (width, height) in [(577, 10), (0, 10), (576, 0)] {
        let refused = bench.printer.print(&Raster::new(width, height));
        assert!(matches!(refused, Err(PrintError::DoesNotFit { .. })), "{width}×{height}: {refused:?}");
    }
    bench.printer.print(&Raster::new(576, 1)).unwrap();
    assert_eq!(bench.printed().len(), 1);
}
