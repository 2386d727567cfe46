//! The users of an address who may reset their password by it.

use rest_auth_domain::email;
use rest_auth_store::{Address, MatchedBy, User, UserWithPassword};

use crate::auth::Auth;
use crate::error::AuthError;
use crate::mailed_secret::{Recipient, SentTo};
use crate::{email_verification, lookup};

/// Those to mail to. Where there are none, as much is read as for one.
///
/// With `account.identify_by_proven_email`, of several accounts that were registered with one address
/// that nobody has verified, only the newest: whoever asks for a mail has just made that one, and an
/// earlier one is a stranger's, whom a mail that they did not ask for must not serve. Accounts that
/// an administrator made for the address stay.
pub(super) async fn to_mail(
    auth: &Auth,
    typed: &str,
) -> Result<Vec<Recipient<UserWithPassword>>, AuthError> {
    let mut owners = all(auth, typed).await?;
    let settings = auth.settings();
    if settings.account.identify_by_proven_email && settings.apps.has_allauth() {
        let rows = auth.store().address_rows(&typed.to_lowercase()).await?;
        let oldest = rows.iter().map(|row| row.id).min();
        // A registration makes a row that is the primary one, unless the address has a row already.
        let registered = |row: &&Address| !row.verified && (row.primary || Some(row.id) != oldest);
        let mut waiting: Vec<_> = rows.iter().filter(registered).map(|row| row.id).collect();
        let newest = waiting.iter().copied().max();
        waiting.retain(|id| Some(*id) != newest);
        owners.retain(|owner| owner.to.address_id.is_none_or(|id| !waiting.contains(&id)));
    }
    Ok(owners)
}

/// All active users whom the address identifies. Where there are none, as much is read as for one.
pub(super) async fn all(
    auth: &Auth,
    typed: &str,
) -> Result<Vec<Recipient<UserWithPassword>>, AuthError> {
    let wanted = email::canonical(typed);
    let has_allauth = auth.settings().apps.has_allauth();
    let mut owners: Vec<Recipient<UserWithPassword>> = Vec::new();
    for found in lookup::reachable_at::<UserWithPassword>(auth, typed).await? {
        let User { id, is_active, ref email, .. } = found.user.user;
        let known = owners.iter().any(|known| known.user.user.id == id);
        if !is_active || known {
            continue;
        }
        let email = match found.via {
            MatchedBy::UserEmail if has_allauth => email.to_lowercase(),
            // Django mails to the address as it is stored.
            MatchedBy::UserEmail => email.clone(),
            _ => typed.to_lowercase(),
        };
        // A collation may treat look-alike letters as equal. The link must not go to another
        // mailbox.
        if email::canonical(&email) != wanted {
            continue;
        }
        // Without allauth the form is Django's, which passes over users who have no password.
        if !has_allauth && !found.user.password.is_usable() {
            continue;
        }
        // Where a row could be taken for that of a registration, it is made once it is proven.
        if has_allauth
            && found.via == MatchedBy::UserEmail
            && !auth.settings().account.identify_by_proven_email
        {
            email_verification::record_own(auth, &found.user.user).await?;
        }
        if let Some(to) = address_of(auth, &found.user.user, &email).await? {
            owners.push(Recipient { user: found.user, to });
        }
    }
    if owners.is_empty() {
        let Recipient { user: nobody, to } = Recipient::nobody(auth);
        address_of(auth, &nobody.user, &to.email).await?;
    }
    Ok(owners)
}

/// The stored spelling of an address, if it belongs to the user and identifies the account. Mail
/// never goes to the address as it was typed.
pub(super) async fn address_of(
    auth: &Auth,
    user: &User,
    email: &str,
) -> Result<Option<SentTo>, AuthError> {
    let rows = auth.store().addresses_of(user.id).await?;
    let lower = email.to_lowercase();
    if !lookup::identifies(auth, user, &rows, &lower) {
        return Ok(None);
    }
    let row = rows.into_iter().find(|row| row.email.to_lowercase() == lower);
    if row.is_none() && user.email.to_lowercase() != lower {
        return Ok(None);
    }
    Ok(Some(SentTo { email: email.to_owned(), address_id: row.map(|row| row.id) }))
}
