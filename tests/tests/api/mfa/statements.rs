//! How many statements a login of two steps runs.

use rest_auth_store::testing::statements;

use super::*;

on_every_database!(
    a_login_of_a_user_without_a_factor_runs_no_statement_more,
    a_login_of_two_steps_runs_few_statements,
);

/// No counters, which may be in the database, and no clients to recognize.
fn plain() -> Value {
    let limits = json!({"rate_limits": false, "new_sign_in_notification": false});
    json!({"account": limits})
}

/// How many statements a login runs, and its answer.
async fn counted(server: &Arc<Server>, login: &Value) -> (u64, Answer) {
    let before = statements();
    let answer = Client::new(server).post("/login/", login).await;
    assert!(answer.status() < 300, "{answer}");
    (statements() - before, answer)
}

async fn a_login_of_a_user_without_a_factor_runs_no_statement_more(backend: Backend) {
    let by_either = json!({"account": {"login_methods": ["username", "email"]}});
    let config = merged(&plain(), &by_either);
    for mode in [token_mode(), jwt_mode(), session_mode()] {
        let config = merged(&config, &mode);
        let off = merged(&config, &json!({"apps": {"mfa": false, "passkeys": false}}));
        let (without_app, with_app) = (server(backend, off).await, server(backend, config).await);
        for login in [
            credentials("ada", PASSWORD),
            json!({"email": "ada@example.com", "password": PASSWORD}),
        ] {
            let (bare, _) = counted(&without_app, &login).await;
            let (asked, _) = counted(&with_app, &login).await;
            assert_eq!(asked, bare, "{mode} {login}");
        }
    }
}

async fn a_login_of_two_steps_runs_few_statements(backend: Backend) {
    let server = with_factor(backend, merged(&token_mode(), &plain())).await;
    let (first, answer) = counted(&server, &credentials("ada", PASSWORD)).await;
    // The user, their factors, and the challenge that is written.
    assert_eq!(first, 3);
    let token = answer.text("ephemeral_token");
    let before = statements();
    verify(&mut Client::new(&server), &token, &code(&server)).await.is(200);
    // The challenge with its user, the attempt, the factors; in one transaction the lock of the user,
    // the challenge, and the factor read and written; and the token of the login.
    assert_eq!(statements() - before, 8);
}
