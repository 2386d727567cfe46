//! The devices that make and use passkeys: our own of the tests, and 1Password's `passkey`, a
//! browser and an authenticator in one.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use passkey::authenticator::{Authenticator as Keeper, UiHint, UserCheck, UserValidationMethod};
use passkey::client::{Client, DefaultClientData};
use passkey::crypto::rust_crypto::RustCryptoBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use rest_auth_domain::webauthn::Algorithm;
use rest_auth_domain::webauthn::testing::{Authenticator, Ceremony};
use serde_json::{Value, json};
use url::Url;

use crate::ORIGIN;

/// A user who touches the device whenever it asks, and is verified by that.
pub(crate) struct Willing;

#[async_trait::async_trait]
impl UserValidationMethod for Willing {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _hint: UiHint<'a, Self::PasskeyItem>,
        presence: bool,
        verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence, verification })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

type Browser =
    Client<Option<Passkey>, Willing, RustCryptoBackend, public_suffix::PublicSuffixList, ()>;

/// What makes and uses a passkey.
pub(crate) enum Device {
    Own(Box<Authenticator>),
    Passkey(Box<Browser>),
}

impl Device {
    pub(crate) fn own(algorithm: Algorithm) -> Self {
        Self::Own(Box::new(Authenticator::new(algorithm)))
    }

    pub(crate) fn passkey() -> Self {
        let mut keeper = Keeper::new(Aaguid::new_empty(), None, Willing, RustCryptoBackend);
        keeper.set_make_credentials_with_signature_counter(true);
        Self::Passkey(Box::new(Client::new(keeper)))
    }

    /// Answers the options for a new credential, as `toJSON` of a browser does.
    pub(crate) fn register(&mut self, options: &Value) -> Value {
        match self {
            Self::Own(device) => device.register(&Ceremony::of(ORIGIN, options), b"1"),
            Self::Passkey(browser) => {
                let options = serde_json::from_value(json!({"publicKey": options}));
                let options = options.expect("options for a new credential");
                let made = at_once(browser.register(&origin(), options, DefaultClientData));
                serde_json::to_value(made.expect("a credential")).expect("JSON")
            }
        }
    }

    /// Answers the options for a login, as `toJSON` of a browser does.
    pub(crate) fn log_in(&mut self, options: &Value) -> Value {
        match self {
            Self::Own(device) => device.log_in(&Ceremony::of(ORIGIN, options)),
            Self::Passkey(browser) => {
                let options = serde_json::from_value(json!({"publicKey": options}));
                let options = options.expect("options for a login");
                let said = at_once(browser.authenticate(&origin(), options, DefaultClientData));
                serde_json::to_value(said.expect("an assertion")).expect("JSON")
            }
        }
    }
}

fn origin() -> Url {
    Url::parse(ORIGIN).expect("an origin")
}

/// What a future says that waits for nothing.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the device waits for something"),
    }
}
