//! Signs a request with an access token and its secret (OAuth 1.0a: RFC 5849, HMAC-SHA1).

use data_encoding::BASE64;
use rest_auth_domain::random::{self, OsRandom};
use rest_auth_domain::signing::hmac_sha1;
use url::Url;

use crate::configured::Configured;
use crate::exchange::ProviderTokens;
use crate::http::Request;

/// How many random bytes make a request another one than those before.
const NONCE_LEN: usize = 16;

/// The parameters of the protocol, or of the request.
type Parameters<'p> = Vec<(&'p str, &'p str)>;

/// The request with the header that signs it. Nothing may be added to it afterwards.
pub(crate) fn signed(
    request: Request,
    provider: &Configured,
    tokens: &ProviderTokens,
    timestamp: i64,
) -> Request {
    let (nonce, timestamp) = (random::hex(&OsRandom, NONCE_LEN), timestamp.to_string());
    let mut protocol = vec![
        ("oauth_consumer_key", provider.settings.client_id()),
        ("oauth_nonce", &nonce),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", &timestamp),
        ("oauth_token", &tokens.access_token),
        ("oauth_version", "1.0"),
    ];
    let base = base_string(request.method.as_str(), &request.url, &protocol);
    let signature = signature(&base, provider.secret(), &tokens.refresh_token);
    protocol.push(("oauth_signature", &signature));
    let written: Vec<_> =
        protocol.iter().map(|(name, value)| format!("{name}=\"{}\"", encoded(value))).collect();
    request.header("authorization", &format!("OAuth {}", written.join(", ")))
}

/// What is signed (section 3.4.1). Requests with a form are not made.
fn base_string(method: &str, url: &Url, protocol: &Parameters<'_>) -> String {
    let in_query = url.query_pairs().map(|(name, value)| (encoded(&name), encoded(&value)));
    let of_protocol = protocol.iter().map(|(name, value)| (encoded(name), encoded(value)));
    let mut all: Vec<_> = in_query.chain(of_protocol).collect();
    all.sort();
    let all: Vec<_> = all.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut address = url.clone();
    address.set_query(None);
    address.set_fragment(None);
    format!("{method}&{}&{}", encoded(address.as_str()), encoded(&all.join("&")))
}

/// Section 3.4.2.
fn signature(base: &str, client_secret: &str, token_secret: &str) -> String {
    let key = format!("{}&{}", encoded(client_secret), encoded(token_secret));
    BASE64.encode(&hmac_sha1(key.as_bytes(), base.as_bytes()))
}

/// A text with all but the unreserved characters escaped (section 3.6).
fn encoded(text: &str) -> String {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let written = |byte: u8| match byte {
        byte if is_unreserved(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(written).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_example() {
        // Section 1.2, the request for the photo.
        let url = "http://photos.example.net/photos?file=vacation.jpg&size=original";
        let protocol = vec![
            ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
            ("oauth_token", "nnch734d00sl2jdk"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131202"),
            ("oauth_nonce", "chapoH"),
        ];
        let base = base_string("GET", &Url::parse(url).unwrap(), &protocol);
        let signed = signature(&base, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00");
        assert_eq!(signed, "MdpQcU8iPSUjWoN/UDMsK2sui9I=");
    }

    #[test]
    fn parameters_are_sorted_as_they_are_written() {
        // Section 3.4.1.1, with the parameters of the form in the query.
        let url = "HTTP://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2=&a3=2+q#x";
        let protocol = vec![
            ("oauth_consumer_key", "9djdj82h48djs9d2"),
            ("oauth_token", "kkk9d7dh3k39sjv7"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131201"),
            ("oauth_nonce", "7d8f3e4a"),
        ];
        assert_eq!(
            base_string("POST", &Url::parse(url).unwrap(), &protocol),
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D\
             %253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce\
             %3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26\
             oauth_token%3Dkkk9d7dh3k39sjv7"
        );
    }
}
