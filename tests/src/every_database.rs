//! One test per database of each async function that takes a [`Backend`].
//!
//! [`Backend`]: rest_auth_store::Backend

/// Makes a test per database of each of these functions. Where the environment names no server for
/// a database, its test is ignored and says so.
#[macro_export]
macro_rules! on_every_database {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            use rest_auth_store::Backend;
            use rest_auth_store::testing::run_test;

            #[test]
            fn sqlite() {
                run_test(Box::pin(super::$name(Backend::Sqlite)));
            }

            #[test]
            #[cfg_attr(not(postgres), ignore = "needs REST_AUTH_TEST_POSTGRES_URL")]
            fn postgres() {
                run_test(Box::pin(super::$name(Backend::Postgres)));
            }

            #[test]
            #[cfg_attr(not(mysql), ignore = "needs REST_AUTH_TEST_MYSQL_URL")]
            fn mysql() {
                run_test(Box::pin(super::$name(Backend::Mysql)));
            }
        })+
    };
}
