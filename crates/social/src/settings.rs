//! `[socialaccount]`: allauth's `SOCIALACCOUNT_*`.

mod app;
mod auth_params;
mod front_end;
mod provider_settings;
mod table;

use std::collections::HashSet;
use std::time::Duration;

use rest_auth_settings::rules::if_given;
use rest_auth_settings::secret::MASK;
use rest_auth_settings::value::Json;
use rest_auth_settings::{SettingValue, ValueError, hours, minutes, seconds};
use rest_auth_settings::{choices, settings};
use serde_json::{Map, json};

pub use app::App;
pub use provider_settings::{ProviderSettings, VerifiedEmail};

/// The settings of each provider, by its id, in the order of the configuration.
#[derive(Clone, Default)]
pub struct Providers {
    entries: Vec<ProviderSettings>,
    given: Map<String, Json>,
}

impl Providers {
    /// The settings of one provider.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&ProviderSettings> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// Every provider whose login works.
    pub fn configured(&self) -> impl Iterator<Item = &ProviderSettings> {
        self.entries.iter().filter(|entry| entry.is_configured())
    }

    /// Every entry, in order.
    #[must_use]
    pub fn all(&self) -> &[ProviderSettings] {
        &self.entries
    }
}

impl std::fmt::Debug for Providers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.entries.iter().map(|entry| &entry.id)).finish()
    }
}

impl SettingValue for Providers {
    fn type_name() -> String {
        "table of providers".to_owned()
    }

    fn parse(value: &Json) -> Result<Self, ValueError> {
        let given = value.as_object().ok_or_else(|| ValueError::expected("a table", value))?;
        let mut entries: Vec<ProviderSettings> = Vec::new();
        for (id, table) in given {
            let read = ProviderSettings::read(id, table);
            entries.extend(read.map_err(|error| error.within(&format!("(at {id})")))?);
        }
        let mut seen = HashSet::new();
        if let Some(twice) = entries.iter().find(|entry| !seen.insert(entry.id.as_str())) {
            return Err(ValueError::new(format!("has `{}` twice", twice.id)));
        }
        Ok(Self { entries, given: given.clone() })
    }

