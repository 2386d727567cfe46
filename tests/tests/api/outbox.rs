//! The outbox: what the database holds of a mail.

use rest_auth_flows::outbox;
use rest_auth_mail::MailKind;
use rest_auth_store::MailState;
use rest_auth_store::testing::TestDatabase;

use crate::fixture::*;

on_every_database!(a_mail_under_a_former_secret_key_is_delivered_while_that_is_a_fallback,);

fn with_keys(current: &str, fallbacks: &[&str]) -> Value {
    let keys = json!({"server": {"secret_key": current, "secret_key_fallbacks": fallbacks}});
    merged(&merged(&base(), &token_mode()), &keys)
}

#[tokio::test]
async fn the_database_holds_no_link_before_or_after_it_was_sent() {
    let database = TestDatabase::fresh(Backend::Sqlite).await.expect("a database");
    let url = database.url().to_owned();
    let config = merged(&base(), &token_mode());
    let server = Server::start_on(&config, database).await.expect("the server starts");
    let server = Arc::new(server);
    create(
        &server,
        json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
        "email_verified": true}),
    )
    .await;
    let asked = json!({"email": "ada@example.com"});
    Client::new(&server).post("/password/reset/", &asked).await.is(200);
    let before = bytes_of(&url);
    assert!(holds(&before, "\"kind\":\"password_reset\""), "this test cannot see anything");
    let mail = only_mail(&server).await;
    let link = mail.split_whitespace().find(|word| word.contains("/confirm/")).expect("a link");
    let token = link.trim_end_matches('/').rsplit('/').next().expect("a token");
    for bytes in [before, bytes_of(&url)] {
        assert!(!holds(&bytes, token), "the token is in the database");
        assert!(!holds(&bytes, "password-reset"), "the link is in the database");
    }
    let sent = server.auth().store().list_mails(MailState::Sent, None, 9).await.expect("mails");
    assert_eq!(sent[0].payload, "{\"kind\":\"password_reset\"}");
    assert_eq!(outbox::kind_of(&sent[0]).map(MailKind::name), Some("password_reset"));
}

async fn a_mail_under_a_former_secret_key_is_delivered_while_that_is_a_fallback(backend: Backend) {
    const OLD: &str = "the former key of the API tests, which is long enough";
    const NEW: &str = "the present key of the API tests, which is long enough";
    for (fallbacks, delivered) in [(vec![OLD], 1), (vec![], 0)] {
        let database = TestDatabase::fresh(backend).await.expect("a database");
        let place = json!({"database": {"url": database.url()}});
        let old = Server::start_on(&with_keys(OLD, &[]), database).await.expect("it starts");
        let old = Arc::new(old);
        create(
            &old,
            json!({"username": "ada", "password": PASSWORD, "email": "ada@example.com",
            "email_verified": true}),
        )
        .await;
        let asked = json!({"email": "ada@example.com"});
        Client::new(&old).post("/password/reset/", &asked).await.is(200);
        let config = merged(&with_keys(NEW, &fallbacks), &place);
        let new = Server::start_at(&config, old.now()).await.expect("it starts");
        assert_eq!(new.new_mails().await.len(), delivered);
        let dead = new.auth().store().list_mails(MailState::Dead, None, 9).await.expect("mails");
        assert_eq!(dead.len(), 1 - delivered);
        for mail in dead {
            let reason = mail.last_error.unwrap_or_default();
            assert!(reason.contains("server.secret_key_fallbacks"), "{reason}");
        }
    }
}
