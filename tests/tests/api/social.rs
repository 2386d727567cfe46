//! Login by what an app or a page got from a provider.

mod entries;
mod foreign_proofs;
mod former_names;
mod keys;
mod linking;
mod reclaim;
mod tokens;

use rest_auth_tests::provider::{CLIENT_ID, OpenIdProvider};

use crate::fixture::*;

on_every_database!(
    an_id_token_alone_makes_an_account_and_logs_in_again,
    the_answer_is_that_of_a_login_in_every_mode,
    an_id_token_works_once,
    an_id_token_that_is_not_for_us_lets_nobody_in,
    a_token_of_another_kind_is_no_id_token,
    a_nonce_binds_an_id_token_to_its_request,
    a_code_is_exchanged_with_the_proof_key_and_an_allowed_callback,
    an_access_token_that_cannot_be_shown_to_be_ours_is_refused,
    an_id_token_in_the_place_of_an_access_token_is_told_where_it_belongs,
    a_provider_that_is_down_leaves_nothing_half_done,
    one_account_is_made_of_many_first_logins_at_once,
    of_many_first_logins_at_once_one_gets_the_address,
    nobody_registers_by_a_provider_where_nobody_may,
    no_account_is_made_without_the_address_that_it_needs,
    a_user_with_a_second_factor_is_asked_for_it,
);

/// A server that knows the provider, and nobody.
pub(crate) async fn start(backend: Backend, config: Value) -> (Arc<Server>, OpenIdProvider) {
    let provider = OpenIdProvider::start().await;
    let unlimited = json!({
        "account": {"rate_limits": {"login": "", "signup": ""}},
        "socialaccount": {"signup_step": false},
    });
    let usual = merged(&merged(&provider.config(), &token_mode()), &unlimited);
    let config = merged(&usual, &config);
    (empty_server(backend, config).await, provider)
}

/// The same, where an account that lacks something is completed by the user.
pub(crate) async fn start_with_step(
    backend: Backend,
    config: Value,
) -> (Arc<Server>, OpenIdProvider) {
    start(backend, merged(&json!({"socialaccount": {"signup_step": true}}), &config)).await
}

pub(crate) async fn by_id_token(server: &Arc<Server>, token: &str) -> Answer {
    Client::new(server).post("/example/", &json!({"id_token": token})).await
}

/// Whether there is an account of this name; it has no password to log in with.
pub(crate) async fn is_known(server: &Server, username: &str) -> bool {
    let found = server.auth().store().user_by_username::<rest_auth_flows::User>(username).await;
    found.expect("the database answers").is_some()
}

async fn an_id_token_alone_makes_an_account_and_logs_in_again(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    let key = by_id_token(&server, &provider.id_token(&json!({}))).await.of(200).text("key");
    let user = Client::new(&server).with_token(&key).get("/user/").await.of(200).document();
    assert_eq!(user["username"], "grace");
    assert_eq!(user["email"], "grace@example.org");
    assert_eq!((&user["first_name"], &user["last_name"]), (&json!("Grace"), &json!("Hopper")));
    let changed = json!({"jti": "2", "email": "other@example.org", "given_name": "Amazing"});
    let key = by_id_token(&server, &provider.id_token(&changed)).await.of(200).text("key");
    let again = Client::new(&server).with_token(&key).get("/user/").await.of(200).document();
    assert_eq!(again, user);
    assert_eq!(server.new_mails().await.len(), 1, "the notice of the connected account");
}

async fn the_answer_is_that_of_a_login_in_every_mode(backend: Backend) {
    for (mode, status) in [(token_mode(), 200), (jwt_mode(), 200), (session_mode(), 204)] {
        let provider = OpenIdProvider::start().await;
        let server = empty_server(backend, merged(&provider.config(), &mode)).await;
        let mut client = Client::new(&server);
        let form = json!({"id_token": provider.id_token(&json!({}))});
        let answer = client.post("/example/", &form).await.of(status);
        let mut client = match status {
            204 => client,
            _ if answer.document().get("key").is_some() => client.with_token(&answer.text("key")),
            _ => client.with_bearer(&answer.text("access")),
        };
        assert_eq!(client.get("/user/").await.of(200).text("username"), "grace");
    }
    let provider = OpenIdProvider::start().await;
    let server = empty_server(backend, merged(&provider.config(), &jwt_cookie_mode())).await;
    let mut client = Client::new(&server).over_tls();
    client.post("/example/", &json!({"id_token": provider.id_token(&json!({}))})).await.is(200);
    assert_eq!(client.get("/user/").await.of(200).text("username"), "grace");
}

