#!/usr/bin/env python3
"""django-allauth, dj-rest-auth and py_webauthn, beside the server on the database in DATABASE_URL.

Reads commands from its standard input, each a line of JSON, and answers each with a line.
"""

import json
import os
import sys
import traceback
from pathlib import Path

# Nothing is left in the folder.
sys.dont_write_bytecode = True
here = Path(__file__).resolve().parent
sys.path[:0] = [str(here), str(here.parent / "django")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

import django  # noqa: E402

django.setup()

import webauthn  # noqa: E402
from allauth.account.models import EmailAddress  # noqa: E402
from allauth.core import context  # noqa: E402
from allauth.mfa.models import Authenticator  # noqa: E402
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes  # noqa: E402
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret  # noqa: E402
from allauth.mfa.webauthn.internal import auth as passkeys  # noqa: E402
from dj_rest_auth.mfa import recovery_codes as their_codes  # noqa: E402
from dj_rest_auth.mfa import totp as their_totp  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.exceptions import ValidationError  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from django.utils import timezone  # noqa: E402
from webauthn.helpers import exceptions, options_to_json_dict, structs  # noqa: E402

import authenticator  # noqa: E402
from table import Passkey  # noqa: E402

HOST = "example.com"
ORIGIN = "https://example.com"


class Peer:
    """What the commands do. Their names are those of the methods."""

    def __init__(self):
        self.request = RequestFactory(SERVER_NAME=HOST).get("/", secure=True)
        self.request.session = {}

    def migrate(self):
        """Makes the database of a project."""
        call_command("migrate", verbosity=0)
        with connection.schema_editor() as editor:
            editor.create_model(Passkey)
        return {}

    def user(self, id, username, password):
        user = User.objects.create_user(username, f"{username}@example.com", password, id=id)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return {}

    def allauth_codes(self, username):
        """Sets up an authenticator app and recovery codes."""
        user = User.objects.get(username=username)
        secret = generate_totp_secret()
        TOTP.activate(user, secret)
        return {"secret": secret, "codes": RecoveryCodes.activate(user).generate_codes()}

    def allauth_accepts(self, username, type, code):
        """Whether a code of the app, or a recovery code, is taken."""
        row = Authenticator.objects.get(user__username=username, type=type)
        return {"accepted": row.wrap().validate_code(code)}

    def dj_rest_auth_codes(self, username):
        user = User.objects.get(username=username)
        secret = their_totp.generate_totp_secret()
        their_totp.TOTP.activate(user, secret)
        return {"secret": secret, "codes": their_codes.RecoveryCodes.activate(user)}

    def dj_rest_auth_accepts(self, username, type, code):
        user = User.objects.get(username=username)
        kinds = {"totp": their_totp.TOTP, "recovery_codes": their_codes.RecoveryCodes}
        return {"accepted": kinds[type].validate_code(user, code)}

    def allauth_passkey(self, username, algorithm):
        """Adds a passkey; what logs in with it."""
        user = User.objects.get(username=username)
        options = passkeys.begin_registration(user, passwordless=True)["publicKey"]
        said, kept = authenticator.register(plain(options), ORIGIN, algorithm)
        passkeys.complete_registration(said)
        passkeys.WebAuthn.add(user, "Laptop", said)
        return kept

    def allauth_begin(self, username=None):
        """Options for a login by passkey, or for the second step of a user."""
        user = username and User.objects.get(username=username)
        return plain(passkeys.begin_authentication(user)["publicKey"])

    def allauth_complete(self, credential, username=None):
        """Whose login an answer is; nobody's if it is refused."""
        try:
            if username is None:
                user = passkeys.extract_user_from_response(credential)
            else:
                user = User.objects.get(username=username)
            row = passkeys.complete_authentication(user, credential)
        except ValidationError:
            return {"user": None}
        return {"user": row.user.username}

    def allauth_names(self, username):
        """The names of a user's passkeys."""
        rows = Authenticator.objects.filter(user__username=username, type="webauthn")
        return {"names": [row.wrap().name for row in rows.order_by("pk")]}

    def dj_rest_auth_passkey(self, username, algorithm):
        """Adds a passkey in the way of dj-rest-auth; what logs in with it."""
        user = User.objects.get(username=username)
        options = webauthn.generate_registration_options(
            rp_id=HOST,
            rp_name="Example",
            user_id=str(user.pk).encode(),
            user_name=user.username,
            supported_pub_key_algs=[-8, -7, -257],
        )
        said, kept = authenticator.register(options_to_json_dict(options), ORIGIN, algorithm)
        verified = webauthn.verify_registration_response(
            credential=said,
            expected_challenge=options.challenge,
            expected_rp_id=HOST,
            expected_origin=[ORIGIN],
        )
        Passkey.objects.create(
            user=user,
            name="Laptop",
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            discoverable=True,
        )
        return kept

    def py_webauthn_begin(self):
        """Options for a login by passkey."""
        options = webauthn.generate_authentication_options(
            rp_id=HOST, user_verification=structs.UserVerificationRequirement.REQUIRED
        )
        self.challenge = options.challenge
        return options_to_json_dict(options)

    def py_webauthn_complete(self, credential):
        """Whose login an answer is, by the rows of dj-rest-auth; nobody's if it is refused."""
        row = Passkey.objects.get(credential_id=authenticator.decode(credential["id"]))
        try:
            verified = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=self.challenge,
                expected_rp_id=HOST,
                expected_origin=[ORIGIN],
                credential_public_key=bytes(row.public_key),
                credential_current_sign_count=row.sign_count,
                require_user_verification=True,
            )
        except exceptions.InvalidAuthenticationResponse:
            return {"user": None}
        row.sign_count, row.last_used_at = verified.new_sign_count, timezone.now()
        row.save()
        return {"user": row.user.username}


def plain(options):
    """Options as a browser gets them."""
    return json.loads(json.dumps(options, default=dict))


def main():
    peer = Peer()
    for line in sys.stdin:
        given = json.loads(line)
        try:
            with context.request_context(peer.request):
                answer = getattr(peer, given.pop("command"))(**given)
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
