//! Passkeys in Chromium, whose authenticator is virtual, by the JavaScript of `docs/passkeys.md`.

mod device;
mod page;

use device::Device;
use page::{PASSWORD, Site};
use rest_auth_domain::mfa::{TotpSecret, TotpShape};
use rest_auth_tests::client::Client;
use rest_auth_tests::contract::Subject as _;
use serde_json::{Value, json};

const FAILED: &str = "Authentication verification failed.";

/// A site, and a device on which Ada has added a passkey there.
async fn with_passkey(config: &Value) -> (Site, Device) {
    let site = Site::with_ada(config).await;
    let device = Device::start();
    device.browser.open(&site.page_at("localhost"));
    device.call("logIn", &[json!("ada"), json!(PASSWORD)]);
    let added = device.call("addPasskey", &[json!(PASSWORD), json!("Laptop")]);
    assert_eq!((&added["name"], &added["transports"]), (&json!("Laptop"), &json!(["internal"])));
    site.server.new_mails().await;
    device.forget();
    (site, device)
}

/// A password is enough to log in also for users who have a passkey.
fn password_alone() -> Value {
    json!({"passkeys": {"second_factor": false}})
}

fn errors(words: &str) -> Value {
    json!({"non_field_errors": [words]})
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(chromedriver), ignore = "REST_AUTH_TEST_CHROMEDRIVER names no driver")]
async fn a_passkey_logs_in_without_a_name_and_is_renamed_and_removed() {
    let (site, device) = with_passkey(&json!({})).await;
    device.call("logInByPasskey", &[]);
    assert_eq!(site.owner(&device.key()).await, "ada");
    let listed = device.call("() => ask('GET', '/passkeys/')", &[]);
    let id = &listed[0]["id"];
    let renamed = device.call("renamePasskey", &[id.clone(), json!("Phone")]);
    assert_eq!(renamed, json!({"name": "Phone"}));
    assert_eq!(device.credentials().len(), 1);
    device.call("removePasskey", &[id.clone(), json!(PASSWORD)]);
    assert_eq!(device.call("() => ask('GET', '/passkeys/')", &[]), json!([]));
    // The browser was told, and has nothing to offer.
    assert_eq!(device.credentials().len(), 0);
    device.forget();
    assert_eq!(device.refusal("logInByPasskey", &[]), "NotAllowedError");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(chromedriver), ignore = "REST_AUTH_TEST_CHROMEDRIVER names no driver")]
async fn a_passkey_is_offered_while_the_form_is_filled_in() {
    let (site, device) = with_passkey(&json!({})).await;
    device.browser.click("#name");
    device.call("offerPasskeys", &[]);
    assert_eq!(site.owner(&device.key()).await, "ada");
}

/// The token of a login of Ada by password and a code.
async fn login_with_code(site: &Site, secret: &str) -> String {
    let mut client = Client::new(&site.server);
    let form = json!({"username": "ada", "password": PASSWORD});
    let token = client.post("/api/auth/login/", &form).await.of(200).text("ephemeral_token");
    let (shape, secret) = (TotpShape::default(), TotpSecret::parse(secret).expect("a secret"));
    let code = secret.code(shape.step(site.server.now()).expect("a step"), shape);
    let form = json!({"ephemeral_token": token, "code": code});
    client.post("/api/auth/mfa/verify/", &form).await.of(200).text("key")
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(chromedriver), ignore = "REST_AUTH_TEST_CHROMEDRIVER names no driver")]
async fn a_passkey_is_the_second_step_after_a_password() {
    let secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    let site = Site::with(&json!({})).await;
    site.create(&json!({"totp_secret": secret})).await;
    let device = Device::start();
    device.browser.open(&site.page_at("localhost"));
    let key = login_with_code(&site, secret).await;
    device.browser.run("key = arguments[0]", &[json!(key)]);
    device.call("addPasskey", &[json!(PASSWORD), json!("Laptop")]);
    device.forget();
    device.call("logIn", &[json!("ada"), json!(PASSWORD)]);
    assert_eq!(site.owner(&device.key()).await, "ada");
    // After a password the device need not verify the user.
    let key = Device::without_verification();
    key.has(&device.credentials()[0]);
    key.browser.open(&site.page_at("localhost"));
    key.call("logIn", &[json!("ada"), json!(PASSWORD)]);
    assert_eq!(site.owner(&key.key()).await, "ada");
    // A password that is wrong does not get as far.
    let wrong = device.refusal("logIn", &[json!("ada"), json!("wrong")]);
    assert_eq!(wrong, errors("Unable to log in with provided credentials."));
}

