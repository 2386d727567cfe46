//! An account that somebody whom a provider knows has yet to complete.

use rest_auth_tests::provider::OpenIdProvider;

use crate::fixture::*;
use crate::social::{by_id_token, is_known, start_with_step};

on_every_database!(
    a_clash_is_completed_with_another_address,
    a_missing_address_is_asked_for,
    without_auto_signup_the_users_word_is_asked_for,
    a_token_makes_one_account,
    whoever_is_too_late_for_a_name_chooses_another,
    two_tokens_of_one_user_lead_to_one_account,
    an_unfinished_account_ends,
    a_mailed_proof_is_for_the_identity_that_asked_for_it,
    a_sign_up_that_was_broken_off_is_not_carried_on,
    a_taken_address_is_told_to_its_owner_alone,
    an_address_that_the_provider_has_not_verified_is_told_to_its_owner_alone,
    where_nothing_asks_to_verify_an_address_it_is_told_that_it_is_taken,
);

async fn complete(server: &Arc<Server>, form: Value) -> Answer {
    Client::new(server).post("/social/signup/", &form).await
}

async fn a_clash_is_completed_with_another_address(backend: Backend) {
    let mandatory = json!({"account": {"email_verification": "mandatory"}});
    let (server, provider) = start_with_step(backend, mandatory).await;
    create(
        &server,
        json!({"username": "ada", "password": PASSWORD, "email": "grace@example.org",
        "email_verified": true}),
    )
    .await;
    let step = by_id_token(&server, &provider.id_token(&json!({}))).await.of(200).document();
    assert_eq!(step["signup_required"], true);
    assert_eq!((&step["missing"], &step["email_taken"]), (&json!(["email"]), &json!(true)));
    let token = &step["signup_token"];
    complete(&server, json!({"signup_token": token})).await.says(400, "already registered");
    let clash = json!({"signup_token": token, "email": "GRACE@example.org"});
    complete(&server, clash).await.says(400, "already registered");
    let name = json!({"signup_token": token, "email": "g@example.net", "username": "ada"});
    complete(&server, name).await.says(400, "already exists");
    // The provider does not vouch for the new address: it is verified by mail.
    let own = json!({"signup_token": token, "email": "g@example.net", "username": "amazing"});
    complete(&server, own.clone()).await.says(201, "Verification e-mail sent.");
    assert!(mail_to(&server, "g@example.net").await.contains("account-confirm-email"));
    complete(&server, own).await.says(400, "signup_token");
    let again = provider.id_token(&json!({"jti": "2"}));
    by_id_token(&server, &again).await.says(400, "E-mail is not verified.");
}

async fn a_missing_address_is_asked_for(backend: Backend) {
    let config = json!({"account": {
        "signup_fields": ["email*", "username", "password1*"], "email_verification": "optional",
    }});
    let (server, provider) = start_with_step(backend, config).await;
    let token = provider.id_token(&json!({"email": null}));
    let step = by_id_token(&server, &token).await.of(200).document();
    assert_eq!((&step["missing"], &step["email"]), (&json!(["email"]), &json!("")));
    let token = &step["signup_token"];
    complete(&server, json!({"signup_token": token})).await.says(400, "This field is required.");
    complete(&server, json!({"signup_token": token, "email": "x"})).await.is(400);
    let form = json!({"signup_token": token, "email": "g@example.net"});
    let key = complete(&server, form).await.of(200).text("key");
    let user = Client::new(&server).with_token(&key).get("/user/").await.document();
    assert_eq!((&user["email"], &user["first_name"]), (&json!("g@example.net"), &json!("Grace")));
}

async fn without_auto_signup_the_users_word_is_asked_for(backend: Backend) {
    let asking = json!({"socialaccount": {"auto_signup": false}});
    let (server, provider) = start_with_step(backend, asking).await;
    let step = by_id_token(&server, &provider.id_token(&json!({}))).await.of(200).document();
    assert_eq!((&step["missing"], &step["email"]), (&json!([]), &json!("grace@example.org")));
    let form = json!({"signup_token": step["signup_token"], "username": "amazing"});
    let key = complete(&server, form).await.of(200).text("key");
    let user = Client::new(&server).with_token(&key).get("/user/").await.document();
    assert_eq!(user["username"], "amazing");
    assert_eq!(user["email"], "grace@example.org");
}

async fn a_token_makes_one_account(backend: Backend) {
    let asking = json!({"socialaccount": {"auto_signup": false}});
    let (server, provider) = start_with_step(backend, asking).await;
    let step = by_id_token(&server, &provider.id_token(&json!({}))).await.of(200).document();
    let form = json!({"signup_token": step["signup_token"]});
    let tries = (0..10).map(|_| complete(&server, form.clone()));
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!((count(&answers, 200), count(&answers, 400)), (1, 9));
    for wrong in ["", "x", "ra_signup_x"] {
        complete(&server, json!({"signup_token": wrong})).await.is(400);
    }
}

