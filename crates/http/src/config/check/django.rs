//! What a server has from the Django project whose place it takes.

use rest_auth_settings::{Profile, ValueOrigin};

use super::collector::Check;

pub(super) fn check(check: &mut Check<'_>) {
    if check.settings.profile == Profile::Django {
        secret_key(check);
        database(check);
    }
}

fn secret_key(check: &mut Check<'_>) {
    if check.settings.signing.secret_key.is_none() {
        check.warning(
            "server.secret_key",
            "`server.secret_key` is not set, and a key of this server's own is none of the project: \
             its sessions, mailed links, JWTs and authenticator apps do not work with it",
            "set it, or `server.secret_key_file`, to the SECRET_KEY of the project",
        );
    }
}

/// A file that is not there is none of the project, and an empty one would be made.
fn database(check: &mut Check<'_>) {
    let key = "database.url";
    let settings = &check.settings.database;
    let is_given = *check.settings.origin(key) != ValueOrigin::Default;
    let is_told = settings.problem().is_some_and(|problem| problem.is_fatal);
    let file = settings.sqlite_file().filter(|file| !file.exists());
    let Some(file) = file.filter(|_| is_given && !is_told && !settings.makes_file()) else {
        return;
    };
    let message =
        format!("`{key}` names no database of the project: there is no {}", file.display());
    let cure = "correct the path: after `sqlite://` it begins in the working directory, after \
                `sqlite:///` at the root; for a new database end it with `?mode=rwc`";
    check.error(key, message, cure);
}
