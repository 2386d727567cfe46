//! `passkeys/`: the keys of users on their own devices.
//!
//! `enrolment` adds one, `login` logs in with one, `own` are those of the user who is logged in.

pub(crate) mod enrolment;
pub(crate) mod login;
pub(crate) mod own;

use axum::http::StatusCode;
use rest_auth_domain::datetime;
use rest_auth_domain::message::Message;
use rest_auth_flows::passkeys::Passkey;

use crate::answers::PasskeyDetails;
use crate::api_request::ApiRequest;
use crate::endpoint::outcome::PossibleAnswer;

/// A passkey as answers show it.
fn details<'p>(request: &ApiRequest, passkey: &'p Passkey) -> PasskeyDetails<'p> {
    let zone = request.auth().settings().i18n.time_zone;
    PasskeyDetails::new(passkey, |time| datetime::in_zone(time, zone))
}

fn unknown() -> PossibleAnswer {
    PossibleAnswer::sentence(StatusCode::NOT_FOUND, &Message::NoSuchPasskey)
        .describe("The user has no passkey with this id.")
}
