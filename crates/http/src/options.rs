//! OPTIONS: an endpoint describes itself, as DRF's metadata does.

use serde_json::{Map, Value, json};

use crate::api::Api;
use crate::endpoint::Endpoint;
use crate::reply::Reply;

/// The types of bodies that are understood.
pub(crate) fn parses(api: &Api) -> impl Iterator<Item = &'static str> {
    let parsers = &api.settings().rest_framework.default_parser_classes;
    parsers.iter().map(|parser| parser.media_type())
}

/// The description; who reached this point has the permission to see the fields.
pub(crate) fn describe(endpoint: &Endpoint, api: &Api) -> Reply {
    let renders: Vec<&str> = api.renderers().iter().map(|r| r.media_type()).collect();
    let mut document = Map::new();
    document.insert("name".into(), endpoint.name.into());
    document.insert("description".into(), endpoint.description.into());
    document.insert("renders".into(), json!(renders));
    document.insert("parses".into(), json!(parses(api).collect::<Vec<_>>()));
    if let Some((method, form)) = endpoint.form {
        let fields = form(api).metadata();
        document.insert("actions".into(), json!({ method: fields }));
    }
    Reply::json(Value::Object(document))
}
