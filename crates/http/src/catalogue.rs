//! Every endpoint, in the order of the documentation.

use crate::endpoint::Endpoint;
use crate::routes::{
    csrf, emails, login, logout, password_change, password_reset, registration, token_refresh,
    token_verify, user_details,
};
use crate::settings::Configuration;

/// Every endpoint that the configuration switches on.
pub(crate) fn endpoints(configuration: Configuration<'_>) -> Vec<&'static Endpoint> {
    let settings = configuration.accounts;
    let mut endpoints: Vec<&'static Endpoint> = vec![
        &login::LOGIN,
        &logout::LOGOUT,
        if settings.rest_auth.user_deletion {
            &user_details::USER_WITH_DELETION
        } else {
            &user_details::USER
        },
        &password_change::PASSWORD_CHANGE,
        &password_reset::PASSWORD_RESET,
        &password_reset::PASSWORD_RESET_CONFIRM,
        &csrf::CSRF,
    ];
    if settings.account.email_management && settings.apps.registration {
        endpoints.extend([&emails::EMAILS, &emails::EMAIL, &emails::EMAIL_RESEND]);
    }
    if settings.rest_auth.use_jwt {
        endpoints.extend([&token_refresh::TOKEN_REFRESH, &token_verify::TOKEN_VERIFY]);
    }
    if settings.apps.registration {
        endpoints.extend([
            &registration::REGISTRATION,
            &registration::VERIFY_EMAIL,
            &registration::RESEND_EMAIL,
        ]);
    }
    endpoints
}
