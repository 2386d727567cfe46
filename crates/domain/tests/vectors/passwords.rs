//! Stored passwords and the rules for new ones.

#![expect(clippy::unwrap_used, reason = "a vector of another form is a failed test")]

use rest_auth_domain::message::Message;
use rest_auth_domain::password::{
    self, CommonPasswords, EncodedPassword, HashAlgorithm, Hashers, MaxSimilarity, Password,
    PasswordValidator, Scratch, UserAttribute, UserAttributes, WorkFactors, similarity,
};
use serde_json::Value;

use crate::load::{self, Vector, equal};

#[test]
fn password_encode() {
    load::each("password.encode", |vector| {
        let algorithm = HashAlgorithm::from_name(vector.text("algorithm")).unwrap();
        let mut factors = factors(&vector.inputs["params"]);
        let mut salt = vector.text("salt");
        if let Some((rounds, rest)) = salt.strip_prefix("$2b$").and_then(|s| s.split_once('$')) {
            factors.bcrypt_rounds = rounds.parse().unwrap();
            salt = rest;
        }
        let hashers = Hashers::new(vec![algorithm], factors).unwrap();
        let password = Password::from(vector.text("password"));
        let encoded = hashers.encode_with_salt(&password, salt, &mut hashers.scratch());
        equal(&encoded.unwrap().as_str(), &vector.expected["encoded"].as_str().unwrap())
    });
}

#[test]
fn password_verify() {
    load::each("password.verify", |vector| {
        let hashers = Hashers::new(listed_hashers(vector), factors(&vector.inputs)).unwrap();
        let password = Password::from(vector.text("password"));
        let encoded = EncodedPassword::new(vector.text("encoded"));
        let verdict = hashers.verify(&password, &encoded, &mut Scratch::with_capacity(0));
        equal(&Some(verdict.matches), &vector.expected["ok"].as_bool())?;
        if vector.raises() {
            return Ok(());
        }
        equal(&Some(verdict.must_update), &vector.expected["must_update"].as_bool())
    });
}

#[test]
fn password_usable() {
    load::each("password.usable", |vector| {
        let usable = EncodedPassword::new(vector.text("encoded")).is_usable();
        equal(&Some(usable), &vector.expected["usable"].as_bool())
    });
}

#[test]
fn password_similarity() {
    load::each("password.similarity", |vector| {
        let password = vector.text("password").to_lowercase();
        let value = vector.text("value").to_lowercase();
        let max = max_similarity(&vector.inputs);
        let wanted = vector.expected["ratio"].as_f64().unwrap();
        let ratio = similarity::quick_ratio(&password, &value);
        if (ratio - wanted).abs() > 1e-11 {
            return Err(format!("got {ratio}, wanted {wanted}"));
        }
        let skipped = similarity::is_out_of_proportion(&password, &value, max);
        equal(&Some(skipped), &vector.expected["skipped_by_length"].as_bool())
    });
}

#[test]
fn password_validate() {
    load::each("password.validate", |vector| {
        let validators = vector.inputs["validators"].as_array().unwrap();
        let validators: Vec<_> = validators.iter().map(validator).collect();
        let user = &vector.inputs["user"];
        let attributes = user.is_object().then(|| UserAttributes {
            username: user["username"].as_str().unwrap(),
            first_name: user["first_name"].as_str().unwrap(),
            last_name: user["last_name"].as_str().unwrap(),
            email: user["email"].as_str().unwrap(),
        });
        let problems =
            password::validate(&validators, vector.text("password"), attributes.as_ref());
        let problems: Vec<_> =
            problems.into_iter().map(|p| (p.code(), Message::from(p).to_string())).collect();
        let wanted = vector.expected["errors"].as_array().unwrap().iter();
        let wanted: Vec<_> = wanted
            .map(|e| (e["code"].as_str().unwrap(), e["message"].as_str().unwrap().to_owned()))
            .collect();
        equal(&problems, &wanted)
    });
}

fn listed_hashers(vector: &Vector) -> Vec<HashAlgorithm> {
    let names = vector.inputs["hashers"].as_array().unwrap().iter();
    names.map(|name| HashAlgorithm::from_name(name.as_str().unwrap()).unwrap()).collect()
}

/// Django's factors with the ones that the vector names put in their place.
fn factors(params: &Value) -> WorkFactors {
    let mut factors = WorkFactors::default();
    for (key, factor) in [
        ("iterations", &mut factors.pbkdf2_iterations),
        ("m", &mut factors.argon2.memory_kib),
        ("t", &mut factors.argon2.time),
        ("n", &mut factors.scrypt.n),
        ("r", &mut factors.scrypt.r),
    ] {
        replace(factor, &params[key]);
    }
    replace(&mut factors.pbkdf2_iterations, &params["pbkdf2_iterations"]);
    let of_scrypt = params["n"].is_number();
    let p = if of_scrypt { &mut factors.scrypt.p } else { &mut factors.argon2.parallelism };
    replace(p, &params["p"]);
    factors
}

fn replace(factor: &mut u32, value: &Value) {
    if let Some(value) = value.as_u64() {
        *factor = u32::try_from(value).unwrap();
    }
}

fn max_similarity(options: &Value) -> MaxSimilarity {
    options["max_similarity"]
        .as_f64()
        .map_or_else(MaxSimilarity::default, |ratio| MaxSimilarity::new(ratio).unwrap())
}

fn validator(rule: &Value) -> PasswordValidator {
    let options = &rule["options"];
    match rule["name"].as_str().unwrap() {
        "UserAttributeSimilarityValidator" => {
            let listed = options["user_attributes"].as_array().map(|names| {
                names.iter().map(|n| UserAttribute::from_name(n.as_str().unwrap()).unwrap())
            });
            PasswordValidator::UserAttributeSimilarity {
                user_attributes: listed
                    .map_or_else(|| UserAttribute::ALL.to_vec(), Iterator::collect),
                max_similarity: max_similarity(options),
            }
        }
        "MinimumLengthValidator" => PasswordValidator::MinimumLength {
            min_length: options["min_length"].as_u64().map_or(8, |n| usize::try_from(n).unwrap()),
        },
        "CommonPasswordValidator" => {
            PasswordValidator::CommonPassword { list: CommonPasswords::django() }
        }
        "NumericPasswordValidator" => PasswordValidator::NumericPassword,
        other => panic!("no validator {other}"),
    }
}
