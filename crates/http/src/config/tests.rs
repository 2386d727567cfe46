//! What the configuration reads and shows: every key of every layer.

mod misspellings;
mod read;
mod shown;
