//! Security headers of every answer: `[secure]`.

use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use rest_auth_flows::error::SetupError;
use rest_auth_settings::OneOrMany;

use crate::settings::SecureSettings;

const CROSS_ORIGIN_OPENER_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-opener-policy");

/// The headers, made once. `Strict-Transport-Security` is sent over TLS only.
pub(crate) fn prepare(
    settings: &SecureSettings,
) -> Result<Vec<(HeaderName, HeaderValue)>, SetupError> {
    let mut headers = Vec::new();
    let mut add = |name: HeaderName, key: &str, value: String| -> Result<(), SetupError> {
        let value = HeaderValue::from_str(&value)
            .map_err(|e| SetupError::new(format!("secure.{key}"), e.to_string()))?;
        headers.push((name, value));
        Ok(())
    };
    if let Some(value) = &settings.x_frame_options {
        add(X_FRAME_OPTIONS, "x_frame_options", value.clone())?;
    }
    if settings.content_type_nosniff {
        add(X_CONTENT_TYPE_OPTIONS, "content_type_nosniff", "nosniff".to_owned())?;
    }
    if let Some(policy) = &settings.referrer_policy {
        add(REFERRER_POLICY, "referrer_policy", joined(policy, ","))?;
    }
    if let Some(policy) = &settings.cross_origin_opener_policy {
        add(CROSS_ORIGIN_OPENER_POLICY, "cross_origin_opener_policy", policy.clone())?;
    }
    for (name, key, policy) in [
        (CONTENT_SECURITY_POLICY, "csp", &settings.csp),
        (CONTENT_SECURITY_POLICY_REPORT_ONLY, "csp_report_only", &settings.csp_report_only),
    ] {
        if !policy.is_empty() {
            let directives: Vec<String> = policy
                .iter()
                .map(|(directive, sources)| format!("{directive} {}", joined(sources, " ")))
                .collect();
            add(name, key, directives.join("; "))?;
        }
    }
    let hsts = settings.hsts_seconds.as_secs();
    if hsts > 0 {
        let mut value = format!("max-age={hsts}");
        if settings.hsts_include_subdomains {
            value.push_str("; includeSubDomains");
        }
        if settings.hsts_preload {
            value.push_str("; preload");
        }
        add(STRICT_TRANSPORT_SECURITY, "hsts_seconds", value)?;
    }
    Ok(headers)
}

fn joined(values: &OneOrMany, separator: &str) -> String {
    match values {
        OneOrMany::One(value) => value.clone(),
        OneOrMany::Many(values) => values.join(separator),
    }
}
