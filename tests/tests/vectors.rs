//! The recorded test vectors that need a database, and the promise that no area is left out.
//!
//! All others are about pure functions: `tests/vectors` of the crates `domain` and `social` runs
//! them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex::Regex;
use rest_auth_domain::password::{EncodedPassword, Password};
use rest_auth_flows::auth::Auth;
use rest_auth_flows::context::Context;
use rest_auth_flows::hashing::{Priority, Requester};
use rest_auth_flows::links::LinkBase;
use rest_auth_flows::lookup::{self, Identifier};
use rest_auth_flows::{User, login};
use rest_auth_store::testing::TestDatabase;
use rest_auth_store::{Backend, NewAddress, NewUser};
use rest_auth_tests::contract::{Subject as _, merged};
use rest_auth_tests::data;
use rest_auth_tests::on_every_database;
use rest_auth_tests::server::Server;
use serde_json::{Value, json};

/// The vectors of an area.
fn vectors(area: &str) -> Vec<Value> {
    let mut document = all();
    let Value::Array(vectors) = document["vectors"].take() else { panic!("there are no vectors") };
    let vectors: Vec<_> = vectors.into_iter().filter(|vector| vector["area"] == area).collect();
    assert!(!vectors.is_empty(), "there are no vectors of {area}");
    vectors
}

fn all() -> Value {
    let path = data::vectors();
    let text = std::fs::read_to_string(&path).expect("the vectors can be read");
    serde_json::from_str(&text).expect("the vectors are JSON")
}

/// Runs `check` on every vector of an area, whose answer must be what the vector expects.
async fn each(area: &str, check: impl AsyncFn(&Value) -> Value) {
    let mut failures = Vec::new();
    for vector in vectors(area) {
        // Boxed: the compiler bounds how deep futures nest.
        let actual = Box::pin(check(&vector["inputs"])).await;
        if actual != vector["expected"] {
            let (name, wanted) = (&vector["name"], &vector["expected"]);
            failures.push(format!("  {name}: got {actual}, wanted {wanted}"));
        }
    }
    assert!(failures.is_empty(), "{area}: {} fail\n{}", failures.len(), failures.join("\n"));
}

on_every_database!(
    credentials_belong_to_a_user,
    a_name_belongs_to_a_user,
    an_address_belongs_to_users,
);

/// A server on an empty database.
async fn server(backend: Backend, config: Value) -> Server {
    let base = json!({
        "profile": "django",
        "server": {
            "base_path": "/",
            "secret_key": "the key of the vectors, which is long enough",
        },
        "auth": {"pbkdf2_iterations": 1000},
    });
    let database = match backend {
        Backend::Mysql => without_unique_names().await,
        backend => TestDatabase::migrated(backend).await,
    };
    let database = database.expect("the database is configured");
    let server = Server::start_on(&merged(&base, &config), database).await;
    server.expect("the server starts")
}

/// A database of MySQL that holds names which differ in case. Its usual collation takes them for
/// equal, so that the index would refuse them; one with another collation holds them.
async fn without_unique_names() -> Option<TestDatabase> {
    let database = TestDatabase::fresh(Backend::Mysql).await?;
    database.store().await.expect("the schema can be made");
    let drop = "ALTER TABLE auth_user DROP INDEX username";
    database.execute(drop).await.expect("the index can be dropped");
    Some(database)
}

/// Makes the users as the inputs describe their rows.
async fn create_all(server: &Server, users: &Value) {
    for (number, user) in users.as_array().expect("users are listed").iter().enumerate() {
        create(server, number, user).await;
    }
}

/// Makes a user and then gives the name as Django does, which lets two names differ in case.
async fn create(server: &Server, number: usize, user: &Value) {
    let auth = server.auth();
    let text = |key| user.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let flag = |of: &Value, key, default| of.get(key).map_or(default, |flag| flag == true);
    let addresses = user.get("addresses").and_then(Value::as_array).into_iter().flatten();
    let addresses = addresses.map(|address| NewAddress {
        email: address["email"].as_str().expect("an address").to_owned(),
        verified: flag(address, "verified", false),
        primary: flag(address, "primary", false),
    });
    let password = stored_password(auth, user.get("password").and_then(Value::as_str)).await;
    let row = NewUser {
        email: text("email"),
        is_active: flag(user, "is_active", true),
        addresses: addresses.collect(),
        ..NewUser::active(format!("user {number}"), password, auth.now())
    };
    let created = auth.store().create_user(&row).await.expect("the user can be made");
    let name = text("username").replace('\'', "''");
    let rename = format!("UPDATE auth_user SET username = '{name}' WHERE id = {}", created.user.id);
    server.database().execute(&rename).await.expect("the user can be renamed");
}

