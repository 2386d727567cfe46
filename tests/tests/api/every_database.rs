//! One test per database of each async function that takes a [`Backend`].
//!
//! [`Backend`]: rest_auth_store::Backend

pub(crate) use rest_auth_tests::on_every_database;
