use super::*;

const LINK: &str = "http://testserver/password-reset/confirm/1/cabc12-0123456789abcdef/?a=1&b=2";

fn templates() -> Templates {
    Templates::load(None, "example.com").expect("our own templates")
}

fn full(kind: MailKind, language: &str) -> MailContent {
    VARIABLES.into_iter().fold(MailContent::new(kind, "ada@example.com", language), |mail, name| {
        let value = if name.ends_with("_url") { LINK.to_owned() } else { format!("the-{name}") };
        mail.with(name, value)
    })
}

/// A mail with the variables that are not optional.
fn least(kind: MailKind, language: &str) -> MailContent {
    let mut mail = full(kind, language);
    let required: &[&str] = match kind {
        MailKind::EmailConfirmation => &["activate_url"],
        MailKind::EmailConfirmationCode | MailKind::PasswordResetCode | MailKind::LoginCode => {
            &["code"]
        }
        MailKind::PasswordReset => &["password_reset_url"],
        MailKind::Invitation => &["invitation_url"],
        MailKind::AccountAlreadyExists
        | MailKind::PasswordChanged
        | MailKind::EmailChanged
        | MailKind::UsernameChanged
        | MailKind::NewSignIn
        | MailKind::AccountDeleted
        | MailKind::TotpActivated
        | MailKind::TotpDeactivated
        | MailKind::RecoveryCodesGenerated
        | MailKind::RecoveryCodeUsed
        | MailKind::SecondFactorFailed
        | MailKind::PasskeyAdded
        | MailKind::PasskeyRemoved
        | MailKind::PasskeyCopied => &[],
        MailKind::SocialAccountConnected | MailKind::SocialAccountDisconnected => &["provider"],
    };
    mail.context.retain(|name, _| required.contains(&name.as_str()));
    mail
}

