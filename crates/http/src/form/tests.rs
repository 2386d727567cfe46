use std::path::Path;

use rest_auth_domain::char_field::{CharField, Presence};
use rest_auth_domain::field_errors::FieldErrors;
use rest_auth_domain::json_input;
use rest_auth_domain::language::ENGLISH;
use rest_auth_domain::message::{Caption, Message};
use rest_auth_flows::settings::ExtraFields;
use rest_auth_flows::user_fields::FieldChange;
use rest_auth_settings::{Profile, SettingValue as _};
use serde_json::{Value, json};
use validator::Validate as _;

use super::field::{Read, Said, json};
use super::{
    Checked, Completeness, Described, FieldKind, Form, FormBody, FormField, ShownOnly, boolean,
    email, email_address, extra, form, read_only, text,
};
use crate::fixture::TestSettings;
use crate::input::Input;

form! {
    struct Everything(configuration) {
        id: ShownOnly = read_only(FieldKind::Integer).label(Caption::Id),
        #[validate(custom(function = "email_address"))]
        email: Option<String> = email(),
        home_town: Option<String> = text().at_least(3).at_most(5),
        nick: String = text().optional().blankable(),
        agreed: Option<bool> = boolean(),
        by_cookie: Option<String> =
            text().offered(configuration.http.csrf.use_sessions),
        extra: Vec<FieldChange> = extra(configuration.accounts.user.extra_fields.iter()),
    }
}

form! {
    struct Passkey(_) {
        name: String = text(),
        credential: Option<Value> = json(),
    }
}

fn settings() -> TestSettings {
    let mut settings = TestSettings::of(Profile::Strict);
    let fields = json!({"age": {"type": "integer"}});
    settings.accounts.user.extra_fields = ExtraFields::parse(&fields).unwrap();
    settings
}

fn read<F: FormBody>(body: &str, completeness: Completeness) -> Result<Checked<F>, FieldErrors> {
    let input = Input::from_json(body.as_bytes(), None).unwrap();
    Checked::of(&input, settings().configuration(), completeness)
}

fn checked(body: &str) -> Checked<Everything> {
    read(body, Completeness::Full).unwrap()
}

fn told(errors: &FieldErrors) -> String {
    errors.to_json(&ENGLISH, "non_field_errors").to_string()
}

