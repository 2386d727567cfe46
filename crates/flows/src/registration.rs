//! Registration: a new account, and the first login of its owner.
//!
//! [`permit`] checks who may register. [`register`] calls it, checks the form and writes the
//! account by `account`.

mod account;

use rest_auth_domain::email::Email;
use rest_auth_domain::field_errors::{FieldErrors, NON_FIELD_ERRORS};
use rest_auth_domain::message::Message;
use rest_auth_domain::password::{Password, UserAttributes};
use rest_auth_store::{CreatedUser, User};
use serde_json::{Map, Value};

use crate::auth::Auth;
use crate::context::Context;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::hashing::{Priority, Requester};
use crate::invitations::{self, Invitation};
use crate::limits::{self, Action, LimitKey};
use crate::login::{self, LoggedIn, Outcome, Pending, Proven};
use crate::settings::FlowSettings;
use crate::settings::account::{EmailVerification, PreventEnumeration};
use crate::settings::rest_auth::RegisterAccess;
use crate::user_fields::FieldChange;
use crate::username::{self, Wanting};
use crate::{lookup, password_rules, user_fields};

pub(crate) use account::notice;

/// The field that takes the code of an invitation.
pub const INVITATION_CODE: &str = "invitation_code";

/// The input of the form. A field that is not valid is absent. It has no `Debug`, because it holds
/// secrets.
#[derive(Default)]
pub struct Registration {
    /// The wanted user name.
    pub username: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The password.
    pub password1: Option<String>,
    /// The password again.
    pub password2: Option<String>,
    /// The fields that the configuration adds.
    pub fields: Vec<FieldChange>,
    /// The code of an invitation.
    pub invitation_code: Option<String>,
}

/// The result of a registration.
#[derive(Debug)]
pub enum Registered {
    /// The account is active and its owner is logged in.
    LoggedIn(Box<LoggedIn>),
    /// The account is active; the user who made it stays logged in as before.
    ForAnother(Box<User>, Map<String, Value>),
    /// The account can be used once its address is verified.
    VerificationSent,
    /// The account is active; the first login waits for a second factor to be set up.
    Pending(Box<Pending>),
}

/// The fields in the order of their errors.
const FIELDS: &[&str] =
    &["username", "email", "first_name", "last_name", "password1", "password2", NON_FIELD_ERRORS];

/// The input of a form that was found valid.
struct Wanted {
    username: String,
    name_is_made_up: bool,
    email: String,
    /// Whether the table has a row of the address, verified or not.
    address_is_recorded: bool,
    first_name: String,
    last_name: String,
    mode: Mode,
    password: String,
    fields: Vec<FieldChange>,
    invitation: Option<Invitation>,
}

impl Wanted {
    fn address_is_proven(&self) -> bool {
        self.invitation.as_ref().is_some_and(|invitation| invitation.proves_address)
    }
}

/// Whether a registration is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It is kept.
    Real,
    /// It is written and rolled back, because the address is registered and the client must not
    /// learn this.
    Decoy,
}

/// Whether only users who are logged in may register others, by `rest_auth.register`.
#[must_use]
pub fn is_for_users(settings: &FlowSettings) -> bool {
    let access = settings.rest_auth.register;
    matches!(access, RegisterAccess::Authenticated | RegisterAccess::Staff)
}

/// Whether registering takes an invitation.
pub(crate) fn is_by_invitation(settings: &FlowSettings) -> bool {
    settings.rest_auth.register == RegisterAccess::Invite
}

/// Checks whether `asked_by`, who is logged in, may create an account, by `rest_auth.register`.
/// [`register`] checks the invitation, because it is part of the form.
///
/// # Errors
/// [`AuthError::Unauthenticated`] without a login if users register others,
/// [`AuthError::Forbidden`] if nobody may register, or only staff.
pub fn permit(settings: &FlowSettings, asked_by: Option<&User>) -> Result<(), AuthError> {
    if is_for_users(settings) && asked_by.is_none() {
        return Err(AuthError::refused(Message::NotAuthenticated));
    }
    let may = match settings.rest_auth.register {
        RegisterAccess::Open | RegisterAccess::Authenticated | RegisterAccess::Invite => true,
        RegisterAccess::Staff => asked_by.is_some_and(|user| user.is_staff),
        RegisterAccess::Closed => false,
    };
    if may { Ok(()) } else { Err(AuthError::Forbidden(Message::PermissionDenied)) }
}

