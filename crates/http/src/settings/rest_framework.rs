//! `[rest_framework]`: Django's `REST_FRAMEWORK`.

use std::collections::BTreeMap;

use rest_auth_settings::{choices, settings};

use super::rules;
use super::throttle_rate::ThrottleRate;

choices! {
    /// A kind of credentials that requests may carry.
    pub enum Authentication {
        /// A session cookie.
        Session = "session",
        /// `Authorization: Token ...`.
        Token = "token",
        /// `Authorization: Bearer ...` with a JWT.
        Jwt = "jwt",
        /// The same, or the cookie `rest_auth.jwt_auth_cookie`.
        JwtCookie = "jwt_cookie",
        /// `Authorization: Basic ...`: the password with every request.
        Basic = "basic",
    }
}

choices! {
    /// What a throttle counts by.
    pub enum ThrottleScope {
        /// Requests of people who are not signed in, by address.
        Anon = "anon",
        /// Requests by user, or by address if nobody is signed in.
        User = "user",
        /// Requests to endpoints with a scope, by scope and user or address.
        Scoped = "scoped",
    }
}

choices! {
    /// A format of answers.
    pub enum Renderer {
        /// JSON.
        Json = "json",
        /// Pages for people who look with a browser.
        BrowsableApi = "browsable_api",
    }
}

choices! {
    /// A format of requests.
    pub enum BodyParser {
        /// JSON.
        Json = "json",
        /// URL-encoded forms.
        Form = "form",
        /// Forms with files.
        Multipart = "multipart",
    }
}

impl Renderer {
    /// Its media type, as listed by OPTIONS.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::BrowsableApi => "text/html",
        }
    }

    /// The name that `?format=` selects it by.
    #[must_use]
    pub fn format(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::BrowsableApi => "api",
        }
    }
}

impl BodyParser {
    /// The content type that it reads.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
            Self::Multipart => "multipart/form-data",
        }
    }
}

settings! {
    /// How requests are read, throttled and answered.
    pub struct RestFrameworkSettings = "rest_framework" {
        /// Which credentials are accepted, in order. The first decides between 401 and 403.
        #[rule(rules::authentication)]
        default_authentication_classes: Vec<Authentication> => {
            strict: vec![
                Authentication::Token,
                Authentication::JwtCookie,
                Authentication::Session,
            ],
            django: vec![Authentication::Session, Authentication::Basic],
        },
        /// A token or a password in a header that has ended, or that is not understood, counts as
        /// none where anybody may ask: login, registration, verification, reset and logout. Off:
        /// it is refused there too, as in DRF, and bars its owner from a new login until the
        /// client forgets it. JWTs that have ended count as none in either case.
        ignore_ended_credentials: bool => { strict: true, django: false },
        /// Formats of answers, the default first.
        default_renderer_classes: Vec<Renderer> = vec![Renderer::Json],
        /// Formats of requests that are understood.
        default_parser_classes: Vec<BodyParser> =
            vec![BodyParser::Json, BodyParser::Form, BodyParser::Multipart],
        /// Throttles of every endpoint.
        default_throttle_classes: Vec<ThrottleScope> = Vec::new(),
        /// Rates by scope, such as `anon = "100/day"`. Only the first letter of the period counts.
        /// Scopes: `anon`, `user`, `dj_rest_auth`, `dj_rest_auth_mfa_verify`.
        default_throttle_rates: BTreeMap<String, Option<ThrottleRate>> = BTreeMap::new(),
        /// How many proxies stand before this server, for the address that throttles count by.
        /// 0: that of the connection. None: the address that `server.trusted_proxies` gives.
        num_proxies: Option<u32> = None,
        /// Key of errors that belong to no field.
        non_field_errors_key: String = "non_field_errors".to_owned(),
        /// Query parameter that chooses the format. None: no such parameter.
        #[unbuilt = "cannot be changed: `?format=` chooses among the renderers"]
        url_format_override: Option<String> = Some("format".to_owned()),
        /// Write characters beyond ASCII as they are.
        #[unbuilt = "cannot be changed: JSON is written in UTF-8"]
        unicode_json: bool = true,
        /// Write JSON without blanks.
        #[unbuilt = "cannot be changed: JSON is written without blanks"]
        compact_json: bool = true,
        /// Refuse NaN and infinities.
        #[unbuilt = "cannot be changed: JSON has no NaN"]
        strict_json: bool = true,
    }
    instead {
        "authentication": "use `rest_framework.default_authentication_classes`",
        "throttles": "use `rest_framework.default_throttle_classes`",
        "renderers": "use `rest_framework.default_renderer_classes`",
        "parsers": "use `rest_framework.default_parser_classes`",
        "default_permission_classes": "every endpoint has its own permissions",
        "default_content_negotiation_class": "the Accept header is followed as always",
        "default_metadata_class": "OPTIONS answers are those of SimpleMetadata",
        "default_versioning_class": "the API has no versions",
        "default_pagination_class": "no list of this API is paged",
        "default_filter_backends": "no list of this API is filtered",
        "default_schema_class": "`server.openapi` publishes the OpenAPI document",
        "page_size": "no list of this API is paged",
        "search_param": "no list of this API is filtered",
        "ordering_param": "no list of this API is filtered",
        "default_version": "the API has no versions",
        "allowed_versions": "the API has no versions",
        "version_param": "the API has no versions",
        "unauthenticated_user": "has no meaning here: it is about Python objects",
        "unauthenticated_token": "has no meaning here: it is about Python objects",
        "view_name_function": "the names of endpoints are fixed",
        "view_description_function": "the descriptions of endpoints are fixed",
        "exception_handler": "the bodies of errors are those of Django REST framework",
        "list_serializer_errors_as_dict": "no endpoint takes a list",
        "test_request_renderer_classes": "has no meaning here: it is about Django's test client",
        "test_request_default_format": "has no meaning here: it is about Django's test client",
        "format_suffix_kwarg": "paths have no suffix",
        "url_field_name": "no answer has hyperlinks",
        "date_format": "no answer has dates",
        "date_input_formats": "no request has dates",
        "datetime_format": "datetimes are written in ISO 8601",
        "datetime_input_formats": "no request has datetimes",
        "time_format": "no answer has times",
        "time_input_formats": "no request has times",
        "duration_format": "no answer has durations",
        "coerce_decimal_to_string": "no answer has decimals",
        "coerce_bigint_to_string": "ids are written as numbers",
        "uploaded_files_use_url": "no answer has files",
        "html_select_cutoff": "has no meaning here: it is about HTML pages",
        "html_select_cutoff_text": "has no meaning here: it is about HTML pages",
        "schema_coerce_path_pk": "`server.openapi` publishes the OpenAPI document",
        "schema_coerce_method_names": "`server.openapi` publishes the OpenAPI document",
        "paginate_by": "Django REST framework removed it",
        "paginate_by_param": "Django REST framework removed it",
        "max_paginate_by": "Django REST framework removed it",
    }
}
