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
use crate::credentials::{self, AskedWith, OpenSession};
use crate::error::AuthError;
use crate::limits::{self, Action, LimitKey};
use crate::links::LinkBase;
use crate::notices::{self, Occasion};
use crate::settings::account::PreventEnumeration;
use crate::{email_verification, outbox, reauthentication, registration};

/// Shows that it is the owner who asks.
const CURRENT_PASSWORD: &str = "current_password";

/// Who changes his addresses, and where.
#[derive(Debug)]
pub struct Owner<'a> {
    /// The user.
    pub user: &'a User,
    /// What he is logged in with.
    pub asked_with: AskedWith<'a>,
    /// What links in mails begin with.
    pub links: LinkBase,
}

/// An address that is wanted. It does not print.
#[derive(Default)]
pub struct NewEmail {
    /// The address.
    pub email: Option<String>,
    /// The password of the account.
    pub current_password: Option<String>,
}

/// What is to be different about an address; what is absent stays as it is. It does not print.
#[derive(Default)]
pub struct Choice {
    /// Whether mail goes to it.
    pub primary: Option<bool>,
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
    owner: Owner<'_>,
    form: NewEmail,
    mut errors: FieldErrors,
) -> Result<Address, AuthError> {
    spend(auth, &owner).await?;
    let email = match form.email.as_deref().map(Email::parse) {
        Some(Ok(email)) => Some(email),
        Some(Err(_)) => {
            errors.push("email", Message::InvalidEmail);
            None
        }
        None => None,
    };
    confirm(auth, &owner, form.current_password, &mut errors).await?;
    let fields = ["email", CURRENT_PASSWORD];
    errors.in_order_of(&fields).into_result()?;
    let email = email.ok_or_else(|| AuthError::field("email", Message::Required))?.into_string();
    let is_taken = is_taken(auth, &owner, &email).await?;
    let mails = registration::may_mail(auth, &email, owner.asked_with.client).await?;
    let letters = |address: &Address| match (mails, is_taken) {
        (false, _) => Letters::default(),
        (true, true) => tell_owner(auth, &owner, &email),
        (true, false) => ask(auth, &owner, address),
    };
    let limit = rules::limit(&auth.settings().account);
    let added = auth.store().add_address_with_mail(owner.user.id, &email, limit, letters).await;
    match added {
        Ok(AddressChange::Done(address)) => {
            tracing::info!(event = "email_added", user = owner.user.id, address_id = address.id);
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
    owner: Owner<'_>,
    id: i64,
    form: Choice,
    mut errors: FieldErrors,
) -> Result<Chosen, AuthError> {
    spend(auth, &owner).await?;
    let address = own(auth, owner.user, id).await?;
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
        confirm(auth, &owner, form.current_password, &mut errors).await?;
    }
    errors.in_order_of(&["primary", CURRENT_PASSWORD]).into_result()?;
    if !wish {
        return Ok(Chosen { address, session: None });
    }
    let change = change(auth, owner.user, Some(&address.email), occasion(&owner.asked_with));
    let changed = auth.store().change_primary_address(owner.user.id, id, change).await?;
    let session = match changed {
        AddressChange::NotFound => return Err(AuthError::NotFound),
        AddressChange::Refused => {
            return Err(AuthError::field("primary", Message::PrimaryMustBeVerified));
        }
        AddressChange::Done(false) => None,
        AddressChange::Done(true) => {
            settle(auth, owner.user, &owner.asked_with, &address.email).await?
        }
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
    owner: Owner<'_>,
    id: i64,
    current_password: Option<String>,
    mut errors: FieldErrors,
) -> Result<Option<OpenSession>, AuthError> {
    spend(auth, &owner).await?;
    own(auth, owner.user, id).await?;
    confirm(auth, &owner, current_password, &mut errors).await?;
    errors.into_result()?;
    let settings = &auth.settings().account;
    let may_go = |address: &Address, all: &[Address]| rules::may_go(settings, address, all);
    let change = change(auth, owner.user, None, occasion(&owner.asked_with));
    match auth.store().remove_address(owner.user.id, id, may_go, change).await? {
        AddressChange::NotFound => Err(AuthError::NotFound),
        AddressChange::Refused => Err(AuthError::form(Message::AddressIsNeeded)),
        AddressChange::Done(was_own) => {
            tracing::info!(event = "email_removed", user = owner.user.id, address_id = id);
            if was_own { settle(auth, owner.user, &owner.asked_with, "").await } else { Ok(None) }
        }
    }
}

/// Mails another key to one's own address. One that is verified needs none.
///
/// # Errors
/// [`AuthError::NotFound`] if the user has no such address.
pub async fn resend(auth: &Auth, owner: Owner<'_>, id: i64) -> Result<(), AuthError> {
    spend(auth, &owner).await?;
    let address = own(auth, owner.user, id).await?;
    let client = owner.asked_with.client;
    if address.verified || !registration::may_mail(auth, &address.email, client).await? {
        return Ok(());
    }
    let is_taken = is_verified_elsewhere(auth, &address.email).await?;
    let letters = if is_taken {
        tell_owner(auth, &owner, &address.email)
    } else {
        ask(auth, &owner, &address)
    };
    auth.store().enqueue_letters(&letters).await?;
    auth.bell().ring();
    Ok(())
}

/// With `account.change_email` an address that has just been verified takes the place of all
/// others of its user, with what comes with a new primary address. What `asked_with` showed of the
/// same user goes on.
///
/// # Errors
/// Whatever the database says.
pub(crate) async fn replace_primary(
    auth: &Auth,
    user: &User,
    address: &Address,
    asked_with: &AskedWith<'_>,
) -> Result<Option<OpenSession>, AuthError> {
    if !auth.settings().account.change_email {
        return Ok(None);
    }
    let change = change(auth, user, Some(&address.email), occasion(asked_with));
    match auth.store().replace_addresses(user.id, address.id, change).await? {
        AddressChange::Done(true) => settle(auth, user, asked_with, &address.email).await,
        // It was the user's only one, or is gone again.
        AddressChange::Done(false) | AddressChange::NotFound | AddressChange::Refused => Ok(None),
    }
}

fn occasion<'a>(asked_with: &AskedWith<'a>) -> Occasion<'a> {
    Occasion { client: asked_with.client, language: asked_with.language }
}

