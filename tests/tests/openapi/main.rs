//! The OpenAPI document and the page to read it.

mod configurations;
mod names;
mod providers;

use std::collections::BTreeSet;
use std::path::Path;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{Request, Response, StatusCode};
use rest_auth_store::Backend;
use rest_auth_tests::contract::merged;
use rest_auth_tests::openapi_check::{Answered, check_response};
use rest_auth_tests::server::Server;
use serde_json::{Value, json};

use crate::configurations::configurations;

/// Where the API stands unless it is told otherwise.
const BASE: &str = "/api/auth";

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

async fn server(config: Value) -> Server {
    let base = json!({"server": {"secret_key": "a key for tests that is quite long enough"}});
    Server::start(&merged(&base, &config), Backend::Sqlite).await.expect("the server starts")
}

async fn send(server: &Server, method: &str, path: &str) -> Response<Bytes> {
    let request = Request::builder().method(method).uri(path).header("Host", "localhost");
    server.answer(request.body(Bytes::new()).expect("a request")).await
}

async fn document_of(server: &Server) -> Value {
    let answer = send(server, "GET", &format!("{BASE}/schema/")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
    serde_json::from_slice(answer.body()).expect("the document is JSON")
}

async fn document(config: Value) -> Value {
    document_of(&server(config).await).await
}

/// Every operation with its path and method.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, item)| {
            METHODS
                .iter()
                .filter_map(move |method| Some((path.as_str(), *method, item.get(*method)?)))
        })
        .collect()
}

/// Calls `visit` with every value below and including this one.
fn walk<'v>(value: &'v Value, visit: &mut dyn FnMut(&'v Value)) {
    visit(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        Value::Object(entries) => entries.values().for_each(|entry| walk(entry, visit)),
        _ => {}
    }
}

#[tokio::test]
async fn the_committed_document_is_that_of_the_default_configuration() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/openapi.json");
    let current = document(json!({})).await;
    let text = serde_json::to_string_pretty(&current).expect("JSON") + "\n";
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&file, &text).expect("the document can be written");
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == text, "the API changed: run the tests with UPDATE_OPENAPI=1");
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    for (name, config) in configurations() {
        let document = document(config).await;
        let mut references = 0;
        walk(&document, &mut |value| {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return };
            let pointer = reference.strip_prefix('#').expect("a reference within the document");
            assert!(document.pointer(pointer).is_some(), "{name}: {reference}");
            references += 1;
        });
        assert!(references > 50, "{name}: only {references} references");
    }
}

#[tokio::test]
async fn operations_have_names_of_their_own_and_refer_to_what_is_declared() {
    for (name, config) in configurations() {
        let document = document(config).await;
        assert_eq!(document["openapi"], "3.1.0", "{name}");
        assert_eq!(document["servers"][0]["url"], BASE, "{name}");
        let schemes = document["components"]["securitySchemes"].as_object().expect("schemes");
        let tags = document["tags"].as_array().expect("tags");
        let tags: Vec<&Value> = tags.iter().map(|tag| &tag["name"]).collect();
        let mut ids = BTreeSet::new();
        for (path, method, operation) in operations(&document) {
            let id = operation["operationId"].as_str().expect("an operationId");
            assert!(ids.insert(id.to_owned()), "{name}: {id} twice");
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{id}");
            assert!(tags.contains(&&operation["tags"][0]), "{name}: {path} {method}");
            for requirement in operation["security"].as_array().expect("security") {
                let known = |scheme: &String| schemes.contains_key(scheme);
                assert!(requirement.as_object().expect("names").keys().all(known), "{id}");
            }
        }
        assert!(ids.len() >= 9, "{name}: {ids:?}");
    }
}

#[tokio::test]
async fn parameters_of_a_path_are_those_that_it_names() {
    for (name, config) in configurations() {
        let document = document(config).await;
        for (path, item) in document["paths"].as_object().expect("paths") {
            let parts =
                path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
            let declared = item.get("parameters").and_then(Value::as_array);
            let declared = declared.into_iter().flatten().map(|parameter| &parameter["name"]);
            assert_eq!(declared.collect::<Vec<_>>(), parts.collect::<Vec<_>>(), "{name}: {path}");
        }
    }
}

