//! No call costs more because there are more users: no statement on their tables reads all of one.

mod features;

use rest_auth_flows::accounts;
use rest_auth_store::testing::{TestDatabase, record, scans};

use crate::fixture::*;
use crate::without_allauth::plain_database;

on_every_database!(
    no_call_reads_all_users_in_the_strict_profile,
    no_call_reads_all_users_in_the_django_profile,
    no_call_reads_all_users_without_allauth,
);

/// Enough that every database prefers an index where it has one.
const USERS: u32 = 3000;

async fn no_call_reads_all_users_in_the_strict_profile(backend: Backend) {
    no_call_reads_all_users(backend, "strict").await;
}

async fn no_call_reads_all_users_in_the_django_profile(backend: Backend) {
    no_call_reads_all_users(backend, "django").await;
}

async fn no_call_reads_all_users(backend: Backend, profile: &str) {
    let database = TestDatabase::migrated(backend).await.expect("the database is there");
    database.store().await.expect("the database can be opened").close().await;
    fill(&database, backend, &["auth_user", "account_emailaddress", "rest_auth_claim"]).await;
    let config = json!({
        "profile": profile,
        "rest_framework": {"default_authentication_classes": ["token"]},
        "account": {
            "login_methods": ["username", "email"],
            "email_management": true,
            "email_verification": "optional",
        },
        "apps": {"token_blacklist": true},
    });
    let server =
        Server::start_on(&merged(&merged(&base(), &token_mode()), &config), database).await;
    let server = Arc::new(server.expect("the server starts"));
    create(
        &server,
        json!({
            "username": "Ada",
            "password": PASSWORD,
            "email": "ada@example.com",
            "email_verified": true,
        }),
    )
    .await;
    record();
    call_everything(&server).await;
    let (count, found) = scans(server.auth().store()).await.expect("plans can be read");
    assert!(count > 20, "{count} statements on users");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

async fn no_call_reads_all_users_without_allauth(backend: Backend) {
    let database = plain_database(backend).await;
    fill(&database, backend, &["auth_user", "rest_auth_claim"]).await;
    let config = json!({
        "profile": "django",
        "rest_framework": {"default_authentication_classes": ["token"]},
    });
    let config = merged(&merged(&base(), &token_mode()), &config);
    let server = Server::start_on(&config, database).await;
    let server = Arc::new(server.expect("the server starts"));
    create(&server, json!({"username": "Ada", "password": PASSWORD, "email": "Ada@example.com"}))
        .await;
    record();
    call_without_allauth(&server).await;
    let (count, found) = scans(server.auth().store()).await.expect("plans can be read");
    assert!(count > 5, "{count} statements on users");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Users as Django writes them, and what belongs to them in other tables.
async fn fill(database: &TestDatabase, backend: Backend, tables: &[&str]) {
    let numbers = match backend {
        Backend::Postgres => format!("SELECT g FROM generate_series(1, {USERS}) AS s(g)"),
        Backend::Mysql => format!("SELECT seq AS g FROM seq_1_to_{USERS}"),
        Backend::Sqlite => format!(
            "WITH RECURSIVE s(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM s WHERE g < {USERS}) \
             SELECT g FROM s"
        ),
    };
    let text = |prefix: &str, suffix: &str| match backend {
        Backend::Mysql => format!("CONCAT('{prefix}', g, '{suffix}')"),
        _ => format!("'{prefix}' || g || '{suffix}'"),
    };
    let (name, email) = (text("v", ""), text("v", "@example.com"));
    let primary = if backend == Backend::Mysql { "`primary`" } else { "\"primary\"" };
    let analyze = if backend == Backend::Mysql { "ANALYZE TABLE" } else { "ANALYZE" };
    for table in tables {
        let rows = match *table {
            "auth_user" => format!(
                "(password, is_superuser, username, first_name, last_name, email, \
                 is_staff, is_active, date_joined) \
                 SELECT '!x', false, {name}, '', '', {email}, false, true, '2026-01-01 00:00:00' \
                 FROM ({numbers}) AS numbers"
            ),
            "account_emailaddress" => format!(
                "(email, verified, {primary}, user_id) SELECT email, true, true, id FROM auth_user"
            ),
            _ => {
                "(kind, digest, user_id) SELECT 'username', username, id FROM auth_user".to_owned()
            }
        };
        for statement in [format!("INSERT INTO {table} {rows}"), format!("{analyze} {table}")] {
            database.execute(&statement).await.expect("the database takes it");
        }
    }
}

/// Makes each call that looks for a user, found and not found.
async fn call_everything(server: &Arc<Server>) {
    let mut anybody = Client::new(server);
    let key = try_login(&mut anybody, "Ada", PASSWORD).await.text("key");
    for name in ["ada", "nobody", "\u{e9}lodie"] {
        try_login(&mut anybody, name, PASSWORD).await;
    }
    for email in ["ada@example.com", "v7@example.com", "nobody@example.com"] {
        let form = json!({"email": email, "password": PASSWORD});
        anybody.post("/login/", &form).await;
        anybody.post("/password/reset/", &json!({"email": email})).await;
        anybody.post("/registration/resend-email/", &json!({"email": email})).await;
    }
    for (name, email) in [("eve", "eve@example.com"), ("V7", "v9@example.com")] {
        let passwords = json!({"password1": PASSWORD, "password2": PASSWORD});
        let form = merged(&passwords, &json!({"username": name, "email": email}));
        anybody.post("/registration/", &form).await;
    }
    let mut ada = Client::new(server).with_token(&key);
    ada.get("/user/").await.is(200);
    ada.json("PATCH", "/user/", &json!({"username": "V8"})).await.is(400);
    ada.json("PATCH", "/user/", &json!({"username": "adele"})).await.is(200);
    let add = json!({"email": "second@example.com", "current_password": PASSWORD});
    ada.post("/emails/", &add).await.is(201);
    ada.get("/emails/").await.is(200);
    ada.post("/password/change/", &password_change(PASSWORD, NEW_PASSWORD)).await;
    as_administrator(server).await;
}

/// The same in a project without allauth: addresses stand in the table of users alone.
async fn call_without_allauth(server: &Arc<Server>) {
    let mut anybody = Client::new(server);
    let key = try_login(&mut anybody, "Ada", PASSWORD).await.text("key");
    try_login(&mut anybody, "nobody", PASSWORD).await;
    for email in ["ADA@example.com", "v7@example.com", "nobody@example.com", "_%!@example.com"] {
        anybody.post("/login/", &json!({"email": email, "password": PASSWORD})).await;
        anybody.post("/password/reset/", &json!({"email": email})).await;
    }
    let mut ada = Client::new(server).with_token(&key);
    ada.get("/user/").await.is(200);
    ada.json("PATCH", "/user/", &json!({"username": "V8"})).await.is(400);
    ada.json("PATCH", "/user/", &json!({"username": "adele"})).await.is(200);
    for name in ["adele", "V7@example.com", "nobody"] {
        let _ = accounts::find(server.auth(), name).await;
    }
    change(server, "v7", json!({"email": "new@example.com"})).await;
}

async fn as_administrator(server: &Arc<Server>) {
    let auth = server.auth();
    for name in ["adele", "v7@example.com", "nobody", "17"] {
        let _ = accounts::find(auth, name).await;
    }
    change(server, "v7", json!({"email": "new@example.com", "email_verified": true})).await;
    auth.store().list_users(20, 100).await.expect("the database answers");
    accounts::delete(auth, "v8").await.expect("nobody refers to the user");
}
