//! A network printer without a printer: `cargo run -p sportello-hardware --example simulated_printer -- 127.0.0.1:9100 FOLDER`.
//!
//! For trying a kiosk, or any other ESC/POS program, over a real socket. Lines on the standard input trouble it: `paper`,
//! `cover`, `jam`, `repair`.

use std::{env, error::Error, io, path::PathBuf};

use sportello_hardware::printer::simulated::{SimulatedPrinterControl, peer::SimulatedPeer};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:9100".to_owned());
    let folder = arguments.next().map_or_else(|| env::temp_dir().join("simulated-printer"), PathBuf::from);
    let printer = SimulatedPrinterControl::new(&folder);
    let peer = SimulatedPeer::listen(printer.clone(), address)?;
    println!("printing into {} what comes to {}", folder.display(), peer.address());
    for line in io::stdin().lines() {
        match line?.trim() {
            "paper" => printer.set_paper_out(true),
            "cover" => printer.set_cover_open(true),
            "jam" => printer.jam_after_bytes(0),
            "repair" => {
                printer.set_paper_out(false);
                printer.set_cover_open(false);
                printer.repair();
            }
            _ => println!("paper | cover | jam | repair"),
        }
    }
    Ok(())
}
