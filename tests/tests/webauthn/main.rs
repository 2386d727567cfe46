//! The packages of Django projects beside the server, on one database: what django-allauth and
//! dj-rest-auth have made logs in here, and what was made here logs in there, for allauth itself and
//! for `py_webauthn`, which verifies the passkeys of dj-rest-auth.
//!
//! `REST_AUTH_TEST_WEBAUTHN` is the command that runs `tests/webauthn/peer.py`.

mod codes;
mod passkeys;
mod peer;
mod project;

/// Makes a test per database of each of these functions.
macro_rules! on_every_database {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            use rest_auth_store::Backend;
            use rest_auth_store::testing::run_test;

            #[test]
            #[cfg_attr(not(webauthn), ignore = "needs REST_AUTH_TEST_WEBAUTHN")]
            fn sqlite() {
                run_test(Box::pin(super::$name(Backend::Sqlite)));
            }

            #[test]
            #[cfg_attr(not(webauthn), ignore = "needs REST_AUTH_TEST_WEBAUTHN")]
            #[cfg_attr(all(webauthn, not(postgres)), ignore = "needs REST_AUTH_TEST_POSTGRES_URL")]
            fn postgres() {
                run_test(Box::pin(super::$name(Backend::Postgres)));
            }

            #[test]
            #[cfg_attr(not(webauthn), ignore = "needs REST_AUTH_TEST_WEBAUTHN")]
            #[cfg_attr(all(webauthn, not(mysql)), ignore = "needs REST_AUTH_TEST_MYSQL_URL")]
            fn mysql() {
                run_test(Box::pin(super::$name(Backend::Mysql)));
            }
        })+
    };
}

pub(crate) use on_every_database;
