//! Registration by invitation, and accounts whose owners choose their passwords.

use rest_auth_domain::email::Email;
use rest_auth_flows::accounts;
use rest_auth_flows::context::Context;
use rest_auth_flows::invitations::{self, Invitee};
use rest_auth_flows::links::LinkBase;
use rest_auth_store::testing::TestDatabase;

use crate::fixture::*;

on_every_database!(
    a_code_lets_one_person_in,
    without_a_code_nothing_is_told_of_who_is_registered,
    a_registration_that_fails_does_not_use_the_code_up,
    a_code_ends_and_can_be_taken_back,
    a_code_for_an_address_is_for_no_other,
    a_code_that_was_mailed_has_verified_the_address,
    who_reads_the_mail_of_an_address_is_told_that_it_is_taken,
    a_hidden_refusal_uses_the_code_up_as_a_registration_would,
    the_address_is_asked_for_where_the_invitation_has_none,
    an_owner_chooses_a_password_by_the_link_in_the_mail,
    the_link_to_choose_a_password_ends,
);

const WEEK: Duration = Duration::from_hours(7 * 24);

fn invite() -> Value {
    let config = json!({"rest_auth": {
        "register": "invite",
        "invitation_url": "https://app.example/join/{code}",
    }});
    merged(&token_mode(), &config)
}

fn mandatory() -> Value {
    merged(&invite(), &json!({"account": {"email_verification": "mandatory"}}))
}

/// The context of an administrator's command.
fn context(server: &Server) -> Context {
    Context::for_command(server.auth(), LinkBase::configured("https://auth.example"))
}

/// The code of an invitation for anybody.
pub(super) async fn code(server: &Server) -> String {
    let issued = invitations::issue(server.auth(), &context(server), Invitee::Anybody, WEEK).await;
    issued.expect("issued").code.expect("a code")
}

async fn bound(server: &Server, recipient: fn(Email) -> Invitee, email: &str) -> Option<String> {
    let email = Email::parse(email).expect("an address");
    invitations::issue(server.auth(), &context(server), recipient(email), WEEK)
        .await
        .expect("issued")
        .code
}

/// The code in the link of the only new mail.
async fn mailed_code(server: &Server) -> String {
    let mail = only_mail(server).await;
    let link = mail
        .split_whitespace()
        .find_map(|word| word.strip_prefix("https://app.example/join/").map(str::to_owned));
    link.unwrap_or_else(|| panic!("no link in {mail}"))
}

fn form(name: &str, more: &Value) -> Value {
    let own = json!({"username": name, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD});
    merged(&own, more)
}

async fn register(server: &Arc<Server>, name: &str, more: &Value) -> Answer {
    Client::new(server).post("/registration/", &form(name, more)).await
}

async fn a_code_lets_one_person_in(backend: Backend) {
    let server = server(backend, invite()).await;
    let code = json!({"invitation_code": code(&server).await});
    register(&server, "bob", &code).await.is(201);
    let invalid = "This invitation is not valid.";
    let again = register(&server, "carol", &code).await.of(400);
    assert_eq!(again.document(), json!({"invitation_code": [invalid]}));
    assert!(is_registered(&server, "bob").await && !is_registered(&server, "carol").await);
}

async fn without_a_code_nothing_is_told_of_who_is_registered(backend: Backend) {
    let server = server(backend, invite()).await;
    let taken = json!({"email": "ada@example.com"});
    let none = register(&server, "ada", &taken).await.of(400);
    assert_eq!(none.document(), json!({"invitation_code": ["This field is required."]}));
    let guess = merged(&taken, &json!({"invitation_code": "0".repeat(32)}));
    let wrong = register(&server, "ada", &guess).await.of(400);
    assert_eq!(wrong.document(), json!({"invitation_code": ["This invitation is not valid."]}));
    let code = merged(&taken, &json!({"invitation_code": code(&server).await}));
    let told = register(&server, "ada", &code).await.of(400).document();
    assert!(told.get("username").is_some() && told.get("email").is_some(), "{told}");
}

async fn a_registration_that_fails_does_not_use_the_code_up(backend: Backend) {
    let server = server(backend, invite()).await;
    let code = json!({"invitation_code": code(&server).await});
    register(&server, "ada", &code).await.says(400, "username");
    let weak = merged(&form("bob", &code), &json!({"password1": "1", "password2": "1"}));
    Client::new(&server).post("/registration/", &weak).await.says(400, "password1");
    register(&server, "bob", &code).await.is(201);
}

async fn a_code_ends_and_can_be_taken_back(backend: Backend) {
    let server = server(backend, invite()).await;
    let ended = json!({"invitation_code": code(&server).await});
    server.advance(WEEK);
    register(&server, "bob", &ended).await.says(400, "not valid");
    let revoked = json!({"invitation_code": code(&server).await});
    let pending = invitations::pending(server.auth()).await.expect("a list");
    assert_eq!(pending.len(), 1, "{pending:?}");
    assert!(invitations::revoke(server.auth(), pending[0].id).await.expect("an answer"));
    assert!(!invitations::revoke(server.auth(), pending[0].id).await.expect("an answer"));
    register(&server, "bob", &revoked).await.says(400, "not valid");
    assert!(!is_registered(&server, "bob").await);
}

