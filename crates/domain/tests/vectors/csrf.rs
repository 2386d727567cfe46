use rest_auth_domain::csrf::{CsrfRequest, CsrfRules, CsrfSecret, TrustedOrigins, decide};
use rest_auth_domain::host::AllowedHosts;
use serde_json::{Value, json};

use crate::inputs::texts;
use crate::load::{Vector, each, equal};

#[test]
fn secrets_are_masked_as_in_csrf_mask() {
    each("csrf.mask", |v| {
        let secret = CsrfSecret::parse(v.text("secret")).unwrap();
        let token = secret.masked_with(&CsrfSecret::parse(v.text("mask")).unwrap());
        equal(&json!({ "token": token }), &v.expected)
    });
}

#[test]
fn tokens_are_unmasked_as_in_csrf_unmask() {
    each("csrf.unmask", |v| {
        let outcome = match CsrfSecret::parse(v.text("token")) {
            Ok(secret) => json!({ "valid": true, "secret": secret.as_str() }),
            Err(problem) => json!({ "valid": false, "reason": problem.to_string() }),
        };
        equal(&outcome, &v.expected)
    });
}

#[test]
fn requests_are_judged_as_in_csrf_decide() {
    each("csrf.decide", |v| {
        let rules = rules(&v.inputs["settings"]);
        let outcome = match decide(&request(v, &rules), &rules) {
            Ok(()) => json!({ "allowed": true, "reason": null }),
            Err(failure) => json!({ "allowed": false, "reason": failure.to_string() }),
        };
        equal(&outcome, &v.expected)
    });
}

#[test]
fn hosts_are_allowed_as_in_http_host() {
    each("http.host", |v| {
        let settings = &v.inputs["settings"];
        let forwarded = v.inputs["headers"]["x-forwarded-host"]
            .as_str()
            .filter(|_| settings["USE_X_FORWARDED_HOST"] == json!(true));
        let host = forwarded
            .or(v.inputs["headers"]["host"].as_str())
            .unwrap_or_else(|| v.text("server_name"));
        let allowed = AllowedHosts::new(texts(&settings["ALLOWED_HOSTS"])).allows(host);
        equal(&allowed, &v.expected["host"].is_string())
    });
}

fn uses_sessions(settings: &Value) -> bool {
    settings["CSRF_USE_SESSIONS"] == json!(true)
}

fn rules(settings: &Value) -> CsrfRules {
    let domain =
        if uses_sessions(settings) { "SESSION_COOKIE_DOMAIN" } else { "CSRF_COOKIE_DOMAIN" };
    let allowed = match &settings["ALLOWED_HOSTS"] {
        Value::Null => vec!["*".to_owned()],
        hosts => texts(hosts),
    };
    CsrfRules::new(
        TrustedOrigins::parse(&texts(&settings["CSRF_TRUSTED_ORIGINS"])).unwrap(),
        AllowedHosts::new(&allowed),
        settings[domain].as_str().map(str::to_owned),
        settings["CSRF_HEADER_NAME"].as_str().unwrap_or("HTTP_X_CSRFTOKEN"),
    )
}

fn request<'v>(v: &'v Vector, rules: &CsrfRules) -> CsrfRequest<'v> {
    let headers = v.inputs["headers"].as_object().unwrap();
    let header = |name: &str| {
        let found = headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| value.as_str())
    };
    let secure = v.inputs["secure"].as_bool().unwrap_or(false);
    let secret = if uses_sessions(&v.inputs["settings"]) {
        &v.inputs["session"]["_csrftoken"]
    } else {
        &v.inputs["cookie"]
    };
    let port = v.inputs["port"].as_str().map(|port| port.parse().unwrap());
    CsrfRequest {
        method: v.text("method"),
        secure,
        host: v.inputs["host"].as_str().unwrap_or("testserver"),
        port: port.unwrap_or(if secure { 443 } else { 80 }),
        origin: header("Origin"),
        referer: header("Referer"),
        secret: secret.as_str(),
        form_token: v.inputs["form_token"].as_str(),
        header_token: header(rules.header()),
    }
}
