//! Random bytes as an argument.

/// A source of unpredictable bytes. The server uses [`OsRandom`]; tests may use a seeded one.
pub trait RandomSource: Send + Sync + 'static {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

impl RandomSource for OsRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that draws from the OS")]
    fn fill(&self, buffer: &mut [u8]) {
        rand::Rng::fill_bytes(&mut rand::rng(), buffer);
    }
}

/// Digits and both cases of ASCII letters, in the order Django uses for salts and CSRF secrets.
pub const ALPHANUMERIC: &[u8; 62] =
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/// Lower-case letters and digits: session keys and database e-mail keys.
pub const LOWER_ALPHANUMERIC: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// A text of `length` characters, each drawn uniformly from `alphabet` (at most 256 characters).
pub fn text(random: &dyn RandomSource, alphabet: &[u8], length: usize) -> String {
    // Bytes at or above the largest multiple would favour the first characters.
    let limit = 256 - 256 % alphabet.len();
    let mut out = String::with_capacity(length);
    let mut buffer = [0u8; 64];
    while out.len() < length {
        random.fill(&mut buffer);
        for byte in buffer {
            if usize::from(byte) < limit && out.len() < length {
                out.push(char::from(alphabet[usize::from(byte) % alphabet.len()]));
            }
        }
    }
    out
}

/// `bytes` random bytes as lower-case hexadecimal.
pub fn hex(random: &dyn RandomSource, bytes: usize) -> String {
    let mut buffer = vec![0u8; bytes];
    random.fill(&mut buffer);
    crate::encoding::hex(&buffer)
}

/// `bytes` random bytes in URL-safe base64.
pub fn base64url(random: &dyn RandomSource, bytes: usize) -> String {
    let mut buffer = vec![0u8; bytes];
    random.fill(&mut buffer);
    crate::encoding::base64url(&buffer)
}
