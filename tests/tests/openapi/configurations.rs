//! What is switched on in different ways.

use serde_json::{Value, json};

/// Configurations with their names.
pub(crate) fn configurations() -> Vec<(&'static str, Value)> {
    let accepted = |classes: &[&str]| json!({"default_authentication_classes": classes});
    vec![
        ("default", json!({})),
        ("django", json!({"profile": "django"})),
        (
            "token",
            json!({
                "rest_auth": {"session_login": false},
                "rest_framework": accepted(&["token"]),
            }),
        ),
        (
            "JWTs in headers",
            json!({
                "rest_auth": {
                    "use_jwt": true,
                    "session_login": false,
                    "jwt_auth_httponly": false,
                    "jwt_auth_return_expiration": true,
                },
                "rest_framework": accepted(&["jwt"]),
            }),
        ),
        ("JWTs in cookies", jwts_in_cookies()),
        (
            "session",
            json!({
                "rest_auth": {"token_model": false},
                "rest_framework": accepted(&["session"]),
            }),
        ),
        ("all together", all_together()),
        (
            "login by e-mail only",
            json!({"account": {
                "login_methods": ["email"],
                "signup_fields": ["email*", "password1*", "password2*"],
            }}),
        ),
        ("no registration", json!({"apps": {"registration": false}})),
        ("providers", providers()),
        (
            "codes",
            json!({"account": {
                "email_verification_by_code_enabled": true,
                "password_reset_by_code_enabled": true,
            }}),
        ),
    ]
}

/// Two providers whose login works, and one that has no app.
fn providers() -> Value {
    json!({
        "server": {"public_url": "https://api.example.com"},
        "socialaccount": {
            "redirect_url": "https://app.example.com/done",
            "providers": {
                "google": {"client_id": "g", "secret": "s"},
                "acme": {"server_url": "https://id.acme.example", "client_id": "a"},
                "paypal": {"mode": "live"},
            },
        },
    })
}

fn jwts_in_cookies() -> Value {
    json!({
        "rest_auth": {
            "use_jwt": true,
            "session_login": false,
            "jwt_auth_cookie": "access",
            "jwt_auth_refresh_cookie": "refresh",
        },
        "rest_framework": {"default_authentication_classes": ["jwt_cookie"]},
    })
}

fn all_together() -> Value {
    json!({
        "rest_auth": {
            "use_jwt": true,
            "jwt_auth_cookie": "access",
            "jwt_auth_refresh_cookie": "refresh",
            "user_deletion": true,
        },
        "account": {"logout_on_get": true, "email_verification": "mandatory"},
        "csrf": {"use_sessions": true},
        "rest_framework": {
            "default_authentication_classes":
                ["session", "jwt_cookie", "token", "jwt", "basic"],
            "default_renderer_classes": ["json", "browsable_api"],
            "default_throttle_classes": ["scoped"],
            "default_throttle_rates": {"dj_rest_auth": "1000/day"},
            "non_field_errors_key": "all",
        },
        "server": {"allowed_hosts": ["localhost"]},
    })
}