    fn show(&self) -> Json {
        masked(&Json::Object(self.given.clone()))
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
                let secret =
                    ["secret", "key"].iter().any(|word| name.to_lowercase().contains(word));
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

choices! {
    /// How a login in the browser hands over the credentials to the front end.
    pub enum HandOver {
        /// In cookies, for a front end of the same site.
        Cookies = "cookies",
        /// By a code that works once, for apps and front ends of other sites.
        Code = "code",
    }
}

choices! {
    /// Whether an address that a provider reports has to be verified.
    pub enum AddressVerification {
        /// Before the next login with a password.
        Mandatory = "mandatory",
        /// A mail asks for it.
        Optional = "optional",
        /// No mail asks for it.
        None = "none",
    }
}

settings! {
    /// Login with an account at another service.
    pub struct SocialAccountSettings = "socialaccount" {
        /// The providers, a table each: `[socialaccount.providers.google]` with `client_id` and
        /// `secret`. An entry under any other name is a server that speaks OpenID Connect, at
        /// `server_url`. The keys `uid_field`, `email_field`, `email_verified_field` and
        /// `verified_email` (true, "never" or a list of domains) take the place of a provider's own
        /// rules. docs/social-login.md has all keys.
        providers: Providers = Providers::default(),
        /// Create the account without further questions if nothing conflicts.
        auto_signup: bool = true,
        /// Where something is missing for an account (an address, one that is free, or with
        /// `auto_signup = false` the user's word), hand out a token with which the front end completes
        /// it at `social/signup/`. Otherwise the login is refused.
        signup_step: bool => { strict: true, django: false },
        /// How long the user may take for that.
        #[range(60.0, 86400.0)]
        signup_timeout: Duration = minutes(30),
        /// A verified address of the provider logs in to the local account with that address.
        email_authentication: bool = false,
        /// ... and connects the two.
        email_authentication_auto_connect: bool = false,
        /// ... even if nobody has verified that address here. Whoever registered it loses the account:
        /// the password is removed. Otherwise the login is refused.
        email_authentication_unverified: bool => { strict: false, django: true },
        /// Signing up needs an address. None: as `account.signup_fields` says.
        email_required: Option<bool> = None,
        /// Make no account where an address is needed and the provider gives none.
        refuse_without_email: bool => { strict: true, django: false },
        /// Verification of addresses. None: as `account.email_verification` says.
        email_verification: Option<AddressVerification> = None,
        /// Ask the provider for the address. None: as `email_required` says.
        query_email: Option<bool> = None,
        /// How long a provider may take to answer.
        #[range(0.1, 600.0)]
        requests_timeout: Duration = seconds(5),
        /// Keep the tokens of providers in `socialaccount_socialtoken`, for use by other programs:
        /// as they are where Django shares the table, encrypted otherwise.
        store_tokens: bool = false,
        /// Whether stored tokens are encrypted under `server.secret_key`. Django cannot read them.
        encrypt_tokens: bool => { strict: true, django: false },
        /// Accept an access token of an app only if the provider says that it was issued to one of
        /// our client ids. Otherwise any other application can log in here as its users.
        check_access_token_audience: bool = true,
        /// Accept an ID token only if the party that asked for it, its claim `azp`, is one of our
        /// client ids.
        check_authorized_party: bool => { strict: true, django: false },
        /// By how much the clock of a provider may differ.
        #[range(0.0, 600.0)]
        id_token_leeway: Duration = seconds(30),
        /// Take the fields `code_verifier`, `callback_url`, `nonce` and `device_id` too, which
        /// dj-rest-auth does not have.
        further_fields: bool => { strict: true, django: false },
        /// Refuse an ID token that has been used, with or without an id of its own (`jti`).
        id_tokens_work_once: bool => { strict: true, django: false },
        /// How long the keys and the discovery document of a provider are kept. 0: they are fetched
        /// at each login, as allauth does.
        #[range(0.0, 86400.0)]
        cache_age: Duration = hours(1),
        /// Whether a provider may be at a private address, such as a server of your own in the same
        /// network. The addresses that a discovery document names are then not restricted either.
        allow_private_addresses: bool => { strict: false, django: true },
        /// Where the front end is sent after a login that began at `<provider>/begin/`, if that does
        /// not name another address of `redirect_urls`.
        #[rule(|url: &Option<String>| if_given(url.as_deref(), front_end::address))]
        redirect_url: Option<String> = None,
        /// Further front-end addresses that a login may end at, exactly, but for a query.
        #[rule(front_end::addresses)]
        redirect_urls: Vec<String> = Vec::new(),
        /// How a login that ends at the front end hands over the credentials: `cookies`, or a `code`
        /// that the app exchanges at `social/exchange/`.
        hand_over: HandOver = HandOver::Code,
        /// The path of the callback, below the host, that stands in for a missing `callback_url`.
        /// Empty: the server's own, `<provider>/callback/`.
        #[rule(front_end::path)]
        default_callback_path: String => {
            strict: String::new(),
            django: "/accounts/{provider}/login/callback/".to_owned(),
        },
    }
    instead {
        "adapter": "settings of their own stand for its methods",
        "forms": "has no meaning here: it is about HTML pages",
        "login_on_get": "has no meaning here: it is about HTML pages",
        "openid_connect_url_prefix": "has no meaning here: each server has a path of its own",
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
        assert_eq!(providers.get("google").map(ProviderSettings::client_id), Some("c"));
        assert!(Providers::parse(&json!({"google": true})).is_err());
    }

    /// Why a table of a provider is refused, and what to do.
    fn refusal(id: &str, table: &Json) -> String {
        format!("{:?}", Providers::parse(&json!({id: table})).expect_err(id))
    }

    #[test]
    fn what_the_server_sends_itself_is_no_further_parameter() {
        let with = |name: &str| json!({"client_id": "c", "auth_params": {name: "x"}});
        for name in [
            "state",
            "nonce",
            "redirect_uri",
            "client_id",
            "response_type",
            "code_challenge",
            "code_challenge_method",
            "scope",
        ] {
            let told = refusal("google", &with(name));
            assert!(told.contains(&format!("`{name}` in `auth_params`")), "{told}");
        }
        assert!(refusal("apple", &with("response_mode")).contains("twice"));
        // Nothing else is sent twice.
        let mut without_scope = with("scope");
        without_scope["scope"] = json!([]);
        assert!(Providers::parse(&json!({"google": without_scope})).is_ok());
        for name in ["prompt", "hd", "response_mode", "login_hint"] {
            assert!(Providers::parse(&json!({"google": with(name)})).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_domain_may_have_its_at_and_must_be_one() {
        let of = |domain: &str| json!({"client_id": "c", "verified_email": [domain]});
        for domain in ["corp.example", "@corp.example", "@Corp.Example"] {
            let providers = Providers::parse(&json!({"google": of(domain)})).unwrap();
            let verified = &providers.get("google").unwrap().verified_email;
            assert_eq!(*verified, VerifiedEmail::Domains(vec!["corp.example".to_owned()]));
        }
        for wrong in ["", "@", "ada@corp.example", "*.corp.example", "corp.example "] {
            assert!(refusal("google", &of(wrong)).contains("no domain"), "{wrong}");
        }
    }

    #[test]
    fn the_secret_is_suggested_for_what_others_call_it() {
        for name in ["client_secret", "client_secrt", "CLIENT_SECRET", "secrt"] {
            let told = refusal("google", &json!({"client_id": "c", name: "s"}));
            assert!(told.contains("did you mean `secret`?"), "{told}");
            let told = refusal("google", &json!({"app": {"client_id": "c", name: "s"}}));
            assert!(told.contains("did you mean `secret`?"), "{told}");
        }
    }
}
