//! Accounts are created, changed and deleted by an administrator.

mod input;
mod login_blocker;
mod password;
mod warnings;

pub use input::{AccountChange, ExtraEmail, NewAccount, SocialIdentity};
pub use login_blocker::login_blocker;
pub use password::{set_password, set_password_unchecked};
pub use warnings::warnings;

use std::time::Duration;

use rest_auth_domain::email::Email;
use rest_auth_domain::mfa::{TotpSecret, authenticator};
use rest_auth_domain::password::{EncodedPassword, Password};
use rest_auth_domain::python_text;
use rest_auth_store::{
    CreatedUser, Deletion, FactorKind, FieldChange, GivenAddress, NameChange, NewAddress, NewUser,
    Outgoing, Renewal, SameName, StoreError, Unique, User,
};
use serde_json::{Map, Value};

use crate::auth::Auth;
use crate::client::Client;
use crate::context::Context;
use crate::credentials::token;
use crate::error::AuthError;
use crate::events::{self, Event};
use crate::hashing::{Priority, Requester};
use crate::mfa::stored;
use crate::primary_address::{self, Changed, PrimaryChange};
use crate::{invitations, lookup, outbox, password_rules, user_fields, username};

/// The reason why an account was not made or changed, for the administrator.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Another account has the name.
    #[error("username: {0:?} is taken")]
    UsernameTaken(String),
    /// Another account has verified the address.
    #[error("email: another account has verified {0:?}")]
    EmailTaken(String),
    /// No account has this name, address or id.
    #[error("no account is called {0:?}; give its username, e-mail address or id")]
    Unknown(String),
    /// Several accounts have this name or address.
    #[error("{0:?} means several accounts; give the id")]
    Ambiguous(String),
    /// A value that cannot be stored.
    #[error("{field}: {problem}")]
    Refused {
        /// The field.
        field: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },
    /// Rows of other tables point to the account.
    #[error("rows of {} point to the account: delete them first", .0.join(", "))]
    Referenced(Vec<String>),
    /// Something else went wrong.
    #[error(transparent)]
    Failed(#[from] AuthError),
}

impl From<StoreError> for AccountError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Makes an account.
///
/// # Errors
/// [`AccountError`].
pub async fn create(auth: &Auth, new: NewAccount) -> Result<User, AccountError> {
    create_with_mail(auth, new, |_| Outgoing::default()).await
}

/// Makes an account. Unless the line gives a password, mails the owner a link to choose one. The
/// link goes to the address of the account and works for `life`. The address counts as verified
/// unless the line says otherwise, because only its owner can use the link.
///
/// # Errors
/// [`AccountError`]; also if the account has no address.
pub async fn create_and_invite(
    auth: &Auth,
    context: &Context,
    mut new: NewAccount,
    life: Duration,
) -> Result<User, AccountError> {
    if new.password.is_some() || new.password_hash.is_some() {
        return create(auth, new).await;
    }
    match Email::parse(&new.email) {
        // As registration stores addresses, and the link is bound to the spelling.
        Ok(email) => new.email = email.into_string(),
        Err(problem) => {
            let problem = format!("{problem}: without one the invitation cannot be sent");
            return Err(AccountError::Refused { field: "email", problem });
        }
    }
    if !new.is_active {
        let problem = "an account that is closed cannot be entered by an invitation".to_owned();
        return Err(AccountError::Refused { field: "is_active", problem });
    }
    new.email_verified.get_or_insert(true);
    let mails = |created: &CreatedUser| invitations::to_owner(auth, context, created, life);
    let user = create_with_mail(auth, new, mails).await?;
    outbox::wake(auth);
    Ok(user)
}

async fn create_with_mail(
    auth: &Auth,
    new: NewAccount,
    mails: impl Fn(&CreatedUser) -> Outgoing + Send + Sync,
) -> Result<User, AccountError> {
    new.check()?;
    let totp = new.totp_secret.as_deref().map(parse_totp).transpose()?;
    let fields = extra(auth, &new.extra)?;
    let password = stored_password(auth, new.password.as_deref(), new.password_hash).await?;
    let user = NewUser {
        username: new.username,
        // Two users of another system may have names that differ in case; a warning tells.
        same_name: SameName::Exactly,
        addresses: addresses(&new.email, new.email_verified, new.extra_emails),
        // A record of it is in lower case, and a login may compare the two.
        email: match new.email_verified {
            Some(_) => new.email.to_lowercase(),
            None => new.email,
        },
        first_name: new.first_name,
        last_name: new.last_name,
        password: password.unwrap_or_else(|| unusable(auth)),
        is_active: new.is_active,
        is_staff: new.is_staff,
        is_superuser: new.is_superuser,
        date_joined: auth.now(),
        last_login: None,
        fields,
    };
    let created = match auth.store().create_user_with_mail(&user, mails).await {
        Ok(created) => created.user,
        Err(StoreError::Taken(Unique::Username)) => {
            return Err(AccountError::UsernameTaken(user.username));
        }
        Err(StoreError::Taken(Unique::VerifiedEmail)) => {
            return Err(AccountError::EmailTaken(user.email));
        }
        Err(error) => return Err(error.into()),
    };
    if let Some(token) = new.token {
        token::adopt(auth, &created, &token).await?;
    }
    for identity in new.social_accounts {
        connect(auth, &created, identity).await?;
    }
    if let Some(secret) = totp {
        enroll(auth, created.id, &secret).await?;
    }
    Ok(created)
}

