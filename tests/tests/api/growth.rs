//! No call costs more because there are more users: no statement on their tables reads all of one.

use rest_auth_flows::accounts;
use rest_auth_store::testing::{TestDatabase, record, scans};

use crate::fixture::*;

on_every_database!(
    no_call_reads_all_users_in_the_strict_profile,
    no_call_reads_all_users_in_the_django_profile,
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
    fill(&database, backend).await;
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

/// Users as Django writes them.
async fn fill(database: &TestDatabase, backend: Backend) {
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
    let users = format!(
        "INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, \
         is_staff, is_active, date_joined) \
         SELECT '!x', false, {name}, '', '', {email}, false, true, '2026-01-01 00:00:00' \
         FROM ({numbers}) AS numbers"
    );
    let primary = if backend == Backend::Mysql { "`primary`" } else { "\"primary\"" };
    let addresses = format!(
        "INSERT INTO account_emailaddress (email, verified, {primary}, user_id) \
         SELECT email, true, true, id FROM auth_user"
    );
    let claims = "INSERT INTO rest_auth_claim (kind, digest, user_id) \
                  SELECT 'username', username, id FROM auth_user";
    let statistics = match backend {
        Backend::Mysql => "ANALYZE TABLE auth_user, account_emailaddress, rest_auth_claim",
        Backend::Postgres | Backend::Sqlite => "ANALYZE",
    };
    for statement in [users.as_str(), addresses.as_str(), claims, statistics] {
        database.execute(statement).await.expect("the database takes it");
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

async fn as_administrator(server: &Arc<Server>) {
    let auth = server.auth();
    for name in ["adele", "v7@example.com", "nobody", "17"] {
        let _ = accounts::find(auth, name).await;
    }
    change(server, "v7", json!({"email": "new@example.com", "email_verified": true})).await;
    auth.store().list_users(20, 100).await.expect("the database answers");
    accounts::delete(auth, "v8").await.expect("nobody refers to the user");
}
