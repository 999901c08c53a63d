//! The pins of a Raspberry Pi: the only file that knows `rppal`.
//!
//! `rppal` is no longer kept up by its author; whoever replaces it replaces this file. Pins have Broadcom's numbers.

use std::io;

use rppal::gpio::{Error, Gpio, Level, OutputPin};

use super::{
    Panel, PanelFault, PanelListener, PanelStatus, StatusLight, presence::PresenceFilter, watch::Watch,
};

/// Which pins the lamps are at; a lamp without a pin is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LampPins {
    /// The lamp of [`StatusLight::Ready`].
    pub ready: Option<u8>,
    /// The lamp of [`StatusLight::Busy`].
    pub busy: Option<u8>,
    /// The lamp of [`StatusLight::NeedsHelp`].
    pub needs_help: Option<u8>,
}

/// A panel on the pins of a Raspberry Pi.
#[derive(Debug)]
pub struct RppalPanel {
    lamps: Vec<(StatusLight, OutputPin)>,
    _watch: Option<Watch>,
}

impl RppalPanel {
    /// Takes the pins. The sensor's pin is high while it sees somebody.
    ///
    /// What stands against it is the status of the panel that is not there: on anything but a Raspberry Pi,
    /// [`PanelStatus::NotFitted`].
    pub fn open(
        sensor: Option<u8>,
        lamps: LampPins,
        filter: PresenceFilter,
        listener: PanelListener,
    ) -> Result<Self, PanelStatus> {
        Self::try_open(sensor, lamps, filter, listener).map_err(|error| {
            let status = status_of(&error);
            tracing::warn!(%error, ?status, "no panel");
            status
        })
    }

    fn try_open(
        sensor: Option<u8>,
        lamps: LampPins,
        filter: PresenceFilter,
        listener: PanelListener,
    ) -> Result<Self, Error> {
        let gpio = Gpio::new()?;
        let lamps = [
            (StatusLight::Ready, lamps.ready),
            (StatusLight::Busy, lamps.busy),
            (StatusLight::NeedsHelp, lamps.needs_help),
        ]
        .into_iter()
        .filter_map(|(light, pin)| Some((light, pin?)))
        .map(|(light, pin)| Ok((light, gpio.get(pin)?.into_output_low())))
        .collect::<Result<Vec<_>, Error>>()?;
        let watch = match sensor {
            Some(pin) => {
                let pin = gpio.get(pin)?.into_input_pulldown();
                Some(Watch::begin(move || pin.is_high(), filter, listener)?)
            }
            None => None,
        };
        Ok(Self { lamps, _watch: watch })
    }
}

impl Panel for RppalPanel {
    fn status(&mut self) -> PanelStatus {
        PanelStatus::Ready
    }

    fn set_light(&mut self, light: StatusLight) {
        for (shows, lamp) in &mut self.lamps {
            lamp.write(Level::from(*shows == light));
        }
    }
}

fn status_of(error: &Error) -> PanelStatus {
    PanelStatus::Fault(match error {
        Error::UnknownModel => return PanelStatus::NotFitted,
        Error::PermissionDenied(_) => PanelFault::NoPermission,
        Error::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => PanelFault::NoPermission,
        Error::PinUsed(_) => PanelFault::PinInUse,
        Error::PinNotAvailable(_) => PanelFault::NoSuchPin,
        Error::Io(_) | Error::ThreadPanic => PanelFault::Unreachable,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_status() {
        let fault = |fault| PanelStatus::Fault(fault);
        for (error, status) in [
            (Error::UnknownModel, PanelStatus::NotFitted),
            (Error::PermissionDenied("/dev/gpiomem".to_owned()), fault(PanelFault::NoPermission)),
            (Error::Io(io::ErrorKind::PermissionDenied.into()), fault(PanelFault::NoPermission)),
            (Error::PinUsed(4), fault(PanelFault::PinInUse)),
            (Error::PinNotAvailable(200), fault(PanelFault::NoSuchPin)),
            (Error::Io(io::ErrorKind::NotFound.into()), fault(PanelFault::Unreachable)),
        ] {
            assert_eq!(status_of(&error), status, "{error:?}");
        }
    }
}
