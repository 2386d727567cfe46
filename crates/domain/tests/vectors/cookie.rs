use rest_auth_domain::cookie::{CookieRules, SameSite};
use rest_auth_domain::session::{SessionData, SessionLife};
use serde_json::{Value, json};

use crate::inputs::{now, number};
use crate::load::{Vector, each, equal};

#[test]
fn session_cookies_are_set_and_deleted_as_in_cookie_session() {
    each("cookie.session", |v| {
        let settings = &v.inputs["settings"];
        let data = v.inputs["data"].as_object().cloned().map(SessionData::from);
        let rules = rules(settings, "SESSION_COOKIE_", "sessionid", true);
        let life = SessionLife {
            cookie_age: settings["SESSION_COOKIE_AGE"].as_i64().unwrap_or(1_209_600),
            expire_at_browser_close: settings["SESSION_EXPIRE_AT_BROWSER_CLOSE"] == json!(true),
        };
        // Which of these happens is up to the request; the contract has the cases.
        let set_cookie = match data {
            _ if v.inputs["flush"] == json!(true) => vec![rules.delete().to_string()],
            Some(data) if number(v, "status", 200) < 500 => {
                let age = life.of(&data, now(v)).cookie_age();
                vec![rules.set(v.text("session_key"), age, now(v)).to_string()]
            }
            _ => Vec::new(),
        };
        equal(&json!(set_cookie), &v.expected["set_cookie"])
    });
}

#[test]
fn csrf_cookies_are_set_as_in_cookie_csrf() {
    each("cookie.csrf", |v| {
        let settings = &v.inputs["settings"];
        let age = settings.get("CSRF_COOKIE_AGE").map_or(Some(31_449_600), Value::as_i64);
        let rules = rules(settings, "CSRF_COOKIE_", "csrftoken", false);
        let cookie = rules.set(v.text("secret"), age, now(v));
        equal(&json!({ "set_cookie": [cookie.to_string()] }), &v.expected)
    });
}

#[test]
fn jwt_cookies_are_set_and_deleted_as_in_cookie_jwt() {
    each("cookie.jwt", |v| {
        let kinds = [
            ("JWT_AUTH_COOKIE", None, "access", "access_lifetime", 300),
            (
                "JWT_AUTH_REFRESH_COOKIE",
                Some("JWT_AUTH_REFRESH_COOKIE_PATH"),
                "refresh",
                "refresh_lifetime",
                86_400,
            ),
        ];
        let mut set_cookie = Vec::new();
        for (name, path, token, lifetime, default) in kinds {
            let Some(rules) = jwt_rules(v, name, path) else {
                continue;
            };
            let age = number(v, lifetime, default);
            let cookie = if v.inputs["unset"] == json!(true) {
                rules.delete()
            } else {
                rules.set(v.text(token), Some(age), now(v))
            };
            set_cookie.push(cookie.to_string());
        }
        equal(&json!({ "set_cookie": set_cookie }), &v.expected)
    });
}

fn jwt_rules(v: &Vector, name: &str, path: Option<&str>) -> Option<CookieRules> {
    let settings = &v.inputs["rest_auth"];
    Some(CookieRules {
        name: settings[name].as_str()?.to_owned(),
        domain: settings["JWT_AUTH_COOKIE_DOMAIN"].as_str().map(str::to_owned),
        path: path.and_then(|path| settings[path].as_str()).unwrap_or("/").to_owned(),
        same_site: same_site(&settings["JWT_AUTH_SAMESITE"]),
        secure: settings["JWT_AUTH_SECURE"] == json!(true),
        http_only: settings["JWT_AUTH_HTTPONLY"] != json!(false),
    })
}

fn rules(settings: &Value, prefix: &str, name: &str, http_only: bool) -> CookieRules {
    let setting = |key: &str| &settings[format!("{prefix}{key}")];
    CookieRules {
        name: setting("NAME").as_str().unwrap_or(name).to_owned(),
        domain: setting("DOMAIN").as_str().map(str::to_owned),
        path: setting("PATH").as_str().unwrap_or("/").to_owned(),
        same_site: same_site(setting("SAMESITE")),
        secure: setting("SECURE") == &json!(true),
        http_only: setting("HTTPONLY").as_bool().unwrap_or(http_only),
    }
}

/// Missing means `Lax`, `false` means that nothing is said.
fn same_site(setting: &Value) -> Option<SameSite> {
    match setting {
        Value::Null => Some(SameSite::Lax),
        Value::String(word) => {
            let all = [SameSite::Lax, SameSite::Strict, SameSite::None];
            let named = all.into_iter().find(|value| value.as_str().eq_ignore_ascii_case(word));
            Some(named.unwrap_or_else(|| panic!("no SameSite is called {word}")))
        }
        _ => None,
    }
}
