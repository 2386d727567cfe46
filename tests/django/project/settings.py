"""The applications whose tables the server shares, on the database in DATABASE_URL."""

import os
from urllib.parse import parse_qs, unquote, urlsplit


def database(url):
    """Django's entry for a URL as the server takes it."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": url.removeprefix("sqlite://")}
    entry = {
        "NAME": parts.path.lstrip("/"),
        "HOST": parts.hostname,
        "PORT": parts.port or "",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
    }
    if parts.scheme in ("mysql", "mariadb"):
        import pymysql

        # Django asks for the version of mysqlclient, whose part PyMySQL plays here.
        pymysql.version_info = (2, 2, 7, "final", 0)
        pymysql.install_as_MySQLdb()
        return entry | {"ENGINE": "django.db.backends.mysql", "OPTIONS": {"charset": "utf8mb4"}}
    schema = parse_qs(parts.query).get("options[search_path]")
    options = {"options": f"-c search_path={schema[0]}"} if schema else {}
    return entry | {"ENGINE": "django.db.backends.postgresql", "OPTIONS": options}


DATABASES = {"default": database(os.environ["DATABASE_URL"])}
SECRET_KEY = os.environ.get("SECRET_KEY", "only for tests")
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sites",
    "rest_framework",
    "rest_framework.authtoken",
    "rest_framework_simplejwt.token_blacklist",
    "dj_rest_auth",
    "dj_rest_auth.mfa",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "project.urls"
SITE_ID = 1
USE_TZ = True
