//! JSON Web Tokens of SimpleJWT and PyJWT.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rest_auth_domain::jwt::{
    Audience, Claims, CustomClaims, JwtKeys, KeyError, OutstandingToken, TokenError, TokenKind,
    TokenSettings, TokenUser, Tokens, UserError, user,
};
use rest_auth_domain::random::RandomSource;
use serde_json::{Value, json};

use crate::load::{self, Vector};

fn settings(given: &Value) -> TokenSettings {
    let name = |key: &str, usual: &str| given[key].as_str().unwrap_or(usual).to_owned();
    let seconds = |key: &str, usual| Duration::from_secs(given[key].as_u64().unwrap_or(usual));
    TokenSettings {
        access_token_lifetime: seconds("ACCESS_TOKEN_LIFETIME", 300),
        refresh_token_lifetime: seconds("REFRESH_TOKEN_LIFETIME", 86400),
        leeway: seconds("LEEWAY", 0),
        issue_leeway: Duration::ZERO,
        audience: match &given["AUDIENCE"] {
            Value::String(audience) => Some(Audience::One(audience.clone())),
            Value::Array(all) => {
                Some(Audience::Any(all.iter().map(|a| a.as_str().unwrap().to_owned()).collect()))
            }
            _ => None,
        },
        issuer: given["ISSUER"].as_str().map(str::to_owned),
        header_type: None,
        user_id_claim: name("USER_ID_CLAIM", "user_id"),
        token_type_claim: Some(name("TOKEN_TYPE_CLAIM", "token_type")),
        jti_claim: Some(name("JTI_CLAIM", "jti")),
        check_revoke_token: given["CHECK_REVOKE_TOKEN"] == true,
        revoke_token_claim: name("REVOKE_TOKEN_CLAIM", "hash_password"),
        check_user_is_active: given["CHECK_USER_IS_ACTIVE"] != false,
    }
}

fn keys(vector: &Vector) -> Result<JwtKeys, KeyError> {
    let given = &vector.inputs["settings"];
    let algorithm = given["ALGORITHM"].as_str().unwrap_or("HS256").parse().unwrap();
    let signing_key = given["SIGNING_KEY"].as_str().unwrap();
    JwtKeys::new(algorithm, signing_key, given["VERIFYING_KEY"].as_str())
}

fn tokens(vector: &Vector) -> Tokens {
    Tokens::new(keys(vector).unwrap(), settings(&vector.inputs["settings"]))
}

fn claims(value: &Value) -> Claims {
    Claims::from(value.as_object().cloned().unwrap_or_default())
}

fn now(vector: &Vector) -> DateTime<Utc> {
    DateTime::from_timestamp(vector.inputs["now"].as_i64().unwrap(), 0).unwrap()
}

/// Draws the recorded token ids in their order.
struct Ids(Mutex<VecDeque<String>>);

impl Ids {
    fn of(vector: &Vector) -> Self {
        let ids = vector.inputs["jtis"].as_array().unwrap();
        Self(Mutex::new(ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect()))
    }
}

impl RandomSource for Ids {
    fn fill(&self, buffer: &mut [u8]) {
        let id = self.0.lock().unwrap().pop_front().unwrap();
        for (index, byte) in buffer.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&id[index * 2..index * 2 + 2], 16).unwrap();
        }
    }
}

/// A row of the user table as the vectors describe it.
struct Row {
    pk: i64,
    is_active: bool,
    password: String,
}

impl Row {
    fn of(value: &Value) -> Self {
        Self {
            pk: value["pk"].as_i64().unwrap(),
            is_active: value["is_active"] != false,
            password: value["password"].as_str().unwrap_or("!").to_owned(),
        }
    }

    fn find(vector: &Vector, claims: &Claims, settings: &TokenSettings) -> Result<Self, UserError> {
        let named = user::named_by(claims, settings)?;
        let mut rows = vector.inputs["users"].as_array().unwrap().iter().map(Self::of);
        let found = if vector.inputs["settings"]["USER_ID_FIELD"] == "username" {
            rows.find(|row| format!("u{}", row.pk) == named.text())
        } else {
            let pk = named.number()?;
            rows.find(|row| row.pk == pk)
        };
        found.ok_or(UserError::NotFound)
    }

    fn check(&self, claims: &Claims, settings: &TokenSettings) -> Result<(), UserError> {
        let id = self.pk.to_string();
        let user = TokenUser { id: &id, is_active: self.is_active, password: &self.password };
        user::check(&user, claims, settings)
    }
}

/// Reads a token as a server does that has the blacklist on.
fn verify(
    tokens: &Tokens,
    vector: &Vector,
    text: &str,
    kind: TokenKind,
) -> Result<Claims, TokenError> {
    let signed = tokens.read(text, now(vector))?;
    if matches!(kind, TokenKind::Refresh | TokenKind::Sliding) {
        let id = tokens.id(&signed)?;
        let blacklisted = vector.inputs["blacklisted_jtis"].as_array();
        if blacklisted.is_some_and(|ids| ids.iter().any(|listed| listed == id)) {
            return Err(TokenError::Blacklisted);
        }
    }
    tokens.accept(signed, kind)
}

#[test]
fn jwt_encode() {
    load::each("jwt.encode", |v| {
        let token = tokens(v).encode(&claims(&v.inputs["payload"])).unwrap();
        load::equal(&token.as_str(), &v.expected["token"].as_str().unwrap())
    });
}

