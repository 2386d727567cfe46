//! Registration: a new account, and the first login of its owner.

use rest_auth_domain::email::{self, Email};
use rest_auth_domain::field_errors::{FieldErrors, NON_FIELD_ERRORS};
use rest_auth_domain::message::Message;
use rest_auth_domain::password::{Password, UserAttributes};
use rest_auth_mail::{Letter, LetterKind};
use rest_auth_store::{
    CreatedUser, Letters, NewAddress, NewUser, StoreError, StoredPassword, Unique,
};

use crate::auth::{Auth, Backend};
use crate::client::Client;
use crate::error::AuthError;
use crate::hashing::{Cause, Lane};
use crate::limits::{self, Action, Who};
use crate::links::LinkBase;
use crate::login::{self, Evidence, Factor, LoggedIn, Origin};
use crate::settings::account::EmailVerification;
use crate::{email_verification, lookup, outbox, password_rules, username_rules};

/// What the form said. A field that was not fine by itself is absent. It does not print.
#[derive(Default)]
pub struct Registration {
    /// The wanted user name.
    pub username: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// The password.
    pub password1: Option<String>,
    /// The password again.
    pub password2: Option<String>,
}

/// Where a registration happens.
#[derive(Debug)]
pub struct Place<'a> {
    /// Device and session.
    pub origin: Origin,
    /// What links in mails begin with.
    pub links: LinkBase,
    /// The language of mails.
    pub language: &'a str,
}

/// How a registration went.
#[derive(Debug)]
pub enum Registered {
    /// The account is open and its owner logged in.
    LoggedIn(Box<LoggedIn>),
    /// The account opens once its address is verified.
    VerificationSent,
}

/// The fields in the order in which errors are told.
const FIELDS: &[&str] = &["username", "email", "password1", "password2", NON_FIELD_ERRORS];

/// What is fine by itself and with the rest of the accounts.
struct Wanted {
    username: String,
    email: String,
    /// Whether the address is somebody's who must not be told of to strangers.
    email_is_taken: bool,
    password: String,
}

/// Opens an account.
///
/// # Errors
/// [`AuthError::Invalid`] with `errors` and everything else that is wrong with the fields;
/// [`AuthError::Throttled`] after too many attempts.
pub async fn register(
    auth: &Auth,
    form: Registration,
    errors: FieldErrors,
    place: Place<'_>,
) -> Result<Registered, AuthError> {
    limits::spend(auth, Action::Signup, &Who::at(&place.origin.client)).await?;
    let wanted = check(auth, form, errors).await?;
    let cause = Cause { address: place.origin.client.address, account: None };
    let password = Password::new(wanted.password.clone());
    let encoded = auth.hashing().encode(Lane::Change, cause, password).await?;
    if wanted.email_is_taken {
        tell_owner(auth, &wanted.email, &place).await?;
        return Ok(Registered::VerificationSent);
    }
    let password = StoredPassword::new(encoded.as_str().to_owned());
    let created = create(auth, &wanted, password, &place).await?;
    let user = created.user;
    tracing::info!(event = "registration", user = user.id, address = ?place.origin.client.address);
    if auth.settings().account.email_verification == EmailVerification::Mandatory {
        return Ok(Registered::VerificationSent);
    }
    let evidence = Evidence { user, backend: Backend::Allauth, factor: Factor::Registration };
    let done = login::complete(auth, evidence, place.origin).await?;
    Ok(Registered::LoggedIn(Box::new(done)))
}

async fn check(
    auth: &Auth,
    form: Registration,
    mut errors: FieldErrors,
) -> Result<Wanted, AuthError> {
    if let Some(name) = &form.username
        && let Err(problem) =
            username_rules::check(auth, &lookup::casing(auth).stored(name), None).await?
    {
        errors.push("username", problem);
    }
    let mut email_is_taken = false;
    let email = match form.email.as_deref().map(Email::parse) {
        None => String::new(),
        Some(_) if form.email.as_deref() == Some("") => String::new(),
        // Addresses that the column cannot hold whole would be cut into somebody else's.
        Some(Err(_)) => {
            errors.push("email", Message::InvalidEmail);
            String::new()
        }
        Some(Ok(email)) => {
            email_is_taken = is_taken(auth, &email).await?;
            if email_is_taken && !is_neutral(auth) {
                errors.push("email", Message::EmailTaken);
            }
            email.into_string()
        }
    };
    if let Some(password) = &form.password1 {
        errors.extend("password1", password_problems(auth, password));
    }
    errors.in_order_of(FIELDS).into_result()?;
    let password = form.password1.unwrap_or_default();
    if form.password2.is_some_and(|again| again != password) {
        return Err(AuthError::form(Message::RegistrationPasswordMismatch));
    }
    let username = match form.username {
        Some(name) => lookup::casing(auth).stored(&name),
        None => made_up_name(auth, &email).await?,
    };
    let attributes = UserAttributes { username: &username, email: &email, ..Default::default() };
    let mut resemblance = FieldErrors::new();
    if !settings_have_no_validators(auth) {
        let problems = password_rules::problems(auth, &password, Some(&attributes));
        resemblance.extend(NON_FIELD_ERRORS, problems);
    }
    resemblance.into_result()?;
    Ok(Wanted { username, email, email_is_taken, password })
}

