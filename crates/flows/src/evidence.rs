//! What the user of a credential has proven, and when: at the login, and again since.
//!
//! It is kept with the credential: a token and a refresh family have a column for it, sessions keep
//! it among their data ([`in_session`]), and `rest_auth_reauthentication` has it of credentials that
//! have no row of ours ([`beside`]).

pub(crate) mod beside;
pub(crate) mod in_session;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::login::factor::{Factor, Method};

/// How many records are kept: those of a login and the newest ones since.
const MOST: usize = 8;

/// What was proven with a credential, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Evidence(Vec<Record>);

/// One thing that was proven.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    #[serde(flatten)]
    pub(crate) factor: Factor,
    /// Whether it was proven again, after the login.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) again: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Evidence {
    /// What a login proved.
    pub(crate) fn of_login(factors: &[Factor]) -> Self {
        Self(factors.iter().cloned().map(|factor| Record { factor, again: false }).collect())
    }

    /// The text in the database. What cannot be read was written by nobody, and proves nothing.
    pub(crate) fn read(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// The text for the database.
    pub(crate) fn written(&self) -> Option<String> {
        // A list of plain values is always JSON.
        serde_json::to_string(self).ok().filter(|_| !self.0.is_empty())
    }

    /// The same with one thing more, which takes the place of what was proven again before.
    pub(crate) fn with(mut self, factor: Factor) -> Self {
        self.0.retain(|record| !record.again || record.factor.method != factor.method);
        self.0.push(Record { factor, again: true });
        self.cut()
    }

    /// The same after another login that handed the same credential out, in place of the one before.
    fn with_login(mut self, factors: &[Factor]) -> Self {
        self.0.retain(|record| record.again);
        self.0.extend(Self::of_login(factors).0);
        self.cut()
    }

    fn cut(mut self) -> Self {
        let surplus = self.0.len().saturating_sub(MOST);
        self.0.drain(..surplus);
        self
    }

    /// All records, oldest first.
    pub(crate) fn records(&self) -> &[Record] {
        &self.0
    }

    /// The methods, each once, in the order in which they were first used.
    pub(crate) fn methods(&self) -> Vec<Method> {
        let mut methods = Vec::new();
        for record in &self.0 {
            if !methods.contains(&record.factor.method) {
                methods.push(record.factor.method);
            }
        }
        methods
    }

    /// When the user last proved something after the login; without that, when the oldest factor of
    /// the login was proven.
    pub(crate) fn authenticated_at(&self) -> Option<DateTime<Utc>> {
        let again = self.0.iter().filter(|record| record.again).map(|record| record.factor.at);
        again.max().or_else(|| self.0.iter().map(|record| record.factor.at).min())
    }

    /// When the newest of those records was made that count.
    pub(crate) fn newest(&self, counts: impl Fn(&Record) -> bool) -> Option<DateTime<Utc>> {
        self.0.iter().filter(|record| counts(record)).map(|record| record.factor.at).max()
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn factor(method: Method, seconds: i64) -> Factor {
        Factor::new(method, at(seconds))
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let login = [factor(Method::Password, 1), factor(Method::Totp, 2)];
        let evidence = Evidence::of_login(&login).with(factor(Method::Password, 9));
        let text = evidence.written().unwrap();
        assert_eq!(Evidence::read(Some(&text)), evidence);
        assert_eq!(evidence.methods(), [Method::Password, Method::Totp]);
        assert_eq!(evidence.authenticated_at(), Some(at(9)));
        assert_eq!(Evidence::of_login(&login).authenticated_at(), Some(at(1)));
    }

    #[test]
    fn what_nobody_wrote_proves_nothing() {
        for text in [None, Some(""), Some("[1]"), Some("{}")] {
            assert_eq!(Evidence::read(text), Evidence::default(), "{text:?}");
        }
        assert_eq!(Evidence::default().written(), None);
    }

    #[test]
    fn a_login_takes_the_place_of_the_one_before_and_leaves_what_was_proven_again() {
        let evidence = Evidence::of_login(&[factor(Method::Password, 1)]);
        let evidence = evidence.with(factor(Method::Totp, 2));
        let evidence = evidence.with_login(&[factor(Method::Provider, 3)]);
        assert_eq!(evidence.methods(), [Method::Totp, Method::Provider]);
        assert_eq!(evidence.newest(|record| record.again), Some(at(2)));
        let often = (0..100).fold(evidence, |evidence, second| {
            evidence.with_login(&[factor(Method::Password, second), factor(Method::Totp, second)])
        });
        assert_eq!(often.records().len(), 3);
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let mut evidence = Evidence::of_login(&[factor(Method::Password, 0)]);
        for second in 1..100 {
            evidence = evidence.with(factor(Method::Totp, second));
        }
        assert_eq!(evidence.records().len(), 2);
        assert_eq!(evidence.newest(|record| record.again), Some(at(99)));
    }
}