/// Changes an account.
///
/// # Errors
/// [`AccountError`].
pub async fn update(
    auth: &Auth,
    context: &Context,
    name: &str,
    change: AccountChange,
) -> Result<User, AccountError> {
    change.check()?;
    let user = find(auth, name).await?;
    let store = auth.store();
    let names = NameChange {
        username: change.username.clone(),
        same_name: username::same_name(auth),
        first_name: change.first_name,
        last_name: change.last_name,
    };
    let fields = extra(auth, &change.extra)?;
    // Before anything is changed: a password may be refused.
    let password = change.password.as_deref();
    let hash = stored_password(auth, password, change.password_hash).await?;
    let Some(user) = username::change(auth, context, user, names, &fields).await? else {
        return Err(AccountError::UsernameTaken(change.username.unwrap_or_default()));
    };
    match (change.email, change.email_verified) {
        (Some(email), verified) => {
            give_address(auth, context, &user, GivenAddress { email, verified }).await?;
        }
        (None, Some(verified)) => set_verified(auth, &user, verified).await?,
        (None, None) => {}
    }
    if let Some(hash) = hash {
        password::replace(auth, &user, &hash).await?;
    }
    if let Some(active) = change.is_active {
        store.set_active(user.id, active).await?;
    }
    if change.is_staff.is_some() || change.is_superuser.is_some() {
        let flags = rest_auth_store::Flags {
            is_staff: change.is_staff.unwrap_or(user.is_staff),
            is_superuser: change.is_superuser.unwrap_or(user.is_superuser),
        };
        store.set_flags(user.id, flags).await?;
    }
    if let Some(token) = change.token {
        token::adopt(auth, &user, &token).await?;
    }
    let updated = store.user_by_id(user.id).await?;
    updated.ok_or_else(|| AccountError::Unknown(name.to_owned()))
}

/// Deletes an account and all its rows that this server knows.
///
/// # Errors
/// [`AccountError::Referenced`] if rows of other tables refer to it.
pub async fn delete(auth: &Auth, name: &str) -> Result<User, AccountError> {
    let user = find(auth, name).await?;
    match auth.store().delete_user(user.id).await? {
        Deletion::Deleted => {
            events::record(auth, &Client::default(), Event::AccountDeleted { user: user.id });
            Ok(user)
        }
        Deletion::NotFound => Err(AccountError::Unknown(name.to_owned())),
        Deletion::ReferencedBy(tables) => Err(AccountError::Referenced(tables)),
    }
}

/// Ends all logins of a user: our sessions, tokens and refresh families, DRF's token, and the
/// refresh tokens on SimpleJWT's list. Django's sessions end only with a new password.
///
/// # Errors
/// [`AccountError`].
pub async fn log_out_everywhere(auth: &Auth, name: &str) -> Result<User, AccountError> {
    let user = find(auth, name).await?;
    auth.store().renew_credentials(user.id, &Renewal::end_all(auth.now())).await?;
    Ok(user)
}

/// Finds an account by name, address or id.
///
/// # Errors
/// [`AccountError::Unknown`] or [`AccountError::Ambiguous`].
pub async fn find(auth: &Auth, name: &str) -> Result<User, AccountError> {
    if let Some(user) = auth.store().user_by_username(name).await? {
        return Ok(user);
    }
    let found = lookup::reachable_at::<User>(auth, name).await?;
    let mut found: Vec<User> = found.into_iter().map(|found| found.user).collect();
    if found.is_empty()
        && let Ok(id) = name.parse()
    {
        found.extend(auth.store().user_by_id(id).await?);
    }
    match (found.pop(), found.is_empty()) {
        (Some(user), true) => Ok(user),
        (Some(_), false) => Err(AccountError::Ambiguous(name.to_owned())),
        (None, _) => Err(AccountError::Unknown(name.to_owned())),
    }
}

