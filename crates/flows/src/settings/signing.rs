//! `[server]`, the part about keys: Django's `SECRET_KEY`.

use rest_auth_settings::Secret;
use rest_auth_settings::settings;

settings! {
    /// Keys of all signatures.
    pub struct SigningSettings = "server" {
        /// Key of signed links, sessions and, without `simple_jwt.signing_key`, of JWTs. None: a
        /// key is made at the first start and stored beside the database.
        secret_key: Option<Secret> = None,
        /// Former keys, still accepted when signatures are checked.
        secret_key_fallbacks: Vec<Secret> = Vec::new(),
    }
}
