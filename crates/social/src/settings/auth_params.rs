//! `auth_params`: further parameters of the address where the browser is sent.

use std::collections::BTreeMap;

use rest_auth_settings::ValueError;
use rest_auth_settings::value::Json;
use serde_json::Map;

use super::table::texts;
use crate::provider::Protocol;

/// What every login is sent with, another value each.
const OF_A_LOGIN: [&str; 6] =
    ["code_challenge", "code_challenge_method", "nonce", "redirect_uri", "response_type", "state"];

/// The parameters, none of which is sent by this server already: a provider that gets one twice
/// takes either, or refuses.
pub(super) fn read(
    table: &Map<String, Json>,
    protocol: &Protocol,
    sends_scope: bool,
) -> Result<BTreeMap<String, String>, ValueError> {
    let params = texts(table, "auth_params")?;
    for name in params.keys() {
        let cure = match name.as_str() {
            "scope" if sends_scope => "write it as `scope = [\"...\"]` beside `auth_params`",
            "response_mode" if protocol.form_post => "remove it: the server sends its own",
            name if OF_A_LOGIN.contains(&name) => "remove it: the server sends its own",
            name if name == "client_id" || name == protocol.token_request.client_id => {
                "write it as `client_id` beside `auth_params`"
            }
            _ => continue,
        };
        let problem = format!("has `{name}` in `auth_params`, which would be sent twice");
        return Err(ValueError::rule(problem, cure));
    }
    Ok(params)
}
