//! What comes out of the simulated printer: for each job its bytes and a picture of the paper.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// The white around the print, as on a roll 80 mm wide with a head of 72 mm.
const MARGIN_DOTS: usize = 32;
/// White paper and black print, in the picture's shades of grey.
const PAPER: u8 = 0xFF;
const INK: u8 = 0x1A;
/// The ends of the two files' names.
const BYTES: &str = "bin";
const PICTURE: &str = "png";

/// A job that was printed and cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedJob {
    /// Counts up, also over restarts.
    pub number: u32,
    /// `NNNN.bin`: the ESC/POS bytes of the job, without the questions about the printer's status.
    pub bytes_path: PathBuf,
    /// `NNNN.png`: the paper.
    pub picture_path: PathBuf,
}

impl PrintedJob {
    /// Reads the bytes again.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        fs::read(&self.bytes_path)
    }
}

/// Writes a job into the folder under the next free number.
pub(super) fn save(folder: &Path, bytes: &[u8], strip: &[Vec<u8>]) -> io::Result<PrintedJob> {
    fs::create_dir_all(folder)?;
    let number = last_number(folder)?.saturating_add(1);
    let path = |end| folder.join(format!("{number:04}.{end}"));
    let job = PrintedJob { number, bytes_path: path(BYTES), picture_path: path(PICTURE) };
    File::create_new(&job.bytes_path)?.write_all(bytes)?;
    draw(&job.picture_path, strip)?;
    Ok(job)
}

fn last_number(folder: &Path) -> io::Result<u32> {
    let mut last = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let number = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        last = last.max(number.unwrap_or(0));
    }
    Ok(last)
}

fn draw(path: &Path, strip: &[Vec<u8>]) -> io::Result<()> {
    let print_width = strip.iter().map(|row| row.len() * 8).max().unwrap_or(0);
    let width = print_width + 2 * MARGIN_DOTS;
    let blank = vec![PAPER; width * MARGIN_DOTS];
    let mut shades = blank.clone();
    for row in strip {
        shades.extend([PAPER; MARGIN_DOTS]);
        let dots = row.iter().flat_map(|byte| (0..8).map(move |bit| byte & (0x80 >> bit) != 0));
        shades.extend(dots.map(|black| if black { INK } else { PAPER }));
        shades.resize(shades.len().next_multiple_of(width), PAPER);
    }
    shades.extend(&blank);
    let file = BufWriter::new(File::create(path)?);
    let mut encoder = png::Encoder::new(file, width as u32, (shades.len() / width) as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&shades)?;
    Ok(writer.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_where_an_earlier_run_ended() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("0041.png"), "").unwrap();
        fs::write(folder.path().join("note.txt"), "").unwrap();
        let job = save(folder.path(), b"x", &[vec![0xFF]]).unwrap();
        assert_eq!(job.number, 42);
        assert_eq!(job.bytes_path, folder.path().join("0042.bin"));
        assert_eq!(save(folder.path(), b"y", &[vec![0xFF]]).unwrap().number, 43);
        assert_eq!(job.bytes().unwrap(), b"x");
    }

    #[test]
    fn the_picture_shows_the_print_between_white_margins() {
        let folder = tempfile::tempdir().unwrap();
        let job = save(folder.path(), b"", &[vec![0x80, 0x01], vec![]]).unwrap();
        let file = io::BufReader::new(File::open(job.picture_path).unwrap());
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let mut shades = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut shades).unwrap();
        let width = 16 + 2 * MARGIN_DOTS;
        let black: Vec<usize> = (0..shades.len()).filter(|at| shades[*at] == INK).collect();
        assert_eq!(shades.len(), width * (2 + 2 * MARGIN_DOTS));
        assert_eq!(black, [MARGIN_DOTS * width + MARGIN_DOTS, MARGIN_DOTS * width + MARGIN_DOTS + 15]);
    }
}
