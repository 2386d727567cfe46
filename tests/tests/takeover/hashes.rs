//! Stored hashes: in which form new ones are kept, and that those of other algorithms are renewed.

use std::sync::Arc;

use rest_auth_domain::password::{HashAlgorithm, Hashers, Password, WorkFactors};
use rest_auth_domain::random::OsRandom;
use rest_auth_store::{Backend, UserWithPassword};
use rest_auth_tests::client::{Answer, Client};
use rest_auth_tests::contract::{Subject as _, merged};
use rest_auth_tests::on_every_database;
use rest_auth_tests::server::Server;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery staple";
const COMPOSED: &str = "caf\u{e9} cr\u{e8}me br\u{fb}l\u{e9}e";
const DECOMPOSED: &str = "cafe\u{301} cre\u{300}me bru\u{302}le\u{301}e";

fn identity() -> Value {
    let key = "the key of the tests of hashes, which is long enough";
    json!({"base_path": "/", "secret_key": key})
}

on_every_database!(
    a_hash_of_before_passwords_were_normalised_verifies_and_is_renewed,
    new_hashes_are_argon2id_with_nineteen_mebibytes_and_one_lane,
    hashes_of_djangos_other_algorithms_verify_and_are_renewed,
);

/// A server on an empty database, whose own hashes cost next to nothing.
async fn empty_server(backend: Backend, config: Value) -> Arc<Server> {
    let cheap = json!({"argon2_memory_kib": 64, "argon2_time_cost": 1});
    let base = json!({"server": identity(), "auth": cheap});
    let server = Server::start(&merged(&base, &config), backend).await;
    Arc::new(server.expect("the server starts"))
}

async fn create(server: &Server, user: Value) {
    server.create_user(user).await.expect("the user is created");
}

/// Tries to log Ada in.
async fn try_login(server: &Arc<Server>, password: &str) -> Answer {
    let form = json!({"username": "ada", "password": password});
    Client::new(server).post("/login/", &form).await
}

async fn hash_of_ada(server: &Arc<Server>) -> String {
    let ada = server.auth().store().user_by_username("ada").await.expect("the database answers");
    let ada: UserWithPassword = ada.expect("Ada is there");
    ada.password.as_str().to_owned()
}

async fn a_hash_of_before_passwords_were_normalised_verifies_and_is_renewed(backend: Backend) {
    let factors = WorkFactors { pbkdf2_iterations: 1_000, ..WorkFactors::default() };
    let hashers = Hashers::new(vec![HashAlgorithm::Pbkdf2Sha256], factors).expect("hashers");
    let raw = Password::from(DECOMPOSED);
    let old = hashers.encode(&raw, &OsRandom, &mut hashers.scratch()).expect("a hash");
    let server = empty_server(backend, json!({})).await;
    create(&server, json!({"username": "ada", "password_hash": old.as_str()})).await;
    try_login(&server, COMPOSED).await.is(400);
    try_login(&server, DECOMPOSED).await.is(200);
    let new = hash_of_ada(&server).await;
    assert!(new.starts_with("argon2$argon2id$"), "{new}");
    for typed in [COMPOSED, DECOMPOSED] {
        try_login(&server, typed).await.is(200);
    }
}

async fn new_hashes_are_argon2id_with_nineteen_mebibytes_and_one_lane(backend: Backend) {
    let defaults = json!({"server": identity()});
    let server = Server::start(&defaults, backend).await.expect("the server starts");
    let server = Arc::new(server);
    create(&server, json!({"username": "ada", "password": PASSWORD})).await;
    let hash = hash_of_ada(&server).await;
    assert!(hash.starts_with("argon2$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
}

async fn hashes_of_djangos_other_algorithms_verify_and_are_renewed(backend: Backend) {
    let factors = WorkFactors { pbkdf2_iterations: 1_000, bcrypt_rounds: 4, ..Default::default() };
    for algorithm in [
        HashAlgorithm::Pbkdf2Sha256,
        HashAlgorithm::Pbkdf2Sha1,
        HashAlgorithm::BcryptSha256,
        HashAlgorithm::Scrypt,
    ] {
        let hashers = Hashers::new(vec![algorithm], factors).expect("hashers");
        let password = Password::from(PASSWORD);
        let old = hashers.encode(&password, &OsRandom, &mut hashers.scratch()).expect("a hash");
        let server = empty_server(backend, json!({})).await;
        create(&server, json!({"username": "ada", "password_hash": old.as_str()})).await;
        try_login(&server, "something else").await.is(400);
        assert_eq!(hash_of_ada(&server).await, old.as_str(), "a wrong password renewed it");
        try_login(&server, PASSWORD).await.is(200);
        let new = hash_of_ada(&server).await;
        assert!(new.starts_with("argon2$argon2id$"), "{algorithm:?}: {new}");
        try_login(&server, PASSWORD).await.is(200);
    }
}
