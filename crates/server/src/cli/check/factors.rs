//! The second factors in the database, and which of them do not work as configured.

use std::time::Duration;

use rest_auth_flows::mfa::census::Census;
use rest_auth_flows::open::FactorKind;
use rest_auth_flows::secret_key;
use rest_auth_http::config::{Finding, Settings};
use rest_auth_http::open;

use crate::log;

/// How long a database may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// What there is, in lines, and what of it does not work.
#[derive(Default)]
pub(super) struct Told {
    pub(super) lines: Vec<String>,
    pub(super) findings: Vec<Finding>,
}

/// Looks into the database, if it is there and answers. Nothing in it is changed.
pub(super) async fn examine(settings: &Settings) -> Told {
    let mut settings = settings.clone();
    // A key that was made and kept counts like a configured one.
    if let Err(error) = secret_key::find(&mut settings.signing, &settings.database) {
        tracing::debug!(%error, "no secret key");
    }
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match tokio::time::timeout(PATIENCE, open::factor_census(&settings)).await {
        Ok(Ok(Some(census))) => {
            Told { lines: lines(&census), findings: findings(&census, &settings) }
        }
        Ok(Ok(None)) => Told::default(),
        Ok(Err(error)) => unseen(&error.to_string()),
        Err(_) => unseen("it does not answer"),
    }
}

fn unseen(why: &str) -> Told {
    log::tell(format!("database.url: second factors were not counted: {why}"));
    Told::default()
}

fn lines(census: &Census) -> Vec<String> {
    let line = |((app, kind), count): (&(&str, String), &u64)| {
        format!("second factors of {app}, {kind}: {count}")
    };
    let mut lines: Vec<_> = census.counts.iter().map(line).collect();
    if census.count("dj_rest_auth", FactorKind::Passkey) > 0 {
        lines.push(
            "passkeys of dj_rest_auth work with the `passkeys.rp_id` that they were made with; their \
             rows do not tell which"
                .to_owned(),
        );
    }
    lines
}

fn findings(census: &Census, settings: &Settings) -> Vec<Finding> {
    let mut findings = ignored(census, settings);
    let warning = |key: &str, message: String, cure: &str| {
        Finding::warning(key, settings.origin(key).clone(), message).cure(cure)
    };
    findings.extend(of_other_keys(census, settings));
    if census.foreign_passkeys > 0 {
        let message = format!(
            "`passkeys.rp_id` is {}, and {} passkeys of allauth are bound to another domain",
            settings.passkeys.rp_id.as_deref().unwrap_or_default(),
            census.foreign_passkeys
        );
        let cure = "set the host of allauth's pages, without its port";
        findings.push(warning("passkeys.rp_id", message, cure));
    }
    if census.unreadable_passkeys > 0 {
        let message = format!(
            "`database.url`: {} passkeys cannot be read, and do not work",
            census.unreadable_passkeys
        );
        findings.push(warning("database.url", message, "let their users add others"));
    }
    findings
}

/// Factors that were written with a key that is none of this configuration.
fn of_other_keys(census: &Census, settings: &Settings) -> Vec<Finding> {
    let (key, fallbacks) = match settings.mfa.encryption_key {
        Some(_) => ("mfa.encryption_key", "mfa.encryption_key_fallbacks"),
        None => ("server.secret_key", "server.secret_key_fallbacks"),
    };
    let cure = format!(
        "add the key that they were written with to `{fallbacks}`, or remove them by `rest-auth user \
         mfa NAME reset`"
    );
    let Census { unreadable_secrets: secrets, unreadable_codes: codes, .. } = census;
    let unreadable = [
        (
            *secrets,
            format!("read the secrets of {secrets} authenticator apps: no code of them works"),
        ),
        (*codes, format!("know the recovery codes of {codes} users: none of them works")),
    ];
    let found = unreadable.into_iter().filter(|(count, _)| *count > 0);
    let told = found.map(|(_, what)| {
        let message = format!("`{key}` does not {what}");
        Finding::warning(key, settings.origin(key).clone(), message).cure(cure.as_str())
    });
    told.collect()
}

/// Factors that settings leave out.
fn ignored(census: &Census, settings: &Settings) -> Vec<Finding> {
    let count = |app, kind| census.count(app, kind);
    let own = count("dj_rest_auth", FactorKind::Totp);
    let theirs = count("allauth", FactorKind::Totp);
    let passkeys =
        count("dj_rest_auth", FactorKind::Passkey) + count("allauth", FactorKind::Passkey);
    let (mfa, served) = (settings.apps.mfa, settings.apps.passkeys);
    let asked = "are not asked for at a login";
    let all = [
        ("apps.mfa", !mfa, own + theirs, "authenticator apps", asked),
        ("apps.mfa", !mfa, passkeys, "passkeys", asked),
        (
            "mfa.allauth_factors",
            mfa && !settings.mfa.allauth_factors,
            theirs,
            "authenticator apps of allauth",
            asked,
        ),
        ("apps.passkeys", !served, passkeys, "passkeys", "do not log in"),
        (
            "passkeys.second_factor",
            mfa && served && !settings.passkeys.second_factor,
            passkeys,
            "passkeys",
            "do not make other logins ask for them",
        ),
    ];
    let ignored = all.into_iter().filter(|(_, is_off, count, ..)| *is_off && *count > 0);
    let told = ignored.map(|(key, _, count, what, how)| {
        let message = format!("`{key}` is false: {count} {what} {how}");
        Finding::warning(key, settings.origin(key).clone(), message)
            .cure(format!("set `{key} = true`"))
    });
    told.collect()
}
