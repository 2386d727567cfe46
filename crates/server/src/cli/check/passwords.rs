//! Passwords that a login here hashes anew although the Django project beside has made them as it
//! makes all.

use std::collections::BTreeMap;
use std::time::Duration;

use rest_auth_domain::password::HashForm;
use rest_auth_http::config::{Finding, Settings};
use rest_auth_http::open;
use rest_auth_settings::Profile;

/// How long a database may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Looks at the newest passwords, if the database is there and answers.
pub(super) async fn findings(settings: &Settings) -> Vec<Finding> {
    if settings.profile != Profile::Django {
        return Vec::new();
    }
    match tokio::time::timeout(PATIENCE, open::password_forms(settings)).await {
        Ok(Ok(forms)) => finding(&forms, settings).into_iter().collect(),
        // Those who looked at the tables have told why.
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
}

fn finding(forms: &[HashForm], settings: &Settings) -> Option<Finding> {
    let mut counts = BTreeMap::<_, usize>::new();
    for form in forms.iter().filter(|form| form.must_update) {
        *counts.entry((form.algorithm.name(), form.iterations)).or_default() += 1;
    }
    let ((algorithm, iterations), count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    let preferred = settings.auth.password_hashers.first().map_or("", |hasher| hasher.as_str());
    let (key, ours, theirs, cure) = match iterations {
        _ if algorithm != preferred => (
            "auth.password_hashers",
            format!("begins with \"{preferred}\""),
            algorithm.to_owned(),
            format!("list \"{algorithm}\" first, as PASSWORD_HASHERS of the project does"),
        ),
        Some(iterations) => (
            "auth.pbkdf2_iterations",
            format!("is {}", settings.auth.pbkdf2_iterations),
            iterations.to_string(),
            format!("set it to {iterations}, the number of the project's Django"),
        ),
        None => (
            "auth.password_hashers",
            format!("makes {algorithm} with the work factors of `[auth]`"),
            "others".to_owned(),
            "set those of the project, such as `auth.argon2_memory_kib`".to_owned(),
        ),
    };
    let all = forms.len();
    let message = format!(
        "`{key}` {ours}, and {count} of the {all} newest passwords have {theirs}: a login here hashes \
         them anew, which ends the user's sessions in Django"
    );
    Some(Finding::warning(key, settings.origin(key).clone(), message).cure(cure))
}
