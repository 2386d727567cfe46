//! User names, e-mail addresses, texts of requests, times, hosts and rates.

use chrono::{DateTime, NaiveDateTime, Utc};
use rest_auth_domain::char_field::{CharField, FieldProblem, Presence};
use rest_auth_domain::email::Email;
use rest_auth_domain::host::{AllowedHosts, HostHeaders, HostRules, ListenerSide, ProxySslHeader};
use rest_auth_domain::rate;
use rest_auth_domain::username::{Characters, UsernameRules};
use rest_auth_domain::{datetime, email, json_input, user_code, username};
use serde_json::{Value, json};

use crate::load::{each, equal};

#[test]
fn usernames_are_allowed() {
    each("username.validate", |v| {
        let ascii = v.inputs["ascii"] == true;
        let characters = if ascii { Characters::Ascii } else { Characters::Unicode };
        equal(&characters.allow(v.text("username")), &(v.expected["ok"] == true))
    });
}

#[test]
fn usernames_are_normalized() {
    each("username.normalize", |v| {
        equal(&json!(username::normalize(v.text("username"))), &v.expected["username"])
    });
}

#[test]
fn usernames_are_suggested() {
    let rules = UsernameRules::new(Characters::Unicode, 1, &[]);
    each("username.suggest_base", |v| {
        let texts = v.inputs["texts"].as_array().unwrap().iter().filter_map(Value::as_str);
        equal(&json!(rules.suggest_base(texts)), &v.expected["base"])
    });
}

#[test]
fn emails_are_valid() {
    each("email.validate", |v| {
        equal(&email::is_valid(v.text("email")), &(v.expected["ok"] == true))
    });
}

#[test]
fn emails_are_normalized() {
    each("email.normalize", |v| {
        let text = v.text("email");
        equal(&json!(email::normalize(text)), &v.expected["django"])?;
        let stored = Email::parse(text).ok().map(Email::into_string);
        equal(&json!(stored), &v.expected["allauth"])
    });
}

#[test]
fn char_fields_are_checked() {
    each("drf.charfield", |v| {
        if v.inputs["email"] == true {
            // The format of addresses is a rule of forms, whose tests run all of these vectors.
            return Ok(());
        }
        let options = &v.inputs["options"];
        let length =
            |key: &str| options[key].as_u64().map(|number| usize::try_from(number).unwrap());
        let field = CharField {
            required: true,
            allow_blank: options["allow_blank"] == true,
            allow_null: options["allow_null"] == true,
            trim: options["trim_whitespace"] != false,
            email: false,
            max_length: length("max_length"),
            min_length: length("min_length"),
        };
        let value = json_input::parse(&v.inputs["value"].to_string()).unwrap();
        let (ok, outcome) = match field.check(Presence::Json(&value)) {
            Ok(text) => (true, json!(text)),
            Err(problems) => (false, json!(code(problems[0]))),
        };
        equal(&json!(ok), &v.expected["ok"])?;
        equal(&outcome, &v.expected[if ok { "value" } else { "code" }])
    });
}

fn code(problem: FieldProblem) -> &'static str {
    match problem {
        FieldProblem::Required => "required",
        FieldProblem::Null => "null",
        FieldProblem::Blank => "blank",
        FieldProblem::NotAString | FieldProblem::InvalidEmail => "invalid",
        FieldProblem::MaxLength(_) => "max_length",
        FieldProblem::MinLength(_) => "min_length",
        FieldProblem::NullCharacters => "null_characters_not_allowed",
        FieldProblem::Surrogates(_) => "surrogate_characters_not_allowed",
        other => panic!("no problem of a text: {other:?}"),
    }
}

#[test]
fn datetimes_are_shown() {
    each("datetime.drf", |v| {
        let value = v.text("value");
        let (field, raw) = if v.inputs["use_tz"] == false {
            let time: NaiveDateTime = value.parse().unwrap();
            (datetime::without_zone(time), datetime::without_zone(time))
        } else {
            let zone = v.inputs["time_zone"].as_str().unwrap_or("UTC").parse().unwrap();
            let time: DateTime<Utc> = value.parse().unwrap();
            (datetime::in_zone(time, zone), datetime::in_utc(time))
        };
        equal(&json!(field), &v.expected["field"])?;
        equal(&json!(raw), &v.expected["raw_in_dict"])
    });
}

