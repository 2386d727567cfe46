use rest_auth_domain::mfa::TotpShape;
use rest_auth_domain::mfa::allauth::{self, RecoveryShape, Trust, TrustedFactor};
use serde_json::{Value, json};

use crate::inputs::{count, keys, now};
use crate::load::{each, equal};

#[test]
fn codes_are_derived_as_in_allauth_mfa_recovery_codes() {
    each("allauth_mfa.recovery_codes", |v| {
        let shape = RecoveryShape::new(count(v, "count", 10), count(v, "digits", 8)).unwrap();
        let data = &v.inputs["data"];
        let outcome = json!({
            "codes": allauth::recovery_codes(data, shape),
            "unused": allauth::unused_recovery_codes(data, shape),
        });
        equal(&outcome, &v.expected)
    });
}

#[test]
fn codes_are_checked_as_in_allauth_mfa_totp_verify() {
    each("allauth_mfa.totp_verify", |v| {
        let shape = TotpShape::new(count(v, "digits", 6), count(v, "period", 30)).unwrap();
        let data = json!({ "secret": v.text("secret") });
        let tolerance = u8::try_from(count(v, "tolerance", 0)).unwrap();
        let step = allauth::totp_step(&data, v.text("code"), shape, tolerance, now(v));
        equal(&json!({ "ok": step.is_some() }), &v.expected)
    });
}

#[test]
fn fingerprints_are_made_as_in_allauth_mfa_trust_fingerprint() {
    each("allauth_mfa.trust_fingerprint", |v| {
        let user = &v.inputs["user"];
        let factors: Vec<TrustedFactor<'_>> = v.inputs["authenticators"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| TrustedFactor {
                pk: row["pk"].as_i64().unwrap(),
                kind: row["type"].as_str().unwrap(),
                data: &row["data"],
            })
            .collect();
        let (user_id, password) =
            (user["pk"].as_i64().unwrap(), user["password"].as_str().unwrap());
        let fingerprint = allauth::trust_fingerprint(user_id, password, &factors, &keys(v));
        equal(&json!({ "fingerprint": fingerprint }), &v.expected)
    });
}

#[test]
fn cookies_are_written_and_read_as_in_allauth_mfa_trust_cookie() {
    each("allauth_mfa.trust_cookie", |v| {
        let trusts: Vec<Trust> = v.inputs["trusts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| Trust {
                fingerprint: pair[0].as_str().unwrap().to_owned(),
                at: pair[1].as_i64().unwrap(),
            })
            .collect();
        let cookie = allauth::trust_cookie(&trusts, &keys(v));
        equal(&json!({ "cookie": cookie }), &v.expected)?;
        let then = chrono::DateTime::from_timestamp(trusts[0].at, 0).unwrap();
        let read = allauth::read_trust_cookie(&cookie, 1_209_600, &keys(v), then);
        equal(&(read == trusts), &true)
    });
}

#[test]
fn codes_are_compared_as_in_usercode_compare() {
    each("usercode.compare", |v| {
        let same = allauth::same_code(v.text("actual"), v.text("expected"));
        equal(&json!({ "equal": same }), &v.expected)
    });
}

#[test]
fn a_recovery_code_is_used_up() {
    let shape = RecoveryShape::default();
    let migrated: Value = json!({ "migrated_codes": ["abc123", "def456"], "kept": 1 });
    let after = allauth::use_recovery_code(&migrated, "DEF-456", shape).unwrap();
    assert_eq!(after, json!({ "migrated_codes": ["abc123"], "kept": 1 }));
    assert_eq!(allauth::use_recovery_code(&after, "def456", shape), None);
}
