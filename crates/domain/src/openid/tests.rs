mod kinds;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Map, Value, json};

use super::id_token::{key_id, looks_like_one};
use super::{ClientSecret, IdTokenError, IdTokenRules, KeysError, ProviderKeys, verify};
use crate::encoding;
use crate::jwt::Algorithm;
use crate::opaque_token::digest_of;

const RSA: &str = include_str!("../jwt/keys/test-rsa.pem");
const RSA_PUBLIC: &str = include_str!("../jwt/keys/test-rsa-public.pem");
const P256: &str = include_str!("../jwt/keys/test-p256.pem");
const P384: &str = include_str!("../jwt/keys/test-p384.pem");
const ED25519: &str = include_str!("../jwt/keys/test-ed25519.pem");

const NOW: i64 = 1_800_000_000;

/// The algorithms that a provider may sign with.
const SIGNED: [Algorithm; 9] = [
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::EdDsa,
];

fn private(algorithm: Algorithm) -> EncodingKey {
    match algorithm {
        Algorithm::Es256 => EncodingKey::from_ec_pem(P256.as_bytes()),
        Algorithm::Es384 => EncodingKey::from_ec_pem(P384.as_bytes()),
        Algorithm::EdDsa => EncodingKey::from_ed_pem(ED25519.as_bytes()),
        _ => EncodingKey::from_rsa_pem(RSA.as_bytes()),
    }
    .unwrap()
}

/// The public key of an algorithm as a JWK with an id and more members.
fn jwk(algorithm: Algorithm, id: &str, more: &Value) -> Value {
    let jwk = Jwk::from_encoding_key(&private(algorithm), algorithm.native()).unwrap();
    let Value::Object(mut members) = serde_json::to_value(jwk).unwrap() else { unreachable!() };
    members.remove("alg");
    members.insert("kid".to_owned(), id.into());
    members.extend(more.as_object().cloned().unwrap_or_default());
    Value::Object(members)
}

fn keys(all: &[Value]) -> ProviderKeys {
    ProviderKeys::read(&json!({"keys": all})).unwrap()
}

fn signed(algorithm: Algorithm, id: Option<&str>, claims: &Value) -> String {
    let header =
        Header { kid: id.map(str::to_owned), typ: None, ..Header::new(algorithm.native()) };
    jsonwebtoken::encode(&header, claims, &private(algorithm)).unwrap()
}

/// A token with this header as it stands, signed with the RSA key.
fn with_header(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| encoding::base64url(value.to_string().as_bytes());
    let message = format!("{}.{}", part(header), part(claims));
    let key = private(Algorithm::Rs256);
    let algorithm = jsonwebtoken::Algorithm::RS256;
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
    format!("{message}.{signature}")
}

fn claims(more: Value) -> Value {
    let mut claims = json!({
        "iss": "https://idp.example", "aud": "client", "sub": "1",
        "exp": NOW + 300, "iat": NOW - 10,
    });
    let Value::Object(more) = more else { unreachable!() };
    claims.as_object_mut().unwrap().extend(more);
    claims
}

struct Rules {
    issuers: Vec<String>,
    audiences: Vec<String>,
    nonce: Option<&'static str>,
    checks_party: bool,
}

impl Rules {
    fn new() -> Self {
        Self {
            issuers: vec!["https://idp.example".to_owned()],
            audiences: vec!["client".to_owned(), "app".to_owned()],
            nonce: None,
            checks_party: true,
        }
    }

    fn verify(&self, token: &str) -> Result<Map<String, Value>, IdTokenError> {
        let keys = keys(&[jwk(Algorithm::Rs256, "k", &json!({}))]);
        verify(token, &keys, &self.rules(), now())
    }

    fn rules(&self) -> IdTokenRules<'_> {
        IdTokenRules {
            issuers: &self.issuers,
            audiences: &self.audiences,
            checks_party: self.checks_party,
            algorithms: &SIGNED,
            nonce: self.nonce,
            leeway: TimeDelta::seconds(30),
        }
    }

    /// What becomes of a token with these claims.
    fn of(&self, more: Value) -> Option<IdTokenError> {
        self.verify(&signed(Algorithm::Rs256, Some("k"), &claims(more))).err()
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(NOW, 0).unwrap()
}

