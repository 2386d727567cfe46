//! The checks of an ID token (`OpenID` Connect Core 1.0, section 3.1.3.7).

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::keys::ProviderKeys;
use crate::clock::LAST_SECOND;
use crate::jwt::Algorithm;
use crate::jwt::segments::{self, Segments};
use crate::opaque_token::digest_of;
use crate::signing;

/// The longest token that is read, in bytes.
const LONGEST: usize = 32 * 1024;

/// How old a notice may be.
pub const NOTICE_AGE: TimeDelta = TimeDelta::days(1);

/// Where an issuer has the tenant of the user, as in Microsoft's discovery document.
const TENANT: &str = "{tenantid}";

/// What must hold for a token.
#[derive(Clone, Debug)]
pub struct IdTokenRules<'r> {
    /// The issuers that are accepted, exactly. `{tenantid}` stands for the claim `tid`.
    pub issuers: &'r [String],
    /// Our client ids at the provider.
    pub audiences: &'r [String],
    /// Whether the party that asked for the token, the claim `azp`, must be one of them too.
    pub checks_party: bool,
    /// The algorithms that are accepted, never a symmetric one.
    pub algorithms: &'r [Algorithm],
    /// The value that we, or the app, sent with the request for this very token.
    pub nonce: Option<&'r str>,
    /// By how much the clocks may differ.
    pub leeway: TimeDelta,
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenError {
    /// It is no signed JWT of three parts.
    #[error("it is no JWT")]
    Malformed,
    /// It says that it is a token of another kind.
    #[error("it is a token of another kind")]
    Kind,
    /// It names an algorithm that is not accepted.
    #[error("its algorithm is not accepted")]
    Algorithm,
    /// The provider has no key of this id.
    #[error("the provider has no such key")]
    UnknownKey,
    /// Its signature is wrong.
    #[error("its signature is wrong")]
    Signature,
    /// It comes from another issuer.
    #[error("it comes from another issuer")]
    Issuer,
    /// It is meant for another application.
    #[error("it is meant for another application")]
    Audience,
    /// It is over, too old, or not valid yet.
    #[error("it is over or not valid yet")]
    Time,
    /// It was made for another request.
    #[error("its nonce is another")]
    Nonce,
    /// It names no user.
    #[error("it has no subject")]
    Subject,
}

/// The key id that a token names; `None` if it names none.
///
/// # Errors
/// [`IdTokenError::Malformed`] if it is no JWT.
pub fn key_id(token: &str) -> Result<Option<String>, IdTokenError> {
    let (head, _) = token.split_once('.').ok_or(IdTokenError::Malformed)?;
    let header = segments::object(head).ok_or(IdTokenError::Malformed)?;
    Ok(header.get("kid").and_then(Value::as_str).map(str::to_owned))
}

/// Whether a text has the form of an ID token: three parts, of which the first is a header that names
/// no other kind of token.
#[must_use]
pub fn looks_like_one(text: &str) -> bool {
    let header = text.split_once('.').and_then(|(head, _)| segments::object(head));
    text.split('.').count() == 3 && header.is_some_and(|header| !is_of_another_kind(&header))
}

/// Whether a header names a kind of token that is no ID token: an access token (`at+jwt`, RFC 9068), a
/// logout token, an event (RFC 8725, section 3.11). ID tokens name none, or `JWT`.
fn is_of_another_kind(header: &Map<String, Value>) -> bool {
    let kind = text(header, "typ").unwrap_or_default().to_ascii_lowercase();
    kind.ends_with("+jwt")
}

/// The claims of a token that one of the keys signed, that is in force and meant for us.
///
/// # Errors
/// [`IdTokenError`], the first check that fails.
pub fn verify(
    token: &str,
    keys: &ProviderKeys,
    rules: &IdTokenRules<'_>,
    now: DateTime<Utc>,
) -> Result<Map<String, Value>, IdTokenError> {
    let Signed { header, claims } = signed(token, keys, rules.algorithms)?;
    // A token about an event, such as a logout, need not say so in its header (`OpenID` Connect
    // Back-Channel Logout, section 2.4).
    if is_of_another_kind(&header) || claims.contains_key("events") {
        return Err(IdTokenError::Kind);
    }
    check(&claims, rules, now)?;
    Ok(claims)
}

/// The claims of a notice from an issuer to us, which is about several users or none and need not have
/// an end of its own. It must not be older than [`NOTICE_AGE`].
///
/// # Errors
/// [`IdTokenError`], the first check that fails.
pub fn verify_notice(
    token: &str,
    keys: &ProviderKeys,
    rules: &IdTokenRules<'_>,
    now: DateTime<Utc>,
) -> Result<Map<String, Value>, IdTokenError> {
    let Signed { claims, .. } = signed(token, keys, rules.algorithms)?;
    check_issuer(&claims, rules)?;
    check_audience(&claims, rules)?;
    check_times(&claims, rules, now)?;
    let issued = time(&claims, "iat")?.ok_or(IdTokenError::Time)?;
    if issued + NOTICE_AGE + rules.leeway < now { Err(IdTokenError::Time) } else { Ok(claims) }
}

