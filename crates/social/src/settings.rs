//! `[socialaccount]`: allauth's `SOCIALACCOUNT_*`.

use std::time::Duration;

use rest_auth_settings::secret::MASK;
use rest_auth_settings::settings;
use rest_auth_settings::value::Json;
use rest_auth_settings::{SettingValue, ValueError, seconds};
use serde_json::{Map, json};

/// The settings of each provider, by its id.
#[derive(Clone, Default)]
pub struct Providers(Map<String, Json>);

impl Providers {
    /// The settings of one provider.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Json> {
        self.0.get(id)
    }
}

impl std::fmt::Debug for Providers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl SettingValue for Providers {
    fn type_name() -> String {
        "table of providers".to_owned()
    }

    fn parse(value: &Json) -> Result<Self, ValueError> {
        let providers = value.as_object();
        if let Some(id) = providers.into_iter().flatten().find(|(_, v)| !v.is_object()) {
            return Err(ValueError::expected("a table", id.1).within(&format!("(at {})", id.0)));
        }
        let providers = providers.ok_or_else(|| ValueError::expected("a table", value))?;
        Ok(Self(providers.clone()))
    }

    fn show(&self) -> Json {
        masked(&Json::Object(self.0.clone()))
    }

    fn schema() -> Json {
        json!({"type": "object", "additionalProperties": {"type": "object"}})
    }
}

/// The value with the text of every key that names a secret masked.
fn masked(value: &Json) -> Json {
    match value {
        Json::Object(entries) => {
            let mask = |(name, value): (&String, &Json)| {
                let secret = ["secret", "key"].iter().any(|word| name.contains(word));
                let shown =
                    if secret && value.is_string() { Json::from(MASK) } else { masked(value) };
                (name.clone(), shown)
            };
            Json::Object(entries.iter().map(mask).collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(masked).collect()),
        other => other.clone(),
    }
}

settings! {
    /// Login with an account at another service.
    pub struct SocialAccountSettings = "socialaccount" {
        /// Settings of each provider: `app` with client_id and secret, `callback_url`, ...
        #[unbuilt = "is not offered yet: there is no social login"]
        providers: Providers = Providers::default(),
        /// Create the account without further questions if nothing conflicts.
        #[unbuilt = "is not offered yet: there is no social login"]
        auto_signup: bool = true,
        /// A verified address of the provider logs in to the local account with that address.
        #[unbuilt = "is not offered yet: there is no social login"]
        email_authentication: bool = false,
        /// ... and connects the two.
        #[unbuilt = "is not offered yet: there is no social login"]
        email_authentication_auto_connect: bool = false,
        /// Signing up needs an address. None: as `account.signup_fields` says.
        #[unbuilt = "is not offered yet: there is no social login"]
        email_required: Option<bool> = None,
        /// Verification of addresses. None: as `account.email_verification` says.
        #[unbuilt = "is not offered yet: there is no social login"]
        email_verification: Option<String> = None,
        /// Ask the provider for the address. None: as `email_required` says.
        #[unbuilt = "is not offered yet: there is no social login"]
        query_email: Option<bool> = None,
        /// How long a provider may take to answer.
        #[unbuilt = "is not offered yet: there is no social login"]
        requests_timeout: Duration = seconds(5),
        /// Keep the tokens of providers in `socialaccount_socialtoken`.
        #[unbuilt = "is not offered yet: there is no social login"]
        store_tokens: bool = false,
        /// Only accounts of providers: no login by password.
        #[unbuilt = "is not offered yet: there is no social login"]
        only: bool = false,
    }
    instead {
        "adapter": "settings of their own stand for its methods",
        "forms": "has no meaning here: it is about HTML pages",
        "login_on_get": "has no meaning here: it is about HTML pages",
        "openid_connect_url_prefix": "is not offered yet: there is no social login",
        "reauthentication_required": "has no meaning here: it is about HTML pages",
        "socialaccount_str": "has no meaning here: it is about HTML pages",
        "uid_max_length": "is 191, as in allauth's tables",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_providers_are_masked() {
        let given = json!({"google": {"app": {"client_id": "c", "secret": "s"}}});
        let providers = Providers::parse(&given).unwrap();
        let shown = json!({"google": {"app": {"client_id": "c", "secret": MASK}}});
        assert_eq!(providers.show(), shown);
        assert_eq!(format!("{providers:?}"), "[\"google\"]");
        assert_eq!(providers.get("google"), given.get("google"));
        assert!(Providers::parse(&json!({"google": true})).is_err());
    }
}
