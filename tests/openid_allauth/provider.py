#!/usr/bin/env python3
"""django-allauth as an OpenID provider, and a user agent that logs in there.

Reads commands from its standard input, each a line of JSON, and answers each with a line. The first
line that it writes says where the provider is.
"""

import base64
import hashlib
import json
import os
import re
import secrets
import sys
import tempfile
import threading
import traceback
import urllib.error
import urllib.request
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

# Nothing is left in the folder.
sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
work = tempfile.TemporaryDirectory(prefix="openid_allauth_")
os.environ["PROVIDER_DATABASE"] = work.name + "/provider.sqlite3"
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"

import django  # noqa: E402

django.setup()

from allauth.account.models import EmailAddress  # noqa: E402
from allauth.idp.oidc.models import Client  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402

CALLBACKS = ["https://app.example.com/callback", "https://api.example.com/peer/callback/"]
SECRETS = {"our-app": "our-secret", "other-app": "other-secret"}
PASSWORD = "a password of the provider"
# Longer than any login takes.
STEPS = 10


class Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_message(self, *_):
        pass


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Leaves it to the browser below."""

    def redirect_request(self, *_):
        return None


class Browser:
    """Keeps cookies, follows redirects within the provider, fills in its forms."""

    def __init__(self, login, deny):
        handlers = [urllib.request.HTTPCookieProcessor(CookieJar()), NoRedirects()]
        self._opener = urllib.request.build_opener(*handlers)
        self._login, self._deny = login, deny

    def browse(self, address):
        """Where it is sent to outside."""
        fields = None
        for _ in range(STEPS):
            answer = self.ask(address, fields)
            location = answer.headers.get("Location")
            if location:
                address, fields = urljoin(address, location), None
                if not address.startswith(url + "/"):
                    return address
                continue
            address, fields = self.fill(address, answer.read().decode())
        raise RuntimeError("too many steps")

    def ask(self, address, fields):
        body = urlencode(fields).encode() if fields else None
        try:
            return self._opener.open(urllib.request.Request(address, body, {"Referer": address}))
        except urllib.error.HTTPError as answer:
            if answer.code in (302, 303):
                return answer
            raise RuntimeError(f"{answer.code}: {answer.read().decode()[:2000]}") from None

    def fill(self, address, page):
        """The form of a page, with what the user enters."""
        form = re.search(r'<form[^>]* action="([^"]*)".*?</form>', page, re.DOTALL)
        if form is None:
            raise RuntimeError("no form in " + page[:2000])
        fields = [(name(tag), value(tag)) for tag in inputs(form[0])]
        if "login" in dict(fields):
            fields = [(n, v) for n, v in fields if n not in ("login", "password", "remember")]
            fields += [("login", self._login), ("password", PASSWORD)]
        else:
            fields.append(("action", "cancel" if self._deny else "grant"))
        return urljoin(address, unescape(form[1])), fields


def inputs(form):
    return [tag for tag in re.findall(r"<input[^>]*>", form) if name(tag)]


def name(tag):
    found = re.search(r' name="([^"]*)"', tag)
    return found and found[1]


def value(tag):
    found = re.search(r' value="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def browse(address, login, deny=False):
    know(login)
    return {"location": Browser(login, deny).browse(address)}


def tokens(login, client="our-app", nonce=""):
    """What an app gets that logs its user in by itself."""
    verifier = secrets.token_urlsafe(32)
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    asked = {
        "client_id": client, "redirect_uri": CALLBACKS[0], "response_type": "code",
        "scope": "openid email profile", "state": "app", "nonce": nonce,
        "code_challenge": challenge, "code_challenge_method": "S256",
    }
    location = browse(f"{url}/identity/o/authorize?{urlencode(asked)}", login)["location"]
    form = {
        "grant_type": "authorization_code", "code": parse_qs(urlsplit(location).query)["code"][0],
        "redirect_uri": CALLBACKS[0], "code_verifier": verifier,
        "client_id": client, "client_secret": SECRETS[client],
    }
    body = urlencode(form).encode()
    with urllib.request.urlopen(url + "/identity/o/api/token", body) as answer:
        return json.loads(answer.read())


def know(login):
    """Makes the user of this name, unless they are there."""
    user, is_new = User.objects.get_or_create(username=login, first_name=login.title())
    if is_new:
        user.set_password(PASSWORD)
        user.save()
        email = f"{login}@example.org"
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)


def set_up():
    """The tables, and the applications that know the provider."""
    call_command("migrate", verbosity=0)
    for client, secret in SECRETS.items():
        made = Client(id=client, name=client)
        made.set_secret(secret)
        made.set_scopes(["openid", "email", "profile"])
        made.set_redirect_uris(CALLBACKS)
        made.save()


def say(document):
    print(json.dumps(document), flush=True)


COMMANDS = {"browse": browse, "tokens": tokens}

set_up()
server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
server.set_app(get_wsgi_application())
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
say({"url": url})
for line in sys.stdin:
    given = json.loads(line)
    try:
        say(COMMANDS[given.pop("command")](**given))
    except Exception:
        say({"error": traceback.format_exc()})
