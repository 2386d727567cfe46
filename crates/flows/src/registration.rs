//! Registration: a new account, and the first login of its owner.

mod account;

use rest_auth_domain::email::{self, Email};
use rest_auth_domain::field_errors::{FieldErrors, NON_FIELD_ERRORS};
use rest_auth_domain::message::Message;
use rest_auth_domain::password::{Password, UserAttributes};
use rest_auth_store::User;
use serde_json::{Map, Value};

use crate::auth::{Auth, Backend};
use crate::client::Client;
use crate::context::Context;
use crate::error::AuthError;
use crate::hashing::{Priority, Requester};
use crate::invitations::{self, Invitation};
use crate::limits::{self, Action, LimitKey};
use crate::login::{self, Evidence, Factor, LoggedIn};
use crate::settings::account::EmailVerification;
use crate::settings::rest_auth::RegisterAccess;
use crate::user_fields::FieldChange;
use crate::{lookup, password_rules, user_fields, username_rules};

/// The field that takes the code of an invitation.
pub const INVITATION_CODE: &str = "invitation_code";

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
    /// The fields that the configuration adds.
    pub fields: Vec<FieldChange>,
    /// The code of an invitation.
    pub invitation_code: Option<String>,
}

/// How a registration went.
#[derive(Debug)]
pub enum Registered {
    /// The account is open and its owner logged in.
    LoggedIn(Box<LoggedIn>),
    /// The account is open; who made it is logged in as somebody else.
    ForAnother(Box<User>, Map<String, Value>),
    /// The account opens once its address is verified.
    VerificationSent,
}

/// The fields in the order in which errors are told.
const FIELDS: &[&str] = &["username", "email", "password1", "password2", NON_FIELD_ERRORS];

/// What is fine by itself and with the rest of the accounts.
struct Wanted {
    username: String,
    name_is_made_up: bool,
    email: String,
    /// Whether the address is somebody's who must not be told of to strangers.
    email_is_taken: bool,
    password: String,
    fields: Vec<FieldChange>,
    invitation: Option<Invitation>,
}

impl Wanted {
    fn address_is_proven(&self) -> bool {
        self.invitation.as_ref().is_some_and(|invitation| invitation.proves_address)
    }
}

/// Opens an account.
///
/// # Errors
/// [`AuthError::Invalid`] with `errors` and everything else that is wrong with the fields;
/// [`AuthError::Throttled`] after too many attempts.
pub async fn register(
    auth: &Auth,
    context: &Context,
    form: Registration,
    errors: FieldErrors,
) -> Result<Registered, AuthError> {
    limits::consume(auth, Action::Signup, &LimitKey::at(&context.client)).await?;
    let mut wanted = check(auth, form, errors).await?;
    let requester = Requester { address: context.client.address, account: None };
    let password = Password::new(wanted.password.clone());
    let password = auth.hashing().encode(Priority::Change, requester, password).await?;
    if wanted.email_is_taken {
        account::register_decoy(auth, context, &mut wanted, password).await?;
        return Ok(Registered::VerificationSent);
    }
    let user = account::create(auth, context, &mut wanted, password).await?;
    tracing::info!(event = "registration", user = user.id, address = ?context.client.address);
    if auth.settings().account.email_verification == EmailVerification::Mandatory
        && !wanted.address_is_proven()
    {
        return Ok(Registered::VerificationSent);
    }
    let settings = &auth.settings().rest_auth;
    // Whoever makes an account for somebody else goes on as himself.
    if matches!(settings.register, RegisterAccess::Authenticated | RegisterAccess::Staff) {
        let fields = user_fields::of(auth, user.id).await?;
        return Ok(Registered::ForAnother(Box::new(user), fields));
    }
    let evidence = Evidence { user, backend: Backend::Allauth, factor: Factor::Registration };
    let done = login::complete(auth, context, evidence).await?;
    Ok(Registered::LoggedIn(Box::new(done)))
}

