//! Ids of credentials as they are looked up: up to 1023 bytes, which no index takes.

use sha2::{Digest as _, Sha256};

use crate::encoding;

/// SHA-256 of an id in hexadecimal.
#[must_use]
pub fn digest(id: &[u8]) -> String {
    encoding::hex(&Sha256::digest(id))
}

#[cfg(test)]
mod tests {
    #[test]
    fn digests_have_64_characters() {
        let digest = super::digest(b"abc");
        assert!(digest.starts_with("ba7816bf") && digest.len() == 64);
    }
}
