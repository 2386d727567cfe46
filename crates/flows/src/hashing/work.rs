//! What a hashing thread does for one job.

use rest_auth_domain::password::{
    EncodeError, EncodedPassword, Hashers, Password, Scratch, Verdict,
};
use rest_auth_domain::random::RandomSource;

/// What is asked of a thread.
pub(super) enum Work {
    Verify(Password, EncodedPassword),
    VerifyNobody(Password),
    Encode(Password),
}

/// What came of it.
pub(super) enum HashResult {
    Verdict(Verdict),
    Encoded(Result<EncodedPassword, EncodeError>),
}

/// Hashes, and the rules for using them.
pub(super) struct Worker<'a> {
    pub(super) hashers: &'a Hashers,
    pub(super) random: &'a dyn RandomSource,
    /// Whether passwords are normalised first, so that they work on every keyboard.
    pub(super) normalize: bool,
    /// The memory of this thread.
    pub(super) scratch: Scratch,
}

impl Worker<'_> {
    pub(super) fn run(&mut self, work: Work) -> HashResult {
        match work {
            Work::Verify(password, stored) => HashResult::Verdict(self.verify(&password, &stored)),
            Work::VerifyNobody(password) => {
                // As often as for an existing user, so that the time does not reveal whether there
                // is one.
                if let Some(normalized) = self.normalized(&password) {
                    self.hashers.verify_nobody(&normalized, &mut self.scratch);
                }
                self.hashers.verify_nobody(&password, &mut self.scratch);
                HashResult::Verdict(Verdict { matches: false, must_update: false })
            }
            Work::Encode(password) => {
                let normalized = self.normalized(&password);
                let password = normalized.as_ref().unwrap_or(&password);
                HashResult::Encoded(self.hashers.encode(password, self.random, &mut self.scratch))
            }
        }
    }

    /// A hash that was made before passwords were normalised matches only what was typed then.
    fn verify(&mut self, password: &Password, stored: &EncodedPassword) -> Verdict {
        if let Some(normalized) = self.normalized(password) {
            let verdict = self.hashers.verify(&normalized, stored, &mut self.scratch);
            if verdict.matches {
                return verdict;
            }
        }
        self.hashers.verify(password, stored, &mut self.scratch)
    }

    /// The password in normal form, where that is asked for and it is in another.
    fn normalized(&self, password: &Password) -> Option<Password> {
        if self.normalize { password.normalized() } else { None }
    }
}
