//! The rows that are deleted with a user, in this order, because Django's foreign keys do not
//! cascade.

use sea_orm::sea_query::{Condition, DeleteStatement, ExprTrait as _, UpdateStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait as _, DbErr, EntityName as _, EntityTrait,
    QueryFilter as _, QuerySelect as _, QueryTrait as _, Select,
};

use crate::connection::Transaction;
use crate::entity::{
    account_emailaddress as address, account_emailconfirmation as confirmation, auth_user,
    auth_user_groups, auth_user_user_permissions, authtoken_token, dj_rest_auth_mfa_authenticator,
    mfa_authenticator, passkeys_webauthncredential, rest_auth_claim, rest_auth_known_client,
    rest_auth_one_time, rest_auth_outbox as outbox, rest_auth_passkey, rest_auth_passkey_user,
    rest_auth_reauthentication, rest_auth_refresh_family, rest_auth_session, rest_auth_token,
    rest_auth_trusted_browser, rest_auth_user_field, socialaccount_socialaccount as social_account,
    socialaccount_socialtoken as social_token, token_blacklist_outstandingtoken as outstanding,
    usersessions_usersession,
};

/// What happens to rows of a user.
pub(crate) struct CascadeStep {
    /// The table without which there is nothing to do: a project has only the tables of the
    /// applications it installed.
    pub(crate) table: &'static str,
    change: RowChange,
}

enum RowChange {
    Delete(DeleteStatement),
    Update(UpdateStatement),
}

impl CascadeStep {
    /// Runs the statement of this step.
    pub(crate) async fn run(&self, tx: &Transaction) -> Result<(), DbErr> {
        match &self.change {
            RowChange::Delete(rows) => tx.execute(rows).await?,
            RowChange::Update(rows) => tx.execute(rows).await?,
        };
        Ok(())
    }
}

/// All steps of deleting a user.
pub(crate) fn steps(id: i64) -> Vec<CascadeStep> {
    vec![
        settled_mails(id),
        outstanding_tokens(id),
        rows::<authtoken_token::Entity>(authtoken_token::Column::UserId, id),
        confirmations(id),
        rows::<address::Entity>(address::Column::UserId, id),
        social_tokens(id),
        rows::<social_account::Entity>(social_account::Column::UserId, id),
        rows::<dj_rest_auth_mfa_authenticator::Entity>(
            dj_rest_auth_mfa_authenticator::Column::UserId,
            id,
        ),
        rows::<mfa_authenticator::Entity>(mfa_authenticator::Column::UserId, id),
        rows::<passkeys_webauthncredential::Entity>(
            passkeys_webauthncredential::Column::UserId,
            id,
        ),
        rows::<usersessions_usersession::Entity>(usersessions_usersession::Column::UserId, id),
        rows::<auth_user_groups::Entity>(auth_user_groups::Column::UserId, id),
        rows::<auth_user_user_permissions::Entity>(auth_user_user_permissions::Column::UserId, id),
        rows::<rest_auth_token::Entity>(rest_auth_token::Column::UserId, id),
        rows::<rest_auth_session::Entity>(rest_auth_session::Column::UserId, id),
        rows::<rest_auth_refresh_family::Entity>(rest_auth_refresh_family::Column::UserId, id),
        rows::<rest_auth_reauthentication::Entity>(rest_auth_reauthentication::Column::UserId, id),
        rows::<rest_auth_trusted_browser::Entity>(rest_auth_trusted_browser::Column::UserId, id),
        rows::<rest_auth_claim::Entity>(rest_auth_claim::Column::UserId, id),
        rows::<rest_auth_known_client::Entity>(rest_auth_known_client::Column::UserId, id),
        rows::<rest_auth_one_time::Entity>(rest_auth_one_time::Column::UserId, id),
        rows::<rest_auth_passkey::Entity>(rest_auth_passkey::Column::UserId, id),
        rows::<rest_auth_passkey_user::Entity>(rest_auth_passkey_user::Column::UserId, id),
        rows::<rest_auth_user_field::Entity>(rest_auth_user_field::Column::UserId, id),
        rows::<auth_user::Entity>(auth_user::Column::Id, id),
    ]
}

/// The rows of a table that name the user in a column.
fn rows<E: EntityTrait>(user: E::Column, id: i64) -> CascadeStep {
    delete::<E>(Condition::all().add(user.eq(id)))
}

fn delete<E: EntityTrait>(rows: Condition) -> CascadeStep {
    let change = RowChange::Delete(E::delete_many().filter(rows).into_query());
    CascadeStep { table: E::default().table_name(), change }
}

/// Mails that were given up or sent are deleted, because they hold the address and links. Waiting
/// mails are kept, so that a thief who deletes the account cannot suppress notices.
fn settled_mails(id: i64) -> CascadeStep {
    let settled = outbox::Column::SentAt.is_not_null().or(outbox::Column::DeadAt.is_not_null());
    let verified = addresses(id).filter(address::Column::Verified.eq(true));
    let verified = verified.select_only().column(address::Column::Email).into_query();
    let to_user = outbox::Column::ToAddress.in_subquery(verified);
    let mails = delete::<outbox::Entity>(Condition::all().add(settled).add(to_user));
    CascadeStep { table: address::Entity.table_name(), ..mails }
}

/// SimpleJWT's record of a token stays, without its user.
fn outstanding_tokens(id: i64) -> CascadeStep {
    let orphaned = outstanding::ActiveModel { user_id: Set(None), ..Default::default() };
    let rows = outstanding::Entity::update_many().set(orphaned);
    let rows = rows.filter(outstanding::Column::UserId.eq(id));
    CascadeStep {
        table: outstanding::Entity.table_name(),
        change: RowChange::Update(rows.into_query()),
    }
}

fn confirmations(id: i64) -> CascadeStep {
    let addresses = addresses(id).select_only().column(address::Column::Id).into_query();
    let sent = confirmation::Column::EmailAddressId.in_subquery(addresses);
    delete::<confirmation::Entity>(Condition::all().add(sent))
}

fn addresses(id: i64) -> Select<address::Entity> {
    address::Entity::find().filter(address::Column::UserId.eq(id))
}

fn social_tokens(id: i64) -> CascadeStep {
    let accounts = social_account::Entity::find().filter(social_account::Column::UserId.eq(id));
    let accounts = accounts.select_only().column(social_account::Column::Id).into_query();
    let issued = social_token::Column::AccountId.in_subquery(accounts);
    delete::<social_token::Entity>(Condition::all().add(issued))
}
