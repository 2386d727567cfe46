//! The rows that are deleted with a user, in this order, because Django's foreign keys do not
//! cascade.

use std::collections::HashSet;

use sea_orm::sea_query::{DeleteStatement, Expr, ExprTrait as _, UpdateStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait as _, DbErr, EntityName as _, EntityTrait,
    QueryFilter as _, QuerySelect as _, QueryTrait as _,
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
use crate::id::Id;

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
    /// The user has nothing that rows could belong to.
    Nothing,
}

impl CascadeStep {
    /// Runs the statement of this step.
    pub(crate) async fn run(&self, tx: &Transaction) -> Result<(), DbErr> {
        match &self.change {
            RowChange::Delete(rows) => tx.execute(rows).await?,
            RowChange::Update(rows) => tx.execute(rows).await?,
            RowChange::Nothing => return Ok(()),
        };
        Ok(())
    }
}

/// What a user has that rows of further tables belong to. It is read first, because MariaDB looks
/// up no row by an index for a DELETE with a query inside.
struct CascadeKeys {
    addresses: Vec<Id>,
    /// Those that are verified.
    emails: Vec<String>,
    social_accounts: Vec<Id>,
}

impl CascadeKeys {
    async fn read(tx: &Transaction, present: &HashSet<String>, id: i64) -> Result<Self, DbErr> {
        let mut owned =
            Self { addresses: Vec::new(), emails: Vec::new(), social_accounts: Vec::new() };
        if present.contains(address::Entity.table_name()) {
            let rows = address::Entity::find().filter(address::Column::UserId.eq(id));
            for row in rows.all(tx).await? {
                owned.addresses.push(row.id);
                owned.emails.extend(row.verified.then_some(row.email));
            }
        }
        if present.contains(social_account::Entity.table_name()) {
            let rows = social_account::Entity::find().filter(social_account::Column::UserId.eq(id));
            let ids = rows.select_only().column(social_account::Column::Id).into_tuple();
            owned.social_accounts = ids.all(tx).await?;
        }
        Ok(owned)
    }
}

/// All steps of deleting a user from a database with these tables.
pub(crate) async fn steps(
    tx: &Transaction,
    present: &HashSet<String>,
    id: i64,
) -> Result<Vec<CascadeStep>, DbErr> {
    let owned = CascadeKeys::read(tx, present, id).await?;
    Ok(vec![
        settled_mails(owned.emails),
        outstanding_tokens(id),
        rows::<authtoken_token::Entity>(authtoken_token::Column::UserId, id),
        belonging::<confirmation::Entity>(confirmation::Column::EmailAddressId, owned.addresses),
        rows::<address::Entity>(address::Column::UserId, id),
        belonging::<social_token::Entity>(social_token::Column::AccountId, owned.social_accounts),
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
    ])
}

/// The rows of a table that name the user in a column.
fn rows<E: EntityTrait>(user: E::Column, id: i64) -> CascadeStep {
    delete::<E>(user.eq(id))
}

fn delete<E: EntityTrait>(rows: Expr) -> CascadeStep {
    let change = RowChange::Delete(E::delete_many().filter(rows).into_query());
    CascadeStep { table: E::default().table_name(), change }
}

/// The rows of a table that belong to rows of the user, by the keys of those.
fn belonging<E: EntityTrait>(owner: E::Column, keys: Vec<Id>) -> CascadeStep {
    if keys.is_empty() {
        return CascadeStep { table: E::default().table_name(), change: RowChange::Nothing };
    }
    delete::<E>(owner.is_in(keys))
}

/// Mails that were given up or sent are deleted, because they hold the address and links. Waiting
/// mails are kept, so that a thief who deletes the account cannot suppress notices.
fn settled_mails(emails: Vec<String>) -> CascadeStep {
    if emails.is_empty() {
        return CascadeStep { table: outbox::Entity.table_name(), change: RowChange::Nothing };
    }
    let settled = outbox::Column::SentAt.is_not_null().or(outbox::Column::DeadAt.is_not_null());
    delete::<outbox::Entity>(outbox::Column::ToAddress.is_in(emails).and(settled))
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
