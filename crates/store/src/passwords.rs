//! Passwords as they are stored, and their changes. Credentials that a change ends are ended in the
//! same transaction.

use rest_auth_domain::opaque_token::digest_of;
use rest_auth_domain::password::EncodedPassword;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Condition, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use crate::connection::Transaction;
use crate::entity::auth_user::{ActiveModel, Column, Entity};
use crate::entity::rest_auth_user;
use crate::outgoing::{self, Outgoing};
use crate::renewal::Renewal;
use crate::write::{Commit, RollBack};
use crate::{Store, StoreError};

/// A new password of a user.
#[derive(Clone, Copy)]
pub struct NewPassword<'a> {
    /// The user's id.
    pub user_id: i64,
    /// The old password. If it is given, the change is refused if another one is stored by now.
    pub old: Option<&'a EncodedPassword>,
    /// The password.
    pub new: &'a EncodedPassword,
    /// What happens to the credentials of the user.
    pub renewal: &'a Renewal,
    /// What the change causes.
    pub outgoing: &'a Outgoing,
}

impl Store {
    /// The passwords of the users that were made last, as they are stored. None where there are no
    /// users yet.
    pub async fn newest_passwords(&self, most: u64) -> Result<Vec<EncodedPassword>, StoreError> {
        if !rest_auth_migration::has_table(self.reader(), "auth_user").await? {
            return Ok(Vec::new());
        }
        let newest = Entity::find().select_only().column(Column::Password);
        let newest = newest.order_by_desc(Column::Id).limit(most).into_tuple::<String>();
        Ok(newest.all(self.reader()).await?.into_iter().map(EncodedPassword::new).collect())
    }

    /// Changes a password. `false`: there is no such user, or the password is not `old` any more;
    /// of two requests with the same `old`, one returns `true`.
    pub async fn change_password(&self, password: NewPassword<'_>) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            let changed = self.write_password(&tx, password).await?;
            Ok(if changed { Commit(true) } else { RollBack(false) })
        })
        .await
    }

    /// Stores a stronger hash of the same password. `false`: the password is not `old` any more.
    pub async fn rehash_password(
        &self,
        user_id: i64,
        old: &EncodedPassword,
        new: &EncodedPassword,
    ) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            if !set(&tx, user_id, Some(old), new).await? {
                return Ok(RollBack(false));
            }
            // What was guessed before still is.
            let mark = |password: &EncodedPassword| Some(digest_of(password.as_str()));
            let marked = rest_auth_user::ActiveModel {
                guessed_password: Set(mark(new)),
                ..Default::default()
            };
            let rows = rest_auth_user::Entity::update_many().set(marked);
            let rows = rows.filter(rest_auth_user::Column::UserId.eq(user_id));
            let rows = rows.filter(rest_auth_user::Column::GuessedPassword.eq(mark(old)));
            rows.exec(&tx).await?;
            Ok(Commit(true))
        })
        .await
    }

    /// Notes that somebody who may have guessed it has given the password with this hash. It holds
    /// until the user has another one.
    pub async fn note_guessed_password(
        &self,
        user_id: i64,
        password: &EncodedPassword,
    ) -> Result<(), StoreError> {
        let row = rest_auth_user::ActiveModel {
            user_id: Set(user_id),
            epoch: Set(0),
            guessed_password: Set(Some(digest_of(password.as_str()))),
        };
        let noted = OnConflict::column(rest_auth_user::Column::UserId)
            .update_column(rest_auth_user::Column::GuessedPassword)
            .to_owned();
        let insert = rest_auth_user::Entity::insert(row).on_conflict(noted);
        insert.exec_without_returning(self.writer()).await?;
        Ok(())
    }

    /// Changes a password within a transaction, as [`change_password`](Self::change_password) does.
    pub(crate) async fn write_password(
        &self,
        tx: &Transaction,
        password: NewPassword<'_>,
    ) -> Result<bool, StoreError> {
        let NewPassword { user_id, old, new, renewal, outgoing } = password;
        if !set(tx, user_id, old, new).await? {
            return Ok(false);
        }
        self.renew(tx, user_id, renewal).await?;
        outgoing::insert(tx, outgoing).await?;
        Ok(true)
    }
}

async fn set<C: ConnectionTrait>(
    db: &C,
    user_id: i64,
    old: Option<&EncodedPassword>,
    new: &EncodedPassword,
) -> Result<bool, DbErr> {
    let password = ActiveModel { password: Set(new.as_str().to_owned()), ..Default::default() };
    let is_old = old.map(|old| Column::Password.eq(old.as_str()));
    let user = Condition::all().add(Column::Id.eq(user_id)).add_option(is_old);
    Ok(Entity::update_many().set(password).filter(user).exec(db).await?.rows_affected == 1)
}
