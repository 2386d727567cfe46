"""The ways to stay logged in, of which OWN_TESTS_MODE names one for a run.

The tests as they stand are of the mode `session`: their client keeps the session, whatever else a
login answers. In another mode a login is asked for nothing but that mode's credential, the client
keeps this one and shows it alone, and a test finds it in `key`, as it would find a token. A test
that sets one of the settings that make a mode has chosen its own, and runs as it stands.
"""

import json
from http.cookies import SimpleCookie

from django.conf import settings
from dj_rest_auth.app_settings import DEFAULTS, api_settings

JWT = {"USE_JWT": True, "TOKEN_MODEL": None, "SESSION_LOGIN": False}
COOKIE = "jwt-auth"
# What stands for dj-rest-auth's own defaults.
SETTINGS = {
    "session": {},
    "token": {"SESSION_LOGIN": False},
    "jwt": JWT | {"JWT_AUTH_HTTPONLY": False},
    "jwt_cookie": JWT | {"JWT_AUTH_COOKIE": COOKIE, "JWT_AUTH_REFRESH_COOKIE": "jwt-refresh"},
}
CHOOSING = {"USE_JWT", "TOKEN_MODEL", "JWT_AUTH_COOKIE", "JWT_AUTH_REFRESH_COOKIE"}
SCHEMES = {"token": "Token", "jwt": "Bearer"}
# Where the credential is in the body of an answer.
FIELDS = {"token": "key", "jwt": "access", "jwt_cookie": "access"}
# Who logs in shows nothing.
LOGINS = ("/login", "/mfa/verify", "/social-login/facebook", "/social-login/twitter")

MODE = settings.OWN_TESTS_MODE
BEFORE = dict(DEFAULTS)


def enter():
    """Gives dj-rest-auth the defaults of the mode, and answers them; nothing where the test has
    chosen its own."""
    chosen = CHOOSING & api_settings.user_settings.keys()
    mine = {} if chosen else SETTINGS[MODE]
    api_settings.defaults = BEFORE | mine
    for name in BEFORE:
        api_settings.__dict__.pop(name, None)
    return mine


class Wallet:
    """What one client was given to stay logged in, in a mode that is not the session's."""

    def __init__(self):
        self._credential = None

    def show(self, environ):
        """Puts it into a request in place of what the test and the jar of cookies put there."""
        environ.pop("HTTP_AUTHORIZATION", None)
        hidden = {settings.SESSION_COOKIE_NAME}
        logs_in = environ["PATH_INFO"].rstrip("/").endswith(LOGINS)
        if logs_in:
            hidden.add(COOKIE)
        elif self._credential and MODE in SCHEMES:
            environ["HTTP_AUTHORIZATION"] = f"{SCHEMES[MODE]} {self._credential}"
        cookies = SimpleCookie(environ.get("HTTP_COOKIE", ""))
        shown = [f"{name}={c.value}" for name, c in cookies.items() if name not in hidden]
        environ["HTTP_COOKIE"] = "; ".join(shown)

    def keep(self, answer):
        """Takes it out of an answer, and shows it to the test as a token."""
        data = getattr(answer, "data", None)
        if not isinstance(data, dict) or FIELDS[MODE] not in data:
            return
        self._credential = data[FIELDS[MODE]]
        # A registration sets none.
        kept = answer.cookies.get(COOKIE)
        if kept and (MODE != "jwt_cookie" or kept.value != self._credential):
            raise AssertionError("this cookie is not of the mode")
        answer.data = json.loads(answer.content) | {"key": self._credential}
        answer.content = json.dumps(answer.data).encode()
