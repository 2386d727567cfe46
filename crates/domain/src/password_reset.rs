//! The tokens of password reset links (Django's `PasswordResetTokenGenerator`, and allauth's
//! `EmailAwarePasswordResetTokenGenerator`).
//!
//! A token is bound to what a reset, a login or a change of address alters, so it dies with any
//! of them and nothing has to be stored.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::random::{self, RandomSource};
use crate::signing::{self, SecretKeys};
use crate::{encoding, uid};

const SALT: &str = "django.contrib.auth.tokens.PasswordResetTokenGenerator";

/// A random token of 230 bits, to be stored. It looks like the longest that Django's routes let
/// through (`[0-9A-Za-z]{1,13}-[0-9A-Za-z]{1,32}`), so that pages behind links take either.
pub fn new_token(random: &dyn RandomSource) -> String {
    let text = |length| random::text(random, random::LOWER_ALPHANUMERIC, length);
    format!("{}-{}", text(13), text(32))
}

/// What a token vouches for, besides the account itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetVariant {
    /// Plain Django: the user's own columns.
    Django,
    /// With allauth installed: all e-mail addresses of the user too.
    Allauth,
}

impl ResetVariant {
    /// The user's id as this variant writes it into the link.
    #[must_use]
    pub fn uid(self, pk: i64) -> String {
        match self {
            Self::Django => uid::base64(pk),
            Self::Allauth => uid::base36(pk),
        }
    }

    /// Reads the user's id from a link of this variant.
    #[must_use]
    pub fn read_uid(self, text: &str) -> Option<i64> {
        match self {
            Self::Django => uid::from_base64(text),
            Self::Allauth => uid::from_base36(text),
        }
    }
}

/// The current state of the account that a token is for. It holds a password hash: do not print it.
#[derive(Clone, Copy)]
pub struct ResetSubject<'a> {
    /// The user's id.
    pub pk: i64,
    /// The column `password`: the hash, not the password.
    pub password: &'a str,
    /// The column `last_login`; microseconds do not count.
    pub last_login: Option<DateTime<Utc>>,
    /// The column `auth_user.email`, in the case it is stored in.
    pub email: &'a str,
    /// Every `account_emailaddress.email` of the user, in any order; only
    /// [`ResetVariant::Allauth`] looks at them.
    pub addresses: &'a [&'a str],
}

/// Why a token does not open a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResetTokenError {
    /// Not made for this account as it stands now.
    #[error("the reset token does not match")]
    Wrong,
    /// Rightly made, but longer ago than allowed.
    #[error("the reset token is too old")]
    Expired,
}

/// Makes and checks reset tokens.
#[derive(Clone, Copy, Debug)]
pub struct ResetTokens<'a> {
    /// The first key makes tokens, each of them is good for checking.
    pub keys: &'a SecretKeys,
    /// The accounts that tokens are for.
    pub variant: ResetVariant,
    /// `TIME_ZONE`: Django stamps tokens with the local wall clock.
    pub local: Tz,
    /// `PASSWORD_RESET_TIMEOUT` in seconds; a token of exactly this age is good.
    pub timeout: i64,
}