#[tokio::test]
async fn every_method_that_an_endpoint_allows_is_described_or_refused() {
    for (name, config) in configurations() {
        let server = server(config).await;
        let document = document_of(&server).await;
        for (path, item) in document["paths"].as_object().expect("paths") {
            let target = format!("{BASE}{path}");
            let allow = send(&server, "OPTIONS", &target).await.headers()[ALLOW].clone();
            let allow = allow.to_str().expect("text").to_ascii_lowercase();
            let allowed: Vec<&str> = allow.split(", ").collect();
            for method in METHODS {
                let described = item.get(method).is_some();
                assert!(!described || allowed.contains(&method), "{name}: {method} {path}");
                if !described && allowed.contains(&method) {
                    let answer = send(&server, &method.to_uppercase(), &target).await;
                    let status = answer.status();
                    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{name}: {method} {path}");
                }
            }
        }
    }
}

#[tokio::test]
async fn answers_to_strangers_are_as_described() {
    for (name, config) in configurations() {
        let server = server(config).await;
        let document = document_of(&server).await;
        for (path, method, _) in operations(&document) {
            let target = format!("{BASE}{path}");
            let answer = send(&server, &method.to_uppercase(), &target).await;
            let body = serde_json::from_slice(answer.body())
                .unwrap_or_else(|_| String::from_utf8_lossy(answer.body()).into_owned().into());
            let answered = Answered {
                method: &method.to_uppercase(),
                target: &target,
                status: answer.status().as_u16(),
                content_type: answer.headers().get(CONTENT_TYPE).and_then(|t| t.to_str().ok()),
                body: (!answer.body().is_empty()).then_some(&body),
            };
            let verdict = check_response(&document, BASE, &answered);
            assert_eq!(verdict, Ok(()), "{name}: {}: {body}", answer.status());
        }
    }
}

async fn document_in(wanted: &str) -> Value {
    let mut all = configurations().into_iter();
    document(all.find(|(name, _)| *name == wanted).expect("a configuration").1).await
}

fn responses<'d>(document: &'d Value, path: &str) -> &'d Value {
    &document["paths"][path]["post"]["responses"]
}

fn schema_of<'d>(document: &'d Value, path: &str, status: &str) -> &'d Value {
    &responses(document, path)[status]["content"]["application/json"]["schema"]["$ref"]
}

#[tokio::test]
async fn a_login_answers_with_what_it_hands_out() {
    let token = document_in("token").await;
    let result = &token["components"]["schemas"]["LoginResult"]["anyOf"];
    let schema = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    assert_eq!(*result, json!([schema("TokenKey"), schema("SecondStep")]));
    assert_eq!(*schema_of(&token, "/login/", "200"), "#/components/schemas/LoginResult");
    assert!(responses(&token, "/login/")["200"].get("headers").is_none());

    let jwt = document_in("JWTs in headers").await;
    assert_eq!(*schema_of(&jwt, "/mfa/verify/", "200"), "#/components/schemas/JwtPair");
    let pair = &jwt["components"]["schemas"]["JwtPair"]["properties"];
    assert_eq!(pair["refresh_expiration"]["format"], "date-time");
    assert!(pair["refresh"].get("maxLength").is_none());

    let cookies = document_in("JWTs in cookies").await;
    let pair = &cookies["components"]["schemas"]["JwtPair"]["properties"];
    assert_eq!(pair["refresh"]["maxLength"], 0);
    assert!(pair.get("access_expiration").is_none());
    let set = &responses(&cookies, "/login/")["200"]["headers"]["Set-Cookie"]["description"];
    assert_eq!(*set, "The cookies `access`, `refresh`.");

    let session = document_in("session").await;
    assert_eq!(*schema_of(&session, "/login/", "200"), "#/components/schemas/SecondStep");
    assert!(responses(&session, "/login/")["204"].get("content").is_none());
}

