//! `multipart/form-data` (RFC 7578), read as Django's parser reads it.
//!
//! What Django reads as something else, or as nothing, is read so here: a boundary counts wherever
//! it stands, the last one may be missing, and a part without a name is left out. A part that is
//! odd in another way never takes the parts after it with it.

use rest_auth_domain::encoding;
use rest_auth_domain::header_parameters::HeaderParameters;
use rest_auth_domain::json_input::charset::Charset;
use rest_auth_domain::message::Message;

use super::{Fields, RawValue};
use crate::error::ApiError;
use crate::rules::body_limits::BodyLimits;

/// The most bytes that the headers of one part have (Django's `MAX_TOTAL_HEADER_SIZE`).
const LONGEST_HEAD: usize = 1024;
/// The most characters that a boundary has.
const LONGEST_BOUNDARY: usize = 201;

/// The contents of one part.
enum Part<'b> {
    /// What stands before the first boundary and after the last, and parts without a disposition.
    Raw,
    /// A field.
    Field { head: Head, data: &'b [u8] },
    /// A file.
    File { head: Head, data: &'b [u8] },
}

/// The headers of a part that count.
struct Head {
    disposition: HeaderParameters,
    is_base64: bool,
}

/// Reads a form. Files come after the fields, so that of a name that both have the file counts.
///
/// # Errors
/// [`ApiError::Malformed`] without a boundary, for a part whose headers do not end, and for a file
/// that is no base64 although it says so; [`ApiError::TooLarge`] for too many fields or files.
pub(super) fn read(
    body: &[u8],
    content_type: &str,
    charset: Charset,
    limits: BodyLimits,
) -> Result<Fields, ApiError> {
    let boundary = boundary(content_type)?;
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    let (mut count, mut file_count) = (0_usize, 0_usize);
    for bytes in split(body, format!("--{boundary}").as_bytes()) {
        let part = part(bytes)?;
        if !matches!(part, Part::File { .. }) {
            count += 1;
            // What stands before the first boundary and after the last counts as one part each.
            if count > limits.form_fields.saturating_add(2) {
                return Err(ApiError::TooLarge);
            }
        }
        match part {
            Part::Raw => {}
            Part::Field { head, data } => {
                let Some(name) = head.name(charset) else { continue };
                fields.push((name, RawValue::Text(head.text(data, charset))));
            }
            Part::File { head, data } => {
                let Some(name) = head.name(charset) else { continue };
                file_count += 1;
                if file_count > limits.files {
                    return Err(ApiError::TooLarge);
                }
                if head.names_a_file() {
                    head.check_file(data)?;
                    files.push((name, RawValue::File));
                }
            }
        }
    }
    fields.append(&mut files);
    Ok(Fields(fields))
}

fn refused(problem: impl Into<String>) -> ApiError {
    ApiError::Malformed(Message::MultipartParseError { problem: problem.into() })
}

fn boundary(content_type: &str) -> Result<String, ApiError> {
    if !content_type.starts_with("multipart/") {
        return Err(refused(format!("Invalid Content-Type: {content_type}")));
    }
    if !content_type.is_ascii() {
        let problem = format!("Invalid non-ASCII Content-Type in multipart: {content_type}");
        return Err(refused(problem));
    }
    let parameters = HeaderParameters::parse(content_type).unwrap_or_default();
    let boundary = parameters.get("boundary");
    let fits = |text: &&str| {
        (1..=LONGEST_BOUNDARY).contains(&text.len())
            && !text.ends_with(' ')
            && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
    };
    if let Some(boundary) = boundary.filter(fits) {
        return Ok(boundary.to_owned());
    }
    let shown = boundary.unwrap_or("None");
    Err(refused(format!("Invalid boundary in multipart: {shown}")))
}

/// The bytes between the separators, without the line break in front of each. Nothing follows a
/// separator that ends the body.
fn split<'b>(body: &'b [u8], separator: &[u8]) -> Vec<&'b [u8]> {
    let mut parts = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let Some(at) = rest.windows(separator.len()).position(|bytes| bytes == separator) else {
            parts.push(rest);
            break;
        };
        let before = &rest[..at];
        let before = before.strip_suffix(b"\n").unwrap_or(before);
        parts.push(before.strip_suffix(b"\r").unwrap_or(before));
        rest = &rest[at + separator.len()..];
    }
    parts
}

fn part(bytes: &[u8]) -> Result<Part<'_>, ApiError> {
    let start = &bytes[..bytes.len().min(LONGEST_HEAD)];
    let Some(end) = start.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        if start.len() == LONGEST_HEAD {
            return Err(refused("Request max total header size exceeded."));
        }
        return Ok(Part::Raw);
    };
    let data = &bytes[end + 4..];
    let (mut disposition, mut is_base64) = (None, false);
    for line in String::from_utf8_lossy(&bytes[..end]).split("\r\n") {
        let Some((name, value)) = line.split_once(':') else { continue };
        let Some(value) = HeaderParameters::parse(value.trim_start_matches(' ')) else { continue };
        match name.to_lowercase().trim_end_matches(' ') {
            "content-disposition" => disposition = Some(value),
            "content-transfer-encoding" => is_base64 = value.value.trim() == "base64",
            _ => {}
        }
    }
    let Some(disposition) = disposition else { return Ok(Part::Raw) };
    let head = Head { disposition, is_base64 };
    let is_file = head.disposition.get("filename").is_some_and(|name| !name.is_empty());
    Ok(if is_file { Part::File { head, data } } else { Part::Field { head, data } })
}

impl Head {
    /// The name of the field; a part without one is left out.
    fn name(&self, charset: Charset) -> Option<String> {
        let name = self.disposition.get("name")?.trim_matches(|c: char| c.is_ascii_whitespace());
        Some(charset.decode_lossy(name.as_bytes()).into_owned())
    }