/// Creates an account. `asked_by` is the user who is logged in, if any.
///
/// # Errors
/// Those of [`permit`]; [`AuthError::Invalid`] with `errors` and all further errors of the fields;
/// [`AuthError::Throttled`] after too many attempts.
pub async fn register(
    auth: &Auth,
    context: &Context,
    asked_by: Option<&User>,
    form: Registration,
    errors: FieldErrors,
) -> Result<Registered, AuthError> {
    permit(auth.settings(), asked_by)?;
    let Some(created) = create(auth, context, form, errors).await? else {
        return Ok(Registered::VerificationSent);
    };
    if is_for_users(auth.settings()) {
        let fields = user_fields::of(auth, created.user.id).await?;
        return Ok(Registered::ForAnother(Box::new(created.user), fields));
    }
    let proven = Proven::by_registration(created, auth.now());
    Ok(match login::complete(auth, context, proven).await? {
        Outcome::LoggedIn(done) => Registered::LoggedIn(done),
        Outcome::Step(pending) if pending.token().is_some() => Registered::Pending(pending),
        Outcome::Step(_) => Registered::VerificationSent,
    })
}

/// Creates an account with an invitation and logs nobody in: the user does that in the application.
/// `false`: the account can be used once its address is verified.
///
/// # Errors
/// Those of [`register`].
pub async fn accept_invitation(
    auth: &Auth,
    context: &Context,
    form: Registration,
    errors: FieldErrors,
) -> Result<bool, AuthError> {
    if !is_by_invitation(auth.settings()) {
        return Err(AuthError::NotFound);
    }
    Ok(create(auth, context, form, errors).await?.is_some())
}

/// Creates an account; none if its address has to be verified before it can be used.
async fn create(
    auth: &Auth,
    context: &Context,
    form: Registration,
    errors: FieldErrors,
) -> Result<Option<CreatedUser>, AuthError> {
    limits::consume(auth, Action::Signup, &LimitKey::at(&context.client)).await?;
    let mut wanted = check(auth, form, errors).await?;
    let requester = Requester { address: context.client.address, account: None };
    let password = Password::new(wanted.password.clone());
    let password = auth.hashing().encode(Priority::Change, requester, password).await?;
    let Some(created) = account::write(auth, context, &mut wanted, password).await? else {
        return Ok(None);
    };
    events::record(auth, &context.client, Event::Registration { user: created.user.id });
    let must_verify = auth.settings().account.email_verification == EmailVerification::Mandatory;
    Ok(Some(created).filter(|_| !must_verify || wanted.address_is_proven()))
}

async fn check(
    auth: &Auth,
    form: Registration,
    mut errors: FieldErrors,
) -> Result<Wanted, AuthError> {
    let invitation = invited(auth, &form, &mut errors).await?;
    let address = check_address(auth, &form, invitation.as_ref(), &mut errors).await?;
    let username = form.username.as_deref().map(|name| lookup::casing(auth).stored(name));
    if let Some(name) = &username
        && let Some(problem) =
            username::problem(auth, name, Wanting::Newcomer(&address.email)).await?
    {
        errors.push("username", problem);
    }
    if let Some(password) = &form.password1 {
        errors.extend("password1", password_problems(auth, password));
    }
    errors.in_order_of(FIELDS).into_result()?;
    let password = form.password1.unwrap_or_default();
    if form.password2.is_some_and(|again| again != password) {
        return Err(AuthError::form(Message::RegistrationPasswordMismatch));
    }
    let name_is_made_up = username.is_none();
    let username = match username {
        Some(name) => name,
        None => username::made_up(auth, &[&address.email, "user"]).await?,
    };
    let first_name = form.first_name.unwrap_or_default();
    let last_name = form.last_name.unwrap_or_default();
    let attributes = UserAttributes {
        username: &username,
        email: &address.email,
        first_name: &first_name,
        last_name: &last_name,
    };
    refuse_resemblance(auth, &password, &attributes)?;
    Ok(Wanted {
        username,
        name_is_made_up,
        email: address.email,
        address_is_recorded: address.is_recorded,
        first_name,
        last_name,
        mode: address.mode,
        password,
        fields: form.fields,
        invitation,
    })
}

