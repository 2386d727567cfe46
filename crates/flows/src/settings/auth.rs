//! `[auth]`: Django's `PASSWORD_HASHERS`, `AUTH_PASSWORD_VALIDATORS` and the work factors.

use std::time::Duration;

use rest_auth_settings::{choices, settings};
use rest_auth_settings::{days, hours, seconds};

use super::password_validator::PasswordValidator;
use super::rules;

choices! {
    /// A format of stored passwords.
    pub enum PasswordHasher {
        /// PBKDF2 with HMAC-SHA-256, Django's default.
        Pbkdf2Sha256 = "pbkdf2_sha256",
        /// PBKDF2 with HMAC-SHA-1.
        Pbkdf2Sha1 = "pbkdf2_sha1",
        /// Argon2id (RFC 9106).
        Argon2 = "argon2",
        /// bcrypt over a SHA-256 digest, so that no password is cut.
        BcryptSha256 = "bcrypt_sha256",
        /// bcrypt, which reads 72 bytes.
        Bcrypt = "bcrypt",
        /// scrypt (RFC 7914).
        Scrypt = "scrypt",
        /// Salted MD5, for tests only.
        Md5 = "md5",
    }
}

choices! {
    /// Where users are looked up at login, in this order.
    pub enum AuthenticationBackend {
        /// Django's: by user name.
        Model = "model",
        /// allauth's: by what `account.login_methods` says.
        Allauth = "allauth",
    }
}

settings! {
    /// Passwords.
    pub struct AuthSettings = "auth" {
        /// Formats of stored passwords. New passwords use the first; passwords in other formats do
        /// not work.
        #[rule(rules::password_hashers)]
        password_hashers: Vec<PasswordHasher> => {
            strict: vec![
                PasswordHasher::Argon2,
                PasswordHasher::Pbkdf2Sha256,
                PasswordHasher::Pbkdf2Sha1,
                PasswordHasher::BcryptSha256,
                PasswordHasher::Scrypt,
            ],
            django: vec![
                PasswordHasher::Pbkdf2Sha256,
                PasswordHasher::Pbkdf2Sha1,
                PasswordHasher::Argon2,
                PasswordHasher::BcryptSha256,
                PasswordHasher::Scrypt,
            ],
        },
        /// Rules for new passwords: names, or tables with `name` and options.
        password_validators: Vec<PasswordValidator> => {
            strict: PasswordValidator::all_with_defaults(),
            django: Vec::new(),
        },
        /// How long the link of a reset mail is valid.
        #[range(1.0, 3_153_600_000.0)]
        password_reset_timeout: Duration => { strict: hours(1), django: days(3) },
        /// Normalize passwords to NFC before hashing, so that they work on every keyboard. Django
        /// does not do this: switch it on only if Django does not check these passwords.
        normalize_passwords: bool => { strict: true, django: false },
        /// Maximum length of a password in bytes. Longer ones are refused before any hashing.
        #[range(64.0, 65_536.0)]
        password_max_bytes: u32 => { strict: 1_024, django: 4_096 },
        /// Where users are looked up at login, in this order.
        #[rule(rules::backends)]
        authentication_backends: Vec<AuthenticationBackend> =
            vec![AuthenticationBackend::Model, AuthenticationBackend::Allauth],
        /// Rounds of PBKDF2. Django 6.1: 1500000, 6.0: 1200000, 5.2: 1000000. A server that shares
        /// its database with Django needs the number of that Django version, else each login
        /// rewrites the hash.
        #[range(1.0, 100_000_000.0)]
        pbkdf2_iterations: u32 = 1_500_000,
        /// Memory of argon2 in KiB.
        #[range(8.0, 4_194_304.0)]
        argon2_memory_kib: u32 => { strict: 19_456, django: 102_400 },
        /// Passes of argon2.
        #[range(1.0, 1_000.0)]
        argon2_time_cost: u32 = 2,
        /// Lanes of argon2.
        #[range(1.0, 255.0)]
        argon2_parallelism: u32 => { strict: 1, django: 8 },
        /// Cost of bcrypt, as a power of two.
        #[range(4.0, 31.0)]
        bcrypt_rounds: u32 = 12,
        /// N of scrypt, a power of two.
        #[range(2.0, 1_048_576.0)]
        #[rule(|n: &u32| rules::scrypt_work_factor(*n))]
        scrypt_work_factor: u32 = 16_384,
        /// r of scrypt.
        #[range(1.0, 64.0)]
        scrypt_block_size: u32 = 8,
        /// p of scrypt.
        #[range(1.0, 64.0)]
        scrypt_parallelism: u32 = 5,
        /// Threads that hash passwords. None: as many as cores. They have a low priority, so that
        /// everything else goes first.
        #[range(1.0, 1_024.0)]
        hashing_threads: Option<u32> = None,
        /// How many hashes may wait. When there are more, the newest of whichever network has most
        /// of them is answered with 503 at once. None: as many as fit into `hashing_max_wait`.
        #[range(1.0, 100_000.0)]
        hashing_queue: Option<u32> = None,
        /// How long a hash may wait for a thread.
        #[range(0.01, 60.0)]
        hashing_max_wait: Duration = seconds(1),
    }
    instead {
        "user_model": "the user table is Django's `auth_user`",
        "login_redirect_url": "has no meaning here: it is about HTML pages",
        "login_redirect_urlname": "has no meaning here: it is about HTML pages",
        "login_url": "has no meaning here: it is about HTML pages",
        "logout_redirect_url": "has no meaning here: it is about HTML pages",
    }
}
