//! The recorded profiles of social providers.

#![expect(clippy::unwrap_used, reason = "a vector that cannot be read fails its test")]

#[path = "../../../domain/tests/vectors/load.rs"]
#[expect(dead_code, reason = "the tests of domain use all of it")]
mod load;

use load::{Vector, each, equal};
use rest_auth_social::{ProfileEmail, ProfileError, Source, TrustedEmail, extract};
use serde_json::{Value, json};

#[test]
fn social_profiles_are_extracted() {
    each("social.extract", check_profile);
}

fn check_profile(v: &Vector) -> Result<(), String> {
    let provider = v.text("provider");
    let trusted = v.inputs["providers_setting"][provider]["VERIFIED_EMAIL"] == true;
    let source = Source {
        provider,
        provider_id: v.inputs["provider_id"].as_str(),
        uid_field: v.inputs["app_settings"]["uid_field"].as_str(),
        trusted_email: if trusted { TrustedEmail::All } else { TrustedEmail::AsReported },
        ..Source::default()
    };
    let profile = match extract(&source, v.inputs["data"].clone()) {
        Ok(profile) => profile,
        Err(refusal) => {
            let wanted = match refusal {
                ProfileError::NoUid => "KeyError",
                ProfileError::UidTooLong => "ImproperlyConfigured",
            };
            return equal(&json!({"raises": wanted}), &v.expected);
        }
    };
    let emails: Vec<Value> = profile.emails.iter().map(shown).collect();
    let actual = json!({
        "provider": profile.provider,
        "uid": profile.uid,
        "extra_data": profile.extra_data,
        "emails": emails,
        "user": {
            "username": profile.username,
            "email": profile.email,
            "first_name": profile.first_name,
            "last_name": profile.last_name,
        },
    });
    equal(&actual, &v.expected)
}

fn shown(address: &ProfileEmail) -> Value {
    json!({
        "email": address.email,
        "verified": address.verified,
        "primary": address.primary,
    })
}
