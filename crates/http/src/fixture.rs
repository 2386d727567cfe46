//! An API on an empty database, for the tests of this crate.

use axum::body::Body;
use axum::extract::Request;
use rest_auth_flows::auth::{Auth, Environment};
use rest_auth_flows::settings::FlowSettings as AccountSettings;
use rest_auth_flows::settings::{
    AccountSettings as Account, AddressSettings, AppsSettings, AuthSettings, CacheSettings,
    I18nSettings, MfaSettings, PasskeySettings, RestAuthSettings, SessionSettings, SigningSettings,
    SimpleJwtSettings, SiteSettings, SocialAccountSettings, UserSettings,
};
use rest_auth_mail::{MailSettings, Mailer};
use rest_auth_settings::Profile;
use rest_auth_store::Backend;
use rest_auth_store::testing::TestDatabase;

use crate::api::Api;
use crate::api_request::ApiRequest;
use crate::path_parameters::PathParameters;
use crate::settings::{
    AllauthSettings, ApiSettings, CorsSettings, CsrfSettings, HttpSettings, RestFrameworkSettings,
    SecureSettings,
};

/// The settings of the whole API, to be changed by a test.
pub(crate) struct TestSettings {
    pub(crate) accounts: Box<AccountSettings>,
    pub(crate) http: ApiSettings,
}

/// An API. Its database is deleted when it is dropped.
pub(crate) struct TestApi {
    pub(crate) api: Api,
    _database: TestDatabase,
}

impl TestSettings {
    /// Those of a profile, with a key.
    pub(crate) fn of(profile: Profile) -> Self {
        let mut signing = SigningSettings::defaults(profile);
        signing.secret_key = Some(rest_auth_settings::Secret::new("k".repeat(50)));
        let mut auth = AuthSettings::defaults(profile);
        auth.hashing_threads = Some(1);
        Self {
            accounts: Box::new(AccountSettings {
                account: Account::defaults(profile),
                addresses: AddressSettings::defaults(profile),
                api_path: "/".to_owned(),
                apps: AppsSettings::defaults(profile),
                auth,
                cache: CacheSettings::defaults(profile),
                social: SocialAccountSettings::defaults(profile),
                i18n: I18nSettings::defaults(profile),
                mfa: MfaSettings::defaults(profile),
                passkeys: PasskeySettings::defaults(profile),
                rest_auth: RestAuthSettings::defaults(profile),
                session: SessionSettings::defaults(profile),
                signing,
                simple_jwt: SimpleJwtSettings::defaults(profile),
                site: SiteSettings::defaults(profile),
                user: UserSettings::defaults(profile),
            }),
            http: ApiSettings {
                allauth: AllauthSettings::defaults(profile),
                cors: CorsSettings::defaults(profile),
                csrf: CsrfSettings::defaults(profile),
                rest_framework: RestFrameworkSettings::defaults(profile),
                secure: SecureSettings::defaults(profile),
                server: HttpSettings { links_from_host: true, ..HttpSettings::defaults(profile) },
            },
        }
    }

    /// The settings as handlers read them.
    pub(crate) fn configuration(&self) -> crate::settings::Configuration<'_> {
        crate::settings::Configuration { accounts: &self.accounts, http: &self.http }
    }

    /// An API of these settings.
    pub(crate) async fn start(self) -> TestApi {
        let database = TestDatabase::fresh(Backend::Sqlite).await.unwrap();
        let store = database.store().await.unwrap();
        let email = rest_auth_mail::EmailSettings::defaults(Profile::Strict);
        let (mailer, _) = Mailer::memory(&MailSettings::new(&email, None, "example.com")).unwrap();
        let auth = Auth::new(*self.accounts, store, mailer, Environment::default()).unwrap();
        TestApi { api: Api::new(auth, self.http).unwrap(), _database: database }
    }
}

/// A request as axum hands it on.
pub(crate) fn request(line: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let (method, target) = line.split_once(' ').unwrap();
    let mut builder = Request::builder().method(method).uri(target).header("Host", "localhost");
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Body::from(body.to_owned())).unwrap()
}

/// A request in work.
pub(crate) async fn in_work(api: &Api, request: Request) -> ApiRequest {
    let (head, body) = request.into_parts();
    ApiRequest::read(api.clone(), head, PathParameters::default(), body).await
}
