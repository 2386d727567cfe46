//! Settings that contradict each other.

use crate::fixture::*;

fn contradictions() -> [Value; 3] {
    [
        json!({"session": {"cookie_samesite": "None", "cookie_secure": false}}),
        json!({"cors": {"allow_all_origins": true, "allow_credentials": true}}),
        json!({
            "rest_auth": {"use_jwt": true},
            "rest_framework": {"default_authentication_classes": ["jwt_cookie"]},
            "simple_jwt": {"rotate_refresh_tokens": true, "blacklist_after_rotation": true},
            "apps": {"token_blacklist": false},
        }),
    ]
}

async fn start(profile: &str, config: &Value) -> Result<Server, String> {
    let profile = merged(&base(), &json!({"profile": profile}));
    Server::start(&merged(&profile, config), Backend::Sqlite).await
}

#[tokio::test]
async fn contradictory_settings_stop_the_server() {
    for config in contradictions() {
        assert!(start("strict", &config).await.is_err(), "it starts with {config}");
    }
}

#[tokio::test]
async fn the_django_profile_warns_and_starts() {
    for config in contradictions() {
        if let Err(problem) = start("django", &config).await {
            panic!("it does not start with {config}: {problem}");
        }
    }
}
