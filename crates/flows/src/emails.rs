//! One's own e-mail addresses: adding, choosing and removing them.

mod rules;

use rest_auth_domain::email::Email;
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_mail::{Letter, LetterKind};
use rest_auth_store::{
    AddressChange, EmailChange, Epoch, Letters, NewMail, StoreError, Unique, User,
};

pub use rest_auth_store::Address;

use crate::auth::Auth;
use crate::context::Context;
use crate::credentials::{self, Kept};
use crate::current_session::OpenSession;
use crate::error::AuthError;
use crate::limits::{self, Action, LimitKey};
use crate::reauthentication::{self, PasswordShown};
use crate::settings::account::PreventEnumeration;
use crate::{email_verification, notices, outbox, registration};

/// Shows that it is the owner who asks.
const CURRENT_PASSWORD: &str = "current_password";

/// An address that is wanted. It does not print.
#[derive(Default)]
pub struct NewEmail {
    /// The address.
    pub email: Option<String>,
    /// The password of the account.
    pub current_password: Option<String>,
}

/// What is to be different about an address; what is absent stays as it is. It does not print.
pub struct Choice {
    /// The key of the address.
    pub id: i64,
    /// Whether it is to be the primary address.
    pub primary: Option<bool>,
    /// The password of the account.
    pub current_password: Option<String>,
}

/// Which address is to go. It does not print.
pub struct Removal {
    /// The key of the address.
    pub id: i64,
    /// The password of the account.
    pub current_password: Option<String>,
}

/// An address as it is now, and the session that goes on under a new key.
#[derive(Debug)]
pub struct Chosen {
    /// The address.
    pub address: Address,
    /// The session of the request, if everything else that lets somebody in has ended.
    pub session: Option<OpenSession>,
}

/// The addresses of a user, oldest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list(auth: &Auth, user: &User) -> Result<Vec<Address>, AuthError> {
    Ok(auth.store().addresses_of(user.id).await?)
}

