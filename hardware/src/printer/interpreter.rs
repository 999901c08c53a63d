//! Reads an ESC/POS byte stream as a printer does: the other side of [`super::escpos`] and [`super::status`].
//!
//! It knows the commands that matter to a picture on paper. Text and all other commands pass as [`Command::Other`], byte by
//! byte, and print nothing.

use super::status::Question;

/// A command, obeyed in its turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    Initialise,
    Picture {
        bytes_per_row: usize,
        rows: Vec<u8>,
    },
    Feed {
        dots: u8,
    },
    Cut,
    AskWhenDone,
    /// A real-time command, which was obeyed when it came.
    AlreadyObeyed,
    /// Nothing: what separates commands.
    Padding,
    Other,
}

/// Takes a byte stream apart into commands.
#[derive(Debug, Default)]
pub(super) struct Interpreter {
    bytes: Vec<u8>,
    /// How many bytes a picture has with its header, once that is known.
    picture_bytes: usize,
}

impl Interpreter {
    /// Takes one byte. When it completes a command, gives it with its bytes.
    pub(super) fn take(&mut self, byte: u8) -> Option<(Command, Vec<u8>)> {
        self.bytes.push(byte);
        if self.bytes.len() < self.picture_bytes {
            return None;
        }
        if let [0x1D, b'v', _, _, width_low, width_high, height_low, height_high] = *self.bytes {
            let bytes_per_row = usize::from(u16::from_le_bytes([width_low, width_high]));
            let height = usize::from(u16::from_le_bytes([height_low, height_high]));
            self.picture_bytes = self.bytes.len() + bytes_per_row * height;
        }
        let command = complete(&self.bytes, self.picture_bytes)?;
        self.picture_bytes = 0;
        Some((command, std::mem::take(&mut self.bytes)))
    }
}

fn complete(bytes: &[u8], picture_bytes: usize) -> Option<Command> {
    Some(match *bytes {
        [] | [0x1B | 0x1D | 0x10] | [0x1B, b'J'] | [0x1D, b'V' | b'r'] | [0x1D, b'V', 65 | 66] => {
            return None;
        }
        [0] => Command::Padding,
        [0x1B, b'@'] => Command::Initialise,
        [0x1B, b'J', dots] => Command::Feed { dots },
        [0x1D, b'V', ..] => Command::Cut,
        [0x1D, b'r', _] => Command::AskWhenDone,
        [0x1D, b'v', _, _, width_low, width_high, _, _, ref rows @ ..] if bytes.len() >= picture_bytes => {
            let bytes_per_row = usize::from(u16::from_le_bytes([width_low, width_high]));
            Command::Picture { bytes_per_row, rows: rows.to_vec() }
        }
        [0x1D, b'v', ..] | [0x10, 0x04 | 0x14] => return None,
        [0x10, 0x14, 8, ..] if bytes.len() < 10 => return None,
        [0x10, 0x04, _] | [0x10, 0x14, 8, ..] => Command::AlreadyObeyed,
        _ => Command::Other,
    })
}

/// A command that is obeyed as it comes, even in the middle of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RealTimeCommand {
    Ask(Question),
    ForgetUnprinted,
}

/// The greatest byte with which a real-time command ends: that of [`super::escpos::forget_unprinted`].
const GREATEST_LAST_BYTE: u8 = 8;

/// Finds real-time commands wherever they are.
#[derive(Debug, Default)]
pub(super) struct RealTimeScanner {
    /// The last 16 bytes, the newest lowest: more than the longest command.
    last: u128,
}

impl RealTimeScanner {
    /// Takes one byte. When it completes a real-time command, gives it.
    pub(super) fn take(&mut self, byte: u8) -> Option<RealTimeCommand> {
        self.last = self.last << 8 | u128::from(byte);
        let ends_with = |command: &[u8]| {
            let mask = u128::MAX >> (128 - 8 * command.len());
            let value = command.iter().fold(0, |value, byte| value << 8 | u128::from(*byte));
            self.last & mask == value
        };
        // Most bytes end none: this is asked for each byte of each picture.
        if byte == 0 || byte > GREATEST_LAST_BYTE {
            return None;
        }
        if ends_with(&super::escpos::forget_unprinted()) {
            return Some(RealTimeCommand::ForgetUnprinted);
        }
        let asked = Question::ALL.into_iter().find(|question| ends_with(&question.request()))?;
        Some(RealTimeCommand::Ask(asked))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{printer::escpos, raster::Raster};

    fn read(bytes: &[u8]) -> Vec<Command> {
        let mut interpreter = Interpreter::default();
        bytes.iter().filter_map(|byte| interpreter.take(*byte)).map(|(command, _)| command).collect()
    }

    #[test]
    fn what_the_encoder_writes_is_read_back() {
        let mut raster = Raster::new(16, 300);
        raster.blacken(15, 299);
        let commands = read(&escpos::job(&raster));
        let [
            Command::Initialise,
            Command::Picture { rows: first, .. },
            Command::Picture { rows, .. },
            Command::Cut,
        ] = commands.as_slice()
        else {
            panic!("{commands:?}")
        };
        assert_eq!((first.len(), rows.len()), (512, 88));
        assert_eq!(rows.last(), Some(&1));
    }

    #[test]
    fn real_time_commands_are_found_inside_of_a_picture_and_taken_out_between_commands() {
        let mut scanner = RealTimeScanner::default();
        let found: Vec<_> = [0x1D, 0x10, 0x04, 0x02, 0x10, 0x04, 0x09]
            .iter()
            .filter_map(|byte| scanner.take(*byte))
            .collect();
        assert_eq!(found, [RealTimeCommand::Ask(Question::Offline)]);
        assert_eq!(
            read(
                &[&Question::Paper.request()[..], &escpos::forget_unprinted(), &[0], &escpos::initialise()]
                    .concat()
            ),
            [Command::AlreadyObeyed, Command::AlreadyObeyed, Command::Padding, Command::Initialise]
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_losing_one(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let mut interpreter = Interpreter::default();
            let mut seen: Vec<u8> = bytes.iter().filter_map(|byte| interpreter.take(*byte)).flat_map(|(_, raw)| raw).collect();
            seen.extend(&interpreter.bytes);
            prop_assert_eq!(seen, bytes);
        }
    }
}
