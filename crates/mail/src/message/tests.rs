use super::*;

/// Counts upwards, so that two values differ and a test can be repeated.
struct Counting(std::sync::atomic::AtomicU8);

impl RandomSource for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    }
}

fn rendered(subject: &str, text: &str, html: Option<&str>) -> Rendered {
    Rendered { subject: subject.into(), text: text.into(), html: html.map(str::to_owned) }
}

fn compose(from: &str, to: &str, rendered: Rendered) -> Result<MailMessage, MailError> {
    let date = DateTime::from_timestamp(784_887_151, 0).expect("a date");
    let random = Counting(1.into());
    let meta = MessageMeta { id: "4711", date };
    Sender::parse(from).expect("a sender").compose(to, rendered, meta, &random)
}

fn raw(message: &MailMessage) -> String {
    String::from_utf8(message.bytes().to_vec()).expect("UTF-8")
}

fn head(message: &MailMessage) -> String {
    raw(message).split_once("\r\n\r\n").expect("a head").0.to_owned()
}

#[test]
fn has_both_texts_and_all_headers() {
    let message = compose(
        "Support <support@example.org>",
        "ada@example.com",
        rendered("[Shop] Hello", "Plain\n", Some("<p>Rich</p>\n")),
    )
    .expect("a message");
    let id = "4711";
    let boundary = "01".repeat(16);
    let expected = format!(
        "Date: Tue, 15 Nov 1994 08:12:31 +0000\r\n\
         From: Support <support@example.org>\r\n\
         To: ada@example.com\r\n\
         Subject: [Shop] Hello\r\n\
         Message-ID: <{id}@example.org>\r\n\
         Auto-Submitted: auto-generated\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/alternative;\r\n boundary=\"{boundary}\"\r\n\
         \r\n\
         --{boundary}\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 7bit\r\n\
         \r\n\
         Plain\r\n\
         \r\n\
         --{boundary}\r\n\
         Content-Type: text/html; charset=utf-8\r\n\
         Content-Transfer-Encoding: 7bit\r\n\
         \r\n\
         <p>Rich</p>\r\n\
         \r\n\
         --{boundary}--\r\n"
    );
    assert_eq!(raw(&message), expected);
    assert_eq!(message.from(), "Support <support@example.org>");
    assert_eq!(message.to(), "ada@example.com");
    assert_eq!(message.id(), format!("{id}@example.org"));
}

#[test]
fn a_mail_without_html_has_one_part() {
    let message = compose("a@localhost", "ada@example.com", rendered("S", "Plain\n", None));
    let raw = raw(&message.expect("a message"));
    assert!(raw.contains("Content-Type: text/plain; charset=utf-8\r\n"), "{raw}");
    assert!(!raw.contains("multipart"));
}

#[test]
fn all_but_ascii_is_encoded() {
    let text = "Grüße\nhttps://example.com/?a=1\n";
    let message =
        compose("Käthe <k@example.org>", "ada@example.com", rendered("Grüße", text, None))
            .expect("a message");
    let raw = raw(&message);
    assert!(raw.is_ascii());
    assert!(raw.contains("\r\nSubject: =?utf-8?b?R3LDvMOfZQ==?=\r\n"), "{raw}");
    assert!(raw.contains("\r\nFrom: =?utf-8?b?S8OkdGhl?= <k@example.org>\r\n"), "{raw}");
    assert!(raw.contains("Gr=C3=BC=C3=9Fe\r\nhttps://example.com/?a=3D1\r\n"), "{raw}");
    assert!(!raw.contains("base64"));
}

#[test]
fn long_links_are_not_folded_and_endless_lines_are_encoded() {
    let link = format!("https://example.com/{}/", "k".repeat(300));
    let message = compose("a@b.example", "ada@example.com", rendered("S", &link, None));
    assert!(raw(&message.expect("a message")).contains(&link));

    let endless = "k".repeat(2000);
    let message = compose("a@b.example", "ada@example.com", rendered("S", &endless, None));
    let raw = raw(&message.expect("a message"));
    assert!(raw.contains("Content-Transfer-Encoding: quoted-printable"));
    assert!(raw.lines().all(|line| line.len() <= LONGEST_LINE));
}

#[test]
fn a_subject_cannot_add_a_header() {
    for line_break in ["\r\n", "\n", "\r", "\u{2028}", "\r\n\r\n", "\n "] {
        let subject = format!("Hello{line_break}Bcc: eve@example.com");
        let message = compose("a@b.example", "ada@example.com", rendered(&subject, "T\n", None))
            .expect("a message");
        let head = head(&message);
        assert!(!head.contains("\nBcc") && !head.contains("\n Bcc"), "{head}");
        assert!(head.contains("Subject: Hello "), "{head}");
        assert_eq!(message.envelope().to().len(), 1);
    }
}

