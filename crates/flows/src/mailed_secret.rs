//! Keys, links and codes that are mailed, of which the database keeps a digest, and that work once.

use chrono::TimeDelta;
use rest_auth_domain::mailed_secret::Seal;
use rest_auth_domain::opaque_token::digest_of;
use rest_auth_domain::password::EncodedPassword;
use rest_auth_domain::user_code;
use rest_auth_store::{Earlier, MailedSecret, NewOneTime, OneTime, User, UserWithPassword};
use serde::{Deserialize, Serialize};

use crate::auth::Auth;
use crate::error::AuthError;
use crate::lookup::NOBODY;

/// The id of no secret: attempts at it are looked for and not counted.
const NO_SECRET: i64 = 0;

/// The purpose of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretKind {
    /// A link that verifies an address.
    VerificationKey,
    /// A code that verifies an address.
    VerificationCode,
    /// A link to choose a new password.
    ResetLink,
    /// A code to choose a new password.
    ResetCode,
}

/// Where a secret was mailed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SentTo {
    /// The address, in lower case.
    pub(crate) email: String,
    /// Its record, if the user has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) address_id: Option<i64>,
}

/// A user who would get a secret at an address: with the hash of their password if the secret resets
/// it, since what resets a password ends with it.
#[derive(Clone, Debug)]
pub(crate) struct Recipient<U = User> {
    pub(crate) user: U,
    pub(crate) to: SentTo,
}

/// A secret from a request that is not used up yet, and the recipient it was mailed to.
#[derive(Debug)]
pub(crate) struct ShownSecret<U = User> {
    pub(crate) recipient: Recipient<U>,
    pub(crate) secret: OneTime,
}

/// What a secret is sealed with of its user.
pub(crate) trait Addressee {
    /// The user.
    fn user(&self) -> &User;
    /// The hash of the password, if the secret ends with it.
    fn password(&self) -> Option<&EncodedPassword>;
}

impl Addressee for User {
    fn user(&self) -> &User {
        self
    }

    fn password(&self) -> Option<&EncodedPassword> {
        None
    }
}

impl Addressee for UserWithPassword {
    fn user(&self) -> &User {
        &self.user
    }

    fn password(&self) -> Option<&EncodedPassword> {
        Some(&self.password)
    }
}

impl Recipient<UserWithPassword> {
    /// A decoy: what is written for it and thrown away costs as much as for a user. Its address is
    /// not the one that was typed, which may be too long for its column.
    pub(crate) fn nobody(auth: &Auth) -> Self {
        let email = "nobody@example.com";
        let user = User {
            id: NOBODY,
            username: "nobody".to_owned(),
            email: email.to_owned(),
            first_name: String::new(),
            last_name: String::new(),
            is_active: false,
            is_staff: false,
            is_superuser: false,
            last_login: None,
            date_joined: auth.now(),
            epoch: 0,
        };
        let password = EncodedPassword::new("!");
        let user = UserWithPassword { user, password, has_factor: None, is_guessed: false };
        Self { user, to: SentTo { email: email.to_owned(), address_id: Some(0) } }
    }
}

impl SecretKind {
    /// As the database names it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::VerificationKey => "verification_key",
            Self::VerificationCode => "verification_code",
            Self::ResetLink => "password_reset_link",
            Self::ResetCode => "password_reset_code",
        }
    }

    fn lifetime(self, auth: &Auth) -> TimeDelta {
        let account = &auth.settings().account;
        let lifetime = match self {
            Self::VerificationKey => {
                return TimeDelta::days(account.email_confirmation_expire_days.into());
            }
            Self::VerificationCode => account.email_verification_by_code_timeout,
            Self::ResetLink => auth.settings().auth.password_reset_timeout,
            Self::ResetCode => account.password_reset_by_code_timeout,
        };
        TimeDelta::from_std(lifetime).unwrap_or(TimeDelta::MAX)
    }

    /// How many attempts a secret allows. Links need no limit, because they are too long to be
    /// guessed.
    fn attempts(self, auth: &Auth) -> i64 {
        let account = &auth.settings().account;
        match self {
            Self::VerificationCode => account.email_verification_by_code_max_attempts.into(),
            Self::ResetCode => account.password_reset_by_code_max_attempts.into(),
            Self::VerificationKey | Self::ResetLink => i64::MAX,
        }
    }

    /// What happens to an earlier secret. Earlier links stay valid, because the user may click the
    /// older of two mails. Earlier codes end, so that guesses have one code to find only.
    fn earlier(self) -> Earlier {
        match self {
            Self::VerificationKey | Self::ResetLink => Earlier::Stay,
            Self::VerificationCode | Self::ResetCode => Earlier::End,
        }
    }

    fn seal<U: Addressee>(self, recipient: &Recipient<U>) -> Seal<'_> {
        let user = recipient.user.user();
        let password = recipient.user.password();
        Seal {
            kind: self.as_str(),
            user_id: user.id,
            epoch: user.epoch,
            address: &recipient.to.email,
            // A secret that resets a password ends with a new password, also if Django has set it:
            // Django does not raise the epoch.
            password: password.map(EncodedPassword::as_str),
            email: password.map(|_| user.email.as_str()),
        }
    }
}

