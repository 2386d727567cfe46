//! The list of common passwords.

use std::fmt;
use std::io::Read as _;
use std::sync::{Arc, LazyLock};

use flate2::read::GzDecoder;

/// The list that Django ships: 19 640 passwords in lower case, made by Royce Williams from
/// published leaks.
const BUNDLED: &[u8] = include_bytes!("common-passwords.txt.gz");
/// What a file may unpack to, in bytes.
const LARGEST_LIST: u64 = 64 * 1024 * 1024;
/// What a gzip file starts with (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

static DJANGO: LazyLock<CommonPasswords> =
    LazyLock::new(|| CommonPasswords::read(BUNDLED).unwrap_or_default());

/// A list of passwords that are too common. Clones share it.
#[derive(Clone, Default)]
pub struct CommonPasswords(Arc<Lines>);

/// The text of the list and where its lines start, ordered by what they say: about a quarter of
/// what a set of strings would take.
#[derive(Default)]
struct Lines {
    text: Box<str>,
    starts: Box<[u32]>,
}

/// A list of common passwords that is neither UTF-8 text nor the same packed with gzip, or that
/// is larger than 64 MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a list of common passwords must be UTF-8 text, plain or gzip, of at most 64 MiB")]
pub struct UnreadableList;

impl CommonPasswords {
    /// Django's list, unpacked at the first use and held once (about 240 KiB).
    #[must_use]
    pub fn django() -> Self {
        DJANGO.clone()
    }

    /// A list with one password on each line, in lower case, instead of Django's
    /// (`password_list_path`). White space around a line does not count.
    #[must_use]
    pub fn from_text(text: String) -> Self {
        let base = text.as_ptr() as usize;
        let start = |line: &str| u32::try_from(line.as_ptr() as usize - base).ok();
        let mut starts: Vec<u32> = text.lines().map(trim).filter_map(start).collect();
        starts.sort_unstable_by_key(|start| line_at(&text, *start));
        let starts = starts.into_boxed_slice();
        Self(Arc::new(Lines { text: text.into_boxed_str(), starts }))
    }

    /// The content of a list file, packed with gzip or not, as Django accepts both.
    ///
    /// # Errors
    /// [`UnreadableList`].
    pub fn read(content: &[u8]) -> Result<Self, UnreadableList> {
        let mut text = String::new();
        let read = if content.starts_with(&GZIP) {
            GzDecoder::new(content).take(LARGEST_LIST + 1).read_to_string(&mut text)
        } else {
            content.take(LARGEST_LIST + 1).read_to_string(&mut text)
        };
        let fits = read.is_ok_and(|length| length as u64 <= LARGEST_LIST);
        if fits { Ok(Self::from_text(text)) } else { Err(UnreadableList) }
    }

    /// Whether the password is on the list; case and white space around it do not matter.
    #[must_use]
    pub fn contains(&self, password: &str) -> bool {
        let password = password.to_lowercase();
        let wanted = trim(&password);
        let Lines { text, starts } = &*self.0;
        starts.binary_search_by_key(&wanted, |start| line_at(text, *start)).is_ok()
    }

    /// How many passwords are listed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.starts.len()
    }

    /// Whether nothing is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.starts.is_empty()
    }
}

impl fmt::Debug for CommonPasswords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommonPasswords({})", self.len())
    }
}

fn line_at(text: &str, start: u32) -> &str {
    let rest = usize::try_from(start).ok().and_then(|start| text.get(start..));
    rest.and_then(|rest| rest.lines().next()).map_or("", trim)
}

/// Python's `str.strip`, which also takes the four information separators for white space.
fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest as _, Sha256};

    #[test]
    fn every_password_of_the_bundled_list_is_found() {
        let list = CommonPasswords::django();
        assert_eq!(list.len(), 19_640);
        let text = &list.0.text;
        let digest = crate::encoding::hex(&Sha256::digest(text.as_bytes()));
        assert_eq!(digest, "29ca0fa5303165f012f3e9775e3e95a3071cdd59f219973ec1cbb308d0214a6f");
        assert!(text.lines().all(|line| list.contains(line)));
        assert!(!list.contains("xk8q!pending-harbour"));
        assert!(!list.contains(""));
    }

    #[test]
    fn a_list_of_ones_own_replaces_it() {
        let list = CommonPasswords::from_text("tulip\r\n  daisy \nünder\n".to_owned());
        assert_eq!(list.len(), 3);
        for password in ["tulip", "DAISY", " daisy\u{1f}", "ÜNDER"] {
            assert!(list.contains(password), "{password}");
        }
        for password in ["password1", "tuli", "tulips", "tulip\ndaisy", ""] {
            assert!(!list.contains(password), "{password}");
        }
    }

    #[test]
    fn files_may_be_packed() {
        assert_eq!(CommonPasswords::read(BUNDLED).unwrap().len(), 19_640);
        assert_eq!(CommonPasswords::read(b"one\ntwo").unwrap().len(), 2);
        assert!(CommonPasswords::read(b"").unwrap().is_empty());
        assert_eq!(CommonPasswords::read(&[0xff, 0xfe]).err(), Some(UnreadableList));
        assert_eq!(CommonPasswords::read(&BUNDLED[..500]).err(), Some(UnreadableList));
    }
}
