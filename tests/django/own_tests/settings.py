"""The settings of dj-rest-auth's tests, on the database in DATABASE_URL."""

import os
import sys

from own_tests import source
from project.settings import database

FOLDER = source.folder()
# Its tests name modules in both ways.
sys.path[:0] = [str(FOLDER), str(FOLDER / "dj_rest_auth")]

from tests.settings import *  # noqa: E402, F403

DATABASES = {"default": database(os.environ["DATABASE_URL"])}
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 30}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
INSTALLED_APPS = [*INSTALLED_APPS, "dj_rest_auth.mfa"]  # noqa: F405
# `modes` says what it means.
OWN_TESTS_MODE = os.environ.get("OWN_TESTS_MODE", "session")
if OWN_TESTS_MODE == "token":
    REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"] += (  # noqa: F405
        "rest_framework.authentication.TokenAuthentication",
    )
PASSWORD_HASHERS = ["own_tests.hashers.Quick"]
TEST_RUNNER = "own_tests.runner.Runner"
USE_TZ = True