fn addresses(email: &str, verified: Option<bool>, extra: Vec<ExtraEmail>) -> Vec<NewAddress> {
    let own = verified.map(|verified| NewAddress {
        email: email.to_lowercase(),
        verified,
        primary: true,
    });
    let extra = extra.into_iter().map(|extra| NewAddress {
        email: extra.email.to_lowercase(),
        verified: extra.verified,
        primary: false,
    });
    own.into_iter().chain(extra).collect()
}

/// What documents write where a password belongs, and what people copy from them.
const PLACEHOLDERS: [&str; 2] = ["...", "\u{2026}"];

async fn stored_password(
    auth: &Auth,
    password: Option<&str>,
    hash: Option<String>,
) -> Result<Option<EncodedPassword>, AccountError> {
    if let Some(hash) = hash {
        return Ok(Some(EncodedPassword::new(hash)));
    }
    // As the API reads passwords: without blanks at the ends.
    let Some(password) = password.map(python_text::strip) else { return Ok(None) };
    let refused = |problem: String| AccountError::Refused { field: "password", problem };
    if password.is_empty() {
        return Err(refused("is empty".to_owned()));
    }
    if PLACEHOLDERS.contains(&password) {
        return Err(refused(format!("`{password}` stands for a password; write one")));
    }
    if let Some(problem) = password_rules::too_long(auth, password) {
        return Err(refused(problem.to_string()));
    }
    let password = Password::new(password.to_owned());
    let encoded = auth.hashing().encode(Priority::Change, Requester::default(), password).await?;
    Ok(Some(encoded))
}

fn extra(auth: &Auth, given: &Map<String, Value>) -> Result<Vec<FieldChange>, AccountError> {
    let refused = |problem| AccountError::Refused { field: "extra", problem };
    user_fields::read(auth, given).map_err(refused)
}

fn unusable(auth: &Auth) -> EncodedPassword {
    EncodedPassword::unusable(auth.random())
}

/// Replaces the address of an account. The old address is removed.
async fn give_address(
    auth: &Auth,
    context: &Context,
    user: &User,
    given: GivenAddress,
) -> Result<(), AccountError> {
    match primary_address::change(auth, context, user, PrimaryChange::Give(&given)).await? {
        Changed::Moved(_) | Changed::Same => Ok(()),
        Changed::NotFound => Err(AccountError::Unknown(user.username.clone())),
        Changed::Refused | Changed::Taken => Err(AccountError::EmailTaken(given.email)),
    }
}

async fn set_verified(auth: &Auth, user: &User, verified: bool) -> Result<(), AccountError> {
    let own = user.email.to_lowercase();
    let addresses = auth.store().addresses_of(user.id).await?;
    if let Some(address) = addresses.iter().find(|address| address.email == own) {
        if verified {
            auth.store().set_address_verified(address.id).await?;
        } else {
            auth.store().set_address_unverified(address.id).await?;
        }
    } else {
        let address = NewAddress { email: own, verified, primary: addresses.is_empty() };
        auth.store().add_address(user.id, &address).await?;
    }
    Ok(())
}

async fn connect(auth: &Auth, user: &User, identity: SocialIdentity) -> Result<(), AccountError> {
    let account = rest_auth_store::NewSocialAccount {
        provider: identity.provider,
        uid: identity.uid,
        extra_data: serde_json::json!({}),
    };
    let nothing = Outgoing::default();
    auth.store().connect_social_account(user, &account, &nothing, auth.now()).await?;
    Ok(())
}

fn parse_totp(text: &str) -> Result<TotpSecret, AccountError> {
    let refused =
        |problem: &str| AccountError::Refused { field: "totp_secret", problem: problem.to_owned() };
    let secret = TotpSecret::parse(text).ok_or_else(|| refused("must be base 32"))?;
    if !authenticator::is_long_enough(&secret) {
        return Err(refused("must have 112 bits or more: no code of a shorter one works"));
    }
    Ok(secret)
}

async fn enroll(auth: &Auth, user_id: i64, secret: &TotpSecret) -> Result<(), AuthError> {
    let now = auth.now();
    let totp = stored::totp(auth, user_id, secret);
    auth.store().upsert_authenticator(user_id, FactorKind::Totp, &totp, now).await?;
    let (_, codes) = stored::new_recovery_codes(auth, user_id);
    auth.store().upsert_authenticator(user_id, FactorKind::RecoveryCodes, &codes, now).await?;
    Ok(())
}
