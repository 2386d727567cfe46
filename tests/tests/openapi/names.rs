//! The names in the OpenAPI document, as generated clients have them.

use serde_json::json;

use crate::configurations::configurations;
use crate::{document, operations};

#[tokio::test]
async fn every_body_has_a_name_and_no_two_names_are_of_one_shape() {
    for (name, config) in configurations() {
        let document = document(config).await;
        for (path, method, operation) in operations(&document) {
            for (status, response) in operation["responses"].as_object().expect("responses") {
                let body = &response["content"]["application/json"]["schema"];
                let schema = body.get("items").unwrap_or(body);
                let is_named = schema.is_null() || schema.get("$ref").is_some();
                assert!(is_named, "{name}: {method} {path} {status}: {schema}");
            }
        }
        let schemas = document["components"]["schemas"].as_object().expect("schemas");
        let answers: Vec<_> =
            schemas.iter().filter(|(name, _)| !name.ends_with("Request")).collect();
        for (index, (first, shape)) in answers.iter().enumerate() {
            let properties = shape.get("properties");
            let same = answers[index + 1..]
                .iter()
                .find(|(_, other)| properties.is_some() && other.get("properties") == properties);
            assert_eq!(same, None, "{name}: {first} has two names");
        }
    }
}

#[tokio::test]
async fn bearer_tokens_are_listed_only_where_there_are_jwts() {
    for (name, config) in configurations() {
        let issues = config.pointer("/rest_auth/use_jwt") == Some(&json!(true));
        let document = document(config).await;
        let schemes = document["components"]["securitySchemes"].as_object().expect("schemes");
        assert_eq!(schemes.contains_key("bearer"), issues, "{name}");
    }
}
