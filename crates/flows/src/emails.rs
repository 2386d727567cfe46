//! Users add, choose and remove their own e-mail addresses.

pub(crate) mod rules;

use rest_auth_domain::email::Email;
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::message::Message;
use rest_auth_mail::{MailContent, MailKind};
use rest_auth_store::{AddressChange, Outgoing, StoreError, Unique, User};

pub use rest_auth_store::Address;

use crate::auth::Auth;
use crate::context::Context;
use crate::current_session::OpenSession;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::limits::{self, Action, LimitKey, mail_allowance};
use crate::primary_address::{Changed, PrimaryChange};
use crate::reauthentication::{self, CURRENT_PASSWORD, PasswordShown};
use crate::settings::account::PreventEnumeration;
use crate::{email_verification, outbox, primary_address};

/// An address to add. It has no `Debug`, because it holds secrets.
#[derive(Default)]
pub struct NewEmail {
    /// The address.
    pub email: Option<String>,
    /// The password of the account.
    pub current_password: Option<String>,
}

/// Changes to an address. Absent fields stay as they are. It has no `Debug`, because it holds
/// secrets.
pub struct Choice {
    /// The key of the address.
    pub id: i64,
    /// Whether it is to be the primary address.
    pub primary: Option<bool>,
    /// The password of the account.
    pub current_password: Option<String>,
}

/// The address to remove. It has no `Debug`, because it holds secrets.
pub struct AddressRemoval {
    /// The key of the address.
    pub id: i64,
    /// The password of the account.
    pub current_password: Option<String>,
}

/// The address after the change, and the session that continues under a new key.
#[derive(Debug)]
pub struct Chosen {
    /// The address.
    pub address: Address,
    /// The session of the request, if all other credentials have ended.
    pub session: Option<OpenSession>,
}

/// The addresses of a user, oldest first.
///
/// # Errors
/// Errors of the database.
pub async fn list(auth: &Auth, user: &User) -> Result<Vec<Address>, AuthError> {
    Ok(auth.store().addresses_of(user.id).await?)
}

/// Adds an address, unverified, and mails a key to it. With `account.change_email` it is to
/// replace the user's address once it is verified.
///
/// An address that another user has verified is also added unless `account.prevent_enumeration` is
/// off. It can never be verified here, and its owner gets a mail.
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
    let mails = mail_allowance::consume(auth, context, &email).await?;
    let outgoing = |address: &Address| match (mails, is_taken) {
        (false, _) => Outgoing::default(),
        (true, true) => tell_owner(auth, context, &email),
        (true, false) => email_verification::outgoing(auth, context, user, address),
    };
    let limit = rules::limit(&auth.settings().account);
    let added = auth.store().add_address_with_mail(user.id, &email, limit, outgoing).await;
    match added {
        Ok(AddressChange::Done(address)) => {
            events::record(
                auth,
                &context.client,
                Event::EmailAdded { user: user.id, address: address.id },
            );
            outbox::wake(auth);
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

/// Makes a verified address the primary one. All credentials end, as with a new password, except
/// those of the request. The previous address gets a notice.
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
    let changed =
        primary_address::change(auth, context, user, PrimaryChange::Choose(&address)).await?;
    let session = match changed {
        Changed::Moved(session) => session,
        Changed::Same => None,
        Changed::NotFound => return Err(AuthError::NotFound),
        Changed::Refused | Changed::Taken => {
            return Err(AuthError::field("primary", Message::PrimaryMustBeVerified));
        }
    };
    Ok(Chosen { address: Address { primary: true, ..address }, session })
}

/// Removes an address.
///
/// As in allauth the primary one cannot be removed while there are others, nor the last one if
/// users log in by address only. In addition the last verified one cannot be removed while
/// verification is mandatory, because the user could not log in without it.
///
/// # Errors
/// [`AuthError::Invalid`] with `errors` and whatever else is wrong; [`AuthError::NotFound`] if the
/// user has no such address.
pub async fn remove(
    auth: &Auth,
    context: &Context,
    user: &User,
    removal: AddressRemoval,
    mut errors: FieldErrors,
) -> Result<Option<OpenSession>, AuthError> {
    consume(auth, context, user).await?;
    let AddressRemoval { id, current_password } = removal;
    let address = own(auth, user, id).await?;
    confirm(auth, context, user, current_password, &mut errors).await?;
    errors.into_result()?;
    let changed =
        primary_address::change(auth, context, user, PrimaryChange::Remove(&address)).await?;
    let session = match changed {
        Changed::Moved(session) => session,
        Changed::Same => None,
        Changed::NotFound => return Err(AuthError::NotFound),
        Changed::Refused | Changed::Taken => return Err(AuthError::form(Message::AddressIsNeeded)),
    };
    events::record(auth, &context.client, Event::EmailRemoved { user: user.id, address: id });
    Ok(session)
}

/// Mails another key to an address of the user. Nothing is mailed if it is verified.
///
/// # Errors
/// [`AuthError::NotFound`] if the user has no such address.
pub async fn resend(auth: &Auth, context: &Context, user: &User, id: i64) -> Result<(), AuthError> {
    consume(auth, context, user).await?;
    let address = own(auth, user, id).await?;
    if address.verified || !mail_allowance::consume(auth, context, &address.email).await? {
        return Ok(());
    }
    let is_taken = is_verified_elsewhere(auth, &address.email).await?;
    let outgoing = if is_taken {
        tell_owner(auth, context, &address.email)
    } else {
        email_verification::outgoing(auth, context, user, &address)
    };
    outbox::enqueue(auth, &outgoing).await
}

async fn consume(auth: &Auth, context: &Context, user: &User) -> Result<(), AuthError> {
    let key = LimitKey::at(&context.client).user(user.id);
    limits::consume(auth, Action::ManageEmail, &key).await
}

/// Asks for a fresh proof, if `account.reauthentication_required` is on.
async fn confirm(
    auth: &Auth,
    context: &Context,
    user: &User,
    password: Option<String>,
    errors: &mut FieldErrors,
) -> Result<(), AuthError> {
    let shown = PasswordShown::current(password);
    reauthentication::confirm(auth, context, user, shown, errors).await
}

async fn own(auth: &Auth, user: &User, id: i64) -> Result<Address, AuthError> {
    let found = auth.store().address_by_id(id).await?;
    found.filter(|address| address.user_id == user.id).ok_or(AuthError::NotFound)
}

/// Whether the address belongs to another user, who is then notified.
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

fn tell_owner(auth: &Auth, context: &Context, email: &str) -> Outgoing {
    let mail = MailContent::new(MailKind::AccountAlreadyExists, email, &context.language);
    vec![outbox::row(auth, &mail)].into()
}
