//! Microsoft. <https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols>
//!
//! The administrator of any tenant can give a user any address, so none counts as verified unless the
//! ID token has the optional claim `xms_edov`. An ID token names a user by `oid`, which is the id of the
//! profile for the accounts of organizations only: with a personal account a code has to be sent.

use crate::provider::{
    Answer, IdTokens, ProfileRequest, Protocol, Provider, Reported, Variable, VariableValues,
};

/// The tenant of the personal accounts.
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Whose ID tokens a tenant stands for. They have its id, never its domain: where `tenant` is one,
/// `issuer_tenant` has to be the id.
const ISSUERS: VariableValues = VariableValues::Named(&[
    ("common", "{tenantid}"),
    ("organizations", "{tenantid}"),
    ("consumers", PERSONAL),
]);

/// The members of a profile, as allauth asks for them.
const FIELDS: &str = "businessPhones,displayName,givenName,id,jobTitle,mail,mobilePhone,\
    officeLocation,preferredLanguage,surname,userPrincipalName,mailNickname,companyName";

pub(crate) const MICROSOFT: Provider = Provider {
    id: "microsoft",
    name: "Microsoft",
    protocol: Protocol {
        variables: &[
            Variable::new("tenant", "common"),
            Variable::new("login_url", "https://login.microsoftonline.com"),
            Variable::new("graph_url", "https://graph.microsoft.com"),
            Variable { values: ISSUERS, ..Variable::new("issuer_tenant", "{tenant}") },
        ],
        authorize_url: "{login_url}/{tenant}/oauth2/v2.0/authorize",
        token_url: "{login_url}/{tenant}/oauth2/v2.0/token",
        scope: &["User.Read"],
        profile: ProfileRequest {
            query: &[("$select", FIELDS)],
            ..ProfileRequest::bearer("{graph_url}/v1.0/me")
        },
        id_tokens: Some(IdTokens {
            issuers: &["{login_url}/{issuer_tenant}/v2.0"],
            keys_url: "{login_url}/{tenant}/discovery/v2.0/keys",
        }),
        ..Protocol::NONE
    },
    read_profile,
};

fn read_profile(answer: &Answer<'_>) -> Reported {
    let first = |places: &[&str]| places.iter().find_map(|place| answer.text(place));
    Reported {
        uid: answer.id("id").or_else(|| object_id(answer)),
        email: first(&["/mail", "/userPrincipalName", "/email"]),
        email_verified: answer.says_yes("/xms_edov"),
        username: answer.text("/mailNickname"),
        first_name: first(&["/givenName", "/given_name"]),
        last_name: first(&["/surname", "/family_name"]),
        ..Reported::default()
    }
}

fn object_id(answer: &Answer<'_>) -> Option<String> {
    answer.id("oid").filter(|_| answer.id("tid").is_some_and(|tenant| tenant != PERSONAL))
}
