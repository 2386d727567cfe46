//! How requests are read: several lines of one header, bytes outside ASCII, and forms.

use bytes::Bytes;

use crate::fixture::*;

on_every_database!(
    several_lines_of_a_header_are_one_list,
    a_cookie_that_cannot_be_read_does_not_spoil_the_others,
    a_cookie_that_no_session_can_have_is_deleted_by_every_answer,
    a_csrf_cookie_that_cannot_be_one_is_replaced_by_every_answer,
    a_host_that_cannot_be_read_is_not_allowed_and_gets_no_mail,
    two_hosts_are_none,
    nothing_of_a_form_vanishes,
    a_form_is_read_in_its_charset,
    no_credential_with_a_nul_reaches_the_database,
    an_answer_depends_on_the_session_that_keeps_the_csrf_secret,
);

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=b";

async fn several_lines_of_a_header_are_one_list(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let (client, key) = token_client(&server).await;
    let accepts =
        |first: &str, second: &str| client.clone().with("Accept", first).with("Accept", second);
    accepts("text/html", "application/json").get("/user/").await.is(200);
    accepts("text/html", "text/xml").get("/user/").await.is(406);
    let indented = accepts("text/html", "application/json; INDENT=2").get("/user/").await;
    indented.says(200, "{\n  \"pk\"");
    // One line says one thing; two that differ say nothing.
    let token = format!("Token {key}");
    let twice = Client::new(&server).with("Authorization", &token).with("Authorization", &token);
    { twice }.get("/user/").await.says(401, "should not contain spaces");
    let languages = json!({"i18n": {"language_code": "en-us"}});
    let server = empty_server(backend, merged(&token_mode(), &languages)).await;
    let client = Client::new(&server).with("Accept-Language", "tlh");
    let answer = { client }.with("Accept-Language", "de").get("/user/").await;
    assert_eq!(answer.header("Content-Language"), Some("de"), "{answer}");
}

async fn a_cookie_that_cannot_be_read_does_not_spoil_the_others(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let (client, _) = login(&server).await;
    let key = client.cookies["sessionid"].clone();
    for line in [
        format!("shop=café; sessionid={key}"),
        format!("sessionid={key}; shop=café"),
        format!("=; ;;shop; sessionid={key}; \"=x"),
    ] {
        let mut client = Client::new(&server).with("Cookie", &line);
        client.get("/user/").await.is(200);
    }
    let mut lines =
        Client::new(&server).with("Cookie", "shop=é").with("Cookie", &format!("sessionid={key}"));
    lines.get("/user/").await.is(200);
}

async fn a_cookie_that_no_session_can_have_is_deleted_by_every_answer(backend: Backend) {
    let server = server(backend, session_mode()).await;
    for key in ["", "short", "\"\\000\\000\\000\\000\\000\\000\\000\\000\""] {
        for path in ["/user/", "/nowhere/", "/csrf/", "/login/", "/schema/"] {
            let mut client = Client::new(&server).with("Cookie", &format!("sessionid={key}"));
            let answer = client.get(path).await;
            let deleted = answer.set_cookie("sessionid").unwrap_or_default();
            assert!(deleted.contains("Max-Age=0"), "{key:?} at {path}: {answer}");
            assert_eq!(answer.header("Vary"), Some("Cookie"), "{key:?} at {path}");
        }
    }
    let unknown = format!("sessionid={}", "a".repeat(32));
    let answer = Client::new(&server).with("Cookie", &unknown).get("/nowhere/").await;
    assert_eq!(answer.set_cookie("sessionid"), None, "nobody has looked the key up");
}

async fn a_csrf_cookie_that_cannot_be_one_is_replaced_by_every_answer(backend: Backend) {
    let server = server(backend, session_mode()).await;
    let with = |value: &str| Client::new(&server).with("Cookie", &format!("csrftoken={value}"));
    for path in ["/user/", "/nowhere/", "/csrf/", "/login/"] {
        let answer = with("bad").get(path).await;
        let cookies: Vec<_> = answer.headers().get_all("Set-Cookie").iter().collect();
        assert_eq!(cookies.len(), 1, "{path}: {cookies:?}");
        let secret = answer.set_cookie("csrftoken").unwrap_or_default();
        let secret = secret.trim_start_matches("csrftoken=").split(';').next().unwrap_or_default();
        assert_eq!(secret.len(), 32, "{path}: {secret}");
        assert_eq!(answer.header("Vary"), Some("Cookie"), "{path}");
        let good = with(&"a".repeat(32)).get(path).await;
        assert_eq!(good.set_cookie("csrftoken").is_some(), path == "/csrf/", "{path}");
    }
    let mut client = with("bad");
    let answer = try_login(&mut client, "ada", PASSWORD).await.of(204);
    assert_eq!(answer.headers().get_all("Set-Cookie").iter().count(), 2, "{answer}");
}

