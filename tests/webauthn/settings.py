"""Django's settings: those of tests/django, and what passkeys want."""

from project.settings import *  # noqa: F403

ALLOWED_HOSTS = ["example.com"]
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A code that the server takes in one period may reach Django in the next.
MFA_TOTP_TOLERANCE = 1
PASSWORD_HASHERS = ["own_tests.hashers.Quick"]