#[test]
fn there_is_exactly_one_recipient() {
    for to in [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@example.com, eve@example.com",
        "ada@example.com,eve@example.com",
        "ada@example.com;eve@example.com",
        "ada@example.com eve@example.com",
        "Ada <ada@example.com>",
        "<ada@example.com>",
        "ada@example.com>\r\nRCPT TO:<eve@example.com",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com\n",
        "\"ada\r\nBcc: eve\"@example.com",
        "\"a b\"@example.com",
        "ada@exam\0ple.com",
        "ada@example.com\u{2028}",
    ] {
        let error = compose("a@b.example", to, rendered("S", "T\n", None)).expect_err(to);
        assert!(error.is_permanent(), "{to}");
    }
    for to in
        ["ada@example.com", "o'hara+tag@sub.example.com", "ada@localhost", "\"a,b\"@b.example"]
    {
        let message = compose("a@b.example", to, rendered("S", "T\n", None)).expect(to);
        assert_eq!((message.to(), message.envelope().to().len()), (to, 1));
    }
}

#[test]
fn what_the_api_accepts_can_be_sent_to() {
    let long = "l".repeat(66);
    for (to, sent) in [
        (format!("{long}@example.com"), format!("{long}@example.com")),
        ("ada@ｅｘａｍｐｌｅ.com".to_owned(), "ada@example.com".to_owned()),
        ("ada@１.２.３.４４".to_owned(), "ada@[1.2.3.44]".to_owned()),
        ("ada@[127.0.0.1]".to_owned(), "ada@[127.0.0.1]".to_owned()),
        ("\"a<b>\u{1}\"@b.example".to_owned(), "\"a<b>\u{1}\"@b.example".to_owned()),
        ("\u{131}@b.example".to_owned(), "\u{131}@b.example".to_owned()),
    ] {
        assert!(email::is_valid(&to), "{to}");
        let message = compose("a@b.example", &to, rendered("S", "T\n", None)).expect(&to);
        assert_eq!(message.to(), sent);
        let commands: Vec<_> = message.envelope().to().iter().map(ToString::to_string).collect();
        assert_eq!(commands, [sent]);
        assert!(head(&message).lines().any(|line| line.starts_with("To: ")), "{to}");
    }
}

#[test]
fn international_domains_travel_in_ascii() {
    let message = compose("a@b.example", "ada@münchen.example", rendered("S", "T\n", None));
    assert_eq!(message.expect("a message").to(), "ada@xn--mnchen-3ya.example");
    let sender = Sender::parse("Amt <amt@münchen.example>").expect("a sender");
    assert_eq!(sender.0.to_string(), "Amt <amt@xn--mnchen-3ya.example>");
}

#[test]
fn a_sender_is_one_address_on_one_line() {
    for from in [
        "",
        "Support",
        "Support <support>",
        "a@b.example\r\nBcc: eve@example.com",
        "Support\n<a@b.example>",
        "a@b.example, c@d.example",
        "A <a@b.example>, C <c@d.example>",
        "A <a@b.example> and more",
    ] {
        assert_eq!(Sender::parse(from).err(), Some(BadAddress), "{from}");
    }
    for from in ["webmaster@localhost", " A <a@b.example> ", "\"My, Shop\" <a@b.example>"] {
        assert!(Sender::parse(from).is_ok(), "{from}");
    }
}

#[test]
fn a_display_name_with_quotes_is_a_name_and_nothing_else() {
    // Quotes and brackets of the name are quoted or encoded: there is one address.
    for (from, name, header) in [
        (
            r#""Ada \"the\" Shop" <a@b.example>"#,
            r#"Ada "the" Shop"#,
            r#"From: "Ada \"the\" Shop" <a@b.example>"#,
        ),
        (
            r#""Shop, Inc. <eve@c.example>" <a@b.example>"#,
            "Shop, Inc. <eve@c.example>",
            "From: =?utf-8?b?U2hvcCwgSW5jLiA8ZXZlQGMuZXhhbXBsZT4=?= <a@b.example>",
        ),
        (r#""a\\" <a@b.example>"#, r"a\", r#"From: "a\\" <a@b.example>"#),
    ] {
        let sender = Sender::parse(from).expect(from);
        assert_eq!(sender.0.name.as_deref(), Some(name));
        let message = compose(from, "ada@example.com", rendered("S", "T\n", None));
        let message = message.expect("a message");
        assert!(head(&message).lines().any(|line| line == header), "{}", head(&message));
        assert_eq!(message.envelope().from().map(AsRef::as_ref), Some("a@b.example"));
    }
}

#[test]
fn an_id_cannot_add_a_header() {
    let meta = MessageMeta { id: "1>\r\nBcc: <2", date: DateTime::UNIX_EPOCH };
    let sender = Sender::parse("a@b.example").expect("a sender");
    let random = Counting(0.into());
    let message = sender.compose("b@b.example", rendered("S", "T", None), meta, &random);
    assert_eq!(message.expect("a message").id(), "1Bcc2@b.example");
}

#[test]
fn far_dates_do_not_panic() {
    for date in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        let sender = Sender::parse("a@b.example").expect("a sender");
        let random = Counting(0.into());
        let meta = MessageMeta { id: "1", date };
        assert!(sender.compose("b@b.example", rendered("S", "T", None), meta, &random).is_ok());
    }
}

#[test]
fn debug_output_hides_the_texts() {
    let rendered = rendered("S", "secret-token\n", Some("secret-token"));
    let message = compose("a@b.example", "ada@example.com", rendered.clone()).expect("a message");
    assert!(!format!("{message:?} {rendered:?}").contains("secret-token"));
}
