//! Invitations: codes with which somebody may register while `rest_auth.register` is `invite`, and
//! links with which the owner of an account that an administrator made chooses a password.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rest_auth_domain::email::Email;
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_domain::random;
use rest_auth_mail::{MailContent, MailKind};
use rest_auth_store::{CreatedUser, NewOneTime, OneTime, Outgoing};
use serde::{Deserialize, Serialize};

use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::{links, outbox, reset_link};

/// What rows of invitations are called in `rest_auth_one_time`.
const KIND: &str = "invitation";
/// How many letters and digits a code has: 190 bits.
const LENGTH: usize = 32;

/// The recipient of an invitation, and how it is delivered.
#[derive(Clone, Debug)]
pub enum Invitee {
    /// Anybody to whom the administrator gives the code.
    Anybody,
    /// The owner of an address; the administrator delivers the code.
    Address(Email),
    /// The owner of an address, by mail. Whoever uses the code has received that mail, so the
    /// address counts as verified.
    Mailed(Email),
}

/// A code that was issued. It has no `Debug`, because it holds secrets.
pub struct IssuedInvitation {
    /// The number by which it can be revoked.
    pub id: i64,
    /// The code; `None` if it was mailed, because then it is in the mail only.
    pub code: Option<String>,
    /// The page that takes it, where there is one; none without the code.
    pub url: Option<String>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// A code that can still be used, without the code.
#[derive(Clone, Debug)]
pub struct PendingInvitation {
    /// The number by which it can be revoked.
    pub id: i64,
    /// The address that it is for, if it is for one.
    pub email: Option<String>,
    /// Whether it was mailed there.
    pub mailed: bool,
    /// When it was issued.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// The reason why no invitation was issued, for the administrator.
#[derive(Debug, thiserror::Error)]
pub enum InvitationError {
    /// The link of a mail would lead nowhere.
    #[error(
        "rest_auth.invitation_url is not set, and this server has no page of its own: a mail has \
         no page to lead to; set it to the address of your page with {{code}} in it, set \
         account.link_pages = true and server.public_url, or print the code"
    )]
    NoUrl,
    /// A lifetime beyond the calendar.
    #[error("the invitation would end after the year 9999")]
    TooLong,
    /// Something else went wrong.
    #[error(transparent)]
    Failed(#[from] AuthError),
}

/// The stored facts about an invitation.
#[derive(Default, Deserialize, Serialize)]
struct Terms {
    email: Option<String>,
    mailed: bool,
}

/// An invitation that can still be used.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub(crate) id: i64,
    /// The address that the account must have.
    pub email: Option<String>,
    /// Whether the code proves that its holder reads the mail of that address.
    pub(crate) proves_address: bool,
}

/// Issues a code.
///
/// # Errors
/// [`InvitationError`].
pub async fn issue(
    auth: &Auth,
    context: &Context,
    recipient: Invitee,
    life: Duration,
) -> Result<IssuedInvitation, InvitationError> {
    let code = random::text(auth.random(), random::ALPHANUMERIC, LENGTH);
    let url = links::invitation(auth.settings(), &context.links, &code);
    let now = auth.now();
    let (terms, mails, shown) = match recipient {
        Invitee::Anybody => (Terms::default(), Vec::new(), Some((code.clone(), url))),
        Invitee::Address(email) => {
            let terms = Terms { email: Some(email.into_string()), mailed: false };
            (terms, Vec::new(), Some((code.clone(), url)))
        }
        Invitee::Mailed(email) => {
            let url = url.ok_or(InvitationError::NoUrl)?;
            let mail = mail(context, email.as_str(), url);
            let terms = Terms { email: Some(email.into_string()), mailed: true };
            (terms, vec![outbox::row(auth, &mail)], None)
        }
    };
    let expires_at = end(now, life).ok_or(InvitationError::TooLong)?;
    let new = NewOneTime {
        kind: KIND.to_owned(),
        digest: digest_of(&code),
        user_id: None,
        epoch: 0,
        data: serde_json::to_string(&terms).map_err(AuthError::internal)?,
        created_at: now,
        expires_at,
    };
    let kept = auth.store().insert_one_time_with_mail(&new, &mails.into()).await;
    let id = kept.map_err(AuthError::from)?;
    outbox::wake(auth);
    events::record(auth, &context.client, Event::Invitation { invitation: id });
    let (code, url) = shown.map_or((None, None), |(code, url)| (Some(code), url));
    Ok(IssuedInvitation { id, code, url, expires_at })
}

/// The invitations that can still be used, oldest first.
///
/// # Errors
/// Errors of the database.
pub async fn pending(auth: &Auth) -> Result<Vec<PendingInvitation>, AuthError> {
    let rows = auth.store().one_times(KIND, auth.now()).await?;
    let pending = |row: OneTime| {
        let Terms { email, mailed } = terms(&row);
        let OneTime { id, created_at, expires_at, .. } = row;
        PendingInvitation { id, email, mailed, created_at, expires_at }
    };
    Ok(rows.into_iter().map(pending).collect())
}

/// Revokes an invitation. `false`: there was none with this number that could still be used.
///
/// # Errors
/// Errors of the database.
pub async fn revoke(auth: &Auth, id: i64) -> Result<bool, AuthError> {
    Ok(auth.store().revoke_one_time(KIND, id, auth.now()).await?)
}

/// The invitation that a code is for, if it can still be used. It is used up by the transaction
/// that makes the account, so that a registration which fails leaves it as it was.
///
/// # Errors
/// Errors of the database.
pub async fn find(auth: &Auth, code: &str) -> Result<Option<Invitation>, AuthError> {
    let row = auth.store().one_time(KIND, &digest_of(code), auth.now()).await?;
    Ok(row.map(|row| {
        let Terms { email, mailed } = terms(&row);
        Invitation { id: row.id, email, proves_address: mailed }
    }))
}

fn terms(row: &OneTime) -> Terms {
    serde_json::from_str(&row.data).unwrap_or_default()
}

/// The mail to the owner of an account that an administrator made, with a link where the owner
/// chooses a password. The link is one of a password reset, but works for `life`: an owner who does
/// not expect an account may not read the mail soon.
pub(crate) fn to_owner(
    auth: &Auth,
    context: &Context,
    created: &CreatedUser,
    life: Duration,
) -> Outgoing {
    let url = reset_link::link_for(auth, context, created, life);
    Outgoing::from(vec![outbox::row(auth, &mail(context, &created.user.email, url))])
}

fn mail(context: &Context, to: &str, url: String) -> MailContent {
    MailContent::new(MailKind::Invitation, to, &context.language).with("invitation_url", url)
}

/// The end of something that begins now, up to the year 9999.
fn end(now: DateTime<Utc>, life: Duration) -> Option<DateTime<Utc>> {
    let end = now.checked_add_signed(TimeDelta::from_std(life).ok()?)?;
    (end.timestamp() < 253_402_300_800).then_some(end)
}
