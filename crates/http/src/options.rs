//! OPTIONS: an endpoint describes itself, as DRF's metadata does.

use rest_auth_domain::language::Language;
use serde::ser::{Serialize, Serializer};

use crate::endpoint::Endpoint;
use crate::form::{Described, Form};
use crate::reply::Reply;
use crate::settings::Configuration;

/// What OPTIONS says of an endpoint.
#[derive(serde::Serialize)]
struct Metadata<'l> {
    name: &'static str,
    description: &'static str,
    renders: Vec<&'static str>,
    parses: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actions: Option<Actions<'l>>,
}

/// The fields of one method.
struct Actions<'l> {
    method: &'static str,
    form: Form,
    language: &'l Language,
}

impl Serialize for Actions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let described = Described { form: &self.form, language: self.language };
        serializer.collect_map([(self.method, described)])
    }
}

/// The types of bodies that are understood.
pub(crate) fn parses(configuration: Configuration<'_>) -> Vec<&'static str> {
    let parsers = &configuration.http.rest_framework.default_parser_classes;
    parsers.iter().map(|parser| parser.media_type()).collect()
}

/// The answer to OPTIONS. The permission of the request has been checked, so the fields are shown.
pub(crate) fn describe(
    endpoint: &Endpoint,
    configuration: Configuration<'_>,
    language: &Language,
) -> Reply {
    let renderers = &configuration.http.rest_framework.default_renderer_classes;
    Reply::json(&Metadata {
        name: endpoint.name,
        description: endpoint.description,
        renders: renderers.iter().map(|renderer| renderer.media_type()).collect(),
        parses: parses(configuration),
        actions: endpoint.form.map(|(method, form)| Actions {
            method,
            form: form(configuration),
            language,
        }),
    })
}
