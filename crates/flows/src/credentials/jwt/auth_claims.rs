//! Claims about how the user logged in (`simple_jwt.auth_claims`): when, and with what.

use rest_auth_domain::jwt::Claims;
use serde_json::Value;

use crate::evidence::{Evidence, Record};
use crate::login::factor::{Factor, Method};

/// When the user was last asked for a proof, in seconds since 1970 (`OpenID` Connect): of a login the
/// oldest factor.
const AUTH_TIME: &str = "auth_time";
/// What was proven (RFC 8176).
const AMR: &str = "amr";
/// How much it is worth: `aal1`, or `aal2` with two factors (NIST SP 800-63B).
const ACR: &str = "acr";

/// The names of these claims.
pub(super) const NAMES: [&str; 3] = [AUTH_TIME, AMR, ACR];

/// Adds the claims about what was proven.
pub(super) fn add_to(claims: &mut Claims, evidence: &Evidence) {
    let Some(at) = evidence.authenticated_at() else { return };
    let amr = references(evidence);
    claims.insert(AUTH_TIME, at.timestamp());
    claims.insert(ACR, if has_two_factors(evidence) { "aal2" } else { "aal1" });
    claims.insert(AMR, Value::from(amr));
}

/// What was proven, in the names of RFC 8176, with those by which a provider names its own login.
pub(crate) fn references(evidence: &Evidence) -> Vec<&str> {
    let mut amr = Vec::new();
    let mut add = |name| {
        if !amr.contains(&name) {
            amr.push(name);
        }
    };
    for Record { factor, .. } in evidence.records() {
        reference(factor).into_iter().for_each(&mut add);
        let said = factor.provider.iter().flat_map(|provider| &provider.amr);
        said.for_each(|name| add(name));
    }
    if is_verified(evidence) {
        add("user");
    }
    if has_two_factors(evidence) {
        add("mfa");
    }
    amr
}

/// Whether two factors were proven here. What a provider asked for counts as one.
fn has_two_factors(evidence: &Evidence) -> bool {
    let methods = evidence.methods();
    let has_first = methods.iter().any(|method| !method.is_second());
    let has_second = methods.iter().any(|method| method.is_second());
    // A passkey alone proves that its device is there and that the user is at it.
    is_verified(evidence) || (has_first && has_second)
}

/// Whether the device of a passkey verified the user.
fn is_verified(evidence: &Evidence) -> bool {
    let keys = evidence.records().iter().filter_map(|record| record.factor.key);
    keys.into_iter().any(|key| key.user_verified)
}

/// The name of a factor in RFC 8176, which has none for a mailed code. `fed`, which others use too, is
/// not registered there.
fn reference(factor: &Factor) -> Option<&'static str> {
    Some(match factor.method {
        // Whoever registers has just chosen the password.
        Method::Password | Method::Registration => "pwd",
        Method::Provider => "fed",
        Method::Totp | Method::RecoveryCode => "otp",
        Method::MailedCode => return None,
        Method::Passkey | Method::SecurityKey => match factor.key {
            Some(key) if key.is_synced => "swk",
            Some(_) => "hwk",
            None => "pop",
        },
    })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::login::factor::{PasskeyTraits, ProviderLogin};

    const NOON: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn passkey(method: Method, is_synced: bool, user_verified: bool) -> Factor {
        Factor {
            key: Some(PasskeyTraits { is_synced, user_verified }),
            ..Factor::new(method, NOON)
        }
    }

    fn amr(factors: &[Factor]) -> Vec<String> {
        let evidence = Evidence::of_login(factors);
        references(&evidence).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_passkey_says_where_its_key_is_and_whether_the_user_was_there() {
        assert_eq!(amr(&[passkey(Method::Passkey, true, true)]), ["swk", "user", "mfa"]);
        assert_eq!(amr(&[passkey(Method::Passkey, false, true)]), ["hwk", "user", "mfa"]);
        assert_eq!(amr(&[passkey(Method::SecurityKey, false, false)]), ["hwk"]);
        let password = Factor::new(Method::Password, NOON);
        let second = passkey(Method::Passkey, false, false);
        assert_eq!(amr(&[password, second]), ["pwd", "hwk", "mfa"]);
    }

    #[test]
    fn what_a_provider_asked_for_is_told_and_counts_as_one_factor() {
        let said = ProviderLogin { amr: vec!["pwd".into(), "mfa".into()], acr: None };
        let provider = Some(Box::new(said));
        let login = [Factor { provider, ..Factor::new(Method::Provider, NOON) }];
        assert_eq!(amr(&login), ["fed", "pwd", "mfa"]);
        let mut claims = Claims::default();
        add_to(&mut claims, &Evidence::of_login(&login));
        assert_eq!(claims.text(ACR), Some("aal1"));
    }

    #[test]
    fn two_factors_are_more_than_one_twice() {
        let of = |methods: &[Method]| {
            let factors: Vec<_> = methods.iter().map(|&m| Factor::new(m, NOON)).collect();
            amr(&factors)
        };
        assert_eq!(of(&[Method::Password]), ["pwd"]);
        assert_eq!(of(&[Method::Registration, Method::Password]), ["pwd"]);
        assert_eq!(of(&[Method::Password, Method::Totp]), ["pwd", "otp", "mfa"]);
        assert_eq!(of(&[Method::Provider, Method::RecoveryCode]), ["fed", "otp", "mfa"]);
    }
}
