//! `md5$salt$hash`: worthless against guessing, kept so that old databases can be taken over.

use md5::{Digest as _, Md5};

use super::fields;
use crate::password::Password;
use crate::{encoding, signing};

pub(crate) fn encode(password: &Password, salt: &str) -> String {
    format!("{salt}${}", derive(password, salt))
}

pub(crate) struct Stored<'a> {
    salt: &'a str,
    hash: &'a str,
}

impl<'a> Stored<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (salt, hash) = text.split_once('$')?;
        let digits = hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        (digits && hash.len() == 32).then_some(Self { salt: fields::salt(salt)?, hash })
    }

    pub(crate) fn matches(&self, password: &Password) -> bool {
        signing::same(&derive(password, self.salt), self.hash)
    }

    pub(crate) fn is_outdated(&self) -> bool {
        fields::is_weak_salt(self.salt.chars().count())
    }
}

fn derive(password: &Password, salt: &str) -> String {
    encoding::hex(&Md5::new().chain_update(salt).chain_update(password.as_bytes()).finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_form_is_read() {
        let hash = "6de410effd534286a8d462ba52e97f55";
        assert!(Stored::parse(&format!("salt${hash}")).is_some());
        for text in [
            String::new(),
            hash.to_owned(),
            format!("${hash}"),
            format!("salt${hash}0"),
            format!("salt${}", &hash[1..]),
            format!("salt${}", hash.to_uppercase()),
            format!("salt$salt${hash}"),
        ] {
            assert!(Stored::parse(&text).is_none(), "{text}");
        }
    }
}
