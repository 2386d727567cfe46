//! From bytes to a value.

use super::charset::Charset;
use super::error::JsonInputError;
use super::parser::Parser;
use super::value::JsonValue;

/// Reads a request body: decodes it by the `charset` parameter of its content type, UTF-8 if there
/// is none, and parses it.
///
/// # Errors
/// With the text that the client gets as `detail`.
pub fn read(body: &[u8], charset: Option<&str>) -> Result<JsonValue, JsonInputError> {
    let text = Charset::from_label(charset)?.decode(body)?;
    parse(&text)
}

/// Reads one JSON document, as Python's `json.loads` does.
///
/// # Errors
/// With the place and the words that Python reports.
pub fn parse(text: &str) -> Result<JsonValue, JsonInputError> {
    Parser::new(text).document()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json_input::JsonText;

    fn detail(body: &[u8], charset: Option<&str>) -> String {
        read(body, charset).expect_err("refused").to_string()
    }

    fn username(body: &[u8], charset: Option<&str>) -> String {
        let value = read(body, charset).expect("valid");
        match value.get("username") {
            Some(JsonValue::Text(JsonText::Scalar(text))) => text.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn reports_malformed_bodies_where_python_does() {
        for (body, problem) in [
            (
                r#"{"username": "alice", "password": "x""#,
                "Expecting ',' delimiter: line 1 column 38 (char 37)",
            ),
            (
                r#"{"username": "alice",}"#,
                "Expecting property name enclosed in double quotes: line 1 column 22 (char 21)",
            ),
            (
                "{'username': 'alice'}",
                "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
            ),
            ("not json", "Expecting value: line 1 column 1 (char 0)"),
            ("", "Expecting value: line 1 column 1 (char 0)"),
            ("  ", "Expecting value: line 1 column 3 (char 2)"),
            (
                r#"{"username": "alice" "password": "x"}"#,
                "Expecting ',' delimiter: line 1 column 22 (char 21)",
            ),
            (
                r#"{"username": "unterminated"#,
                "Unterminated string starting at: line 1 column 14 (char 13)",
            ),
            (r#"{"username"}"#, "Expecting ':' delimiter: line 1 column 12 (char 11)"),
            (r#"{"a": 1}{"b": 2}"#, "Extra data: line 1 column 9 (char 8)"),
            (
                "{\"username\": \"a\tb\"}",
                "Invalid control character at: line 1 column 16 (char 15)",
            ),
            (r#"{"username": "\x41"}"#, "Invalid \\escape: line 1 column 15 (char 14)"),
            (r#"{"username": "\u12"}"#, "Invalid \\uXXXX escape: line 1 column 16 (char 15)"),
            ("[1, 2", "Expecting ',' delimiter: line 1 column 6 (char 5)"),
            (
                "{\n \"username\": \"alice\",\n \"password\": oops\n}",
                "Expecting value: line 3 column 14 (char 37)",
            ),
            ("[\"é字😀\", ]", "Expecting value: line 1 column 9 (char 8)"),
        ] {
            assert_eq!(detail(body.as_bytes(), None), format!("JSON parse error - {problem}"));
        }
    }

    #[test]
    fn refuses_numbers_that_are_not_finite_by_name() {
        for word in ["NaN", "Infinity", "-Infinity"] {
            let body = format!("{{\"username\": {word}, \"password\": \"x\"}}");
            let said = format!(
                "JSON parse error - Out of range float values are not JSON compliant: '{word}'"
            );
            assert_eq!(detail(body.as_bytes(), None), said);
        }
    }

    #[test]
    fn refuses_a_mark_and_bytes_that_are_not_utf_8() {
        for (body, problem) in [
            (
                &b"\xef\xbb\xbf{\"username\": \"alice\"}"[..],
                "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)",
            ),
            (
                b"{\"username\": \"al\xe9\", \"password\": \"x\"}",
                "'utf-8' codec can't decode byte 0xe9 in position 16: invalid continuation byte",
            ),
            (
                b"\xff\xfe{\0}\0",
                "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
            ),
        ] {
            assert_eq!(detail(body, None), format!("JSON parse error - {problem}"));
        }
    }

    #[test]
    fn honours_the_charset() {
        assert_eq!(username("{\"username\": \"café\"}".as_bytes(), Some("UTF-8")), "café");
        assert_eq!(username(b"{\"username\": \"caf\xe9\"}", Some("iso-8859-1")), "café");
        let mut utf_16 = vec![0xff, 0xfe];
        utf_16.extend("{\"username\": \"café\"}".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(username(&utf_16, Some("utf-16")), "café");
        assert_eq!(username(b"{\"username\": \"x\"}", Some("unknown-8")), "x");
        let said = "Unsupported charset \"bz2\" in request Content-Type header.";
        assert_eq!(detail(b"{}", Some("bz2")), said);
    }

    #[test]
    fn takes_the_last_of_duplicate_keys_in_the_place_of_the_first() {
        let value = parse(r#"{"a": 1, "b": 2, "a": 3}"#).unwrap();
        let JsonValue::Object(entries) = &value else { panic!("{value:?}") };
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].0.as_str(), Some("a"));
        assert!(value.get("a") == Some(&JsonValue::Int("3".to_owned())));
    }

    #[test]
    fn refuses_deep_nesting_and_takes_what_is_reasonable() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(parse(&nested(100)).unwrap().type_name(), "list");
        assert!(parse(&nested(900)).is_ok());
        let said = "JSON parse error - Nested too deeply: line 1 column 901 (char 900)";
        assert_eq!(detail(nested(3000).as_bytes(), None), said);
        assert_eq!(detail("{\"a\":[".repeat(400_000).as_bytes(), None).len(), 68);
    }

    #[test]
    fn names_the_types_as_python_does() {
        for (text, name) in [
            ("[]", "list"),
            ("\"alice\"", "str"),
            ("42", "int"),
            ("1.5", "float"),
            ("1e5", "float"),
            ("true", "bool"),
            ("null", "NoneType"),
            ("{}", "dict"),
        ] {
            assert_eq!(parse(text).unwrap().type_name(), name);
        }
    }

    #[test]
    fn keeps_lone_surrogates_and_joins_pairs() {
        let text = |json: &str| match parse(json).unwrap() {
            JsonValue::Text(text) => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(text(r#""\ud83d\ude00""#).as_str(), Some("😀"));
        assert_eq!(text(r#""a\ud800""#).first_surrogate(), Some(0xd800));
        assert_eq!(text(r#""\udfffé""#).first_surrogate(), Some(0xdfff));
        let mixed = JsonText::WithSurrogates(vec![0x61, 0xd83d, 0x1_f600, 0x62]);
        assert!(text(r#""a\ud83d\ud83d\ude00b""#) == mixed);
    }

    #[test]
    fn prints_numbers_as_python_does() {
        let printed = |json: &str| match parse(json).unwrap().printed() {
            Some(JsonText::Scalar(text)) => text,
            other => panic!("{other:?}"),
        };
        for (json, text) in [
            ("5", "5"),
            ("-0", "0"),
            ("12345.0", "12345.0"),
            ("1e22", "1e+22"),
            ("1E400", "inf"),
            ("-1e400", "-inf"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
        ] {
            assert_eq!(printed(json), text);
        }
        let long = "9".repeat(4301);
        assert!(detail(long.as_bytes(), None).contains("value has 4301 digits"));
        assert!(parse(&long[1..]).is_ok());
    }

    #[test]
    fn shows_no_contents_when_debugged() {
        let value = parse(r#"{"password": "Wonder-land-42", "pin": 4711}"#).unwrap();
        let shown = format!("{value:?} {:?} {:?}", value.get("password"), value.get("pin"));
        assert!(!shown.contains("Wonder") && !shown.contains("4711"), "{shown}");
    }
}
