//! How many statements a login of two steps runs.

use rest_auth_store::testing::statements;

use super::*;

on_every_database!(a_login_of_two_steps_runs_few_statements);

/// No counters, which may be in the database, and no clients to recognize.
fn plain() -> Value {
    let limits = json!({"account": {"rate_limits": false, "new_sign_in_notification": false}});
    merged(&token_mode(), &limits)
}

async fn a_login_of_two_steps_runs_few_statements(backend: Backend) {
    let without_app = server(backend, merged(&plain(), &json!({"apps": {"mfa": false}}))).await;
    let without_factor = server(backend, plain()).await;
    let with_factor = with_factor(backend, plain()).await;
    let login = async |server: &Arc<Server>| {
        let before = statements();
        let answer = try_login(&mut Client::new(server), "ada", PASSWORD).await.of(200);
        (statements() - before, answer)
    };
    let (bare, _) = login(&without_app).await;
    let (asked, _) = login(&without_factor).await;
    assert_eq!(asked, bare + 1, "one look-up of the factors");
    let (first, answer) = login(&with_factor).await;
    // The user, their factors, whether there is a passkey, and the challenge that is written.
    assert_eq!(first, 4);
    let token = answer.text("ephemeral_token");
    let before = statements();
    verify(&mut Client::new(&with_factor), &token, &code(&with_factor)).await.is(200);
    // The challenge with its user, the attempt, the factors; in one transaction the lock of the user,
    // the challenge, and the factor read and written; and the token of the login.
    assert_eq!(statements() - before, 8);
}
