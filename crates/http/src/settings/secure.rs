//! `[secure]`: Django's `SECURE_*` and `X_FRAME_OPTIONS`.

use std::collections::BTreeMap;
use std::time::Duration;

use rest_auth_settings::settings;
use rest_auth_settings::value::Json;
use rest_auth_settings::{OneOrMany, SettingValue, ValueError, days, seconds};
use serde_json::json;

/// A header by which a proxy says that the client came by https, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyHeader {
    /// Name in lower case, as on the wire: `x-forwarded-proto`.
    pub name: String,
    /// The value that means https.
    pub value: String,
}

impl SettingValue for ProxyHeader {
    fn type_name() -> String {
        "[header in CGI spelling, value]".to_owned()
    }

    fn parse(value: &Json) -> Result<Self, ValueError> {
        let pair = Vec::<String>::parse(value)?;
        let [header, value] = pair.as_slice() else {
            return Err(ValueError::new("must be a list of a header and a value"));
        };
        let Some(name) = header.strip_prefix("HTTP_").filter(|name| !name.is_empty()) else {
            return Err(ValueError::new("must name the header as \"HTTP_X_FORWARDED_PROTO\""));
        };
        Ok(Self { name: name.to_ascii_lowercase().replace('_', "-"), value: value.clone() })
    }

    fn show(&self) -> Json {
        json!([format!("HTTP_{}", self.name.to_ascii_uppercase().replace('-', "_")), self.value])
    }

    fn schema() -> Json {
        json!({"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2})
    }
}

fn no_frames() -> BTreeMap<String, OneOrMany> {
    [("frame-ancestors".to_owned(), OneOrMany::Many(vec!["'none'".to_owned()]))].into()
}

settings! {
    /// https, and headers for the safety of browsers.
    pub struct SecureSettings = "secure" {
        /// Header by which a proxy says that the client came by https, and its value. Set it only
        /// if the proxy removes the header from what clients send.
        proxy_ssl_header: Option<ProxyHeader> = None,
        /// Redirect http to https.
        ssl_redirect: bool = false,
        /// Host of that redirect. None: the one of the request.
        ssl_host: Option<String> = None,
        /// Patterns of paths that are not redirected.
        redirect_exempt: Vec<super::cors::Pattern> = Vec::new(),
        /// How long browsers use nothing but https (Strict-Transport-Security, sent over https).
        hsts_seconds: Duration => { strict: days(365), django: seconds(0) },
        /// The same for all subdomains.
        hsts_include_subdomains: bool = false,
        /// Let browsers list this domain.
        hsts_preload: bool = false,
        /// X-Content-Type-Options: nosniff.
        content_type_nosniff: bool = true,
        /// Cross-Origin-Opener-Policy. None: no header.
        cross_origin_opener_policy: Option<String> = Some("same-origin".to_owned()),
        /// Referrer-Policy. None: no header.
        referrer_policy: Option<OneOrMany> = Some(OneOrMany::One("same-origin".to_owned())),
        /// X-Frame-Options. None: no header.
        x_frame_options: Option<String> = Some("DENY".to_owned()),
        /// Content-Security-Policy of answers, by directive.
        csp: BTreeMap<String, OneOrMany> => { strict: no_frames(), django: BTreeMap::new() },
        /// The same, reported only.
        csp_report_only: BTreeMap<String, OneOrMany> = BTreeMap::new(),
        /// `Cache-Control: no-store` on every answer: they hold credentials and personal data.
        no_store: bool => { strict: true, django: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_in_cgi_spelling() {
        let given = json!(["HTTP_X_FORWARDED_PROTO", "https"]);
        let header = ProxyHeader::parse(&given).unwrap();
        assert_eq!(header.name, "x-forwarded-proto");
        assert_eq!(header.show(), given);
        assert!(ProxyHeader::parse(&json!(["X-Forwarded-Proto", "https"])).is_err());
    }
}