/// A secret to store together with the mail that carries it.
pub(crate) fn issue<U: Addressee>(
    auth: &Auth,
    kind: SecretKind,
    recipient: &Recipient<U>,
    secret: &str,
) -> MailedSecret {
    let (user, now) = (recipient.user.user(), auth.now());
    let digest = match kind {
        // The digest alone finds it, because 300 random bits cannot be guessed.
        SecretKind::VerificationKey => digest_of(secret),
        _ => kind.seal(recipient).digest(auth.keys(), secret),
    };
    let secret = NewOneTime {
        kind: kind.as_str().to_owned(),
        digest,
        user_id: Some(user.id),
        epoch: user.epoch,
        data: serde_json::json!(recipient.to).to_string(),
        created_at: now,
        expires_at: now.checked_add_signed(kind.lifetime(auth)).unwrap_or(now),
    };
    MailedSecret { secret, earlier: kind.earlier() }
}

/// A code to mail: as it is shown, and what to write down.
pub(crate) fn issue_code<U: Addressee>(
    auth: &Auth,
    kind: SecretKind,
    recipient: &Recipient<U>,
) -> (String, MailedSecret) {
    let account = &auth.settings().account;
    let format = if kind == SecretKind::ResetCode {
        account.password_reset_by_code_code_format.0
    } else {
        account.email_verification_by_code_format.0
    };
    let code = user_code::generate(auth.random(), format);
    let secret = issue(auth, kind, recipient, &user_code::significant(&code).unwrap_or_default());
    (code, secret)
}

/// Where a secret was mailed to, as it was written down.
pub(crate) fn sent_to(secret: &OneTime) -> Option<SentTo> {
    serde_json::from_str(&secret.data).ok()
}

/// The user of a link's secret.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn find_link(
    auth: &Auth,
    kind: SecretKind,
    user: Option<UserWithPassword>,
    shown: &str,
) -> Result<Option<ShownSecret<UserWithPassword>>, AuthError> {
    let id = user.as_ref().map_or(NOBODY, |found| found.user.id);
    let held = auth.store().one_times_of(id, kind.as_str(), auth.now()).await?;
    let Some(user) = user else { return Ok(None) };
    for secret in held {
        let Some(to) = sent_to(&secret) else { continue };
        let recipient = Recipient { user: user.clone(), to };
        if kind.seal(&recipient).matches(auth.keys(), shown, &secret.digest) {
            return Ok(Some(ShownSecret { recipient, secret }));
        }
    }
    Ok(None)
}

/// Finds the recipient whose code was typed. Each attempt is counted for every candidate before it
/// is compared, so that parallel attempts cannot exceed the limit. The work is the same if there is
/// no such code.
///
/// # Errors
/// Errors of the database.
pub(crate) async fn try_code<U: Addressee + Clone>(
    auth: &Auth,
    kind: SecretKind,
    recipients: Vec<Recipient<U>>,
    typed: &str,
) -> Result<Option<ShownSecret<U>>, AuthError> {
    let (store, now) = (auth.store(), auth.now());
    if recipients.is_empty() {
        store.one_times_of(NOBODY, kind.as_str(), now).await?;
    }
    let (mut tried, mut is_asked) = (Vec::new(), false);
    for recipient in recipients {
        for secret in store.one_times_of(recipient.user.user().id, kind.as_str(), now).await? {
            if sent_to(&secret).as_ref() != Some(&recipient.to) {
                continue;
            }
            is_asked = true;
            if store.count_attempt(secret.id, kind.attempts(auth), now).await? {
                tried.push(ShownSecret { recipient: recipient.clone(), secret });
            }
        }
    }
    // Two statements in any case, of which one writes: a code that allows no more attempts is not
    // written to, and time must not tell it from one that nobody asked for.
    if !is_asked {
        store.count_attempt(NO_SECRET, 0, now).await?;
    }
    if tried.is_empty() {
        store.count_decoy_attempt(now).await?;
    } else {
        store.count_attempt(NO_SECRET, 0, now).await?;
    }
    let Some(code) = user_code::significant(typed) else { return Ok(None) };
    let is_it = |shown: &ShownSecret<U>| {
        kind.seal(&shown.recipient).matches(auth.keys(), &code, &shown.secret.digest)
    };
    Ok(tried.into_iter().find(is_it))
}