fn html_of(rendered: &Rendered) -> String {
    let html = rendered.html.as_deref().expect("an HTML part");
    html.replace("&#x27;", "'").replace("&amp;", "&")
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

fn load(folder: &tempfile::TempDir) -> Result<Templates, Error> {
    Templates::load(Some(folder.path()), "example.com")
}

#[test]
fn every_mail_is_complete_in_every_language() {
    let templates = templates();
    let expected = [
        (MailKind::EmailConfirmation, &["the-user", LINK][..]),
        (MailKind::EmailConfirmationCode, &["the-user", "\n\nthe-code\n\n"]),
        (MailKind::PasswordReset, &["the-username", LINK]),
        (MailKind::PasswordResetCode, &["\n\nthe-code\n\n"]),
        (MailKind::LoginCode, &["the-user", "\n\nthe-code\n\n"]),
        (MailKind::AccountAlreadyExists, &[LINK]),
        (MailKind::PasswordChanged, &["the-user", "the-timestamp", "the-ip", "the-user_agent"]),
        (MailKind::EmailChanged, &["the-user", "the-to_email", "the-ip"]),
        (MailKind::UsernameChanged, &["the-user", "the-to_username", "the-ip"]),
        (MailKind::NewSignIn, &["the-user", "the-ip", "the-user_agent", LINK]),
        (MailKind::AccountDeleted, &["the-user", "the-timestamp", "the-ip"]),
        (MailKind::SocialAccountConnected, &["the-user", "the-provider", "the-ip"]),
        (MailKind::SocialAccountDisconnected, &["the-user", "the-provider", "the-ip"]),
        (MailKind::TotpActivated, &["the-user", "the-timestamp", "the-ip"]),
        (MailKind::TotpDeactivated, &["the-user", "the-timestamp", "the-ip"]),
        (MailKind::RecoveryCodesGenerated, &["the-user", "the-timestamp", "the-ip"]),
        (MailKind::RecoveryCodeUsed, &["the-user", "the-remaining", "the-ip"]),
        (MailKind::SecondFactorFailed, &["the-user", "the-timestamp", "the-ip"]),
        (MailKind::PasskeyAdded, &["the-user", "the-timestamp", "the-ip"]),
        (MailKind::PasskeyRemoved, &["the-user", "the-timestamp", "the-ip"]),
        (MailKind::PasskeyCopied, &["the-user", "the-timestamp", "the-ip"]),
        (MailKind::Invitation, &["the-inviter", LINK]),
    ];
    assert_eq!(expected.len(), MailKind::ALL.len());
    for language in ["en", "de", "es", "fr", "pt-br"] {
        for (kind, parts) in expected {
            let rendered = templates.render(&full(kind, language)).expect("rendered");
            for part in parts {
                assert!(rendered.text.contains(part), "{language} {kind:?} {part}");
                assert!(html_of(&rendered).contains(part.trim()), "{language} {kind:?} {part}");
            }
            assert!(rendered.text.contains("example.com"), "{language} {kind:?}");
            assert!(html_of(&rendered).contains(&format!(r#"<html lang="{language}">"#)));
        }
    }
}

#[test]
fn mails_are_well_set_with_and_without_their_optional_variables() {
    let templates = templates();
    for language in ["en", "de", "es", "fr", "pt-br"] {
        for kind in MailKind::ALL {
            for mail in [full(kind, language), least(kind, language)] {
                let Rendered { subject, text, html } = templates.render(&mail).expect("rendered");
                assert!(!subject.is_empty() && !subject.contains('\n'));
                assert!(!text.contains("\n\n\n") && !text.contains("  "), "{kind:?}: {text}");
                assert!(!text.contains('{') && !text.contains(" ,") && !text.contains(" ."));
                assert!(text.ends_with(".\n") && !text.starts_with('\n'), "{kind:?}: {text}");
                assert!(html.is_some());
            }
        }
    }
}

#[test]
fn subjects_are_those_of_the_reference() {
    let subject = |kind, language| templates().render(&full(kind, language)).map(|r| r.subject);
    for (kind, language, expected) in [
        (MailKind::PasswordReset, "en", "Password Reset Email"),
        (MailKind::EmailConfirmation, "en", "Please Confirm Your Email Address"),
        (MailKind::PasswordReset, "de", "E-Mail zum Zurücksetzen des Passworts"),
        (MailKind::EmailConfirmation, "de-at", "Bitte bestätige deine E-Mail-Adresse"),
        (MailKind::PasswordReset, "fr", "E-mail de réinitialisation de mot de passe"),
        (MailKind::PasswordReset, "es", "Correo electrónico para restablecer contraseña"),
        (MailKind::PasswordReset, "pt-br", "E-mail de redefinição de senha"),
        (MailKind::PasswordReset, "pt", "Email com pedido de redefinição da palavra-passe"),
        (MailKind::EmailConfirmation, "ja", "メールアドレスを確認してください"),
        (MailKind::PasswordReset, "nl", "Nieuw wachtwoord"),
        (MailKind::PasswordReset, "zh-hant", "密碼重設電子郵件"),
        (MailKind::PasswordReset, "sr-latn", "E-pošta za resetovanje lozinke"),
    ] {
        assert_eq!(subject(kind, language).expect("rendered"), expected);
    }
}

#[test]
fn a_language_with_subjects_only_has_the_english_text_below_them() {
    let templates = templates();
    let rendered = |code| templates.render(&full(MailKind::PasswordReset, code)).expect("rendered");
    let (english, polish) = (rendered("en"), rendered("pl"));
    assert_eq!((&polish.text, polish.html.is_some()), (&english.text, true));
    assert_ne!(polish.subject, english.subject);
    let code = |language| full(MailKind::PasswordResetCode, language);
    assert_eq!(templates.render(&code("pl")).ok(), templates.render(&code("en")).ok());
}

#[test]
fn a_region_falls_back_to_its_language_and_that_to_english() {
    let templates = templates();
    for (code, expected) in [
        ("de-AT", "de"),
        ("de_CH", "de"),
        ("pt-BR", "pt-br"),
        ("es-mx", "es"),
        ("en-gb", "en"),
        ("is", "en"),
        ("", "en"),
        ("-", "en"),
        ("../../etc", "en"),
    ] {
        let mail = |code| full(MailKind::PasswordReset, code);
        let rendered = templates.render(&mail(code)).expect("rendered");
        assert_eq!(rendered, templates.render(&mail(expected)).expect("rendered"), "{code}");
    }
}

#[test]
fn links_stay_whole_in_the_text_and_clickable_in_the_html() {
    let rendered = templates().render(&full(MailKind::PasswordReset, "en")).expect("rendered");
    assert!(rendered.text.lines().any(|line| line == LINK));
    assert!(html_of(&rendered).contains(&format!(r#"<a href="{LINK}">{LINK}</a>"#)));
}

#[test]
fn the_user_name_is_left_out_if_there_is_none() {
    let mail = MailContent::new(MailKind::PasswordReset, "ada@example.com", "en")
        .with("password_reset_url", LINK);
    let text = templates().render(&mail).expect("rendered").text;
    assert!(!text.contains("user name"));
}

#[test]
fn what_a_user_chose_is_neither_markup_nor_template_nor_link() {
    let hostile = r#"<script>alert("x")</script> {{ key }} {% include "x" %} <a href='//evil'>"#;
    let mail = full(MailKind::EmailConfirmation, "en").with("user", hostile);
    let Rendered { text, html, .. } = templates().render(&mail).expect("rendered");
    let html = html.expect("an HTML part");
    assert!(text.contains(hostile));
    assert!(!html.contains("<script") && !html.contains("<a href='"));
    assert!(html.contains("&lt;script&gt;") && html.contains("{{ key }}"));

    let mail = full(MailKind::EmailConfirmation, "en").with("user", "https://evil.example/");
    let html = html_of(&templates().render(&mail).expect("rendered"));
    assert!(!html.contains(r#"href="https://evil.example/"#));
}

#[test]
fn no_variable_of_any_mail_is_markup() {
    let hostile = "<img src=x onerror=alert(1)>\" ' & {{ user }}";
    let templates = templates();
    for language in ["en", "de", "es", "fr", "pt-br"] {
        for kind in MailKind::ALL {
            let mail = VARIABLES
                .into_iter()
                .fold(MailContent::new(kind, hostile, language), |mail, name| {
                    mail.with(name, hostile)
                });
            let html = templates.render(&mail).expect("rendered").html.expect("an HTML part");
            assert!(!html.contains("<img") && !html.contains("href"), "{kind:?}: {html}");
        }
    }
}

#[test]
fn line_breaks_in_values_begin_no_new_line() {
    for line_break in ["\n", "\r\n", "\r", "\u{b}", "\u{85}", "\u{2028}", "\n\n"] {
        let user = format!("Ada{line_break}https://evil.example/{line_break}");
        let mail = full(MailKind::EmailConfirmation, "en").with("user", user);
        let text = templates().render(&mail).expect("rendered").text;
        assert!(text.starts_with("Hello Ada https://evil.example/,\n\n"), "{text}");
    }
    assert_eq!(
        flattened(&json!({"a": ["x\ny", 1, null, true, {"b": "\u{0}z"}]})),
        json!({"a": ["x y", 1, null, true, {"b": "z"}]})
    );
}

#[test]
fn an_operators_template_goes_first() {
    let folder = folder(&[
        ("de/account/email/password_reset_key_subject.txt", "Neues\nPasswort für {{ username }}"),
        ("account/email/password_reset_key_message.txt", "{{ current_site.name }} {{ language }}"),
        ("account/email/email_confirmation_message.html", "<b>{{ activate_url }} {{ user }}</b>"),
    ]);
    let templates = load(&folder).expect("templates");
    let reset = |code: &str| templates.render(&full(MailKind::PasswordReset, code)).expect(code);
    // The text has no HTML beside it, and ours would say something else.
    let text = |language: &str| format!("example.com {language}\n");
    assert_eq!(reset("de-at").subject, "Neues Passwort für the-username");
    assert_eq!((reset("de-at").text, reset("de-at").html), (text("de"), None));
    assert_eq!(reset("fr").subject, "E-mail de réinitialisation de mot de passe");
    assert_eq!((reset("fr").text, reset("fr").html), (text("fr"), None));
    let mail = full(MailKind::EmailConfirmation, "en").with("user", "<i>");
    let html = html_of(&templates.render(&mail).expect("rendered"));
    assert_eq!(html, format!("<b>{LINK} &lt;i&gt;</b>"));
}

#[test]
fn an_operators_language_is_a_language_of_its_own() {
    let folder = folder(&[
        ("nl/account/email/password_changed_subject.txt", "Wachtwoord gewijzigd"),
        ("pt_BR/account/email/password_changed_subject.txt", "Senha nova"),
    ]);
    let templates = load(&folder).expect("templates");
    let subject = |code: &str| {
        templates.render(&full(MailKind::PasswordChanged, code)).expect("rendered").subject
    };
    assert_eq!(subject("nl-be"), "Wachtwoord gewijzigd");
    assert_eq!(subject("pt-br"), "Senha nova");
    assert_eq!(subject("en"), "Your Password Was Changed");
}

#[test]
fn an_operators_layout_also_frames_an_operators_text() {
    let folder = folder(&[
        (
            "account/email/base_message.html",
            "<i>{% for p in paragraphs %}{{ p[0].text }}{% endfor %}",
        ),
        ("account/email/invitation_message.txt", "Come in & see\n"),
    ]);
    let templates = load(&folder).expect("templates");
    let html = |kind| templates.render(&full(kind, "en")).expect("rendered").html.expect("HTML");
    assert_eq!(html(MailKind::Invitation), "<i>Come in &amp; see");
    assert!(html(MailKind::PasswordChanged).starts_with("<i>Hello the-user,"));
}

#[test]
fn templates_that_cannot_work_are_found_at_the_start() {
    let name = "account/email/invitation_message.txt";
    for (text, expected) in [
        ("one\n{% load i18n %}", "invitation_message.txt:2"),
        ("{{ inviter", "invitation_message.txt:1"),
        ("one\n\n{{ inviter|nonsense }}", "invitation_message.txt:3"),
        ("one\n{% include 'nowhere.txt' %}", "invitation_message.txt:2"),
        ("{% if inviter %}a{% else %}\n{{ code|nonsense }}{% endif %}", "invitation_message.txt:2"),
        (
            "{{ invitation_ulr }}",
            "there is no variable `invitation_ulr` (in account/email/invitation",
        ),
    ] {
        let error = load(&folder(&[(name, text)])).err().expect(text);
        assert!(error.to_string().contains(expected), "{error}");
    }
    let every = "{% for n in range(2) %}{{ n }}{{ current_site.domain }}{% endfor %}";
    assert!(load(&folder(&[(name, every)])).is_ok());
    // Templates that no mail uses are ignored, because the folder may hold Django's other
    // templates.
    let other = folder(&[("account/email/unknown_account_message.txt", "{% load i18n %}")]);
    assert!(load(&other).is_ok());
    assert!(Templates::load(Some(Path::new("/nowhere/at/all")), "x").is_err());
}

#[test]
fn a_template_reads_no_file_outside_its_folder() {
    let folder = folder(&[
        ("secret.txt", "secret"),
        ("t/account/email/invitation_message.txt", "{% include '../secret.txt' ignore missing %}"),
    ]);
    let templates = Templates::load(Some(&folder.path().join("t")), "x").expect("templates");
    let rendered = templates.render(&full(MailKind::Invitation, "en")).expect("rendered");
    assert_eq!(rendered.text, "\n");
}
