//! What the configuration reads and shows: every key of every layer.

mod read;
mod shown;
mod slips;
