//! Compares our verifier of passkeys with another one: see `tests/agreement.rs`.