/// What a page does that does not ask the device to verify the user.
const CARELESS: &str = "function () {
    for (const name of ['parseCreationOptionsFromJSON', 'parseRequestOptionsFromJSON']) {
        const parse = PublicKeyCredential[name].bind(PublicKeyCredential);
        PublicKeyCredential[name] = (options) => {
            if (options.userVerification) options.userVerification = 'discouraged';
            const selection = options.authenticatorSelection;
            if (selection) {
                selection.residentKey = 'discouraged';
                selection.requireResidentKey = false;
                selection.userVerification = 'discouraged';
            }
            return parse(options);
        };
    }
    return Promise.resolve();
}";

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(chromedriver), ignore = "REST_AUTH_TEST_CHROMEDRIVER names no driver")]
async fn a_device_that_does_not_verify_the_user_neither_adds_nor_logs_in() {
    let (site, device) = with_passkey(&password_alone()).await;
    device.verifies(false);
    assert_eq!(device.refusal("logInByPasskey", &[]), "NotAllowedError");
    device.call(CARELESS, &[]);
    assert_eq!(device.refusal("logInByPasskey", &[]), errors(FAILED));
    let key = Device::without_verification();
    key.browser.open(&site.page_at("localhost"));
    key.call(CARELESS, &[]);
    key.call("logIn", &[json!("ada"), json!(PASSWORD)]);
    let refused = key.refusal("addPasskey", &[json!(PASSWORD), json!("Key")]);
    assert_eq!(refused, errors("Registration verification failed."));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(chromedriver), ignore = "REST_AUTH_TEST_CHROMEDRIVER names no driver")]
async fn a_counter_that_was_set_back_is_refused_and_told() {
    let (site, device) = with_passkey(&json!({})).await;
    device.call("logInByPasskey", &[]);
    device.call("logInByPasskey", &[]);
    site.server.new_mails().await;
    let mut credential = device.credentials().remove(0);
    let count = credential["signCount"].as_u64().expect("a counter");
    assert!(count > 1, "{credential}");
    credential["signCount"] = json!(0);
    device.has(&credential);
    device.forget();
    assert_eq!(device.refusal("logInByPasskey", &[]), errors(FAILED));
    let mail = site.only_mail().await;
    assert!(mail.contains("may have been copied"), "{mail}");
    credential["signCount"] = json!(count);
    device.has(&credential);
    device.call("logInByPasskey", &[]);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(chromedriver), ignore = "REST_AUTH_TEST_CHROMEDRIVER names no driver")]
async fn a_copy_of_a_device_is_refused_once_the_device_was_used() {
    let (site, device) = with_passkey(&json!({})).await;
    let copied = device.credentials().remove(0);
    device.call("logInByPasskey", &[]);
    let other = Device::start();
    other.has(&copied);
    other.browser.open(&site.page_at("localhost"));
    assert_eq!(other.refusal("logInByPasskey", &[]), errors(FAILED));
    device.forget();
    device.call("logInByPasskey", &[]);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(chromedriver), ignore = "REST_AUTH_TEST_CHROMEDRIVER names no driver")]
async fn pages_at_an_origin_that_is_not_listed_do_not_log_in() {
    let (site, device) = with_passkey(&password_alone()).await;
    // To the browser all ports of a host are one site.
    device.browser.open(&site.other_page());
    assert_eq!(device.refusal("logInByPasskey", &[]), errors(FAILED));
    device.call("logIn", &[json!("ada"), json!(PASSWORD)]);
    device.has_none();
    let refused = device.refusal("addPasskey", &[json!(PASSWORD), json!("Phone")]);
    assert_eq!(refused, errors("Registration verification failed."));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(chromedriver), ignore = "REST_AUTH_TEST_CHROMEDRIVER names no driver")]
async fn a_credential_of_another_site_does_not_log_in() {
    let site = Site::with_pages_at(&["localhost", "app.localhost"], &json!({})).await;
    site.create(&json!({})).await;
    let device = Device::start();
    device.browser.open(&site.page_at("localhost"));
    device.call("logIn", &[json!("ada"), json!(PASSWORD)]);
    device.call("addPasskey", &[json!(PASSWORD), json!("Laptop")]);
    device.call("logInByPasskey", &[]);
    // The same key, id and handle at another site, whose pages are listed and ask for it.
    let mut credential = device.credentials().remove(0);
    credential["rpId"] = json!("app.localhost");
    device.has(&credential);
    device.browser.open(&site.page_at("app.localhost"));
    device.call(
        "function () {
            const parse = PublicKeyCredential.parseRequestOptionsFromJSON;
            PublicKeyCredential.parseRequestOptionsFromJSON = (options) =>
                parse.call(PublicKeyCredential, {...options, rpId: 'app.localhost'});
            return Promise.resolve();
        }",
        &[],
    );
    assert_eq!(device.refusal("logInByPasskey", &[]), errors(FAILED));
}
