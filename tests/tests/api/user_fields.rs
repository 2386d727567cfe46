//! Fields that the configuration adds to users.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use rest_auth_store::testing::TestDatabase;

use crate::fixture::*;

on_every_database!(
    who_comes_after_a_user_that_was_deleted_has_none_of_theirs,
    registration_takes_them_and_user_shows_them,
    each_type_has_its_sentences,
    users_change_them_by_the_same_rules,
    the_answers_to_logins_and_registrations_show_them_beside_jwts,
    options_and_forms_know_them,
    administrators_may_set_all_of_them,
    claims_tell_what_holds_at_the_moment_of_issue,
    refresh_tokens_have_the_claims_where_the_setting_says_so,
);

fn fields() -> Value {
    json!({"user": {"extra_fields": {
        "company": {"type": "text", "required": true, "max_length": 20},
        "born": {"type": "date"},
        "children": "integer",
        "newsletter": {"type": "boolean"},
        "plan": {"type": "text", "read_only": true},
    }}})
}

fn with_fields(config: &Value) -> Value {
    merged(&fields(), config)
}

fn form(extra: &Value) -> Value {
    let own = json!({"username": "bob", "password1": PASSWORD, "password2": PASSWORD});
    merged(&own, extra)
}

/// Bob, who is registered with these fields and shows the token of that.
async fn bob(server: &Arc<Server>, extra: &Value) -> Client {
    let answer = Client::new(server).post("/registration/", &form(extra)).await.of(201);
    Client::new(server).with_token(&answer.text("key"))
}

fn extra_of(document: &Value) -> Value {
    let names = ["company", "born", "children", "newsletter", "plan"];
    names.iter().map(|name| ((*name).to_owned(), document[*name].clone())).collect()
}

async fn registration_takes_them_and_user_shows_them(backend: Backend) {
    let server = server(backend, with_fields(&token_mode())).await;
    let extra = json!({"company": " Analytical Engines ", "born": "1815-12-10", "children": "3",
        "newsletter": "yes", "plan": "gold"});
    let shown = bob(&server, &extra).await.get("/user/").await.of(200).document();
    assert_eq!(
        extra_of(&shown),
        json!({"company": "Analytical Engines", "born": "1815-12-10", "children": 3,
            "newsletter": true, "plan": null}),
    );
    // Who was there before the fields were has none of them.
    let (mut ada, _) = token_client(&server).await;
    let shown = ada.get("/user/").await.of(200).document();
    assert_eq!(shown["company"], Value::Null);
    assert_eq!(shown["username"], "ada");
}

async fn each_type_has_its_sentences(backend: Backend) {
    let server = server(backend, with_fields(&token_mode())).await;
    let mut client = Client::new(&server);
    let missing = client.post("/registration/", &form(&json!({}))).await.of(400).document();
    assert_eq!(missing, json!({"company": ["This field is required."]}));
    let wrong = json!({"company": "x".repeat(21), "born": "10.12.1815", "children": 1.5,
        "newsletter": "perhaps"});
    let wrong = client.post("/registration/", &form(&wrong)).await.of(400).document();
    assert_eq!(
        wrong,
        json!({
            "company": ["Ensure this field has no more than 20 characters."],
            "born": [
                "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."
            ],
            "children": ["A valid integer is required."],
            "newsletter": ["Must be a valid boolean."],
        }),
    );
    let null = json!({"company": null, "children": 9_223_372_036_854_775_808_u64});
    let null = client.post("/registration/", &form(&null)).await.of(400).document();
    let largest = "Ensure this value is less than or equal to 9223372036854775807.";
    assert_eq!(null, json!({"company": ["This field may not be null."], "children": [largest]}));
    try_login(&mut Client::new(&server), "bob", PASSWORD).await.is(400);
}

