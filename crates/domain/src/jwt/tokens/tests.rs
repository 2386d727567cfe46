use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::*;
use crate::clock::LAST_SECOND;
use crate::encoding;
use crate::jwt::{Algorithm, Audience};
use crate::random::OsRandom;

const OLD: &str = "the old secret of at least thirty-two bytes";
const NEW: &str = "the new secret of at least thirty-two bytes";
const ADA: TokenUser<'static> = TokenUser { id: "7", is_active: true, password: "md5$s$h" };

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_787_585_613, 250_000_000).unwrap()
}

fn keys(secret: &str) -> JwtKeys {
    JwtKeys::new(Algorithm::Hs256, secret, None).unwrap()
}

fn tokens() -> Tokens {
    Tokens::new(keys(NEW), TokenSettings::default())
}

fn pair(tokens: &Tokens) -> TokenPair {
    tokens.issue_pair(&ADA, &CustomClaims::default(), now(), &OsRandom).unwrap()
}

fn claims(value: &Value) -> Claims {
    Claims::from(value.as_object().unwrap().clone())
}

/// A token with a header of the attacker's choice, signed with the key of [`tokens`].
fn with_header(header: &str) -> String {
    let payload = json!({ "token_type": "access", "exp": 2_000_000_000, "jti": "1" }).to_string();
    let message = format!("{}.{}", encoding::base64url(header), encoding::base64url(payload));
    let signature = keys(NEW).sign(message.as_bytes()).unwrap();
    format!("{message}.{signature}")
}

fn verify(tokens: &Tokens, token: impl AsRef<[u8]>) -> Result<(), TokenError> {
    tokens.verify(token, TokenKind::Access, now()).map(|_| ())
}

