//! Reading the configuration file into assignments.

use serde_json::{Map, Number, Value};
use toml::de::{DeTable, DeValue};

use crate::assignment::Assignment;
use crate::django::names::{self, TopLevelName};
use crate::finding::Finding;
use crate::origin::{Text, ValueOrigin};
use crate::python;

/// Reads every assignment of a file. Text that is not TOML becomes a finding.
pub(crate) fn read(text: Text<'_>, findings: &mut Vec<Finding>) -> Vec<Assignment> {
    let (document, errors) = DeTable::parse_recoverable(text.content);
    if let Some(finding) = (!errors.is_empty()).then(|| python::finding(text)).flatten() {
        findings.push(finding);
        return Vec::new();
    }
    for error in errors {
        let origin = text.origin(&error.span().unwrap_or(0..0));
        findings.push(Finding::error("", origin, error.message().to_owned()));
    }
    let mut assignments = Vec::new();
    for (name, value) in document.get_ref() {
        let origin = text.origin(&name.span());
        match (names::top_level(name.get_ref()), value.get_ref()) {
            (TopLevelName::Table(table), DeValue::Table(entries)) => {
                read_table(text, &table, entries, &mut assignments);
            }
            (TopLevelName::Table(table), _) => {
                let message = format!("`{table}` must be a table");
                findings.push(Finding::error(&table, origin, message));
            }
            // An unknown table: its keys are reported one by one, each with the nearest known key.
            (TopLevelName::Key { table, key }, DeValue::Table(entries))
                if table.is_empty()
                    && !entries.is_empty()
                    && names::instead("", &key).is_none() =>
            {
                read_table(text, &key, entries, &mut assignments);
            }
            (TopLevelName::Key { table, key }, value) => {
                assignments.push(assignment(table, key, value, origin));
            }
        }
    }
    assignments
}

fn read_table(text: Text<'_>, table: &str, entries: &DeTable<'_>, out: &mut Vec<Assignment>) {
    for (name, value) in entries {
        let origin = text.origin(&name.span());
        let (table, key) = names::inside(table, name.get_ref());
        out.push(assignment(table, key, value.get_ref(), origin));
    }
}

fn assignment(table: String, key: String, value: &DeValue<'_>, origin: ValueOrigin) -> Assignment {
    Assignment { table, key, readings: vec![to_json(value)], origin }
}

/// The value without its TOML. Numbers that JSON lacks become text, so that they are refused.
pub(crate) fn to_json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::from(number.as_str()), Value::from),
        DeValue::Float(number) => {
            let finite = number.as_str().parse().ok().and_then(Number::from_f64);
            finite.map_or_else(|| Value::from(number.as_str()), Value::Number)
        }
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Datetime(moment) => Value::from(moment.to_string()),
        DeValue::Array(items) => items.iter().map(|item| to_json(item.get_ref())).collect(),
        DeValue::Table(entries) => {
            let pair = |(name, value): (&toml::Spanned<_>, &toml::Spanned<_>)| {
                let name: &std::borrow::Cow<'_, str> = name.get_ref();
                (name.clone().into_owned(), to_json(value.get_ref()))
            };
            Value::Object(entries.iter().map(pair).collect::<Map<_, _>>())
        }
    }
}