impl ResetTokens<'_> {
    /// A token for the account, stamped with `now`.
    #[must_use]
    pub fn make(&self, subject: &ResetSubject<'_>, now: DateTime<Utc>) -> String {
        // Before 2001 there is no stamp; such a clock is wrong and the token merely expires.
        let stamp = u64::try_from(self.seconds(now)).unwrap_or(0);
        self.token(subject, stamp, self.keys.current())
    }

    /// Checks a token against the account as it stands now.
    ///
    /// # Errors
    /// [`ResetTokenError`]. Tokens from the future pass, as in Django.
    pub fn check(
        &self,
        subject: &ResetSubject<'_>,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ResetTokenError> {
        let (stamp, rest) = token.split_once('-').ok_or(ResetTokenError::Wrong)?;
        if rest.contains('-') {
            return Err(ResetTokenError::Wrong);
        }
        let stamp = encoding::from_base36(stamp).ok_or(ResetTokenError::Wrong)?;
        // The whole text is compared, so a stamp in upper case or with leading zeros fails too.
        let matches = |key: &str| signing::same(token, &self.token(subject, stamp, key));
        if !self.keys.all().any(matches) {
            return Err(ResetTokenError::Wrong);
        }
        let age = i128::from(self.seconds(now)) - i128::from(stamp);
        if age > i128::from(self.timeout) { Err(ResetTokenError::Expired) } else { Ok(()) }
    }

    /// Whole seconds of the local wall clock since 2001-01-01 00:00:00.
    fn seconds(&self, now: DateTime<Utc>) -> i64 {
        let start = NaiveDate::from_ymd_opt(2001, 1, 1).map(NaiveDateTime::from);
        let local = now.with_timezone(&self.local).naive_local();
        start.map_or(TimeDelta::zero(), |start| local - start).num_seconds()
    }

    fn token(&self, subject: &ResetSubject<'_>, stamp: u64, key: &str) -> String {
        let value = self.value(subject, stamp);
        let digest = encoding::hex(&signing::salted_hmac(SALT, value.as_bytes(), key));
        let half: String = digest.chars().step_by(2).collect();
        format!("{}-{half}", encoding::base36(stamp))
    }

    fn value(&self, subject: &ResetSubject<'_>, stamp: u64) -> String {
        let ResetSubject { pk, password, last_login, email, addresses } = *subject;
        let last_login =
            last_login.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default();
        let mut value = format!("{pk}{password}{last_login}{stamp}{email}");
        if self.variant == ResetVariant::Allauth {
            value.push_str(&joined(email, addresses));
        }
        value
    }
}

/// All addresses of the user, each once, in the order of their code points.
fn joined(email: &str, addresses: &[&str]) -> String {
    let own = Some(email.to_lowercase()).filter(|own| !own.is_empty());
    let mut all: BTreeSet<&str> = addresses.iter().copied().collect();
    all.extend(own.as_deref());
    all.into_iter().collect::<Vec<_>>().join("|")
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;

    const SUBJECT: ResetSubject<'_> = ResetSubject {
        pk: 42,
        password: "md5$s$h",
        last_login: None,
        email: "Ann@Example.com",
        addresses: &["zoe@x.org", "ann@example.com"],
    };

    fn tokens(keys: &SecretKeys) -> ResetTokens<'_> {
        ResetTokens { keys, variant: ResetVariant::Allauth, local: Tz::UTC, timeout: 60 }
    }

    #[test]
    fn an_old_token_is_told_from_a_wrong_one() {
        let keys = SecretKeys::new("k", Vec::new());
        let now = Utc.timestamp_opt(1_767_225_600, 0).unwrap();
        let token = tokens(&keys).make(&SUBJECT, now);
        let check = |token: &str, later| {
            tokens(&keys).check(&SUBJECT, token, now + TimeDelta::seconds(later))
        };
        assert_eq!(check(&token, 60), Ok(()));
        assert_eq!(check(&token, 61), Err(ResetTokenError::Expired));
        assert_eq!(check(&format!("0{token}"), 0), Err(ResetTokenError::Wrong));
    }

    #[test]
    fn clocks_before_2001_and_huge_stamps_do_no_harm() {
        let keys = SecretKeys::new("k", Vec::new());
        let early = Utc.timestamp_opt(0, 0).unwrap();
        let token = tokens(&keys).make(&SUBJECT, early);
        assert!(token.starts_with("0-"));
        for hostile in ["zzzzzzzzzzzzz-0", "-", "--", "é-é", ""] {
            let refused = tokens(&keys).check(&SUBJECT, hostile, early);
            assert_eq!(refused, Err(ResetTokenError::Wrong));
        }
    }
}