async fn users_change_them_by_the_same_rules(backend: Backend) {
    let server = server(backend, with_fields(&token_mode())).await;
    let mut bob = bob(&server, &json!({"company": "A", "children": 1, "born": "2000-01-01"})).await;
    // PATCH leaves what it does not name, and null takes a value away.
    let change = json!({"children": 2, "born": null, "plan": "gold"});
    let shown = bob.json("PATCH", "/user/", &change).await.of(200).document();
    assert_eq!(
        extra_of(&shown),
        json!({"company": "A", "born": null, "children": 2, "newsletter": null, "plan": null}),
    );
    bob.json("PATCH", "/user/", &json!({"company": ""})).await.says(400, "may not be blank");
    bob.json("PATCH", "/user/", &json!({"company": null})).await.says(400, "may not be null");
    bob.json("PATCH", "/user/", &json!({"born": "2001-02-29"})).await.says(400, "wrong format");
    // PUT must have what is required.
    bob.json("PUT", "/user/", &json!({"username": "bob"})).await.says(400, "company");
    let whole = json!({"username": "robert", "company": "B"});
    let shown = bob.json("PUT", "/user/", &whole).await.of(200).document();
    assert_eq!((&shown["username"], &shown["company"]), (&json!("robert"), &json!("B")));
    assert_eq!(shown["children"], 2);
    // Of a change that fails in one part nothing is kept.
    let taken = json!({"username": "ada", "company": "C"});
    bob.json("PATCH", "/user/", &taken).await.says(400, "username");
    assert_eq!(bob.get("/user/").await.document()["company"], "B");
}

async fn the_answers_to_logins_and_registrations_show_them_beside_jwts(backend: Backend) {
    let server = server(backend, with_fields(&jwt_mode())).await;
    let extra = json!({"company": "A", "newsletter": false});
    let answer = Client::new(&server).post("/registration/", &form(&extra)).await.of(201);
    let expected =
        json!({"company": "A", "born": null, "children": null, "newsletter": false, "plan": null});
    assert_eq!(extra_of(&answer.document()["user"]), expected);
    let login = try_login(&mut Client::new(&server), "bob", PASSWORD).await.of(200);
    assert_eq!(extra_of(&login.document()["user"]), expected);
}

async fn options_and_forms_know_them(backend: Backend) {
    let server = server(backend, with_fields(&token_mode())).await;
    let (mut ada, _) = token_client(&server).await;
    let described = ada.send("OPTIONS", "/user/", "", Bytes::new()).await.of(200).document();
    let fields = &described["actions"]["PUT"];
    assert_eq!(
        fields["company"],
        json!({"type": "string", "required": true, "read_only": false, "label": "Company",
            "max_length": 20}),
    );
    assert_eq!(fields["born"]["type"], "date");
    assert_eq!(fields["newsletter"]["type"], "boolean");
    assert_eq!(
        fields["children"],
        json!({"type": "integer", "required": false, "read_only": false, "label": "Children"}),
    );
    assert_eq!(fields["plan"]["read_only"], true);
    let described =
        Client::new(&server).send("OPTIONS", "/registration/", "", Bytes::new()).await.document();
    let fields = &described["actions"]["POST"];
    assert_eq!(fields["company"]["required"], true);
    assert!(fields.get("plan").is_none(), "nobody but an administrator sets it");
    // An input of a page that was left empty says nothing.
    let page = [
        ("username", "bob"),
        ("password1", PASSWORD),
        ("password2", PASSWORD),
        ("company", "A"),
        ("born", ""),
        ("newsletter", "on"),
    ];
    let answer = Client::new(&server).form("/registration/", &page).await.of(201);
    let mut bob = Client::new(&server).with_token(&answer.text("key"));
    assert_eq!(bob.get("/user/").await.document()["newsletter"], true);
    assert_eq!(bob.get("/user/").await.document()["born"], Value::Null);
}

async fn administrators_may_set_all_of_them(backend: Backend) {
    let server = server(backend, with_fields(&token_mode())).await;
    create(
        &server,
        json!({"username": "eve", "password": PASSWORD, "extra": {"plan": "gold", "children": 0}}),
    )
    .await;
    let key = try_login(&mut Client::new(&server), "eve", PASSWORD).await.text("key");
    let mut eve = Client::new(&server).with_token(&key);
    let shown = eve.get("/user/").await.of(200).document();
    assert_eq!((&shown["plan"], &shown["children"]), (&json!("gold"), &json!(0)));
    change(&server, "eve", json!({"extra": {"plan": null, "company": "E"}})).await;
    let shown = eve.get("/user/").await.of(200).document();
    assert_eq!((&shown["plan"], &shown["company"]), (&Value::Null, &json!("E")));
    for (extra, words) in [
        (json!({"colour": "red"}), "colour is not declared"),
        (json!({"children": "many"}), "children: A valid integer"),
        (json!({"company": "x".repeat(21)}), "company: Ensure"),
    ] {
        let line = json!({"username": "mallory", "extra": extra});
        let error = server.create_user(line).await.expect_err("a line that is refused");
        assert!(error.contains(words), "{error}");
    }
}

