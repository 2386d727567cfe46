//! How a provider is asked (RFC 6749, RFC 7636, `OpenID` Connect Core 1.0), as data.
//!
//! A URL, a parameter of a profile and a header may contain `{name}` of a [`Variable`], `{client_id}`,
//! and `{key}`, the setting of an app.

/// What the requests to a provider look like.
#[derive(Clone, Copy)]
pub(crate) struct Protocol {
    /// The parts of its URLs that the configuration may replace.
    pub(crate) variables: &'static [Variable],
    /// The issuer whose discovery document has the endpoints that are empty here (`OpenID` Connect
    /// Discovery 1.0). Empty: there is none.
    pub(crate) discovery: &'static str,
    /// Where the browser is sent.
    pub(crate) authorize_url: &'static str,
    /// Further parameters of that address.
    pub(crate) authorize_parameters: &'static [(&'static str, &'static str)],
    /// What is asked for, unless `scope` is configured.
    pub(crate) scope: &'static [&'static str],
    /// What stands between the scopes.
    pub(crate) scope_separator: &'static str,
    /// Whether the code is bound to the request that it is for.
    pub(crate) pkce: Pkce,
    /// Whether the answer comes as a form that the browser posts.
    pub(crate) form_post: bool,
    /// Where a code is exchanged.
    pub(crate) token_url: &'static str,
    /// How a code is exchanged.
    pub(crate) token_request: TokenRequest,
    /// Where the identity of a user comes from.
    pub(crate) identity: IdentitySource,
    /// How the profile of a user is asked for.
    pub(crate) profile: ProfileRequest,
    /// How an ID token that came with a code is shown to the provider for what it says, where nobody
    /// else can check its signature. That is then the profile.
    pub(crate) shown_id_token: Option<ProfileRequest>,
    /// Where further addresses are listed; they join the profile as `emails`. Empty: nowhere.
    pub(crate) emails_url: &'static str,
    /// What it calls itself in the parameter `iss` of its answers (RFC 9207), where it issues no ID
    /// tokens that say so.
    pub(crate) issuers: &'static [&'static str],
    /// Its ID tokens, if it issues any.
    pub(crate) id_tokens: Option<IdTokens>,
    /// How an access token from an app is shown to be ours.
    pub(crate) check: AudienceCheck,
}

/// A part of URLs that the configuration may replace by a key of this name.
#[derive(Clone, Copy)]
pub(crate) struct Variable {
    /// The key in the provider's table.
    pub(crate) name: &'static str,
    /// The value where that is not set. Empty: it has to be set.
    pub(crate) default: &'static str,
    /// The default where another key is set: that key, and the value.
    pub(crate) follows: Option<(&'static str, &'static str)>,
    /// What stands in a URL for some of its values.
    pub(crate) values: VariableValues,
    /// Whether it is a host, to which a configuration may add `https://`.
    pub(crate) is_host: bool,
}

/// What stands in a URL for the value of a [`Variable`].
#[derive(Clone, Copy)]
pub(crate) enum VariableValues {
    /// The value itself.
    Any,
    /// For these something else.
    Named(&'static [(&'static str, &'static str)]),
    /// For these something else; there are no others.
    OneOf(&'static [(&'static str, &'static str)]),
}

impl Variable {
    /// A part with a default of its own.
    pub(crate) const fn new(name: &'static str, default: &'static str) -> Self {
        Self { name, default, follows: None, values: VariableValues::Any, is_host: false }
    }

    /// A part whose default is `other` where `key` is set.
    pub(crate) const fn following(
        name: &'static str,
        default: &'static str,
        key: &'static str,
        other: &'static str,
    ) -> Self {
        Self { follows: Some((key, other)), ..Self::new(name, default) }
    }

    /// A host with a default of its own.
    pub(crate) const fn host(name: &'static str, default: &'static str) -> Self {
        Self { is_host: true, ..Self::new(name, default) }
    }
}

/// Whether a proof key is sent (RFC 7636). `oauth_pkce_enabled` decides otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pkce {
    /// It is: servers that do not know it ignore it.
    On,
    /// It is not: the provider refuses it, or has a way of its own.
    Off,
}

/// How a code is exchanged.
#[derive(Clone, Copy)]
pub(crate) struct TokenRequest {
    /// How the fields are sent.
    pub(crate) encoding: Encoding,
    /// With the client's id and secret in the header (Basic), not among the fields.
    pub(crate) basic: bool,
    /// What the field of the client id is called.
    pub(crate) client_id: &'static str,
    /// What the field of the client secret is called.
    pub(crate) client_secret: &'static str,
    /// Whether the address that the code was sent to is repeated.
    pub(crate) redirect_uri: bool,
    /// Whether the `device_id` that came with the code is sent back.
    pub(crate) device_id: bool,
}

/// How the fields of an exchange are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// By GET, in the query.
    Query,
    /// By POST, in a form.
    Form,
    /// By POST, in JSON.
    Json,
}

impl TokenRequest {
    /// A form that is posted.
    pub(crate) const POST: Self = Self {
        encoding: Encoding::Form,
        basic: false,
        client_id: "client_id",
        client_secret: "client_secret",
        redirect_uri: true,
        device_id: false,
    };
}

/// Where the identity of a user comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdentitySource {
    /// From the profile. An ID token counts only by itself, and only if the provider issues such.
    Profile,
    /// From the ID token if there is one, else from the profile.
    IdTokenOrProfile,
    /// From the ID token alone.
    IdToken,
    /// From the ID token and, unless `fetch_userinfo` is off, from the profile, as the members
    /// `id_token` and `userinfo`.
    Both,
    /// From the answer to the exchange of a code.
    TokenResponse,
}