async fn an_id_token_works_once(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    for claims in [json!({}), json!({"jti": "one"})] {
        let token = provider.id_token(&claims);
        let tries = (0..10).map(|_| by_id_token(&server, &token));
        let answers = futures_util::future::join_all(tries).await;
        assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 9), "{claims}");
    }
}

async fn an_id_token_that_is_not_for_us_lets_nobody_in(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    let other = OpenIdProvider::start().await;
    let now = chrono::DateTime::UNIX_EPOCH.timestamp();
    for claims in [
        json!({"aud": "another-app"}),
        json!({"aud": ["another-app"]}),
        json!({"aud": [CLIENT_ID, 5]}),
        json!({"aud": null}),
        json!({"azp": "another-app"}),
        json!({"aud": [CLIENT_ID, "another-app"]}),
        json!({"iss": other.url()}),
        json!({"iss": format!("{}/", provider.url())}),
        json!({"iss": null}),
        json!({"exp": now}),
        json!({"exp": null}),
        json!({"exp": "later"}),
        json!({"iat": 4_102_444_800_i64}),
        json!({"nbf": 4_102_444_800_i64}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": 7}),
        json!({"sub": "x".repeat(300)}),
    ] {
        let answer = by_id_token(&server, &provider.id_token(&claims)).await;
        assert_eq!(answer.status(), 400, "{claims}: {answer}");
    }
    // Another provider's key under the name of ours, and what is no token.
    let foreign = other.id_token(&json!({"iss": provider.url()}));
    for token in [&*foreign, "x", "a.b.c", "..", "eyJhbGciOiJub25lIn0.e30."] {
        by_id_token(&server, token).await.says(400, "Incorrect value");
    }
    assert!(!is_known(&server, "grace").await);
}

async fn a_token_of_another_kind_is_no_id_token(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    for kind in ["at+jwt", "application/at+jwt", "logout+jwt"] {
        let token = provider.token_of_kind(kind, &json!({}));
        by_id_token(&server, &token).await.says(400, "Incorrect value");
        // In its own place it is not mistaken for an ID token.
        let form = json!({"access_token": token});
        let answer = Client::new(&server).post("/example/", &form).await;
        answer.says(400, "send a code or an id_token");
    }
    assert!(!is_known(&server, "grace").await);
    by_id_token(&server, &provider.token_of_kind("JWT", &json!({}))).await.is(200);
}

async fn a_nonce_binds_an_id_token_to_its_request(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    let login = |token: String, nonce: &str| {
        let (mut client, form) = (Client::new(&server), json!({"id_token": token, "nonce": nonce}));
        async move { client.post("/example/", &form).await }
    };
    login(provider.id_token(&json!({"nonce": "a"})), "b").await.is(400);
    login(provider.id_token(&json!({})), "b").await.is(400);
    login(provider.id_token(&json!({"nonce": "b"})), "b").await.is(200);
    // Apps on Apple's devices send the digest to the provider.
    let digest = rest_auth_domain::opaque_token::digest_of("c");
    login(provider.id_token(&json!({"nonce": digest})), "c").await.is(200);
}

async fn a_code_is_exchanged_with_the_proof_key_and_an_allowed_callback(backend: Backend) {
    let more = json!({"socialaccount": {"providers": {"example": {
        "callback_urls": ["com.example.app:/callback"],
    }}}});
    let (server, provider) = start(backend, more).await;
    let login = |form: Value| {
        let mut client = Client::new(&server);
        async move { client.post("/example/", &form).await }
    };
    let code = provider.code(json!({}), "https://app.example.com/callback");
    login(json!({"code": code})).await.is(200);
    login(json!({"code": code})).await.says(400, "Failed to exchange code for access token");
    let code = provider.code(json!({}), "com.example.app:/callback");
    login(json!({"code": code, "callback_url": "com.example.app:/callback"})).await.is(200);
    let code = provider.code(json!({}), "https://evil.example/");
    let refused = login(json!({"code": code, "callback_url": "https://evil.example/"})).await;
    refused.says(400, "callback_url");
    assert_eq!(provider.calls("/token"), 3);
}

async fn an_access_token_that_cannot_be_shown_to_be_ours_is_refused(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    let token = provider.access_token(json!({"sub": "user-1", "email": "grace@example.org"}));
    let login = |server: &Arc<Server>| {
        let (mut client, form) = (Client::new(server), json!({"access_token": token}));
        async move { client.post("/example/", &form).await }
    };
    login(&server).await.says(400, "send a code or an id_token");
    let trusting = json!({"socialaccount": {"check_access_token_audience": false}});
    let config = merged(&merged(&provider.config(), &token_mode()), &trusting);
    let server = empty_server(backend, config).await;
    login(&server).await.is(200);
}

async fn an_id_token_in_the_place_of_an_access_token_is_told_where_it_belongs(backend: Backend) {
    let google = json!({"socialaccount": {"providers": {"google": {
        "client_id": CLIENT_ID, "secret": "s",
    }}}});
    let (server, provider) = start(backend, google).await;
    let form = json!({"access_token": provider.id_token(&json!({}))});
    for path in ["/google/", "/example/"] {
        let answer = Client::new(&server).post(path, &form).await;
        answer.says(400, "This is an ID token: send it as id_token.");
    }
    // A JWT that is for somebody else is an access token like any other.
    let form = json!({"access_token": provider.id_token(&json!({"aud": "the-api"}))});
    Client::new(&server).post("/example/", &form).await.says(400, "send a code or an id_token");
}

async fn a_provider_that_is_down_leaves_nothing_half_done(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    let token = provider.id_token(&json!({}));
    provider.set_down(true);
    by_id_token(&server, &token).await.says(502, "The provider does not answer.");
    assert!(!is_known(&server, "grace").await);
    provider.set_down(false);
    by_id_token(&server, &token).await.is(200);
}

async fn one_account_is_made_of_many_first_logins_at_once(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    let tokens: Vec<_> =
        (0..20).map(|n| provider.id_token(&json!({"jti": n.to_string()}))).collect();
    let logins = tokens.iter().map(|token| by_id_token(&server, token));
    let answers = futures_util::future::join_all(logins).await;
    let mut users = Vec::new();
    for answer in answers.iter().filter(|answer| answer.status() == 200) {
        let mut client = Client::new(&server).with_token(&answer.text("key"));
        users.push(client.get("/user/").await.document()["pk"].clone());
    }
    users.dedup();
    assert_eq!(users.len(), 1, "{users:?}");
}

/// Several people of whom the provider says that one address is theirs.
async fn of_many_first_logins_at_once_one_gets_the_address(backend: Backend) {
    const LOGINS: usize = 8;
    for verification in ["optional", "mandatory"] {
        let config = json!({"account": {"email_verification": verification}});
        let (server, provider) = start_with_step(backend, config).await;
        let log_in = |n: usize| {
            let claims = json!({"sub": n.to_string(), "jti": n.to_string(),
                "preferred_username": format!("grace{n}")});
            let (server, token) = (Arc::clone(&server), provider.id_token(&claims));
            async move { by_id_token(&server, &token).await.of(200).document() }
        };
        let answers = futures_util::future::join_all((0..LOGINS).map(log_in)).await;
        let keys: Vec<_> = answers.iter().filter_map(|answer| answer["key"].as_str()).collect();
        let taken = |answer: &&Value| answer["email_taken"] == true;
        assert_eq!((keys.len(), answers.iter().filter(taken).count()), (1, LOGINS - 1));
        let mut winner = Client::new(&server).with_token(keys[0]);
        let user = winner.get("/user/").await.of(200).document();
        assert_eq!(user["email"], "grace@example.org");
        let mut users = 0;
        for n in 0..LOGINS {
            users += usize::from(is_known(&server, &format!("grace{n}")).await);
        }
        assert_eq!(users, 1, "{verification}");
    }
}

async fn nobody_registers_by_a_provider_where_nobody_may(backend: Backend) {
    for register in ["closed", "staff", "authenticated", "invite"] {
        let closed = json!({"rest_auth": {"register": register}});
        let (server, provider) = start(backend, closed).await;
        let answer = by_id_token(&server, &provider.id_token(&json!({}))).await;
        assert_eq!(answer.status(), 403, "{register}: {answer}");
    }
    let (server, provider) = start(backend, json!({"socialaccount": {"auto_signup": false}})).await;
    by_id_token(&server, &provider.id_token(&json!({}))).await.is(400);
    assert!(!is_known(&server, "grace").await);
}

async fn no_account_is_made_without_the_address_that_it_needs(backend: Backend) {
    let fields = json!(["email*", "username", "password1*"]);
    let (server, provider) = start(backend, json!({"account": {"signup_fields": fields}})).await;
    let nameless = provider.id_token(&json!({"email": null}));
    by_id_token(&server, &nameless).await.says(400, "email");
}

async fn a_user_with_a_second_factor_is_asked_for_it(backend: Backend) {
    let (server, provider) = start(backend, json!({})).await;
    create(
        &server,
        json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
            "email_verified": true, "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
            "social_accounts": [{"provider": "example", "uid": "user-1"}]}),
    )
    .await;
    let code = provider.code(json!({}), "https://app.example.com/callback");
    for form in [json!({"id_token": provider.id_token(&json!({}))}), json!({"code": code})] {
        let answer = Client::new(&server).post("/example/", &form).await.of(200).document();
        assert_eq!(answer["mfa_required"], true, "{answer}");
        assert!(answer.get("key").is_none(), "{answer}");
    }
}