#[test]
fn a_token_of_every_algorithm_is_read_with_and_without_a_key_id() {
    for algorithm in SIGNED {
        let keys = keys(&[jwk(algorithm, "k", &json!({"use": "sig", "x5t": "x", "ext": true}))]);
        for id in [Some("k"), None] {
            let token = signed(algorithm, id, &claims(json!({"email": "a@b.c"})));
            let read = verify(&token, &keys, &Rules::new().rules(), now()).unwrap();
            assert_eq!(read["email"], "a@b.c", "{algorithm}");
        }
        let token = signed(algorithm, Some("k"), &claims(json!({})));
        let (message, signature) = token.rsplit_once('.').unwrap();
        let other = if signature.starts_with('A') { "B" } else { "A" };
        let forged = format!("{message}.{other}{}", &signature[1..]);
        let refused = verify(&forged, &keys, &Rules::new().rules(), now());
        assert_eq!(refused, Err(IdTokenError::Signature), "{algorithm}");
    }
}

#[test]
fn an_algorithm_that_is_not_in_the_list_is_refused_whatever_the_keys_are() {
    let rules = Rules::new();
    // The public key as the secret of an HMAC, the oldest trick against JWTs.
    let secret = EncodingKey::from_secret(RSA_PUBLIC.as_bytes());
    let header = Header { kid: Some("k".to_owned()), ..Header::default() };
    let confused = jsonwebtoken::encode(&header, &claims(json!({})), &secret).unwrap();
    assert_eq!(rules.verify(&confused), Err(IdTokenError::Algorithm));
    for algorithm in [json!("none"), json!("None"), json!("HS256"), json!("rs256"), json!(5)] {
        let token = with_header(&json!({"alg": algorithm, "kid": "k"}), &claims(json!({})));
        assert_eq!(rules.verify(&token), Err(IdTokenError::Algorithm), "{algorithm}");
    }
    let token = with_header(&json!({"kid": "k"}), &claims(json!({})));
    assert_eq!(rules.verify(&token), Err(IdTokenError::Algorithm));
    let token = signed(Algorithm::Rs256, Some("k"), &claims(json!({})));
    let narrow = IdTokenRules { algorithms: &[Algorithm::Es256], ..rules.rules() };
    let keys = keys(&[jwk(Algorithm::Rs256, "k", &json!({}))]);
    assert_eq!(verify(&token, &keys, &narrow, now()), Err(IdTokenError::Algorithm));
}

#[test]
fn a_key_is_used_only_as_the_provider_says() {
    let token = signed(Algorithm::Rs256, Some("k"), &claims(json!({})));
    let with = |all: &[Value]| verify(&token, &keys(all), &Rules::new().rules(), now()).err();
    let key = |more: Value| jwk(Algorithm::Rs256, "k", &more);
    assert_eq!(with(&[key(json!({"alg": "RS256"}))]), None);
    assert_eq!(with(&[key(json!({"alg": "RS512"}))]), Some(IdTokenError::Signature));
    assert_eq!(with(&[key(json!({"use": "enc"}))]), Some(IdTokenError::UnknownKey));
    assert_eq!(with(&[key(json!({"kid": "other"}))]), Some(IdTokenError::UnknownKey));
    assert_eq!(with(&[key(json!({"d": "AQAB"}))]), Some(IdTokenError::UnknownKey), "private");
    assert_eq!(with(&[jwk(Algorithm::Es256, "k", &json!({}))]), Some(IdTokenError::Signature));
    // Two keys of one id, of which one fits.
    assert_eq!(with(&[jwk(Algorithm::Es256, "k", &json!({})), key(json!({}))]), None);
    assert_eq!(with(&[]), Some(IdTokenError::UnknownKey));
}

#[test]
fn keys_that_cannot_be_read_do_not_keep_others_from_being_used() {
    let good = jwk(Algorithm::Rs256, "good", &json!({}));
    let read = keys(&[
        json!({"kty": "oct", "kid": "secret", "k": "AAAA"}),
        json!({"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"}),
        json!({"kty": "RSA", "kid": "one", "n": "AQ", "e": "AQAB"}),
        json!({"kty": "RSA", "kid": "small", "n": format!("{}8", "_".repeat(170)), "e": "AQAB"}),
        json!({"kty": "EC", "kid": "curve", "crv": "secp256k1", "x": "AA", "y": "AA"}),
        json!({"kty": 5, "kid": "kind"}),
        json!("text"),
        good,
    ]);
    assert!(read.has(Some("good")) && read.has(None));
    for left_out in ["secret", "broken", "one", "small", "curve", "kind"] {
        assert!(!read.has(Some(left_out)), "{left_out}");
    }
    let token = signed(Algorithm::Rs256, Some("good"), &claims(json!({})));
    assert!(verify(&token, &read, &Rules::new().rules(), now()).is_ok());
}

