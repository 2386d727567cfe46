"""What the server is configured to do, in Django; connections to the database are kept."""

import os
from datetime import timedelta

from project.settings import *  # noqa: F403

DATABASES["default"]["CONN_MAX_AGE"] = None  # noqa: F405
# The server's is not on either, and it costs each refresh a query.
INSTALLED_APPS.remove("rest_framework_simplejwt.token_blacklist")  # noqa: F405
ROOT_URLCONF = "reference.urls"
ALLOWED_HOSTS = ["127.0.0.1"]
PASSWORD_HASHERS = ["reference.hashers.Argon2"]
ACCOUNT_RATE_LIMITS = False
REST_AUTH = {
    "USE_JWT": True,
    "JWT_AUTH_HTTPONLY": False,
    "SESSION_LOGIN": os.environ["SESSION_LOGIN"] == "true",
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "dj_rest_auth.jwt_auth.JWTCookieAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
}
SIMPLE_JWT = {"ACCESS_TOKEN_LIFETIME": timedelta(days=1)}
