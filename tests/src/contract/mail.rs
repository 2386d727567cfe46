//! Mails: enough of RFC 5322 and MIME to read what a server sends.

use super::transfer_encoding::{decode_body, decode_charset, decode_header};

/// How deep parts may lie in parts.
const MAX_DEPTH: u32 = 8;

/// A mail that was sent.
#[derive(Debug)]
pub(crate) struct Mail {
    headers: Vec<(String, String)>,
    /// The plain text, or the HTML if there is no plain text, with `\n` at line ends.
    pub(crate) text: String,
}

impl Mail {
    /// Reads a message.
    pub(crate) fn parse(message: &[u8]) -> Self {
        let part = Part::parse(message);
        let text = part.text("text/plain", MAX_DEPTH);
        let text = text.or_else(|| part.text("text/html", MAX_DEPTH)).unwrap_or_default();
        Self { headers: part.headers, text: text.replace("\r\n", "\n") }
    }

    /// A header, unfolded and decoded; empty if there is none.
    pub(crate) fn header(&self, name: &str) -> String {
        decode_header(find(&self.headers, name))
    }
}

/// One part of a message, or the message itself.
struct Part<'a> {
    headers: Vec<(String, String)>,
    body: &'a [u8],
}

impl<'a> Part<'a> {
    fn parse(message: &'a [u8]) -> Self {
        let mut headers: Vec<(String, String)> = Vec::new();
        let mut rest = message;
        while !rest.is_empty() {
            let (line, tail) = first_line(rest);
            rest = tail;
            let text = String::from_utf8_lossy(line);
            match headers.last_mut() {
                _ if text.is_empty() => break,
                Some((_, value)) if text.starts_with([' ', '\t']) => value.push_str(&text),
                _ => headers.extend(text.split_once(':').map(|(name, value)| {
                    (name.trim().to_ascii_lowercase(), value.trim().to_owned())
                })),
            }
        }
        Self { headers, body: rest }
    }

    /// The content of the first part of this media type that is not an attachment.
    fn text(&self, wanted: &str, depth: u32) -> Option<String> {
        let disposition = find(&self.headers, "content-disposition").to_ascii_lowercase();
        if depth == 0 || disposition.starts_with("attachment") {
            return None;
        }
        let content_type = find(&self.headers, "content-type");
        let media_type = content_type.split(';').next().unwrap_or_default();
        let media_type = match media_type.trim().to_ascii_lowercase() {
            empty if empty.is_empty() => "text/plain".to_owned(),
            given => given,
        };
        if media_type.starts_with("multipart/") {
            let boundary = parameter(content_type, "boundary")?;
            let parts = parts(self.body, &boundary).into_iter();
            return parts.map(Part::parse).find_map(|part| part.text(wanted, depth - 1));
        }
        let encoding = find(&self.headers, "content-transfer-encoding");
        let charset = parameter(content_type, "charset").unwrap_or_default();
        (media_type == wanted).then(|| decode_charset(&charset, &decode_body(encoding, self.body)))
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    let found = headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map_or("", |(_, value)| value)
}

/// A parameter of a Content-Type header.
fn parameter(header: &str, name: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// The first line without its end, and what follows.
fn first_line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|c| *c == b'\n').map_or(text.len(), |index| index + 1);
    let (line, rest) = text.split_at(end);
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

/// The parts of a multipart body, without the line end before each delimiter.
fn parts<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let delimiter = format!("--{boundary}");
    let last = format!("--{boundary}--");
    let mut out = Vec::new();
    let mut start = None;
    let mut rest = body;
    while !rest.is_empty() {
        let offset = body.len() - rest.len();
        let (line, tail) = first_line(rest);
        rest = tail;
        let line = line.trim_ascii_end();
        if line != delimiter.as_bytes() && line != last.as_bytes() {
            continue;
        }
        if let Some(start) = start {
            let part: &[u8] = body.get(start..offset).unwrap_or_default();
            let part = part.strip_suffix(b"\n").unwrap_or(part);
            out.push(part.strip_suffix(b"\r").unwrap_or(part));
        }
        if line == last.as_bytes() {
            return out;
        }
        start = Some(body.len() - rest.len());
    }
    // The last delimiter is missing: the rest is a part all the same.
    out.extend(start.and_then(|start| body.get(start..)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_plain_message() {
        let mail = Mail::parse(
            b"From: a@example.com\r\nSubject: =?utf-8?q?=C3=A9?=\r\n =?utf-8?q?t?=\r\n\
              To: alice@example.com\r\nContent-Type: text/plain; charset=\"utf-8\"\r\n\
              Content-Transfer-Encoding: quoted-printable\r\n\r\nHi =C3=A9,\r\nlong=\r\n line\r\n",
        );
        assert_eq!(mail.header("To"), "alice@example.com");
        assert_eq!(mail.header("Subject"), "\u{e9}t");
        assert_eq!(mail.header("Cc"), "");
        assert_eq!(mail.text, "Hi \u{e9},\nlong line\n");
    }

    #[test]
    fn prefers_the_plain_part() {
        let message = "Content-Type: multipart/mixed; boundary=out\n\n\
            --out\nContent-Type: text/plain\nContent-Disposition: attachment\n\nno\n\
            --out\nContent-Type: multipart/alternative;\n boundary=\"in\"\n\n\
            --in\nContent-Type: text/html\n\n<p>yes</p>\n\
            --in\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n\
            w6k=\n--in--\n--out--\n";
        assert_eq!(Mail::parse(message.as_bytes()).text, "\u{e9}");
        let html = message.replace("text/plain; charset", "text/other; charset");
        assert_eq!(Mail::parse(html.as_bytes()).text, "<p>yes</p>");
    }

    #[test]
    fn odd_messages_do_no_harm() {
        assert_eq!(Mail::parse(b"").text, "");
        assert_eq!(Mail::parse(b"no header here").text, "");
        assert_eq!(Mail::parse(b"A: b\n\nbody").text, "body");
        assert_eq!(Mail::parse(b" folded\nA: b\n\nbody").header("a"), "b");
        let nested = "Content-Type: multipart/mixed; boundary=a\n\n--a\n".repeat(100);
        assert_eq!(Mail::parse(nested.as_bytes()).text, "");
        assert_eq!(Mail::parse(b"Content-Type: multipart/mixed\n\nx").text, "");
    }
}
