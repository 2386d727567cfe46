//! A project without allauth, as dj-rest-auth is first installed: there are no address records, and
//! no tables of other applications.

use rest_auth_store::testing::TestDatabase;

use crate::fixture::*;

on_every_database!(
    a_login_finds_the_address_in_the_table_of_users,
    a_login_with_an_address_that_nobody_has_goes_by_the_name,
    a_forgotten_password_is_reset_by_the_address_of_the_user,
    a_reset_passes_over_users_without_a_password,
    nothing_that_needs_address_records_is_offered,
    an_administrator_makes_changes_and_deletes_users,
    a_configuration_that_asks_for_allauth_is_refused,
    jwts_need_no_table_of_tokens,
    a_table_that_the_configuration_needs_is_named_at_start,
);

/// The tables of applications that dj-rest-auth does without.
const OTHERS: [&str; 11] = [
    "account_emailconfirmation",
    "account_emailaddress",
    "socialaccount_socialtoken",
    "socialaccount_socialapp_sites",
    "socialaccount_socialapp",
    "socialaccount_socialaccount",
    "token_blacklist_blacklistedtoken",
    "token_blacklist_outstandingtoken",
    "dj_rest_auth_mfa_authenticator",
    "mfa_authenticator",
    "usersessions_usersession",
];

/// A database of Django's without these tables.
async fn database_without(backend: Backend, tables: &[&str]) -> TestDatabase {
    let database = TestDatabase::fresh(backend).await.expect("a database");
    database.store().await.expect("it is migrated").close().await;
    for table in tables {
        database.execute(&format!("DROP TABLE {table}")).await.expect("the table goes");
    }
    database
}

/// A database with the tables of dj-rest-auth's plain installation.
pub(crate) async fn plain_database(backend: Backend) -> TestDatabase {
    database_without(backend, &[&OTHERS[..], &["django_site"]].concat()).await
}

/// A server on such a database that knows Ada.
async fn plain_server(backend: Backend, config: Value) -> Arc<Server> {
    let database = plain_database(backend).await;
    let server = Server::start_on(&merged(&base(), &config), database).await;
    let server = Arc::new(server.expect("the server starts"));
    create(&server, json!({"username": "ada", "password": PASSWORD, "email": "Ada@example.com"}))
        .await;
    server
}

fn by_email(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD})
}

async fn a_login_finds_the_address_in_the_table_of_users(backend: Backend) {
    for profile in ["strict", "django"] {
        let config = merged(&token_mode(), &json!({"profile": profile}));
        let server = plain_server(backend, config).await;
        for email in ["Ada@example.com", "ada@EXAMPLE.com"] {
            Client::new(&server).post("/login/", &by_email(email)).await.is(200);
        }
        try_login(&mut Client::new(&server), "ada", PASSWORD).await.is(200);
        // Its own backend knows exact names only.
        let answer = try_login(&mut Client::new(&server), "ADA", PASSWORD).await;
        answer.says(400, "Unable to log in");
        let nobody = json!({"password": PASSWORD});
        Client::new(&server).post("/login/", &nobody).await.says(400, "Unable to log in");
    }
}

async fn a_login_with_an_address_that_nobody_has_goes_by_the_name(backend: Backend) {
    let server = plain_server(backend, token_mode()).await;
    create(&server, json!({"username": "one", "password": PASSWORD, "email": "two@example.com"}))
        .await;
    create(&server, json!({"username": "two", "password": PASSWORD, "email": "two@example.com"}))
        .await;
    let mut client = Client::new(&server);
    for email in ["nobody@example.com", "two@example.com"] {
        client.post("/login/", &by_email(email)).await.says(400, "Unable to log in");
        let both = json!({"username": "ada", "email": email, "password": PASSWORD});
        client.post("/login/", &both).await.is(200);
    }
}

async fn a_forgotten_password_is_reset_by_the_address_of_the_user(backend: Backend) {
    let url = "https://app.example.com/{uid}/{token}/";
    for tokens in ["django", "stored"] {
        let own = json!({
            "rest_auth": {"password_reset_url": url, "password_reset_tokens": tokens},
            "account": {"email_notifications": false},
        });
        let server = plain_server(backend, merged(&token_mode(), &own)).await;
        let mut client = Client::new(&server);
        client.post("/password/reset/", &json!({"email": "ada@example.com"})).await.is(200);
        let mail = mail_to(&server, "Ada@example.com").await;
        let link = mail.split("https://app.example.com/").nth(1).expect("a link");
        let mut parts = link.split('/');
        let (uid, token) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        // Django's own form of the key, which is not allauth's.
        assert_eq!(uid, "MQ", "{mail}");
        let confirm = json!({
            "uid": uid, "token": token,
            "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD,
        });
        client.post("/password/reset/confirm/", &confirm).await.is(200);
        client.post("/password/reset/confirm/", &confirm).await.is(400);
        try_login(&mut client, "ada", NEW_PASSWORD).await.is(200);
        client.post("/password/reset/", &json!({"email": "nobody@example.com"})).await.is(200);
        assert_eq!(server.new_mails().await.len(), 0);
    }
}