async fn check(
    auth: &Auth,
    form: Registration,
    mut errors: FieldErrors,
) -> Result<Wanted, AuthError> {
    let invitation = invited(auth, &form, &mut errors).await?;
    if let Some(name) = &form.username
        && let Err(problem) =
            username_rules::check(auth, &lookup::casing(auth).stored(name), None).await?
    {
        errors.push("username", problem);
    }
    let proven = invitation.as_ref().is_some_and(|invitation| invitation.proves_address);
    let given = address(auth, &form, invitation.as_ref(), &mut errors);
    let mut email_is_taken = false;
    let email = match given.as_deref().map(Email::parse) {
        None => String::new(),
        Some(_) if given.as_deref() == Some("") => String::new(),
        // Addresses that the column cannot hold whole would be cut into somebody else's.
        Some(Err(_)) => {
            errors.push("email", Message::InvalidEmail);
            String::new()
        }
        Some(Ok(email)) => {
            email_is_taken = is_taken(auth, &email).await?;
            // Who reads the mail of the address may know what is registered with it.
            if email_is_taken && (proven || !is_neutral(auth)) {
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
    let name_is_made_up = form.username.is_none();
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
    let fields = form.fields;
    Ok(Wanted { username, name_is_made_up, email, email_is_taken, password, fields, invitation })
}

/// The invitation that the form comes with, where one is needed. Whoever has none learns nothing
/// of who is registered.
///
/// # Errors
/// [`AuthError::Invalid`] if it cannot be used.
async fn invited(
    auth: &Auth,
    form: &Registration,
    errors: &mut FieldErrors,
) -> Result<Option<Invitation>, AuthError> {
    if auth.settings().rest_auth.register != RegisterAccess::Invite {
        return Ok(None);
    }
    let found = match &form.invitation_code {
        Some(code) => invitations::find(auth, code).await?,
        None => None,
    };
    if found.is_none() {
        let mut errors = std::mem::take(errors);
        if form.invitation_code.is_some() {
            errors.push(INVITATION_CODE, Message::InvalidInvitation);
        } else if !errors.has(INVITATION_CODE) {
            errors.push(INVITATION_CODE, Message::Required);
        }
        return Err(AuthError::Invalid(errors.in_order_of(FIELDS)));
    }
    Ok(found)
}

/// The address of the account: that of the form, or the one that the invitation is bound to.
fn address(
    auth: &Auth,
    form: &Registration,
    invitation: Option<&Invitation>,
    errors: &mut FieldErrors,
) -> Option<String> {
    let Some(invitation) = invitation else { return form.email.clone() };
    let Some(bound) = invitation.email.clone() else {
        // The form could not know whether the invitation has one.
        let demand = auth.settings().account.signup_fields.demand("email");
        if form.email.is_none() && demand.is_required() && !errors.has("email") {
            errors.push("email", Message::Required);
        }
        return form.email.clone();
    };
    let differs = form.email.as_ref().is_some_and(|email| email.to_lowercase() != bound);
    if differs {
        errors.push("email", Message::InvitationOfOther);
    }
    Some(bound)
}

async fn is_taken(auth: &Auth, email: &Email) -> Result<bool, AuthError> {
    Ok(auth.settings().account.unique_email
        && auth.store().verified_address_exists(email.as_str()).await?)
}

/// Whether nothing is told of who is registered. Only while a mail decides what comes next can the
/// answer be the same for everybody; staff may know.
fn is_neutral(auth: &Auth) -> bool {
    let settings = &auth.settings().account;
    settings.neutral_registration
        && settings.email_verification == EmailVerification::Mandatory
        && auth.settings().rest_auth.register != RegisterAccess::Staff
}

/// Counts one more letter to an address, unless `account.rate_limits.confirm_email` says that it
/// is enough.
pub(crate) async fn may_mail(auth: &Auth, email: &str, client: &Client) -> Result<bool, AuthError> {
    let key = LimitKey::at(client).key(email::canonical(email));
    match limits::consume(auth, Action::ConfirmEmail, &key).await {
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
