//! The attacks on the linking of accounts. What each rests on is named beside it.

use rest_auth_tests::provider::{CLIENT_ID, OpenIdProvider};

use super::{by_id_token, start};
use crate::fixture::*;
use crate::mfa;

on_every_database!(
    an_account_registered_with_the_address_of_another_does_not_get_their_provider,
    an_address_that_the_provider_has_not_verified_proves_nothing,
    an_address_that_lower_case_changes_is_nobodys,
    an_address_that_a_tenant_of_microsoft_wrote_proves_nothing,
    an_address_verified_as_a_further_one_is_not_taken_over,
    by_setting_a_verified_address_logs_in_and_connects,
    who_connects_one_account_twice_at_once_has_it,
    an_account_of_another_user_is_not_connected,
    a_user_is_known_by_the_uid_and_not_by_name_or_address,
    the_uid_is_told_apart_by_every_character,
    disabled_users_get_nothing,
    a_second_factor_comes_before_an_account_is_linked,
);

/// Links by verified addresses.
pub(super) fn linking() -> Value {
    json!({"socialaccount": {
        "email_authentication": true, "email_authentication_auto_connect": true,
    }})
}

pub(super) async fn mallory(server: &Server, verified: bool) {
    create(
        server,
        json!({"username": "mallory", "password": PASSWORD, "email": "grace@example.org",
            "email_verified": verified}),
    )
    .await;
}

/// 1: classic-federated merge (Sudhodanan and Paverd, USENIX Security 2022).
async fn an_account_registered_with_the_address_of_another_does_not_get_their_provider(
    backend: Backend,
) {
    for config in [json!({}), linking()] {
        let (server, provider) = start(backend, config).await;
        mallory(&server, false).await;
        by_id_token(&server, &provider.id_token(&json!({}))).await.says(400, "already registered");
    }
    // Under Django's rules the account is taken from whoever registered it.
    let taking = merged(
        &linking(),
        &json!({"socialaccount": {
            "email_authentication_unverified": true,
        }}),
    );
    let (server, provider) = start(backend, taking).await;
    mallory(&server, false).await;
    let before = try_login(&mut Client::new(&server), "mallory", PASSWORD).await;
    let key = by_id_token(&server, &provider.id_token(&json!({}))).await.of(200).text("key");
    Client::new(&server).with_token(&key).get("/user/").await.is(200);
    try_login(&mut Client::new(&server), "mallory", PASSWORD).await.is(400);
    // 2: the session from before the recovery.
    if before.status() == 200 {
        Client::new(&server).with_token(&before.text("key")).get("/user/").await.is(401);
    }
}

/// 5: a provider that does not verify.
async fn an_address_that_the_provider_has_not_verified_proves_nothing(backend: Backend) {
    let (server, provider) = start(backend, linking()).await;
    mallory(&server, true).await;
    for verified in [json!(false), json!("false"), json!("yes"), json!(0), json!(null), json!([])] {
        let token = provider.id_token(&json!({"email_verified": verified}));
        let answer = by_id_token(&server, &token).await;
        assert_eq!(answer.status(), 400, "{verified}: {answer}");
    }
}

/// Lower case makes `k` of the Kelvin sign: another mailbox, and so for other letters.
async fn an_address_that_lower_case_changes_is_nobodys(backend: Backend) {
    let (server, provider) = start(backend, linking()).await;
    for (name, email) in [("kim", "kim@example.org"), ("sim", "sim@example.org")] {
        create(
            &server,
            json!({"username": name, "password": PASSWORD, "email": email, "email_verified": true}),
        )
        .await;
    }
    for (number, local) in ["\u{212a}im", "k\u{130}m", "k\u{131}m", "\u{ff4b}im"].iter().enumerate()
    {
        let number = number.to_string();
        let claims = json!({"sub": number, "jti": number,
            "preferred_username": format!("somebody{number}"),
            "email": format!("{local}@example.org")});
        let answer = by_id_token(&server, &provider.id_token(&claims)).await;
        let mut client = Client::new(&server).with_token(&answer.of(200).text("key"));
        let user = client.get("/user/").await.of(200).document();
        assert_eq!(user["username"], format!("somebody{number}"), "{local}");
        let email = user["email"].as_str().expect("a text");
        assert!(!email.starts_with("kim@"), "{local}: {email}");
    }
    // It stays what it is, and is known to look like the address of another.
    let claims = json!({"sub": "s", "jti": "s", "email": "\u{17f}im@example.org"});
    by_id_token(&server, &provider.id_token(&claims)).await.says(400, "already registered");
}