/// How the profile of a user is asked for.
#[derive(Clone, Copy)]
pub(crate) struct ProfileRequest {
    /// Where. It may contain `{access_token}`.
    pub(crate) url: &'static str,
    /// By which method, and with what.
    pub(crate) method: ProfileMethod,
    /// Where the access token is put.
    pub(crate) token: Placement,
    /// Further parameters of the query.
    pub(crate) query: &'static [(&'static str, &'static str)],
    /// Parameters of the query that ask for the address.
    pub(crate) email_query: &'static [(&'static str, &'static str)],
    /// The parameter that names the members of the answer, where the provider wants to know.
    pub(crate) fields: Option<RequestedFields>,
    /// Members of the answer to a code that are sent along in the query.
    pub(crate) from_token_response: &'static [&'static str],
    /// Further headers, also of the exchange of a code.
    pub(crate) headers: &'static [(&'static str, &'static str)],
    /// The member of the answer that is the profile, as a JSON pointer; empty: all of it.
    pub(crate) member: &'static str,
    /// Whether the token is signed with the app secret (`appsecret_proof`).
    pub(crate) proves_app: bool,
}

impl ProfileRequest {
    /// A GET with the token in the header `Authorization: Bearer`.
    pub(crate) const fn bearer(url: &'static str) -> Self {
        Self {
            url,
            method: ProfileMethod::Get,
            token: Placement::Header("Bearer"),
            query: &[],
            email_query: &[],
            fields: None,
            from_token_response: &[],
            headers: &[],
            member: "",
            proves_app: false,
        }
    }
}

/// By which method a profile is asked for.
#[derive(Clone, Copy)]
pub(crate) enum ProfileMethod {
    /// GET.
    Get,
    /// POST without a body.
    Post,
    /// POST of a form.
    Form(&'static [(&'static str, &'static str)]),
    /// POST of a JSON object of texts.
    Json(&'static [(&'static str, &'static str)]),
}

/// The members of a profile that are asked for.
#[derive(Clone, Copy)]
pub(crate) struct RequestedFields {
    /// The parameter that lists them, with commas.
    pub(crate) parameter: &'static str,
    /// Those that every scope gives.
    pub(crate) always: &'static [&'static str],
    /// Those that only a scope gives, by the scope: with another the provider refuses the request.
    pub(crate) with_scope: &'static [(&'static str, &'static [&'static str])],
}

/// Where an access token is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// In the header `Authorization`, after this word.
    Header(&'static str),
    /// In a header of its own.
    OwnHeader(&'static str),
    /// In the query, under this name.
    Query(&'static str),
    /// Among the posted fields, under this name.
    Field(&'static str),
    /// In the path, for `{access_token}`.
    Path,
    /// In the header that signs the request with the token and its secret, which the app sends (OAuth
    /// 1.0a): there is neither a code nor a way of ours for the browser.
    Signature,
}

/// The ID tokens of a provider.
#[derive(Clone, Copy)]
pub(crate) struct IdTokens {
    /// Who issues them; `{tenantid}` stands for the tenant of the user.
    pub(crate) issuers: &'static [&'static str],
    /// Where the keys are.
    pub(crate) keys_url: &'static str,
}

/// How an access token that an app sends is shown to have been issued to us, and not to another
/// application that would log in as its users (RFC 9700, section 4.6).
#[derive(Clone, Copy)]
pub(crate) enum AudienceCheck {
    /// There is no way: only a code or an ID token can be accepted.
    Impossible,
    /// The request for the profile fails for a token of another application.
    ByProfile,
    /// The provider is asked; the client id is at one of these places of its answer (JSON pointers).
    Asked(CheckRequest, &'static [&'static str]),
}

/// How the provider is asked about a token.
#[derive(Clone, Copy)]
pub(crate) enum CheckRequest {
    /// GET with the token as `access_token` in the query.
    Query(&'static str),
    /// GET with the token in the header, after the word.
    Header(&'static str, &'static str),
    /// POST of `{"access_token": …}`, with the client's id and secret in the header (Basic).
    Basic(&'static str),
    /// Introspection (RFC 7662), with the client's id and secret where the exchange of a code has
    /// them. Empty: where the discovery document says.
    Introspection(&'static str),
}

impl CheckRequest {
    /// Where.
    pub(crate) fn url(self) -> &'static str {
        match self {
            Self::Query(url)
            | Self::Header(_, url)
            | Self::Basic(url)
            | Self::Introspection(url) => url,
        }
    }
}

impl Protocol {
    /// Whether requests are signed (OAuth 1.0a).
    pub(crate) fn is_signed(&self) -> bool {
        matches!(self.profile.token, Placement::Signature)
    }

    /// A provider whose addresses the configuration has to give.
    pub(crate) const NONE: Self = Self {
        variables: &[],
        discovery: "",
        authorize_url: "",
        authorize_parameters: &[],
        scope: &[],
        scope_separator: " ",
        pkce: Pkce::On,
        form_post: false,
        token_url: "",
        token_request: TokenRequest::POST,
        identity: IdentitySource::Profile,
        profile: ProfileRequest::bearer(""),
        shown_id_token: None,
        emails_url: "",
        issuers: &[],
        id_tokens: None,
        check: AudienceCheck::Impossible,
    };
}
