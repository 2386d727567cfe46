//! Passkeys, and the options that browsers make or use one with. The keys stand in the order of
//! dj-rest-auth.

use chrono::{DateTime, Utc};
use rest_auth_domain::encoding::base64url;
use rest_auth_domain::webauthn::{CoseAlgorithm, UserVerification};
use rest_auth_flows::login::passkey as login;
use rest_auth_flows::passkeys::enrolment;
use rest_auth_flows::passkeys::{self, Passkey};
use rest_auth_flows::settings::PasskeySettings;
use rest_auth_flows::settings::passkeys::ResidentKey;
use serde::Serialize;
use utoipa::ToSchema;

const PUBLIC_KEY: &str = "public-key";

/// A passkey of the user.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeyDetails<'p> {
    pub(crate) id: i64,
    /// The name that the user gave it.
    #[schema(max_length = 255)]
    pub(crate) name: &'p str,
    /// The id of the credential, in base64url.
    pub(crate) credential_id: String,
    /// When it was added; null if that is not known.
    #[schema(format = DateTime)]
    pub(crate) created_at: Option<String>,
    /// When it was last used.
    #[schema(format = DateTime)]
    pub(crate) last_used_at: Option<String>,
    /// How browsers reach the device: `internal`, `hybrid`, `usb`.
    pub(crate) transports: &'p [String],
    /// Whether the device finds it without a user name.
    pub(crate) discoverable: bool,
    /// Only where it is added to a user who had none: each works once, in place of the passkey.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) recovery_codes: Option<&'p [String]>,
}

impl<'p> PasskeyDetails<'p> {
    /// The passkey, with times as `written`.
    pub(crate) fn new(passkey: &'p Passkey, written: impl Fn(DateTime<Utc>) -> String) -> Self {
        Self {
            id: passkeys::id_of(passkey),
            name: &passkey.name,
            credential_id: base64url(&passkey.credential_id),
            created_at: passkey.created_at.map(&written),
            last_used_at: passkey.last_used_at.map(&written),
            transports: &passkey.transports,
            discoverable: passkey.discoverable,
            recovery_codes: None,
        }
    }
}

/// The new name of a passkey.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeyName<'n> {
    #[schema(max_length = 255)]
    pub(crate) name: &'n str,
}

/// Options for a new passkey: what `PublicKeyCredential.parseCreationOptionsFromJSON` takes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreationOptions<'b> {
    rp: RelyingParty<'b>,
    user: PasskeyUser<'b>,
    /// Random bytes in base64url.
    challenge: &'b str,
    /// The algorithms that are accepted, the preferred one first.
    pub_key_cred_params: Vec<PublicKeyCredentialParameters>,
    /// Milliseconds.
    timeout: i64,
    /// The passkeys that the user has.
    exclude_credentials: Vec<CredentialReference>,
    authenticator_selection: AuthenticatorSelection,
    /// Always `none`.
    attestation: &'static str,
}

/// The site.
#[derive(Serialize, ToSchema)]
struct RelyingParty<'b> {
    name: &'b str,
    /// The domain that the passkey is bound to.
    id: &'b str,
}

/// The user, as the device names them.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PasskeyUser<'b> {
    /// In base64url.
    id: &'b str,
    name: &'b str,
    display_name: &'b str,
}

/// An algorithm that new passkeys may use.
#[derive(Serialize, ToSchema)]
struct PublicKeyCredentialParameters {
    /// Always `public-key`.
    r#type: &'static str,
    /// The number in COSE's registry.
    alg: i64,
}

/// A passkey, as browsers know it.
#[derive(Serialize, ToSchema)]
struct CredentialReference {
    /// In base64url.
    id: String,
    /// Always `public-key`.
    r#type: &'static str,
}

/// What the device has to be able to do.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AuthenticatorSelection {
    /// `required`, `preferred` or `discouraged`.
    resident_key: &'static str,
    require_resident_key: bool,
    /// `required`, `preferred` or `discouraged`.
    user_verification: &'static str,
}

impl<'b> CreationOptions<'b> {
    /// The options that were begun.
    pub(crate) fn new(begun: &'b enrolment::CreationOptions, settings: &PasskeySettings) -> Self {
        let parameters = |algorithm: CoseAlgorithm| PublicKeyCredentialParameters {
            r#type: PUBLIC_KEY,
            alg: algorithm.number(),
        };
        Self {
            rp: RelyingParty { name: &begun.party.name, id: &begun.party.id },
            user: PasskeyUser {
                id: &begun.user_handle,
                name: &begun.user_name,
                display_name: &begun.display_name,
            },
            challenge: &begun.challenge,
            pub_key_cred_params: CoseAlgorithm::OFFERED.map(parameters).into(),
            timeout: milliseconds(settings),
            exclude_credentials: references(&begun.exclude),
            authenticator_selection: AuthenticatorSelection {
                resident_key: match settings.resident_key {
                    ResidentKey::Required => "required",
                    ResidentKey::Preferred => "preferred",
                    ResidentKey::Discouraged => "discouraged",
                },
                require_resident_key: settings.resident_key == ResidentKey::Required,
                user_verification: user_verification(settings.user_verification.into()),
            },
            attestation: "none",
        }
    }
}

/// Options for a login: what `PublicKeyCredential.parseRequestOptionsFromJSON` takes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestOptions<'b> {
    /// Random bytes in base64url.
    challenge: &'b str,
    /// Milliseconds.
    timeout: i64,
    /// The domain that the passkey is bound to.
    rp_id: &'b str,
    /// The passkeys that may be used; none: whichever the device has.
    allow_credentials: Vec<CredentialReference>,
    /// `required`, `preferred` or `discouraged`.
    user_verification: &'static str,
    /// What completes the login, once, together with the answer of the browser. Absent for the second
    /// step of a login, which has a token.
    #[serde(rename = "session_id", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    session_id: Option<&'b str>,
}

impl<'b> RequestOptions<'b> {
    /// The options that were begun.
    pub(crate) fn new(begun: &'b login::RequestOptions, settings: &PasskeySettings) -> Self {
        Self {
            challenge: &begun.challenge,
            timeout: milliseconds(settings),
            rp_id: &begun.rp_id,
            allow_credentials: references(&begun.allow),
            user_verification: user_verification(begun.user_verification),
            session_id: begun.session_id.as_deref(),
        }
    }
}

fn references(passkeys: &[Passkey]) -> Vec<CredentialReference> {
    let reference = |passkey: &Passkey| CredentialReference {
        id: base64url(&passkey.credential_id),
        r#type: PUBLIC_KEY,
    };
    passkeys.iter().map(reference).collect()
}

fn milliseconds(settings: &PasskeySettings) -> i64 {
    i64::try_from(settings.challenge_timeout.as_millis()).unwrap_or(i64::MAX)
}

fn user_verification(asked: UserVerification) -> &'static str {
    match asked {
        UserVerification::Required => "required",
        UserVerification::Preferred => "preferred",
        UserVerification::Discouraged => "discouraged",
    }
}