/// 6: nOAuth. The administrator of any tenant can write any address into a profile.
async fn an_address_that_a_tenant_of_microsoft_wrote_proves_nothing(backend: Backend) {
    let provider = OpenIdProvider::start().await;
    let microsoft = json!({"socialaccount": {"providers": {"microsoft": {
        "client_id": CLIENT_ID, "secret": "s",
        "certs_url": format!("{}/keys", provider.url()),
        "id_token_issuer": format!("{}/{{tenantid}}/v2.0", provider.url()),
    }}}});
    let (server, _) = start(backend, merged(&linking(), &microsoft)).await;
    mallory(&server, true).await;
    let login = async |more: Value| {
        let tenant = "11111111-2222-3333-4444-555555555555";
        let claims = json!({"iss": format!("{}/{tenant}/v2.0", provider.url()), "tid": tenant,
            "oid": "stranger", "email_verified": true, "verified_primary_email": ["grace@example.org"]});
        let form = json!({"id_token": provider.id_token(&merged(&claims, &more))});
        Client::new(&server).post("/microsoft/", &form).await
    };
    for more in [
        json!({}),
        json!({"xms_edov": false}),
        json!({"xms_edov": "0"}),
        json!({"xms_edov": 0}),
        json!({"xms_edov": "yes"}),
    ] {
        login(more).await.says(400, "already registered");
    }
    // A token that says another tenant than its issuer is nobody's.
    login(json!({"xms_edov": true, "tid": "another"})).await.says(400, "Incorrect value");
    let key = login(json!({"xms_edov": true})).await.of(200).text("key");
    let mut owner = Client::new(&server).with_token(&key);
    assert_eq!(owner.get("/user/").await.text("username"), "mallory");
}

/// 3 and the hole of the reference: only the primary address is compared there.
async fn an_address_verified_as_a_further_one_is_not_taken_over(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    create(
        &server,
        json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
            "email_verified": true,
            "extra_emails": [{"email": "grace@example.org", "verified": true}]}),
    )
    .await;
    by_id_token(&server, &provider.id_token(&json!({}))).await.says(400, "already registered");
}

async fn by_setting_a_verified_address_logs_in_and_connects(backend: Backend) {
    let (server, provider) = start(backend, linking()).await;
    mallory(&server, true).await;
    let key = by_id_token(&server, &provider.id_token(&json!({}))).await.of(200).text("key");
    let mut client = Client::new(&server).with_token(&key);
    assert_eq!(client.get("/user/").await.text("username"), "mallory");
    let accounts = client.get("/socialaccounts/").await.document();
    assert_eq!(accounts[0]["uid"], "user-1");
    assert_eq!(server.new_mails().await.len(), 1, "a notice of the connection");
}

/// A page that sends everything twice, by a login and by a user who is logged in.
async fn who_connects_one_account_twice_at_once_has_it(backend: Backend) {
    const TIMES: usize = 8;
    let (server, provider) = start(backend, linking()).await;
    mallory(&server, true).await;
    let form = |jti: &str| json!({"id_token": provider.id_token(&json!({"jti": jti}))});
    let logins = (0..TIMES).map(|n| {
        let (mut client, form) = (Client::new(&server), form(&format!("login {n}")));
        async move { client.post("/example/", &form).await }
    });
    let answers = futures_util::future::join_all(logins).await;
    assert_eq!(count(&answers, 200), TIMES, "{answers:?}");
    // What connects an account needs a fresh proof, and a provider is none to whoever has a password.
    let by_password = try_login(&mut Client::new(&server), "mallory", PASSWORD).await;
    let key = by_password.of(200).text("key");
    let connections = (0..TIMES).map(|n| {
        let claims = json!({"sub": "user-2", "jti": n.to_string()});
        let form = json!({"id_token": provider.id_token(&claims)});
        let mut client = Client::new(&server).with_token(&key);
        async move { client.post("/example/connect/", &form).await }
    });
    let answers = futures_util::future::join_all(connections).await;
    assert_eq!(count(&answers, 200), TIMES, "{answers:?}");
    let accounts = Client::new(&server).with_token(&key).get("/socialaccounts/").await.document();
    assert_eq!(accounts.as_array().map(Vec::len), Some(2), "{accounts}");
}

