//! What a token is for: its type in the header, and notices.

use super::*;
use crate::openid::id_token::verify_notice;

#[test]
fn a_token_of_another_kind_is_no_id_token() {
    let rules = Rules::new();
    let of_kind = |kind: &str| {
        with_header(&json!({"alg": "RS256", "kid": "k", "typ": kind}), &claims(json!({})))
    };
    for kind in ["at+jwt", "AT+JWT", "application/at+jwt", "logout+jwt", "secevent+jwt"] {
        assert_eq!(rules.verify(&of_kind(kind)), Err(IdTokenError::Kind), "{kind}");
        assert!(!looks_like_one(&of_kind(kind)), "{kind}");
    }
    for kind in ["JWT", "jwt", "application/jwt", ""] {
        assert!(rules.verify(&of_kind(kind)).is_ok(), "{kind}");
        assert!(looks_like_one(&of_kind(kind)), "{kind}");
    }
}

/// Not every server names the kind in the header (`OpenID` Connect Back-Channel Logout, section 2.4).
#[test]
fn a_token_about_an_event_is_no_id_token() {
    let logout = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    for events in [logout, json!({}), json!("{\"type\": \"email-enabled\"}")] {
        let token = signed(Algorithm::Rs256, Some("k"), &claims(json!({"events": events})));
        assert_eq!(Rules::new().verify(&token), Err(IdTokenError::Kind), "{events}");
    }
}

#[test]
fn a_notice_needs_no_end_and_is_refused_after_the_one_that_it_has() {
    let keys = keys(&[jwk(Algorithm::Rs256, "k", &json!({}))]);
    let of = |more: Value| {
        let token = signed(Algorithm::Rs256, Some("k"), &claims(more));
        verify_notice(&token, &keys, &Rules::new().rules(), now()).err()
    };
    for good in [json!({}), json!({"exp": null}), json!({"exp": NOW - 29}), json!({"sub": null})] {
        assert_eq!(of(good.clone()), None, "{good}");
    }
    let day = 86_400;
    for bad in [
        json!({"exp": NOW - 30}),
        json!({"exp": "later"}),
        json!({"nbf": NOW + 31}),
        json!({"iat": NOW + 31}),
        json!({"iat": null}),
        json!({"iat": NOW - day - 31, "exp": null}),
    ] {
        assert_eq!(of(bad.clone()), Some(IdTokenError::Time), "{bad}");
    }
}
