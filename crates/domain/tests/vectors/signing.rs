use md5::Md5;
use rest_auth_domain::encoding;
use rest_auth_domain::signing::{self, SignatureError, Signer};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::Sha512;

use crate::inputs::{keys, now};
use crate::load::{each, equal};

#[test]
fn salted_hmacs_agree_with_crypto_salted_hmac() {
    each("crypto.salted_hmac", |v| {
        let (salt, value, key) = (v.text("salt"), v.text("value").as_bytes(), v.text("secret_key"));
        let hex = match v.text("algorithm") {
            "sha256" => encoding::hex(&signing::salted_hmac(salt, value, key)),
            "sha512" => encoding::hex(&signing::salted_hmac_with::<Sha512>(salt, value, key)),
            "sha1" => encoding::hex(&signing::salted_hmac_with::<Sha1>(salt, value, key)),
            "md5" => encoding::hex(&signing::salted_hmac_with::<Md5>(salt, value, key)),
            other => return Err(format!("unknown algorithm {other}")),
        };
        equal(&json!({ "hex": hex }), &v.expected)
    });
}

#[test]
fn numbers_are_written_and_read_as_in_signing_b62() {
    each("signing.b62", |v| match v.inputs["encode"].as_i64() {
        Some(number) => equal(&json!({ "text": encoding::base62(number) }), &v.expected),
        None => equal(&json!({ "value": encoding::from_base62(v.text("decode")) }), &v.expected),
    });
}

#[test]
fn texts_are_signed_as_in_signing_signer_sign() {
    each("signing.signer_sign", |v| {
        let signed = Signer::new(&keys(v), v.text("salt")).sign(v.text("value"));
        equal(&json!({ "signed": signed }), &v.expected)
    });
}

#[test]
fn signatures_are_checked_as_in_signing_signer_unsign() {
    each("signing.signer_unsign", |v| {
        let keys = keys(v);
        let outcome = match Signer::new(&keys, v.text("salt")).unsign(v.text("signed")) {
            Ok(value) => json!({ "ok": true, "value": value }),
            Err(_) => json!({ "ok": false }),
        };
        equal(&outcome, &v.expected)
    });
}

#[test]
fn times_are_signed_as_in_signing_timestamp_sign() {
    each("signing.timestamp_sign", |v| {
        let signed = Signer::new(&keys(v), v.text("salt")).sign_at(v.text("value"), now(v));
        equal(&json!({ "signed": signed }), &v.expected)
    });
}

#[test]
fn ages_are_checked_as_in_signing_timestamp_unsign() {
    each("signing.timestamp_unsign", |v| {
        let keys = keys(v);
        let signer = Signer::new(&keys, v.text("salt"));
        let read = signer.unsign_at(v.text("signed"), v.inputs["max_age"].as_i64(), now(v));
        equal(&outcome("value", read.map(Value::from)), &v.expected)
    });
}

#[test]
fn json_is_signed_as_in_signing_dumps() {
    each("signing.dumps", |v| {
        let keys = keys(v);
        let signer = Signer::new(&keys, v.text("salt"));
        let compress = v.inputs["compress"].as_bool().unwrap_or(false);
        let wanted = v.expected["text"].as_str().unwrap();
        let text = signer.dumps(&v.inputs["obj"], compress, now(v));
        if wanted.starts_with('.') {
            // Packers differ, so only what is packed can be compared.
            let packed = signer.dumps(&v.inputs["obj"], true, now(v));
            equal(&packed.starts_with('.'), &true)?;
            equal(&signer.loads(&packed, None, now(v)), &Ok(v.inputs["obj"].clone()))?;
            return equal(&signer.loads(wanted, None, now(v)), &Ok(v.inputs["obj"].clone()));
        }
        equal(&text.as_str(), &wanted)
    });
}

#[test]
fn signed_json_is_read_as_in_signing_loads() {
    each("signing.loads", |v| {
        let keys = keys(v);
        let signer = Signer::new(&keys, v.text("salt"));
        let read = signer.loads(v.text("text"), v.inputs["max_age"].as_i64(), now(v));
        if v.raises() {
            return equal(&read.is_err(), &true);
        }
        equal(&outcome("obj", read), &v.expected)
    });
}

fn outcome(name: &str, read: Result<Value, SignatureError>) -> Value {
    match read {
        Ok(value) => json!({ "ok": true, name: value }),
        Err(SignatureError::Bad) => json!({ "ok": false, "reason": "bad_signature" }),
        Err(SignatureError::Expired) => json!({ "ok": false, "reason": "expired" }),
    }
}