async fn a_reset_passes_over_users_without_a_password(backend: Backend) {
    let server = plain_server(backend, token_mode()).await;
    create(&server, json!({"username": "bob", "email": "bob@example.com"})).await;
    let mut client = Client::new(&server);
    client.post("/password/reset/", &json!({"email": "bob@example.com"})).await.is(200);
    assert_eq!(server.new_mails().await.len(), 0);
}

async fn nothing_that_needs_address_records_is_offered(backend: Backend) {
    let server = plain_server(backend, token_mode()).await;
    let mut client = Client::new(&server);
    for path in ["/registration/", "/registration/verify-email/", "/registration/resend-email/"] {
        client.post(path, &json!({})).await.is(404);
    }
    client.get("/emails/").await.is(404);
    let (mut client, _) = token_client(&server).await;
    client.json("PATCH", "/user/", &json!({"username": "ada2"})).await.is(200);
    client.post("/password/change/", &password_change(PASSWORD, NEW_PASSWORD)).await.is(200);
}

async fn an_administrator_makes_changes_and_deletes_users(backend: Backend) {
    let server = plain_server(backend, token_mode()).await;
    create(
        &server,
        json!({
            "username": "bob", "password": PASSWORD,
            "email": "bob@example.com", "email_verified": true,
        }),
    )
    .await;
    change(&server, "bob", json!({"email": "robert@example.com"})).await;
    let mut client = Client::new(&server);
    client.post("/login/", &by_email("bob@example.com")).await.is(400);
    client.post("/login/", &by_email("robert@example.com")).await.is(200);
    server.change_user(json!({"username": "bob", "delete": true})).await.expect("it is deleted");
    client.post("/login/", &by_email("robert@example.com")).await.is(400);
}

async fn a_configuration_that_asks_for_allauth_is_refused(backend: Backend) {
    let config = merged(&base(), &json!({"apps": {"allauth": true}}));
    let refused = Server::start_on(&config, plain_database(backend).await).await;
    let problem = refused.err().expect("it does not start");
    assert!(problem.contains("apps.allauth"), "{problem}");
    // The tables are there, and the project does not use them any more.
    let without = json!({"apps": {"allauth": false, "registration": false}});
    let server = empty_server(backend, merged(&token_mode(), &without)).await;
    create(&server, json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com"}))
        .await;
    Client::new(&server).post("/login/", &by_email("ADA@example.com")).await.is(200);
    Client::new(&server).post("/registration/", &json!({})).await.is(404);
}

async fn jwts_need_no_table_of_tokens(backend: Backend) {
    for profile in ["strict", "django"] {
        let database =
            database_without(backend, &[&OTHERS[..], &["authtoken_token", "django_site"]].concat())
                .await;
        let own = json!({
            "profile": profile,
            "apps": {"token_blacklist": false},
            "simple_jwt": {"blacklist_after_rotation": false},
            "rest_framework": {"default_authentication_classes": ["jwt", "token", "session"]},
            "rest_auth": {"old_password_field_enabled": true},
        });
        let config = merged(&base(), &merged(&jwt_mode(), &own));
        let server = Arc::new(Server::start_on(&config, database).await.expect("it starts"));
        create(&server, json!({"username": "ada", "password": PASSWORD, "email": "a@example.com"}))
            .await;
        let (access, token) = jwt_pair(&server).await;
        bearer(&server, &access).get("/user/").await.is(200);
        let mut stranger = Client::new(&server).with_token(&"0".repeat(40));
        stranger.get("/user/").await.is(401);
        let change = password_change(PASSWORD, NEW_PASSWORD);
        bearer(&server, &access).post("/password/change/", &change).await.is(200);
        let logout = json!({"refresh": token});
        let status = bearer(&server, &access).post("/logout/", &logout).await.status();
        assert!(matches!(status, 200 | 401), "{status}");
        server.change_user(json!({"username": "ada", "delete": true})).await.expect("it goes");
    }
}

async fn a_table_that_the_configuration_needs_is_named_at_start(backend: Backend) {
    for (config, table, key) in [
        (json!({"profile": "django"}), "authtoken_token", "rest_auth.token_model"),
        (jwt_mode(), "token_blacklist_blacklistedtoken", "apps.token_blacklist"),
    ] {
        let mut tables = vec![table];
        if key == "apps.token_blacklist" {
            tables.push("token_blacklist_outstandingtoken");
        }
        let database = database_without(backend, &tables).await;
        let refused = Server::start_on(&merged(&base(), &config), database).await;
        let problem = refused.err().expect("it does not start");
        assert!(problem.contains(key), "{problem}");
    }
}
