//! `[server]`, the part about requests, and `[allauth]`.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use rest_auth_settings::rules::if_given;
use rest_auth_settings::settings;
use rest_auth_settings::value::Json;
use rest_auth_settings::{SettingValue, ValueError, seconds};
use serde_json::json;

use super::rules;

/// A range of addresses in CIDR notation; an address alone is a range of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// Whether an address is in the range. An IPv4 address mapped into IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// Whether every address is in the range.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.0.prefix_len() == 0
    }
}

impl SettingValue for Network {
    fn type_name() -> String {
        "address or CIDR range".to_owned()
    }

    fn parse(value: &Json) -> Result<Self, ValueError> {
        let text = value.as_str().unwrap_or_default();
        let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network
            .map(Self)
            .map_err(|_| ValueError::new("must be like \"10.0.0.0/8\" or \"10.0.0.1\""))
    }

    fn show(&self) -> Json {
        Json::from(self.0.to_string())
    }

    fn schema() -> Json {
        json!({"type": "string", "pattern": "^[0-9a-fA-F.:]+(/[0-9]+)?$"})
    }
}

settings! {
    /// The listener, addresses and limits.
    pub struct HttpSettings = "server" {
        /// Path of the API.
        #[rule(rules::base_path)]
        base_path: String = "/api/auth".to_owned(),
        /// Address under which clients reach this server, without path. Links in mails begin with
        /// it. None: host and scheme of the request, where `links_from_host` allows it.
        #[rule(|url: &Option<String>| if_given(url.as_deref(), rules::public_url))]
        public_url: Option<String> => {
            strict: Some("http://localhost:8000".to_owned()),
            django: None,
        },
        /// Without `public_url`, links in mails begin with the host and scheme of the request. Off:
        /// a server without `public_url` does not start. Otherwise whoever requests a mail chooses
        /// the host of its link.
        links_from_host: bool => { strict: false, django: true },
        /// Accepted Host values; `.example.com` with subdomains, `*` any. Empty: any,
        /// which is safe as long as `public_url` says what links in mails begin with.
        #[rule(rules::hosts)]
        allowed_hosts: Vec<String> = Vec::new(),
        /// Proxies whose X-Forwarded-For is believed, as CIDR ranges.
        trusted_proxies: Vec<Network> = Vec::new(),
        /// Believe X-Forwarded-Host.
        use_x_forwarded_host: bool = false,
        /// Believe X-Forwarded-Port.
        use_x_forwarded_port: bool = false,
        /// Largest body in bytes. None: no limit.
        data_upload_max_memory_size: Option<u64> = Some(2_621_440),
        /// Most fields of a form. None: no limit.
        data_upload_max_number_fields: Option<u32> = Some(1_000),
        /// Most files of a form. None: no limit.
        data_upload_max_number_files: Option<u32> = Some(100),
        /// How long one request may take. After that time a connection is closed on which no request
        /// came, or whose client does not take the answer.
        #[range(0.1, 3_600.0)]
        request_timeout: Duration = seconds(30),
        /// Publish the OpenAPI document of this configuration at `schema/`.
        openapi: bool = true,
        /// Publish a page to read that document and to try requests out at `docs/`. Without
        /// `openapi` there is none.
        docs: bool = true,
    }
    instead {
        "append_slash": "every path answers with and without its slash",
        "debug": "there is no debug mode; `log.level = \"debug\"` tells more",
        "default_charset": "answers are in UTF-8",
        "disallowed_user_agents": "is not offered: leave it to the proxy",
        "file_upload_max_memory_size": "no endpoint keeps files",
        "force_script_name": "use `server.base_path`",
        "internal_ips": "has no meaning here: it is about HTML pages",
        "prepend_www": "is not offered: leave it to the proxy",
        "signed_cookie_legacy_salt_fallback": "no cookie of this API is signed",
        "signing_backend": "no cookie of this API is signed",
    }
}

settings! {
    /// Addresses of clients, as allauth's rate limits count them.
    pub struct AllauthSettings = "allauth" {
        /// How many proxies stand before this server, counted from the right of X-Forwarded-For.
        /// `server.trusted_proxies` names them, which is safer, and goes before this.
        trusted_proxy_count: u32 = 0,
        /// Header that holds the address of the client, set by the proxy. Goes before both.
        trusted_client_ip_header: Option<String> = None,
    }
    instead {
        "default_auto_field": "ids are read as 64 bits",
        "user_code_format": "each kind of code has its own: `account.*_by_code_format`",
        "setting_getter": "settings come from the configuration file",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_contains_its_addresses() {
        let network = Network::parse(&json!("10.0.0.0/8")).unwrap();
        assert!(network.contains([10, 1, 2, 3].into()));
        assert!(network.contains("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!network.contains([11, 0, 0, 1].into()));
        let single = Network::parse(&json!("::1")).unwrap();
        assert_eq!(single.show(), json!("::1/128"));
        assert!(!single.is_everything());
        assert!(Network::parse(&json!("10.0.0.0/33")).is_err());
    }
}
