//! Deleting a user, as Django does: the rows that refer to it first, in code, because no foreign
//! key of Django's deletes by itself.

use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, IntoTableRef as _, Query};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbErr, EntityTrait as _, FromQueryResult as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::cascade::CascadeStep;
use crate::connection::Transaction;
use crate::entity::auth_user::{Column, Entity};
use crate::id::Id;
use crate::outgoing::{self, Outgoing};
use crate::statements::{Reference, references_to_users};
use crate::write::{Commit, Decision, RollBack};
use crate::{Store, StoreError, cascade, epochs, user_lock};

/// The result of deleting a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// The user is deleted, with all their rows.
    Deleted,
    /// There is no such user.
    NotFound,
    /// Tables that this server does not know refer to it; nothing was changed. Deactivate the
    /// user, or delete it in Django, which knows what those rows mean. The list is empty when they
    /// refer to something that would have gone along, such as an address.
    ReferencedBy(Vec<String>),
}

impl Store {
    /// Deletes a user and everything that belongs to it. Sessions of Django's are not linked to
    /// users: they stay until they expire and read as anonymous.
    pub async fn delete_user(&self, id: i64) -> Result<Deletion, StoreError> {
        let outgoing = &Outgoing::default();
        let deleted = self.write(|tx| async move { self.delete(&tx, id, outgoing).await }).await;
        or_referenced(deleted)
    }

    /// Deletes a user and puts mails about it into the outbox, both or neither, unless it is the
    /// last active superuser: `None` then, and nothing was changed.
    pub async fn delete_user_unless_last_superuser(
        &self,
        id: i64,
        outgoing: &Outgoing,
    ) -> Result<Option<Deletion>, StoreError> {
        let deleted = self.write(|tx| async move {
            if is_last_superuser(&tx, id).await? {
                return Ok(RollBack(None));
            }
            Ok(match self.delete(&tx, id, outgoing).await? {
                Commit(done) => Commit(Some(done)),
                RollBack(refused) => RollBack(Some(refused)),
            })
        });
        or_referenced(deleted.await)
    }

    async fn delete(
        &self,
        tx: &Transaction,
        id: i64,
        outgoing: &Outgoing,
    ) -> Result<Decision<Deletion>, StoreError> {
        if user_lock::lock(tx, id).await?.is_none() {
            return Ok(RollBack(Deletion::NotFound));
        }
        let present = rest_auth_migration::tables(tx).await?;
        let steps = cascade::steps(tx, &present, id).await?;
        let others = referencing_tables(tx, &steps, id).await?;
        if !others.is_empty() {
            return Ok(RollBack(Deletion::ReferencedBy(others)));
        }
        for step in steps.iter().filter(|step| present.contains(step.table)) {
            step.run(tx).await?;
        }
        // If the key is ever used again, for example after a restored backup, old credentials must
        // not be valid.
        epochs::raise(tx, id).await?;
        outgoing::insert(tx, outgoing).await?;
        Ok(Commit(Deletion::Deleted))
    }
}

/// A violated foreign key of an unknown table is an expected result. Deferred keys are checked at
/// COMMIT.
fn or_referenced<D: From<Deletion>>(deleted: Result<D, StoreError>) -> Result<D, StoreError> {
    match deleted {
        Err(error) if error.is_foreign_key() => Ok(Deletion::ReferencedBy(Vec::new()).into()),
        other => other,
    }
}

/// Locks all superusers, so that of two concurrent deletions the second sees the first. Others are
/// not asked for: who is none cannot be the last.
async fn is_last_superuser(tx: &Transaction, id: i64) -> Result<bool, DbErr> {
    let own = Entity::find_by_id(id).select_only().column(Column::IsSuperuser);
    if own.into_tuple::<bool>().one(tx).await? != Some(true) {
        return Ok(false);
    }
    // As a constant: our index holds superusers alone, and the databases cannot know that a value
    // which they are yet to get is one.
    let is_superuser = Expr::col((Entity, Column::IsSuperuser)).eq(Expr::Constant(true.into()));
    let superusers = Entity::find()
        .filter(is_superuser.and(Column::IsActive.eq(true)))
        .order_by_asc(Column::Id)
        .lock_exclusive();
    let superusers = superusers.select_only().column(Column::Id).into_tuple::<Id>();
    Ok(matches!(superusers.all(tx).await?.as_slice(), [only] if only.0 == id))
}

/// Tables outside the cascade with a row that refers to the user.
async fn referencing_tables(
    tx: &Transaction,
    known: &[CascadeStep],
    id: i64,
) -> Result<Vec<String>, DbErr> {
    let references = references_to_users(tx.get_database_backend());
    let mut found = Vec::new();
    for reference in Reference::find_by_statement(references).all(tx).await? {
        let name = reference.name();
        let is_known = known.iter().any(|step| step.table == name);
        if !is_known && !found.contains(&name) && refers(tx, reference, id).await? {
            found.push(name);
        }
    }
    Ok(found)
}

async fn refers(tx: &Transaction, reference: Reference, id: i64) -> Result<bool, DbErr> {
    let Reference { schema_name, table_name, column_name } = reference;
    let table = match schema_name {
        Some(schema) => (Alias::new(schema), Alias::new(table_name)).into_table_ref(),
        None => Alias::new(table_name).into_table_ref(),
    };
    let user = Expr::col(Alias::new(column_name)).eq(id);
    let row = Query::select().expr(Expr::val(1)).from(table).and_where(user).limit(1).take();
    Ok(tx.query_one(&row).await?.is_some())
}
