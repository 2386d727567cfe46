//! What each provider answers, and who that is.
//!
//! `tests/fixtures/<id>.json` has the cases of a provider: `profile`, `emails`, `shown` and `token` are
//! the answers to the requests for the profile, the addresses, what an ID token says, and the exchange
//! of a code; `claims` are those of an ID token. `source` says where the shape of the answer comes
//! from; what nobody has shown us is `invented`. The `identity` of one that is refused is null.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use chrono::DateTime;
use rest_auth_social::{Presented, SocialProfile, Source, extract, known_providers};
use serde_json::{Map, Value, json};

use crate::social;
use crate::stub::Stub;

#[tokio::test]
async fn every_provider_has_answers_that_are_read_as_they_should_be() {
    let known: BTreeSet<_> = known_providers().map(|(id, _)| id.to_owned()).collect();
    let written: BTreeSet<_> = fs::read_dir(folder())
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(known, written, "each provider has a fixture, and each fixture a provider");
    let mut wrong = Vec::new();
    for id in &known {
        let text = fs::read_to_string(folder().join(format!("{id}.json"))).unwrap();
        let fixture: Value = serde_json::from_str(&text).unwrap();
        let cases = fixture["cases"].as_array().unwrap();
        assert!(!cases.is_empty(), "{id} has no case");
        for case in cases {
            assert!(!case["source"].as_str().unwrap().is_empty());
            let found = identity(id, &fixture, case).await;
            let wanted = &case["identity"];
            if found != *wanted {
                wrong.push(format!("{id}, {}:\n  {found}\nnot\n  {wanted}", case["name"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Who it is, or null.
async fn identity(id: &str, fixture: &Value, case: &Value) -> Value {
    if let Some(claims) = case.get("claims") {
        let source = Source { provider: id, ..Source::default() };
        return extract(&source, claims.clone()).map_or(Value::Null, |profile| shown(&profile));
    }
    let stub = Stub::start(answers(case));
    let mut table = Map::new();
    for key in ["authorize_url", "access_token_url", "identity_url", "emails_url", "id_token_url"] {
        table.insert(key.to_owned(), format!("{}/{key}", stub.url).into());
    }
    table.insert("client_id".to_owned(), "client".into());
    table.insert("secret".to_owned(), "secret".into());
    for settings in [&fixture["settings"], &case["settings"]] {
        let settings = settings.to_string().replace("{stub}", &stub.url);
        let settings: Option<Map<String, Value>> = serde_json::from_str(&settings).unwrap();
        table.extend(settings.unwrap_or_default());
    }
    // An entry of this kind has a name of its own.
    let id = if id == "openid_connect" { "idp" } else { id };
    let social = social(id, &Value::Object(table));
    let code = Presented {
        code: "code".to_owned(),
        redirect_uri: "https://app.example/callback/".to_owned(),
        ..Presented::default()
    };
    let token = Presented {
        access_token: "token".to_owned(),
        token_secret: "secret".to_owned(),
        ..Presented::default()
    };
    let presented = if id == "twitter" { token } else { code };
    let with_emails = case.get("emails").is_some();
    let identified = social.identify(id, &presented, with_emails, DateTime::UNIX_EPOCH).await;
    identified.map_or(Value::Null, |identity| shown(&identity.profile))
}

fn answers(case: &Value) -> BTreeMap<String, Value> {
    let default = json!({"access_token": "token", "token_type": "Bearer"});
    let discovery = json!({"issuer": "{stub}", "introspection_endpoint": "{stub}/check"});
    let mut answers = BTreeMap::from([
        ("/access_token_url".to_owned(), case.get("token").cloned().unwrap_or(default)),
        ("/.well-known/openid-configuration".to_owned(), discovery),
    ]);
    for (member, path) in
        [("profile", "/identity_url"), ("emails", "/emails_url"), ("shown", "/id_token_url")]
    {
        if let Some(document) = case.get(member) {
            answers.insert(path.to_owned(), document.clone());
        }
    }
    answers
}

fn shown(profile: &SocialProfile) -> Value {
    let emails = profile.emails.iter();
    let emails: Vec<_> = emails.map(|a| json!([a.email, a.verified, a.primary])).collect();
    json!({
        "uid": profile.uid,
        "username": profile.username,
        "first_name": profile.first_name,
        "last_name": profile.last_name,
        "email": profile.email,
        "emails": emails,
    })
}
