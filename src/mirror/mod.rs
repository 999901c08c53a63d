//! The screen in a browser: for a machine without a display, a projector, a helper far away.
//!
//! What the screen shows goes out as changed rectangles, touches and keys come back. It serves
//! HTTP and knows Slint, but it knows no citizen: it never looks at what is on the picture. It listens on loopback
//! only, unless a token is set.

mod frame;
mod platform;
mod server;

pub use self::{
    frame::{Frames, Rectangle},
    platform::{HeadlessPlatform, Input, Remote},
    server::{MIN_TOKEN_CHARS, Mirror, MirrorConfig, MirrorError, serve},
};
