//! The evidence of a session, in the form in which allauth keeps it: a list of records under
//! `account_authentication_methods`. A Django beside this server reads and writes the same. What is
//! known of the key of a passkey is beside what allauth writes, which does not look at it.

use chrono::{DateTime, Utc};
use rest_auth_domain::session::SessionData;
use serde_json::{Map, Value, json};

use super::{Evidence, Record};
use crate::login::factor::{Factor, Method, PasskeyTraits, ProviderLogin};

const KEY: &str = "account_authentication_methods";
/// What is known of the key of a passkey.
const IS_SYNCED: &str = "synced";
const USER_VERIFIED: &str = "user_verified";

/// What the data of a session say.
pub(crate) fn read(data: &SessionData) -> Evidence {
    let records = data.get(KEY).and_then(Value::as_array);
    Evidence(records.into_iter().flatten().filter_map(record).collect())
}

/// Puts it into the data of a session.
pub(crate) fn write(data: &mut SessionData, evidence: &Evidence) {
    let records: Vec<Value> = evidence.records().iter().map(shown).collect();
    data.set(KEY, records);
}

fn record(value: &Value) -> Option<Record> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let flag = |name: &str| value.get(name).and_then(Value::as_bool);
    let is_on = |name: &str| flag(name) == Some(true);
    let method = match (text("method")?, text("type")) {
        ("password", _) => Method::Password,
        ("socialaccount", _) => Method::Provider,
        ("code", _) => Method::MailedCode,
        ("mfa", Some("totp")) => Method::Totp,
        ("mfa", Some("recovery_codes")) => Method::RecoveryCode,
        ("mfa", Some("webauthn")) if is_on("passwordless") => Method::Passkey,
        ("mfa", Some("webauthn")) => Method::SecurityKey,
        _ => return None,
    };
    let amr = value.get("amr").and_then(|amr| serde_json::from_value(amr.clone()).ok());
    let provider = amr.map(|amr| Box::new(ProviderLogin { amr, acr: None }));
    let seconds = value.get("at").and_then(Value::as_f64)?;
    #[expect(clippy::cast_possible_truncation, reason = "floats hold the microseconds of dates")]
    let at = DateTime::<Utc>::from_timestamp_micros((seconds * 1e6) as i64)?;
    let traits = flag(IS_SYNCED).zip(flag(USER_VERIFIED));
    let key = traits.map(|(is_synced, user_verified)| PasskeyTraits { is_synced, user_verified });
    let factor = Factor { key, provider, ..Factor::new(method, at) };
    Some(Record { factor, again: is_on("reauthenticated") })
}

fn shown(record: &Record) -> Value {
    let Record { factor, again } = record;
    #[expect(clippy::cast_precision_loss, reason = "floats hold the microseconds of dates")]
    let at = factor.at.timestamp_micros() as f64 / 1e6;
    let mut shown = Map::from_iter([("at".to_owned(), json!(at))]);
    let mut say = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    let (method, kind) = match factor.method {
        // Whoever registers has just chosen the password.
        Method::Password | Method::Registration => ("password", None),
        Method::Provider => ("socialaccount", None),
        Method::MailedCode => ("code", None),
        Method::Totp => ("mfa", Some("totp")),
        Method::RecoveryCode => ("mfa", Some("recovery_codes")),
        Method::Passkey | Method::SecurityKey => ("mfa", Some("webauthn")),
    };
    say("method", method.into());
    if let Some(kind) = kind {
        say("type", kind.into());
    }
    if factor.method == Method::Passkey {
        say("passwordless", true.into());
    }
    if let Some(PasskeyTraits { is_synced, user_verified }) = factor.key {
        say(IS_SYNCED, is_synced.into());
        say(USER_VERIFIED, user_verified.into());
    }
    if let Some(provider) = &factor.provider {
        say("amr", json!(provider.amr));
    }
    if *again {
        say("reauthenticated", true.into());
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn it_is_read_as_it_was_written() {
        let at = DateTime::UNIX_EPOCH + TimeDelta::microseconds(1_764_426_000_123_456);
        let methods = [Method::Password, Method::Provider, Method::Totp, Method::Passkey];
        let mut login: Vec<_> = methods.iter().map(|&method| Factor::new(method, at)).collect();
        for (method, is_synced) in [(Method::Passkey, true), (Method::SecurityKey, false)] {
            let key = Some(PasskeyTraits { is_synced, user_verified: is_synced });
            login.push(Factor { key, ..Factor::new(method, at) });
        }
        let evidence = Evidence::of_login(&login).with(Factor::new(Method::RecoveryCode, at));
        let mut data = SessionData::default();
        write(&mut data, &evidence);
        assert_eq!(read(&data), evidence);
    }

    #[test]
    fn what_allauth_writes_is_read() {
        let mut data = SessionData::default();
        let records = json!([
            {"method": "password", "at": 1_764_426_000.5, "username": "ada"},
            {"method": "mfa", "at": 1_764_426_003.25, "id": 7, "type": "totp"},
            {"method": "code", "at": 1_764_426_009, "email": "ada@example.org"},
            {"method": "mfa", "at": "yesterday", "type": "totp"},
            7,
        ]);
        data.set(KEY, records);
        let read = read(&data).methods();
        assert_eq!(read, [Method::Password, Method::Totp, Method::MailedCode]);
    }
}