async fn spend(auth: &Auth, owner: &Owner<'_>) -> Result<(), AuthError> {
    let key = LimitKey::at(owner.asked_with.client).user(owner.user.id);
    limits::consume(auth, Action::ManageEmail, &key).await
}

/// The password again, where `account.reauthentication_required` asks who has one for it.
async fn confirm(
    auth: &Auth,
    owner: &Owner<'_>,
    given: Option<String>,
    errors: &mut FieldErrors,
) -> Result<(), AuthError> {
    let is_asked = auth.settings().account.reauthentication_required;
    if !is_asked || !reauthentication::has_password(owner.user) {
        return Ok(());
    }
    let client = owner.asked_with.client;
    reauthentication::check(auth, owner.user, (CURRENT_PASSWORD, given), client, errors).await
}

async fn own(auth: &Auth, user: &User, id: i64) -> Result<Address, AuthError> {
    let found = auth.store().address_by_id(id).await?;
    found.filter(|address| address.user_id == user.id).ok_or(AuthError::NotFound)
}

/// Whether the address is somebody else's and its owner is to be told of it.
///
/// # Errors
/// That it is taken, where that is no secret.
async fn is_taken(auth: &Auth, owner: &Owner<'_>, email: &str) -> Result<bool, AuthError> {
    let own = auth.store().addresses_of(owner.user.id).await?;
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

fn tell_owner(auth: &Auth, owner: &Owner<'_>, email: &str) -> Letters {
    let language = owner.asked_with.language;
    let letter = Letter::new(LetterKind::AccountAlreadyExists, email, language);
    vec![outbox::row(auth, &letter)].into()
}

fn ask(auth: &Auth, owner: &Owner<'_>, address: &Address) -> Letters {
    let links = (&owner.links, owner.asked_with.language);
    email_verification::letters(auth, owner.user, address, links)
}

/// What goes with a new address of the user's own.
fn change<'a>(
    auth: &'a Auth,
    user: &'a User,
    new: Option<&'a str>,
    occasion: Occasion<'a>,
) -> EmailChange<impl FnOnce(&str) -> Vec<NewMail> + Send + 'a> {
    EmailChange {
        epoch: credentials::epoch_on_password_change(auth),
        letters: move |old: &str| notices::email_changed(auth, user, (old, new), occasion),
    }
}

/// Ends what was issued before the user's address changed.
async fn settle(
    auth: &Auth,
    user: &User,
    asked_with: &AskedWith<'_>,
    email: &str,
) -> Result<Option<OpenSession>, AuthError> {
    let source = asked_with.client.address;
    tracing::info!(event = "email_changed", user = user.id, address = ?source);
    auth.bell().ring();
    if credentials::epoch_on_password_change(auth) == Epoch::Keep {
        return Ok(None);
    }
    let now = User { email: email.to_owned(), epoch: user.epoch + 1, ..user.clone() };
    credentials::end_others(auth, &now, asked_with).await
}
