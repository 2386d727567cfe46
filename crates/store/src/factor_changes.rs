//! Second factors are set up, removed and renewed. What a change causes is written with it.

use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait as _, DbErr, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use serde_json::Value;

use crate::accounts::SingleUse;
use crate::connection::Transaction;
use crate::entity::dj_rest_auth_mfa_authenticator::{Column, Entity};
use crate::entity::{
    mfa_authenticator as allauth, passkeys_webauthncredential as passkeys,
    rest_auth_passkey as twin,
};
use crate::factors::Factors;
use crate::mfa::{self, Authenticator, FactorKind, FactorUse, FactorUsed};
use crate::one_time::NewOneTime;
use crate::outgoing::{self, Outgoing};
use crate::renewal::Renewal;
use crate::write::{Commit, RollBack};
use crate::{Store, StoreError, factors, one_time, trusted_browsers, user_lock};

/// What a change of factors causes.
#[derive(Clone, Copy)]
pub struct FactorChange<'a> {
    /// The user.
    pub user_id: i64,
    /// What happens to the credentials of the user.
    pub renewal: &'a Renewal,
    /// The mails about it, and what else it causes.
    pub outgoing: &'a Outgoing,
}

/// An authenticator app to set up, and the recovery codes that come with it.
#[derive(Clone, Copy)]
pub struct NewFactors<'a> {
    /// The data of the app.
    pub totp: &'a Value,
    /// The data of the recovery codes.
    pub recovery_codes: &'a Value,
    /// The token with the secret of the app, which is used up.
    pub activation: &'a NewOneTime,
}

/// Whether a user who has these factors may set another one up.
pub type MaySetUp<'a> = &'a (dyn Fn(&[Authenticator]) -> bool + Send + Sync);

/// On which terms a factor is set up. They are looked at while the user is locked, so that of two
/// requests at the same moment the later one sees what the other has set up.
#[derive(Clone, Copy)]
pub struct SetUpTerms<'a> {
    /// The login that it completes, which is used up.
    pub login: Option<SingleUse>,
    /// The tables whose factors are looked at.
    pub tables: Factors,
    /// Whether the factors that the user has allow it.
    pub may: MaySetUp<'a>,
}

/// The result of setting factors up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetUp {
    /// They are set up.
    Done,
    /// What the user has does not allow it, or the user is gone.
    Already,
    /// The login was completed before.
    Spent,
}

/// When recovery codes end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodesEnd {
    /// With the authenticator app. Those of allauth stay beside its passkeys.
    WithApp,
    /// With the last other factor: passkeys keep them.
    WithLastFactor,
}

/// Whose authenticator apps and recovery codes a change takes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packages {
    /// Those of dj-rest-auth. Those of django-allauth do not count here: they are a matter between
    /// the user and Django, where its logins go on asking for them.
    DjRestAuth,
    /// Those of both.
    Both,
}

/// What goes with an authenticator app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppRemoval {
    /// When the recovery codes end.
    pub codes: CodesEnd,
    /// Whose factors go.
    pub packages: Packages,
}

const OF_APP: [&str; 2] = ["totp", "recovery_codes"];

impl Store {
    /// Sets an authenticator app up, with recovery codes in place of earlier ones.
    ///
    /// # Errors
    /// `Taken(Token)` when the token with its secret was used before.
    pub async fn set_up_factors(
        &self,
        new: NewFactors<'_>,
        terms: SetUpTerms<'_>,
        change: FactorChange<'_>,
    ) -> Result<SetUp, StoreError> {
        self.write(|tx| async move {
            let FactorChange { user_id, renewal, .. } = change;
            if let Some(hindered) = self.hindrance(&tx, user_id, terms).await? {
                return Ok(RollBack(hindered));
            }
            one_time::insert(&tx, new.activation).await?;
            let rows =
                [(FactorKind::Totp, new.totp), (FactorKind::RecoveryCodes, new.recovery_codes)];
            for (kind, data) in rows {
                mfa::upsert(&tx, user_id, kind, data, renewal.now).await?;
            }
            self.settle(&tx, change).await?;
            Ok(Commit(SetUp::Done))
        })
        .await
    }