/// The invitation of the form, if one is needed. Without a valid one the answer does not reveal who
/// is registered.
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

/// The address of an account that is wanted.
struct WantedAddress {
    /// The address, or empty.
    email: String,
    /// Whether allauth would not record it again.
    is_recorded: bool,
    mode: Mode,
}

/// Checks the address of the account, and whether another account has verified it.
async fn check_address(
    auth: &Auth,
    form: &Registration,
    invitation: Option<&Invitation>,
    errors: &mut FieldErrors,
) -> Result<WantedAddress, AuthError> {
    let none = WantedAddress { email: String::new(), is_recorded: false, mode: Mode::Real };
    let given = given_address(auth, form, invitation, errors).filter(|given| !given.is_empty());
    let Some(given) = given else { return Ok(none) };
    let Ok(email) = Email::parse(&given) else {
        // An address that is too long for the column would be cut, and could become another user's
        // address.
        errors.push("email", Message::InvalidEmail);
        return Ok(none);
    };
    let Known { is_taken, is_recorded } = look_up(auth, &email).await?;
    let is_proven = invitation.is_some_and(|invitation| invitation.proves_address);
    // The owner of the mailbox may learn what is registered with the address.
    if is_taken && (is_proven || !auth.settings().hide_who_is_registered()) {
        errors.push("email", Message::EmailTaken);
    }
    let mode = if is_taken { Mode::Decoy } else { Mode::Real };
    Ok(WantedAddress { email: email.into_string(), is_recorded, mode })
}

/// The address that is asked for: that of the form, or the one that the invitation is bound to.
fn given_address(
    auth: &Auth,
    form: &Registration,
    invitation: Option<&Invitation>,
    errors: &mut FieldErrors,
) -> Option<String> {
    let Some(invitation) = invitation else { return form.email.clone() };
    let Some(bound) = invitation.email.clone() else {
        // The form cannot check this, because the invitation may contain the address.
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

/// What is known of an address before it is registered.
#[derive(Clone, Copy, Default)]
struct Known {
    /// Whether another account has verified it.
    is_taken: bool,
    /// Whether allauth would not record it again: some account has a row of it.
    is_recorded: bool,
}

async fn look_up(auth: &Auth, email: &Email) -> Result<Known, AuthError> {
    let settings = &auth.settings().account;
    if !settings.unique_email {
        return Ok(Known::default());
    }
    let rows = auth.store().address_rows(email.as_str()).await?;
    Ok(Known {
        is_taken: rows.iter().any(|row| row.verified),
        is_recorded: !rows.is_empty() && settings.prevent_enumeration != PreventEnumeration::Strict,
    })
}

/// Without validators allauth still requires a minimum length.
fn password_problems(auth: &Auth, password: &str) -> Vec<Message> {
    if !auth.validators().is_empty() {
        return password_rules::problems(auth, password, None);
    }
    let min_length =
        usize::try_from(auth.settings().account.password_min_length).unwrap_or(usize::MAX);
    if password.chars().count() < min_length {
        return vec![Message::PasswordTooShort { min_length }];
    }
    password_rules::too_long(auth, password).into_iter().collect()
}

/// Runs the validators again with the data of the user, which the password must not resemble.
fn refuse_resemblance(
    auth: &Auth,
    password: &str,
    attributes: &UserAttributes<'_>,
) -> Result<(), AuthError> {
    let mut errors = FieldErrors::new();
    if !auth.validators().is_empty() {
        let problems = password_rules::problems(auth, password, Some(attributes));
        errors.extend(NON_FIELD_ERRORS, problems);
    }
    Ok(errors.into_result()?)
}
