"""The tests of dj-rest-auth that cannot pass over HTTP, each with the reason.

A test that is not here and fails is a fault, and so is one that is here and passes. A test passes
here only if it has asked the server.
"""


def of(group, *names):
    return [f"{group}.{name}" for name in names]


# They call Python: functions, classes, serializers. No request is made that a server could answer.
PYTHON = {
    **dict.fromkeys(
        of(
            "test_mfa.MFAUnitTests",
            "test_ephemeral_token",
            "test_ephemeral_token_expired",
            "test_generate_totp_secret",
            "test_is_mfa_enabled",
            "test_recovery_codes_activate",
            "test_recovery_codes_deactivate",
            "test_recovery_codes_get_unused",
            "test_recovery_codes_validate",
            "test_totp_activate_deactivate",
            "test_totp_activate_signs_secret",
            "test_totp_activation_token",
            "test_totp_get_secret",
            "test_totp_validate_code",
            "test_totp_validate_code_rejects_replay",
            "test_validate_totp_code",
        ),
        "calls the functions behind the second factor",
    ),
    **dict.fromkeys(
        of(
            "test_serializers",
            "TestPasswordChangeSerializer.test_custom_validation",
            "TestSocialLoginSerializer.test_http_error",
            "TestSocialLoginSerializer.test_validate_no_adapter_class_present",
            "TestSocialLoginSerializer.test_validate_no_view_submit",
            "TestUserDetailsSerializer.test_validate_username_with_all_auth_failure",
            "TestUserDetailsSerializer.test_validate_username_with_all_auth_success",
            "TestUserDetailsSerializer.test_validate_username_without_all_auth",
        ),
        "makes a serializer and looks at it",
    ),
    "test_utils.TestFormatLazy.test_it_should_work": "calls a function about lazy texts",
    "test_api.APIBasicTests.test_misconfigured_token_model": "calls get_token_model()",
    "test_api.APIBasicTests.test_registration_with_custom_permission_class":
        "calls a view of its own with a permission class of its own",
    "test_api.APIBasicTests.test_registration_allowed_with_custom_no_password_serializer":
        "registers at a view of its own with a serializer of its own, which wants no password",
    **dict.fromkeys(
        of(
            "test_social.TestSocialAuth",
            "test_twitter_social_auth_no_adapter",
            "test_twitter_social_auth_no_view_in_context",
        ),
        "asks a view of its own that lacks what a view must have",
    ),
}

# They expect what is a fault of dj-rest-auth.
FAULTS = {
    "test_api.APIBasicTests.test_blacklisting":
        "its last line expects a logout whose JSON is a text to fail with 500; no input of a "
        "client does so here, and the answer is 401 as for any other that is no refresh token",
}

# They count on what is different here on purpose (docs/differences.md).
SIGNUP = {
    "test_social.TestSocialAuth.test_twitter_social_auth_without_auto_signup":
        "makes an account although SOCIALACCOUNT_AUTO_SIGNUP is off, which has an effect here",
}

EXCEPTIONS = {**PYTHON, **FAULTS, **SIGNUP}

# By mode, the same.
DIFFERENT = {
    "session": {
        "test_social.TestSocialConnectAuth.test_social_connect":
            "counts on the session that a registration makes there although SESSION_LOGIN is off",
    },
    "token": {},
    "jwt": {},
    "jwt_cookie": {},
}

# By mode, what dj-rest-auth itself does not pass there, and the server does. Of the others that
# make requests it passes all.
LACKING = {
    "session": {},
    "token": {},
    "jwt": {},
    "jwt_cookie": {
        "test_social.TestSocialConnectAuth.test_social_connect":
            "goes on with what a registration hands out, and there it sets no cookies",
    },
}