async fn claims_tell_what_holds_at_the_moment_of_issue(backend: Backend) {
    let claims = json!({"simple_jwt": {"claims": {"org": "company", "staff": "is_staff"}}});
    let server = server(backend, merged(&with_fields(&jwt_mode()), &claims)).await;
    let answer = Client::new(&server).post("/registration/", &form(&json!({"company": "A"}))).await;
    let answer = answer.of(201);
    let claims = payload(&answer.text("access"));
    assert_eq!((&claims["org"], &claims["staff"]), (&json!("A"), &json!(false)));
    let of_refresh = payload(&answer.text("refresh"));
    assert!(of_refresh.get("org").is_none() && of_refresh.get("staff").is_none(), "{of_refresh}");
    let mut bob = bearer(&server, &answer.text("access"));
    bob.json("PATCH", "/user/", &json!({"company": "B"})).await.is(200);
    change(&server, "bob", json!({"is_staff": true})).await;
    let refreshed = refresh(&server, &answer.text("refresh")).await.of(200);
    let claims = payload(&refreshed.text("access"));
    assert_eq!((&claims["org"], &claims["staff"]), (&json!("B"), &json!(true)));
    bearer(&server, &refreshed.text("access")).get("/user/").await.is(200);
}

async fn refresh_tokens_have_the_claims_where_the_setting_says_so(backend: Backend) {
    let claims = json!({"simple_jwt": {
        "claims": {"org": "company"},
        "claims_in_refresh_tokens": true,
    }});
    let server = server(backend, merged(&with_fields(&jwt_mode()), &claims)).await;
    let answer = Client::new(&server).post("/registration/", &form(&json!({"company": "A"}))).await;
    let answer = answer.of(201);
    for token in ["access", "refresh"] {
        assert_eq!(payload(&answer.text(token))["org"], "A", "{token}");
    }
}

async fn who_comes_after_a_user_that_was_deleted_has_none_of_theirs(backend: Backend) {
    let server = server(backend, with_fields(&token_mode())).await;
    bob(&server, &json!({"company": "A", "children": 3})).await;
    server.change_user(json!({"username": "bob", "delete": true})).await.expect("deleted");
    let shown = bob(&server, &json!({"company": "B"})).await.get("/user/").await.of(200).document();
    assert_eq!((&shown["company"], &shown["children"]), (&json!("B"), &json!(null)));
}

#[tokio::test]
async fn where_none_are_configured_their_table_is_never_touched() {
    let database = TestDatabase::fresh(Backend::Sqlite).await.expect("SQLite");
    database.store().await.expect("migrated").close().await;
    database.execute("DROP TABLE rest_auth_user_field").await.expect("dropped");
    let config = merged(&base(), &jwt_mode());
    let server = Arc::new(Server::start_on(&config, database).await.expect("the server starts"));
    create(&server, json!({"username": "ada", "password": PASSWORD})).await;
    Client::new(&server).post("/registration/", &form(&json!({}))).await.is(201);
    let (access, token) = jwt_pair(&server).await;
    let mut ada = bearer(&server, &access);
    ada.get("/user/").await.is(200);
    ada.json("PATCH", "/user/", &json!({"first_name": "Ada"})).await.is(200);
    change(&server, "ada", json!({"last_name": "Lovelace"})).await;
    refresh(&server, &token).await.is(200);
}

#[tokio::test]
async fn what_cannot_work_stops_the_server() {
    for (config, words) in [
        (json!({"user": {"extra_fields": {"username": "text"}}}), "(at username)"),
        (json!({"user": {"extra_fields": {"a": {"type": "blob"}}}}), "(at a) (type)"),
        (
            json!({"user": {"extra_fields": {"all": "text"}},
                "rest_framework": {"non_field_errors_key": "all"}}),
            "errors of the whole form",
        ),
        (json!({"simple_jwt": {"claims": {"exp": "username"}}}), "\"exp\" says something else"),
        (json!({"simple_jwt": {"claims": {"org": "company"}}}), "user.extra_fields"),
    ] {
        let started = Server::start(&merged(&base(), &config), Backend::Sqlite).await;
        let error = started.err().expect("the server refuses to start");
        assert!(error.contains(words), "{error}");
    }
}

/// The claims of a token.
fn payload(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("three parts");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64");
    serde_json::from_slice(&bytes).expect("claims")
}
