//! A password in plain text.

use std::fmt;

use unicode_normalization::{UnicodeNormalization as _, is_nfc};
use zeroize::Zeroizing;

/// A password as the user typed it.
///
/// It is used as it is: no trimming, no Unicode normalization, no cutting. Debug output hides it,
/// and dropping it wipes its memory.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes the text over, so that no second copy stays behind.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The password in Unicode's normal form C, if it is in another: the same letters typed on
    /// different keyboards may come as different characters (RFC 8265, section 4.2.2).
    #[must_use]
    pub fn normalized(&self) -> Option<Self> {
        if is_nfc(&self.0) {
            return None;
        }
        Some(Self::new(self.0.nfc().collect()))
    }

    /// What the hashing algorithms are fed with: UTF-8.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl From<&str> for Password {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_hides_the_text() {
        assert_eq!(format!("{:?}", Password::from("open sesame")), "Password(..)");
    }
}
