//! Writes an account after its form was checked, or a decoy.

use rest_auth_domain::message::Message;
use rest_auth_domain::password::EncodedPassword;
use rest_auth_mail::{MailContent, MailKind};
use rest_auth_store::{CreatedUser, NewAddress, NewUser, Outgoing, SingleUse, StoreError, Unique};

use super::{INVITATION_CODE, Mode, Wanted};
use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::limits::mail_allowance;
use crate::settings::account::EmailVerification;
use crate::{email_verification, outbox, username};

/// How often another name is derived because the last one was taken meanwhile.
const MOST_NAMES: usize = 5;

/// The result of one attempt to write an account.
enum Attempt {
    /// The account is stored.
    Made(CreatedUser),
    /// It was rolled back, as a decoy is.
    RolledBack,
    /// Another registration used the invitation up.
    InvitationUsed,
}

/// Makes the account and, in the same transaction, the mail with the key for its address.
///
/// A decoy does the same for an address that is registered, rolls the account back, and mails the
/// owner of the address that somebody tried to register with it. The answer and the response time
/// are the same, and a name that was taken meanwhile is refused in the same way.
///
/// # Errors
/// [`AuthError::Invalid`] if the invitation, the name or the address was taken meanwhile.
pub(super) async fn write(
    auth: &Auth,
    context: &Context,
    wanted: &mut Wanted,
    password: EncodedPassword,
) -> Result<Option<CreatedUser>, AuthError> {
    // A mail is counted once it is written: of several registrations that want one name at the
    // same moment, those that lose must not take the mail away from the one that wins.
    let mails =
        asks_for_mail(auth, wanted) && mail_allowance::peek(auth, context, &wanted.email).await?;
    let mut names = 0;
    let created = loop {
        let user = new_user(auth, wanted, password.clone());
        match attempt(auth, context, wanted, &user, mails).await {
            Ok(Attempt::Made(created)) => break Some(created),
            Ok(Attempt::RolledBack) => break None,
            Ok(Attempt::InvitationUsed) => {
                return Err(AuthError::field(INVITATION_CODE, Message::InvalidInvitation));
            }
            Err(error) => rename(auth, wanted, &mut names, error).await?,
        }
    };
    if mails {
        outbox::wake(auth);
        mail_allowance::consume(auth, context, &wanted.email).await?;
    }
    Ok(created)
}

async fn attempt(
    auth: &Auth,
    context: &Context,
    wanted: &Wanted,
    user: &NewUser,
    mails: bool,
) -> Result<Attempt, StoreError> {
    let single_use = wanted.invitation.as_ref();
    let single_use = single_use.map(|invitation| SingleUse { id: invitation.id, now: auth.now() });
    match wanted.mode {
        Mode::Real => {
            let mails = |created: &CreatedUser| match created.addresses.first() {
                Some(address) if mails => {
                    email_verification::outgoing(auth, context, &created.user, address)
                }
                _ => Outgoing::default(),
            };
            let made = auth.store().admit_user(user, single_use, mails).await?;
            Ok(made.map_or(Attempt::InvitationUsed, Attempt::Made))
        }
        Mode::Decoy => {
            let notice =
                if mails { notice(auth, context, &wanted.email) } else { Outgoing::default() };
            let fits = auth.store().insert_and_roll_back(user, single_use, &notice).await?;
            Ok(if fits { Attempt::RolledBack } else { Attempt::InvitationUsed })
        }
    }
}

/// The mail to the owner of an address with which somebody tried to register, and a key or code as
/// it is written for a new account.
pub(crate) fn notice(auth: &Auth, context: &Context, email: &str) -> Outgoing {
    let mail = MailContent::new(MailKind::AccountAlreadyExists, email, &context.language);
    let mails = vec![outbox::row(auth, &mail)];
    if auth.settings().account.email_verification == EmailVerification::None {
        return mails.into();
    }
    Outgoing { mails, ..email_verification::decoy(auth, context) }
}

/// Whether the mail asks to verify the address, or notifies its owner.
fn asks_for_mail(auth: &Auth, wanted: &Wanted) -> bool {
    wanted.mode == Mode::Decoy
        || (auth.settings().account.email_verification != EmailVerification::None
            && !wanted.email.is_empty()
            && !wanted.address_is_proven())
}

/// Derives another name if the last one was taken meanwhile and the user did not choose it.
///
/// # Errors
/// The error that came with the last name, if it is another, or the name was chosen.
async fn rename(
    auth: &Auth,
    wanted: &mut Wanted,
    names: &mut usize,
    error: StoreError,
) -> Result<(), AuthError> {
    let is_taken = matches!(error, StoreError::Taken(Unique::Username));
    if !is_taken || !wanted.name_is_made_up || *names >= MOST_NAMES {
        return Err(refusal(error));
    }
    *names += 1;
    wanted.username = username::made_up(auth, &[&wanted.email, "user"]).await?;
    Ok(())
}

fn new_user(auth: &Auth, wanted: &Wanted, password: EncodedPassword) -> NewUser {
    NewUser {
        same_name: username::same_name(auth),
        email: wanted.email.clone(),
        first_name: wanted.first_name.clone(),
        last_name: wanted.last_name.clone(),
        addresses: address(auth, wanted).into_iter().collect(),
        fields: wanted.fields.iter().filter(|field| field.value.is_some()).cloned().collect(),
        ..NewUser::active(wanted.username.clone(), password, auth.now())
    }
}

/// The row of the address. As in allauth an address that the table has already gets one only for
/// the mail that asks to verify it, and is not the primary one before that.
fn address(auth: &Auth, wanted: &Wanted) -> Option<NewAddress> {
    let verified = wanted.address_is_proven();
    let primary = verified || !wanted.address_is_recorded;
    let is_asked_for = auth.settings().account.email_verification != EmailVerification::None;
    if wanted.email.is_empty() || !(primary || is_asked_for) {
        return None;
    }
    Some(NewAddress { email: wanted.email.clone(), verified, primary })
}

/// Another request took the name or the address since they were looked up.
fn refusal(error: StoreError) -> AuthError {
    match error {
        StoreError::Taken(Unique::Username) => AuthError::field("username", Message::UsernameTaken),
        StoreError::Taken(Unique::VerifiedEmail) => AuthError::field("email", Message::EmailTaken),
        error => error.into(),
    }
}
