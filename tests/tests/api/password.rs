//! How passwords are kept and compared.

use crate::fixture::*;

on_every_database!(
    the_same_letters_are_the_same_password,
    letters_that_only_look_alike_are_another_password,
    every_character_of_a_password_counts,
);

const COMPOSED: &str = "caf\u{e9} cr\u{e8}me br\u{fb}l\u{e9}e";

const DECOMPOSED: &str = "cafe\u{301} cre\u{300}me bru\u{302}le\u{301}e";

async fn the_same_letters_are_the_same_password(backend: Backend) {
    let server = empty_server(backend, token_mode()).await;
    for (name, set) in [("composed", COMPOSED), ("decomposed", DECOMPOSED)] {
        create(&server, json!({"username": name, "password": set})).await;
        for typed in [COMPOSED, DECOMPOSED] {
            try_login(&mut Client::new(&server), name, typed).await.is(200);
        }
    }
}

async fn letters_that_only_look_alike_are_another_password(backend: Backend) {
    let server = empty_server(backend, token_mode()).await;
    create(&server, json!({"username": "ada", "password": "a \u{fb01}ne day out"})).await;
    try_login(&mut Client::new(&server), "ada", "a fine day out").await.is(400);
    try_login(&mut Client::new(&server), "ada", "a \u{fb01}ne day out").await.is(200);
}

async fn every_character_of_a_password_counts(backend: Backend) {
    let server = empty_server(backend, token_mode()).await;
    let long = "0123456789 lorem ipsum ".repeat(4);
    let long = long.trim();
    create(&server, json!({"username": "ada", "password": long})).await;
    let cut = &long[..long.len() - 1];
    let cased = long.replacen('l', "L", 1);
    let late = format!("{}x{}", &long[..75], &long[76..]);
    for wrong in [cut, cased.as_str(), late.as_str()] {
        let answer = try_login(&mut Client::new(&server), "ada", wrong).await;
        assert_eq!(answer.status(), 400, "{wrong:?}: {answer}");
    }
    try_login(&mut Client::new(&server), "ada", long).await.is(200);
}