#[test]
fn certificates_by_key_id_are_keys_too_and_other_documents_are_none() {
    let map = ProviderKeys::read(&json!({"k": RSA_PUBLIC, "broken": "x"})).unwrap();
    assert!(map.has(Some("k")) && !map.has(Some("broken")));
    let token = signed(Algorithm::Rs256, Some("k"), &claims(json!({})));
    assert!(verify(&token, &map, &Rules::new().rules(), now()).is_ok());
    for document in [json!([]), json!("x"), json!(null), json!({}), json!({"keys": {}})] {
        assert_eq!(ProviderKeys::read(&document).err(), Some(KeysError), "{document}");
    }
}

#[test]
fn at_most_a_hundred_keys_are_read() {
    let one = |number: usize| jwk(Algorithm::EdDsa, &number.to_string(), &json!({}));
    let read = keys(&(0..101).map(one).collect::<Vec<_>>());
    assert!(read.has(Some("99")) && !read.has(Some("100")));
}

#[test]
fn what_is_no_jwt_is_refused_as_such() {
    let rules = Rules::new();
    let whole = signed(Algorithm::Rs256, Some("k"), &claims(json!({})));
    let (head, rest) = whole.split_once('.').unwrap();
    let long = format!("{head}.{}{rest}", "A".repeat(32 * 1024));
    for text in ["", "x", "a.b", "..", "a.b.c", "!!.b.c", long.as_str()] {
        assert_eq!(rules.verify(text), Err(IdTokenError::Malformed), "{text:.20}");
    }
    for header in [json!({"alg": "RS256", "crit": ["b64"]}), json!({"alg": "RS256", "b64": false})]
    {
        let token = with_header(&header, &claims(json!({})));
        assert_eq!(rules.verify(&token), Err(IdTokenError::Malformed), "{header}");
    }
    let list = with_header(&json!({"alg": "RS256", "kid": "k"}), &json!([1]));
    assert_eq!(rules.verify(&list), Err(IdTokenError::Malformed));
    assert!(looks_like_one(&whole) && !looks_like_one("gho_1.2.3") && !looks_like_one("a.b"));
    assert_eq!(key_id(&whole).unwrap().as_deref(), Some("k"));
    assert_eq!(key_id("no jwt"), Err(IdTokenError::Malformed));
}

#[test]
fn the_issuer_is_compared_as_it_stands() {
    let rules = Rules::new();
    for issuer in [
        json!("https://idp.example/"),
        json!("https://IDP.example"),
        json!("https://idp.example.evil"),
        json!("idp.example"),
        json!(["https://idp.example"]),
        json!(null),
    ] {
        assert_eq!(rules.of(json!({"iss": issuer})), Some(IdTokenError::Issuer), "{issuer}");
    }
    assert_eq!(rules.of(json!({})), None);
}

#[test]
fn an_issuer_with_a_tenant_is_that_of_the_token_s_own_tenant() {
    let issuers = vec!["https://login.example/{tenantid}/v2.0".to_owned()];
    let rules = Rules { issuers, ..Rules::new() };
    let of = |issuer: &str, tenant: Value| rules.of(json!({"iss": issuer, "tid": tenant}));
    assert_eq!(of("https://login.example/t-1/v2.0", json!("t-1")), None);
    for (issuer, tenant) in [
        ("https://login.example/t-1/v2.0", json!("t-2")),
        ("https://login.example/t-1/v2.0", json!(null)),
        ("https://login.example//v2.0", json!("")),
        ("https://login.example/a/../b/v2.0", json!("a/../b")),
        ("https://login.example/{tenantid}/v2.0", json!("{tenantid}")),
        ("https://login.example/t-1/v2.0/x", json!("t-1")),
    ] {
        assert_eq!(of(issuer, tenant), Some(IdTokenError::Issuer), "{issuer}");
    }
}