/// Adds an address, unverified, and mails a key to it. With `account.change_email` it is to
/// replace the user's address once it is verified.
///
/// An address that somebody else has verified is added all the same unless
/// `account.prevent_enumeration` is off: it can never be verified, and its owner gets a letter.
///
/// # Errors
/// [`AuthError::Invalid`] with `errors` and whatever else is wrong with the fields.
pub async fn add(
    auth: &Auth,
    context: &Context,
    user: &User,
    form: NewEmail,
    mut errors: FieldErrors,
) -> Result<Address, AuthError> {
    consume(auth, context, user).await?;
    let email = match form.email.as_deref().map(Email::parse) {
        Some(Ok(email)) => Some(email),
        Some(Err(_)) => {
            errors.push("email", Message::InvalidEmail);
            None
        }
        None => None,
    };
    confirm(auth, context, user, form.current_password, &mut errors).await?;
    let fields = ["email", CURRENT_PASSWORD];
    errors.in_order_of(&fields).into_result()?;
    let email = email.ok_or_else(|| AuthError::field("email", Message::Required))?.into_string();
    let is_taken = is_taken(auth, user, &email).await?;
    let mails = registration::may_mail(auth, &email, &context.client).await?;
    let letters = |address: &Address| match (mails, is_taken) {
        (false, _) => Letters::default(),
        (true, true) => tell_owner(auth, context, &email),
        (true, false) => email_verification::letters(auth, context, user, address),
    };
    let limit = rules::limit(&auth.settings().account);
    let added = auth.store().add_address_with_mail(user.id, &email, limit, letters).await;
    match added {
        Ok(AddressChange::Done(address)) => {
            tracing::info!(event = "email_added", user = user.id, address_id = address.id);
            auth.bell().ring();
            Ok(address)
        }
        Ok(AddressChange::Refused) => {
            let most = auth.settings().account.max_email_addresses.unwrap_or_default();
            Err(AuthError::field("email", Message::TooManyAddresses { most }))
        }
        Ok(AddressChange::NotFound) => Err(AuthError::NotFound),
        Err(StoreError::Taken(Unique::Email)) => {
            Err(AuthError::field("email", Message::AddressOfOneself))
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes a verified address the one that mail goes to. Everything that lets somebody in ends, as
/// with a new password, but for what the request came with; the address before gets a notice.
///
/// # Errors
/// [`AuthError::Invalid`] with `errors` and whatever else is wrong; [`AuthError::NotFound`] if the
/// user has no such address.
pub async fn choose(
    auth: &Auth,
    context: &Context,
    user: &User,
    form: Choice,
    mut errors: FieldErrors,
) -> Result<Chosen, AuthError> {
    consume(auth, context, user).await?;
    let address = own(auth, user, form.id).await?;
    let wish = match form.primary {
        Some(false) if address.primary => {
            errors.push("primary", Message::ChooseAnotherAddress);
            false
        }
        wish => wish.unwrap_or(false),
    };
    if wish && !address.verified {
        errors.push("primary", Message::PrimaryMustBeVerified);
    }
    if wish {
        confirm(auth, context, user, form.current_password, &mut errors).await?;
    }
    errors.in_order_of(&["primary", CURRENT_PASSWORD]).into_result()?;
    if !wish {
        return Ok(Chosen { address, session: None });
    }
    let change = change(auth, context, user, Some(&address.email));
    let changed = auth.store().change_primary_address(user.id, form.id, change).await?;
    let session = match changed {
        AddressChange::NotFound => return Err(AuthError::NotFound),
        AddressChange::Refused => {
            return Err(AuthError::field("primary", Message::PrimaryMustBeVerified));
        }
        AddressChange::Done(false) => None,
        AddressChange::Done(true) => settle(auth, context, user, &address.email).await?,
    };
    Ok(Chosen { address: Address { primary: true, ..address }, session })
}

/// Removes an address.
///
/// As in allauth the primary one stays while there are others, and the last one where it is all
/// that a login goes by. Beyond that the last verified one stays while verification is mandatory:
/// nobody could log in without.
///
/// # Errors
/// [`AuthError::Invalid`] with `errors` and whatever else is wrong; [`AuthError::NotFound`] if the
/// user has no such address.
pub async fn remove(
    auth: &Auth,
    context: &Context,
    user: &User,
    removal: Removal,
    mut errors: FieldErrors,
) -> Result<Option<OpenSession>, AuthError> {
    consume(auth, context, user).await?;
    let Removal { id, current_password } = removal;
    own(auth, user, id).await?;
    confirm(auth, context, user, current_password, &mut errors).await?;
    errors.into_result()?;
    let settings = &auth.settings().account;
    let may_go = |address: &Address, all: &[Address]| rules::may_go(settings, address, all);
    let change = change(auth, context, user, None);
    match auth.store().remove_address(user.id, id, may_go, change).await? {
        AddressChange::NotFound => Err(AuthError::NotFound),
        AddressChange::Refused => Err(AuthError::form(Message::AddressIsNeeded)),
        AddressChange::Done(was_own) => {
            tracing::info!(event = "email_removed", user = user.id, address_id = id);
            if was_own { settle(auth, context, user, "").await } else { Ok(None) }
        }
    }
}

/// Mails another key to one's own address. One that is verified needs none.
///
/// # Errors
/// [`AuthError::NotFound`] if the user has no such address.
pub async fn resend(auth: &Auth, context: &Context, user: &User, id: i64) -> Result<(), AuthError> {
    consume(auth, context, user).await?;
    let address = own(auth, user, id).await?;
    if address.verified || !registration::may_mail(auth, &address.email, &context.client).await? {
        return Ok(());
    }
    let is_taken = is_verified_elsewhere(auth, &address.email).await?;
    let letters = if is_taken {
        tell_owner(auth, context, &address.email)
    } else {
        email_verification::letters(auth, context, user, &address)
    };
    auth.store().enqueue_letters(&letters).await?;
    auth.bell().ring();
    Ok(())
}

/// With `account.change_email` an address that has just been verified takes the place of all
/// others of its user, with what comes with a new primary address. What the request was made with
/// goes on, if it is the same user's.
///
/// # Errors
/// Whatever the database says.
pub(crate) async fn replace_primary(
    auth: &Auth,
    context: &Context,
    user: &User,
    address: &Address,
) -> Result<Option<OpenSession>, AuthError> {
    if !auth.settings().account.change_email {
        return Ok(None);
    }
    let change = change(auth, context, user, Some(&address.email));
    match auth.store().replace_addresses(user.id, address.id, change).await? {
        AddressChange::Done(true) => settle(auth, context, user, &address.email).await,
        // It was the user's only one, or is gone again.
        AddressChange::Done(false) | AddressChange::NotFound | AddressChange::Refused => Ok(None),
    }
}

async fn consume(auth: &Auth, context: &Context, user: &User) -> Result<(), AuthError> {
    let key = LimitKey::at(&context.client).user(user.id);
    limits::consume(auth, Action::ManageEmail, &key).await
}

/// The password again, where `account.reauthentication_required` asks who has one for it.
async fn confirm(
    auth: &Auth,
    context: &Context,
    user: &User,
    password: Option<String>,
    errors: &mut FieldErrors,
) -> Result<(), AuthError> {
    let is_asked = auth.settings().account.reauthentication_required;
    if !is_asked || !reauthentication::has_password(user) {
        return Ok(());
    }
    let shown = PasswordShown { field: CURRENT_PASSWORD, password };
    reauthentication::check(auth, context, user, shown, errors).await
}

async fn own(auth: &Auth, user: &User, id: i64) -> Result<Address, AuthError> {
    let found = auth.store().address_by_id(id).await?;
    found.filter(|address| address.user_id == user.id).ok_or(AuthError::NotFound)
}

/// Whether the address is somebody else's and its owner is to be told of it.
///
/// # Errors
/// That it is taken, where that is no secret.
async fn is_taken(auth: &Auth, user: &User, email: &str) -> Result<bool, AuthError> {
    let own = auth.store().addresses_of(user.id).await?;
    if own.iter().any(|address| address.email == email) {
        return Err(AuthError::field("email", Message::AddressOfOneself));
    }
    let is_taken = is_verified_elsewhere(auth, email).await?;
    if is_taken && auth.settings().account.prevent_enumeration == PreventEnumeration::Off {
        return Err(AuthError::field("email", Message::EmailTaken));
    }
    Ok(is_taken)
}

async fn is_verified_elsewhere(auth: &Auth, email: &str) -> Result<bool, AuthError> {
    let unique = auth.settings().account.unique_email;
    Ok(unique && auth.store().verified_address_exists(email).await?)
}

fn tell_owner(auth: &Auth, context: &Context, email: &str) -> Letters {
    let letter = Letter::new(LetterKind::AccountAlreadyExists, email, &context.language);
    vec![outbox::row(auth, &letter)].into()
}

/// What goes with a new address of the user's own.
fn change<'a>(
    auth: &'a Auth,
    context: &'a Context,
    user: &'a User,
    new: Option<&'a str>,
) -> EmailChange<impl Fn(&str) -> Vec<NewMail> + Send + Sync + 'a> {
    EmailChange {
        epoch: credentials::epoch_on_password_change(auth),
        letters: move |old: &str| notices::email_changed(auth, context, user, old, new),
    }
}

/// Ends what was issued before the user's address changed.
async fn settle(
    auth: &Auth,
    context: &Context,
    user: &User,
    email: &str,
) -> Result<Option<OpenSession>, AuthError> {
    let source = context.client.address;
    tracing::info!(event = "email_changed", user = user.id, address = ?source);
    auth.bell().ring();
    if credentials::epoch_on_password_change(auth) == Epoch::Keep {
        return Ok(None);
    }
    let now = User { email: email.to_owned(), epoch: user.epoch + 1, ..user.clone() };
    credentials::end_others(auth, &now, Kept::of(context)).await
}
