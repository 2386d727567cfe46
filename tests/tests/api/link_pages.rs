//! The pages behind links in mails: they work in a browser without scripts, and give nothing away.

use rest_auth_domain::email::Email;
use rest_auth_flows::context::Context;
use rest_auth_flows::invitations::{self, Invitee};
use rest_auth_flows::links::LinkBase;

use crate::fixture::*;

on_every_database!(
    an_address_is_verified_by_a_click,
    a_link_that_was_used_says_so,
    a_new_password_is_chosen_on_a_page,
    what_is_wrong_with_a_password_is_told_at_its_field,
    a_reset_link_that_ended_says_so,
    an_invitation_is_accepted_on_a_page,
    an_invited_user_is_told_what_to_correct,
    an_invitation_that_ended_says_so,
    whoever_has_to_verify_first_is_told,
    looking_uses_nothing_up,
    pages_speak_the_language_of_the_browser,
    too_many_attempts_are_told_on_a_page,
    a_verified_address_replaces_the_other_and_the_session_goes_on,
);

const WEEK: Duration = Duration::from_hours(7 * 24);

fn invite() -> Value {
    merged(&token_mode(), &json!({"rest_auth": {"register": "invite"}}))
}

/// The path of the link in a mail.
fn path_of(mail: &str) -> String {
    let link = mail.split_whitespace().find(|word| word.starts_with("http://localhost:8000/"));
    let link = link.unwrap_or_else(|| panic!("no link in {mail}"));
    link.trim_start_matches("http://localhost:8000").to_owned()
}

async fn verification_page(server: &Arc<Server>, name: &str) -> String {
    let form = json!({"username": name, "email": format!("{name}@example.com"),
        "password1": NEW_PASSWORD, "password2": NEW_PASSWORD});
    Client::new(server).post("/registration/", &form).await.is(201);
    path_of(&only_mail(server).await)
}

async fn reset_page(server: &Arc<Server>) -> String {
    let asked = json!({"email": "ada@example.com"});
    Client::new(server).post("/password/reset/", &asked).await.is(200);
    path_of(&only_mail(server).await)
}

/// The page of an invitation that was mailed.
async fn invitation_page(server: &Arc<Server>, email: &str) -> String {
    let base = LinkBase::configured("http://localhost:8000");
    let context = Context::for_command(server.auth(), base);
    let recipient = Invitee::Mailed(Email::parse(email).expect("an address"));
    let issued = invitations::issue(server.auth(), &context, recipient, WEEK).await;
    assert!(issued.expect("issued").code.is_none());
    path_of(&mail_to(server, email).await)
}

fn passwords(first: &'static str, again: &'static str) -> [(&'static str, &'static str); 2] {
    [("new_password1", first), ("new_password2", again)]
}