#[tokio::test]
async fn credentials_are_those_of_the_configuration() {
    let schemes = |document: &Value| {
        let schemes = document["components"]["securitySchemes"].as_object().expect("schemes");
        schemes.keys().cloned().collect::<BTreeSet<_>>()
    };
    let token = document_in("token").await;
    assert_eq!(schemes(&token), BTreeSet::from(["token".to_owned()]));
    let jwt = document_in("JWTs in headers").await;
    assert_eq!(jwt["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    let session = document_in("session").await;
    assert_eq!(schemes(&session), BTreeSet::from(["csrf".to_owned(), "session".to_owned()]));
    let change = &session["paths"]["/password/change/"]["post"];
    assert_eq!(change["security"], json!([{"session": [], "csrf": []}]));
    assert_eq!(change["responses"]["401"], Value::Null);
}

#[tokio::test]
async fn endpoints_and_their_answers_come_and_go_with_the_settings() {
    let all = document_in("all together").await;
    assert!(all["paths"]["/logout/"].get("get").is_some());
    assert!(all["paths"].get("/token/refresh/").is_some());
    let errors = &all["components"]["schemas"]["FieldErrors"]["description"];
    assert!(errors.as_str().is_some_and(|about| about.contains("`all`")), "{errors}");
    assert_eq!(*schema_of(&all, "/registration/", "201"), "#/components/schemas/Detail");
    assert!(responses(&all, "/registration/")["201"]["content"].get("text/html").is_some());

    let closed = document_in("no registration").await;
    assert!(closed["paths"].get("/registration/").is_none());
    assert!(closed["paths"].get("/token/refresh/").is_none());
    assert!(closed["paths"]["/logout/"].get("get").is_none());
}

#[tokio::test]
async fn addresses_and_deletion_come_and_go_with_the_settings() {
    let all = document_in("all together").await;
    assert!(all["paths"]["/user/"].get("delete").is_some());
    let address = &all["paths"]["/emails/{id}/"];
    assert_eq!(address["parameters"][0]["name"], "id");
    assert_eq!(address["parameters"][0]["in"], "path");
    assert_eq!(address["parameters"][0]["schema"]["type"], "integer");
    let choice = &all["components"]["schemas"]["SetPrimaryEmailRequest"]["properties"];
    assert_eq!(choice["primary"]["type"], "boolean");
    assert_eq!(choice["primary"]["enum"], json!([true]));
    assert!(choice.get("current_password").is_some());

    let django = document_in("django").await;
    assert!(django["paths"].get("/emails/").is_none());
    assert!(django["paths"]["/user/"].get("delete").is_none());
}

#[tokio::test]
async fn requests_have_the_rules_of_their_fields() {
    let document = document(json!({})).await;
    let schema = |name: &str| document["components"]["schemas"][name].clone();
    let change = schema("ChangePasswordRequest");
    assert_eq!(change["required"], json!(["old_password", "new_password1", "new_password2"]));
    assert_eq!(change["properties"]["new_password1"]["maxLength"], 128);
    assert_eq!(change["properties"]["new_password1"]["format"], "password");
    assert_eq!(schema("LoginRequest")["required"], json!(["password"]));
    // A login takes an empty address, which is none.
    assert_eq!(schema("LoginRequest")["properties"]["email"].get("format"), None);
    assert_eq!(schema("RegisterRequest")["properties"]["email"]["format"], "email");
    assert_eq!(schema("ReplaceUserRequest")["required"], json!(["username"]));
    assert_eq!(schema("UpdateUserRequest").get("required"), None);
    assert!(schema("UpdateUserRequest")["properties"].get("pk").is_none());
    let body = &document["paths"]["/login/"]["post"]["requestBody"]["content"];
    for kind in ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"] {
        assert_eq!(body[kind]["schema"]["$ref"], "#/components/schemas/LoginRequest");
    }
}

#[tokio::test]
async fn the_page_loads_its_files_and_the_document_from_wherever_it_is() {
    let server = server(json!({})).await;
    let found = regex::Regex::new(r#"(?:src|href|data-schema)="([^"]+)""#).expect("a regex");
    for (page, base) in [("docs/", "docs/"), ("docs", "")] {
        let answer = send(&server, "GET", &format!("{BASE}/{page}")).await;
        assert_eq!(answer.status(), StatusCode::OK, "{page}");
        let policy = answer.headers()[CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.contains("script-src 'self';"), "{policy}");
        let html = String::from_utf8_lossy(answer.body());
        assert!(html.matches("<script").count() == html.matches("<script src=").count());
        let files: Vec<&str> = found.captures_iter(&html).map(|c| c.extract::<1>().1[0]).collect();
        assert_eq!(files.len(), 5, "{files:?}");
        for file in files {
            let path = match file.strip_prefix("../") {
                Some(above) => format!("{BASE}/{above}"),
                None => format!("{BASE}/{base}{file}"),
            };
            let answer = send(&server, "GET", &path).await;
            assert_eq!(answer.status(), StatusCode::OK, "{path}");
            assert!(answer.body().len() > 100, "{path}");
        }
    }
}

#[tokio::test]
async fn both_can_be_switched_off() {
    let without_page = server(json!({"server": {"docs": false}})).await;
    for (path, status) in [("schema", 200), ("schema/", 200), ("docs/", 404), ("docs/docs.js", 404)]
    {
        let answer = send(&without_page, "GET", &format!("{BASE}/{path}")).await;
        assert_eq!(answer.status(), status, "{path}");
    }
    let without_both = server(json!({"server": {"openapi": false}})).await;
    for path in ["schema/", "docs/"] {
        let answer = send(&without_both, "GET", &format!("{BASE}/{path}")).await;
        assert_eq!(answer.status(), 404, "{path}");
    }
}
