//! Files in the administrator's folder of templates that no mail is made of, because they are called
//! otherwise than a template.

use std::fs;
use std::path::Path;

use rest_auth_settings::nearest;

use crate::content::MailKind;
use crate::templates::LAYOUT;

/// What the names of templates begin with. Anything else in front of these is a language.
const PARTS: [&str; 3] = ["account", "mfa", "socialaccount"];

/// How deep templates lie: `de/account/email/invitation_message.txt`.
const DEEPEST: usize = 4;

/// The ends of names that templates have, or are given by mistake.
const ENDS: [&str; 6] = ["txt", "html", "htm", "j2", "jinja", "jinja2"];

/// A file that no mail is made of. The names begin at the folder of templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MisnamedTemplate {
    /// Its name.
    pub file: String,
    /// The name of a template that it was most likely meant to have.
    pub nearest: Option<String>,
}

/// The files of a folder that no mail is made of, and that no other file there names, as one does that
/// includes it.
#[must_use]
pub fn misnamed(folder: &Path) -> Vec<MisnamedTemplate> {
    let mut files = Vec::new();
    collect(folder, "", DEEPEST, &mut files);
    files.sort();
    let sources: Vec<_> =
        files.iter().filter_map(|file| fs::read_to_string(folder.join(file)).ok()).collect();
    let known = names();
    let is_used = |file: &str| {
        let (_, bare) = without_language(file);
        known.iter().any(|name| name == bare) || sources.iter().any(|source| source.contains(bare))
    };
    let unused = files.iter().filter(|file| !is_used(file));
    unused
        .map(|file| MisnamedTemplate { file: file.clone(), nearest: meant_by(&known, file) })
        .collect()
}

/// Every name that is looked for, without a language before it.
fn names() -> Vec<String> {
    let ends = ["_subject.txt", "_message.txt", "_message.html"];
    let of_kind = |kind: MailKind| ends.map(|end| format!("{}{end}", kind.template()));
    let names = MailKind::ALL.into_iter().flat_map(of_kind);
    names.chain([LAYOUT.to_owned()]).collect()
}

/// The known name whose last part is the nearest, below the same language.
fn meant_by(known: &[String], file: &str) -> Option<String> {
    let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    let lasts: Vec<_> = known.iter().map(|name| last(name)).collect();
    let meant = nearest::word(lasts.iter().map(String::as_str), &last(file))?;
    let name = known.iter().find(|name| last(name) == meant)?;
    let (language, _) = without_language(file);
    Some(format!("{language}{name}"))
}

/// The folder of the language, with its slash, and the rest of a name.
fn without_language(file: &str) -> (&str, &str) {
    match file.split_once('/') {
        Some((first, rest)) if !PARTS.contains(&first) && rest.contains('/') => {
            file.split_at(first.len() + 1)
        }
        _ => ("", file),
    }
}

/// Collects the names of files that look like templates.
fn collect(folder: &Path, before: &str, depth: usize, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok) {
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') {
            continue;
        }
        let (path, whole) = (entry.path(), format!("{before}{name}"));
        if path.is_dir() {
            if depth > 1 {
                collect(&path, &format!("{whole}/"), depth - 1, found);
            }
        } else if name.rsplit_once('.').is_some_and(|(_, end)| ENDS.contains(&end)) {
            found.push(whole);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_no_mail_is_made_of_are_found_with_the_name_that_was_meant() {
        let folder = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let include = "{% include \"account/email/footer.txt\" %}";
        write("account/email/password_reset_key_message.txt", include);
        write("account/email/footer.txt", "x");
        write("account/email/base_message.html", "x");
        write("de/mfa/email/totp_activated_subject.txt", "x");
        write("README.md", "x");
        assert_eq!(misnamed(folder.path()), []);
        for (file, nearest) in [
            ("mfa/email/totp_activate_subject.txt", "mfa/email/totp_activated_subject.txt"),
            ("account/emails/invitation_subject.txt", "account/email/invitation_subject.txt"),
            ("de/account/email/invitation_mesage.html", "de/account/email/invitation_message.html"),
            ("invitation_message.txt.j2", "account/email/invitation_message.txt"),
        ] {
            write(file, "x");
            let found = MisnamedTemplate { file: file.into(), nearest: Some(nearest.into()) };
            assert_eq!(misnamed(folder.path()), [found]);
            fs::remove_file(folder.path().join(file)).unwrap();
        }
        write("account/email/zzz.txt", "x");
        let stranger = MisnamedTemplate { file: "account/email/zzz.txt".into(), nearest: None };
        assert_eq!(misnamed(folder.path()), [stranger]);
        assert_eq!(misnamed(Path::new("/no/such/folder")), []);
    }
}