    /// The value of a field. Text that is no base64 although it says so stays as it is.
    fn text(&self, data: &[u8], charset: Charset) -> String {
        let decoded = if self.is_base64 { encoding::from_base64(data) } else { None };
        charset.decode_lossy(decoded.as_deref().unwrap_or(data)).into_owned()
    }

    /// Whether the name of the file is one once its folders are cut off.
    fn names_a_file(&self) -> bool {
        let name = self.disposition.get("filename").unwrap_or_default();
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let shown: String = name.chars().filter(|c| !c.is_control()).collect();
        !matches!(shown.as_str(), "" | "." | "..")
    }

    fn check_file(&self, data: &[u8]) -> Result<(), ApiError> {
        if !self.is_base64 {
            return Ok(());
        }
        let packed: Vec<u8> =
            data.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        match encoding::from_base64(&packed) {
            Some(_) => Ok(()),
            None => Err(refused("Could not decode base64 data.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: BodyLimits = BodyLimits { bytes: usize::MAX, form_fields: 3, files: 1 };
    const TYPE: &str = "multipart/form-data; boundary=b";

    fn fields(body: &str) -> Vec<(String, Option<String>)> {
        let Fields(fields) = read(body.as_bytes(), TYPE, Charset::Utf8, LIMITS).unwrap();
        let shown = |(name, given)| match given {
            RawValue::Text(text) => (name, Some(text)),
            RawValue::Json(_) | RawValue::File => (name, None),
        };
        fields.into_iter().map(shown).collect()
    }

    fn texts(expected: &[(&str, &str)]) -> Vec<(String, Option<String>)> {
        let shown = |(name, text): &(&str, &str)| ((*name).to_owned(), Some((*text).to_owned()));
        expected.iter().map(shown).collect()
    }

    fn problem(body: &str, content_type: &str) -> String {
        match read(body.as_bytes(), content_type, Charset::Utf8, LIMITS) {
            Err(ApiError::Malformed(Message::MultipartParseError { problem })) => problem,
            other => panic!("{other:?}"),
        }
    }

    fn field(name: &str, value: &str) -> String {
        format!("--b\r\nContent-Disposition: form-data; name={name}\r\n\r\n{value}\r\n")
    }

    #[test]
    fn the_last_boundary_may_be_missing() {
        let open = field("a", "1");
        assert_eq!(fields(&format!("{open}--b--\r\n")), texts(&[("a", "1")]));
        assert_eq!(fields(open.trim_end()), texts(&[("a", "1")]));
        assert_eq!(fields("x"), []);
    }

    #[test]
    fn an_odd_part_does_not_take_the_others_with_it() {
        let odd = [
            field("\"a\u{1}\"", "1"),
            "--b\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n".to_owned(),
            "--b\r\nContent-Disposition: form-data; name*=nobody''x\r\n\r\nlost\r\n".to_owned(),
            "--b\r\nno head at all\r\n".to_owned(),
            "--b\r\n\u{7f}: \u{1}\r\n\r\nx\r\n".to_owned(),
        ];
        for part in odd {
            let read = fields(&format!("{part}{}--b--", field("z", "2")));
            assert_eq!(read.last(), texts(&[("z", "2")]).last(), "{part}");
        }
    }

    #[test]
    fn names_and_values_may_be_encoded() {
        let head = "Content-Disposition: form-data; name*=utf-8''n%C3%A9";
        assert_eq!(fields(&format!("--b\r\n{head}\r\n\r\n1\r\n--b--")), texts(&[("né", "1")]));
        let head = "content-disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64";
        assert_eq!(fields(&format!("--b\r\n{head}\r\n\r\nw6k=\r\n--b--")), texts(&[("a", "é")]));
        assert_eq!(fields(&format!("--b\r\n{head}\r\n\r\nw6k\r\n--b--")), texts(&[("a", "w6k")]));
    }

    #[test]
    fn a_file_is_told_from_a_field_by_its_name() {
        let file = |name: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=f; filename={name}\r\n\r\nx\r\n")
        };
        assert_eq!(fields(&file("a.txt")), [("f".to_owned(), None)]);
        assert_eq!(fields(&format!("{}--b--", file(""))), texts(&[("f", "x")]));
        assert_eq!(fields(&file("\"a/..\"")), []);
        let (bytes, two) = (Charset::Utf8, format!("{}{}", file("a"), file("b")));
        assert!(matches!(read(two.as_bytes(), TYPE, bytes, LIMITS), Err(ApiError::TooLarge)));
    }

    #[test]
    fn a_form_that_cannot_be_read_says_why() {
        let boundary = "Invalid boundary in multipart: ";
        for (content_type, shown) in [
            ("multipart/form-data", "None"),
            ("multipart/form-data; boundary=", ""),
            ("multipart/form-data; boundary=\"a \"", "a "),
        ] {
            assert_eq!(problem("x", content_type), format!("{boundary}{shown}"));
        }
        let long = format!("--b\r\nX: {}\r\n\r\n1", "y".repeat(LONGEST_HEAD));
        assert_eq!(problem(&long, TYPE), "Request max total header size exceeded.");
    }

    #[test]
    fn fields_are_counted() {
        let three: String = ["a", "b", "c"].map(|name| field(name, "1")).concat();
        assert_eq!(fields(&format!("{three}--b--")).len(), 3);
        let four = format!("{three}{}--b--", field("d", "1"));
        let read = read(four.as_bytes(), TYPE, Charset::Utf8, LIMITS);
        assert!(matches!(read, Err(ApiError::TooLarge)));
    }
}