/// Several people who choose one name at once.
async fn whoever_is_too_late_for_a_name_chooses_another(backend: Backend) {
    const PEOPLE: usize = 8;
    let asking = json!({"socialaccount": {"auto_signup": false}});
    let (server, provider) = start_with_step(backend, asking).await;
    let mut tokens = Vec::new();
    for n in 0..PEOPLE {
        let (sub, jti) = (format!("user-{n}"), n.to_string());
        tokens.push(waiting(&server, &provider, (&sub, &jti)).await);
    }
    let named = |token: &str, name: String| json!({"signup_token": token, "username": name});
    let tries = tokens.iter().map(|token| complete(&server, named(token, "amazing".to_owned())));
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!((count(&answers, 200), count(&answers, 400)), (1, PEOPLE - 1));
    for (n, (answer, token)) in answers.into_iter().zip(&tokens).enumerate() {
        let again = complete(&server, named(token, format!("other{n}"))).await;
        if answer.status() == 200 {
            again.says(400, "Invalid or expired token.");
        } else {
            answer.says(400, "A user with that username already exists.");
            again.is(200);
        }
    }
}

/// A user who began twice, as in two tabs, and completes both.
async fn two_tokens_of_one_user_lead_to_one_account(backend: Backend) {
    let asking = json!({"socialaccount": {"auto_signup": false}});
    let (server, provider) = start_with_step(backend, asking).await;
    let first = waiting(&server, &provider, ("user-1", "1")).await;
    let second = waiting(&server, &provider, ("user-1", "2")).await;
    let form = |token: &str| json!({"signup_token": token, "email": "g@example.net", "username": "amazing"});
    complete(&server, form(&first)).await.is(200);
    let key = complete(&server, form(&second)).await.of(200).text("key");
    let user = Client::new(&server).with_token(&key).get("/user/").await.document();
    assert_eq!(user["username"], "amazing");
    complete(&server, form(&second)).await.says(400, "Invalid or expired token.");
}

async fn an_unfinished_account_ends(backend: Backend) {
    let asking = json!({"socialaccount": {"auto_signup": false}});
    let (server, provider) = start_with_step(backend, asking).await;
    let step = by_id_token(&server, &provider.id_token(&json!({}))).await.of(200).document();
    server.advance(30 * MINUTE + SECOND);
    let form = json!({"signup_token": step["signup_token"]});
    complete(&server, form).await.says(400, "Invalid or expired token.");
}

/// A sign-up that waits for an address, of somebody whom the provider calls this.
async fn waiting(server: &Arc<Server>, provider: &OpenIdProvider, of: (&str, &str)) -> String {
    let (sub, jti) = of;
    let token = provider.id_token(&json!({"sub": sub, "jti": jti, "email": null}));
    by_id_token(server, &token).await.of(200).text("signup_token")
}

/// Mail proof of one identity, used for another (Keycloak's CVE-2026-9087).
async fn a_mailed_proof_is_for_the_identity_that_asked_for_it(backend: Backend) {
    let config = json!({
        "account": {
            "signup_fields": ["email*", "username", "password1*"],
            "email_verification": "mandatory",
        },
        "socialaccount": {
            "email_authentication": true, "email_authentication_auto_connect": true,
        },
    });
    let (server, provider) = start_with_step(backend, config).await;
    let grace = waiting(&server, &provider, ("grace", "1")).await;
    let mallory = waiting(&server, &provider, ("mallory", "2")).await;
    let form = |token: &str| json!({"signup_token": token, "email": "g@example.net"});
    complete(&server, form(&grace)).await.is(201);
    let mail = mail_to(&server, "g@example.net").await;
    let key = mail.split("account-confirm-email/").nth(1).expect("a link");
    let key = key.split(['/', '"', '\r', '\n']).next().expect("a key").to_owned();
    // Before the proof, and after it, the address is not the other identity's.
    complete(&server, form(&mallory)).await.is(201);
    let mallory = waiting(&server, &provider, ("mallory", "3")).await;
    let proof = json!({"key": key});
    Client::new(&server).post("/registration/verify-email/", &proof).await.is(200);
    complete(&server, form(&mallory)).await.is(201);
    waiting(&server, &provider, ("mallory", "4")).await;
    // The word of the user is no proof of the provider's: it links to nobody's account.
    let token = json!({"sub": "mallory", "jti": "5", "email": "g@example.net",
        "email_verified": false});
    let answer = by_id_token(&server, &provider.id_token(&token)).await;
    answer.says(400, "E-mail is not verified.");
    waiting(&server, &provider, ("mallory", "6")).await;
    let token = provider.id_token(&json!({"sub": "grace", "jti": "7"}));
    let key = by_id_token(&server, &token).await.of(200).text("key");
    let user = Client::new(&server).with_token(&key).get("/user/").await.document();
    assert_eq!(user["email"], "g@example.net");
}

