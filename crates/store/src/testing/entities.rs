//! What the entities say of their tables, for a test that compares it with a database.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{EntityTrait, IdenStatic as _, Iterable as _};

use crate::entity::{
    account_emailaddress, account_emailconfirmation, auth_user, auth_user_groups,
    auth_user_user_permissions, authtoken_token, dj_rest_auth_mfa_authenticator, django_session,
    django_site, mfa_authenticator, passkeys_webauthncredential, rest_auth_claim,
    rest_auth_known_client, rest_auth_one_time, rest_auth_outbox, rest_auth_passkey,
    rest_auth_passkey_user, rest_auth_rate_limit, rest_auth_reauthentication,
    rest_auth_refresh_family, rest_auth_refresh_token, rest_auth_session, rest_auth_setting,
    rest_auth_token, rest_auth_trusted_browser, rest_auth_user, rest_auth_user_field,
    socialaccount_socialaccount, socialaccount_socialapp, socialaccount_socialtoken,
    token_blacklist_blacklistedtoken, token_blacklist_outstandingtoken, usersessions_usersession,
};

/// The columns that the entities name, by table.
#[must_use]
pub fn entities() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    BTreeMap::from([
        of::<account_emailaddress::Entity>(),
        of::<account_emailconfirmation::Entity>(),
        of::<auth_user::Entity>(),
        of::<auth_user_groups::Entity>(),
        of::<auth_user_user_permissions::Entity>(),
        of::<authtoken_token::Entity>(),
        of::<dj_rest_auth_mfa_authenticator::Entity>(),
        of::<django_session::Entity>(),
        of::<django_site::Entity>(),
        of::<mfa_authenticator::Entity>(),
        of::<passkeys_webauthncredential::Entity>(),
        of::<rest_auth_claim::Entity>(),
        of::<rest_auth_known_client::Entity>(),
        of::<rest_auth_one_time::Entity>(),
        of::<rest_auth_outbox::Entity>(),
        of::<rest_auth_passkey::Entity>(),
        of::<rest_auth_passkey_user::Entity>(),
        of::<rest_auth_rate_limit::Entity>(),
        of::<rest_auth_reauthentication::Entity>(),
        of::<rest_auth_refresh_family::Entity>(),
        of::<rest_auth_refresh_token::Entity>(),
        of::<rest_auth_session::Entity>(),
        of::<rest_auth_setting::Entity>(),
        of::<rest_auth_token::Entity>(),
        of::<rest_auth_trusted_browser::Entity>(),
        of::<rest_auth_user::Entity>(),
        of::<rest_auth_user_field::Entity>(),
        of::<socialaccount_socialaccount::Entity>(),
        of::<socialaccount_socialapp::Entity>(),
        of::<socialaccount_socialtoken::Entity>(),
        of::<token_blacklist_blacklistedtoken::Entity>(),
        of::<token_blacklist_outstandingtoken::Entity>(),
        of::<usersessions_usersession::Entity>(),
    ])
}

fn of<E: EntityTrait>() -> (&'static str, BTreeSet<&'static str>) {
    let columns = E::Column::iter().map(|column| column.as_str());
    (E::default().table_name(), columns.collect())
}