async fn a_host_that_cannot_be_read_is_not_allowed_and_gets_no_mail(backend: Backend) {
    let forwarded = json!({"server": {"use_x_forwarded_host": true}});
    for (config, header) in [(json!({}), "Host"), (forwarded, "X-Forwarded-Host")] {
        let own = json!({
            "profile": "django",
            "server": {"allowed_hosts": ["localhost"], "links_from_host": true},
        });
        let server = server(backend, merged(&own, &config)).await;
        let address = json!({"email": "ada@example.com"});
        for host in ["café.example.com", "localhost\u{80}", "evil.example.com", "a b"] {
            let mut client = Client::new(&server).with(header, host);
            client.post("/password/reset/", &address).await.is(400);
        }
        assert_eq!(server.new_mails().await.len(), 0);
        Client::new(&server).post("/password/reset/", &address).await.is(200);
        assert_eq!(server.new_mails().await.len(), 1);
    }
}

async fn two_hosts_are_none(backend: Backend) {
    let allowed = json!({"server": {"allowed_hosts": ["localhost"]}});
    let server = server(backend, merged(&token_mode(), &allowed)).await;
    let one = Client::new(&server).with("Host", "localhost");
    one.clone().get("/user/").await.is(401);
    one.with("Host", "localhost").get("/user/").await.is(400);
}

fn part(head: &str, value: &str) -> String {
    format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n")
}

async fn nothing_of_a_form_vanishes(backend: Backend) {
    let server = server(backend, token_mode()).await;
    let password = part("name=password", PASSWORD);
    let name = part("name=username", "ada");
    let base64 = "name=username\r\nContent-Transfer-Encoding: base64";
    for body in [
        format!("{name}{password}--b--\r\n"),
        // Without the last boundary.
        format!("{name}{password}"),
        format!("{}{password}--b--", part("name*=utf-8''username", "ada")),
        format!("{}{password}--b--", part(base64, "YWRh")),
        format!("{}{name}{password}--b--", part("name=\"x\u{1}\"", "1")),
        format!("{}{name}{password}--b--", part("name*=nobody''x", "1")),
        format!("preamble\r\n{name}{password}--b--\r\nepilogue"),
    ] {
        let answer = Client::new(&server).send("POST", "/login/", MULTIPART, body.into()).await;
        answer.is(200);
    }
    for (kind, shown) in [
        ("multipart/form-data; boundary=", ""),
        ("multipart/form-data", "None"),
        ("multipart/form-data; boundary=\"b \"", "b "),
    ] {
        let answer = Client::new(&server).send("POST", "/login/", kind, "--b".into()).await;
        let problem =
            format!("Multipart form parse error - Invalid boundary in multipart: {shown}");
        answer.of(400).says(400, &problem);
    }
    let endless = part(&format!("name={}", "x".repeat(2_000)), "1");
    let answer = Client::new(&server).send("POST", "/login/", MULTIPART, endless.into()).await;
    answer.says(400, "Request max total header size exceeded.");
}

async fn a_form_is_read_in_its_charset(backend: Backend) {
    let server = server(backend, token_mode()).await;
    create(&server, json!({"username": "zoé", "password": PASSWORD})).await;
    let password = PASSWORD.replace(' ', "+");
    for (charset, name) in [
        ("", &b"zo%C3%A9"[..]),
        ("; charset=utf-8", "zoé".as_bytes()),
        ("; charset=iso-8859-1", b"zo%E9"),
        ("; CHARSET=\"latin-1\"", b"zo\xe9"),
        // A body that is no UTF-8 is read as latin-1.
        ("", b"zo\xe9"),
    ] {
        let body = [b"username=", name, format!("&password={password}").as_bytes()].concat();
        let kind = format!("{FORM}{charset}");
        Client::new(&server).send("POST", "/login/", &kind, body.into()).await.is(200);
    }
    let kind = format!("{FORM}; charset=bz2");
    let answer = Client::new(&server).send("POST", "/login/", &kind, "x=1".into()).await;
    answer.says(400, "Unsupported charset \\\"bz2\\\"");
}

async fn no_credential_with_a_nul_reaches_the_database(backend: Backend) {
    let basic = json!({"rest_framework": {
        "default_authentication_classes": ["session", "basic", "token"],
    }});
    let server = server(backend, merged(&token_mode(), &basic)).await;
    // A NUL before and in the name of Basic, and quoted in a session cookie.
    for credentials in ["AGFkYTpw", "YQBkYTpw"] {
        let header = format!("Basic {credentials}");
        let answer = Client::new(&server).with("Authorization", &header).get("/user/").await;
        assert!(matches!(answer.status(), 401 | 403), "{answer}");
    }
    let cookie = "sessionid=\"\\000aaaaaaaaaaaaaaaa\"";
    let answer = Client::new(&server).with("Cookie", cookie).get("/user/").await;
    assert!(matches!(answer.status(), 401 | 403), "{answer}");
}

async fn an_answer_depends_on_the_session_that_keeps_the_csrf_secret(backend: Backend) {
    let own = json!({"csrf": {"use_sessions": true}});
    let server = server(backend, merged(&session_mode(), &own)).await;
    for path in ["/user/", "/login/", "/nowhere/"] {
        let answer = Client::new(&server).send("OPTIONS", path, "", Bytes::new()).await;
        assert_eq!(answer.header("Vary"), Some("Cookie"), "{path}");
    }
    let unknown = format!("sessionid={}", "a".repeat(32));
    let answer = Client::new(&server).with("Cookie", &unknown).get("/login/").await;
    assert!(answer.set_cookie("sessionid").unwrap_or_default().contains("Max-Age=0"), "{answer}");
}
