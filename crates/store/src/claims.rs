//! `rest_auth_claim`: the names and addresses that users have, each in its canonical form, so that
//! a unique key keeps apart what Django's columns let several users have.
//!
//! A claim counts as long as its user still has what it stands for, so that Django may rename and
//! delete users without knowing of claims. One that does not count is taken over. What Django
//! wrote has no claim and is looked up as well.

use rest_auth_domain::opaque_token::digest_of;
use rest_auth_domain::{email, username};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};

use crate::connection::Transaction;
use crate::entity::rest_auth_claim::{ActiveModel, Column, Entity, Model};
use crate::entity::{account_emailaddress, auth_user};
use crate::{Backend, StoreError, Unique, ignoring_case};

/// No user has this key. What is asked about it costs as much as what is asked about a user.
const NOBODY: i64 = 0;

/// When two user names are the same, so that only one user gets it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameName {
    /// Character by character: for an account of another system, which had its name there.
    Exactly,
    /// Without regard to case.
    #[default]
    IgnoringCase,
    /// Without regard to case and to compatible forms of a character, such as full-width letters
    /// (Unicode normalization form KC).
    LookingAlike,
}

/// What a claim stands for, as the database names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClaimKind {
    /// A user name without regard to case.
    Username,
    /// A user name without regard to case and compatible forms.
    LookAlike,
    /// A verified address.
    Email,
}

impl ClaimKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::LookAlike => "look_alike",
            Self::Email => "email",
        }
    }

    /// The form in which two texts of this kind are the same.
    fn canonical(self, text: &str) -> String {
        match self {
            Self::Username => text.to_lowercase(),
            Self::LookAlike => username::canonical(text),
            Self::Email => email::canonical(text),
        }
    }

    /// The digest under which a text is claimed.
    pub(crate) fn digest(self, text: &str) -> String {
        digest_of(&self.canonical(text))
    }
}

/// Gives a name to a user within a transaction. Of several that do so at once, one succeeds, unless
/// only exactly the same name counts: then those that come later have it without a claim.
///
/// # Errors
/// `Taken(Username)` if another user has the name, with or without a claim.
pub(crate) async fn take_username(
    tx: &Transaction,
    backend: Backend,
    user_id: i64,
    name: &str,
    same: SameName,
) -> Result<(), StoreError> {
    let is_exact = same == SameName::Exactly;
    for kind in kinds(same) {
        if !take(tx, kind, name, user_id).await? && !is_exact {
            return Err(StoreError::Taken(Unique::Username));
        }
    }
    if !is_exact && ignoring_case::is_named_another(tx, backend, name, Some(user_id)).await? {
        return Err(StoreError::Taken(Unique::Username));
    }
    let former = Entity::delete_many()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::Kind.is_in([ClaimKind::Username.as_str(), ClaimKind::LookAlike.as_str()]))
        .filter(
            Column::Digest.is_not_in(kinds(SameName::LookingAlike).map(|kind| kind.digest(name))),
        );
    former.exec(tx).await?;
    Ok(())
}

/// Gives a verified address to a user within a transaction. Of several that do so at once, one
/// succeeds.
///
/// # Errors
/// `Taken(VerifiedEmail)` if another user has verified it, in whatever spelling.
pub(crate) async fn take_email(
    tx: &Transaction,
    user_id: i64,
    address: &str,
) -> Result<(), StoreError> {
    if take(tx, ClaimKind::Email, address, user_id).await? {
        return Ok(());
    }
    Err(StoreError::Taken(Unique::VerifiedEmail))
}

/// Whether a user other than `excluding` has claimed one of the forms of this name that count.
pub(crate) async fn is_username_claimed<C: ConnectionTrait>(
    db: &C,
    name: &str,
    same: SameName,
    excluding: Option<i64>,
) -> Result<bool, DbErr> {
    for kind in kinds(same) {
        if let Some(claim) = Entity::find_by_id(key(kind, name)).one(db).await?
            && Some(claim.user_id) != excluding
            && counts(db, kind, name, claim.user_id).await?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a user has claimed this address.
pub(crate) async fn is_email_claimed<C: ConnectionTrait>(
    db: &C,
    address: &str,
) -> Result<bool, DbErr> {
    let claim = Entity::find_by_id(key(ClaimKind::Email, address)).one(db).await?;
    // Nobody's addresses are read like somebody's, so that the response time does not tell.
    let holder = claim.map_or(NOBODY, |claim| claim.user_id);
    counts(db, ClaimKind::Email, address, holder).await
}

/// The claims of a name. One that is taken as it is claims all that is free, so that nobody gets a
/// name that looks like it.
fn kinds(same: SameName) -> impl Iterator<Item = ClaimKind> {
    let further = (same != SameName::IgnoringCase).then_some(ClaimKind::LookAlike);
    std::iter::once(ClaimKind::Username).chain(further)
}

fn key(kind: ClaimKind, text: &str) -> (String, String) {
    (kind.as_str().to_owned(), kind.digest(text))
}

/// Claims a text. `false`: it belongs to another user.
async fn take(tx: &Transaction, kind: ClaimKind, text: &str, user_id: i64) -> Result<bool, DbErr> {
    let (name, digest) = key(kind, text);
    let row =
        ActiveModel { kind: Set(name.clone()), digest: Set(digest.clone()), user_id: Set(user_id) };
    let primary = [Column::Kind, Column::Digest];
    let stays = OnConflict::columns(primary).do_nothing_on(primary).to_owned();
    // Waits for a transaction that has inserted the same one, until that has ended.
    Entity::insert(row).on_conflict(stays).exec_without_returning(tx).await?;
    let held = Entity::find_by_id((name.clone(), digest.clone())).lock_exclusive().one(tx).await?;
    let Some(Model { user_id: holder, .. }) = held else { return Ok(false) };
    if holder == user_id {
        return Ok(true);
    }
    if counts(tx, kind, text, holder).await? {
        return Ok(false);
    }
    let taken_over = ActiveModel { user_id: Set(user_id), ..Default::default() };
    let claim = Entity::update_many().set(taken_over).filter(Column::Kind.eq(name));
    let claim = claim.filter(Column::Digest.eq(digest)).filter(Column::UserId.eq(holder));
    Ok(claim.exec(tx).await?.rows_affected == 1)
}

/// Whether the user of a claim still has what it stands for.
async fn counts<C: ConnectionTrait>(
    db: &C,
    kind: ClaimKind,
    text: &str,
    holder: i64,
) -> Result<bool, DbErr> {
    let held: Vec<String> = match kind {
        ClaimKind::Username | ClaimKind::LookAlike => {
            let name = auth_user::Entity::find_by_id(holder).select_only();
            name.column(auth_user::Column::Username).into_tuple().all(db).await?
        }
        ClaimKind::Email => {
            use account_emailaddress::Column as Address;
            let verified = account_emailaddress::Entity::find()
                .filter(Address::UserId.eq(holder))
                .filter(Address::Verified.eq(true));
            verified.select_only().column(Address::Email).into_tuple().all(db).await?
        }
    };
    let wanted = kind.canonical(text);
    Ok(held.iter().any(|held| kind.canonical(held) == wanted))
}