async fn stored_password(auth: &Auth, password: Option<&str>) -> EncodedPassword {
    match password {
        None => EncodedPassword::unusable(auth.random()),
        Some(password) => {
            let password = Password::new(password.to_owned());
            let encoded =
                auth.hashing().encode(Priority::Change, Requester::default(), password).await;
            encoded.expect("the password can be hashed")
        }
    }
}

fn names<'a>(users: impl Iterator<Item = &'a User>) -> Vec<&'a str> {
    users.map(|user| user.username.as_str()).collect()
}

async fn credentials_belong_to_a_user(backend: Backend) {
    each("login.authenticate", async |inputs| {
        let backends = inputs["backends"].as_array().expect("backends are listed");
        let backends =
            backends.iter().map(|name| if name == "django" { "model" } else { "allauth" });
        let config = json!({
            "auth": {"authentication_backends": backends.collect::<Vec<_>>()},
            "account": {"login_methods": inputs["login_methods"]},
        });
        let server = server(backend, config).await;
        let auth = server.auth();
        create_all(&server, &inputs["users"]).await;
        let given = |key| inputs["credentials"].get(key).and_then(Value::as_str).map(str::to_owned);
        let identifier = match (given("username"), given("email")) {
            (Some(name), _) => Identifier::Username(name),
            (None, address) => Identifier::Email(address.expect("a user name or an address")),
        };
        let password = Password::new(given("password").expect("a password"));
        let context = Context::for_command(auth, LinkBase::configured(""));
        let found = login::password::prove(auth, &context, &identifier, password).await;
        let found = found.expect("the database answers");
        json!({
            "user": found.as_ref().map(|proven| &proven.user().username),
            "backend": found.as_ref().map(|proven| proven.backend().path()),
        })
    })
    .await;
}

async fn a_name_belongs_to_a_user(backend: Backend) {
    each("username.lookup", async |inputs| {
        let preserves = &inputs["preserve_casing"];
        let config = json!({"account": {"preserve_username_casing": preserves}});
        let server = server(backend, config).await;
        let existing = inputs["existing"].as_array().expect("names are listed");
        for (number, name) in existing.iter().enumerate() {
            create(&server, number, &json!({"username": name, "password": null})).await;
        }
        let query = inputs["query"].as_str().expect("a name");
        let found = lookup::by_name(server.auth(), query).await.expect("the database answers");
        json!({"found": found.map(|found| found.user.username)})
    })
    .await;
}

async fn an_address_belongs_to_users(backend: Backend) {
    each("email.lookup", async |inputs| {
        let server = server(backend, json!({"account": {"login_methods": ["email"]}})).await;
        let auth = server.auth();
        create_all(&server, &inputs["users"]).await;
        let query = inputs["query"].as_str().expect("an address");
        if inputs.get("prefer_verified") == Some(&json!(true)) {
            let users = lookup::by_email(auth, query).await.expect("the database answers");
            return json!({"found": names(users.iter().map(|found| &found.user))});
        }
        let found = lookup::everybody_of(auth, query).await.expect("the database answers");
        let users = found.iter().map(|found| &found.user);
        if inputs.get("is_active") != Some(&json!(true)) {
            return json!({"found": names(users)});
        }
        // Who forgot the password must be active: what counts is who gets a mail.
        let form = json!({"email": query}).to_string().into();
        let request = http::Request::post("/password/reset/")
            .header("host", "localhost")
            .header("content-type", "application/json")
            .body(form);
        let answer = server.answer(request.expect("a request")).await;
        assert_eq!(answer.status(), http::StatusCode::OK);
        let found = names(users.filter(|user| user.is_active));
        assert_eq!(server.new_mails().await.len(), found.len());
        json!({"found": found})
    })
    .await;
}

#[test]
fn every_area_is_tested() {
    let files = ["domain", "social"].into_iter().flat_map(|name| {
        let folder = format!("../crates/{name}/tests/vectors");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let files = std::fs::read_dir(folder).expect("the tests of the crate are there");
        files.map(|file| file.expect("the folder can be read").path())
    });
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors.rs");
    let tested: BTreeSet<String> = files.chain([ours]).flat_map(areas_in).collect();
    let recorded: BTreeSet<String> = all()["vectors"]
        .as_array()
        .expect("the vectors are listed")
        .iter()
        .map(|vector| vector["area"].as_str().expect("an area").to_owned())
        .collect();
    assert_eq!(tested, recorded, "each area of the vectors has a test, and each test vectors");
}

/// The areas that the tests of a file run: those they name as `each("area", …)`.
fn areas_in(file: PathBuf) -> Vec<String> {
    let source = std::fs::read_to_string(file).expect("the source can be read");
    let call = Regex::new(r#"each\(\s*"([a-z_]+\.[a-z0-9_]+)","#).expect("a pattern");
    call.captures_iter(&source).map(|found| found[1].to_owned()).collect()
}