/// What somebody left behind belongs to nobody who logs in later.
async fn a_sign_up_that_was_broken_off_is_not_carried_on(backend: Backend) {
    let (server, provider) = start_with_step(backend, json!({})).await;
    let ada = json!({"username": "ada", "password": PASSWORD, "email": "grace@example.org",
        "email_verified": true});
    create(&server, ada).await;
    let first = by_id_token(&server, &provider.id_token(&json!({}))).await.of(200);
    assert_eq!(first.document()["email_taken"], true);
    let (mut ada, _) = token_client(&server).await;
    assert_eq!(ada.get("/socialaccounts/").await.document(), json!([]));
    let again = by_id_token(&server, &provider.id_token(&json!({"jti": "2"}))).await.of(200);
    assert_eq!(again.document()["signup_required"], true);
    // Each token is about the identity that it was made for, and about its own account alone.
    let form = json!({"signup_token": again.text("signup_token"), "email": "g@example.net"});
    let key = complete(&server, form).await.of(200).text("key");
    let mut grace = Client::new(&server).with_token(&key);
    let pk = grace.get("/user/").await.document()["pk"].clone();
    let form = json!({"signup_token": first.text("signup_token"), "email": "x@example.net"});
    let key = complete(&server, form).await.of(200).text("key");
    let user = Client::new(&server).with_token(&key).get("/user/").await.document();
    assert_eq!((&user["pk"], &user["email"]), (&pk, &json!("g@example.net")));
    assert_eq!(grace.get("/emails/").await.document().as_array().map(Vec::len), Some(1));
    assert_eq!(ada.get("/socialaccounts/").await.document(), json!([]));
}

/// A server that asks everybody for an address, and to verify it, and knows Ada.
async fn asking(backend: Backend, more: Value) -> (Arc<Server>, OpenIdProvider) {
    let config = json!({"account": {
        "signup_fields": ["email*", "username", "password1*"], "email_verification": "mandatory",
    }});
    let (server, provider) = start_with_step(backend, merged(&config, &more)).await;
    (with_ada(server).await, provider)
}

async fn has_account(server: &Server, sub: &str) -> bool {
    let found = server.auth().store().social_account::<rest_auth_flows::User>("example", sub).await;
    found.expect("the database answers").is_some()
}

async fn a_taken_address_is_told_to_its_owner_alone(backend: Backend) {
    let (server, provider) = asking(backend, json!({})).await;
    let mut answers = Vec::new();
    for (sub, email, mailed, is_kept) in [
        ("taken", "ADA@example.com", "belongs to an account already", false),
        ("free", "grace@example.net", "account-confirm-email", true),
    ] {
        let token = waiting(&server, &provider, (sub, sub)).await;
        let clash = json!({"signup_token": token, "email": email, "username": "ada"});
        complete(&server, clash).await.says(400, "already exists");
        let form = json!({"signup_token": token, "email": email, "username": sub});
        answers.push(complete(&server, form.clone()).await.of(201).document());
        complete(&server, form).await.says(400, "signup_token");
        let mail = mail_to(&server, &email.to_lowercase()).await;
        assert!(mail.contains(mailed), "{mail}");
        assert_eq!(has_account(&server, sub).await, is_kept, "{sub}");
        assert_eq!(is_known(&server, sub).await, is_kept, "{sub}");
    }
    assert_eq!(answers[0], answers[1]);
}

async fn an_address_that_the_provider_has_not_verified_is_told_to_its_owner_alone(
    backend: Backend,
) {
    for step in [true, false] {
        let more = json!({"socialaccount": {"signup_step": step}});
        let (server, provider) = asking(backend, more).await;
        for (sub, email) in [("taken", "ada@example.com"), ("free", "grace@example.net")] {
            let login = async |jti: &str| {
                let claims = json!({"sub": sub, "jti": format!("{sub}{jti}"), "email": email,
                    "email_verified": false});
                by_id_token(&server, &provider.id_token(&claims)).await
            };
            login("1").await.says(400, "E-mail is not verified.");
            mail_to(&server, email).await;
            login("2").await.says(400, "E-mail is not verified.");
        }
        // Whose own it is by the word of the provider learns that they have an account.
        let claims = json!({"sub": "own", "email": "ada@example.com"});
        let answer = by_id_token(&server, &provider.id_token(&claims)).await;
        if step {
            assert_eq!(answer.of(200).document()["email_taken"], true);
        } else {
            answer.says(400, "already registered");
        }
    }
}

async fn where_nothing_asks_to_verify_an_address_it_is_told_that_it_is_taken(backend: Backend) {
    for more in [
        json!({"account": {"email_verification": "optional"}}),
        json!({"account": {"neutral_registration": false}}),
        json!({"apps": {"registration": false}}),
    ] {
        let (server, provider) = asking(backend, more.clone()).await;
        let token = waiting(&server, &provider, ("taken", "1")).await;
        let form = json!({"signup_token": token, "email": "ada@example.com"});
        let answer = complete(&server, form).await;
        assert_eq!(answer.status(), 400, "{more}: {answer}");
    }
}