async fn is_taken(auth: &Auth, email: &Email) -> Result<bool, AuthError> {
    Ok(auth.settings().account.unique_email
        && auth.store().verified_address_exists(email.as_str()).await?)
}

/// Whether a stranger is told nothing of who is registered. Only while a mail decides what comes
/// next can the answer be the same for everybody.
fn is_neutral(auth: &Auth) -> bool {
    let settings = &auth.settings().account;
    settings.neutral_registration && settings.email_verification == EmailVerification::Mandatory
}

/// Tells the owner of an address that somebody tried to register with it.
async fn tell_owner(auth: &Auth, email: &str, place: &Place<'_>) -> Result<(), AuthError> {
    if !may_mail(auth, email, &place.origin.client).await? {
        return Ok(());
    }
    let letter = Letter::new(LetterKind::AccountAlreadyExists, email, place.language);
    auth.store().enqueue(&[outbox::row(auth, &letter)]).await?;
    auth.bell().ring();
    Ok(())
}

/// Counts one more letter to an address, unless `account.rate_limits.confirm_email` says that it
/// is enough.
pub(crate) async fn may_mail(auth: &Auth, email: &str, client: &Client) -> Result<bool, AuthError> {
    let who = Who::at(client).key(email::canonical(email));
    match limits::spend(auth, Action::ConfirmEmail, &who).await {
        Err(AuthError::Throttled { .. }) => Ok(false),
        outcome => outcome.map(|()| true),
    }
}

/// Without validators allauth still asks for a least length.
fn password_problems(auth: &Auth, password: &str) -> Vec<Message> {
    if !settings_have_no_validators(auth) {
        return password_rules::problems(auth, password, None);
    }
    let min_length =
        usize::try_from(auth.settings().account.password_min_length).unwrap_or(usize::MAX);
    if password.chars().count() < min_length {
        return vec![Message::PasswordTooShort { min_length }];
    }
    Vec::new()
}

fn settings_have_no_validators(auth: &Auth) -> bool {
    auth.validators().is_empty()
}

/// A free name made of the address, for forms without one.
async fn made_up_name(auth: &Auth, email: &str) -> Result<String, AuthError> {
    let base = auth.username_rules().suggest_base([email, "user"]);
    for name in auth.username_rules().candidates(&base, auth.random()) {
        if !auth.store().username_taken(&name, None).await? {
            return Ok(name);
        }
    }
    Err(AuthError::field("username", Message::UsernameTaken))
}

/// Makes the account and, in the same transaction, the letter with the key for its address.
async fn create(
    auth: &Auth,
    wanted: &Wanted,
    password: StoredPassword,
    place: &Place<'_>,
) -> Result<CreatedUser, AuthError> {
    let address = NewAddress { email: wanted.email.clone(), verified: false, primary: true };
    let user = NewUser {
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
    };
    let mails = auth.settings().account.email_verification != EmailVerification::None
        && !wanted.email.is_empty()
        && may_mail(auth, &wanted.email, &place.origin.client).await?;
    let letters = |created: &CreatedUser| match created.addresses.first().filter(|_| mails) {
        Some(address) => {
            let links = (&place.links, place.language);
            email_verification::letters(auth, &created.user, address, links)
        }
        None => Letters::default(),
    };
    match auth.store().create_user_with_mail(&user, letters).await {
        Ok(created) => {
            auth.bell().ring();
            Ok(created)
        }
        // Somebody took the name since it was looked up.
        Err(StoreError::Taken(Unique::Username)) => {
            Err(AuthError::field("username", Message::UsernameTaken))
        }
        Err(StoreError::Taken(Unique::VerifiedEmail)) => {
            Err(AuthError::field("email", Message::EmailTaken))
        }
        Err(error) => Err(error.into()),
    }
}
