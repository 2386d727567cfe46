//! What the database keeps of new factors, as the configuration says.

use rest_auth_domain::mfa::{Owner, TotpSecret, authenticator, hashed_codes, recovery_codes};
use serde_json::Value;

use crate::auth::Auth;
use crate::settings::mfa::{RecoveryCodeStorage, TotpStorage};

/// The data of an authenticator app.
pub(crate) fn totp(auth: &Auth, user_id: i64, secret: &TotpSecret) -> Value {
    match auth.settings().mfa.totp_storage {
        TotpStorage::Django => authenticator::enroll(secret, auth.keys()),
        TotpStorage::Encrypted => {
            let owner = Owner { user_id, keys: auth.factor_keys() };
            authenticator::enroll_encrypted(secret, owner, auth.random())
        }
    }
}

/// New recovery codes, and their data.
pub(crate) fn new_recovery_codes(auth: &Auth, user_id: i64) -> (Vec<String>, Value) {
    let settings = &auth.settings().mfa;
    match settings.recovery_codes {
        RecoveryCodeStorage::Django => {
            let data = recovery_codes::generate(auth.random());
            (recovery_codes::all(&data, settings.recovery_code_count), data)
        }
        RecoveryCodeStorage::Hashed => {
            let owner = Owner { user_id, keys: auth.factor_keys() };
            hashed_codes::generate(settings.recovery_code_count, owner, auth.random())
        }
    }
}