/// 11: connecting, where the account is somebody else's.
async fn an_account_of_another_user_is_not_connected(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    by_id_token(&server, &provider.id_token(&json!({}))).await.is(200);
    create(
        &server,
        json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
        "email_verified": true}),
    )
    .await;
    let (mut client, _) = token_client(&server).await;
    let form = json!({"id_token": provider.id_token(&json!({"jti": "2"}))});
    client.post("/example/connect/", &form).await.says(400, "already connected");
    assert_eq!(client.get("/socialaccounts/").await.document(), json!([]));
}

/// 6 and 10: identifiers that anybody can write, or that change hands.
async fn a_user_is_known_by_the_uid_and_not_by_name_or_address(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    let first = json!({"preferred_username": "amazing"});
    by_id_token(&server, &provider.id_token(&first)).await.is(200);
    let other = json!({"sub": "user-2", "preferred_username": "amazing", "email": "m@example.net"});
    let key = by_id_token(&server, &provider.id_token(&other)).await.of(200).text("key");
    let user = Client::new(&server).with_token(&key).get("/user/").await.document();
    assert_ne!(user["username"], "amazing");
    assert_eq!(user["email"], "m@example.net");
    let same_address = json!({"sub": "user-3"});
    by_id_token(&server, &provider.id_token(&same_address)).await.is(400);
}

async fn the_uid_is_told_apart_by_every_character(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    by_id_token(&server, &provider.id_token(&json!({"sub": "Ab"}))).await.is(200);
    let other = json!({"sub": "aB", "email": "m@example.net"});
    let answer = by_id_token(&server, &provider.id_token(&other)).await;
    if answer.status() == 200 {
        let mut client = Client::new(&server).with_token(&answer.text("key"));
        assert_eq!(client.get("/user/").await.text("email"), "m@example.net");
    } else {
        // MySQL has one row for both in Django's table.
        answer.is(400);
    }
}

async fn disabled_users_get_nothing(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    by_id_token(&server, &provider.id_token(&json!({}))).await.is(200);
    change(&server, "grace", json!({"is_active": false})).await;
    let token = provider.id_token(&json!({"jti": "2"}));
    by_id_token(&server, &token).await.says(400, "Unable to log in");
}

/// 12: a second factor that the provider's path would skip.
async fn a_second_factor_comes_before_an_account_is_linked(backend: Backend) {
    let (server, provider) = start(backend, linking()).await;
    create(
        &server,
        json!({"username": "ada", "password": PASSWORD, "email": "grace@example.org",
            "email_verified": true, "totp_secret": mfa::SECRET}),
    )
    .await;
    let is_linked = async || {
        let found =
            server.auth().store().social_account::<rest_auth_flows::User>("example", "user-1");
        found.await.expect("the database answers").is_some()
    };
    let answer = by_id_token(&server, &provider.id_token(&json!({}))).await.of(200);
    assert_eq!(answer.document()["mfa_required"], true);
    assert!(!is_linked().await);
    // Nor do other logins carry that one on.
    mfa::logged_in(&server).await;
    assert!(!is_linked().await);
    let token = answer.text("ephemeral_token");
    let code = mfa::next_code(&server);
    mfa::verify(&mut Client::new(&server), &token, &code).await.is(200);
    assert!(!is_linked().await);
}