#[test]
fn the_audience_is_one_of_ours_and_so_is_the_party_that_asked() {
    let refused = Some(IdTokenError::Audience);
    let rules = Rules::new();
    for (more, outcome) in [
        (json!({"aud": "app"}), None),
        (json!({"aud": ["client"]}), None),
        (json!({"aud": "other"}), refused),
        (json!({"aud": ["other"]}), refused),
        (json!({"aud": []}), refused),
        (json!({"aud": null}), refused),
        (json!({"aud": 5}), refused),
        (json!({"aud": ["client", 5], "azp": "client"}), refused),
        (json!({"aud": "Client"}), refused),
        // Several audiences need a party.
        (json!({"aud": ["client", "other"]}), refused),
        (json!({"aud": ["client", "other"], "azp": "client"}), None),
        (json!({"aud": ["client", "other"], "azp": "other"}), refused),
        // An Android app asks for a token that is meant for the web server.
        (json!({"aud": "client", "azp": "app"}), None),
        (json!({"aud": "client", "azp": "other"}), refused),
        (json!({"aud": "client", "azp": null}), None),
        (json!({"aud": "client", "azp": 5}), refused),
    ] {
        assert_eq!(rules.of(more.clone()), outcome, "{more}");
    }
    let lax = Rules { checks_party: false, ..Rules::new() };
    assert_eq!(lax.of(json!({"aud": ["client", "other"]})), None);
    assert_eq!(lax.of(json!({"azp": "other"})), None);
    assert_eq!(lax.of(json!({"aud": "other", "azp": "client"})), refused);
}

#[test]
fn a_token_is_in_force_within_the_leeway() {
    let refused = Some(IdTokenError::Time);
    let rules = Rules::new();
    for (more, outcome) in [
        (json!({"exp": NOW - 29}), None),
        (json!({"exp": NOW - 30}), refused),
        (json!({"exp": null}), refused),
        (json!({"exp": "soon"}), refused),
        (json!({"exp": 1e300}), refused),
        (json!({"exp": NOW + 60, "iat": NOW + 30}), None),
        (json!({"iat": NOW + 31}), refused),
        (json!({"iat": "now"}), refused),
        (json!({"iat": null}), None),
        (json!({"nbf": NOW + 30}), None),
        (json!({"nbf": NOW + 31}), refused),
        (json!({"exp": 1_800_000_100.5}), None),
    ] {
        assert_eq!(rules.of(more.clone()), outcome, "{more}");
    }
}

#[test]
fn a_nonce_is_the_one_of_the_request_or_its_digest() {
    let rules = Rules { nonce: Some("n-0S6"), ..Rules::new() };
    assert_eq!(rules.of(json!({"nonce": "n-0S6"})), None);
    assert_eq!(rules.of(json!({"nonce": digest_of("n-0S6")})), None);
    for nonce in [json!("n-0S7"), json!(""), json!(null), json!(["n-0S6"]), json!("N-0S6")] {
        assert_eq!(rules.of(json!({"nonce": nonce})), Some(IdTokenError::Nonce), "{nonce}");
    }
    assert_eq!(Rules::new().of(json!({"nonce": "another"})), None);
}

#[test]
fn a_token_names_a_user() {
    for subject in [json!(""), json!(null), json!(5), json!(["1"])] {
        let outcome = Rules::new().of(json!({"sub": subject}));
        assert_eq!(outcome, Some(IdTokenError::Subject), "{subject}");
    }
}

#[test]
fn the_client_secret_of_apple_is_signed_for_one_request() {
    let signer = ClientSecret::new(P256, "KEY", "TEAM").unwrap();
    let secret = signer.mint("com.example.app", now()).unwrap();
    let (head, rest) = secret.split_once('.').unwrap();
    let read = |part: &str| -> Value {
        serde_json::from_slice(&encoding::from_base64url(part).unwrap()).unwrap()
    };
    assert_eq!(read(head), json!({"alg": "ES256", "kid": "KEY"}));
    let claims = read(rest.split_once('.').unwrap().0);
    let wanted = json!({"iss": "TEAM", "iat": NOW, "exp": NOW + 300,
        "aud": "https://appleid.apple.com", "sub": "com.example.app"});
    assert_eq!(claims, wanted);
    let rules = Rules {
        issuers: vec!["TEAM".to_owned()],
        audiences: vec!["https://appleid.apple.com".to_owned()],
        ..Rules::new()
    };
    let keys = keys(&[jwk(Algorithm::Es256, "KEY", &json!({}))]);
    assert!(verify(&secret, &keys, &rules.rules(), now()).is_ok());
    assert!(!format!("{signer:?}").contains("PRIVATE"));
    for text in ["", "x", RSA, RSA_PUBLIC] {
        assert!(ClientSecret::new(text, "KEY", "TEAM").is_err());
    }
}
