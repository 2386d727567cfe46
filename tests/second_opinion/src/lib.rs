//! Compares our verifier of passkeys with another one: see `tests/agreement/main.rs`.
