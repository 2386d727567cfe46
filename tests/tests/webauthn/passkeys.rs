//! Passkeys that one side has made log in at the other.

use rest_auth_domain::webauthn::CoseAlgorithm;
use rest_auth_store::Backend;
use serde_json::{Value, json};

use crate::on_every_database;
use crate::project::{PASSWORD, Project, add};

on_every_database!(
    passkeys_of_allauth_log_in_here_and_go_on_there,
    passkeys_of_dj_rest_auth_log_in_here_and_go_on_there,
    passkeys_added_here_log_in_at_allauth,
    passkeys_added_here_log_in_at_dj_rest_auth,
);

/// What a project sets that goes on beside us, and that new passkeys are written for one package.
fn beside(package: &str) -> Value {
    json!({
        "profile": "django",
        "passkeys": {
            "storage": package,
            "user_handle": package,
            "user_verification": "required",
        },
    })
}

async fn passkeys_of_allauth_log_in_here_and_go_on_there(backend: Backend) {
    let mut project = Project::with(backend, &["ada"]).await;
    for config in [json!({}), beside("allauth")] {
        project.under(&config).await;
        for algorithm in CoseAlgorithm::OFFERED {
            let mut device = project.peer.device("allauth_passkey", "ada", algorithm);
            project.is_let_in(&mut device, "ada").await;
            assert_eq!(project.at_allauth(&mut device, None), "ada", "{algorithm:?}");
            assert_eq!(project.at_allauth(&mut device, Some("ada")), "ada", "{algorithm:?}");
            let mut copy = device.clone().counting_from(0);
            project.log_in(&mut copy).await.says(400, "Authentication verification failed.");
            project.is_let_in(&mut device, "ada").await;
        }
    }
}

async fn passkeys_of_dj_rest_auth_log_in_here_and_go_on_there(backend: Backend) {
    let mut project = Project::with(backend, &["ada"]).await;
    for config in [json!({}), beside("dj_rest_auth")] {
        project.under(&config).await;
        for algorithm in CoseAlgorithm::OFFERED {
            let mut device = project.peer.device("dj_rest_auth_passkey", "ada", algorithm);
            project.is_let_in(&mut device, "ada").await;
            // The counter of each login here is the one that the next there has to exceed.
            let mut copy = device.clone().counting_from(0);
            assert_eq!(project.at_py_webauthn(&mut copy), Value::Null, "{algorithm:?}");
            assert_eq!(project.at_py_webauthn(&mut device), "ada", "{algorithm:?}");
            project.is_let_in(&mut device, "ada").await;
        }
    }
}

async fn passkeys_added_here_log_in_at_allauth(backend: Backend) {
    let mut project = Project::with(backend, &["ada", "bob"]).await;
    project.under(&beside("allauth")).await;
    let mut client = project.client("ada").await;
    let mut devices = Vec::new();
    for algorithm in CoseAlgorithm::OFFERED {
        let mut device = add(&mut client, algorithm).await;
        assert_eq!(project.at_allauth(&mut device, None), "ada", "{algorithm:?}");
        assert_eq!(project.at_allauth(&mut device, Some("ada")), "ada", "{algorithm:?}");
        assert_eq!(project.at_allauth(&mut device, Some("bob")), Value::Null, "{algorithm:?}");
        project.is_let_in(&mut device, "ada").await;
        devices.push(device);
    }
    let listed = client.get("/passkeys/").await.of(200).document();
    let path = |index: usize| format!("/passkeys/{}/", listed[index]["id"]);
    // The newest is the first in the list.
    client.json("PATCH", &path(0), &json!({"name": "Phone"})).await.is(200);
    client.json("DELETE", &path(2), &json!({"current_password": PASSWORD})).await.is(204);
    let names = project.peer.tell("allauth_names", json!({"username": "ada"}));
    assert_eq!(names["names"], json!(["Laptop", "Phone"]));
    assert_eq!(project.at_allauth(&mut devices[0], None), Value::Null);
    assert_eq!(project.at_allauth(&mut devices[1], None), "ada");
}

async fn passkeys_added_here_log_in_at_dj_rest_auth(backend: Backend) {
    let mut project = Project::with(backend, &["ada"]).await;
    project.under(&beside("dj_rest_auth")).await;
    let mut client = project.client("ada").await;
    for algorithm in CoseAlgorithm::OFFERED {
        let mut device = add(&mut client, algorithm).await;
        assert_eq!(project.at_py_webauthn(&mut device), "ada", "{algorithm:?}");
        // The counter that py_webauthn has written counts here.
        let mut copy = device.clone().counting_from(0);
        project.log_in(&mut copy).await.says(400, "Authentication verification failed.");
        project.is_let_in(&mut device, "ada").await;
    }
}
