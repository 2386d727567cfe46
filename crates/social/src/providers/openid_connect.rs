//! Any server that speaks OpenID Connect, named by `provider_id`.

use crate::provider::{Answer, Provider, Reported};

pub(crate) const OPENID_CONNECT: Provider = Provider { id: "openid_connect", read_profile };

fn read_profile(answer: &Answer<'_>) -> Reported {
    let claims = answer.part("userinfo").or_else(|| answer.part("id_token"));
    let claims = claims.as_ref().unwrap_or(answer);
    Reported { uid: claims.id(claims.uid_field_or("sub")), ..claims.standard_claims() }
}
