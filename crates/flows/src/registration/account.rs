//! Writing an account that was found fine, or pretending to.

use rest_auth_domain::email;
use rest_auth_domain::message::Message;
use rest_auth_domain::password::EncodedPassword;
use rest_auth_mail::{Letter, LetterKind};
use rest_auth_store::{
    CreatedUser, Letters, NewAddress, NewUser, SingleUse, StoreError, Unique, User,
};

use super::{INVITATION_CODE, Wanted, made_up_name, may_mail};
use crate::auth::Auth;
use crate::client::Client;
use crate::context::Context;
use crate::error::AuthError;
use crate::limits::{self, Action, LimitKey};
use crate::settings::account::EmailVerification;
use crate::{email_verification, outbox};

/// How often a name is made up anew because somebody took it meanwhile.
const MOST_NAMES: usize = 5;

/// Makes the account and, in the same transaction, the letter with the key for its address.
pub(super) async fn create(
    auth: &Auth,
    context: &Context,
    wanted: &mut Wanted,
    password: EncodedPassword,
) -> Result<User, AuthError> {
    let mails = auth.settings().account.email_verification != EmailVerification::None
        && !wanted.email.is_empty()
        && !wanted.address_is_proven()
        && has_room(auth, &wanted.email, &context.client).await?;
    let letters = |created: &CreatedUser| match created.addresses.first().filter(|_| mails) {
        Some(address) => email_verification::letters(auth, context, &created.user, address),
        None => Letters::default(),
    };
    let mut names = 0;
    loop {
        let user = new_user(auth, wanted, password.clone());
        match auth.store().admit_user(&user, single_use(auth, wanted), letters).await {
            Ok(Some(created)) => {
                if mails {
                    count_mail(auth, &wanted.email, &context.client).await?;
                }
                return Ok(created.user);
            }
            Ok(None) => return Err(used_up()),
            Err(error) => rename(auth, wanted, &mut names, error).await?,
        }
    }
}

/// Does for an address that is somebody's what would be done for a free one, takes the account
/// back, and tells the owner of the address that somebody tried to register with it. The answer is
/// the same and takes as long, and a name that somebody took meanwhile is refused as it would be.
pub(super) async fn register_decoy(
    auth: &Auth,
    context: &Context,
    wanted: &mut Wanted,
    password: EncodedPassword,
) -> Result<(), AuthError> {
    let letter = Letter::new(LetterKind::AccountAlreadyExists, &wanted.email, &context.language);
    let mails = has_room(auth, &wanted.email, &context.client).await?;
    let mails: Vec<_> = mails.then(|| outbox::row(auth, &letter)).into_iter().collect();
    let mut names = 0;
    loop {
        let user = new_user(auth, wanted, password.clone());
        match auth.store().insert_and_roll_back(&user, single_use(auth, wanted), &mails).await {
            Ok(true) => {
                if !mails.is_empty() {
                    count_mail(auth, &wanted.email, &context.client).await?;
                }
                return Ok(());
            }
            Ok(false) => return Err(used_up()),
            Err(error) => rename(auth, wanted, &mut names, error).await?,
        }
    }
}

/// Makes another name up if somebody took the last one meanwhile. Nobody asked for it.
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
    wanted.username = made_up_name(auth, &wanted.email).await?;
    Ok(())
}

fn new_user(auth: &Auth, wanted: &Wanted, password: EncodedPassword) -> NewUser {
    let verified = wanted.address_is_proven();
    let address = NewAddress { email: wanted.email.clone(), verified, primary: true };
    NewUser {
        username: wanted.username.clone(),
        email: wanted.email.clone(),
        first_name: String::new(),
        last_name: String::new(),
        password,
        is_active: true,
        is_staff: false,
        is_superuser: false,
        date_joined: auth.now(),
        last_login: None,
        addresses: if wanted.email.is_empty() { Vec::new() } else { vec![address] },
        fields: wanted.fields.iter().filter(|field| field.value.is_some()).cloned().collect(),
    }
}

fn single_use(auth: &Auth, wanted: &Wanted) -> Option<SingleUse> {
    wanted.invitation.as_ref().map(|invitation| SingleUse { id: invitation.id, now: auth.now() })
}

/// Somebody else came with the same code a moment ago.
fn used_up() -> AuthError {
    AuthError::field(INVITATION_CODE, Message::InvalidInvitation)
}

/// Somebody took the name or the address since they were looked up.
fn refusal(error: StoreError) -> AuthError {
    match error {
        StoreError::Taken(Unique::Username) => AuthError::field("username", Message::UsernameTaken),
        StoreError::Taken(Unique::VerifiedEmail) => AuthError::field("email", Message::EmailTaken),
        error => error.into(),
    }
}

/// Whether `account.rate_limits.confirm_email` lets one more letter go to an address. It is counted
/// once it is written: of several who want one name at the same moment, those who lose must not
/// take the letter away from the one who wins.
async fn has_room(auth: &Auth, email: &str, client: &Client) -> Result<bool, AuthError> {
    let key = LimitKey::at(client).key(email::canonical(email));
    match limits::peek(auth, Action::ConfirmEmail, &key).await {
        Err(AuthError::Throttled { .. }) => Ok(false),
        outcome => outcome.map(|()| true),
    }
}

/// Counts a letter that is written.
async fn count_mail(auth: &Auth, email: &str, client: &Client) -> Result<(), AuthError> {
    auth.bell().ring();
    may_mail(auth, email, client).await.map(drop)
}
