"""What the server's configuration must say to stand for Django's settings of this moment.

The server takes Django's names and values, deprecated ones too, so that little is translated.
"""

import datetime
import enum
import json
import os

from django.conf import settings
from dj_rest_auth.app_settings import DEFAULTS, api_settings
from rest_framework.views import APIView
from rest_framework_simplejwt import settings as simple_jwt

from own_tests import modes
from own_tests.hashers import Quick

PREFIXES = ("ACCOUNT_", "CSRF_", "SESSION_", "SOCIALACCOUNT_")
OTHERS = ("AUTHENTICATION_BACKENDS", "AUTH_PASSWORD_VALIDATORS", "SITE_ID")
# Of another package.
FOREIGN = ("ACCOUNT_ACTIVATION_DAYS",)
# What the classes of the tests put into tokens.
CLAIMS = {
    "tests.test_api.TESTTokenObtainPairSerializer": {"name": "username", "email": "email"},
}


def current(mail_folder, providers):
    """The configuration for the settings of this moment, as TOML."""
    apps = settings.INSTALLED_APPS
    tables = {
        "server": {
            "base_path": "/",
            "secret_key": settings.SECRET_KEY,
            "allowed_hosts": ["testserver"],
        },
        "database": {
            "url": os.environ["DATABASE_URL"],
            "max_connections": 2,
            "migrate_on_start": False,
        },
        "apps": {
            "allauth": "allauth" in apps,
            "registration": "allauth" in apps and "dj_rest_auth.registration" in apps,
            "token_blacklist": "rest_framework_simplejwt.token_blacklist" in apps,
            # Its login is another view, which the tests mount.
            "mfa": settings.ROOT_URLCONF.endswith("mfa_urls"),
        },
        "auth": {"pbkdf2_iterations": Quick.iterations},
        "email": {"backend": "file", "file_path": str(mail_folder)},
        "rest_auth": rest_auth(),
        "simple_jwt": {"ROTATE_REFRESH_TOKENS": simple_jwt.api_settings.ROTATE_REFRESH_TOKENS},
    }
    if providers:
        tables["socialaccount"] = {"providers": providers}
    claims = api_settings.user_settings.get("JWT_TOKEN_CLAIMS_SERIALIZER")
    if claims:
        tables["simple_jwt"]["claims"] = CLAIMS[claims]
    lines = ['profile = "django"']
    lines += [f"{name} = {toml(value)}" for name, value in djangos().items()]
    for table, keys in tables.items():
        lines.append(f"[{table}]")
        lines += [f"{key} = {toml(value)}" for key, value in keys.items()]
    return "\n".join(lines) + "\n"


def djangos():
    """The settings that somebody has given a value, under Django's names."""
    named = [name for name in dir(settings) if name.startswith(PREFIXES) or name in OTHERS]
    given = [name for name in named if name not in FOREIGN and settings.is_overridden(name)]
    values = {name: getattr(settings, name) for name in given}
    # DRF's views took theirs when they were imported, whatever a test puts there afterwards.
    classes = [f"{c.__module__}.{c.__qualname__}" for c in APIView.authentication_classes]
    values["REST_FRAMEWORK"] = {"DEFAULT_AUTHENTICATION_CLASSES": classes}
    return {name: value for name, value in values.items() if value is not None}


def rest_auth():
    """dj-rest-auth's own settings, without what names Python code.

    Where `REST_AUTH` is empty they stand in the dictionary of REST_FRAMEWORK, among others.
    """
    given = {name: v for name, v in api_settings.user_settings.items() if name in DEFAULTS}
    given = modes.enter() | given
    given.pop("JWT_TOKEN_CLAIMS_SERIALIZER", None)
    if "TOKEN_MODEL" in given:
        given["TOKEN_MODEL"] = bool(given["TOKEN_MODEL"])
    return {name: value for name, value in given.items() if value is not None}


def toml(value):
    if isinstance(value, enum.Enum):
        return toml(value.value)
    if isinstance(value, dict):
        entries = {name: entry for name, entry in value.items() if entry is not None}
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in entries.items()) + "}"
    if isinstance(value, (list, tuple, set, frozenset)):
        ordered = sorted(value) if isinstance(value, (set, frozenset)) else value
        return "[" + ", ".join(toml(item) for item in ordered) + "]"
    if isinstance(value, datetime.timedelta):
        return json.dumps(value.total_seconds())
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    return json.dumps(str(value))