async fn a_code_for_an_address_is_for_no_other(backend: Backend) {
    let server = server(backend, mandatory()).await;
    let code = bound(&server, Invitee::Address, "bob@example.com").await.expect("a code");
    assert!(server.new_mails().await.is_empty());
    let other = json!({"invitation_code": code, "email": "mallory@example.com"});
    register(&server, "bob", &other).await.says(400, "for another e-mail address");
    // The address need not be given, but who did not read it in a mail has to verify it.
    let answer = register(&server, "bob", &json!({"invitation_code": code})).await.of(201);
    answer.says(201, "Verification e-mail sent.");
    assert!(only_mail(&server).await.contains("To: bob@example.com"));
    try_login(&mut Client::new(&server), "bob", NEW_PASSWORD).await.says(400, "not verified");
}

async fn a_code_that_was_mailed_has_verified_the_address(backend: Backend) {
    let server = server(backend, mandatory()).await;
    assert!(bound(&server, Invitee::Mailed, "Bob@Example.com").await.is_none(), "it is printed");
    let code = json!({"invitation_code": mailed_code(&server).await, "email": "BOB@example.com"});
    let answer = register(&server, "bob", &code).await.of(201);
    let mut bob = Client::new(&server).with_token(&answer.text("key"));
    assert_eq!(bob.get("/user/").await.of(200).document()["email"], "bob@example.com");
    assert!(server.new_mails().await.is_empty(), "nothing is left to verify");
    try_login(&mut Client::new(&server), "bob", NEW_PASSWORD).await.is(200);
}

async fn who_reads_the_mail_of_an_address_is_told_that_it_is_taken(backend: Backend) {
    let server = server(backend, mandatory()).await;
    bound(&server, Invitee::Mailed, "ada@example.com").await;
    let code = json!({"invitation_code": mailed_code(&server).await});
    register(&server, "mallory", &code).await.says(400, "already registered");
}

async fn a_hidden_refusal_uses_the_code_up_as_a_registration_would(backend: Backend) {
    let server = server(backend, mandatory()).await;
    let code = code(&server).await;
    let taken = json!({"invitation_code": code, "email": "ada@example.com"});
    register(&server, "mallory", &taken).await.says(201, "Verification e-mail sent.");
    assert!(!is_registered(&server, "mallory").await);
    let free = json!({"invitation_code": code, "email": "mallory@example.com"});
    register(&server, "mallory", &free).await.says(400, "not valid");
}

async fn the_address_is_asked_for_where_the_invitation_has_none(backend: Backend) {
    let fields = json!({"account": {"signup_fields": ["email*", "username*", "password1*",
        "password2*"]}});
    let server = server(backend, merged(&invite(), &fields)).await;
    let code = code(&server).await;
    let answer = register(&server, "bob", &json!({"invitation_code": code})).await.of(400);
    assert_eq!(answer.document(), json!({"email": ["This field is required."]}));
    let whole = json!({"invitation_code": code, "email": "bob@example.com"});
    register(&server, "bob", &whole).await.is(201);
}

#[tokio::test]
async fn only_a_digest_of_a_code_is_kept() {
    let database = TestDatabase::fresh(Backend::Sqlite).await.expect("SQLite");
    let url = database.url().to_owned();
    let server = Server::start_on(&merged(&base(), &invite()), database).await.expect("a server");
    let code = code(&server).await;
    let bytes = bytes_of(&url);
    assert!(holds(&bytes, "invitation"));
    assert!(!holds(&bytes, &code), "the code is in the database");
}

async fn an_owner_chooses_a_password_by_the_link_in_the_mail(backend: Backend) {
    let server = server(backend, mandatory()).await;
    let new = json!({"username": "bob", "email": "Bob@Example.com"});
    let new = serde_json::from_value(new).expect("an account");
    accounts::create_and_invite(server.auth(), &context(&server), new, WEEK).await.expect("made");
    let mail = only_mail(&server).await;
    assert!(mail.contains("To: bob@example.com"), "{mail}");
    let link = mail.split_whitespace().find(|word| word.contains("/password-reset/confirm/"));
    let link = link.unwrap_or_else(|| panic!("no link in {mail}")).trim_end_matches('/');
    assert!(link.starts_with("https://auth.example/"), "{link}");
    let mut parts = link.rsplit('/').map(str::to_owned);
    let token = parts.next().expect("a token");
    let link = (parts.next().expect("a uid"), token);
    // Longer than a reset that users ask for themselves.
    server.advance(just_before(WEEK));
    try_login(&mut Client::new(&server), "bob", "").await.is(400);
    confirm_reset(&server, &link, NEW_PASSWORD).await.is(200);
    try_login(&mut Client::new(&server), "bob", NEW_PASSWORD).await.is(200);
    confirm_reset(&server, &link, PASSWORD).await.says(400, "token");
}

async fn the_link_to_choose_a_password_ends(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let new = json!({"username": "bob", "email": "bob@example.com"});
    let new = serde_json::from_value(new).expect("an account");
    accounts::create_and_invite(server.auth(), &context(&server), new, WEEK).await.expect("made");
    let mail = only_mail(&server).await;
    let link = mail.split_whitespace().find(|word| word.contains("/confirm/")).expect("a link");
    let mut parts = link.trim_end_matches('/').rsplit('/').map(str::to_owned);
    let token = parts.next().expect("a token");
    let link = (parts.next().expect("a uid"), token);
    server.advance(WEEK + SECOND);
    confirm_reset(&server, &link, NEW_PASSWORD).await.says(400, "token");
}