#[test]
fn every_field_that_is_wrong_is_reported_in_the_order_of_the_declaration() {
    let checked = checked(r#"{"agreed": "maybe", "nick": null, "email": "no address", "age": []}"#);
    let expected = json!({
        "email": ["Enter a valid email address."],
        "home_town": ["This field is required."],
        "nick": ["This field may not be null."],
        "agreed": ["Must be a valid boolean."],
        "age": ["A valid integer is required."],
    });
    assert_eq!(told(&checked.errors), expected.to_string());
}

#[test]
fn a_rule_also_runs_on_a_text_that_broke_its_shape() {
    let wrong = checked(r#"{"email": "a\u0000@example.com", "home_town": "Ulm"}"#);
    let expected =
        json!({"email": ["Null characters are not allowed.", "Enter a valid email address."]});
    assert_eq!(told(&wrong.errors), expected.to_string());
    // A lone surrogate is a letter of domains, for Python's regular expressions.
    let surrogate = checked(r#"{"email": "a@\udc00x.com", "home_town": "Ulm"}"#);
    let (_, messages) = surrogate.errors.iter().next().unwrap();
    assert_eq!(messages.len(), 1);
}

#[test]
fn what_is_wrong_is_not_handed_on() {
    let Checked { fields, errors } =
        checked(r#"{"email": "no address", "home_town": "Trondheim", "nick": "x", "age": "x"}"#);
    assert_eq!((fields.email, fields.home_town), (None, None));
    assert_eq!(fields.nick, "x");
    assert_eq!(fields.extra, []);
    assert_eq!(errors.iter().count(), 3);
}

#[test]
fn good_fields_are_taken_with_their_types() {
    let body = r#"{"id": 7, "email": " a@example.com ", "home_town": "Ulm", "agreed": 1, "age": 30,
                   "by_cookie": "x", "unknown": 1}"#;
    let fields = checked(body).into_valid().ok().unwrap();
    assert_eq!(fields.email.as_deref(), Some("a@example.com"));
    assert_eq!((fields.nick.as_str(), fields.agreed), ("", Some(true)));
    assert_eq!(fields.by_cookie, None);
    assert_eq!(
        fields.extra,
        [FieldChange { name: "age".to_owned(), value: Some("30".to_owned()) }]
    );
}

#[test]
fn a_field_that_the_configuration_offers_is_required() {
    let mut settings = settings();
    settings.http.csrf.use_sessions = true;
    let input = Input::from_json(br#"{"email": "a@example.com", "home_town": "Ulm"}"#, None);
    let checked: Checked<Everything> =
        Checked::of(&input.unwrap(), settings.configuration(), Completeness::Full).unwrap();
    assert_eq!(told(&checked.errors), r#"{"by_cookie":["This field is required."]}"#);
}

#[test]
fn a_patch_may_leave_out_what_is_required_and_clear_what_the_configuration_adds() {
    let checked: Checked<Everything> = read(r#"{"age": null}"#, Completeness::Partial).unwrap();
    let fields = checked.into_valid().ok().unwrap();
    assert_eq!(fields.home_town, None);
    assert_eq!(fields.extra, [FieldChange { name: "age".to_owned(), value: None }]);
}

#[test]
fn a_body_that_is_no_object_is_an_error_of_the_form() {
    let refused = |body| read::<Everything>(body, Completeness::Full).err().unwrap();
    assert_eq!(told(&refused("null")), r#"{"non_field_errors":["No data provided"]}"#);
    assert!(told(&refused("[1]")).contains("but got list"));
}

#[test]
fn nested_json_is_taken_whole() {
    let body = r#"{"name": "key", "credential": {"id": "x", "response": {"n": [1, 2.5, null]}}}"#;
    let passkey: Passkey = read(body, Completeness::Full).unwrap().into_valid().ok().unwrap();
    assert_eq!(passkey.name, "key");
    let credential = passkey.credential.unwrap();
    assert_eq!(credential, json!({"id": "x", "response": {"n": [1, 2.5, null]}}));
    for (body, problem) in [
        (r#"{"name": "key"}"#, "This field is required."),
        (r#"{"name": "key", "credential": null}"#, "This field may not be null."),
    ] {
        let checked: Checked<Passkey> = read(body, Completeness::Full).unwrap();
        assert_eq!(told(&checked.errors), json!({"credential": [problem]}).to_string());
        assert_eq!(checked.fields.credential, None);
    }
}

fn described(form: &Form) -> String {
    serde_json::to_string(&Described { form, language: &ENGLISH }).unwrap()
}

#[test]
fn options_show_each_field_with_its_rules() {
    let form = Everything::declared(settings().configuration());
    let shown = described(&form);
    assert!(
        shown.starts_with(concat!(
            r#"{"id":{"type":"integer","required":false,"read_only":true,"label":"ID"},"#,
            r#""email":{"type":"email","required":true,"read_only":false,"label":"Email"},"#,
            r#""home_town":{"type":"string","required":true,"read_only":false,"#,
            r#""label":"Home town","min_length":3,"max_length":5},"#,
        )),
        "{shown}"
    );
    assert!(!shown.contains("by_cookie"), "{shown}");
    let passkey = Passkey::declared(settings().configuration());
    assert!(described(&passkey).contains(r#""credential":{"type":"field""#));
}

#[test]
fn what_validator_says_never_holds_the_refused_value_when_told() {
    let everything = Everything {
        id: ShownOnly,
        email: Some("secret text".to_owned()),
        home_town: None,
        nick: String::new(),
        agreed: None,
        by_cookie: None,
        extra: Vec::new(),
    };
    let found = everything.validate().unwrap_err();
    let mut errors = FieldErrors::new();
    super::rules::report(&found, ["email"].into_iter(), &mut errors);
    assert_eq!(told(&errors), r#"{"email":["Enter a valid email address."]}"#);
}

/// One field as a form, with the rules of a recorded vector.
fn recorded(inputs: &Value) -> FormField {
    let options = &inputs["options"];
    let length = |key: &str| options[key].as_u64().map(|number| usize::try_from(number).unwrap());
    let mut field = if inputs["email"] == true { email() } else { text() };
    field.rule = CharField {
        allow_blank: options["allow_blank"] == true,
        allow_null: options["allow_null"] == true,
        trim: options["trim_whitespace"] != false,
        max_length: length("max_length"),
        min_length: length("min_length"),
        ..field.rule
    };
    field
}

#[test]
fn fields_are_those_of_django_rest_framework() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/interop/vectors.json");
    let document: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let vectors = document["vectors"].as_array().unwrap().iter();
    let mut count = 0;
    for vector in vectors.filter(|vector| vector["area"] == "drf.charfield") {
        let field = recorded(&vector["inputs"]);
        let given = json_input::parse(&vector["inputs"]["value"].to_string()).unwrap();
        let Read { value, mut problems } = field.read(Presence::Json(&given));
        if let Some(Said::Text(text)) = &value
            && field.kind == FieldKind::Email
            && email_address(text).is_err()
        {
            problems.push(Message::InvalidEmail);
        }
        let (expected, name) = (&vector["expected"], &vector["name"]);
        assert_eq!(problems.is_empty(), expected["ok"] == true, "{name}: {problems:?}");
        if problems.is_empty() {
            let kept = match value {
                Some(Said::Text(text)) => Value::from(text),
                _ => Value::Null,
            };
            assert_eq!(kept, expected["value"], "{name}");
        }
        count += 1;
    }
    assert!(count > 10, "only {count} vectors");
}
