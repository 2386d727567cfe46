//! The operating system's limit on open files, each connection being one.

use rest_auth_http::config::{Finding, Settings};

/// The most connections without a configured number.
const MOST: u64 = 10_000;

/// How many files the program needs besides connections: its log, its sockets, those to mail
/// servers and to Redis.
const OWN: u64 = 64;

/// How many files a connection of the database needs: on SQLite its file and its log.
const PER_DATABASE_CONNECTION: u64 = 3;

/// How many connections may be open, as configured and as far as open files allow.
pub(super) fn max_connections(settings: &Settings) -> usize {
    let wanted = settings.server.max_connections.map_or(MOST, u64::from);
    let most = raised_limit().map_or(wanted, |files| wanted.min(room(files, settings)));
    usize::try_from(most).unwrap_or(usize::MAX)
}

/// Whether the configured number of connections is more than open files allow.
pub(crate) fn finding(settings: &Settings) -> Option<Finding> {
    let (wanted, files) = (u64::from(settings.server.max_connections?), raised_limit()?);
    let room = room(files, settings);
    (wanted > room).then(|| {
        let key = "server.max_connections";
        let message = format!(
            "`{key}` is {wanted}, but {files} open files are allowed, which is enough for {room}"
        );
        Finding::warning(key, settings.origin(key).clone(), message)
            .cure("raise the limit (`ulimit -n`, `LimitNOFILE=`), or lower the number")
    })
}

/// How many connections fit into so many files. However few there are, some remain.
fn room(files: u64, settings: &Settings) -> u64 {
    let database = u64::from(settings.database.max_connections) + 1;
    let reserved = OWN + PER_DATABASE_CONNECTION * database;
    files.saturating_sub(reserved).max(files / 4).max(1)
}

/// The number of files that may be open, after it was raised as far as the process may.
#[cfg(unix)]
fn raised_limit() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    // Some systems take no limit as high as the one they tell.
    let limit = if setrlimit(Resource::Nofile, raised).is_ok() { raised } else { limit };
    limit.current
}

/// Other systems have no such limit.
#[cfg(not(unix))]
fn raised_limit() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use rest_auth_settings::Profile;

    use super::*;

    #[test]
    fn most_open_files_are_for_connections() {
        let settings = Settings::defaults(Profile::Strict);
        assert_eq!(room(256, &settings), 256 - 64 - 33);
        assert_eq!(room(64, &settings), 16, "a quarter at least");
        assert_eq!(room(1, &settings), 1);
    }

    #[test]
    fn a_number_that_does_not_fit_is_told_and_not_used() {
        let mut settings = Settings::defaults(Profile::Strict);
        assert!(finding(&settings).is_none());
        settings.server.max_connections = Some(10);
        assert!(finding(&settings).is_none());
        assert_eq!(max_connections(&settings), 10);
        let Some(files) = raised_limit() else { return };
        settings.server.max_connections = u32::try_from(files).ok();
        if settings.server.max_connections.is_some() {
            assert!(finding(&settings).unwrap().message.contains("server.max_connections"));
            assert!((max_connections(&settings) as u64) < files);
        }
    }
}