#[test]
fn datetimes_are_stored_on_sqlite() {
    each("datetime.sqlite", |v| {
        let time: Option<DateTime<Utc>> = v.inputs["value"].as_str().map(|t| t.parse().unwrap());
        let stored = time.map(datetime::to_sqlite);
        equal(&json!(stored), &v.expected["stored"])?;
        equal(&stored.as_deref().and_then(datetime::from_sqlite), &time)
    });
}

#[test]
fn hosts_of_requests_are_found() {
    each("http.host", |v| {
        let settings = &v.inputs["settings"];
        let allowed = settings["ALLOWED_HOSTS"].as_array().unwrap();
        let proxy = &settings["SECURE_PROXY_SSL_HEADER"];
        let rules = HostRules {
            allowed: AllowedHosts::new(allowed.iter().filter_map(Value::as_str)),
            use_forwarded_host: settings["USE_X_FORWARDED_HOST"] == true,
            use_forwarded_port: settings["USE_X_FORWARDED_PORT"] == true,
            proxy_ssl_header: proxy[0]
                .as_str()
                .zip(proxy[1].as_str())
                .map(|(name, value)| ProxySslHeader::new(name, value)),
        };
        let header = |name: &str| v.inputs["headers"].get(name).and_then(Value::as_str);
        let headers = HostHeaders {
            host: header("host"),
            forwarded_host: header("x-forwarded-host"),
            forwarded_port: header("x-forwarded-port"),
            proxy_ssl: rules.proxy_ssl_header.as_ref().and_then(|proxy| header(&proxy.name)),
        };
        let listener = ListenerSide {
            tls: v.inputs["tls"] == true,
            name: v.inputs["server_name"].as_str().unwrap_or("testserver"),
            port: v.inputs["server_port"].as_u64().map_or(80, |port| u16::try_from(port).unwrap()),
        };
        let secure = rules.scheme(&headers, &listener).is_secure();
        equal(&json!(secure), &v.expected["secure"])?;
        let origin = rules.origin(&headers, &listener).ok();
        equal(&json!(origin.as_ref().map(|origin| &origin.host)), &v.expected["host"])?;
        // Every address that the server makes is of a path of its own; the other locations that
        // were recorded (relative, with a scheme, with a host) do not occur.
        let location = v.inputs["location"].as_str().unwrap_or("/x/");
        if !location.starts_with('/') || location.starts_with("//") {
            return Ok(());
        }
        let absolute = origin.map(|origin| origin.absolute(location));
        equal(&json!(absolute), &v.expected["absolute"])
    });
}

#[test]
fn rates_of_allauth_are_read() {
    each("rate.allauth", |v| {
        let Ok(rates) = rate::parse_allauth(v.text("text")) else {
            return equal(&json!({"invalid": true}), &v.expected);
        };
        let wanted = v.expected["rates"].as_array().unwrap();
        equal(&rates.len(), &wanted.len())?;
        rates.iter().zip(wanted).try_for_each(|(rate, wanted)| {
            let period = rate.period.as_secs_f64();
            let actual = (Some(u64::from(rate.amount)), Some(period), Some(rate.per.as_str()));
            let wanted =
                (wanted["amount"].as_u64(), wanted["seconds"].as_f64(), wanted["per"].as_str());
            equal(&actual, &wanted)
        })
    });
}

#[test]
fn rates_of_drf_are_read() {
    each("rate.drf", |v| match rate::parse_drf(v.text("text")) {
        Ok((requests, time)) => {
            equal(&json!({"requests": requests, "seconds": time.as_secs()}), &v.expected)
        }
        Err(_) => equal(&json!({"invalid": true}), &v.expected),
    });
}

#[test]
fn user_codes_are_compared() {
    each("usercode.compare", |v| {
        let expected = user_code::significant(v.text("expected"));
        let same = expected.is_some() && user_code::significant(v.text("actual")) == expected;
        equal(&json!(same), &v.expected["equal"])
    });
}