/// Holds a page to what each of them promises.
fn is_guarded(answer: &Answer) {
    assert_eq!(answer.header("Content-Type"), Some("text/html; charset=utf-8"), "{answer}");
    assert_eq!(answer.header("Referrer-Policy"), Some("no-referrer"));
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    let policy = answer.header("Content-Security-Policy").expect("a policy");
    for part in ["default-src 'none'", "style-src 'sha256-", "form-action 'self'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    let html = String::from_utf8_lossy(answer.body());
    assert!(!html.contains("<script") && !html.contains(" style="), "{html}");
}

async fn an_address_is_verified_by_a_click(backend: Backend) {
    let mandatory = json!({"account": {"email_verification": "mandatory"}});
    let server = empty_server(backend, mandatory).await;
    let page = verification_page(&server, "bob").await;
    let mut browser = Client::new(&server);
    let shown = browser.get(&page).await.of(200);
    is_guarded(&shown);
    shown.says(200, "<form method=\"post\">");
    let login = try_login(&mut Client::new(&server), "bob", NEW_PASSWORD).await;
    login.says(400, "E-mail is not verified.");
    let done = browser.form(&page, &[]).await;
    is_guarded(&done);
    done.says(200, "Your e-mail address is confirmed");
    assert!(done.header("Set-Cookie").is_none(), "{done}");
    try_login(&mut Client::new(&server), "bob", NEW_PASSWORD).await.is(200);
}

async fn a_link_that_was_used_says_so(backend: Backend) {
    let server = empty_server(backend, json!({})).await;
    let page = verification_page(&server, "bob").await;
    Client::new(&server).form(&page, &[]).await.is(200);
    let again = Client::new(&server).form(page.trim_end_matches('/'), &[]).await;
    is_guarded(&again);
    again.says(404, "This link does not work");
    let shown = Client::new(&server).get(&page).await;
    is_guarded(&shown);
    shown.says(404, "This link does not work");
    let forged = "/registration/account-confirm-email/%3Cscript%3E/";
    let answer = Client::new(&server).form(forged, &[]).await.of(404);
    is_guarded(&answer);
}

async fn a_new_password_is_chosen_on_a_page(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let page = reset_page(&server).await;
    let mut browser = Client::new(&server);
    let shown = browser.get(&page).await.of(200);
    is_guarded(&shown);
    for name in ["new_password1", "new_password2"] {
        shown.says(200, &format!("<label for=\"{name}\">"));
        let input = format!("id=\"{name}\" name=\"{name}\" type=\"password\"");
        shown.says(200, &input);
    }
    let done = browser.form(&page, &passwords(NEW_PASSWORD, NEW_PASSWORD)).await;
    is_guarded(&done);
    done.says(200, "Your password is saved");
    try_login(&mut Client::new(&server), "ada", NEW_PASSWORD).await.is(200);
    try_login(&mut Client::new(&server), "ada", PASSWORD).await.is(400);
}

async fn what_is_wrong_with_a_password_is_told_at_its_field(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let page = reset_page(&server).await;
    let mut browser = Client::new(&server);
    let weak = browser.form(&page, &passwords("12345678", "12345678")).await;
    is_guarded(&weak);
    weak.says(400, "role=\"alert\"");
    weak.says(400, "This password is entirely numeric.");
    let told = "aria-invalid=\"true\" aria-describedby=\"new_password2-problems\"";
    weak.says(400, told);
    assert!(!String::from_utf8_lossy(weak.body()).contains("12345678"), "{weak}");
    browser.form(&page, &passwords(NEW_PASSWORD, PASSWORD)).await.says(400, "match");
    browser.form(&page, &passwords(NEW_PASSWORD, "")).await.says(400, "This field is required.");
    // Nothing of this has used the link up.
    browser.form(&page, &passwords(NEW_PASSWORD, NEW_PASSWORD)).await.is(200);
}

async fn a_reset_link_that_ended_says_so(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let page = reset_page(&server).await;
    server.advance(HOUR + SECOND);
    let late = Client::new(&server).form(&page, &passwords(NEW_PASSWORD, NEW_PASSWORD)).await;
    is_guarded(&late);
    late.says(400, "This link does not work");
    Client::new(&server).get(&page).await.says(404, "This link does not work");
    try_login(&mut Client::new(&server), "ada", PASSWORD).await.is(200);
    // What the link says goes before what is posted.
    let fresh = reset_page(&server).await;
    let (uid, token) = fresh.trim_end_matches('/').rsplit_once('/').expect("two parts");
    let uid = uid.rsplit('/').next().unwrap_or_default();
    let with_secret = [
        ("uid", uid),
        ("token", token),
        ("new_password1", NEW_PASSWORD),
        ("new_password2", NEW_PASSWORD),
    ];
    Client::new(&server).form(&page, &with_secret).await.is(400);
    // A link that was used has ended, too.
    Client::new(&server).get(&fresh).await.says(200, "<form method=\"post\">");
    Client::new(&server).form(&fresh, &passwords(NEW_PASSWORD, NEW_PASSWORD)).await.is(200);
    Client::new(&server).get(&fresh).await.says(404, "This link does not work");
}

async fn an_invitation_is_accepted_on_a_page(backend: Backend) {
    let config = json!({
        "account": {"email_verification": "mandatory", "signup_fields":
            ["email", "username*", "first_name", "password1*", "password2*"]},
        "user": {"extra_fields": {"company": {"type": "text", "required": true},
            "news": {"type": "boolean"}}},
    });
    let server = empty_server(backend, merged(&invite(), &config)).await;
    let page = invitation_page(&server, "bob@example.com").await;
    let mut browser = Client::new(&server);
    let shown = browser.get(&page).await.of(200);
    is_guarded(&shown);
    for name in ["username", "email", "first_name", "password1", "password2", "company", "news"] {
        shown.says(200, &format!("<label for=\"{name}\">"));
    }
    shown.says(200, "value=\"bob@example.com\"");
    assert!(!String::from_utf8_lossy(shown.body()).contains("invitation_code"), "{shown}");
    let form = [
        ("username", "bob"),
        ("email", ""),
        ("first_name", ""),
        ("password1", NEW_PASSWORD),
        ("password2", NEW_PASSWORD),
        ("company", "Ångström & Sons"),
        ("news", "false"),
        ("news", "true"),
    ];
    let done = browser.form(&page, &form).await;
    is_guarded(&done);
    done.says(201, "Your account is created");
    assert!(done.header("Set-Cookie").is_none(), "{done}");
    let login = try_login(&mut Client::new(&server), "bob", NEW_PASSWORD).await.of(200);
    let mut bob = Client::new(&server).with_token(&login.text("key"));
    let user = bob.get("/user/").await.of(200).document();
    assert_eq!((&user["email"], &user["news"]), (&json!("bob@example.com"), &json!(true)));
    assert_eq!(user["company"], "Ångström & Sons");
}

async fn an_invited_user_is_told_what_to_correct(backend: Backend) {
    let server = with_ada(empty_server(backend, invite()).await).await;
    let page = invitation_page(&server, "bob@example.com").await;
    let form = [
        ("username", "ada"),
        ("email", "<b>\"bob\"@example.com"),
        ("password1", NEW_PASSWORD),
        ("password2", NEW_PASSWORD),
    ];
    let mut browser = Client::new(&server);
    let told = browser.form(&page, &form).await;
    is_guarded(&told);
    told.says(400, "A user with that username already exists.");
    told.says(400, "id=\"username-problems\"");
    told.says(400, "value=\"&lt;b&gt;&quot;bob&quot;@example.com\"");
    assert!(!String::from_utf8_lossy(told.body()).contains(NEW_PASSWORD), "{told}");
    let form = [("username", "bob"), ("password1", NEW_PASSWORD), ("password2", PASSWORD)];
    let told = browser.form(&page, &form).await;
    told.says(400, "<div role=\"alert\">\n<p>The two password fields");
    let form = [("username", "bob"), ("password1", NEW_PASSWORD), ("password2", NEW_PASSWORD)];
    browser.form(&page, &form).await.is(201);
}

async fn an_invitation_that_ended_says_so(backend: Backend) {
    let server = empty_server(backend, invite()).await;
    let page = invitation_page(&server, "bob@example.com").await;
    Client::new(&server).get(&page).await.is(200);
    server.advance(WEEK);
    let shown = Client::new(&server).get(&page).await;
    shown.says(404, "Please ask for another invitation.");
    let form = [("username", "bob"), ("password1", NEW_PASSWORD), ("password2", NEW_PASSWORD)];
    let late = Client::new(&server).form(&page, &form).await;
    is_guarded(&late);
    late.says(400, "Please ask for another invitation.");
    assert!(!is_registered(&server, "bob").await);
}

async fn whoever_has_to_verify_first_is_told(backend: Backend) {
    let mandatory = json!({"account": {"email_verification": "mandatory"}});
    let server = empty_server(backend, merged(&invite(), &mandatory)).await;
    let base = LinkBase::configured("http://localhost:8000");
    let context = Context::for_command(server.auth(), base);
    let issued = invitations::issue(server.auth(), &context, Invitee::Anybody, WEEK).await;
    let url = issued.expect("issued").url.expect("a page");
    let form = [
        ("username", "bob"),
        ("email", "bob@example.com"),
        ("password1", NEW_PASSWORD),
        ("password2", NEW_PASSWORD),
    ];
    let done = Client::new(&server).form(&path_of(&url), &form).await;
    done.says(201, "open the link in the mail");
    let verify = path_of(&mail_to(&server, "bob@example.com").await);
    Client::new(&server).form(&verify, &[]).await.is(200);
    try_login(&mut Client::new(&server), "bob", NEW_PASSWORD).await.is(200);
}

async fn looking_uses_nothing_up(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let page = reset_page(&server).await;
    let mut scanner = Client::new(&server);
    for _ in 0..3 {
        scanner.get(&page).await.is(200);
        let head = scanner.send("HEAD", &page, "", bytes::Bytes::new()).await.of(200);
        assert!(head.body().is_empty() && head.header("Referrer-Policy").is_some());
    }
    for method in ["OPTIONS", "PUT", "DELETE", "PATCH"] {
        let refused = scanner.send(method, &page, "", bytes::Bytes::new()).await.of(405);
        assert_eq!(refused.header("Allow"), Some("GET, POST, HEAD"));
    }
    let with_query = format!("{page}?new_password1={NEW_PASSWORD}&new_password2={NEW_PASSWORD}");
    scanner.get(&with_query.replace(' ', "+")).await.is(200);
    scanner.form(&page, &passwords(NEW_PASSWORD, NEW_PASSWORD)).await.is(200);
}

async fn pages_speak_the_language_of_the_browser(backend: Backend) {
    let negotiating = json!({"i18n": {"negotiate_language": true}});
    let server = server(backend, merged(&token_mode(), &negotiating)).await;
    let page = reset_page(&server).await;
    for (accept, language, words) in [
        ("de-AT,de;q=0.9", "de", "Neues Passwort wählen"),
        ("es", "es", "Elija una contraseña nueva"),
        ("fr-CA", "fr", "Choisissez un nouveau mot de passe"),
        ("pt-BR", "pt-br", "Escolha uma nova senha"),
        ("ja", "en", "Choose a new password"),
    ] {
        let mut browser = Client::new(&server).with("Accept-Language", accept);
        let shown = browser.get(&page).await;
        shown.says(200, &format!("<html lang=\"{language}\">"));
        shown.says(200, words);
    }
    let mut browser = Client::new(&server).with("Accept-Language", "de");
    let weak = browser.form(&page, &passwords("12345678", "12345678")).await;
    weak.says(400, "Bitte prüfen Sie Ihre Angaben.");
    weak.says(400, "Dieses Passwort ist komplett numerisch.");
    let mut browser = Client::new(&server).with("Accept-Language", "ja");
    browser.form(&page, &passwords("12345678", "12345678")).await.says(400, "entirely numeric");
}

async fn too_many_attempts_are_told_on_a_page(backend: Backend) {
    let limits = json!({"account": {"rate_limits": {"reset_password_from_key": "1/m/ip"}}});
    let server = server(backend, merged(&token_mode(), &limits)).await;
    let page = reset_page(&server).await;
    let mut browser = Client::new(&server);
    browser.form(&page, &passwords("12345678", "12345678")).await.is(400);
    let refused = browser.form(&page, &passwords(NEW_PASSWORD, NEW_PASSWORD)).await;
    is_guarded(&refused);
    refused.says(429, "Request was throttled.");
    assert!(refused.header("Retry-After").is_some(), "{refused}");
}

async fn a_verified_address_replaces_the_other_and_the_session_goes_on(backend: Backend) {
    let config = merged(&session_mode(), &json!({"account": {"change_email": true}}));
    let server = server(backend, config).await;
    let (browser, _) = login(&server).await;
    let mut browser = browser.with_csrf();
    let form = json!({"email": "new@example.com", "current_password": PASSWORD});
    browser.post("/emails/", &form).await.is(201);
    let page = path_of(&mail_to(&server, "new@example.com").await);
    browser.form(&page, &[]).await.is(200);
    assert_eq!(browser.get("/user/").await.of(200).document()["email"], "new@example.com");
}

#[tokio::test]
async fn where_a_front_end_has_its_pages_this_server_has_none() {
    let own = json!({
        "account": {"email_confirmation_url": "https://app.example/verify/{key}"},
        "rest_auth": {
            "password_reset_url": "https://app.example/reset/{uid}/{token}",
            "register": "invite",
            "invitation_url": "https://app.example/join/{code}",
        },
    });
    let off = json!({"account": {"link_pages": false}, "rest_auth": {"register": "invite"}});
    let by_code = json!({"account": {
        "email_verification_by_code_enabled": true,
        "password_reset_by_code_enabled": true,
    }});
    for config in [own, off, by_code, json!({"profile": "django"})] {
        let server = empty_server(Backend::Sqlite, config.clone()).await;
        for path in [
            "/registration/account-confirm-email/a-key/",
            "/password-reset/confirm/1/a-token/",
            "/registration/invitation/a-code/",
        ] {
            let answer = Client::new(&server).get(path).await;
            assert_eq!(answer.status(), 404, "{config}: {path}");
        }
    }
}