/// A token that one of the keys signed.
struct Signed {
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

/// What a token says that one of the keys signed, whatever that is.
fn signed(
    token: &str,
    keys: &ProviderKeys,
    algorithms: &[Algorithm],
) -> Result<Signed, IdTokenError> {
    if token.len() > LONGEST {
        return Err(IdTokenError::Malformed);
    }
    let segments = Segments::of(token).ok_or(IdTokenError::Malformed)?;
    let header = segments::object(segments.header).ok_or(IdTokenError::Malformed)?;
    let algorithm = header.get("alg").and_then(Value::as_str);
    let algorithm = algorithm.and_then(|name| name.parse::<Algorithm>().ok());
    let algorithm = algorithm.filter(|algorithm| algorithms.contains(algorithm));
    let algorithm = algorithm.ok_or(IdTokenError::Algorithm)?;
    if segments::demands_extension(&header) {
        return Err(IdTokenError::Malformed);
    }
    let id = header.get("kid").and_then(Value::as_str);
    if !keys.has(id) {
        return Err(IdTokenError::UnknownKey);
    }
    if !keys.verify(id, algorithm, segments.message.as_bytes(), segments.signature) {
        return Err(IdTokenError::Signature);
    }
    let claims = segments::object(segments.payload).ok_or(IdTokenError::Malformed)?;
    Ok(Signed { header, claims })
}

fn check(
    claims: &Map<String, Value>,
    rules: &IdTokenRules<'_>,
    now: DateTime<Utc>,
) -> Result<(), IdTokenError> {
    check_issuer(claims, rules)?;
    check_audience(claims, rules)?;
    time(claims, "exp")?.ok_or(IdTokenError::Time)?;
    check_times(claims, rules, now)?;
    if let Some(nonce) = rules.nonce {
        // Apps on Apple's devices send the digest to Apple, and the nonce itself to us.
        let given = text(claims, "nonce").ok_or(IdTokenError::Nonce)?;
        let is_ours = signing::same(given, nonce);
        if !(is_ours | signing::same(given, &digest_of(nonce))) {
            return Err(IdTokenError::Nonce);
        }
    }
    match claims.get("sub") {
        Some(Value::String(subject)) if !subject.is_empty() => Ok(()),
        _ => Err(IdTokenError::Subject),
    }
}

fn check_issuer(claims: &Map<String, Value>, rules: &IdTokenRules<'_>) -> Result<(), IdTokenError> {
    let issuer = text(claims, "iss").ok_or(IdTokenError::Issuer)?;
    let is_accepted = rules.issuers.iter().any(|accepted| names(accepted, claims, issuer));
    if is_accepted { Ok(()) } else { Err(IdTokenError::Issuer) }
}

/// Whether the issuer of a token is the one that is accepted.
fn names(accepted: &str, claims: &Map<String, Value>, issuer: &str) -> bool {
    if !accepted.contains(TENANT) {
        return accepted == issuer;
    }
    tenant_of(accepted, issuer).is_some_and(|tenant| text(claims, "tid") == Some(tenant))
}

/// The tenant that an issuer names, where the accepted one has `{tenantid}`.
fn tenant_of<'i>(accepted: &str, issuer: &'i str) -> Option<&'i str> {
    let (before, after) = accepted.split_once(TENANT)?;
    let tenant = issuer.strip_prefix(before)?.strip_suffix(after)?;
    let is_plain = tenant.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (is_plain && !tenant.is_empty()).then_some(tenant)
}

/// Whether an issuer that names itself beside no token is the one that is accepted (RFC 9207), of
/// whichever tenant.
#[must_use]
pub fn is_accepted_issuer(accepted: &str, issuer: &str) -> bool {
    if !accepted.contains(TENANT) {
        return accepted == issuer;
    }
    tenant_of(accepted, issuer).is_some()
}

fn check_audience(
    claims: &Map<String, Value>,
    rules: &IdTokenRules<'_>,
) -> Result<(), IdTokenError> {
    let is_ours = |id: &str| rules.audiences.iter().any(|ours| ours == id);
    let (named, several) = match claims.get("aud") {
        Some(Value::String(one)) => (is_ours(one), false),
        Some(Value::Array(all)) => {
            let texts: Vec<_> = all.iter().filter_map(Value::as_str).collect();
            (texts.len() == all.len() && texts.iter().any(|id| is_ours(id)), all.len() > 1)
        }
        _ => (false, false),
    };
    // The authorized party is who asked for the token. Google's apps for Android ask for one that is
    // meant for the web server: both ids are then ours.
    let party = match claims.get("azp") {
        None | Some(Value::Null) => !several || !rules.checks_party,
        Some(Value::String(party)) => is_ours(party) || !rules.checks_party,
        Some(_) => false,
    };
    if named && party { Ok(()) } else { Err(IdTokenError::Audience) }
}

/// Whether a token is in force, as far as it says from when until when it is.
fn check_times(
    claims: &Map<String, Value>,
    rules: &IdTokenRules<'_>,
    now: DateTime<Utc>,
) -> Result<(), IdTokenError> {
    let is_over = time(claims, "exp")?.is_some_and(|end| end + rules.leeway <= now);
    let begins = [time(claims, "iat")?, time(claims, "nbf")?];
    let is_early = begins.into_iter().flatten().any(|time| time > now + rules.leeway);
    if is_over || is_early { Err(IdTokenError::Time) } else { Ok(()) }
}

/// A time, in whole seconds.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<DateTime<Utc>>, IdTokenError> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            #[expect(clippy::cast_possible_truncation, reason = "whole seconds are compared")]
            let seconds = value.as_f64().map(|seconds| seconds as i64);
            // Later times leave no space for sums.
            let seconds = seconds.filter(|seconds| (0..=LAST_SECOND).contains(seconds));
            let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
            time.map(Some).ok_or(IdTokenError::Time)
        }
    }
}

fn text<'c>(claims: &'c Map<String, Value>, name: &str) -> Option<&'c str> {
    claims.get(name).and_then(Value::as_str)
}