    /// Removes the authenticator app of a user, and the recovery codes that end with it, if the use
    /// of a factor is `Done`.
    pub async fn remove_factors(
        &self,
        usage: &FactorUse<'_>,
        removal: AppRemoval,
        change: FactorChange<'_>,
    ) -> Result<FactorUsed, StoreError> {
        self.write(|tx| async move {
            match mfa::apply(&tx, usage).await? {
                FactorUsed::Done => {}
                other => return Ok(RollBack(other)),
            }
            self.remove(&tx, change.user_id, removal).await?;
            self.settle(&tx, change).await?;
            Ok(Commit(FactorUsed::Done))
        })
        .await
    }

    /// Removes the authenticator app of a user, and the recovery codes that end with it.
    pub async fn remove_app(
        &self,
        removal: AppRemoval,
        change: FactorChange<'_>,
    ) -> Result<(), StoreError> {
        self.write(|tx| async move {
            user_lock::lock(&tx, change.user_id).await?;
            self.remove(&tx, change.user_id, removal).await?;
            self.settle(&tx, change).await?;
            Ok(Commit(()))
        })
        .await
    }

    /// Removes all second factors of a user, passkeys among them, as an administrator does for
    /// somebody who has lost them, and tells how many there were.
    pub async fn reset_factors(&self, change: FactorChange<'_>) -> Result<u64, StoreError> {
        self.write(|tx| async move {
            user_lock::lock(&tx, change.user_id).await?;
            let mut removed = 0;
            if self.has_mfa() {
                let rows = Entity::delete_many().filter(Column::UserId.eq(change.user_id));
                removed += rows.exec(&tx).await?.rows_affected;
            }
            if self.has_allauth_mfa() {
                let rows = allauth::Entity::delete_many();
                let rows = rows.filter(allauth::Column::UserId.eq(change.user_id));
                removed += rows.exec(&tx).await?.rows_affected;
            }
            let rows = passkeys::Entity::delete_many();
            let rows = rows.filter(passkeys::Column::UserId.eq(change.user_id));
            removed += rows.exec(&tx).await?.rows_affected;
            // What is known beside the rows of either package.
            let twins = twin::Entity::delete_many().filter(twin::Column::UserId.eq(change.user_id));
            twins.exec(&tx).await?;
            if removed > 0 {
                self.settle(&tx, change).await?;
            }
            Ok(Commit(removed))
        })
        .await
    }

    /// Replaces the recovery codes of a user.
    pub async fn renew_recovery_codes(
        &self,
        data: &Value,
        packages: Packages,
        change: FactorChange<'_>,
    ) -> Result<(), StoreError> {
        self.write(|tx| async move {
            let FactorChange { user_id, renewal, .. } = change;
            user_lock::lock(&tx, user_id).await?;
            let kind = FactorKind::RecoveryCodes;
            mfa::upsert(&tx, user_id, kind, data, renewal.now).await?;
            if self.removes_allauths(packages) {
                let rows = allauth::Entity::delete_many()
                    .filter(allauth::Column::UserId.eq(user_id))
                    .filter(allauth::Column::Type.eq(FactorKind::RecoveryCodes.name()));
                rows.exec(&tx).await?;
            }
            self.settle(&tx, change).await?;
            Ok(Commit(()))
        })
        .await
    }

    /// Whether a change takes rows of django-allauth away, too.
    fn removes_allauths(&self, packages: Packages) -> bool {
        packages == Packages::Both && self.has_allauth_mfa()
    }