#[test]
fn jwt_pair() {
    load::each("jwt.pair", |v| {
        let (tokens, row) = (tokens(v), Row::of(&v.inputs["user"]));
        let id = row.pk.to_string();
        let user = TokenUser { id: &id, is_active: true, password: &row.password };
        let of_both = claims(&v.inputs["extra_claims"]);
        let custom = CustomClaims { of_both, ..CustomClaims::default() };
        let pair = tokens.issue_pair(&user, &custom, now(v), &Ids::of(v)).unwrap();
        load::equal(&json!(pair.access), &v.expected["access"])?;
        load::equal(&json!(pair.refresh), &v.expected["refresh"])?;
        let recorded = pair.outstanding.unwrap();
        let row = json!({
            "jti": recorded.jti,
            "user_id": row.pk,
            "created_at": recorded.created_at.to_rfc3339(),
            "expires_at": recorded.expires_at.to_rfc3339(),
            "token_equals_refresh": recorded.token == pair.refresh,
        });
        load::equal(&row, &v.expected["outstanding_row"])?;
        for (text, kind) in [(&pair.refresh, TokenKind::Refresh), (&pair.access, TokenKind::Access)]
        {
            let claims = tokens.verify(text, kind, now(v)).unwrap();
            for (name, wanted) in
                v.expected[format!("{}_payload", kind.name())].as_object().unwrap()
            {
                load::equal(&claims.get(name), &Some(wanted))?;
            }
        }
        Ok(())
    });
}

#[test]
fn jwt_verify() {
    load::each("jwt.verify", |v| {
        let kind = match v.text("type") {
            "access" => TokenKind::Access,
            "refresh" => TokenKind::Refresh,
            "sliding" => TokenKind::Sliding,
            "untyped" => TokenKind::Any,
            other => return Err(format!("unknown type {other}")),
        };
        let verdict = match keys(v) {
            // A server with keys that do not belong together does not start.
            Err(KeyError::Mismatch) => Err(TokenError::Invalid),
            _ => verify(&tokens(v), v, v.text("token"), kind),
        };
        if v.raises() {
            return load::equal(&verdict, &Err(TokenError::Invalid));
        }
        let actual = match verdict {
            Ok(claims) => json!({ "ok": true, "payload": claims.into_map() }),
            Err(refusal) => json!({ "ok": false, "message": refusal.to_string() }),
        };
        load::equal(&actual.to_string(), &v.expected.to_string())
    });
}

#[test]
fn jwt_user() {
    load::each("jwt.user", |v| {
        let (claims, settings) = (claims(&v.inputs["payload"]), settings(&v.inputs["settings"]));
        let verdict = Row::find(v, &claims, &settings)
            .and_then(|row| row.check(&claims, &settings).map(|()| row.pk));
        if v.raises() {
            return load::equal(&verdict, &Err(UserError::NotNamed));
        }
        let actual = match verdict {
            Ok(pk) => json!({ "user": pk }),
            Err(refusal) => {
                json!({ "error": refusal.to_string(), "code": refusal.code(), "status": 401 })
            }
        };
        load::equal(&actual, &v.expected)
    });
}

#[test]
fn jwt_password_claim() {
    load::each("jwt.password_claim", |v| {
        let claim = user::password_digest(v.text("password_field"));
        load::equal(&json!({ "claim": claim }), &v.expected)
    });
}

#[test]
fn jwt_refresh() {
    load::each("jwt.refresh", |v| {
        let actual = refreshed(v);
        if v.raises() {
            return load::equal(&actual, &json!({ "ok": false, "message": "User not found" }));
        }
        load::equal(&actual, &v.expected)
    });
}

/// What `token/refresh/` does, with the tables as JSON.
fn refreshed(v: &Vector) -> Value {
    let refused = |message: String| json!({ "ok": false, "message": message });
    let tokens = tokens(v);
    let claims = match verify(&tokens, v, v.text("refresh"), TokenKind::Refresh) {
        Ok(claims) => claims,
        Err(refusal) => return refused(refusal.to_string()),
    };
    let mut user_id = Value::Null;
    if claims.contains(&tokens.settings().user_id_claim) {
        match Row::find(v, &claims, tokens.settings()) {
            Ok(row) if row.is_active => user_id = json!(row.pk),
            Ok(_) => {
                let message = "No active account found for the given token.";
                return json!({ "ok": false, "message": message, "status": 401 });
            }
            Err(refusal) => return refused(refusal.to_string()),
        }
    }
    let ids = Ids::of(v);
    let access = tokens.access_from_refresh(&claims, now(v), &ids).unwrap();
    let mut answer = json!({ "ok": true, "access": access });
    let (mut outstanding, mut blacklisted) = (vec![], vec![]);
    let record = |row: OutstandingToken| {
        let expires_at = row.expires_at.to_rfc3339();
        json!({ "jti": row.jti, "user_id": user_id, "expires_at": expires_at })
    };
    if v.inputs["settings"]["ROTATE_REFRESH_TOKENS"] == true {
        if v.inputs["settings"]["BLACKLIST_AFTER_ROTATION"] == true {
            let old = tokens.outstanding(&claims, v.text("refresh"), now(v)).unwrap();
            blacklisted.push(old.jti.clone());
            outstanding.push(record(old));
        }
        let rotated = tokens.rotate(&claims, now(v), &ids).unwrap();
        answer["refresh"] = json!(rotated.refresh);
        outstanding.push(record(rotated.outstanding.unwrap()));
    }
    answer["outstanding"] = json!(outstanding);
    answer["blacklisted"] = json!(blacklisted);
    answer
}
