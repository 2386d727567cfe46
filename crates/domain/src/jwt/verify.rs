//! The checks of PyJWT, in its order: form, header, signature, then each registered claim.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::claims::Claims;
use super::keys::JwtKeys;
use super::segments::{self, Segments};
use super::settings::TokenSettings;
use super::tokens::TokenError;
use crate::encoding;

/// The longest token that is looked at, in bytes; no server passes on a header of this size.
const LONGEST_TOKEN: usize = 64 * 1024;

/// The claims of a token that one of the keys signed, that is in force and meant for us.
///
/// `own_header` is the segment that we write ourselves: most tokens have it, and it is recognised
/// without being parsed.
pub(super) fn verify(
    token: &[u8],
    own_header: &str,
    keys: &JwtKeys,
    settings: &TokenSettings,
    now: DateTime<Utc>,
) -> Result<Claims, TokenError> {
    let payload = signed_payload(token, own_header, keys, settings).ok_or(TokenError::Invalid)?;
    let claims: Map<String, Value> =
        serde_json::from_slice(&payload).map_err(|_| TokenError::Invalid)?;
    let claims = Claims::from(claims);
    check_times(&claims, settings, now)?;
    if names_us(&claims, settings) { Ok(claims) } else { Err(TokenError::Invalid) }
}

fn signed_payload(
    token: &[u8],
    own_header: &str,
    keys: &JwtKeys,
    settings: &TokenSettings,
) -> Option<Vec<u8>> {
    if token.len() > LONGEST_TOKEN {
        return None;
    }
    let token = std::str::from_utf8(token).ok()?;
    let Segments { message, header, payload, signature } = Segments::of(token)?;
    let key = keys.verifying_key();
    if header != own_header && !is_acceptable(header, key.algorithm(), settings) {
        return None;
    }
    // Nothing that the payload says is looked at before its signature is known to be good.
    if !key.verifies(message.as_bytes(), without_padding(signature)?) {
        return None;
    }
    encoding::from_base64url(without_padding(payload)?)
}

/// Whether a header names our algorithm and demands nothing that we do not understand. Which key a
/// token says it was signed with (`kid`, `jwk`, `jku`, `x5c`) decides nothing, but a `kid` must be
/// text. `jsonwebtoken::decode_header` would take a `kid` of null for none and fail on a malformed
/// `jwk`; PyJWT does neither.
fn is_acceptable(segment: &str, algorithm: Algorithm, settings: &TokenSettings) -> bool {
    let Some(header) = without_padding(segment).and_then(segments::object) else { return false };
    let text = |name: &str| header.get(name).and_then(Value::as_str);
    let has_type = settings.header_type.as_ref().is_none_or(|wanted| {
        text("typ").is_some_and(|given| short_type(given).eq_ignore_ascii_case(short_type(wanted)))
    });
    text("alg") == Some(algorithm.name())
        && header.get("kid").is_none_or(Value::is_string)
        && !segments::demands_extension(&header)
        && has_type
}

/// A media type without `application/`, which RFC 7515 section 4.1.9 lets senders leave out.
fn short_type(media_type: &str) -> &str {
    match media_type.split_at_checked("application/".len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
        _ => media_type,
    }
}

/// A segment without the padding that PyJWT tolerates, which must then be complete.
fn without_padding(segment: &str) -> Option<&str> {
    let bare = segment.trim_end_matches('=');
    let padding = segment.len() - bare.len();
    (padding == 0 || (padding <= 2 && segment.len().is_multiple_of(4))).then_some(bare)
}

fn check_times(
    claims: &Claims,
    settings: &TokenSettings,
    now: DateTime<Utc>,
) -> Result<(), TokenError> {
    let now = (now - DateTime::UNIX_EPOCH).to_std().map_or(0.0, |time| time.as_secs_f64());
    let leeway = settings.leeway.as_secs_f64();
    let early = settings.issue_leeway.as_secs_f64().max(leeway);
    for start in ["iat", "nbf"] {
        if seconds(claims, start)?.is_some_and(|start| start > now + early) {
            return Err(TokenError::Invalid);
        }
    }
    if seconds(claims, "exp")?.is_some_and(|end| end <= now - leeway) {
        return Err(TokenError::Expired);
    }
    Ok(())
}

/// A claim as Python's `int()` reads it, in whole seconds; text that is a number counts as one.
fn seconds(claims: &Claims, name: &str) -> Result<Option<f64>, TokenError> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::String(text) => {
            let text = text.trim();
            let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
            let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| whole)
        }
        _ => None,
    };
    number.map(|number| Some(number.trunc())).ok_or(TokenError::Invalid)
}

fn names_us(claims: &Claims, settings: &TokenSettings) -> bool {
    let issuer = settings.issuer.as_deref();
    let audience = settings.audience.as_ref();
    issuer.is_none_or(|ours| claims.text("iss") == Some(ours))
        && audience.is_none_or(|ours| claims.get("aud").is_some_and(|aud| ours.is_named_by(aud)))
        && ["sub", "jti"].into_iter().all(|name| claims.get(name).is_none_or(Value::is_string))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn padding_must_complete_the_segment() {
        for (segment, bare) in [("QUI", "QUI"), ("QUI=", "QUI"), ("QQ==", "QQ")] {
            assert_eq!(without_padding(segment), Some(bare));
        }
        for segment in ["QUI==", "Q===", "QQ=", "QUJD=", "QUJD====", "="] {
            assert_eq!(without_padding(segment), None, "{segment}");
        }
    }

    #[test]
    fn a_header_type_may_be_written_in_full() {
        assert_eq!(short_type("application/at+jwt"), "at+jwt");
        assert_eq!(short_type("Application/JWT"), "JWT");
        assert_eq!(short_type("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}"), "\u{e9}".repeat(7));
    }

    #[test]
    fn another_server_may_be_ahead_without_lengthening_the_life_of_tokens() {
        let settings =
            TokenSettings { issue_leeway: Duration::from_mins(1), ..TokenSettings::default() };
        let at = |second: i64| DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap();
        let check = |claim: &str, second, settings: &TokenSettings| {
            let mut claims = Claims::new();
            claims.insert(claim, 1_800_000_000);
            check_times(&claims, settings, at(second))
        };
        for claim in ["iat", "nbf"] {
            assert_eq!(check(claim, -60, &settings), Ok(()));
            assert_eq!(check(claim, -61, &settings), Err(TokenError::Invalid));
            assert_eq!(check(claim, -1, &TokenSettings::default()), Err(TokenError::Invalid));
        }
        assert_eq!(check("exp", 0, &settings), Err(TokenError::Expired));
    }

    #[test]
    fn times_are_read_as_python_reads_them() {
        let read = |value: Value| {
            let mut claims = Claims::new();
            claims.insert("exp", value);
            seconds(&claims, "exp")
        };
        assert_eq!(read(5.9.into()), Ok(Some(5.0)));
        assert_eq!(read(" +5 ".into()), Ok(Some(5.0)));
        assert_eq!(read(true.into()), Ok(Some(1.0)));
        for bad in ["", "-", "5.0", "1e3", "inf", "nan", "0x1"] {
            assert_eq!(read(bad.into()), Err(TokenError::Invalid), "{bad}");
        }
        assert_eq!(read(Value::Null), Err(TokenError::Invalid));
    }
}