    async fn remove(
        &self,
        tx: &Transaction,
        user_id: i64,
        removal: AppRemoval,
    ) -> Result<(), DbErr> {
        let AppRemoval { codes, packages } = removal;
        let has_allauths = self.has_passkey_of_allauth(tx, user_id).await?;
        let has_any = codes == CodesEnd::WithLastFactor
            && (has_allauths || has_passkey_of_dj_rest_auth(tx, user_id).await?);
        let removed = |stay: bool| if stay { &OF_APP[..1] } else { &OF_APP[..] }.iter().copied();
        if self.has_mfa() {
            let rows = Entity::delete_many().filter(Column::UserId.eq(user_id));
            rows.filter(Column::Type.is_in(removed(has_any))).exec(tx).await?;
        }
        if self.removes_allauths(packages) {
            let rows = allauth::Entity::delete_many().filter(allauth::Column::UserId.eq(user_id));
            let kinds = removed(has_any || has_allauths);
            rows.filter(allauth::Column::Type.is_in(kinds)).exec(tx).await?;
        }
        Ok(())
    }

    /// Removes the recovery codes of a user who is locked, if they have no other factor any more.
    pub(crate) async fn remove_lonely_codes(
        &self,
        tx: &Transaction,
        user_id: i64,
    ) -> Result<(), DbErr> {
        let codes = FactorKind::RecoveryCodes.name();
        let mut others =
            passkeys::Entity::find().filter(passkeys::Column::UserId.eq(user_id)).count(tx).await?;
        let own = Column::UserId.eq(user_id);
        if self.has_mfa() {
            let rows = Entity::find().filter(own.clone());
            others += rows.filter(Column::Type.ne(codes)).count(tx).await?;
        }
        let theirs = allauth::Column::UserId.eq(user_id);
        if self.has_allauth_mfa() {
            let no_codes = allauth::Column::Type.ne(codes);
            let which = Condition::all().add(theirs.clone()).add(no_codes);
            others += factors::count_at_allauth(tx, which).await?;
        }
        if others > 0 {
            return Ok(());
        }
        if self.has_mfa() {
            Entity::delete_many().filter(own).exec(tx).await?;
        }
        if self.has_allauth_mfa() {
            allauth::Entity::delete_many().filter(theirs).exec(tx).await?;
        }
        Ok(())
    }

    /// Why a user, who is locked from here on, can set no factor up on these terms. None: they can,
    /// and the login that it completes is used up.
    pub(crate) async fn hindrance(
        &self,
        tx: &Transaction,
        user_id: i64,
        terms: SetUpTerms<'_>,
    ) -> Result<Option<SetUp>, StoreError> {
        let is_there = user_lock::lock(tx, user_id).await?.is_some();
        if let Some(SingleUse { id, now }) = terms.login
            && !one_time::consume(tx, id, now).await?
        {
            return Ok(Some(SetUp::Spent));
        }
        let all = self.authenticators_on(tx, user_id, terms.tables).await?;
        Ok((!is_there || !(terms.may)(&all)).then_some(SetUp::Already))
    }

    async fn has_passkey_of_allauth(&self, tx: &Transaction, user_id: i64) -> Result<bool, DbErr> {
        if !self.has_allauth_mfa() {
            return Ok(false);
        }
        let is_key = allauth::Column::Type.eq(FactorKind::Passkey.name());
        let keys = Condition::all().add(allauth::Column::UserId.eq(user_id)).add(is_key);
        Ok(factors::count_at_allauth(tx, keys).await? > 0)
    }

    /// Writes what a change causes.
    pub(crate) async fn settle(
        &self,
        tx: &Transaction,
        change: FactorChange<'_>,
    ) -> Result<(), StoreError> {
        // A browser was trusted with the factors of its time, whether other logins go on or not.
        trusted_browsers::forget_of(tx, change.user_id).await?;
        self.renew(tx, change.user_id, change.renewal).await?;
        Ok(outgoing::insert(tx, change.outgoing).await?)
    }
}

async fn has_passkey_of_dj_rest_auth(tx: &Transaction, user_id: i64) -> Result<bool, DbErr> {
    let keys = passkeys::Entity::find().filter(passkeys::Column::UserId.eq(user_id));
    Ok(keys.count(tx).await? > 0)
}