#[test]
fn the_key_that_a_header_names_decides_nothing() {
    for header in [r#"{"alg":"HS256","kid":"1"}"#, r#"{"alg":"HS256","jwk":7,"x5c":null}"#] {
        assert_eq!(verify(&tokens(), with_header(header)), Ok(()), "{header}");
    }
    let other = Tokens::new(keys(OLD), TokenSettings::default());
    assert_eq!(verify(&other, with_header(r#"{"alg":"HS256"}"#)), Err(TokenError::Invalid));
    for header in [r#"{"alg":"HS512"}"#, r#"{"alg":"none"}"#] {
        assert_eq!(verify(&tokens(), with_header(header)), Err(TokenError::Invalid), "{header}");
    }
}

#[test]
fn headers_that_demand_something_unknown_are_refused() {
    for header in [
        r#"{"alg":"HS256","crit":["b64"],"b64":true}"#,
        r#"{"alg":"HS256","b64":false}"#,
        r#"{"alg":"HS256","kid":null}"#,
        r#"{"alg":["HS256"]}"#,
        r#"{"typ":"JWT"}"#,
        r#"["HS256"]"#,
        "",
    ] {
        assert_eq!(verify(&tokens(), with_header(header)), Err(TokenError::Invalid), "{header}");
    }
}

#[test]
fn junk_of_any_size_is_invalid() {
    let good = pair(&tokens()).access;
    let nested = format!("{}.{}.AA", encoding::base64url("[".repeat(40_000)), "AA");
    for junk in [
        Vec::new(),
        b"..".to_vec(),
        b"....".to_vec(),
        vec![0xff; 100],
        format!("{good}{}", "A".repeat(100_000)).into_bytes(),
        format!(" {good}").into_bytes(),
        format!("{good}.").into_bytes(),
        good.as_bytes()[..good.len() - 1].to_vec(),
        nested.into_bytes(),
    ] {
        assert_eq!(verify(&tokens(), &junk), Err(TokenError::Invalid), "{} bytes", junk.len());
    }
}

#[test]
fn a_configured_header_type_is_written_and_demanded() {
    let settings = TokenSettings { header_type: Some("at+jwt".to_owned()), ..Default::default() };
    let strict = Tokens::new(keys(NEW), settings);
    assert_eq!(verify(&strict, pair(&strict).access), Ok(()));
    assert_eq!(
        verify(&strict, with_header(r#"{"alg":"HS256","typ":"application/AT+JWT"}"#)),
        Ok(())
    );
    assert_eq!(verify(&strict, pair(&tokens()).access), Err(TokenError::Invalid));
    assert_eq!(verify(&strict, with_header(r#"{"alg":"HS256"}"#)), Err(TokenError::Invalid));
    assert_eq!(verify(&tokens(), pair(&strict).access), Ok(()));
}

#[test]
fn issuer_and_audience_are_demanded_when_configured() {
    let settings = TokenSettings {
        audience: Some(Audience::One("app".to_owned())),
        issuer: Some("https://auth.example".to_owned()),
        ..Default::default()
    };
    let strict = Tokens::new(keys(NEW), settings);
    assert_eq!(verify(&strict, pair(&strict).access), Ok(()));
    assert_eq!(verify(&strict, pair(&tokens()).access), Err(TokenError::Invalid));
}

#[test]
fn custom_claims_travel_but_never_replace_ours() {
    let tokens = tokens();
    let custom = claims(&json!({ "epoch": 3, "sid": "f1", "user_id": "1", "exp": 1, "jti": "x" }));
    let of_access = claims(&json!({ "org": "A", "epoch": 9, "user_id": "1" }));
    let custom = CustomClaims { of_both: custom, of_access };
    let pair = tokens.issue_pair(&ADA, &custom, now(), &OsRandom).unwrap();
    let access = tokens.verify(&pair.access, TokenKind::Access, now()).unwrap();
    assert_eq!(access.text("org"), Some("A"));
    assert_eq!((access.integer("epoch"), access.text("sid")), (Some(3), Some("f1")));
    assert_eq!((access.text("user_id"), access.integer("exp")), (Some("7"), Some(1_787_585_913)));
    let refresh = tokens.verify(&pair.refresh, TokenKind::Refresh, now()).unwrap();
    assert!(!refresh.contains("org"));
    let later = now() + TimeDelta::seconds(60);
    let rotated = tokens.rotate(&refresh, later, &OsRandom).unwrap();
    let rotated = tokens.verify(&rotated.refresh, TokenKind::Refresh, later).unwrap();
    assert_eq!((rotated.integer("epoch"), rotated.text("sid")), (Some(3), Some("f1")));
    assert_ne!(rotated.text("jti"), refresh.text("jti"));
}

#[test]
fn a_token_ends_at_its_second_whatever_the_fraction() {
    let tokens = tokens();
    let access = pair(&tokens).access;
    let at = |millis: i64| DateTime::from_timestamp_millis(1_787_585_913_000 + millis).unwrap();
    assert!(tokens.verify(&access, TokenKind::Access, at(-1)).is_ok());
    for millis in [0, 1, 999] {
        let refused = tokens.verify(&access, TokenKind::Access, at(millis)).unwrap_err();
        assert_eq!(refused, TokenError::Expired, "{millis}");
    }
}

#[test]
fn a_lifetime_beyond_the_calendar_is_cut() {
    let settings =
        TokenSettings { refresh_token_lifetime: Duration::MAX, ..TokenSettings::default() };
    let tokens = Tokens::new(keys(NEW), settings);
    let refresh = tokens.verify(pair(&tokens).refresh, TokenKind::Refresh, now()).unwrap();
    assert_eq!(refresh.integer("exp"), Some(LAST_SECOND));
}

#[test]
fn unset_claims_are_neither_written_nor_checked() {
    let settings =
        TokenSettings { token_type_claim: None, jti_claim: None, ..TokenSettings::default() };
    let tokens = Tokens::new(keys(NEW), settings);
    let pair = pair(&tokens);
    assert_eq!(pair.outstanding, None);
    let read = tokens.read(&pair.refresh, now()).unwrap();
    assert_eq!(tokens.id(&read), Err(TokenError::NoId));
    let access = tokens.accept(read, TokenKind::Access).unwrap();
    assert_eq!(access.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["exp", "iat", "user_id"]);
}

#[test]
fn an_expiry_that_is_no_time_is_refused() {
    let tokens = tokens();
    for exp in [json!("2000000000"), json!(1e300), json!(u64::MAX), json!(null), json!([1])] {
        let body = json!({ "token_type": "access", "exp": exp, "jti": "1" });
        let token = tokens.encode(&claims(&body)).unwrap();
        assert_eq!(verify(&tokens, token), Err(TokenError::Invalid), "{exp}");
    }
}

#[test]
fn debug_shows_neither_tokens_nor_keys() {
    let tokens = tokens();
    let pair = pair(&tokens);
    let shown = format!("{tokens:?} {pair:?} {:?}", pair.outstanding);
    for secret in [NEW, pair.access.as_str(), pair.refresh.as_str(), "eyJ0"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
